//! What is copied from the popup, as other programs of the computer see it.

use anyhow::{Result, bail, ensure};
use proto::bridge::popup::Lock;
use testkit::display::{Display, PACKAGES};

use super::{at_home, open_screen, pair};
use crate::{
    host::Home,
    pages::user::User,
    patience::{SOON, until},
    site::PASSWORD,
    stage::{MASTER, Stage, save_practice_login},
    stories::runner::Impossible,
};

/// Another program's.
const OTHER: &str = "the user's own words";

/// The host copies it, marked for histories; a lock takes it away, but nothing that was copied since.
pub(in super::super) async fn what_is_copied_goes_with_the_vault(stage: &Stage) -> Result<()> {
    if !Display::is_there() {
        bail!(Impossible(format!("{PACKAGES} are not installed")));
    }
    let mut display = Display::start()?;
    let home = Home::at_display(display.name())?;
    home.register(stage.kind()).await?;
    let ada = at_home(stage, &home).await?;
    stage.give_account(&ada).await?;
    save_practice_login(&ada, &stage.site.https("orchard.test", "/plain/")).await?;
    pair(&home, &open_screen(&ada).await?).await?;

    copy(&ada).await?;
    has(&display, Some(PASSWORD)).await?;
    let mark = display.pasted_as("x-kde-passwordManagerHint");
    ensure!(mark.as_deref() == Some("secret"), "the mark is {mark:?}");
    ada.ask(Lock {}).await?;
    has(&display, None).await?;

    let popup = ada.open_popup().await?;
    popup.wait_for_screen("unlock").await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;
    copy(&ada).await?;
    has(&display, Some(PASSWORD)).await?;
    display.copies(OTHER)?;
    has(&display, Some(OTHER)).await?;
    ada.ask(Lock {}).await?;
    // What asks the host anew comes after what it was told at the lock.
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("unlock").await?;
    popup.unlock(MASTER).await?;
    open_screen(&ada).await?.wait_for("host-paired").await?;
    has(&display, Some(OTHER)).await
}

/// As the user does it.
async fn copy(user: &User) -> Result<()> {
    let popup = user.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.open_item("Orchard Mail").await?;
    popup.click("copy-password").await
}

/// Waits until another program pastes that.
async fn has(display: &Display, text: Option<&str>) -> Result<()> {
    until(&format!("a clipboard with {text:?}"), SOON, async || {
        let pasted = display.pasted();
        ensure!(pasted.as_deref() == text, "it has {pasted:?}");
        Ok(Some(()))
    })
    .await
}
