//! Pages that want a login without their user's wish, and ordinary pages beside them.
//!
//! `e2e/sites/clickjack` holds the pages; what a page lures its user to do, it says itself
//! (`lure.js`). `PEARVAULT_CLICKJACK_RUNS=100` plays every page that often, `PEARVAULT_CLICKJACK`
//! only those whose name holds it.

mod lured;
mod stranger;

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use self::{lured::Lured, stranger::Stranger};
use crate::{
    browser::Kind,
    pages::{practice::Practice, user::User},
    patience::{SOON, until},
    stage::{Stage, save_practice_login},
};

/// How often a page is played where nobody says how often: by pointer. A second run is by keys.
const RUNS: u32 = 1;
/// Of how many pages one is played then: all take too long for every day. Each run takes another
/// part, and says which.
const EVERY: u64 = 6;
/// Ordinary pages that may be refused, of a hundred.
const REFUSED_MAX_PERCENT: u32 = 1;
/// What one run may take.
const RUN_LIMIT: Duration = Duration::from_secs(30);

/// What a page says of itself.
#[derive(Debug, Deserialize)]
struct Variant {
    ordinary: bool,
    /// `true`, or the browser that the page is filled in without its attack.
    control: Value,
    #[serde(default)]
    site: Option<String>,
    /// `true`, or the browser that it is so in.
    #[serde(default)]
    repelled: Value,
}

fn applies(told: &Value, kind: Kind) -> bool {
    *told == true || *told == kind.to_string()
}

/// How the runs of one kind of page went.
#[derive(Debug, Default)]
struct Count {
    runs: u32,
    released: u32,
    asked: u32,
    unopened: u32,
    late: u32,
    repelled: u32,
}

impl Variant {
    /// Whether the attack has no hold on the menu in a browser.
    fn is_repelled(&self, kind: Kind) -> bool {
        applies(&self.repelled, kind)
    }
}

pub(super) async fn hostile_pages_get_nothing(stage: &Stage) -> Result<()> {
    let ada = user(stage).await?;
    let mut count = Count::default();
    let mut wrong = Vec::new();
    for (name, variant) in variants(stage, &ada, |it| !it.ordinary).await? {
        let site = variant.site.as_deref().unwrap_or("orchard.test");
        // The same page without its attack is filled: so it is the attack that is refused.
        if applies(&variant.control, stage.kind())
            && !is_filled_when_tame(stage, &ada, site, &name).await?
        {
            wrong.push(format!("{name}: refused without its attack"));
        }
        let before = count.released;
        for run in 0..runs()? {
            let seen = play(stage, &ada, site, &name, &format!("run={run}")).await?;
            if !seen.problem.is_empty() {
                wrong.push(format!("{name}: its attack failed: {}", seen.problem));
            }
            if variant.is_repelled(stage.kind()) && seen.in_picture {
                count.repelled += 1;
            } else {
                count.add(&seen);
            }
        }
        if count.released > before {
            wrong.push(format!(
                "{name}: released {} times",
                count.released - before
            ));
        }
    }
    println!("        hostile pages: {count}");
    ensure!(count.runs + count.repelled > 0, "no page was played");
    ensure!(wrong.is_empty(), "{}", wrong.join("; "));
    Ok(())
}

pub(super) async fn a_stranger_in_the_menu_gets_nothing(stage: &Stage) -> Result<()> {
    let ada = user(stage).await?;
    let stranger = Stranger::arrive(&ada).await?;
    for (name, variant, deed) in stranger::DEEDS {
        for run in 0..2 {
            let path = format!("/clickjack/?variant={variant}&tame&run={run}");
            let page = open(&ada, &stage.site.https("orchard.test", &path)).await?;
            let reach = async || stranger.reach_in(&ada, &page, name, deed).await;
            let seen = lured::play_with(&ada, &page, reach).await?;
            stranger::check(name, &seen)?;
        }
    }
    Ok(())
}

pub(super) async fn ordinary_pages_are_filled(stage: &Stage) -> Result<()> {
    let ada = user(stage).await?;
    let mut count = Count::default();
    let mut refused = Vec::new();
    for name in variants(stage, &ada, |it| it.ordinary).await?.keys() {
        for run in 0..runs()? {
            let seen = play(stage, &ada, "orchard.test", name, &format!("run={run}")).await?;
            if seen.asked {
                println!("        {name} (run {run}): the popup opened, {seen:?}");
            }
            if !seen.released {
                refused.push(format!("{name} (run {run}, {seen:?})"));
            }
            count.add(&seen);
        }
    }
    println!("        ordinary pages: {count}");
    ensure!(count.runs > 0, "no page was played");
    let part = count.runs * REFUSED_MAX_PERCENT / 100;
    ensure!(
        count.runs - count.released <= part,
        "refused: {}",
        refused.join("; ")
    );
    Ok(())
}

async fn user(stage: &Stage) -> Result<std::sync::Arc<User>> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    ada.close_popup().await?;
    Ok(ada)
}

/// Whether a page without its attack is filled; once more where the machine was too slow.
async fn is_filled_when_tame(stage: &Stage, user: &User, site: &str, name: &str) -> Result<bool> {
    for _ in 0..2 {
        if play(stage, user, site, name, "run=0&tame").await?.released {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The pages, by name.
async fn variants(
    stage: &Stage,
    user: &User,
    takes: impl Fn(&Variant) -> bool,
) -> Result<BTreeMap<String, Variant>> {
    let only = std::env::var("PEARVAULT_CLICKJACK").unwrap_or_default();
    let page = user
        .visit(&stage.site.https("orchard.test", "/clickjack/"))
        .await?;
    let told = page
        .run("return JSON.parse(JSON.stringify(window.lure.variants))")
        .await?;
    let mut all: BTreeMap<String, Variant> = serde_json::from_value(told)?;
    all.retain(|name, variant| takes(variant) && name.contains(&only));
    if let Some((part, of)) = part(stage.kind(), &only)? {
        println!("        part {part}/{of} (PEARVAULT_CLICKJACK_PART)");
        let mut places = 0..;
        all.retain(|_, _| places.next().is_some_and(|place: u64| place % of == part));
    }
    Ok(all)
}

/// Which part is played, of how many: that of `PEARVAULT_CLICKJACK_PART`; one by chance where
/// nobody says what to play; else all.
fn part(kind: Kind, only: &str) -> Result<Option<(u64, u64)>> {
    if let Ok(text) = std::env::var("PEARVAULT_CLICKJACK_PART") {
        let (part, of) = text.split_once('/').unwrap_or((&text, ""));
        let of = if of.is_empty() { EVERY } else { of.parse()? };
        ensure!(
            of > 0,
            "PEARVAULT_CLICKJACK_PART: 1/4 is the second of four"
        );
        return Ok(Some((part.parse::<u64>()? % of, of)));
    }
    if !only.is_empty() || std::env::var("PEARVAULT_CLICKJACK_RUNS").is_ok() {
        return Ok(None);
    }
    let run = u64::from(std::process::id());
    Ok(Some((
        (run + u64::from(kind == Kind::Firefox)) % EVERY,
        EVERY,
    )))
}

fn runs() -> Result<u32> {
    match std::env::var("PEARVAULT_CLICKJACK_RUNS") {
        Ok(text) => text.parse().context("PEARVAULT_CLICKJACK_RUNS is a number"),
        Err(_) => Ok(RUNS),
    }
}

async fn play(stage: &Stage, user: &User, site: &str, name: &str, how: &str) -> Result<Lured> {
    let url = stage
        .site
        .https(site, &format!("/clickjack/?variant={name}&{how}"));
    let playing = async {
        let page = open(user, &url).await?;
        lured::play(user, &page).await
    };
    tokio::time::timeout(RUN_LIMIT, playing)
        .await
        .with_context(|| format!("{name} ({how}) is not over"))?
        .with_context(|| format!("{name} ({how})"))
}

async fn open<'a>(user: &'a User, url: &str) -> Result<Practice<'a>> {
    let page = user.visit(url).await?;
    until("the page", SOON, async || {
        let ready = page.run("return window.lure?.ready").await?;
        Ok((ready == true).then_some(()))
    })
    .await?;
    Ok(page)
}

impl Count {
    fn add(&mut self, seen: &Lured) {
        self.runs += 1;
        self.late += u32::from(seen.late);
        self.released += u32::from(seen.released && !seen.late);
        self.asked += u32::from(seen.asked);
        self.unopened += u32::from(!seen.opened);
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} runs, {} released, {} asked by the popup, {} without a menu, {} too late to count; \
             {} more where the menu stayed in sight",
            self.runs, self.released, self.asked, self.unopened, self.late, self.repelled
        )
    }
}
