//! The menu at a field.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use serde_json::json;

use crate::{
    pages::{
        menu::{STEADY, expect_no_menu, press_row, sign_in, wait_for_menu},
        popup::Part,
    },
    patience::{SOON, until},
    site::{PASSWORD, USERNAME},
    stage::{MASTER, Stage, save_account, save_practice_login},
};

pub(super) async fn a_menu_at_the_field_fills_by_keyboard_and_by_pointer(
    stage: &Stage,
) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    let plain = stage.site.https("orchard.test", "/plain/");

    // Keyboard alone.
    let page = ada.visit(&plain).await?;
    page.wait_for("#password").await?;
    page.press_on("#username").await?;
    wait_for_menu(&page).await?;
    tokio::time::sleep(STEADY).await;
    ada.press(&[Key::Down, Key::Enter]).await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await?;
    expect_no_menu(&page).await?;

    // Pointer alone.
    let page = ada.visit(&plain).await?;
    page.wait_for("#password").await?;
    page.press_on("#password").await?;
    wait_for_menu(&page).await?;
    tokio::time::sleep(STEADY).await;
    press_row(&ada, "#password", 0).await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await?;

    // Where nobody sees the field but who comes to it: in a shadow tree, closed or open.
    for name in ["closed-in-closed", "open-in-closed"] {
        let place = format!("/patterns/shadow/{name}.html");
        let page = ada.visit(&stage.site.https("orchard.test", &place)).await?;
        page.wait_for("main").await?;
        ada.press(&[Key::Tab]).await?;
        wait_for_menu(&page).await?;
        tokio::time::sleep(STEADY).await;
        ada.press(&[Key::Down, Key::Enter]).await?;
        let told = "return globalThis.practice.password";
        until("the password in the shadow tree", SOON, async || {
            Ok((page.run(told).await? == json!(PASSWORD)).then_some(()))
        })
        .await?;
    }
    Ok(())
}

pub(super) async fn of_several_accounts_the_last_used_stands_first(stage: &Stage) -> Result<()> {
    const CHOIR: &str = "choir@orchard.test";
    let ada = stage.user_with_account("ada").await?;
    save_practice_login(&ada, "https://orchard.test").await?;
    let home = stage.site.https("orchard.test", "/");
    save_account(&ada, &home, "The choir", CHOIR, "Sing-Of-Pears-1641!").await?;
    let plain = stage.site.https("orchard.test", "/plain/");
    let first_in_popup = async |titles: [&str; 2]| {
        // That a login was used is written down after its page is filled.
        until(&format!("{titles:?} in this order"), SOON, async || {
            let popup = ada.open_popup().await?;
            popup.wait_for_rows(Part::Site, &titles).await?;
            let rows = popup.rows(Part::Site).await?;
            ensure!(rows == titles, "the rows are {rows:?}");
            Ok(Some(()))
        })
        .await
    };
    let from_menu = async |row: u32, name: &str| {
        let page = ada.visit(&plain).await?;
        page.wait_for("#password").await?;
        page.press_on("#username").await?;
        wait_for_menu(&page).await?;
        tokio::time::sleep(STEADY).await;
        press_row(&ada, "#username", row).await?;
        page.wait_for_value("#username", name).await
    };

    // Nobody has used any: by title.
    ada.visit(&plain).await?.wait_for("#password").await?;
    first_in_popup(["Orchard Mail", "The choir"]).await?;
    ada.popup().await?.fill("The choir").await?;
    let page = ada.page().await?;
    page.wait_for_value("#username", CHOIR).await?;
    first_in_popup(["The choir", "Orchard Mail"]).await?;
    from_menu(1, USERNAME).await?;
    first_in_popup(["Orchard Mail", "The choir"]).await?;
    from_menu(0, USERNAME).await
}

pub(super) async fn a_lock_takes_menu_and_offer_out_of_the_page(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    let home = stage.site.https("orchard.test", "/");
    save_account(&ada, &home, "Orchard Mail", USERNAME, "an older password").await?;
    let plain = stage.site.https("orchard.test", "/plain/");
    let lock = async || {
        // It stays when another window is looked at.
        let popup = ada.open_popup().await?;
        popup.wait_for_screen("home").await?;
        wait_for_menu(&ada.page().await?).await?;
        ada.popup().await?.click("lock").await?;
        popup.wait_for_screen("unlock").await?;
        let page = ada.page().await?;
        until("an empty page", SOON, async || {
            expect_no_menu(&page).await.map(Some)
        })
        .await
    };

    let page = ada.visit(&plain).await?;
    page.wait_for("#password").await?;
    page.press_on("#username").await?;
    wait_for_menu(&page).await?;
    lock().await?;

    let popup = ada.popup().await?;
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;
    sign_in(&ada, &plain, PASSWORD).await?;
    let page = ada.page().await?;
    page.wait_for_welcome(USERNAME).await?;
    wait_for_menu(&page).await?;
    lock().await?;

    // Unlocked again, the popup has it still.
    let popup = ada.popup().await?;
    popup.unlock(MASTER).await?;
    popup.wait_for("offer").await
}
