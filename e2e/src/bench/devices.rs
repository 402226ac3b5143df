//! How soon another browser has the whole vault, and each change after that.

use std::time::Duration;

use anyhow::{Context as _, Result};
use proto::{
    bridge::popup::{AppStatus, LogIn, PopupRequest, SaveItem, Status, SyncNow},
    vault::{SecretText, UrlMatch},
};
use serde_json::{Value, json};

use super::print;
use crate::{
    clock::Stopwatch,
    pages::user::User,
    patience::{WORK, until},
    stage::{MASTER, Stage, find, login_draft},
};

/// Changes whose way to another device is measured.
const NEWS: u32 = 60;
/// Pause between two looks for a whole vault: each takes time from the worker that fetches it.
const LOOK_FOR_ALL: Duration = Duration::from_millis(250);
/// What sending or fetching a whole vault may take.
const SEND: Duration = Duration::from_mins(10);
/// Waits for one row.
const ROW_SEEN: &str = include_str!("../pages/row_seen.js");
/// Asks for one thing, over a port of its own.
const ASK: &str = include_str!("../pages/bridge.js");

/// Measures and prints. `user` has a vault of so many items.
pub(super) async fn second_device(stage: &Stage, user: &User, items: u32) -> Result<()> {
    until("everything to reach the node", SEND, async || {
        let status = user.ask(SyncNow {}).await?;
        Ok(matches!(status, AppStatus::Unlocked { pending: 0, .. }).then_some(()))
    })
    .await?;
    let second = stage.user("second").await?;
    second
        .ask(LogIn {
            address: format!("{}@localhost", user.name()),
            server: Some(stage.server().to_owned()),
            password: SecretText::new(MASTER),
        })
        .await?;
    until("the second device's session", WORK, async || {
        let status = second.ask(Status {}).await?;
        Ok(matches!(status, AppStatus::Unlocked { .. }).then_some(()))
    })
    .await?;
    let time = Stopwatch::start();
    until("the whole vault", SEND, async || {
        tokio::time::sleep(LOOK_FOR_ALL).await;
        Ok((find(&second, "").await?.total == items).then_some(()))
    })
    .await?;
    let name = format!("browser.first_sync_{items}");
    print(&name, time.elapsed().0.as_secs_f64() * 1e3, "ms");

    user.popup().await?;
    second.open_popup().await?.wait_for_screen("home").await?;
    let mut ways = Vec::new();
    for number in 0..NEWS {
        ways.push(way_of_news(user, &second, &format!("news{number}x")).await?);
    }
    for (name, of) in [("other_device", 1_usize), ("other_device_from_wish", 0)] {
        let mut taken: Vec<f64> = ways.iter().map(|way| way[of]).collect();
        taken.sort_by(f64::total_cmp);
        for percent in [50, 95] {
            let value = taken[(taken.len() - 1) * percent / 100];
            print(&format!("browser.{name}_p{percent}"), value, "ms");
        }
    }
    Ok(())
}

/// Milliseconds until another browser's popup has the row of a new login: from the wish to save it, and
/// from the commit on this device. Both read the clock of one machine.
async fn way_of_news(user: &User, second: &User, title: &str) -> Result<[f64; 2]> {
    let client = &second.browser.client;
    client.execute(ROW_SEEN, vec![json!(title)]).await?;
    let draft = login_draft(title, "https://news.test", UrlMatch::Site);
    let body = serde_json::to_string(&PopupRequest::from(SaveItem { draft }))?;
    let timed = format!(
        "const begun = Date.now(); {}",
        ASK.replace("done(text)", "done([begun, Date.now(), text])")
    );
    let client = &user.browser.client;
    let saved = client
        .execute_async(&timed, vec![Value::from(body)])
        .await?;
    let client = &second.browser.client;
    let script = "globalThis.rowSeen.then(arguments[0])";
    let seen = client.execute_async(script, vec![]).await?;
    let moment = |value: &Value| value.as_f64().with_context(|| format!("{saved}, {seen}"));
    let (wish, commit, seen) = (moment(&saved[0])?, moment(&saved[1])?, moment(&seen)?);
    Ok([seen - wish, seen - commit])
}
