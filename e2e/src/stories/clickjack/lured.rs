//! A user who does what a page lures them to.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use fantoccini::{
    actions::{InputSource as _, KeyAction, KeyActions, MouseActions, PointerAction},
    key::Key,
};
use serde_json::{Value, json};

use crate::{
    browser::Kind,
    pages::{practice::Practice, user::User},
    patience::until,
};

/// What a menu may take to come.
const MENU_WITHIN: Duration = Duration::from_secs(3);
/// What a fill may take to come, after the last step.
const FILL_WITHIN: Duration = Duration::from_millis(450);
/// What the rest of a fill takes after its first value.
const FILLED_WITHIN: Duration = Duration::from_millis(300);
/// Pixels of the pear's colour that a picture of the menu has at least.
const PEAR_MIN: u64 = 40;
/// Between two repeats of a key that is held down.
const REPEAT: Duration = Duration::from_millis(30);

/// How one run went.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each was seen for itself, and any may go with any"
)]
pub(super) struct Lured {
    /// Whether there was a menu.
    pub(super) opened: bool,
    /// Whether a value came into the page.
    pub(super) released: bool,
    /// Whether the popup opened instead, as far as the browser tells.
    pub(super) asked: bool,
    /// Whether the press came too late for what the page is about.
    pub(super) late: bool,
    /// Whether the menu was in the picture before the last step.
    pub(super) in_picture: bool,
    /// What went wrong with the attack.
    pub(super) problem: String,
}

/// Takes the page's steps.
pub(super) async fn play(user: &User, page: &Practice<'_>) -> Result<Lured> {
    play_with(user, page, async || Ok(())).await
}

/// The same; `meanwhile` is done when the menu is there.
pub(super) async fn play_with(
    user: &User,
    page: &Practice<'_>,
    meanwhile: impl AsyncFn() -> Result<()>,
) -> Result<Lured> {
    let steps: Vec<Vec<Value>> =
        serde_json::from_value(page.run("return window.lure.steps()").await?)?;
    let mut in_picture = false;
    for (at, step) in steps.iter().enumerate() {
        if at + 1 == steps.len() && page.run("return !!window.lure.variant.repelled").await? == true
        {
            in_picture = is_in_picture(user).await?;
        }
        take(user, page, step)
            .await
            .with_context(|| json!(step).to_string())?;
        if step.first().is_some_and(|word| word == "menu") {
            meanwhile().await?;
        }
    }
    let released = until("a value", FILL_WITHIN, async || {
        let count = page.run("return window.lure.look()").await?;
        Ok((count.as_u64() > Some(0)).then_some(()))
    })
    .await
    .is_ok();
    if released {
        // A page that goes away under a fill makes the popup ask.
        tokio::time::sleep(FILLED_WITHIN).await;
    }
    let told = page
        .run("return [!!window.lure.menu, window.lure.late, window.lure.problem]")
        .await?;
    let (opened, late, problem) = serde_json::from_value(told)?;
    Ok(Lured {
        opened,
        released,
        asked: dismiss_popup(user).await?,
        late,
        in_picture,
        problem,
    })
}

async fn take(user: &User, page: &Practice<'_>, step: &[Value]) -> Result<()> {
    let word = |at: usize| step.get(at).and_then(Value::as_str).unwrap_or_default();
    match word(0) {
        "press" => user.press_point(point(page, word(1)).await?).await,
        "twice" => {
            let at = point(page, word(1)).await?;
            user.press_point(at).await?;
            user.press_point(at).await
        }
        "hover" => hover(user, point(page, word(1)).await?).await,
        "menu" => {
            // That there is none may be the page's doing.
            let seen =
                async || Ok((page.run("return !!window.lure.menu").await? == true).then_some(()));
            until("the menu", MENU_WITHIN, seen).await.ok();
            Ok(())
        }
        "moment" => {
            let come =
                async || Ok((page.run("return window.lure.moment").await? == true).then_some(()));
            until("the moment", MENU_WITHIN, come).await
        }
        "wait" => {
            let pause = step.get(1).and_then(Value::as_u64).unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            Ok(())
        }
        "keys" => {
            let keys: Vec<Key> = (1..step.len())
                .map(|at| key(word(at)))
                .collect::<Result<_>>()?;
            user.press(&keys).await
        }
        "hold" => hold(user, step.get(2).and_then(Value::as_u64).unwrap_or(0)).await,
        other => bail!("`{other}` is no step"),
    }
}

fn key(name: &str) -> Result<Key> {
    Ok(match name {
        "Down" => Key::Down,
        "Enter" => Key::Enter,
        other => bail!("`{other}` is no key"),
    })
}

async fn point(page: &Practice<'_>, name: &str) -> Result<(f64, f64)> {
    let at = page
        .run(&format!("return window.lure.points[{}]()", json!(name)))
        .await?;
    Ok(serde_json::from_value(at)?)
}

async fn hover(user: &User, (x, y): (f64, f64)) -> Result<()> {
    let to = |x| PointerAction::MoveTo {
        duration: Some(Duration::from_millis(20)),
        x,
        y,
    };
    let actions = MouseActions::new("mouse".to_owned())
        .then(to(x))
        .then(to(x + 2.0));
    Ok(user.browser.client.perform_actions(actions).await?)
}

/// Holds Enter down while the keyboard repeats it.
async fn hold(user: &User, count: u64) -> Result<()> {
    if user.browser.kind() == Kind::Chromium {
        for at in 0..count {
            let params = json!({"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "autoRepeat": at > 0});
            user.browser.cdp("Input.dispatchKeyEvent", params).await?;
            tokio::time::sleep(REPEAT).await;
        }
        let params =
            json!({"type": "keyUp", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13});
        user.browser.cdp("Input.dispatchKeyEvent", params).await?;
        return Ok(());
    }
    let value = char::from(Key::Enter);
    let mut actions = KeyActions::new("keyboard".to_owned());
    for _ in 0..count {
        actions = actions
            .then(KeyAction::Down { value })
            .then(KeyAction::Pause { duration: REPEAT });
    }
    let actions = actions.then(KeyAction::Up { value });
    Ok(user.browser.client.perform_actions(actions).await?)
}

/// Whether a picture of the window shows the menu's pear where the menu is.
async fn is_in_picture(user: &User) -> Result<bool> {
    let client = &user.browser.client;
    let png = BASE64_STANDARD.encode(client.screenshot().await?);
    let script = "const [png, done] = arguments; window.lure.pears(png).then(done, () => done(0))";
    let pears = client.execute_async(script, vec![png.into()]).await?;
    Ok(pears.as_u64() > Some(PEAR_MIN))
}

/// Closes the popup that asks, if there is one. Firefox tells nobody of it.
async fn dismiss_popup(user: &User) -> Result<bool> {
    if user.browser.kind() == Kind::Firefox {
        return Ok(false);
    }
    let url = format!("{}/popup.html", user.browser.origin());
    let told = user.browser.cdp("Target.getTargets", json!({})).await?;
    let targets = told["targetInfos"].as_array().cloned().unwrap_or_default();
    let mut found = false;
    for popup in targets.iter().filter(|target| {
        target["url"]
            .as_str()
            .is_some_and(|it| it.starts_with(&url))
    }) {
        found = true;
        let params = json!({"targetId": popup["targetId"]});
        user.browser.cdp("Target.closeTarget", params).await.ok();
    }
    Ok(found)
}
