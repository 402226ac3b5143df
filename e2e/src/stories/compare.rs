//! Safety numbers, compared by a picture of the other side's code.

use anyhow::{Context as _, Result, ensure};
use fantoccini::{Locator, key::Key};
use proto::bridge::popup::{Landing, OpenPage};
use serde_json::Value;

use super::{
    messages::Side,
    screens::{look, look_narrow},
};
use crate::{
    browser::Kind,
    pages::popup::Popup,
    patience::{SOON, until},
    peers::Peers,
    stage::Stage,
};

pub(super) async fn a_picture_of_the_other_sides_code_says_whether_it_is_the_same(
    stage: &Stage,
) -> Result<()> {
    let peers = Peers::start(stage.logs()).await?;
    let ada = Side::new(stage, &peers, 0, "ada").await?;
    let bob = Side::new(stage, &peers, 1, "bob").await?;
    let folder = tempfile::tempdir()?;
    ada.write(&bob, 1, "It is me").await?;
    bob.until_says(&ada, "It is me").await?;

    // What Ada's screen shows, as a camera of Bob's sees it.
    let contact = look_up(&ada, &bob).await?;
    contact.wait_for("safety-code").await?;
    wait_for_drawing(&ada).await?;
    let code = ada
        .user
        .browser
        .client
        .find(Locator::Css("[data-test=safety-code]"));
    let same = folder.path().join("same.png");
    std::fs::write(&same, code.await?.screenshot().await?)?;
    look(&ada.user, "contact-code").await?;
    look_narrow(&ada.user, "contact-code").await?;

    let contact = look_up(&bob, &ada).await?;
    wait_for_drawing(&bob).await?;
    let client = &bob.user.browser.client;
    let own = client.find(Locator::Css("[data-test=safety-code]")).await?;
    let own = own.screenshot().await?;
    for (name, bytes, told) in [
        (
            "other.png",
            drawn(&bob, "PEARVAULT:SAFETY:2:", 60).await?,
            "scan-differs",
        ),
        ("own.png", own, "scan-own"),
        (
            "foreign.png",
            drawn(&bob, "https://plum.test/", 3).await?,
            "scan-foreign",
        ),
        (
            "broken.png",
            b"\x89PNG\r\n\x1a\nand no more".to_vec(),
            "scan-no-picture",
        ),
        ("text.txt", b"hello".to_vec(), "scan-no-picture"),
        ("huge.gif", huge(), "scan-large"),
        ("corners.png", corners(&bob).await?, "scan-no-code"),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes)?;
        contact.attach("scan-file", &file).await?;
        contact.wait_for(told).await.context(name)?;
        ensure!(contact.shows("verify").await?, "{name} counts as compared");
        if told == "scan-differs" {
            look(&bob.user, "contact-differs").await?;
        }
    }
    contact.attach("scan-file", &same).await?;
    contact.wait_for("verified").await?;
    ensure!(!contact.shows("scan-large").await?, "an old word stays");
    look(&bob.user, "contact-verified").await?;

    contact.click("unverify").await?;
    contact.wait_for("verify").await?;
    by_camera(&bob, &contact, &std::fs::read(&same)?).await
}

/// Bob holds Ada's screen before his camera.
async fn by_camera(bob: &Side, contact: &Popup<'_>, same: &[u8]) -> Result<()> {
    let browser = &bob.user.browser;
    if browser.kind() == Kind::Firefox {
        // A pattern moves before it, in which there is no code.
        contact.click("scan-camera").await?;
        until_sees(bob, true).await?;
        contact.click("scan-camera").await?;
        until_sees(bob, false).await?;
        return Ok(());
    }
    let other = drawn(bob, "PEARVAULT:SAFETY:2:", 60).await?;
    browser
        .show_camera(&filmed(bob, &other).await?, false)
        .await?;
    contact.click("scan-camera").await?;
    contact.wait_for("camera-failed").await?;
    look(&bob.user, "camera-forbidden").await?;
    for (picture, told) in [(other.as_slice(), "scan-differs"), (same, "verified")] {
        browser
            .show_camera(&filmed(bob, picture).await?, true)
            .await?;
        contact.click("scan-camera").await?;
        contact.wait_for(told).await?;
        ensure!(
            contact.shows("verify").await? == (told != "verified"),
            "{told}"
        );
        until_sees(bob, false).await?;
    }
    // It is let go where the page is left, too.
    contact.click("unverify").await?;
    contact.wait_for("verify").await?;
    let nothing = drawn(bob, "https://plum.test/", 3).await?;
    browser
        .show_camera(&filmed(bob, &nothing).await?, true)
        .await?;
    contact.click("scan-camera").await?;
    until_sees(bob, true).await?;
    contact.wait_for("scan-foreign").await?;
    look(&bob.user, "camera").await?;
    contact.click("back").await?;
    until_sees(bob, false).await
}

/// Whether there is a moving picture on the page, or a camera that is not let go.
async fn until_sees(side: &Side, wanted: bool) -> Result<()> {
    until("what the camera sees", SOON, async || {
        let script = "const video = document.querySelector('[data-test=camera]');
            window.seen ??= video;
            const live = window.seen?.srcObject?.getTracks().some((track) => track.readyState === 'live');
            if (!live && !video) window.seen = null;
            return !!live && video?.videoWidth > 0";
        let sees = side.user.script(script, Vec::new()).await?;
        Ok((sees == wanted).then_some(()))
    })
    .await
}

/// A picture as a camera has it: in the middle of its view, and not sharp.
async fn filmed(side: &Side, picture: &[u8]) -> Result<Vec<u8>> {
    let script = "const [picture, done] = arguments;
        const image = new Image();
        image.onload = () => {
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [640, 480];
            const context = canvas.getContext('2d');
            context.fillStyle = '#ccc';
            context.fillRect(0, 0, 640, 480);
            context.translate(320, 240);
            context.rotate(0.06);
            context.drawImage(image, -190, -190, 380, 380);
            const base64 = canvas.toDataURL('image/jpeg', 0.8).split(',')[1];
            done(base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''));
        };
        image.src = 'data:image/png;base64,' + picture.replaceAll('-', '+').replaceAll('_', '/')";
    let picture = serde_json::to_value(proto::bytes::Base64(picture.to_vec()))?;
    let client = &side.user.browser.client;
    let told = client.execute_async(script, vec![picture]).await?;
    let bytes: proto::bytes::Base64 = serde_json::from_value(told)?;
    Ok(bytes.0)
}

async fn look_up<'a>(side: &'a Side, other: &Side) -> Result<Popup<'a>> {
    side.user.close_popup().await?;
    side.user.popup().await?;
    let landing = Landing::Contact {
        address: other.address.clone(),
    };
    side.user.ask(OpenPage { landing }).await?;
    let opened = side.user.opened("contact").await?;
    ensure!(opened.address == other.address.as_str(), "{opened:?}");
    opened.expect_nobody_named()?;

    // Chromium's driver has no handle of that tab: what follows is in one that the user has opened.
    let popup = side.user.popup().await?;
    let page = format!("{}/popup.html?full", side.user.browser.origin());
    side.user.browser.client.goto(&page).await?;
    popup.wait_for_screen("home").await?;
    popup.click("nav-messages").await?;
    popup.wait_for_screen("messages").await?;
    popup.click("new-message").await?;
    popup.wait_for_screen("new-message").await?;
    let address = other.address.as_str();
    popup.enter("address-input", address).await?;
    side.user.press(&[Key::Enter]).await?;
    popup.wait_for_screen("conversation").await?;
    popup.click("conversation-menu").await?;
    popup.click("open-contact").await?;
    popup.wait_for_screen("contact").await?;
    let url = side.user.browser.client.current_url().await?;
    ensure!(url.as_str() == page, "{url}");
    popup.wait_for("safety-number").await?;
    Ok(popup)
}

/// A picture of a code, drawn by the extension's own module.
async fn drawn(side: &Side, begin: &str, zeros: usize) -> Result<Vec<u8>> {
    let script = "const [text, done] = arguments;
        import('./codes.js').then((codes) => codes.draw(text)).then(({ path, side }) => {
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = side * 6;
            const context = canvas.getContext('2d');
            context.fillStyle = '#fff';
            context.fillRect(0, 0, canvas.width, canvas.height);
            context.scale(6, 6);
            context.fillStyle = '#000';
            context.fill(new Path2D(path));
            const base64 = canvas.toDataURL('image/png').split(',')[1];
            done(base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''));
        }).catch((error) => done({ error: String(error) }))";
    let text = format!("{begin}{}", "0".repeat(zeros));
    let client = &side.user.browser.client;
    let told = client
        .execute_async(script, vec![Value::from(text)])
        .await?;
    let bytes: proto::bytes::Base64 = serde_json::from_value(told)?;
    Ok(bytes.0)
}

/// A picture of thousands of corners of codes, in which to look for three that belong together never ends.
async fn corners(side: &Side) -> Result<Vec<u8>> {
    let script = "const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 1600;
        const context = canvas.getContext('2d');
        for (let y = 0; y < 1600; y += 27) for (let x = 0; x < 1600; x += 27)
            for (const [colour, at] of [['#fff', -3], ['#000', 0], ['#fff', 3], ['#000', 6]]) {
                context.fillStyle = colour;
                context.fillRect(x + 3 + at, y + 3 + at, 21 - 2 * at, 21 - 2 * at);
            }
        const base64 = canvas.toDataURL('image/png').split(',')[1];
        return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')";
    let told = side.user.script(script, Vec::new()).await?;
    let bytes: proto::bytes::Base64 = serde_json::from_value(told)?;
    Ok(bytes.0)
}

/// A picture that says of itself to be 16 000 pixels wide and high, in a few bytes.
fn huge() -> Vec<u8> {
    let mut gif = b"GIF89a\x80\x3e\x80\x3e\x80\x00\x00\x00\x00\x00\xff\xff\xff".to_vec();
    gif.extend(b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b");
    gif
}

async fn wait_for_drawing(side: &Side) -> Result<()> {
    until("the code", SOON, async || {
        let script = "return document.querySelector('[data-test=safety-code] path') !== null";
        let drawn = side.user.script(script, Vec::new()).await?;
        Ok((drawn == true).then_some(()))
    })
    .await
}
