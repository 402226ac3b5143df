//! Everything started for somebody to play with.

use std::{net::Ipv4Addr, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};

use super::node_setup;
use crate::{
    browser::{Browser, Extension, Kind, Setup},
    node::Node,
    pages::user::User,
    place,
    site::{PASSWORD, Ports, Site, USERNAME},
};

/// A node, a practice site and a browser with a window. What the user makes in them is there again
/// the next time. Dropping it ends them.
#[derive(Debug)]
pub struct Playground {
    kind: Kind,
    home: PathBuf,
    node: Node,
    site: Site,
    user: User,
}

impl Playground {
    /// Starts all of it; the page to begin with is in front.
    pub async fn open(kind: Kind) -> Result<Self> {
        let home = place::in_root("target/run");
        std::fs::create_dir_all(&home)
            .with_context(|| format!("cannot make {}", home.display()))?;
        let port = free_or_any(proto::api::DEFAULT_PORT);
        let node = Node::start(node_setup(home.join("node"), port, home.join("node.log"))).await?;
        let site = Site::start(Ports {
            http: free_or_any(8080),
            https: free_or_any(8443),
        })
        .await?;
        let setup = Setup {
            kind,
            extension: Extension::Built,
            visible: true,
            profile: Some(home.join(format!("profile-{kind}"))),
            logs: home.clone(),
            name: "run".to_owned(),
            graphics: false,
            variables: Vec::new(),
        };
        let user = User::sit_down("you", Browser::start(&setup).await?).await?;
        user.visit(&site.https("orchard.test", "/plain/")).await?;
        let client = &user.browser.client;
        let tab = client.new_window(true).await?;
        client.switch_to_window(tab.handle).await?;
        client
            .goto(&format!("{}/popup.html?full", user.browser.origin()))
            .await?;
        Ok(Self {
            kind,
            home,
            node,
            site,
            user,
        })
    }

    /// Prints what can be done.
    pub fn explain(&self) {
        let (node, kind) = (self.node.url(), self.kind);
        let form = self.site.https("orchard.test", "/plain/");
        println!("\nPearvault is open in {kind}. A round through it:");
        println!(
            "  1. In the tab that is in front, make an account: you@localhost, any good password."
        );
        if !node.ends_with(&format!(":{}", proto::api::DEFAULT_PORT)) {
            println!("     Its server (under \"server\") is {node}.");
        }
        println!("  2. Save a login for https://orchard.test with the name {USERNAME}");
        println!("     and the password {PASSWORD}");
        println!("  3. Go to the other tab ({form}),");
        println!("     open Pearvault (its button is behind the puzzle piece in the toolbar),");
        println!("     press Enter, and sign in. Ctrl+Shift+F fills without opening it.");
        println!(
            "More pages to fill, and some to refuse: {}",
            self.site.https("orchard.test", "/")
        );
        println!(
            "The node is {node}; what you make stays in {}.",
            self.home.display()
        );
        println!("Close the browser or press Ctrl-C to end.");
    }

    /// Waits until the user has closed the browser.
    pub async fn closed(&self) {
        // A closed browser answers no more.
        let windows = async || self.user.browser.client.windows().await;
        while windows().await.is_ok_and(|windows| !windows.is_empty()) {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Ends the browser in order, so that it writes what is to be there the next time.
    pub async fn close(self) {
        self.user.browser.close().await;
    }
}

/// `port` where it is free, else 0: any.
fn free_or_any(port: u16) -> u16 {
    if std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
        port
    } else {
        0
    }
}
