//! Looking for a word in what was written.

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use proto::{api::message::Standing, bridge::popup::SetStanding};

use super::{
    messages::Side,
    screens::{look, look_narrow},
};
use crate::{
    patience::{SOON, until},
    peers::Peers,
    stage::Stage,
};

/// Messages after the one that is looked for: more than a page shows of them.
const LATER: u8 = 27;

pub(super) async fn a_word_leads_to_where_it_was_said(stage: &Stage) -> Result<()> {
    let peers = Peers::start(stage.logs()).await?;
    let ada = Side::new(stage, &peers, 0, "ada").await?;
    let bob = Side::new(stage, &peers, 1, "bob").await?;
    let sought = "Grüße from the orchard: the pears are ripe";
    ada.write(&bob, 1, sought).await?;
    for number in 2..=LATER + 1 {
        ada.write(&bob, number, &format!("And then, number {number}"))
            .await?;
    }
    bob.until_says(&ada, &format!("And then, number {}", LATER + 1))
        .await?;
    let accepted = SetStanding {
        address: ada.address.clone(),
        standing: Standing::Accepted,
    };
    bob.user.ask(accepted).await?;

    let popup = bob.user.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("nav-messages").await?;
    popup.wait_for_screen("messages").await?;
    popup.enter("search-messages", "PEARS grusse").await?;
    popup.wait_for("found-message").await?;
    ensure!(popup.text("found-text").await? == sought, "another text");
    look(&bob.user, "messages-found").await?;
    look_narrow(&bob.user, "messages-found").await?;
    // By keyboard: it is the first line.
    bob.user.press(&[Key::Enter]).await?;
    popup.wait_for_screen("conversation").await?;
    popup.wait_for("newest").await?;
    let in_sight = "const at = [...document.querySelectorAll('[data-test=message]')]
            .find((it) => it.classList.contains('sought'))?.getBoundingClientRect();
        const thread = document.querySelector('[data-test=thread]').getBoundingClientRect();
        return Boolean(at) && at.bottom > thread.top && at.top < thread.bottom";
    let seen = bob.user.script(in_sight, Vec::new()).await?;
    ensure!(seen == true, "it is not in sight: {seen}");
    look(&bob.user, "messages-at").await?;
    let summary = bob.with(&ada).await?.summary;
    ensure!(summary.unread > 0, "what is further down counts as read");
    popup.click("newest").await?;
    popup.wait_until_gone("newest").await?;
    bob.until_says(&ada, sought)
        .await
        .context("nothing is lost")?;

    // Who answers what was found sees the answer, at the end.
    popup.click("back").await?;
    popup.wait_for_screen("messages").await?;
    popup.enter("search-messages", "PEARS grusse").await?;
    popup.wait_for("found-message").await?;
    bob.user.press(&[Key::Enter]).await?;
    popup.wait_for("newest").await?;
    popup.enter("message-input", "Then I come").await?;
    popup.click("send").await?;
    popup.wait_until_gone("newest").await?;
    until("the answer", SOON, async || {
        let said = "return [...document.querySelectorAll('[data-test=message-text]')]
            .some((it) => it.textContent.includes('Then I come'))";
        let said = bob.user.script(said, Vec::new()).await?;
        Ok((said == true).then_some(()))
    })
    .await?;

    popup.click("back").await?;
    popup.wait_for_screen("messages").await?;
    popup.enter("search-messages", "plums").await?;
    popup.wait_for("empty").await
}
