//! A new key, made in the settings: what those see who write, and the user's other device.

use anyhow::{Result, ensure};
use fantoccini::key::Key;

use super::{
    messages::{Side, says},
    screens::{look, look_narrow},
};
use crate::{
    pages::popup::{Part, Popup},
    patience::{WORK, until},
    peers::Peers,
    stage::{MASTER, Stage, save_practice_login},
};

/// From the list of items to the keys.
async fn open_keys(popup: &Popup<'_>) -> Result<()> {
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.wait_for_screen("settings").await?;
    popup.click("keys").await?;
    popup.wait_for_screen("keys").await?;
    popup.wait_for("key").await
}

/// Makes a key by keyboard.
async fn make_key(side: &Side) -> Result<()> {
    let popup = side.user.open_popup().await?;
    open_keys(&popup).await?;
    look(&side.user, "keys").await?;
    popup.click("make-key").await?;
    popup.enter("dialog-password", "not the password").await?;
    side.user.press(&[Key::Enter]).await?;
    popup.wait_for("error").await?;
    look(&side.user, "keys-asked").await?;
    look_narrow(&side.user, "keys-asked").await?;
    popup.enter("dialog-password", MASTER).await?;
    side.user.press(&[Key::Enter]).await?;
    until("the new key", WORK, async || {
        Ok(popup.shows("key-made").await?.then_some(()))
    })
    .await?;
    look(&side.user, "keys-made").await?;
    look_narrow(&side.user, "keys-made").await?;
    let active = popup.marks("key", "active").await?;
    ensure!(active == ["true", "false"], "{active:?} are active");
    side.user.close_popup().await
}

pub(super) async fn a_rotated_key_is_looked_at_before_anything_is_sent(
    stage: &Stage,
) -> Result<()> {
    let peers = Peers::start(stage.logs()).await?;
    let ada = Side::new(stage, &peers, 0, "ada").await?;
    let bob = Side::new(stage, &peers, 1, "bob").await?;
    ada.write(&bob, 1, "before").await?;
    bob.until_says(&ada, "before").await?;
    bob.write(&ada, 2, "answered before").await?;
    ada.until_says(&bob, "answered before").await?;

    make_key(&bob).await?;

    // She writes on: it waits, and she is told why.
    let popup = ada.user.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("nav-messages").await?;
    popup.wait_for_screen("messages").await?;
    popup.click("conversation").await?;
    popup.wait_for_screen("conversation").await?;
    popup.enter("message-input", "after").await?;
    ada.user.press(&[Key::Enter]).await?;
    until("that the key has changed", WORK, async || {
        Ok(popup.shows("key-changed").await?.then_some(()))
    })
    .await?;
    look(&ada.user, "keys-changed").await?;
    ensure!(
        !bob.with(&ada)
            .await?
            .messages
            .iter()
            .any(|it| says(it, "after")),
        "it went out before she looked"
    );
    popup.click("look-at-key").await?;
    popup.wait_for_screen("contact").await?;
    popup.wait_for("use-new-key").await?;
    look(&ada.user, "keys-looked-at").await?;
    popup.click("use-new-key").await?;
    bob.until_says(&ada, "after").await?;
    bob.write(&ada, 3, "answered after").await?;
    let answer = ada.until_says(&bob, "answered after").await?;
    ensure!(
        answer.key == Some(proto::api::message::KeyStanding::Active),
        "sealed by {:?}",
        answer.key
    );
    // Everything is readable on both sides.
    for (one, other) in [(&ada, &bob), (&bob, &ada)] {
        let messages = one.with(other).await?.messages;
        for text in ["before", "answered before", "after", "answered after"] {
            ensure!(
                messages.iter().any(|it| says(it, text)),
                "{text} is not there"
            );
        }
    }
    Ok(())
}

pub(super) async fn another_device_opens_the_new_key_with_the_password(
    stage: &Stage,
) -> Result<()> {
    let peers = Peers::start(stage.logs()).await?;
    let bob = Side::new(stage, &peers, 0, "bob").await?;
    save_practice_login(&bob.user, &stage.site.https("orchard.test", "/plain/")).await?;
    let work = stage.user("bob-at-work").await?;
    let popup = work.popup().await?;
    popup
        .log_in(bob.address.as_str(), &peers.both[0].url, MASTER)
        .await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;

    make_key(&bob).await?;
    let other_site = stage.site.https("plum.test", "/plain/");
    let matching = proto::vault::UrlMatch::default();
    crate::stage::save_login(&bob.user, "Plum Mail", &other_site, matching).await?;

    // There it is said what is locked; what was there is there.
    let popup = work.open_popup().await?;
    popup.wait_for_screen("home").await?;
    open_keys(&popup).await?;
    let locked = popup.marks("key", "locked").await?;
    ensure!(locked == ["true", "false"], "{locked:?} are locked");
    look(&work, "keys-locked").await?;
    popup.click("open-keys").await?;
    popup.enter("dialog-password", MASTER).await?;
    work.press(&[Key::Enter]).await?;
    until("the open key", WORK, async || {
        let locked = popup.marks("key", "locked").await?;
        Ok((locked == ["false", "false"]).then_some(()))
    })
    .await?;
    work.close_popup().await?;
    let popup = work.open_popup().await?;
    popup.wait_for_screen("home").await?;
    until("what the new key sealed", WORK, async || {
        let rows = popup.rows(Part::All).await?;
        Ok((rows.len() == 2).then_some(()))
    })
    .await
}
