//! The native host: registered, paired by a code, at work, and gone.

use std::sync::Arc;

use anyhow::{Result, ensure};
use proto::bridge::{
    popup::{GetHost, GetSolver, HostState, MeasureSolver, RemoveAccount, SolverView},
    solver::EnginePlace,
};

use super::screens::{look, look_narrow};
use crate::{
    browser::Extension,
    host::Home,
    pages::{popup::Popup, user::User},
    patience::{WORK, until},
    stage::Stage,
};

/// A stranger to hosts gets one: what is missing is said at each step.
pub(super) async fn a_paired_host_works_on_proofs(stage: &Stage) -> Result<()> {
    let home = Home::new()?;
    let ada = at_home(stage, &home).await?;
    stage.give_account(&ada).await?;
    let popup = open_screen(&ada).await?;
    popup.click("host-connect").await?;
    wait_for_problem(&popup, "finds no host").await?;
    look_narrow(&ada, "host-missing").await?;
    home.register(stage.kind()).await?;
    popup.click("host-connect").await?;
    wait_for_problem(&popup, "nobody waits").await?;

    let mut terminal = home.terminal().await?;
    popup.click("host-connect").await?;
    popup.wait_for("host-code").await?;
    let (shown, code) = (popup.text("host-code").await?, terminal.code().await?);
    ensure!(shown == code, "{shown} here, {code} in the terminal");
    // The popup may close meanwhile.
    let popup = open_screen(&ada).await?;
    popup.wait_for("host-code").await?;
    look(&ada, "host-code").await?;
    popup.click("host-agree").await?;
    terminal.answer("y").await?;
    terminal.line_with("Paired").await?;
    popup.wait_for("host-paired").await?;
    look(&ada, "host-paired").await?;

    ada.ask(MeasureSolver {}).await?;
    until("the host's rate", WORK, async || {
        Ok(by_host(&ada.ask(GetSolver {}).await?).then_some(()))
    })
    .await?;

    // The next work is the host's: it is reached for that, and for nothing else.
    ada.browser.kill_worker().await?;
    let status = ada.ask(GetHost {}).await?;
    ensure!(
        status.state == HostState::Paired { connected: false },
        "{status:?}"
    );
    ada.ask(RemoveAccount {}).await?;
    stage
        .give_address_at(&ada, "bea@localhost", stage.server())
        .await?;
    let status = ada.ask(GetHost {}).await?;
    ensure!(
        status.state == HostState::Paired { connected: true } && status.problem.is_none(),
        "{status:?}"
    );

    // Without it the browser goes on by itself.
    home.unregister(stage.kind()).await?;
    ada.browser.kill_worker().await?;
    ada.ask(RemoveAccount {}).await?;
    stage
        .give_address_at(&ada, "cyd@localhost", stage.server())
        .await?;
    let popup = open_screen(&ada).await?;
    wait_for_problem(&popup, "finds no host").await?;
    popup.click("host-forget").await?;
    popup.wait_for("host-connect").await?;
    let status = ada.ask(GetHost {}).await?;
    ensure!(status.state == HostState::Unpaired {}, "{status:?}");
    Ok(())
}

/// Whether the host was measured at work.
fn by_host(view: &SolverView) -> bool {
    let mut engines = view.engines.iter();
    engines.any(|it| it.place == EnginePlace::Host && it.rate.is_some())
}

async fn open_screen(user: &User) -> Result<Popup<'_>> {
    let popup = user.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.wait_for_screen("settings").await?;
    popup.click("host").await?;
    popup.wait_for_screen("host").await?;
    Ok(popup)
}

async fn wait_for_problem(popup: &Popup<'_>, part: &str) -> Result<()> {
    until(&format!("the problem `{part}`"), WORK, async || {
        let shown = popup.shows("host-problem").await?;
        let said = shown && popup.text("host-problem").await?.contains(part);
        Ok(said.then_some(()))
    })
    .await
}

/// A browser whose user has that home folder.
async fn at_home(stage: &Stage, home: &Home) -> Result<Arc<User>> {
    let folder = home.folder().join("extension");
    let extension = Extension::allowed(stage.kind(), "nativeMessaging", &folder)?;
    stage.user_at_home("ada", extension, home).await
}
