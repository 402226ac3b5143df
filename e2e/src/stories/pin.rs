//! The PIN: until the browser ends, five tries, then the password.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use proto::{
    bridge::popup::{AppStatus, Lock, PinState, SetPin, Status, UnlockWithPin},
    error::ErrorCode,
    vault::SecretText,
};

use super::import::look;
use crate::{
    pages::{
        bridge::refusal,
        popup::{Part, Popup},
        user::User,
    },
    patience::{SOON, until},
    stage::{MASTER, Stage, save_practice_login},
};

const PIN: &str = "7305";
const WRONG: &str = "7306";

pub(super) async fn a_pin_opens_the_vault_after_four_wrong_ones(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.wait_for_screen("settings").await?;
    ensure!(popup.text("pin-state").await? == "Off", "not told");
    popup.click("open-pin").await?;
    popup.wait_for_screen("pin").await?;

    // From here on with the keyboard alone.
    popup.wait_for_focus("pin-input").await?;
    look(&ada, "pin").await?;
    ada.type_text("1234").await?;
    ada.press(&[Key::Enter]).await?;
    wait_for_error(&popup, "Too easy to guess").await?;
    popup.wait_for_focus("pin-input").await?;
    look(&ada, "pin-guessable").await?;
    ada.press_with(Key::Control, 'a').await?;
    ada.type_text(PIN).await?;
    // Over the eye, into the second field.
    ada.press(&[Key::Tab, Key::Tab]).await?;
    popup.wait_for_focus("pin-again").await?;
    ada.type_text(PIN).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_screen("settings").await?;
    until("the PIN in the settings", SOON, async || {
        let told = popup.text("pin-state").await?;
        ensure!(told == "On until the browser is closed", "it says {told:?}");
        Ok(Some(()))
    })
    .await?;
    look(&ada, "pin-settings").await?;

    popup.click("lock").await?;
    popup.wait_for_screen("unlock").await?;
    popup.wait_for_focus("pin-input").await?;
    look(&ada, "pin-unlock").await?;
    for told in ["4 tries left", "3 tries left", "2 tries left", "One try"] {
        wrong(&ada, &popup, told).await?;
    }
    look(&ada, "pin-wrong").await?;
    // What was told stays told, to whoever opens the popup next.
    let popup = ada.open_popup().await?;
    popup.wait_for_focus("pin-input").await?;
    ensure!(
        tries_left(&ada).await? == Some(1),
        "another number of tries"
    );
    ada.type_text(PIN).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_screen("home").await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;
    ensure!(tries_left(&ada).await? == Some(5), "success resets nothing");

    // The password opens it as ever.
    popup.click("lock").await?;
    popup.wait_for_focus("pin-input").await?;
    popup.click("use-password").await?;
    popup.wait_for_focus("unlock-input").await?;
    popup.click("use-pin").await?;
    popup.wait_for_focus("pin-input").await?;
    popup.click("use-password").await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await
}

pub(super) async fn five_wrong_pins_ask_for_the_password(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let popup = locked_with_pin(&ada).await?;
    for told in ["4 tries left", "3 tries left", "2 tries left", "One try"] {
        wrong(&ada, &popup, told).await?;
    }
    ada.type_text(WRONG).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_focus("unlock-input").await?;
    let told = popup.text("pin-ended").await?;
    ensure!(told.contains("Five wrong PINs"), "it says {told:?}");
    look(&ada, "pin-gone").await?;
    let code = SecretText::new(PIN);
    let answer = ada.ask(UnlockWithPin { pin: code }).await;
    let code = refusal(&answer).map(|error| error.code);
    ensure!(
        code == Some(ErrorCode::PinGone),
        "the right PIN is answered by {code:?}"
    );

    // It is still told where the popup is opened later, and the PIN can be set anew.
    let popup = ada.open_popup().await?;
    popup.wait_for("pin-ended").await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;
    popup.wait_for("pin-ended").await?;
    look(&ada, "pin-banner").await?;
    popup.click("open-pin").await?;
    popup.wait_for_screen("pin").await?;
    popup.enter("pin-input", PIN).await?;
    popup.enter("pin-again", PIN).await?;
    popup.click("set-pin").await?;
    popup.wait_for_screen("home").await?;
    popup.wait_until_gone("pin-ended").await?;
    popup.click("lock").await?;
    popup.wait_for_focus("pin-input").await?;
    ada.type_text(PIN).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_screen("home").await
}

pub(super) async fn a_killed_worker_forgets_no_wrong_pin(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let popup = locked_with_pin(&ada).await?;
    for (left, told) in [
        (4, "4 tries left"),
        (3, "3 tries left"),
        (2, "2 tries left"),
        (1, "One try"),
    ] {
        wrong(&ada, &popup, told).await?;
        ada.browser.kill_worker().await?;
        until("the number of tries", SOON, async || {
            let now = tries_left(&ada).await?;
            ensure!(now == Some(left), "{now:?} are left");
            Ok(Some(()))
        })
        .await?;
    }
    popup.enter("pin-input", WRONG).await?;
    ada.browser.kill_worker().await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for("pin-ended").await?;
    ada.browser.kill_worker().await?;
    popup.wait_for("pin-ended").await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await
}

pub(super) async fn a_pin_ends_with_the_browser(stage: &Stage) -> Result<()> {
    let profile = tempfile::Builder::new()
        .prefix("pearvault-profile-")
        .tempdir()?;
    let ada = stage.user_with_profile("ada", Some(profile.path())).await?;
    stage.give_account(&ada).await?;
    locked_with_pin(&ada).await?;
    stage.leave(ada).await;

    let again = stage
        .user_with_profile("ada-again", Some(profile.path()))
        .await?;
    let popup = again.popup().await?;
    popup.wait_for_focus("unlock-input").await?;
    ensure!(!popup.shows("pin-input").await?, "a PIN is asked for");
    look(&again, "pin-after-restart").await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;
    popup.wait_for("pin-ended").await?;
    popup.click("remove-pin").await?;
    popup.wait_until_gone("pin-ended").await?;
    popup.click("settings").await?;
    popup.wait_for_screen("settings").await?;
    ensure!(popup.text("pin-state").await? == "Off", "it is not off");
    Ok(())
}

/// Sets a PIN past the screens, and locks.
async fn locked_with_pin(user: &User) -> Result<Popup<'_>> {
    let pin = SecretText::new(PIN);
    user.ask(SetPin { pin }).await?;
    user.ask(Lock {}).await?;
    let popup = user.open_popup().await?;
    popup.wait_for_screen("unlock").await?;
    popup.wait_for_focus("pin-input").await?;
    Ok(popup)
}

/// Tries a wrong PIN with the keyboard; `told`: what the popup says of it.
async fn wrong(user: &User, popup: &Popup<'_>, told: &str) -> Result<()> {
    user.type_text(WRONG).await?;
    user.press(&[Key::Enter]).await?;
    wait_for_error(popup, told).await?;
    popup.wait_for_focus("pin-input").await?;
    ensure!(popup.value("pin-input").await?.is_empty(), "it stays");
    ensure!(popup.screen().await? == "unlock", "the vault opened");
    Ok(())
}

async fn wait_for_error(popup: &Popup<'_>, told: &str) -> Result<()> {
    until("what is wrong", SOON, async || {
        let error = popup.text("error").await?;
        ensure!(error.contains(told), "it says {error:?}");
        Ok(Some(()))
    })
    .await
}

/// Wrong PINs until the password is needed; `None` where there is no PIN.
async fn tries_left(user: &User) -> Result<Option<u32>> {
    Ok(match user.ask(Status {}).await? {
        AppStatus::Locked {
            pin: PinState::Set { tries_left },
            ..
        }
        | AppStatus::Unlocked {
            pin: PinState::Set { tries_left },
            ..
        } => Some(tries_left),
        _ => None,
    })
}
