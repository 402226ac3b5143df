//! Somebody else: let in by a code, written to, and given a login.

use anyhow::Result;
use fantoccini::key::Key;

use super::steps::Steps;
use crate::{
    browser::{Browser, Setup},
    clock::Stopwatch,
    node::Node,
    pages::user::User,
    patience::{WORK, until},
    stage::MASTER,
};

const BOB: &str = "bob@localhost";
const QUESTION: &str = "Are the pears ripe? Bring a basket.";
const ANSWER: &str = "They are. What is the login of the orchard?";

/// `setup`: of the browser that plays already.
pub(super) async fn play(steps: &Steps, ada: &User, node: &Node, setup: &Setup) -> Result<()> {
    let setup = Setup {
        name: "bob".to_owned(),
        ..setup.clone()
    };
    let bob = User::sit_down("bob", Browser::start(&setup).await?).await?;
    let met = meet(steps, ada, &bob, node).await;
    if met.is_err() {
        bob.leave_evidence(steps.folder()).await;
    }
    bob.browser.close().await;
    met
}

async fn meet(steps: &Steps, ada: &User, bob: &User, node: &Node) -> Result<()> {
    come_by_code(steps, bob, node).await?;
    write(steps, ada).await?;
    let_in(steps, bob).await?;
    share(steps, ada).await?;
    save(steps, bob).await
}

/// The operator's code makes an address without work.
async fn come_by_code(steps: &Steps, bob: &User, node: &Node) -> Result<()> {
    let time = Stopwatch::start();
    let code = node.give_code("invite", BOB).await?;
    let popup = bob.popup().await?;
    popup.wait_for_screen("welcome").await?;
    popup.click("have-code").await?;
    popup.wait_for_screen("code").await?;
    popup.enter_server(&node.url()).await?;
    popup.enter("address-input", BOB).await?;
    popup.enter("code-input", &code).await?;
    bob.press(&[Key::Enter]).await?;
    popup.wait_for("redeem").await?;
    popup.set_new_password(MASTER).await?;
    steps.shoot(bob, "invited", time).await?;
    bob.press(&[Key::Enter]).await?;
    popup.wait_for_screen_within("ready", WORK).await?;
    popup.click("go-home").await?;
    popup.wait_for_screen("home").await
}

async fn write(steps: &Steps, ada: &User) -> Result<()> {
    let time = Stopwatch::start();
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("nav-messages").await?;
    popup.wait_for_screen("messages").await?;
    popup.click("new-message").await?;
    popup.wait_for_screen("new-message").await?;
    popup.enter("address-input", BOB).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_screen("conversation").await?;
    popup.enter("message-input", QUESTION).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for("message-state").await?;
    steps.shoot(ada, "message-working", time).await
}

/// He sees a request, lets her in and answers.
async fn let_in(steps: &Steps, bob: &User) -> Result<()> {
    let time = Stopwatch::start();
    let popup = bob.open_popup().await?;
    popup.wait_for_screen("home").await?;
    until("the badge", WORK, async || {
        Ok(popup.shows("unread-badge").await?.then_some(()))
    })
    .await?;
    popup.click("nav-messages").await?;
    popup.wait_for("requests").await?;
    popup.click("requests").await?;
    popup.click("conversation").await?;
    popup.wait_for_screen("conversation").await?;
    steps.shoot(bob, "message-request", time).await?;
    popup.click("accept-request").await?;
    popup.wait_for("message-input").await?;
    popup.enter("message-input", ANSWER).await?;
    bob.press(&[Key::Enter]).await
}

async fn share(steps: &Steps, ada: &User) -> Result<()> {
    let time = Stopwatch::start();
    until("the answer", WORK, async || {
        let said = ada
            .script("return document.body.innerText", Vec::new())
            .await?;
        let is_here = said.as_str().is_some_and(|said| said.contains(ANSWER));
        Ok(is_here.then_some(()))
    })
    .await?;
    let popup = ada.open_popup().await?;
    popup.open_item("Orchard Mail").await?;
    popup.click("share").await?;
    popup.wait_for_screen("share").await?;
    popup.enter("address-input", BOB).await?;
    popup.click("continue").await?;
    popup.wait_for("dialog-confirm").await?;
    steps.shoot(ada, "share", time).await?;
    popup.click("dialog-confirm").await?;
    popup.wait_for_screen("conversation").await
}

async fn save(steps: &Steps, bob: &User) -> Result<()> {
    let time = Stopwatch::start();
    let popup = bob.popup().await?;
    until("the login", WORK, async || {
        Ok(popup.shows("save-message").await?.then_some(()))
    })
    .await?;
    popup.click("save-message").await?;
    popup.wait_for("open-saved").await?;
    steps.shoot(bob, "login-from-a-message", time).await
}
