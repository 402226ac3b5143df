//! What writing to somebody costs, as they have set it.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use proto::{
    bridge::popup::{MessageView, SentState, WithdrawMessage},
    ids::Difficulty,
};

use super::{
    messages::Side,
    screens::{look, look_narrow},
};
use crate::{
    patience::{SOON, WORK, until},
    peers::{LATER_DIFFICULTY, Peers},
    stage::Stage,
};

/// Work that nobody has done before the story goes on: half an hour and more.
const DEAR: u64 = 5_000_000_000;

/// Many times what is asked for otherwise: some seconds.
const RAISED: u64 = 400_000;

pub(super) async fn a_raised_difficulty_is_what_a_stranger_pays(stage: &Stage) -> Result<()> {
    let peers = Peers::start(stage.logs()).await?;
    let ada = Side::new(stage, &peers, 0, "ada").await?;
    let bob = Side::new(stage, &peers, 1, "bob").await?;

    let popup = bob.user.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.wait_for_screen("settings").await?;
    popup.click("prices").await?;
    popup.wait_for_screen("prices").await?;
    popup.wait_for("price-first").await?;
    look(&bob.user, "prices-unmeasured").await?;
    // What it costs is told in time once this computer was measured.
    popup.click("price-measure").await?;
    until("the measured rate", WORK, async || {
        let steps = popup.marks("price-first-step", "tries").await?;
        Ok((steps.len() > 1).then_some(()))
    })
    .await?;
    let text = bob
        .user
        .script("return document.body.innerText", Vec::new());
    let text = text.await?;
    ensure!(
        text.as_str()
            .is_some_and(|it| it.contains("s on this computer")),
        "no time is told: {text}"
    );
    look(&bob.user, "prices").await?;
    look_narrow(&bob.user, "prices").await?;
    popup.enter("price-first", "1").await?;
    popup.wait_for("error").await?;
    look(&bob.user, "prices-too-low").await?;
    popup.enter("price-first", &DEAR.to_string()).await?;
    bob.user.press(&[Key::Enter]).await?;
    popup.wait_for_toast("Saved").await?;

    // Her computer works for what he wants.
    let dear = ada.write(&bob, 1, "too dear").await?;
    let works_for = |message: &MessageView| match &message.sent {
        Some(SentState::Working {
            progress: Some(progress),
        }) => Some(progress.difficulty),
        _ => None,
    };
    let seen = ada.until(&bob, "the work", |it| works_for(it).is_some());
    let price = works_for(&seen.await?);
    ensure!(price == Some(Difficulty(DEAR)), "she works for {price:?}");
    let withdraw = WithdrawMessage {
        address: bob.address.clone(),
        id: dear,
    };
    ada.user.ask(withdraw).await?;

    // The least, by one press; what is written from then on pays that.
    popup.click("price-first-step").await?;
    popup.click("save-prices").await?;
    until("the least price", SOON, async || {
        let prices = bob.user.ask(proto::bridge::popup::GetPrices {}).await?;
        Ok((prices.first == Difficulty(LATER_DIFFICULTY)).then_some(()))
    })
    .await?;
    let cheap = ada.write(&bob, 2, "cheap").await?;
    ada.until_delivered(&bob, cheap).await?;
    bob.until_says(&ada, "cheap").await?;

    // Raised to what she can do, it is done and the message arrives; his server takes no less.
    popup.enter("price-first", &RAISED.to_string()).await?;
    bob.user.press(&[Key::Enter]).await?;
    until("the raised price", SOON, async || {
        let prices = bob.user.ask(proto::bridge::popup::GetPrices {}).await?;
        Ok((prices.first == Difficulty(RAISED)).then_some(()))
    })
    .await?;
    let paid = ada.write(&bob, 3, "paid for").await?;
    ada.until_delivered(&bob, paid).await?;
    bob.until_says(&ada, "paid for").await.map(drop)
}
