//! The play behind `cargo xtask run`: the main job from nothing to a filled login page.

mod account;
mod at_the_field;
mod frames;
mod people;
mod readme;
mod recovery;
mod saved;
mod steps;
mod trouble;
pub mod visible;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::Result;
use proto::vault::UrlMatch;

use self::steps::Steps;
use crate::{
    browser::{Browser, Extension, Kind, Scheme, Setup},
    clock::Stopwatch,
    node::{Node, NodeSetup},
    pages::{
        popup::{Part, Popup},
        user::{PAGE_SIZE, User},
    },
    patience::{WORK, until},
    place,
    site::{PASSWORD, Ports, Site, USERNAME},
    stage::{self, MASTER},
};

/// Work of an account where nobody is to wait for it: some seconds.
const SMALL_DIFFICULTY: u64 = 1_000_000;
/// Work of messages in the play: long enough to be seen.
const MESSAGE_FLAGS: [&str; 4] = [
    "--first-message-difficulty",
    "3000000",
    "--message-difficulty",
    "300000",
];
/// Work of a login in the play.
const LOGIN_DIFFICULTY: u64 = 200_000;

/// Other logins of a vault in use, saved past the screens.
const OTHERS: &[(&str, &str)] = &[
    ("Lantern Books", "https://lantern-books.test"),
    ("Northline Rail", "https://northline.test"),
    ("Old Mill Bakery", "https://old-mill.test"),
    ("Pear Bank", "https://pearbank.test"),
];

/// Plays everything without a window and leaves a screenshot of every step.
pub async fn headless(kind: Kind) -> Result<()> {
    let folder = place::from_environment("PEARVAULT_TOUR_DIR")
        .unwrap_or_else(|| place::in_root("target/tour"))
        .join(kind.to_string());
    place::fresh_folder(&folder)?;
    let data = tempfile::Builder::new()
        .prefix("pearvault-tour-")
        .tempdir()?;
    let logs = place::in_root("target/e2e/tour");
    place::fresh_folder(&logs)?;
    println!(
        "The tour, headless in {kind}; screenshots in {}",
        folder.display()
    );
    let steps = Steps::new(folder.clone());

    let time = Stopwatch::start();
    let mut node = Node::start(NodeSetup {
        account_difficulty: account::difficulty(kind),
        ..node_setup(data.path().join("node"), 0, logs.join("node.log"))
    })
    .await?;
    let site = Site::start(Ports::default()).await?;
    let setup = Setup {
        kind,
        extension: Extension::Built,
        visible: false,
        profile: None,
        logs: logs.clone(),
        name: "tour".to_owned(),
        graphics: false,
        variables: Vec::new(),
    };
    let user = User::sit_down("tour", Browser::start(&setup).await?).await?;
    steps::say(
        "a node on SQLite, the practice site and the browser are up",
        time,
    );

    let played = play(&steps, &user, &site, (&mut node, &setup)).await;
    if played.is_err() {
        user.leave_evidence(&folder).await;
    }
    user.browser.close().await;
    played?;
    println!("The tour took {}.", steps.total());
    Ok(())
}

async fn play(
    steps: &Steps,
    user: &User,
    site: &Site,
    (node, setup): (&mut Node, &Setup),
) -> Result<()> {
    account::make(steps, user, node).await?;
    save_login(steps, user).await?;
    sign_in(steps, user, site).await?;
    look_around(steps, user).await?;
    at_the_field::play(steps, user, site).await?;
    trouble::play(steps, user, site, node).await?;
    people::play(steps, user, node, setup).await?;
    saved::fill_some(steps, user, site).await?;
    readme::compose(steps, user).await
}

async fn save_login(steps: &Steps, user: &User) -> Result<()> {
    let time = Stopwatch::start();
    let popup = user.popup().await?;
    popup.click("empty-new").await?;
    popup.wait_for_screen("editor").await?;
    popup.enter("title", "Orchard Mail").await?;
    popup.enter("username", USERNAME).await?;
    popup.enter("item-password", PASSWORD).await?;
    popup.enter("url-0", "https://orchard.test").await?;
    steps.shoot(user, "new-login", time).await?;

    let time = Stopwatch::start();
    popup.click("save").await?;
    until("the saved login", WORK, async || {
        Ok(matches!(popup.screen().await?.as_str(), "item" | "home").then_some(()))
    })
    .await?;
    steps.shoot(user, "login-saved", time).await
}

async fn sign_in(steps: &Steps, user: &User, site: &Site) -> Result<()> {
    let time = Stopwatch::start();
    user.page().await?;
    user.browser.set_page_size(PAGE_SIZE.0, PAGE_SIZE.1).await?;
    let page = user.visit(&site.https("orchard.test", "/plain/")).await?;
    page.wait_for("#password").await?;
    steps.shoot(user, "practice-site", time).await?;

    let time = Stopwatch::start();
    for (title, url) in OTHERS {
        stage::save_login(user, title, url, UrlMatch::Site).await?;
    }
    let popup = user.open_popup().await?;
    popup.wait_for_rows(Part::Site, &["Orchard Mail"]).await?;
    steps.shoot(user, "popup-on-the-site", time).await?;

    let time = Stopwatch::start();
    popup.fill("Orchard Mail").await?;
    let page = user.page().await?;
    page.wait_for_value("#username", USERNAME).await?;
    page.wait_for_value("#password", PASSWORD).await?;
    steps.shoot(user, "filled", time).await?;
    readme::photograph_page(steps, user).await?;

    let time = Stopwatch::start();
    page.click("#sign-in").await?;
    page.wait_for_welcome(USERNAME).await?;
    steps.shoot(user, "signed-in", time).await
}

async fn look_around(steps: &Steps, user: &User) -> Result<()> {
    let time = Stopwatch::start();
    let popup = user.open_popup().await?;
    popup.open_item("Orchard Mail").await?;
    steps.shoot(user, "item", time).await?;

    go(steps, user, &popup, "nav-generator", "generator").await?;
    go(steps, user, &popup, "settings", "settings").await?;
    let time = Stopwatch::start();
    popup.click("change-password").await?;
    popup.wait_for_screen("change-password").await?;
    popup
        .set_new_password("quiet orchard lantern bridge 61")
        .await?;
    steps.shoot(user, "change-password", time).await?;
    let time = Stopwatch::start();
    user.browser.set_scheme(Scheme::Dark).await?;
    let popup = user.open_popup().await?;
    popup.wait_for_rows(Part::Site, &["Orchard Mail"]).await?;
    steps.shoot(user, "dark", time).await?;
    let time = Stopwatch::start();
    popup.click("lock").await?;
    popup.wait_for_screen("unlock").await?;
    steps.shoot(user, "locked", time).await?;
    user.browser.set_scheme(Scheme::Light).await?;
    let time = Stopwatch::start();
    popup.unlock("not the password").await?;
    popup.wait_for("error").await?;
    steps.shoot(user, "wrong-password", time).await?;
    recovery::forgotten(steps, user, &popup).await?;
    let time = Stopwatch::start();
    popup.unlock(MASTER).await?;
    popup.wait_for_screen("home").await?;
    steps.shoot(user, "unlocked", time).await
}

async fn go(steps: &Steps, user: &User, popup: &Popup<'_>, hook: &str, screen: &str) -> Result<()> {
    let time = Stopwatch::start();
    if !popup.shows(hook).await? {
        popup.click("back").await?;
    }
    popup.click(hook).await?;
    popup.wait_for_screen(screen).await?;
    steps.shoot(user, screen, time).await
}

fn node_setup(data: PathBuf, port: u16, log: PathBuf) -> NodeSetup {
    NodeSetup {
        data,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        account_difficulty: SMALL_DIFFICULTY,
        login_difficulty: LOGIN_DIFFICULTY,
        log,
        domain: "localhost".to_owned(),
        flags: MESSAGE_FLAGS.map(str::to_owned).to_vec(),
    }
}
