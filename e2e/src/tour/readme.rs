//! The picture of the README: the popup over the page that it filled.

use std::path::Path;

use anyhow::{Context as _, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fantoccini::Locator;

use super::steps::{self, Steps};
use crate::{
    clock::Stopwatch,
    pages::user::{PAGE_SIZE, User},
    place,
};

const FRAME: &str = include_str!("readme.html");

/// Width of the page in the picture, wide enough that the popup hides nothing of its form.
const WIDTH: u32 = 1660;
const HEIGHT: u32 = 800;
const PAGE: &str = "readme-page.png";

/// Photographs the page in front for the picture.
pub(super) async fn photograph_page(steps: &Steps, user: &User) -> Result<()> {
    user.browser.set_page_size(WIDTH, HEIGHT).await?;
    user.screenshot(&steps.folder().join(PAGE)).await?;
    user.browser.set_page_size(PAGE_SIZE.0, PAGE_SIZE.1).await
}

/// Composes `readme.png` out of two screenshots of the tour.
pub(super) async fn compose(steps: &Steps, user: &User) -> Result<()> {
    let time = Stopwatch::start();
    let folder = steps.folder();
    let html = FRAME
        .replace("PAGE", &data_url(&folder.join(PAGE))?)
        .replace(
            "POPUP",
            &data_url(&shot(folder, "-popup-on-the-site.png")?)?,
        )
        .replace(
            "ICON",
            &data_url(&place::in_root("extension/assets/icons/pear-48.png"))?,
        );
    let file = folder.join("readme.html");
    std::fs::write(&file, html)?;
    user.page().await?;
    user.browser.set_page_size(WIDTH + 72, HEIGHT + 130).await?;
    user.browser
        .client
        .goto(&format!("file://{}", file.display()))
        .await?;
    let main = user.browser.client.find(Locator::Css("main")).await?;
    std::fs::write(folder.join("readme.png"), main.screenshot().await?)?;
    std::fs::remove_file(&file)?;
    std::fs::remove_file(folder.join(PAGE))?;
    steps::say("readme.png", time);
    Ok(())
}

fn shot(folder: &Path, end: &str) -> Result<std::path::PathBuf> {
    let mut files = std::fs::read_dir(folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.path());
    files
        .find(|path| path.to_string_lossy().ends_with(end))
        .with_context(|| format!("the tour has no picture that ends in {end}"))
}

fn data_url(file: &Path) -> Result<String> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    Ok(format!(
        "data:image/png;base64,{}",
        BASE64_STANDARD.encode(bytes)
    ))
}
