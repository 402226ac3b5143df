//! The host speaks to the node through a proxy of the user's own, and past it not at all.

use anyhow::{Result, ensure};
use proto::bridge::popup::{AppStatus, GetHost, MoveIn, NodeState, SaveItem, Status};
use proto::vault::{SecretText, UrlMatch};
use tokio::net::TcpListener;

use super::{at_home, open_screen, pair};
use crate::{
    host::Home,
    pages::{popup::Popup, user::User},
    patience::{SOON, WORK, until},
    proxy::{Proxy, Way},
    socks::Socks,
    stage::{MASTER, Stage, login_draft},
    stories::screens::{look, look_narrow},
};

/// The proxy is chosen while it is down, comes, goes, and is left again.
pub(in super::super) async fn nothing_goes_past_a_proxy(stage: &Stage) -> Result<()> {
    let home = Home::new()?;
    home.register(stage.kind()).await?;
    // All that reaches the node is counted here.
    let door = Proxy::start(stage.server(), &[]).await?;
    let ada = at_home(stage, &home).await?;
    stage
        .give_address_at(&ada, "ada@localhost", &door.url())
        .await?;
    let popup = open_screen(&ada).await?;
    pair(&home, &popup).await?;
    goes(&popup, "direct").await?;

    popup.enter("host-proxy", "tor").await?;
    popup.click("host-proxy-set").await?;
    until("what is wrong with it", SOON, async || {
        let text = popup.text("error").await.unwrap_or_default();
        Ok(text.contains("127.0.0.1:9050").then_some(()))
    })
    .await?;
    let port = free_port().await?;
    popup
        .enter("host-proxy", &format!("127.0.0.1:{port}"))
        .await?;
    popup.click("host-proxy-set").await?;
    goes(&popup, "proxy").await?;
    popup.wait_for("host-proxy-silent").await?;
    look(&ada, "host-way").await?;
    look_narrow(&ada, "host-way-narrow").await?;

    // Without it the host reaches nobody: the account stays where it is.
    let password = || SecretText::new(MASTER);
    ada.ask(MoveIn {
        password: password(),
    })
    .await?;
    until("a move that failed", WORK, async || {
        let moving = ada.ask(GetHost {}).await?.moving;
        Ok(moving.and_then(|moving| moving.problem))
    })
    .await?;
    ensure!(!ada.ask(GetHost {}).await?.lives_there, "it was moved");

    let socks = Socks::start(port).await?;
    ada.ask(MoveIn {
        password: password(),
    })
    .await?;
    until("the account in the host", WORK, async || {
        Ok(ada.ask(GetHost {}).await?.lives_there.then_some(()))
    })
    .await?;
    ensure!(socks.carried() > 0, "nothing went through the proxy");
    stands(&ada, NodeState::Online, 0).await?;

    // It goes: nothing else is tried, also after a new start.
    drop(socks);
    save(&ada, "Quince").await?;
    stands(&ada, NodeState::Offline, 1).await?;
    let seen = requests(&door);
    save(&ada, "Medlar").await?;
    stands(&ada, NodeState::Offline, 2).await?;
    home.kill_agent()?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("unlock").await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;
    stands(&ada, NodeState::Offline, 2).await?;
    ensure!(requests(&door) == seen, "something went past the proxy");

    // What waits is not left behind by a move.
    let popup = open_screen(&ada).await?;
    popup.enter("move-password", MASTER).await?;
    popup.click("host-move-go").await?;
    popup.wait_for("error").await?;
    look(&ada, "host-unsent").await?;
    ensure!(ada.ask(GetHost {}).await?.lives_there, "it was moved back");

    popup.click("host-straight").await?;
    goes(&popup, "direct").await?;
    stands(&ada, NodeState::Online, 0).await?;
    ensure!(requests(&door) > seen, "nothing came");
    Ok(())
}

async fn goes(popup: &Popup<'_>, way: &str) -> Result<()> {
    until(&format!("the way `{way}`"), WORK, async || {
        Ok((popup.marks("host-way", "way").await? == [way]).then_some(()))
    })
    .await
}

async fn stands(user: &User, wanted: NodeState, waits: u32) -> Result<()> {
    until(
        &format!("{wanted:?} with {waits} writes"),
        WORK,
        async || {
            Ok(match user.ask(Status {}).await? {
                AppStatus::Unlocked { node, pending, .. } => {
                    (node == wanted && pending == waits).then_some(())
                }
                _ => None,
            })
        },
    )
    .await
}

async fn save(user: &User, title: &str) -> Result<()> {
    let draft = login_draft(title, "https://pear.test", UrlMatch::Site);
    user.ask(SaveItem { draft }).await?;
    Ok(())
}

fn requests(door: &Proxy) -> u32 {
    [Way::WebSocket, Way::Events, Way::Poll, Way::Other]
        .into_iter()
        .map(|way| door.seen(way))
        .sum()
}

/// One at which nobody listens now.
async fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    Ok(listener.local_addr()?.port())
}
