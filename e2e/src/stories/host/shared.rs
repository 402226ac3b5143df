//! More than one browser at the account that lives in the host.

use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use proto::{
    bridge::popup::{
        AppStatus, CancelMove, EmptyHost, GetHost, HostStatus, ListSessions, Lock, MoveIn, Status,
    },
    vault::SecretText,
};

use super::{at_home, at_home_as, open_screen, pair, save_named};
use crate::{
    host::Home,
    pages::{
        popup::{Part, Popup},
        user::User,
    },
    patience::{WORK, until},
    stage::{MASTER, Stage},
    stories::screens::look,
};

/// The second has no account of its own: it uses the host's, at the same time, and both see the same.
pub(in super::super) async fn two_browsers_share_an_account(stage: &Stage) -> Result<()> {
    let home = Home::new()?;
    home.register(stage.kind()).await?;
    let ada = at_home(stage, &home).await?;
    stage.give_account(&ada).await?;
    save_named(&ada, "Quince").await?;
    pair(&home, &open_screen(&ada).await?).await?;

    // A move that is given up, or whose host dies, leaves the account where it is; the next one goes on.
    begin_move(&ada).await?;
    ada.ask(CancelMove {}).await?;
    settled(&ada).await?;
    if !lives_there(&ada).await? {
        begin_move(&ada).await?;
        home.kill_agent()?;
        settled(&ada).await?;
    }
    while !lives_there(&ada).await? {
        save_named(&ada, "Medlar").await?;
        begin_move(&ada).await?;
        settled(&ada).await?;
    }
    let rows = rows_with(&ada, "Quince").await?;

    let beside = home.beside();
    beside.register(stage.kind()).await?;
    let other = at_home_as("ada-beside", stage, &beside).await?;
    let popup = other.open_popup().await?;
    popup.wait_for_screen("welcome").await?;
    popup.click("have-host").await?;
    popup.wait_for_screen("host").await?;
    pair(&beside, &popup).await?;
    popup.wait_for("host-use").await?;
    look(&other, "host-use").await?;
    popup.click("host-use").await?;
    let popup = other.open_popup().await?;
    popup.wait_for_screen("home").await?;
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    popup.wait_for_rows(Part::All, &rows).await?;
    // One device for both: the host's.
    let devices = other.ask(ListSessions {}).await?.devices;
    ensure!(devices.len() == 1 && devices[0].current, "{devices:?}");

    // What one writes the other sees by itself.
    save_named(&ada, "Apple").await?;
    sees(&popup, "Apple").await?;
    save_named(&other, "Almond").await?;
    let at_ada = ada.open_popup().await?;
    sees(&at_ada, "Almond").await?;

    // Both are locked, and opened, at once; also where the host died.
    other.ask(Lock {}).await?;
    at_ada.wait_for_screen("unlock").await?;
    at_ada.unlock(MASTER).await?;
    at_ada.wait_for_screen("home").await?;
    popup.wait_for_screen("home").await?;
    home.kill_agent()?;
    at_ada.wait_for_screen("unlock").await?;
    popup.wait_for_screen("unlock").await?;
    popup.unlock(MASTER).await?;
    at_ada.wait_for_screen("home").await?;
    sees(&at_ada, "Almond").await?;

    // It moves into one of the two: the other is told that it has none any more.
    let at_ada = open_screen(&ada).await?;
    at_ada.enter("move-password", MASTER).await?;
    at_ada.click("host-move-go").await?;
    until("the account in the browser", WORK, async || {
        Ok((!lives_there(&ada).await?).then_some(()))
    })
    .await?;
    popup.wait_for_screen("welcome").await?;
    let at_ada = ada.open_popup().await?;
    at_ada.wait_for_screen("home").await?;
    sees(&at_ada, "Almond").await?;
    sees(&at_ada, "Quince").await
}

/// The second is a device of its own: it cannot take the account out of the host under the first, may move
/// in beside it, and takes it out once nobody else is there.
pub(in super::super) async fn what_another_uses_is_left_to_it(stage: &Stage) -> Result<()> {
    let home = Home::new()?;
    home.register(stage.kind()).await?;
    let ada = at_home(stage, &home).await?;
    stage.give_account(&ada).await?;
    save_named(&ada, "Quince").await?;
    pair(&home, &open_screen(&ada).await?).await?;
    begin_move(&ada).await?;
    settled(&ada).await?;
    ensure!(lives_there(&ada).await?, "it was not moved");

    let beside = home.beside();
    beside.register(stage.kind()).await?;
    let other = at_home_as("ada-beside", stage, &beside).await?;
    let popup = other.open_popup().await?;
    popup
        .log_in("ada@localhost", stage.server(), MASTER)
        .await?;
    sees(&popup, "Quince").await?;
    save_named(&other, "Almond").await?;
    let popup = open_screen(&other).await?;
    pair(&beside, &popup).await?;
    popup.wait_for("host-remove").await?;
    look(&other, "host-half").await?;
    let refused = other.ask(EmptyHost {}).await;
    ensure!(
        refused.is_err_and(|error| format!("{error:#}").contains("Another browser uses")),
        "it was taken away"
    );
    ensure!(lives_there(&ada).await?, "it was taken away");

    // With the first gone it can be, and the first starts anew, when it comes back.
    stage.leave(Arc::clone(&ada)).await;
    drop(ada);
    until("the host without it", WORK, async || {
        // Until its line has ended it counts as there.
        let _ = other.ask(EmptyHost {}).await;
        Ok(other.ask(GetHost {}).await?.account.is_none().then_some(()))
    })
    .await?;
    let ada = at_home(stage, &home).await?;
    let at_ada = ada.open_popup().await?;
    at_ada.wait_for_screen("welcome").await?;

    // Moved in by the second, it is the first's to use.
    begin_move(&other).await?;
    settled(&other).await?;
    ensure!(lives_there(&other).await?, "it was not moved");
    at_ada.click("have-host").await?;
    at_ada.wait_for_screen("host").await?;
    at_ada.click("host-use").await?;
    let at_ada = ada.open_popup().await?;
    at_ada.wait_for_screen("home").await?;
    at_ada.wait_for_rows(Part::All, &["Almond", "Quince"]).await
}

async fn begin_move(user: &User) -> Result<HostStatus> {
    let password = SecretText::new(MASTER);
    user.ask(MoveIn { password }).await
}

/// Waits until no move is under way; one that failed is put aside.
async fn settled(user: &User) -> Result<()> {
    until("the end of the move", WORK, async || {
        Ok(match user.ask(GetHost {}).await?.moving {
            None => Some(()),
            Some(moving) if moving.problem.is_some() => {
                user.ask(CancelMove {}).await?;
                Some(())
            }
            Some(_) => None,
        })
    })
    .await?;
    // Wherever it is, it is whole and open, or opens with the password.
    until("the account", WORK, async || {
        Ok(match user.ask(Status {}).await? {
            AppStatus::Unlocked { .. } => Some(()),
            AppStatus::Empty { .. } => bail!("the account is nowhere"),
            _ => None,
        })
    })
    .await
}

/// Waits until an item is in the list.
async fn sees(popup: &Popup<'_>, title: &str) -> Result<()> {
    until(&format!("the row {title}"), WORK, async || {
        let rows = popup.rows(Part::All).await?;
        Ok(rows.iter().any(|row| row == title).then_some(()))
    })
    .await
}

async fn lives_there(user: &User) -> Result<bool> {
    Ok(user.ask(GetHost {}).await?.lives_there)
}

/// Titles of all items, once the list is there: it has the one that is named.
async fn rows_with(user: &User, title: &str) -> Result<Vec<String>> {
    let popup = user.open_popup().await?;
    popup.wait_for_screen("home").await?;
    sees(&popup, title).await?;
    popup.rows(Part::All).await
}
