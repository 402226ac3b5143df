//! Pages that bend, lie, are huge or never at rest: nothing hangs, and nothing goes where it should not.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use proto::bridge::popup::{Fill, Status};
use serde::Deserialize;
use serde_json::json;

use crate::{
    pages::user::User,
    patience::{SOON, until},
    site::{PASSWORD, USERNAME},
    stage::{Stage, save_practice_login},
};

/// What a fill and the look at a page may take, on a page of any size.
const ANSWERED: Duration = Duration::from_secs(40);

/// What a page expects of a fill.
#[derive(Debug, Deserialize)]
struct Expects {
    /// The field that gets nothing.
    refused: String,
    /// Whether a fill may be refused.
    either: bool,
}

pub(super) async fn hostile_pages_neither_hang_nor_mislead(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let item = save_practice_login(&ada, "https://orchard.test").await?.id;
    let only = std::env::var("PEARVAULT_HOSTILE").unwrap_or_default();
    let url = stage.site.https("orchard.test", "/hostile/");
    let page = ada.visit(&url).await?;
    let names = page.run("return Object.keys(window.hostile.pages)").await?;
    let names: Vec<String> = serde_json::from_value(names)?;
    let mut wrong = Vec::new();
    for name in names.iter().filter(|name| name.contains(&only)) {
        let address = format!("{url}?page={name}");
        let playing = play(&ada, &address, Fill { item });
        match tokio::time::timeout(ANSWERED, playing).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => wrong.push(format!("{name}: {error:#}")),
            Err(_) => wrong.push(format!("{name}: not over after {ANSWERED:?}")),
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("; "));
    Ok(())
}

async fn play(user: &User, url: &str, fill: Fill) -> Result<()> {
    let page = user.visit(url).await?;
    until("the page", SOON, async || {
        let ready = page.run("return window.hostile?.ready").await?;
        Ok((ready == true).then_some(()))
    })
    .await?;
    let expects: Expects =
        serde_json::from_value(page.run("return window.hostile.expects()").await?)?;
    let answer = user.ask(fill).await;
    // Whatever the page did, the background goes on.
    user.ask(Status {}).await.context("the background")?;
    let page = user.page().await?;
    let strays = page.run("return window.hostile.strays()").await?;
    ensure!(strays == json!([]), "values went to {strays}");
    let values: [String; 2] =
        serde_json::from_value(page.run("return window.hostile.values()").await?)?;
    if expects.either {
        ensure!(
            values
                .iter()
                .zip([USERNAME, PASSWORD])
                .all(|(value, right)| value.is_empty() || value == right),
            "the fields hold {values:?}"
        );
        return Ok(());
    }
    let wanted = [("username", USERNAME), ("password", PASSWORD)]
        .map(|(name, value)| if expects.refused == name { "" } else { value });
    ensure!(
        values == wanted,
        "the fields hold {values:?}; the fill: {}",
        answer.map_or_else(|error| error.to_string(), |_| "done".to_owned())
    );
    Ok(())
}
