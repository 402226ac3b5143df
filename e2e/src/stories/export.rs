//! Moving out: the vault as a file, sealed or readable, and back.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use proto::{bridge::popup::SaveItem, vault::ItemDraft};
use serde_json::{Value, json};

use crate::{
    site::PASSWORD,
    stage::{MASTER, Stage, find, save_practice_login},
};

const FILE_PASSWORD: &str = "seven pears in a paper bag";

/// Keeps what the page hands to the browser as a file: where downloads go is each browser's own.
const KEEP: &str = "const make = URL.createObjectURL;
    URL.createObjectURL = blob => { window.kept = blob.text(); return make.call(URL, blob); }";

pub(super) async fn a_vault_leaves_sealed_and_comes_back(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.click("export").await?;
    popup.wait_for_screen("export").await?;
    popup.wait_for_focus("export-password").await?;
    ada.script(KEEP, Vec::new()).await?;

    // The vault is open, and yet the password is asked for.
    popup.enter("export-password", "another one").await?;
    popup.enter("file-password", FILE_PASSWORD).await?;
    popup.enter("file-again", FILE_PASSWORD).await?;
    super::import::look(&ada, "export").await?;
    popup.click("export-start").await?;
    popup.wait_for("error").await?;
    popup.enter("export-password", MASTER).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_focus("export-done").await?;
    super::import::look(&ada, "export-done").await?;
    let text = ada.script("return window.kept", Vec::new()).await?;
    let text = text.as_str().context("a file was made")?;
    ensure!(
        !text.contains(PASSWORD) && !text.contains("orchard"),
        "something of the vault can be read in the file"
    );

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("vault.json");
    fs::write(&file, text)?;
    popup.click("settings").await?;
    popup.click("import").await?;
    popup.attach("import-file", &file).await?;
    popup.wait_for_focus("file-password").await?;
    popup.enter("file-password", FILE_PASSWORD).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_focus("import-summary").await?;
    let told = popup.text("import-summary").await?;
    ensure!(told == "From Pearvault: 1 login", "it is {told:?}");
    let states = popup.marks("import-row", "state").await?;
    ensure!(states == ["In your vault already"], "they are {states:?}");
    ensure!(find(&ada, "").await?.total == 1, "an item is double");
    Ok(())
}

pub(super) async fn a_vault_leaves_readable_for_other_programs(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    let me: ItemDraft = serde_json::from_value(json!({
        "title": "Me", "subtitle": "Ada Lovelace", "urls": [],
        "secrets": {"kind": "identity", "email": "ada@example.com", "phone": "+44 20", "address": "1 Street"}
    }))?;
    ada.ask(SaveItem { draft: me }).await?;
    let popup = ada.open_popup().await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.click("export").await?;
    popup.wait_for_screen("export").await?;
    popup.wait_for_focus("export-password").await?;
    ada.script(KEEP, Vec::new()).await?;

    // By keyboard: the choice stands before the password.
    ada.press_with(Key::Shift, char::from(Key::Tab)).await?;
    popup.wait_for_focus("export-sealed").await?;
    ada.press(&[Key::Right]).await?;
    popup.wait_for_focus("export-plain").await?;
    let told = popup.text("export-warning").await?;
    ensure!(told.contains("not encrypted"), "it says {told:?}");
    ensure!(
        !popup.shows("file-password").await?,
        "it asks for a password of the file"
    );
    super::import::look(&ada, "export-plain").await?;

    // The vault is open, and yet the password is asked for.
    popup.enter("export-password", "another one").await?;
    popup.click("export-start").await?;
    popup.wait_for("error").await?;
    let kept = ada.script("return window.kept ?? null", Vec::new()).await?;
    ensure!(kept.is_null(), "a file was made without the password");
    popup.enter("export-password", MASTER).await?;
    ada.press(&[Key::Enter]).await?;
    popup.wait_for_focus("export-done").await?;
    let told = popup.text("export-done").await?;
    ensure!(told == "2 items exported.", "it says {told:?}");
    let report = popup.text("export-report").await?;
    ensure!(
        report == "Me: Email: kept as a field",
        "the report is {report:?}"
    );
    super::import::look(&ada, "export-plain-done").await?;
    let text = ada.script("return window.kept", Vec::new()).await?;
    let text = text.as_str().context("a file was made")?;
    let cxf: Value = serde_json::from_str(text)?;
    ensure!(
        cxf["version"] == json!({"major": 1, "minor": 0}),
        "{}",
        cxf["version"]
    );
    ensure!(text.contains(PASSWORD), "the password is not in the file");

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("vault.json");
    fs::write(&file, text)?;
    popup.click("export-to-vault").await?;
    popup.wait_for_screen("home").await?;
    popup.click("settings").await?;
    popup.click("import").await?;
    popup.attach("import-file", &file).await?;
    popup.wait_for_focus("import-summary").await?;
    let told = popup.text("import-summary").await?;
    ensure!(
        told == "From a FIDO credential exchange (CXF): 1 login, 1 identity",
        "it is {told:?}"
    );
    let states = popup.marks("import-row", "state").await?;
    let there = "In your vault already";
    ensure!(states == [there, there], "they are {states:?}");
    ensure!(find(&ada, "").await?.total == 2, "an item is double");
    Ok(())
}
