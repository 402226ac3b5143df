//! The computer's keyring opens the vault in place of the password, for a time.

use anyhow::{Context as _, Result, bail, ensure};
use proto::{
    bridge::popup::{ByKeyring, GetHost, Lock, MoveIn},
    vault::SecretText,
};

use super::{at_home, open_screen, pair};
use crate::{
    host::Home,
    keyring::{Keyring, PACKAGES},
    pages::user::User,
    patience::{WORK, until},
    stage::{MASTER, Stage},
    stories::{
        runner::Impossible,
        screens::{look, look_narrow},
    },
};

/// Chosen, used after a lock and after the host has died, and given up.
pub(in super::super) async fn the_keyring_opens_the_vault(stage: &Stage) -> Result<()> {
    if !Keyring::is_there() {
        bail!(Impossible(format!(
            "there is no keyring: {PACKAGES} are not installed"
        )));
    }
    let home = Home::with_keyring().await?;
    let keyring = home.keyring().context("no keyring")?;
    home.register(stage.kind()).await?;
    let ada = at_home(stage, &home).await?;
    stage.give_account(&ada).await?;
    let popup = open_screen(&ada).await?;
    pair(&home, &popup).await?;
    popup.wait_for("host-way").await?;
    ensure!(
        !popup.shows("by-keyring").await?,
        "offered to an account in the browser"
    );
    let password = SecretText::new(MASTER);
    ada.ask(MoveIn { password }).await?;
    stands(&ada, ByKeyring::Off {}).await?;
    ensure!(keyring.count()? == 1, "the database's key is not there");

    let popup = open_screen(&ada).await?;
    popup.wait_for("by-keyring-set").await?;
    look(&ada, "by-keyring-offer").await?;
    look_narrow(&ada, "by-keyring-offer-narrow").await?;
    popup.enter("by-keyring-password", "not that one").await?;
    popup.click("by-keyring-set").await?;
    popup.wait_for("error").await?;
    ensure!(keyring.count()? == 1, "another password did it");
    popup.enter("by-keyring-password", MASTER).await?;
    popup.click("by-keyring-set").await?;
    popup.wait_for("by-keyring-end").await?;
    look(&ada, "by-keyring-set").await?;
    ensure!(keyring.count()? == 2, "nothing was put there");

    ada.ask(Lock {}).await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("unlock").await?;
    popup.wait_for("unlock-by-keyring").await?;
    look(&ada, "by-keyring-unlock").await?;
    look_narrow(&ada, "by-keyring-unlock-narrow").await?;
    popup.click("unlock-by-keyring").await?;
    popup.wait_for_screen("home").await?;
    // Another process has to ask the keyring itself.
    home.kill_agent()?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("unlock").await?;
    popup.wait_for("unlock-by-keyring").await?;
    popup.click("unlock-by-keyring").await?;
    popup.wait_for_screen("home").await?;

    let popup = open_screen(&ada).await?;
    popup.click("by-keyring-end").await?;
    popup.wait_for("by-keyring-set").await?;
    stands(&ada, ByKeyring::Off {}).await?;
    ensure!(keyring.count()? == 1, "something is left there");
    ada.ask(Lock {}).await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("unlock").await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;
    Ok(())
}

async fn stands(user: &User, wanted: ByKeyring) -> Result<()> {
    until(&format!("the keyring: {wanted:?}"), WORK, async || {
        let status = user.ask(GetHost {}).await?;
        Ok((status.lives_there && status.by_keyring == Some(wanted)).then_some(()))
    })
    .await
}
