//! The system's screen is locked.

use std::time::Duration;

use anyhow::{Result, ensure};
use proto::{
    bridge::popup::{AppStatus, GetHost, HostState, MoveIn, Status},
    vault::SecretText,
};
use tokio::time::sleep;

use super::{at_home, open_screen, pair};
use crate::{
    host::Home,
    pages::user::User,
    patience::{WORK, until},
    stage::{MASTER, Stage},
};

/// Longer than a request waits for a host that is away.
const GIVES_UP: Duration = Duration::from_secs(3);

/// The vault is locked with it, wherever it is, and also where the host hears of it only later.
pub(in super::super) async fn a_locked_screen_locks_the_vault(stage: &Stage) -> Result<()> {
    let home = Home::new()?;
    home.register(stage.kind()).await?;
    let ada = at_home(stage, &home).await?;
    stage.give_account(&ada).await?;
    ada.browser.lock_screen().await?;
    is_locked(&ada).await?;
    let popup = ada.open_popup().await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;

    pair(&home, &open_screen(&ada).await?).await?;
    let password = SecretText::new(MASTER);
    ada.ask(MoveIn { password }).await?;
    until("the account in the host", WORK, async || {
        Ok(ada.ask(GetHost {}).await?.lives_there.then_some(()))
    })
    .await?;
    ada.browser.lock_screen().await?;
    is_locked(&ada).await?;
    let popup = ada.open_popup().await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;

    // The host lives on with the vault open, and cannot be told.
    let agent = home.agent()?;
    home.unregister(stage.kind()).await?;
    home.kill_relays()?;
    until("the line's end", WORK, async || {
        let state = ada.ask(GetHost {}).await?.state;
        Ok((state == HostState::Paired { connected: false }).then_some(()))
    })
    .await?;
    ada.browser.lock_screen().await?;
    // Whoever tells it at once gives up within a second.
    sleep(GIVES_UP).await;
    // What is owed is known to the background's next life, too.
    ada.browser.kill_worker().await?;
    home.register(stage.kind()).await?;
    is_locked(&ada).await?;
    ensure!(
        home.agent()? == agent,
        "it was another agent, which knew no key"
    );
    Ok(())
}

async fn is_locked(user: &User) -> Result<()> {
    until("a locked vault", WORK, async || {
        Ok(match user.ask(Status {}).await? {
            AppStatus::Locked { .. } => Some(()),
            _ => None,
        })
    })
    .await
}
