//! Pages that are refused, and what they can learn.

use anyhow::{Result, ensure};
use fantoccini::Locator;
use proto::{
    bridge::popup::{Fill, FillPreviewed, PreviewFill, SaveItem},
    error::ErrorCode,
    ids::ItemId,
    vault::{ItemDraft, ItemSecrets, SecretText},
};
use serde_json::{Value, json};

use crate::{
    pages::{bridge::refusal, user::User},
    patience::{SOON, until},
    site::PASSWORD,
    stage::{Stage, save_practice_login},
};

pub(super) async fn three_practice_pages_are_refused(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let item = save_practice_login(&ada, "https://orchard.test").await?.id;
    let site = &stage.site;

    // 1. A frame of another site.
    let frame = site.https("orchard.test", "/frame-foreign/");
    refuses(
        &ada,
        item,
        &frame,
        &[ErrorCode::ForeignFrame, ErrorCode::SiteMismatch],
    )
    .await?;
    // 2. A sandboxed frame.
    let sandbox = site.https("orchard.test", "/frame-sandbox/");
    refuses(&ada, item, &sandbox, &[ErrorCode::OpaqueFrame]).await?;
    // 3. An http page for an https item.
    refuses(
        &ada,
        item,
        &site.http("orchard.test", "/plain/"),
        &[ErrorCode::InsecurePage],
    )
    .await
}

pub(super) async fn other_frames_and_sites_are_refused(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let item = save_practice_login(&ada, "https://orchard.test").await?.id;
    let site = &stage.site;
    // The frame's site is right, the page around it is another's.
    let around = site.https("other.test", "/frame-foreign/");
    refuses(
        &ada,
        item,
        &around,
        &[ErrorCode::ForeignFrame, ErrorCode::SiteMismatch],
    )
    .await?;
    let srcdoc = site.https("orchard.test", "/frame-srcdoc/");
    refuses(&ada, item, &srcdoc, &[ErrorCode::OpaqueFrame]).await?;
    let other = site.https("other.test", "/plain/");
    refuses(&ada, item, &other, &[ErrorCode::SiteMismatch]).await
}

pub(super) async fn forms_that_are_no_logins_stay_empty(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let item = save_practice_login(&ada, "https://orchard.test").await?.id;
    for path in ["/", "/sign-up/", "/decoys/"] {
        let url = stage.site.https("orchard.test", path);
        refuses(&ada, item, &url, &[ErrorCode::NothingToFill]).await?;
    }
    Ok(())
}

pub(super) async fn pages_cannot_tell_that_the_extension_is_there(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    let page = ada
        .visit(&stage.site.https("orchard.test", "/plain/"))
        .await?;
    page.wait_for("#password").await?;
    let before = traces(&ada).await?;
    let script = "const [origin, done] = arguments;
        const files = ['popup.html', 'manifest.json', 'sw.js', 'content/page.js', 'content/watch.js', 'icons/pear-48.png', 'offscreen.html'];
        const tries = files.flatMap(file => [
            fetch(`${origin}/${file}`).then(() => file, () => null),
            new Promise(r => { const i = new Image(); i.onload = () => r(`image ${file}`); i.onerror = () => r(null); i.src = `${origin}/${file}`; }),
            new Promise(r => { const s = document.createElement('script'); s.onload = () => r(`script ${file}`); s.onerror = () => r(null); s.src = `${origin}/${file}`; document.head.append(s); }),
        ]);
        Promise.all(tries).then(found => done(found.filter(Boolean)));";
    let found = ada
        .browser
        .client
        .execute_async(script, vec![ada.browser.origin().into()])
        .await?;
    ensure!(found == json!([]), "a page could load {found}");

    // Nor does a fill leave anything but the values.
    super::fill::fill_by_popup(&ada).await?;
    ada.page()
        .await?
        .wait_for_value("#password", PASSWORD)
        .await?;
    let after = traces(&ada).await?;
    ensure!(
        before == after,
        "the page looks different: {before} became {after}"
    );
    Ok(())
}

pub(super) async fn a_card_goes_nowhere_but_where_it_was_shown(stage: &Stage) -> Result<()> {
    const NUMBER: &str = "4111111111111111";
    let ada = stage.user_with_account("ada").await?;
    let draft = ItemDraft {
        edits: None,
        title: "Orchard Bank".to_owned(),
        subtitle: "Ada Lovelace".to_owned(),
        urls: Vec::new(),
        secrets: ItemSecrets::Card {
            number: SecretText::new(NUMBER),
            expiry: SecretText::new("2031-08"),
            code: SecretText::new("123"),
            pin: SecretText::default(),
            notes: SecretText::default(),
        },
    };
    let item = ada.ask(SaveItem { draft }).await?.id;
    let shop = stage
        .site
        .https("orchard.test", "/patterns/checkout/card.html");
    refuses(&ada, item, &shop, &[ErrorCode::NoUserAct]).await?;

    // The page changes between the look and the word: it is shown anew.
    let popup = ada.open_popup().await?;
    popup.enter("search", "Orchard Bank").await?;
    popup.click("preview").await?;
    popup.wait_for("parts").await?;
    let label = "document.querySelector('label[for=number]').textContent = 'Number of a card'";
    ada.page().await?.run(label).await?;
    let popup = ada.popup().await?;
    popup.click("dialog-confirm").await?;
    until("the new preview", SOON, async || {
        let parts = popup.text("parts").await?;
        Ok(parts.contains("Number of a card").then_some(()))
    })
    .await?;
    ada.page().await?.expect_value("#number", "").await?;
    ada.popup().await?.click("dialog-confirm").await?;
    ada.page().await?.wait_for_value("#number", NUMBER).await?;

    // A preview is good once. The fill may still look whether its values stay.
    let id = until("a preview", SOON, async || {
        Ok(Some(ada.ask(PreviewFill { item }).await?.id))
    })
    .await?;
    ada.ask(FillPreviewed { id }).await?;
    let again = ada.ask(FillPreviewed { id }).await;
    let code = refusal(&again).map(|error| error.code);
    ensure!(code == Some(ErrorCode::PageGone), "{}", told(&again));
    Ok(())
}

/// What a page can see of itself: elements, attributes and globals.
async fn traces(user: &User) -> Result<Value> {
    let script = "const html = document.documentElement.cloneNode(true);
        for (const script of html.querySelectorAll('head > script')) script.remove();
        return [html.outerHTML, Object.getOwnPropertyNames(window).sort().join(' ')]";
    user.page().await?.run(script).await
}

/// Visits a page and asks for a fill: it is refused with one of `codes` and every field of every
/// frame stays without the password.
async fn refuses(user: &User, item: ItemId, url: &str, codes: &[ErrorCode]) -> Result<()> {
    user.visit(url).await?.wait_for("body").await?;
    let answer = user.ask(Fill { item }).await;
    let code = refusal(&answer).map(|error| error.code);
    ensure!(
        code.is_some_and(|code| codes.contains(&code)),
        "{url} was answered: {}",
        told(&answer)
    );
    user.page().await?;
    ensure!(
        !holds_password(user).await?,
        "{url} has the password in its top frame"
    );
    let client = &user.browser.client;
    if let Ok(frame) = client.find(Locator::Css("iframe")).await {
        frame.enter_frame().await?;
        ensure!(
            !holds_password(user).await?,
            "{url} has the password in its frame"
        );
    }
    Ok(())
}

fn told<T: std::fmt::Debug>(answer: &Result<T>) -> String {
    match answer {
        Ok(done) => format!("{done:?}"),
        Err(refused) => format!("{refused:#}"),
    }
}

async fn holds_password(user: &User) -> Result<bool> {
    let script = "return [...document.querySelectorAll('input, textarea')].some(e => e.value.includes(arguments[0]))";
    let held = user
        .browser
        .client
        .execute(script, vec![PASSWORD.into()])
        .await?;
    Ok(held == Value::Bool(true))
}
