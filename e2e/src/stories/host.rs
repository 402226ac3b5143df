//! The native host: registered, paired by a code, at work, with the account in it, and gone.

mod copied;
mod keyring;
mod memory;
mod route;
mod screen;
mod shared;

use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use proto::{
    bridge::{
        popup::{
            AddNever, DeleteItem, GetHost, GetSolver, HostState, LeaveHost, ListNever,
            ListSessions, ListTrash, Lock, MeasureSolver, RemoveAccount, SaveItem, SolverView,
        },
        solver::EnginePlace,
    },
    ids::ItemId,
    vault::UrlMatch,
};

use super::{
    fill::fill_by_popup,
    screens::{look, look_narrow},
};
use crate::{
    browser::Extension,
    host::Home,
    pages::{
        popup::{Part, Popup},
        user::User,
    },
    patience::{WORK, until},
    site::{PASSWORD, USERNAME},
    stage::{MASTER, Stage, login_draft, save_practice_login},
};

pub(super) use self::{
    copied::what_is_copied_goes_with_the_vault,
    keyring::the_keyring_opens_the_vault,
    memory::no_secret_stays_in_memory,
    route::nothing_goes_past_a_proxy,
    screen::a_locked_screen_locks_the_vault,
    shared::{two_browsers_share_an_account, what_another_uses_is_left_to_it},
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

/// The account lives in the host, whatever dies meanwhile, and comes back.
pub(super) async fn an_account_moves_in_and_back(stage: &Stage) -> Result<()> {
    let home = Home::new()?;
    home.register(stage.kind()).await?;
    let ada = at_home(stage, &home).await?;
    stage.give_account(&ada).await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    let deleted = save_named(&ada, "Old pear").await?;
    ada.ask(DeleteItem { id: deleted }).await?;
    ada.ask(AddNever {
        site: "never.test".to_owned(),
    })
    .await?;
    let popup = open_screen(&ada).await?;
    pair(&home, &popup).await?;

    // A wrong password moves nothing.
    popup.enter("move-password", "not that one at all").await?;
    popup.click("host-move-go").await?;
    popup.wait_for("error").await?;
    look(&ada, "host-move").await?;
    begin_move(&popup, MASTER).await?;
    look_narrow(&ada, "host-moving").await?;
    // The popup may close meanwhile.
    let popup = open_screen(&ada).await?;
    wait_until_moved(&ada).await?;
    until("the way back", WORK, async || {
        Ok((popup.marks("host-move", "way").await? == ["back"]).then_some(()))
    })
    .await?;
    look(&ada, "host-moved").await?;
    is_whole(&ada).await?;
    let devices = ada.ask(ListSessions {}).await?.devices;
    ensure!(devices.len() == 1 && devices[0].current, "{devices:?}");

    // A page is filled by a key that is not in the browser.
    ada.visit(&stage.site.https("orchard.test", "/plain/"))
        .await?
        .wait_for("#password")
        .await?;
    fill_by_popup(&ada).await?;
    let page = ada.page().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await?;
    page.click("#sign-in").await?;
    page.wait_for_welcome(USERNAME).await?;

    outlives_everything(stage, &home, &ada).await?;
    moves_back(&ada).await
}

/// Locked, killed, gone: what was written is there again.
async fn outlives_everything(stage: &Stage, home: &Home, ada: &User) -> Result<()> {
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    ada.ask(Lock {}).await?;
    popup.wait_for_screen("unlock").await?;
    popup.unlock("not that one at all").await?;
    popup.wait_for("error").await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;
    save_named(ada, "New pear").await?;

    // Killed in the middle: it is there again, locked, with all that was written.
    home.kill_agent()?;
    popup.wait_for_screen("unlock").await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;
    popup
        .wait_for_rows(Part::All, &["New pear", "Orchard Mail"])
        .await?;

    // Gone: the user is told so, and nothing is lost.
    home.unregister(stage.kind()).await?;
    home.kill_agent()?;
    popup.wait_for_screen("away").await?;
    popup.wait_for("away-problem").await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("away").await?;
    popup.wait_for("away-problem").await?;
    look(ada, "host-away").await?;
    look_narrow(ada, "host-away-narrow").await?;
    home.register(stage.kind()).await?;
    popup.click("away-retry").await?;
    popup.wait_for_screen("unlock").await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;

    // What cannot be: to forget the host that has the account.
    let refused = ada.ask(LeaveHost {}).await;
    ensure!(
        refused.is_err_and(|error| format!("{error:#}").contains("lives in Pearvault's host")),
        "the host was forgotten"
    );
    Ok(())
}

async fn moves_back(ada: &User) -> Result<()> {
    let popup = open_screen(ada).await?;
    popup.enter("move-password", MASTER).await?;
    popup.click("host-move-go").await?;
    until("the account in the browser", WORK, async || {
        let status = ada.ask(GetHost {}).await?;
        if let Some(problem) = status.moving.and_then(|moving| moving.problem) {
            bail!("it was not moved back: {problem:?}");
        }
        Ok((!status.lives_there).then_some(()))
    })
    .await?;
    is_whole(ada).await?;
    until("the host without it", WORK, async || {
        Ok(ada.ask(GetHost {}).await?.account.is_none().then_some(()))
    })
    .await?;
    let popup = ada.open_popup().await?;
    popup
        .wait_for_rows(Part::All, &["New pear", "Orchard Mail"])
        .await?;
    Ok(())
}

/// Types the password at the open screen.
async fn begin_move(popup: &Popup<'_>, password: &str) -> Result<()> {
    popup.enter_unread("move-password", password).await?;
    popup.click("host-move-go").await?;
    popup.wait_for("host-moving").await
}

async fn wait_until_moved(user: &User) -> Result<()> {
    until("the account in the host", WORK, async || {
        let status = user.ask(GetHost {}).await?;
        if let Some(problem) = status.moving.and_then(|moving| moving.problem) {
            bail!("it was not moved: {problem:?}");
        }
        Ok(status.lives_there.then_some(()))
    })
    .await
}

/// What only the engine of before had is there.
async fn is_whole(user: &User) -> Result<()> {
    let trash = user.ask(ListTrash {}).await?;
    ensure!(trash.items.len() == 1, "{trash:?}");
    let never = user.ask(ListNever {}).await?;
    ensure!(never.sites == ["never.test"], "{never:?}");
    Ok(())
}

async fn save_named(user: &User, title: &str) -> Result<ItemId> {
    let draft = login_draft(title, "https://pear.test", UrlMatch::Site);
    Ok(user.ask(SaveItem { draft }).await?.id)
}

/// Pairs at the open screen.
/// Pairs the host, from the extension's screen and from a terminal.
pub(crate) async fn pair(home: &Home, popup: &Popup<'_>) -> Result<()> {
    let mut terminal = home.terminal().await?;
    popup.click("host-connect").await?;
    popup.wait_for("host-code").await?;
    let (shown, code) = (popup.text("host-code").await?, terminal.code().await?);
    ensure!(shown == code, "{shown} here, {code} in the terminal");
    popup.click("host-agree").await?;
    terminal.answer("y").await?;
    terminal.line_with("Paired").await?;
    popup.wait_for("host-paired").await
}

/// Whether the host was measured at work.
fn by_host(view: &SolverView) -> bool {
    let mut engines = view.engines.iter();
    engines.any(|it| it.place == EnginePlace::Host && it.rate.is_some())
}

/// The screen of the host.
pub(crate) async fn open_screen(user: &User) -> Result<Popup<'_>> {
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
    at_home_as("ada", stage, home).await
}

/// The same of a user of that name.
pub(crate) async fn at_home_as(name: &str, stage: &Stage, home: &Home) -> Result<Arc<User>> {
    let folder = home.folder().join(format!("extension-{name}"));
    let extension = Extension::allowed(stage.kind(), "nativeMessaging", &folder)?;
    stage.user_at_home(name, extension, home).await
}
