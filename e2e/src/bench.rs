//! Figures out of a real browser.

mod devices;
mod host;
pub mod page;

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use proto::{
    bridge::popup::{AppStatus, CreateAccount, Lock, RemoveAccount, Status},
    vault::SecretText,
};
use serde_json::{Value, json};

use crate::{
    browser::Kind,
    clock::Stopwatch,
    pages::user::User,
    patience::{SOON, WORK, until},
    place,
    stage::{MASTER, Stage, find},
};

/// Runs of every measurement; all are told, and whoever reads takes medians.
const RUNS: usize = 9;
/// Saves many items over one port, 64 on their way at a time.
const FILL_VAULT: &str = include_str!("pages/fill_vault.js");

/// Measures and prints.
pub async fn run(kind: Kind, items: u32) -> Result<()> {
    let logs = place::in_root("target/e2e/bench");
    place::fresh_folder(&logs)?;
    let stage = Stage::open(kind, false, &logs).await?;
    let user = stage.user("bench").await?;

    print(
        "browser.solver_rate",
        solver_rate(&stage, &user).await?,
        "1/s",
    );
    if let Some((_, rate)) = worker_rate(&user, "processor").await? {
        print("browser.solver_rate_one_worker", rate, "1/s");
    }
    {
        let graphics = stage.user_with_graphics("graphics").await?;
        if let Some((ready, rate)) = worker_rate(&graphics, "graphics").await? {
            print("browser.graphics_ready", ready, "ms");
            print("browser.graphics_rate", rate, "1/s");
        }
        stage.leave(graphics).await;
    }
    stage.give_account(&user).await?;
    let time = Stopwatch::start();
    fill_vault(&user, items).await?;
    let seconds = time.elapsed().0.as_secs_f64();
    print("browser.items_saved", f64::from(items) / seconds, "1/s");

    for _ in 0..RUNS {
        leave(&user, "about:blank").await?;
        print("browser.popup_ready_warm", popup_ready(&user).await?, "ms");
        print("browser.bare_page", bare_page(&user).await?, "ms");
    }
    for _ in 0..RUNS {
        // No page of ours may be open then: it would connect again and start the next worker.
        leave(&user, "about:blank").await?;
        user.browser.kill_worker().await?;
        let taken = popup_ready(&user).await?;
        print("browser.popup_ready_worker_dead", taken, "ms");
    }
    user.open_popup().await?.wait_for_screen("home").await?;

    for number in 0..RUNS {
        let query = format!("site {number}");
        let body = json!({"type": "search", "payload": {"query": query, "limit": 50}});
        let taken = round_trip(&user, &body).await?;
        print("browser.search_round_trip", taken, "ms");
    }

    for _ in 0..5 {
        user.ask(Lock {}).await?;
        let popup = user.open_popup().await?;
        popup.wait_for_screen("unlock").await?;
        popup.enter("unlock-input", MASTER).await?;
        print("browser.unlock", unlock(&user).await?, "ms");
        popup.wait_for_screen("home").await?;
    }

    let found = find(&user, "").await?;
    ensure!(
        found.total == items,
        "the vault holds {} items",
        found.total
    );
    devices::second_device(&stage, &user, items).await?;
    host::beside_without(&stage).await?;
    stage.close().await;
    Ok(())
}

/// Tries a second of all the browser's workers together, on a challenge that they will not solve.
async fn solver_rate(stage: &Stage, user: &User) -> Result<f64> {
    stage
        .node
        .lock()
        .await
        .restart_with_account_difficulty(100_000_000_000)
        .await?;
    user.ask(CreateAccount {
        address: "never@localhost".to_owned(),
        server: Some(stage.server().to_owned()),
        password: SecretText::new(MASTER),
    })
    .await?;
    let progress = async || match user.ask(Status {}).await? {
        AppStatus::Working {
            progress: Some(progress),
            ..
        } if progress.tries > 0 => Ok(Some(progress)),
        _ => Ok(None),
    };
    let before = until("the solver", WORK, progress).await?;
    let time = Stopwatch::start();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let after = until("the solver", SOON, progress).await?;
    let seconds = time.elapsed().0.as_secs_f64();
    user.ask(proto::bridge::popup::CancelWork {}).await?;
    until("the end of the work", SOON, async || {
        Ok(matches!(user.ask(Status {}).await?, AppStatus::Empty { .. }).then_some(()))
    })
    .await?;
    user.ask(RemoveAccount {}).await.ok();
    let normal = crate::stage::ACCOUNT_DIFFICULTY;
    stage
        .node
        .lock()
        .await
        .restart_with_account_difficulty(normal)
        .await?;
    #[expect(clippy::cast_precision_loss, reason = "a count of some millions")]
    Ok((after.tries - before.tries) as f64 / seconds)
}

/// How soon a worker is ready (milliseconds), and its tries a second with nothing beside it; `None`
/// where the browser has no such device.
async fn worker_rate(user: &User, kind: &str) -> Result<Option<(f64, f64)>> {
    user.popup().await?;
    let script = include_str!("pages/worker_rate.js");
    let measured = user
        .browser
        .client
        .execute_async(script, vec![json!(kind)])
        .await?;
    if measured.is_null() {
        return Ok(None);
    }
    let figures = (measured["ready"].as_f64(), measured["rate"].as_f64());
    let (Some(ready), Some(rate)) = figures else {
        bail!("the worker said {measured}")
    };
    Ok(Some((ready, rate)))
}

async fn fill_vault(user: &User, items: u32) -> Result<()> {
    user.popup().await?;
    let timeouts =
        fantoccini::wd::TimeoutConfiguration::new(Some(Duration::from_mins(10)), None, None);
    user.browser.client.update_timeouts(timeouts).await?;
    let answer = user
        .browser
        .client
        .execute_async(FILL_VAULT, vec![items.into()])
        .await?;
    ensure!(answer == items, "saving ended with {answer}");
    Ok(())
}

/// Takes the popup's window to another place.
async fn leave(user: &User, place: &str) -> Result<()> {
    user.popup().await?;
    Ok(user.browser.client.goto(place).await?)
}

/// Opens the popup's page; milliseconds until its first input can be typed into.
async fn popup_ready(user: &User) -> Result<f64> {
    leave(user, &format!("{}/popup.html", user.browser.origin())).await?;
    until("the popup's first input", SOON, async || {
        let ready = user.browser.client.execute(
            "return document.documentElement.dataset.ready ?? null",
            Vec::new(),
        );
        Ok(ready.await?.as_str().and_then(|text| text.parse().ok()))
    })
    .await
}

/// What the browser itself takes for the smallest document of the extension, milliseconds: the
/// popup's time is told beside it.
async fn bare_page(user: &User) -> Result<f64> {
    leave(user, "about:blank").await?;
    leave(user, &format!("{}/icons/pear.svg", user.browser.origin())).await?;
    let script = "return performance.getEntriesByType('navigation')[0].domComplete";
    let taken = user.browser.client.execute(script, Vec::new()).await?;
    taken.as_f64().context("no time for the bare page")
}

/// Milliseconds from the key that unlocks to the first list.
async fn unlock(user: &User) -> Result<f64> {
    let script = "const done = arguments[0]; const start = performance.now();
        const screen = () => document.querySelector('[data-screen]').dataset.screen;
        new MutationObserver((_, o) => { if (screen() === 'home') { o.disconnect(); done(performance.now() - start); } })
            .observe(document, { subtree: true, childList: true, attributes: true });
        document.querySelector('[data-test=unlock]').click();";
    let taken = user
        .browser
        .client
        .execute_async(script, Vec::new())
        .await?;
    taken.as_f64().context("no time for unlocking")
}

/// Milliseconds from a port's opening to the answer of one request, in an extension page that is open.
///
/// # Errors
/// Also where the answer is an error.
async fn round_trip(user: &User, body: &Value) -> Result<f64> {
    let script = "const [body, done] = arguments; const start = performance.now();";
    let ask = include_str!("pages/bridge.js").replace("const [body, done] = arguments;", "");
    let timed = format!(
        "{script} const answer = done; {}",
        ask.replace(
            "done(text)",
            "answer('ok' in frame ? performance.now() - start : text)"
        )
    );
    let taken = user
        .browser
        .client
        .execute_async(&timed, vec![Value::from(body.to_string())])
        .await?;
    taken.as_f64().with_context(|| taken.to_string())
}

fn print(name: &str, value: f64, unit: &str) {
    println!("{}", json!({"name": name, "value": value, "unit": unit}));
}
