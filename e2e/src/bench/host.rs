//! What it costs that the account lives in the host, beside the same account in the browser.

use anyhow::{Result, ensure};
use proto::{
    bridge::popup::{GetHost, Lock, MoveIn},
    ids::ItemId,
    vault::SecretText,
};
use serde_json::json;

use super::{print, round_trip, unlock};
use crate::{
    host::Home,
    pages::user::User,
    patience::{WORK, until},
    site::{PASSWORD, USERNAME},
    stage::{MASTER, Stage, save_practice_login},
    stories::host::{at_home_as, open_screen, pair},
};

/// Fills, and round trips.
const RUNS: usize = 21;
/// Unlocks.
const UNLOCKS: usize = 5;

/// Measures and prints: one user, first with the account in the browser, then in the host.
pub(super) async fn beside_without(stage: &Stage) -> Result<()> {
    let home = Home::new()?;
    home.register(stage.kind()).await?;
    let user = at_home_as("host", stage, &home).await?;
    stage.give_account(&user).await?;
    let url = stage.site.https("orchard.test", "/plain/");
    let item = save_practice_login(&user, &url).await?.id;
    measure(&user, &url, item, "in_browser").await?;

    pair(&home, &open_screen(&user).await?).await?;
    let password = SecretText::new(MASTER);
    user.ask(MoveIn { password }).await?;
    until("the account in the host", WORK, async || {
        Ok(user.ask(GetHost {}).await?.lives_there.then_some(()))
    })
    .await?;
    measure(&user, &url, item, "in_host").await?;
    stage.leave(user).await;
    Ok(())
}

async fn measure(user: &User, url: &str, item: ItemId, place: &str) -> Result<()> {
    for _ in 0..RUNS {
        user.open_popup().await?.wait_for_screen("home").await?;
        let body = json!({"type": "search", "payload": {"query": "orchard", "limit": 50}});
        let taken = round_trip(user, &body).await?;
        print(&format!("browser.small_search_{place}"), taken, "ms");

        let page = user.visit(url).await?;
        page.wait_for("#password").await?;
        user.popup().await?.wait_for_screen("home").await?;
        let body = json!({"type": "fill", "payload": {"item": item}});
        let taken = round_trip(user, &body).await?;
        print(&format!("browser.fill_{place}"), taken, "ms");
        let page = user.page().await?;
        ensure!(page.value("#username").await? == USERNAME, "no user name");
        ensure!(page.value("#password").await? == PASSWORD, "no password");
    }
    for _ in 0..UNLOCKS {
        user.ask(Lock {}).await?;
        let popup = user.open_popup().await?;
        popup.wait_for_screen("unlock").await?;
        popup.enter("unlock-input", MASTER).await?;
        let taken = unlock(user).await?;
        print(&format!("browser.unlock_{place}"), taken, "ms");
        popup.wait_for_screen("home").await?;
    }
    Ok(())
}
