//! Writes without the node, under the deaths of worker and browser.
//!
//! `PEARVAULT_KILLS=1000` kills that often; `PEARVAULT_KILLS_PART=3/20` is the fourth of twenty parts
//! of these, each with what happens in it, so that runs add up. What each death meets follows from its
//! number.

use std::{
    collections::BTreeMap,
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    ops::Range,
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use proto::{
    bridge::{
        frame::{ErrFrame, OkFrame},
        popup::{
            AppStatus, DeleteItem, GetItem, PopupRequest, SaveItem, Saved, Search, Status, SyncNow,
        },
    },
    ids::{ItemId, ItemVersion},
    vault::{Edited, ItemDraft, UrlMatch},
};
use serde_json::Value;

use crate::{
    pages::user::User,
    patience::{SOON, WORK, until},
    stage::{MASTER, Stage, login_draft},
};

/// Deaths where nobody says how many.
const KILLS: u64 = 8;
/// Of so many deaths one is the browser's.
const BROWSERS: u64 = 4;
/// Requests on their way when it happens.
const BURST: usize = 16;
/// Live items, so that each is changed often.
const ITEMS_MAX: usize = 30;
/// Time from the first request to the death, at most, milliseconds: about what a burst takes.
const PAUSE_MAX_MS: u64 = 160;
/// Sends requests and keeps what is answered.
const SEND: &str = include_str!("../pages/burst.js");

/// An item as its user knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    id: ItemId,
    version: ItemVersion,
    /// Its second line, another one after every change.
    name: String,
}

/// What is asked of one item.
struct Deed {
    title: String,
    request: Act,
    /// Second line afterwards; `None`: it is gone.
    after: Option<String>,
}

#[derive(Clone)]
enum Act {
    Save(Box<ItemDraft>),
    Delete(ItemId),
}

#[derive(Debug, Default)]
struct Count {
    workers: u32,
    browsers: u32,
    asked: usize,
    unanswered: usize,
    lost: Vec<String>,
    doubled: Vec<String>,
}

pub(super) async fn nothing_saved_is_lost_or_doubled_by_deaths(stage: &Stage) -> Result<()> {
    let profile = tempfile::Builder::new()
        .prefix("pearvault-profile-")
        .tempdir()?;
    let mut ada = stage.user_with_profile("ada", Some(profile.path())).await?;
    stage.give_account(&ada).await?;
    stage.node.lock().await.stop().await?;

    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut count = Count::default();
    for kill in kills()? {
        let deeds = deeds(kill, &known);
        count.asked += deeds.len();
        let told = send(&ada, &deeds).await?;
        tokio::time::sleep(Duration::from_millis(chance(kill, "pause", PAUSE_MAX_MS))).await;
        let told = if chance(kill, "browser", BROWSERS) == 0 {
            count.browsers += 1;
            let told = told.read().await?;
            ada = die_with_the_browser(stage, ada, profile.path()).await?;
            told
        } else {
            count.workers += 1;
            ada.browser.kill_worker().await?;
            told.read().await?
        };
        settle(&ada, kill, &deeds, &told, &mut known, &mut count)
            .await
            .with_context(|| format!("death {kill}"))?;
    }

    stage.node.lock().await.start_again().await?;
    until("everything to reach the node", WORK, async || {
        let status = ada.ask(SyncNow {}).await?;
        let sent = matches!(status, AppStatus::Unlocked { pending: 0, .. });
        ensure!(sent, "the status is {status:?}");
        Ok(Some(()))
    })
    .await?;
    let second = stage.user("ada-at-work").await?;
    second
        .popup()
        .await?
        .log_in("ada@localhost", stage.server(), MASTER)
        .await?;
    until("all items", SOON, async || {
        let there = shown(&second).await?.len();
        ensure!(there >= known.len(), "{there} of {} came", known.len());
        Ok(Some(()))
    })
    .await?;
    count.compare(&known, &shown(&second).await?, "another device");
    for (title, known) in &known {
        let version = second.ask(GetItem { id: known.id }).await?.version;
        if version != known.version {
            count
                .doubled
                .push(format!("{title}: {version} for {}", known.version));
        }
    }
    println!("        outbox: {count}");
    ensure!(count.lost.is_empty(), "lost: {}", count.lost.join("; "));
    ensure!(
        count.doubled.is_empty(),
        "doubled: {}",
        count.doubled.join("; ")
    );
    Ok(())
}

/// Numbers of the deaths that are played.
fn kills() -> Result<Range<u64>> {
    let all = match std::env::var("PEARVAULT_KILLS") {
        Ok(text) => text.parse().context("PEARVAULT_KILLS is a number")?,
        Err(_) => KILLS,
    };
    let Ok(text) = std::env::var("PEARVAULT_KILLS_PART") else {
        return Ok(0..all);
    };
    let usage = "PEARVAULT_KILLS_PART: 1/4 is the second of four";
    let (part, of) = text.split_once('/').context(usage)?;
    let (part, of): (u64, u64) = (part.parse().context(usage)?, of.parse().context(usage)?);
    ensure!(part < of, usage);
    let range = all * part / of..all * (part + 1) / of;
    println!("        deaths {range:?} of {all} (PEARVAULT_KILLS_PART)");
    Ok(range)
}

/// A number below `limit` that belongs to a death.
fn chance(kill: u64, what: impl std::hash::Hash, limit: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kill, what).hash(&mut hasher);
    hasher.finish() % limit.max(1)
}

/// What is asked before a death: each of another item, so that each has its own end.
fn deeds(kill: u64, known: &BTreeMap<String, Known>) -> Vec<Deed> {
    let mut old: Vec<(&String, &Known)> = known.iter().collect();
    old.sort_by_key(|(title, _)| chance(kill, title, u64::MAX));
    let mut old = old.into_iter();
    let make = |number: usize| {
        let title = format!("Login {kill}-{number}");
        let name = format!("made in {kill}");
        let draft = draft(&title, &name);
        Deed {
            title,
            request: Act::Save(Box::new(draft)),
            after: Some(name),
        }
    };
    let mut deeds = Vec::new();
    for number in 0..BURST {
        let may_make = known.len() + deeds.len() < ITEMS_MAX;
        let deed = match (chance(kill, number, 4), old.next()) {
            (0, _) | (_, None) if may_make => make(number),
            (1, Some((title, known))) => Deed {
                title: title.clone(),
                request: Act::Delete(known.id),
                after: None,
            },
            (_, Some((title, known))) => {
                let name = format!("changed in {kill}");
                let draft = ItemDraft {
                    edits: Some(Edited {
                        id: known.id,
                        version: known.version,
                        content: None,
                    }),
                    ..draft(title, &name)
                };
                Deed {
                    title: title.clone(),
                    request: Act::Save(Box::new(draft)),
                    after: Some(name),
                }
            }
            (_, None) => continue,
        };
        deeds.push(deed);
    }
    deeds
}

fn draft(title: &str, name: &str) -> ItemDraft {
    ItemDraft {
        subtitle: name.to_owned(),
        ..login_draft(title, "https://many.test", UrlMatch::Site)
    }
}

/// Answers that are on their way to a page.
struct Told(Arc<User>);

impl Told {
    /// What has come so far, by the number of its deed.
    async fn read(&self) -> Result<BTreeMap<usize, Saved>> {
        let frames = self.0.script("return window.told", Vec::new()).await?;
        let mut told = BTreeMap::new();
        for (at, frame) in frames.as_object().context("answers")? {
            if let Ok(ErrFrame { err, .. }) = serde_json::from_value(frame.clone()) {
                bail!("deed {at} was refused: {err:?}");
            }
            let frame: OkFrame<Saved> = serde_json::from_value(frame.clone())?;
            told.insert(at.parse()?, frame.ok);
        }
        Ok(told)
    }
}

async fn send(user: &Arc<User>, deeds: &[Deed]) -> Result<Told> {
    user.popup().await?;
    let bodies = deeds.iter().map(|deed| {
        let request = match deed.request.clone() {
            Act::Save(draft) => PopupRequest::from(SaveItem { draft: *draft }),
            Act::Delete(id) => PopupRequest::from(DeleteItem { id }),
        };
        serde_json::to_string(&request).map(Value::from)
    });
    let bodies: Vec<Value> = bodies.collect::<Result<_, _>>()?;
    let sent = user.browser.client.execute_async(SEND, vec![bodies.into()]);
    ensure!(sent.await? == true, "nothing was sent");
    Ok(Told(Arc::clone(user)))
}

/// The whole browser is killed and comes back with the same profile. Its memory is gone, the unlocked
/// key with it; what was saved is not.
async fn die_with_the_browser(stage: &Stage, user: Arc<User>, profile: &Path) -> Result<Arc<User>> {
    stage.lose(user).await?;
    let again = stage.user_with_profile("ada", Some(profile)).await?;
    match again.ask(Status {}).await? {
        AppStatus::Locked { .. } => {}
        other => bail!("after the browser's death the status is {other:?}"),
    }
    again.open_popup().await?.unlock(MASTER).await?;
    until("an open vault", SOON, async || {
        Ok(matches!(again.ask(Status {}).await?, AppStatus::Unlocked { .. }).then_some(()))
    })
    .await?;
    Ok(again)
}

/// Finds out what came of each deed: what was answered is there; what was not is there or not, and of
/// that half is asked for again, as the popup does.
async fn settle(
    user: &Arc<User>,
    kill: u64,
    deeds: &[Deed],
    told: &BTreeMap<usize, Saved>,
    known: &mut BTreeMap<String, Known>,
    count: &mut Count,
) -> Result<()> {
    let mut there = shown(user).await?;
    for (at, deed) in deeds.iter().enumerate() {
        let before = known.get(&deed.title).cloned();
        let version = ItemVersion(before.as_ref().map_or(0, |known| known.version.0) + 1);
        let mut saved = told.get(&at).cloned();
        if saved.is_none() {
            count.unanswered += 1;
            if chance(kill, ("again", at), 2) == 0 {
                saved = Some(match deed.request.clone() {
                    Act::Save(draft) => user.ask(SaveItem { draft: *draft }).await?,
                    Act::Delete(id) => user.ask(DeleteItem { id }).await?,
                });
                there = shown(user).await?;
            }
        }
        if let Some(saved) = saved.as_ref().filter(|saved| saved.version != version) {
            count
                .doubled
                .push(format!("{}: version {}", deed.title, saved.version));
        }
        let now = there.get(&deed.title).and_then(|all| all.first());
        let is_done = now.map(|(_, name)| name) == deed.after.as_ref();
        let is_as_before = now.map(|(_, name)| name) == before.as_ref().map(|known| &known.name);
        let is_whole = is_done || (saved.is_none() && is_as_before);
        if !is_whole {
            count.lost.push(format!("{} is {now:?}", deed.title));
        }
        match (now, is_done) {
            (Some((id, name)), true) => {
                let item = Known {
                    id: *id,
                    version,
                    name: name.clone(),
                };
                known.insert(deed.title.clone(), item);
            }
            (None, true) => drop(known.remove(&deed.title)),
            _ => {}
        }
    }
    count.compare(known, &there, "this device");
    Ok(())
}

/// Every item's id and second line, by title.
async fn shown(user: &User) -> Result<BTreeMap<String, Vec<(ItemId, String)>>> {
    let mut shown: BTreeMap<String, Vec<(ItemId, String)>> = BTreeMap::new();
    let found = user
        .ask(Search {
            query: String::new(),
            offset: 0,
            limit: 200,
        })
        .await?;
    for item in found.items {
        let all = shown.entry(item.title).or_default();
        all.push((item.id, item.subtitle));
    }
    Ok(shown)
}

impl Count {
    fn compare(
        &mut self,
        known: &BTreeMap<String, Known>,
        shown: &BTreeMap<String, Vec<(ItemId, String)>>,
        place: &str,
    ) {
        for (title, known) in known {
            let there = shown.get(title).map_or(&[][..], Vec::as_slice);
            if !there.contains(&(known.id, known.name.clone())) {
                self.lost.push(format!("{title} on {place}: {there:?}"));
            }
        }
        for (title, there) in shown {
            if there.len() > 1 || !known.contains_key(title) {
                self.doubled.push(format!("{title} on {place}: {there:?}"));
            }
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} deaths of the worker, {} of the browser; {} writes, {} of them on their way at a death: \
             {} lost, {} doubled",
            self.workers,
            self.browsers,
            self.asked,
            self.unanswered,
            self.lost.len(),
            self.doubled.len()
        )
    }
}
