//! Moving in from another program, through the real screen.

use std::{fmt::Write as _, fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use proto::{bridge::popup::Reveal, vault::SecretField};
use serde_json::Value;

use crate::{
    browser::Scheme,
    pages::{popup::Popup, user::User},
    patience::{SOON, until},
    place,
    stage::{Stage, find},
};

const CSV: &str = "name,url,username,password,note\r\n\
    orchard.test,https://orchard.test/login,ada,first,\r\n\
    market.test,https://market.test/,ada,second,of the fair\r\n\
    market.test,https://market.test/,ada,second,of the fair\r\n";

const BITWARDEN: &str = r#"{"encrypted":false,"folders":[],"items":[
  {"type":1,"name":"Orchard","login":{"username":"ada","password":"first","uris":[{"uri":"https://orchard.test/login"}]}},
  {"type":1,"name":"Market","login":{"username":"ada","password":"changed","uris":[{"uri":"https://market.test/"}],"fido2Credentials":[{"credentialId":"x"}]}},
  {"type":2,"name":"Locker","notes":"4711","secureNote":{"type":0}},
  {"type":1,"name":"Gone","deletedDate":"2024-01-01T00:00:00Z","login":{"username":"ada","password":"x"}}]}"#;

pub(super) async fn files_of_other_programs_come_into_the_vault(stage: &Stage) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = |name: &str, text: &[u8]| -> Result<PathBuf> {
        let path = folder.path().join(name);
        fs::write(&path, text)?;
        Ok(path)
    };
    let ada = stage.user_with_account("ada").await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.click("import").await?;
    popup.wait_for_screen("import").await?;
    popup.wait_for_focus("import-file").await?;
    look(&ada, "import-choose").await?;

    // A broken file changes nothing, and says so.
    for (name, text) in [
        (
            "broken.json",
            &b"{\"encrypted\":false,\"items\":[{\"type\":1,"[..],
        ),
        ("photo.csv", b"\x89PNG\r\n\x1a\n\0"),
        ("empty.csv", b""),
        (
            "entities.xml",
            b"<!DOCTYPE x [<!ENTITY a \"b\">]><KeePassFile>&a;</KeePassFile>",
        ),
    ] {
        popup.attach("import-file", &file(name, text)?).await?;
        popup.wait_for("error").await?;
        let told = popup.text("error").await?;
        ensure!(told.ends_with('.'), "{name} is refused with {told:?}");
    }
    ensure!(find(&ada, "").await?.total == 0, "a broken file was taken");
    look(&ada, "import-refused").await?;

    let csv = file("passwords.csv", CSV.as_bytes())?;
    popup.attach("import-file", &csv).await?;
    popup.wait_for_focus("import-summary").await?;
    let told = popup.text("import-summary").await?;
    ensure!(told == "From Chrome: 3 logins", "it is {told:?}");
    expect_states(&popup, &["", "", "Twice in the file"]).await?;
    let label = popup.text("import-start").await?;
    ensure!(label == "Import 2 items", "the button says {label:?}");
    popup.click("import-start").await?;
    expect_done(&popup, "2 items imported.").await?;
    let found = find(&ada, "market").await?;
    let id = found.items.first().context("the login is there")?.id;
    let field = SecretField::Password;
    let password = ada.ask(Reveal { id, field }).await?.value;
    // EXPOSE: the story has written it.
    ensure!(
        password.expose_secret() == "second",
        "another password came"
    );

    // The same again: all of it is there.
    popup.click("import-other").await?;
    popup.attach("import-file", &csv).await?;
    popup.wait_for_focus("import-summary").await?;
    let there = "In your vault already";
    expect_states(&popup, &[there, there, "Twice in the file"]).await?;
    let label = popup.text("import-start").await?;
    ensure!(label == "Nothing is chosen", "the button says {label:?}");

    // Another program's, by keyboard.
    ada.press(&[Key::Escape]).await?;
    popup.wait_for_screen("settings").await?;
    popup.click("import").await?;
    let bitwarden = file("bitwarden.json", BITWARDEN.as_bytes())?;
    popup.attach("import-file", &bitwarden).await?;
    popup.wait_for_focus("import-summary").await?;
    expect_states(&popup, &[there, "Differs from your vault", ""]).await?;
    look(&ada, "import-preview").await?;
    tab_to(&ada, &popup, "filter-all").await?;
    ada.press(&[Key::Right]).await?;
    expect_states(&popup, &[""]).await?;
    ada.press(&[Key::Right]).await?;
    expect_states(&popup, &["Differs from your vault"]).await?;
    tab_to(&ada, &popup, "take-1").await?;
    ada.type_text(" ").await?;
    tab_to(&ada, &popup, "import-start").await?;
    let label = popup.text("import-start").await?;
    ensure!(label == "Import 1 item", "the button says {label:?}");
    ada.press(&[Key::Enter]).await?;
    expect_done(&popup, "1 item imported.").await?;
    let report = popup.text("import-report").await?;
    ensure!(
        report.contains("Gone: it was in the trash") && report.contains("Market (ada): differs"),
        "the report is {report:?}"
    );
    look(&ada, "import-report").await?;
    popup.click("save-report").await?;
    ensure!(
        find(&ada, "").await?.total == 3,
        "an item is missing or double"
    );

    sealed(&ada, &popup, &file).await
}

/// Presses Cancel as soon as it is there, and counts what the page comes to do while the file is
/// looked through: what runs on the page's own thread holds both up until it is done.
const WATCH: &str = "window.turns = 0;
    setInterval(() => { if (document.querySelector(\"[data-test='import-wait']\")) window.turns += 1; }, 5);
    new MutationObserver((_, observer) => {
        const button = document.querySelector(\"[data-test='cancel-reading']\");
        if (!button) return;
        observer.disconnect();
        setTimeout(() => button.click(), 50);
    }).observe(document.body, { childList: true, subtree: true });";
/// Logins of the large file, and what each has in its notes, bytes.
const LARGE: (usize, usize) = (1600, 40_000);

pub(super) async fn the_page_answers_while_a_large_file_is_read(stage: &Stage) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("large.csv");
    let mut csv = String::from("name,url,username,password,note\n");
    let notes = "of the fair ".repeat(LARGE.1 / 12);
    for number in 0..LARGE.0 {
        writeln!(
            csv,
            "Market,https://market{number}.test/,ada,second,{notes}"
        )?;
    }
    fs::write(&path, csv)?;
    let ada = stage.user_with_account("ada").await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.click("import").await?;
    popup.wait_for_focus("import-file").await?;

    // Cancelled while it is read: nothing comes of it, not even later.
    ada.script(WATCH, Vec::new()).await?;
    popup.attach("import-file", &path).await?;
    popup.wait_for_focus("import-file").await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    ensure!(
        popup.shows("import-file").await?,
        "it was read all the same"
    );
    ensure!(!popup.shows("error").await?, "to cancel is no mistake");

    // To its end.
    ada.script("window.turns = 0", Vec::new()).await?;
    popup.attach("import-file", &path).await?;
    popup.wait_for("cancel-reading").await?;
    look(&ada, "import-reading").await?;
    until(
        "the preview of a large file",
        Duration::from_mins(2),
        async || Ok(popup.shows("import-summary").await?.then_some(())),
    )
    .await?;
    let told = popup.text("import-summary").await?;
    ensure!(told == "From Chrome: 1,600 logins", "it is {told:?}");
    let turns = ada.script("return window.turns", Vec::new()).await?;
    let turns = turns.as_u64().context("a count")?;
    ensure!(
        turns > 2,
        "the page stood still: {turns} turns of its timer"
    );
    ensure!(
        find(&ada, "").await?.total == 0,
        "a file that was looked at was taken"
    );
    Ok(())
}

/// A file under a password, which is asked for until it is right.
async fn sealed(
    ada: &User,
    popup: &Popup<'_>,
    file: &dyn Fn(&str, &[u8]) -> Result<PathBuf>,
) -> Result<()> {
    let vectors = place::in_root("transfer/vectors/bitwarden.json");
    let vectors: Value = serde_json::from_slice(&fs::read(vectors)?)?;
    let password = vectors["password"].as_str().context("a password")?;
    popup.click("import-other").await?;
    let path = file("sealed.json", vectors["files"][0].to_string().as_bytes())?;
    popup.attach("import-file", &path).await?;
    popup.wait_for_focus("file-password").await?;
    ada.type_text("wrong").await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for("error").await?;
    look(ada, "import-password").await?;
    popup.enter("file-password", password).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for("import-summary").await?;
    popup.click("import-start").await?;
    popup.wait_for("import-done").await?;
    popup.click("import-to-vault").await?;
    popup.wait_for_screen("home").await
}

async fn expect_states(popup: &Popup<'_>, states: &[&str]) -> Result<()> {
    until(&format!("the rows {states:?}"), SOON, async || {
        let found = popup.marks("import-row", "state").await?;
        ensure!(found == states, "they are {found:?}");
        Ok(Some(()))
    })
    .await
}

async fn expect_done(popup: &Popup<'_>, text: &str) -> Result<()> {
    popup.wait_for_focus("import-done").await?;
    let told = popup.text("import-done").await?;
    ensure!(told == text, "it says {told:?}");
    Ok(())
}

/// Moves the focus on until an element has it.
pub(super) async fn tab_to(user: &User, popup: &Popup<'_>, hook: &str) -> Result<()> {
    const STEPS: usize = 30;
    for _ in 0..STEPS {
        if popup.focus().await? == hook {
            return Ok(());
        }
        user.press(&[Key::Tab]).await?;
    }
    anyhow::bail!("`{hook}` is not reached by {STEPS} steps of the Tab key")
}

/// Keeps a picture of the screen, light and dark, where the environment asks for it.
pub(super) async fn look(user: &User, name: &str) -> Result<()> {
    let Some(folder) = place::from_environment("PEARVAULT_SCREENS_DIR") else {
        return Ok(());
    };
    for (scheme, word) in [(Scheme::Dark, "dark"), (Scheme::Light, "light")] {
        user.browser.set_scheme(scheme).await?;
        tokio::time::sleep(Duration::from_millis(250)).await;
        let file = folder.join(format!("{name}-{word}.png"));
        user.screenshot(&file).await?;
    }
    Ok(())
}
