//! Pages that try to tell whether Pearvault is installed.

use std::time::Duration;

use anyhow::{Result, ensure};
use proto::bridge::popup::Lock;

use crate::{
    pages::user::User,
    patience::{SOON, until},
    stage::{Stage, save_practice_login},
};

/// Longer than it takes until every script has looked at a page.
const LOOKED: Duration = Duration::from_millis(1500);
/// Ways that `e2e/sites/detector` tries, at least.
const WAYS_MIN: u64 = 20;

pub(super) async fn a_page_finds_nothing_before_its_user_acts(stage: &Stage) -> Result<()> {
    let ada = stage.user("ada").await?;
    finds_nothing(stage, &ada, "without an account").await?;
    stage.give_account(&ada).await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    finds_nothing(stage, &ada, "unlocked").await?;
    ada.ask(Lock {}).await?;
    finds_nothing(stage, &ada, "locked").await
}

async fn finds_nothing(stage: &Stage, user: &User, state: &str) -> Result<()> {
    let page = user
        .visit(&stage.site.https("orchard.test", "/detector/"))
        .await?;
    until("the detector", SOON, async || {
        let count = page.run("return window.detector?.ways.length").await?;
        Ok((count.as_u64() >= Some(WAYS_MIN)).then_some(()))
    })
    .await?;
    tokio::time::sleep(LOOKED).await;
    let script = "const [origin, done] = arguments;
        window.detector.run(origin).then((found) => done(found.join('; ')), (error) => done(`failed: ${error}`))";
    let found = user
        .browser
        .client
        .execute_async(script, vec![user.browser.origin().into()])
        .await?;
    ensure!(found == "", "{state}: a page found {found}");
    Ok(())
}
