//! Cards and identities: previewed by the popup, and filled when the user says so.

use anyhow::{Result, bail, ensure};

use crate::{
    pages::{
        popup::{Popup, Previewed},
        user::User,
    },
    patterns::{CARD, IDENTITY, save_card_and_identity},
    stage::Stage,
};

/// What is in no field of the page.
const NUMBER: &str = "4111111111111111";
const CHECKOUT: &str = "/patterns/checkout/card.html";
const DELIVERY: &str = "/patterns/checkout/address.html";

pub(super) async fn what_goes_where_is_shown_before_it_is_filled(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_card_and_identity(&ada).await?;

    ada.visit(&stage.site.https("orchard.test", CHECKOUT))
        .await?
        .wait_for("#code")
        .await?;
    let popup = ada.open_popup().await?;
    let parts = popup.preview_in_list(CARD).await?;
    let wanted = [
        ("Card number", "Card number"),
        ("Card holder", "Name on card"),
        ("Expires", "Expiry (MM/YY)"),
        ("Security code", "Security code"),
    ];
    expect_parts(&parts, &wanted)?;
    expect_no_secret(&popup, NUMBER).await?;

    // Who does not want it leaves the page as it was.
    popup.click("dialog-cancel").await?;
    popup.wait_until_gone("dialog").await?;
    expect_values(
        &ada,
        &[
            ("#number", ""),
            ("#name", ""),
            ("#expiry", ""),
            ("#code", ""),
        ],
    )
    .await?;

    let popup = ada.open_popup().await?;
    popup.preview(CARD).await?;
    popup.fill_previewed().await?;
    let filled = [
        ("#number", NUMBER),
        ("#name", "Ada Pomona"),
        ("#expiry", "09/31"),
        ("#code", "737"),
    ];
    expect_values(&ada, &filled).await?;

    ada.visit(&stage.site.https("orchard.test", DELIVERY))
        .await?
        .wait_for("#tel")
        .await?;
    let popup = ada.open_popup().await?;
    let parts = popup.preview_in_list(IDENTITY).await?;
    let wanted = [
        ("First name", "First name"),
        ("Last name", "Last name"),
        ("Street address, line 1", "Street address"),
        ("Postal code", "Postal code"),
        ("City", "City"),
        ("Country", "Country"),
        ("E-mail", "E-mail"),
        ("Telephone", "Phone"),
    ];
    expect_parts(&parts, &wanted)?;
    popup.fill_previewed().await?;
    expect_values(
        &ada,
        &[("#given", "Ada"), ("#country", "GB"), ("#zip", "ME13 8XZ")],
    )
    .await
}

pub(super) async fn a_card_goes_to_no_open_page_and_no_foreign_frame(stage: &Stage) -> Result<()> {
    let ada = stage.user_with_account("ada").await?;
    save_card_and_identity(&ada).await?;

    ada.visit(&stage.site.http("orchard.test", CHECKOUT))
        .await?
        .wait_for("#code")
        .await?;
    expect_refusal(&ada, "not encrypted").await?;
    expect_values(&ada, &[("#number", ""), ("#code", "")]).await?;

    // The same form in a frame of another site.
    let page = ada
        .visit(&stage.site.https("other.test", "/frame-foreign-card/"))
        .await?;
    page.enter_frame().await?;
    page.wait_for("#code").await?;
    expect_refusal(&ada, "a frame of another site").await?;
    let page = ada.page().await?;
    page.enter_frame().await?;
    page.expect_value("#number", "").await?;
    page.expect_value("#code", "").await
}

/// The popup says why nothing would be filled, and asks nothing.
async fn expect_refusal(user: &User, why: &str) -> Result<()> {
    let popup = user.open_popup().await?;
    match popup.preview(CARD).await? {
        Previewed::Refused(told) => ensure!(told.contains(why), "the popup says {told:?}"),
        Previewed::Parts(parts) => bail!("it would fill {parts:?}"),
    }
    Ok(())
}

fn expect_parts(previewed: &Previewed, wanted: &[(&str, &str)]) -> Result<()> {
    let Previewed::Parts(parts) = previewed else {
        bail!("there is no preview: {previewed:?}");
    };
    let parts: Vec<_> = parts
        .iter()
        .map(|(role, field)| (role.as_str(), field.as_str()))
        .collect();
    ensure!(parts == wanted, "the preview has {parts:?}");
    Ok(())
}

/// The preview is for whoever looks over the shoulder too.
async fn expect_no_secret(popup: &Popup<'_>, secret: &str) -> Result<()> {
    let shown = popup.text("dialog").await?;
    ensure!(
        !shown.replace(' ', "").contains(secret),
        "it shows {shown:?}"
    );
    Ok(())
}

async fn expect_values(user: &User, values: &[(&str, &str)]) -> Result<()> {
    let page = user.page().await?;
    for (field, value) in values {
        page.wait_for_value(field, value).await?;
    }
    Ok(())
}
