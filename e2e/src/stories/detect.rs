//! Pages that try to tell whether Pearvault is installed.

use std::time::Duration;

use anyhow::{Result, ensure};
use proto::{bridge::popup::Lock, vault::UrlMatch};

use crate::{
    pages::{menu::wait_for_menu, practice::Practice, user::User},
    patience::{SOON, until},
    site::USERNAME,
    stage::{Stage, save_login, save_practice_login},
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

pub(super) async fn a_page_reads_no_text_of_the_menu(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    // Words that the page does not have by itself, and a character that hardly a font has.
    save_login(
        &ada,
        "Quince Post \u{a840}",
        "https://orchard.test",
        UrlMatch::Site,
    )
    .await?;
    let page = ada
        .visit(&stage.site.https("orchard.test", "/plain/"))
        .await?;
    page.wait_for("#password").await?;
    // Faces in the place of those that a system may have, loaded where that character is shown.
    page.run(
        "const names = ['system-ui', 'sans-serif', '-apple-system', 'Segoe UI', 'Roboto', 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', 'Arial'];
        const face = (name) => `@font-face { font-family: '${name}'; src: url(/none.woff2); unicode-range: U+A840 }`;
        document.head.append(Object.assign(document.createElement('style'), { textContent: names.map(face).join(' ') }))",
    )
    .await?;
    page.press_on("#username").await?;
    wait_for_menu(&page).await?;
    for text in ["Quince Post", USERNAME, "Arrow keys"] {
        ensure!(!finds(&page, text).await?, "a page found {text}");
    }
    let told = page
        .run(
            "document.execCommand('selectAll');
            const faces = [...document.fonts].filter((face) => face.status !== 'unloaded');
            return [String(getSelection()), ...faces.map((face) => face.family)].join('; ')",
        )
        .await?;
    wait_for_menu(&page).await?;
    let told = told.as_str().unwrap_or_default();
    ensure!(
        !told.contains("Quince") && !told.contains(';'),
        "a page was told {told}"
    );
    // What is its own it finds.
    ensure!(
        finds(&page, "Password").await?,
        "a page finds nothing at all"
    );
    Ok(())
}

/// Whether the browser finds a text for the page.
async fn finds(page: &Practice<'_>, text: &str) -> Result<bool> {
    let script = format!(
        "return window.find({}, false, false, true)",
        serde_json::json!(text)
    );
    Ok(page.run(&script).await? == true)
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
