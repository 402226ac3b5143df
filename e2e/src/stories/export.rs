//! Moving out: the vault as a sealed file, and back.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;

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
