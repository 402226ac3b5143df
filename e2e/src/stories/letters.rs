//! Messages that are being written, in two pages of one browser.

use anyhow::{Result, ensure};
use fantoccini::{Locator, key::Key};
use proto::{
    bridge::popup::{ListLetters, SendMessage},
    ids::{MessageId, UnixMillis},
    vault::SecretText,
};

use crate::{
    pages::{popup::Popup, user::User},
    patience::{SOON, until},
    stage::Stage,
};

const BOB: &str = "bob@localhost";
const CAROL: &str = "carol@localhost";

pub(super) async fn two_pages_keep_what_is_written_in_each(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    for (number, address) in [(1, BOB), (2, CAROL)] {
        let message = SendMessage {
            id: MessageId::make(UnixMillis(number), [1; 10]),
            address: address.parse()?,
            text: SecretText::new("Good morning"),
        };
        ada.ask(message).await?;
    }
    // Both pages are there before anything is written: neither knows of the other's by itself.
    let page = ada.open_popup().await?;
    let first = ada.browser.client.window().await?;
    let second = ada.browser.new_window().await?;
    let url = format!("{}/popup.html?full", ada.browser.origin());
    ada.browser.client.goto(&url).await?;
    go_to(&ada, &page, CAROL).await?;
    ada.browser.client.switch_to_window(first.clone()).await?;
    go_to(&ada, &page, BOB).await?;
    page.enter("message-input", "For Bob").await?;
    wait_for_letters(&ada, &["bob@localhost For Bob"]).await?;

    // What one of them writes and sends to somebody takes nothing from the other's.
    ada.browser.client.switch_to_window(second.clone()).await?;
    page.enter("message-input", "For Carol").await?;
    wait_for_letters(
        &ada,
        &["bob@localhost For Bob", "carol@localhost For Carol"],
    )
    .await?;
    ada.browser.client.switch_to_window(second.clone()).await?;
    ada.press(&[Key::Enter]).await?;
    wait_for_field(&page, "").await?;
    wait_for_letters(&ada, &["bob@localhost For Bob"]).await?;

    // What one has written stands in the other, and goes from there once it is sent.
    ada.browser.client.switch_to_window(second.clone()).await?;
    page.click("back").await?;
    go_to(&ada, &page, BOB).await?;
    wait_for_field(&page, "For Bob").await?;
    ada.browser.client.switch_to_window(first).await?;
    page.click("send").await?;
    wait_for_field(&page, "").await?;
    wait_for_letters(&ada, &[]).await?;
    ada.browser.client.switch_to_window(second.clone()).await?;
    wait_for_field(&page, "").await?;
    page.click("back").await?;
    go_to(&ada, &page, CAROL).await?;
    page.enter("message-input", "More").await?;
    wait_for_letters(&ada, &["carol@localhost More"]).await?;
    ada.browser.client.switch_to_window(second).await?;
    ada.browser.client.close_window().await?;
    Ok(())
}

/// Goes to a conversation in the page in front.
async fn go_to(ada: &User, page: &Popup<'_>, to: &str) -> Result<()> {
    until("home or messages", SOON, async || {
        let screen = page.screen().await?;
        ensure!(["home", "messages"].contains(&screen.as_str()), "{screen}");
        Ok(Some(()))
    })
    .await?;
    if page.screen().await? == "home" {
        page.click("nav-messages").await?;
    }
    page.wait_for_screen("messages").await?;
    let conversation = format!("[data-test=conversation][data-address='{to}']");
    until(to, SOON, async || {
        let found = ada.browser.client.find(Locator::Css(&conversation)).await?;
        found.click().await?;
        Ok(Some(()))
    })
    .await?;
    page.wait_for_screen("conversation").await
}

async fn wait_for_field(page: &Popup<'_>, text: &str) -> Result<()> {
    until(&format!("“{text}” in the field"), SOON, async || {
        let now = page.value("message-input").await?;
        ensure!(now == text, "{now}");
        Ok(Some(()))
    })
    .await
}

/// Waits until these are all that are being written; the popup is in front then.
async fn wait_for_letters(ada: &User, expect: &[&str]) -> Result<()> {
    until(&format!("{expect:?}"), SOON, async || {
        let letters = ada.ask(ListLetters {}).await?.letters;
        let texts = letters.iter().filter(|it| !it.text.is_empty());
        // EXPOSE: a test looks at it.
        let texts = texts.map(|it| format!("{} {}", it.address, it.text.expose_secret()));
        let texts: Vec<String> = texts.collect();
        ensure!(texts == expect, "{texts:?}");
        Ok(Some(()))
    })
    .await
}
