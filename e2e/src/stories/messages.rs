//! Two people at two browsers, each with an address of another server.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use proto::{
    address::Address,
    bridge::popup::{
        Conversation, GetContact, GetConversation, MessageContent, MessageView, SendMessage,
        SentState,
    },
    ids::{MessageId, UnixMillis},
    vault::SecretText,
};

use super::{
    fill::fill_by_popup,
    screens::{look, look_narrow},
};
use crate::{
    pages::user::User,
    patience::{SOON, WORK, until},
    peers::{DOMAINS, Peers},
    site::{PASSWORD, USERNAME},
    stage::{Stage, save_practice_login},
};

/// Somebody with an address of one of the two servers.
pub(super) struct Side {
    pub(super) user: Arc<User>,
    pub(super) address: Address,
}

impl Side {
    pub(super) async fn new(
        stage: &Stage,
        peers: &Peers,
        which: usize,
        name: &str,
    ) -> Result<Self> {
        let user = stage.user(name).await?;
        Self::at(stage, peers, which, user).await
    }

    /// The same at a browser that was started already.
    pub(super) async fn at(
        stage: &Stage,
        peers: &Peers,
        which: usize,
        user: Arc<User>,
    ) -> Result<Self> {
        let name = user.name();
        let address = format!("{name}@{}", DOMAINS[which]);
        stage
            .give_address_at(&user, &address, &peers.both[which].url)
            .await?;
        Ok(Self {
            user,
            address: address.parse()?,
        })
    }

    pub(super) async fn write(&self, to: &Self, number: u8, text: &str) -> Result<MessageId> {
        let id = MessageId::make(UnixMillis(u64::from(number)), [number; 10]);
        let message = SendMessage {
            id,
            address: to.address.clone(),
            text: SecretText::new(text),
        };
        self.user.ask(message).await?;
        Ok(id)
    }

    pub(super) async fn with(&self, other: &Self) -> Result<Conversation> {
        let address = other.address.clone();
        let before = None;
        self.user.ask(GetConversation { address, before }).await
    }

    /// Waits for a message of a conversation.
    pub(super) async fn until(
        &self,
        other: &Self,
        what: &str,
        wanted: impl Fn(&MessageView) -> bool,
    ) -> Result<MessageView> {
        until(what, WORK, async || {
            let found = self.with(other).await?.messages;
            Ok(found.into_iter().find(&wanted))
        })
        .await
    }

    pub(super) async fn until_says(&self, other: &Self, text: &str) -> Result<MessageView> {
        self.until(other, text, |message| says(message, text)).await
    }

    pub(super) async fn until_delivered(&self, other: &Self, id: MessageId) -> Result<()> {
        let delivered = |message: &MessageView| {
            message.id == id && message.sent == Some(SentState::Delivered {})
        };
        self.until(other, "the delivery", delivered).await.map(drop)
    }
}

fn is_secret(message: &MessageView) -> bool {
    matches!(message.content, MessageContent::Secret { .. })
}

pub(super) fn says(message: &MessageView, wanted: &str) -> bool {
    let is_it = |text: &SecretText| {
        // EXPOSE: a test looks at it.
        text.expose_secret() == wanted
    };
    matches!(&message.content, MessageContent::Text { text } if is_it(text))
}

pub(super) async fn two_people_on_two_servers_write_and_share_a_login(stage: &Stage) -> Result<()> {
    let peers = Peers::start(stage.logs()).await?;
    let ada = Side::new(stage, &peers, 0, "ada").await?;
    let bob = Side::new(stage, &peers, 1, "bob").await?;
    let site = stage.site.https("orchard.test", "/plain/");
    save_practice_login(&bob.user, &site).await?;

    let question = "Do you have the login of the orchard?";
    write_to_somebody_new(&ada, &bob, question).await?;
    let_in(&bob, question).await?;
    share_from_its_screen(&bob, &ada).await?;
    save_and_sign_in(&ada, &bob, &site).await?;

    // Both see the same number.
    let of = async |side: &Side, other: &Side| -> Result<String> {
        let address = other.address.clone();
        let contact = side.user.ask(GetContact { address }).await?;
        Ok(contact.key.context("no key")?.safety_number)
    };
    let (one, other) = (of(&ada, &bob).await?, of(&bob, &ada).await?);
    ensure!(one == other && one.len() == 71, "{one} and {other}");
    Ok(())
}

/// By keyboard.
async fn write_to_somebody_new(ada: &Side, bob: &Side, question: &str) -> Result<()> {
    let popup = ada.user.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("nav-messages").await?;
    popup.wait_for_screen("messages").await?;
    look(&ada.user, "messages-empty").await?;
    popup.click("new-message").await?;
    popup.wait_for_screen("new-message").await?;
    popup.enter("address-input", "nobody@plum.test").await?;
    ada.user.press(&[Key::Enter]).await?;
    until("that there is nobody", SOON, async || {
        let text = ada
            .user
            .script("return document.body.innerText", Vec::new());
        let text = text.await?;
        Ok(text
            .as_str()
            .unwrap_or_default()
            .contains("nobody called")
            .then_some(()))
    })
    .await?;
    look(&ada.user, "messages-nobody").await?;
    popup.enter("address-input", bob.address.as_str()).await?;
    ada.user.press(&[Key::Enter]).await?;
    popup.wait_for_screen("conversation").await?;
    popup.enter("message-input", question).await?;
    ada.user.press(&[Key::Enter]).await?;
    popup.wait_for("message-state").await?;
    look(&ada.user, "messages-working").await?;
    // It goes on without the popup.
    ada.user.close_popup().await
}

/// He sees a request.
async fn let_in(bob: &Side, question: &str) -> Result<()> {
    let popup = bob.user.open_popup().await?;
    popup.wait_for_screen("home").await?;
    until("the badge", WORK, async || {
        Ok(popup.shows("unread-badge").await?.then_some(()))
    })
    .await?;
    look(&bob.user, "messages-home-badge").await?;
    popup.click("nav-messages").await?;
    popup.wait_for("requests").await?;
    look(&bob.user, "messages-requests").await?;
    popup.click("requests").await?;
    popup.click("conversation").await?;
    popup.wait_for_screen("conversation").await?;
    ensure!(
        popup.text("message-text").await? == question,
        "another text"
    );
    look(&bob.user, "messages-request").await?;
    ensure!(
        !popup.shows("message-input").await?,
        "he can answer a request"
    );
    popup.click("accept-request").await?;
    popup.wait_for("message-input").await
}

async fn share_from_its_screen(bob: &Side, ada: &Side) -> Result<()> {
    bob.user.close_popup().await?;
    let popup = bob.user.open_popup().await?;
    popup.open_item("Orchard Mail").await?;
    popup.click("share").await?;
    popup.wait_for_screen("share").await?;
    look(&bob.user, "messages-share").await?;
    popup.enter("address-input", ada.address.as_str()).await?;
    popup.click("continue").await?;
    popup.wait_for("dialog-confirm").await?;
    look(&bob.user, "messages-share-asked").await?;
    popup.click("dialog-confirm").await?;
    popup.wait_for_screen("conversation").await?;
    let shared = bob.until(ada, "the login", is_secret).await?;
    bob.until_delivered(ada, shared.id).await?;
    look(&bob.user, "messages-shared").await
}

async fn save_and_sign_in(ada: &Side, bob: &Side, site: &str) -> Result<()> {
    let popup = ada.user.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("nav-messages").await?;
    popup.wait_for_screen("messages").await?;
    ada.until(bob, "the login", is_secret).await?;
    look(&ada.user, "messages-list").await?;
    look_narrow(&ada.user, "messages-list").await?;
    popup.click("conversation").await?;
    popup.wait_for_screen("conversation").await?;
    popup.wait_for("save-message").await?;
    look(&ada.user, "messages-came").await?;
    look_narrow(&ada.user, "messages-came").await?;
    popup.click("save-message").await?;
    popup.wait_for("open-saved").await?;
    look(&ada.user, "messages-saved").await?;
    ada.user.close_popup().await?;
    ada.user.visit(site).await?.wait_for("#password").await?;
    fill_by_popup(&ada.user).await?;
    let page = ada.user.page().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await?;

    Ok(())
}

pub(super) async fn a_message_waits_for_a_server_that_is_away(stage: &Stage) -> Result<()> {
    let peers = Peers::start(stage.logs()).await?;
    let ada = Side::new(stage, &peers, 0, "ada").await?;
    let bob = Side::new(stage, &peers, 1, "bob").await?;
    peers.both[1].cut_off();
    let id = ada.write(&bob, 1, "late").await?;
    ada.user.close_popup().await?;
    let waits = |message: &MessageView| {
        matches!(&message.sent, Some(SentState::Waiting { reason: Some(_) }))
    };
    ada.until(&bob, "the reason", waits).await?;
    peers.both[1].bring_back().await;
    ada.until_delivered(&bob, id).await?;
    bob.until_says(&ada, "late").await?;
    Ok(())
}
