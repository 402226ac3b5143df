//! Forms in frames: those that the user sees, those that nobody sees, and a frame that is busy.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fantoccini::Locator;
use proto::{bridge::popup::Fill, error::ErrorCode, ids::ItemId};

use super::fill::fill;
use crate::{
    clock::Stopwatch,
    pages::{bridge::refusal, user::User},
    patience::{SOON, until},
    site::{PASSWORD, USERNAME},
    stage::{Stage, save_practice_login},
};

pub(super) async fn a_frame_that_has_to_be_scrolled_to_is_filled(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let item = save_practice_login(&ada, "https://orchard.test").await?.id;
    let page = ada
        .visit(&stage.site.https("orchard.test", "/frame-below/"))
        .await?;
    page.enter_frame().await?;
    page.wait_for("#password").await?;
    fill(&ada, item).await?;
    let page = ada.page().await?;
    page.enter_frame().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await
}

pub(super) async fn frames_that_nobody_sees_stay_empty(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let item = save_practice_login(&ada, "https://orchard.test").await?.id;

    // Beside one that the user sees: that one is filled.
    let beside = stage.site.https("orchard.test", "/frame-hidden-beside/");
    let page = ada.visit(&beside).await?;
    page.enter_frame().await?;
    page.wait_for("#password").await?;
    fill(&ada, item).await?;
    ensure!(
        holders(&ada).await? == ["login"],
        "the password went into {:?}",
        holders(&ada).await?
    );

    // Alone: none is.
    let alone = stage.site.https("orchard.test", "/frame-hidden/");
    nothing_is_filled(&ada, item, &alone).await
}

/// Firefox does not tell frames whether they are transparent.
pub(super) async fn a_transparent_frame_stays_empty(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let item = save_practice_login(&ada, "https://orchard.test").await?.id;
    let url = stage.site.https("orchard.test", "/frame-transparent/");
    nothing_is_filled(&ada, item, &url).await
}

pub(super) async fn a_busy_frame_does_not_hold_up_the_page(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let item = save_practice_login(&ada, "https://orchard.test").await?.id;
    // The popup is there before: a driver may have to wait for the frame.
    ada.popup().await?;
    let page = ada
        .visit(&stage.site.https("orchard.test", "/frame-busy/"))
        .await?;
    page.wait_for("#password").await?;
    page.run("frames[0].postMessage('now', '*')").await?;
    let time = Stopwatch::start();
    let report = ada.ask(Fill { item }).await?;
    let took = time.elapsed();
    ensure!(report.password, "the password was not filled");
    ensure!(took.0 < BUSY, "the fill took {took}");
    // And the tab is free for the next.
    ada.ask(Fill { item }).await?;
    let page = ada.page().await?;
    page.wait_for_value("#password", PASSWORD).await
}

/// Less than the frame is busy for.
const BUSY: Duration = Duration::from_secs(8);

async fn nothing_is_filled(user: &User, item: ItemId, url: &str) -> Result<()> {
    user.visit(url).await?.wait_for("iframe").await?;
    let answer = user.ask(Fill { item }).await;
    let code = refusal(&answer).map(|error| error.code);
    ensure!(
        code == Some(ErrorCode::NothingToFill),
        "{url} was answered: {answer:?}"
    );
    let holders = holders(user).await?;
    ensure!(
        holders.is_empty(),
        "{url} has the password in its frames {holders:?}"
    );
    Ok(())
}

/// Ids, or else titles, of the frames of the page that hold the password.
async fn holders(user: &User) -> Result<Vec<String>> {
    user.page().await?;
    let client = &user.browser.client;
    let count = client.find_all(Locator::Css("iframe")).await?.len();
    let mut holders = Vec::new();
    for place in 0..count {
        let frames = client.find_all(Locator::Css("iframe")).await?;
        let frame = frames.into_iter().nth(place).context("a frame is gone")?;
        let name = match frame.attr("id").await? {
            Some(id) => id,
            None => frame.attr("title").await?.unwrap_or_default(),
        };
        frame.enter_frame().await?;
        let held = until("the form of a frame", SOON, async || {
            let script =
                "const box = document.querySelector('#password'); return box ? box.value : null";
            let value = client.execute(script, vec![]).await?;
            Ok(value.as_str().map(|it| it == PASSWORD))
        })
        .await
        .with_context(|| name.clone())?;
        if held {
            holders.push(name);
        }
        client.enter_parent_frame().await?;
    }
    Ok(holders)
}
