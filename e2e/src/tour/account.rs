//! The account: its address, its password, its work.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::{
    SMALL_DIFFICULTY,
    frames::Frames,
    recovery,
    steps::{self, Steps},
};
use crate::{
    browser::Kind,
    clock::Stopwatch,
    node::Node,
    pages::{popup::Popup, user::User},
    patience::{WORK, until},
    stage::MASTER,
};

/// Work of an account as a public node asks for it.
const REAL_DIFFICULTY: u64 = 70_000_000;
/// What that may take: a minute or so on two cores, and ten times that in bad luck.
const REAL_WORK: Duration = Duration::from_mins(15);
/// The chance, in percent, from which on the progress can be seen in a picture.
const VISIBLE: u32 = 3;

/// Work of an account in the tour.
pub(super) fn difficulty(kind: Kind) -> u64 {
    match kind {
        Kind::Chromium => REAL_DIFFICULTY,
        // Once is enough of what takes minutes.
        Kind::Firefox => SMALL_DIFFICULTY,
    }
}

/// Makes it, from the welcome screen to the empty vault.
pub(super) async fn make(steps: &Steps, user: &User, node: &Node) -> Result<()> {
    let time = Stopwatch::start();
    let popup = user.popup().await?;
    popup.wait_for_screen("welcome").await?;
    steps.shoot(user, "welcome", time).await?;

    let time = Stopwatch::start();
    popup.click("create-account").await?;
    popup.wait_for_screen("address").await?;
    popup.enter_server(&node.url()).await?;
    popup.enter("address-input", "ada@localhost").await?;
    popup.wait_for_state("availability", "available").await?;
    steps.shoot(user, "address", time).await?;

    let time = Stopwatch::start();
    popup.click("continue").await?;
    popup.wait_for_screen("password").await?;
    popup.enter("password-input", MASTER).await?;
    popup.enter("confirm-input", MASTER).await?;
    steps.shoot(user, "password", time).await?;

    let time = Stopwatch::start();
    popup.click("create").await?;
    work(steps, user, &popup).await?;
    popup.wait_for_screen("ready").await?;
    let worked = time.elapsed();
    let tries = difficulty(user.browser.kind());
    let kind = if tries == REAL_DIFFICULTY {
        "the real difficulty"
    } else {
        "a small difficulty; the real one is played in Chromium"
    };
    steps::settle(user).await?;
    steps.photograph(user, "account-ready").await?.tell(
        worked,
        &format!("{} million tries on average, {kind}", tries / 1_000_000),
    );

    recovery::confirm(steps, user, &popup).await
}

/// Photographs the work under way, and sees that the popup answers all the while.
async fn work(steps: &Steps, user: &User, popup: &Popup<'_>) -> Result<()> {
    let time = Stopwatch::start();
    steps::move_pointer_away(user).await?;
    let under_way = until("progress of the work", WORK, async || {
        match popup.screen().await?.as_str() {
            "work" => {}
            "ready" => return Ok(Some(false)),
            _ => return Ok(None),
        }
        let chance = popup.text("work-chance").await?;
        let percent: u32 = chance
            .trim_end_matches(" %")
            .parse()
            .with_context(|| chance.clone())?;
        let rate = popup.text("work-rate").await?;
        let measured = rate.contains(|c: char| c.is_ascii_digit());
        Ok((measured && percent >= VISIBLE).then_some(true))
    })
    .await?;
    if !under_way {
        steps::say("proof of work: by luck done before anybody saw it", time);
        return Ok(());
    }
    let picture = steps.photograph(user, "proof-of-work").await?;
    let shown = time.elapsed();
    if user.browser.kind() == Kind::Firefox {
        // It does not tell of long tasks, and the work is over too soon to count frames.
        picture.tell(shown, "");
        return popup.wait_for_screen_within("ready", WORK).await;
    }
    steps::say("the work goes on, for a minute or so", time);
    let told = async || tell_progress(popup, time).await;
    let frames = Frames::watch(user, "work", REAL_WORK, told).await?;
    picture.tell(shown, &frames.to_string());
    frames.check()
}

/// Says how far the work is, in the popup's own words; nothing where it is over by now.
async fn tell_progress(popup: &Popup<'_>, time: Stopwatch) {
    let words = async {
        let chance = popup.text("work-chance").await?;
        let rate = popup.text("work-rate").await?;
        let left = popup.text("work-estimate").await?;
        anyhow::Ok(format!("{chance} likely done by now, {rate}, left: {left}"))
    };
    if let Ok(words) = words.await {
        steps::say(&format!("proof of work: {words}"), time);
    }
}
