//! Domains of users' own, and the one-time codes that their administrators give out.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use proto::bridge::popup::{AppStatus, SyncNow};

use super::{
    recovery::confirmed_words,
    screens::{look, look_narrow},
};
use crate::{
    club::{CLUB, Club, OWN},
    pages::{
        popup::{Part, Popup},
        user::User,
    },
    patience::{SOON, WORK, until},
    stage::{MASTER, Stage, save_practice_login},
};

/// What the master password becomes.
const NEW: &str = "quiet orchard lantern bridge 61";

/// From the list of items to the domains.
async fn open_domains(popup: &Popup<'_>) -> Result<()> {
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.wait_for_screen("settings").await?;
    popup.click("domains").await?;
    popup.wait_for_screen("domains").await?;
    popup.wait_for("domain-file").await
}

/// The code in the dialog, which is closed then.
async fn given(popup: &Popup<'_>) -> Result<String> {
    // Nothing has a text before it is drawn.
    let code = until("the code", SOON, async || {
        let code = popup.text("given-code").await.unwrap_or_default();
        Ok((!code.is_empty()).then_some(code))
    })
    .await?;
    popup.click("dialog-cancel").await?;
    popup.wait_until_gone("given-code").await?;
    Ok(code)
}

/// From the screen of codes to the password, by keyboard.
async fn show_code(user: &User, popup: &Popup<'_>, url: &str, code: &str) -> Result<()> {
    popup.wait_for_screen("code").await?;
    popup.enter_server(url).await?;
    popup
        .enter("code-input", code.split_at(code.len() - 2).0)
        .await?;
    user.press(&[Key::Enter]).await?;
    popup.wait_for("error").await?;
    let fault = popup.text("error").await?;
    ensure!(fault.contains("2 more"), "{fault}");
    popup.enter("code-input", code).await?;
    user.press(&[Key::Enter]).await?;
    popup.wait_for("redeem").await
}

/// From the first screen to the password.
async fn come_with_code<'a>(
    user: &'a User,
    club: &Club,
    address: &str,
    code: &str,
) -> Result<Popup<'a>> {
    let popup = user.popup().await?;
    popup.wait_for_screen("welcome").await?;
    popup.click("have-code").await?;
    popup.wait_for_screen("code").await?;
    popup.enter("address-input", address).await?;
    show_code(user, &popup, &club.url, code).await?;
    Ok(popup)
}

async fn redeem(user: &User, popup: &Popup<'_>, password: &str) -> Result<()> {
    popup.set_new_password(password).await?;
    user.press(&[Key::Enter]).await
}

pub(super) async fn a_domain_is_claimed_and_somebody_invited(stage: &Stage) -> Result<()> {
    let club = Club::start(stage.logs(), "nobody@pear.test").await?;
    let ada = stage.user("ada").await?;
    let address = format!("ada@{OWN}");
    stage.give_address_at(&ada, &address, &club.url).await?;
    let popup = ada.open_popup().await?;
    open_domains(&popup).await?;
    let file = popup.text("domain-file").await?;
    ensure!(
        file == format!(r#"{{"apiDomain":"{OWN}","admin":"{address}"}}"#),
        "{file}"
    );
    popup.enter("domain-input", CLUB).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for("error").await?;
    let fault = popup.text("error").await?;
    ensure!(fault.contains("does not name this server"), "{fault}");
    look(&ada, "domains-unproven").await?;
    look_narrow(&ada, "domains-unproven").await?;
    // With a key that is somebody else's, then with hers: her vault signs the claim.
    popup.click("domain-key").await?;
    let keyed = until("the file with a key", SOON, async || {
        let file = popup.text("domain-file").await?;
        Ok(file.contains("domainPubKeyHash").then_some(file))
    })
    .await?;
    let (before, hash) = keyed.split_at(keyed.len() - 66);
    ensure!(
        before.ends_with(r#""domainPubKeyHash":""#) && hash.ends_with("\"}"),
        "{keyed}"
    );
    club.write_file(&format!("{before}{}\"}}", "0".repeat(64)));
    popup.click("claim-domain").await?;
    until("the key is refused", SOON, async || {
        let fault = popup.text("error").await.unwrap_or_default();
        Ok(fault.contains("none of yours").then_some(()))
    })
    .await?;
    look(&ada, "domains-key").await?;
    club.write_file(&keyed);
    popup.click("claim-domain").await?;
    popup.wait_for("domain").await?;
    look(&ada, "domains").await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_screen("domain").await?;
    popup.wait_for("no-users").await?;
    popup.enter("invite-name", "carol").await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for("given-code").await?;
    look(&ada, "domain-code").await?;
    let code = given(&popup).await?;

    let carol = stage.user("carol").await?;
    let theirs = carol.popup().await?;
    theirs.wait_for_screen("welcome").await?;
    theirs.click("create-account").await?;
    theirs.wait_for_screen("address").await?;
    theirs.enter_server(&club.url).await?;
    theirs
        .enter("address-input", &format!("carol@{CLUB}"))
        .await?;
    theirs.wait_for_state("availability", "closed").await?;
    look(&carol, "address-closed").await?;
    theirs.click("have-code").await?;
    show_code(&carol, &theirs, &club.url, &code).await?;
    look(&carol, "code-account").await?;
    redeem(&carol, &theirs, MASTER).await?;
    theirs.wait_for_screen_within("ready", WORK).await?;
    theirs.click("open-recovery").await?;
    theirs.wait_for_screen("recovery").await?;

    let popup = ada.popup().await?;
    popup.enter("user-filter", "ca").await?;
    popup.wait_for("user").await?;
    let users = popup.marks("user", "address").await?;
    ensure!(users == [format!("carol@{CLUB}")], "{users:?}");
    popup.click("registration").await?;
    until("open registration", SOON, async || {
        let told = popup.text("registration-state").await?;
        Ok(told.contains("Anybody may register").then_some(()))
    })
    .await?;
    look(&ada, "domain").await?;
    look_narrow(&ada, "domain").await
}

pub(super) async fn a_reset_leaves_the_vault_locked_until_the_old_password(
    stage: &Stage,
) -> Result<()> {
    let admin = format!("ada@{OWN}");
    let club = Club::start(stage.logs(), &admin).await?;
    // Nobody registers the administrator's name: its owner has a code of whoever runs the node.
    let ada = stage.user("ada").await?;
    let code = club.node.give_code("invite", &admin).await?;
    let popup = come_with_code(&ada, &club, &admin, &code).await?;
    redeem(&ada, &popup, MASTER).await?;
    popup.wait_for_screen_within("ready", WORK).await?;
    let bob = stage.user("bob").await?;
    let address = format!("bob@{OWN}");
    stage.give_address_at(&bob, &address, &club.url).await?;
    save_practice_login(&bob, &stage.site.https("orchard.test", "/")).await?;
    until("the node to have it", SOON, async || {
        let status = bob.ask(SyncNow {}).await?;
        Ok(matches!(status, AppStatus::Unlocked { pending: 0, .. }).then_some(()))
    })
    .await?;

    let popup = ada.open_popup().await?;
    open_domains(&popup).await?;
    popup.click("domain").await?;
    popup.wait_for_screen("domain").await?;
    popup.enter("user-filter", "bo").await?;
    until("bob alone", SOON, async || {
        let users = popup.marks("user", "address").await?;
        Ok((users == [address.as_str()]).then_some(()))
    })
    .await?;
    popup.click("reset-user").await?;
    popup.wait_for("dialog").await?;
    look(&ada, "domain-reset").await?;
    popup.click("dialog-confirm").await?;
    let code = given(&popup).await?;

    let afresh = stage.user("bob-afresh").await?;
    let popup = come_with_code(&afresh, &club, &address, &code).await?;
    popup.wait_for("reset-explained").await?;
    look(&afresh, "code-reset").await?;
    look_narrow(&afresh, "code-reset").await?;
    redeem(&afresh, &popup, NEW).await?;
    popup.wait_for_screen_within("keys", WORK).await?;
    popup.wait_for("key").await?;
    let locked = popup.marks("key", "locked").await?;
    ensure!(locked == ["false", "true"], "{locked:?} are locked");
    let told = popup.text("key-locked").await?;
    ensure!(told.contains("older key"), "{told}");
    look(&afresh, "keys-after-reset").await?;
    // Whoever does not know the older one any more is not left with a warning for ever.
    let popup = afresh.open_popup().await?;
    popup.wait_for("repair").await?;
    look(&afresh, "home-after-reset").await?;
    popup.click("repair").await?;
    popup.wait_for("dialog").await?;
    let asked = popup.text("dialog").await?;
    ensure!(asked.contains("without the key"), "{asked}");
    look(&afresh, "go-on-without-key").await?;
    popup.click("dialog-cancel").await?;
    popup.wait_until_gone("dialog").await?;
    popup.click("to-keys").await?;
    popup.wait_for_screen("keys").await?;
    popup.wait_for("key").await?;
    popup.click("open-keys").await?;
    popup.enter("dialog-password", NEW).await?;
    afresh.press(&[Key::Enter]).await?;
    popup.wait_for("dialog-other").await?;
    popup.enter("dialog-other", MASTER).await?;
    afresh.press(&[Key::Enter]).await?;
    popup.wait_until_gone("dialog").await?;
    let popup = afresh.open_popup().await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;

    // The code was good once.
    let third = stage.user("bob-again").await?;
    let popup = third.popup().await?;
    popup.wait_for_screen("welcome").await?;
    popup.click("have-code").await?;
    popup.wait_for_screen("code").await?;
    popup.enter("address-input", &address).await?;
    popup.enter_server(&club.url).await?;
    popup.enter("code-input", &code).await?;
    third.press(&[Key::Enter]).await?;
    popup.wait_for("code-log-in").await?;
    look(&third, "code-used").await?;
    popup.click("code-log-in").await?;
    popup.wait_for_screen("login").await
}

pub(super) async fn whoever_lost_the_old_password_goes_on_without_it(stage: &Stage) -> Result<()> {
    let club = Club::start(stage.logs(), "nobody@pear.test").await?;
    let bob = stage.user("bob").await?;
    let address = format!("bob@{OWN}");
    stage.give_address_at(&bob, &address, &club.url).await?;
    save_practice_login(&bob, &stage.site.https("orchard.test", "/")).await?;
    confirmed_words(&bob).await?;
    until("the node to have it", SOON, async || {
        let status = bob.ask(SyncNow {}).await?;
        Ok(matches!(status, AppStatus::Unlocked { pending: 0, .. }).then_some(()))
    })
    .await?;
    let code = club.node.give_code("reset", &address).await?;

    let afresh = stage.user("bob-afresh").await?;
    let popup = come_with_code(&afresh, &club, &address, &code).await?;
    redeem(&afresh, &popup, NEW).await?;
    popup.wait_for_screen_within("keys", WORK).await?;

    // The words of before open what is locked, and nothing else: new ones end them, and that is said before.
    let popup = afresh.open_popup().await?;
    popup.wait_for("not-recoverable").await?;
    until("what the words are good for", SOON, async || {
        let told = popup.text("not-recoverable").await.unwrap_or_default();
        Ok(told.contains("only what is locked").then_some(()))
    })
    .await?;
    popup.click("open-recovery").await?;
    popup.wait_for_screen("recovery").await?;
    popup.wait_for("words-set").await?;
    let locked = popup.marks("words-set", "locked").await?;
    ensure!(locked == ["true"], "{locked:?}");
    look(&afresh, "recovery-locked").await?;
    look_narrow(&afresh, "recovery-locked").await?;
    popup.click("back").await?;
    popup.wait_for_screen("home").await?;

    popup.click("repair").await?;
    popup.wait_for("dialog").await?;
    popup.click("dialog-confirm").await?;
    popup.wait_until_gone("sync-problem").await?;
    popup.click("open-recovery").await?;
    popup.wait_for("words-set").await?;
    popup.click("new-words").await?;
    let words = popup.recovery_words().await?;
    popup.click("words-written").await?;
    popup.confirm_words(&words, NEW).await?;
    popup.wait_for_screen_within("home", WORK).await?;
    popup.wait_until_gone("not-recoverable").await?;
    popup.wait_until_gone("sync-problem").await?;
    look(&afresh, "home-without-the-key").await
}
