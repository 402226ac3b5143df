//! One account on several devices.

use std::time::Duration;

use anyhow::{Result, bail};
use proto::bridge::popup::{AppStatus, Status};
use tokio::time::sleep;

use crate::{
    pages::{popup::Part, user::User},
    patience::{SOON, until},
    stage::{MASTER, Stage, save_practice_login},
};

/// Between two looks at a device that must not be woken by them.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Nothing of ours is open on the device at home, so that it asks for nothing by itself.
pub(super) async fn a_change_comes_to_the_other_device_by_itself(stage: &Stage) -> Result<()> {
    let home = stage.user_with_account("home").await?;
    save_practice_login(&home, &stage.site.https("orchard.test", "/")).await?;
    wait_until_sent(&home).await?;
    home.close_popup().await?;

    let work = stage.user("work").await?;
    let popup = work.popup().await?;
    popup
        .log_in("home@localhost", stage.server(), MASTER)
        .await?;
    popup.wait_for_rows(Part::All, &["Orchard Mail"]).await?;
    popup.open_item("Orchard Mail").await?;
    popup.click("edit").await?;
    popup.wait_for_screen("editor").await?;
    popup.enter("title", "Orchard Mail at work").await?;
    popup.click("save").await?;
    wait_until_sent(&work).await?;

    for _ in 0..10 {
        sleep(BETWEEN_LOOKS).await;
        // Without the node the device at home can show only what has come already.
        stage.node.lock().await.stop().await?;
        let popup = home.open_popup().await?;
        popup.wait_for_screen("home").await?;
        let rows = until("the list", SOON, async || {
            let rows = popup.rows(Part::All).await?;
            Ok((!rows.is_empty()).then_some(rows))
        })
        .await?;
        home.close_popup().await?;
        stage.node.lock().await.start_again().await?;
        if rows == ["Orchard Mail at work"] {
            return Ok(());
        }
    }
    bail!("the change did not come by itself")
}

async fn wait_until_sent(user: &User) -> Result<()> {
    until("the node to have it", SOON, async || {
        let sent = matches!(
            user.ask(Status {}).await?,
            AppStatus::Unlocked { pending: 0, .. }
        );
        Ok(sent.then_some(()))
    })
    .await
}
