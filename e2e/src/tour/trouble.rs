//! What does not go well: nothing found, a server that is away, a form that is not to be filled.

use anyhow::Result;
use proto::bridge::popup::{AppStatus, NodeState, SyncNow};

use super::steps::{self, Steps};
use crate::{
    clock::Stopwatch,
    node::Node,
    pages::{
        popup::{Part, Popup},
        user::User,
    },
    patience::{WORK, until},
    site::Site,
};

pub(super) async fn play(steps: &Steps, user: &User, site: &Site, node: &mut Node) -> Result<()> {
    let popup = user.popup().await?;
    find_nothing(steps, user, &popup).await?;
    lose_the_node(steps, user, node).await?;
    refuse_to_fill(steps, user, site).await
}

async fn find_nothing(steps: &Steps, user: &User, popup: &Popup<'_>) -> Result<()> {
    let time = Stopwatch::start();
    popup.enter("search", "quince").await?;
    popup.wait_for("empty-clear").await?;
    steps.shoot(user, "nothing-found", time).await?;
    popup.click("empty-clear").await?;
    popup.wait_until_gone("empty-clear").await
}

async fn lose_the_node(steps: &Steps, user: &User, node: &mut Node) -> Result<()> {
    let time = Stopwatch::start();
    node.stop().await?;
    user.ask(SyncNow {}).await.ok();
    let popup = user.open_popup().await?;
    popup.wait_for("offline").await?;
    steps.shoot(user, "node-away", time).await?;

    let time = Stopwatch::start();
    node.start_again().await?;
    until("the node to be heard of again", WORK, async || {
        let status = user.ask(SyncNow {}).await?;
        let online = matches!(
            status,
            AppStatus::Unlocked {
                pending: 0,
                node: NodeState::Online,
                ..
            }
        );
        Ok(online.then_some(()))
    })
    .await?;
    popup.wait_until_gone("offline").await?;
    steps::say("the node is back, and the popup has noticed", time);
    Ok(())
}

/// The only form of the page is in a frame of another site.
async fn refuse_to_fill(steps: &Steps, user: &User, site: &Site) -> Result<()> {
    let time = Stopwatch::start();
    let url = site.https("orchard.test", "/frame-foreign/");
    user.visit(&url).await?.wait_for("iframe#login").await?;
    let popup = user.open_popup().await?;
    popup.wait_for_rows(Part::Site, &["Orchard Mail"]).await?;
    popup.fill("Orchard Mail").await?;
    popup.wait_for("toast").await?;
    steps.shoot(user, "refused", time).await?;
    let page = user.page().await?;
    page.enter_frame().await?;
    page.expect_value("#password", "").await?;
    user.page().await.map(drop)
}
