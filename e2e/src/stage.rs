//! What a story is played on: a node, a practice site, and browsers as it asks for them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, Mutex as StdMutex, PoisonError},
};

use anyhow::Result;
use proto::{
    bridge::popup::{AppStatus, CreateAccount, SaveItem, Saved, Search, SearchResults, Status},
    vault::{ItemDraft, ItemSecrets, ItemUrl, SecretText, UrlMatch},
};
use tempfile::TempDir;

use crate::{
    browser::{Browser, Extension, Kind, Setup},
    host::Home,
    node::{Node, NodeSetup},
    pages::user::User,
    patience::{WORK, until},
    site::{self, Ports, Site},
};

/// Work that an account costs in stories: a second or so in one browser.
pub const ACCOUNT_DIFFICULTY: u64 = 60_000;
/// Work that a login costs in stories.
pub const LOGIN_DIFFICULTY: u64 = 20_000;
/// The master password in stories.
pub const MASTER: &str = "correct pear battery staple 27";

/// Node, site and browsers of one story.
#[derive(Debug)]
pub struct Stage {
    /// The node.
    pub node: tokio::sync::Mutex<Node>,
    /// The practice site.
    pub site: Site,
    kind: Kind,
    visible: bool,
    users: StdMutex<Vec<Arc<User>>>,
    logs: PathBuf,
    server: String,
    _data: TempDir,
}

impl Stage {
    /// Starts node and site; logs go to `logs`.
    pub async fn open(kind: Kind, visible: bool, logs: &Path) -> Result<Self> {
        let data = tempfile::Builder::new()
            .prefix("pearvault-node-")
            .tempdir()?;
        let node = Node::start(NodeSetup {
            data: data.path().to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            account_difficulty: ACCOUNT_DIFFICULTY,
            login_difficulty: LOGIN_DIFFICULTY,
            log: logs.join("node.log"),
            domain: "localhost".to_owned(),
            flags: Vec::new(),
        })
        .await?;
        Ok(Self {
            server: node.url(),
            node: tokio::sync::Mutex::new(node),
            site: Site::start(Ports::default()).await?,
            kind,
            visible,
            users: StdMutex::default(),
            logs: logs.to_owned(),
            _data: data,
        })
    }

    /// The browser that the story is played in.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where logs go.
    pub fn logs(&self) -> &Path {
        &self.logs
    }

    /// What users type as the node's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Somebody sits down at a new browser with a new profile.
    pub async fn user(&self, name: &str) -> Result<Arc<User>> {
        self.start_user(name, None, false, Extension::Built).await
    }

    /// Somebody at a browser who has a home folder of their own, with that browser's profile in it.
    pub async fn user_at_home(
        &self,
        name: &str,
        extension: Extension,
        home: &Home,
    ) -> Result<Arc<User>> {
        let setup = Setup {
            profile: Some(home.profile()),
            variables: home.variables(),
            ..self.setup(name, extension)
        };
        self.sit_down(&setup).await
    }

    /// Somebody at a browser with a graphics device for WebGPU, one in software.
    pub async fn user_with_graphics(&self, name: &str) -> Result<Arc<User>> {
        self.start_user(name, None, true, Extension::Built).await
    }

    /// Somebody sits down at a browser with a profile that stays.
    pub async fn user_with_profile(&self, name: &str, profile: Option<&Path>) -> Result<Arc<User>> {
        self.start_user(name, profile, false, Extension::Built)
            .await
    }

    /// Somebody at a browser with another extension, or without.
    pub async fn user_with_extension(&self, name: &str, extension: Extension) -> Result<Arc<User>> {
        self.start_user(name, None, false, extension).await
    }

    async fn start_user(
        &self,
        name: &str,
        profile: Option<&Path>,
        graphics: bool,
        extension: Extension,
    ) -> Result<Arc<User>> {
        let setup = Setup {
            profile: profile.map(Path::to_owned),
            graphics,
            ..self.setup(name, extension)
        };
        self.sit_down(&setup).await
    }

    /// A new browser with a new profile.
    fn setup(&self, name: &str, extension: Extension) -> Setup {
        Setup {
            kind: self.kind,
            extension,
            visible: self.visible,
            profile: None,
            logs: self.logs.clone(),
            name: name.to_owned(),
            graphics: false,
            variables: Vec::new(),
        }
    }

    async fn sit_down(&self, setup: &Setup) -> Result<Arc<User>> {
        let browser = Browser::start(setup).await?;
        let user = Arc::new(User::sit_down(&setup.name, browser).await?);
        self.with_users(|users| users.push(Arc::clone(&user)));
        Ok(user)
    }

    /// Somebody with an account and an open, empty vault, made past the screens.
    pub async fn user_with_account(&self, name: &str) -> Result<Arc<User>> {
        let user = self.user(name).await?;
        self.give_account(&user).await?;
        Ok(user)
    }

    /// Makes an account past the screens.
    pub async fn give_account(&self, user: &User) -> Result<()> {
        self.give_account_at(user, &self.server).await
    }

    /// The same over another way to the node.
    pub async fn give_account_at(&self, user: &User, server: &str) -> Result<()> {
        let address = format!("{}@localhost", user.name());
        self.give_address_at(user, &address, server).await
    }

    /// Makes an account of any address past the screens.
    pub async fn give_address_at(&self, user: &User, address: &str, server: &str) -> Result<()> {
        self.make_account(user, address, server, MASTER).await
    }

    /// The same with another password than [`MASTER`].
    pub async fn give_address_with(
        &self,
        user: &User,
        address: &str,
        password: &str,
    ) -> Result<()> {
        self.make_account(user, address, &self.server, password)
            .await
    }

    async fn make_account(
        &self,
        user: &User,
        address: &str,
        server: &str,
        password: &str,
    ) -> Result<()> {
        user.ask(CreateAccount {
            address: address.to_owned(),
            server: Some(server.to_owned()),
            password: SecretText::new(password),
        })
        .await?;
        let made = until("the new account", WORK, async || {
            Ok(match user.ask(Status {}).await? {
                AppStatus::Unlocked { .. } => Some(Ok(())),
                AppStatus::Empty {
                    problem: Some(problem),
                } => Some(Err(problem)),
                _ => None,
            })
        });
        Ok(made.await??)
    }

    /// Everybody who sat down so far.
    pub fn users(&self) -> Vec<Arc<User>> {
        self.with_users(|users| users.clone())
    }

    /// Somebody closes their browser.
    pub async fn leave(&self, user: Arc<User>) {
        self.with_users(|users| users.retain(|other| !Arc::ptr_eq(other, &user)));
        if let Ok(user) = Arc::try_unwrap(user) {
            user.browser.close().await;
        }
    }

    /// Somebody's browser is killed, as the system does it: nothing is written any more.
    ///
    /// # Errors
    /// Its process is not known, or it lives on.
    pub async fn lose(&self, user: Arc<User>) -> Result<()> {
        self.with_users(|users| users.retain(|other| !Arc::ptr_eq(other, &user)));
        user.browser.kill().await
    }

    /// Ends the browsers in order.
    pub async fn close(self) {
        for user in self.with_users(std::mem::take) {
            if let Ok(user) = Arc::try_unwrap(user) {
                user.browser.close().await;
            }
        }
    }

    fn with_users<T>(&self, act: impl FnOnce(&mut Vec<Arc<User>>) -> T) -> T {
        act(&mut self.users.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Saves the login of the practice site past the screens.
pub async fn save_practice_login(user: &User, url: &str) -> Result<Saved> {
    save_login(user, "Orchard Mail", url, UrlMatch::Site).await
}

/// Saves a login with the practice site's name and password past the screens.
pub async fn save_login(user: &User, title: &str, url: &str, matching: UrlMatch) -> Result<Saved> {
    user.ask(SaveItem {
        draft: login_draft(title, url, matching),
    })
    .await
}

/// Saves a login of the practice site with another name and password past the screens.
pub async fn save_account(
    user: &User,
    url: &str,
    title: &str,
    name: &str,
    password: &str,
) -> Result<Saved> {
    let mut draft = login_draft(title, url, UrlMatch::Site);
    name.clone_into(&mut draft.subtitle);
    if let ItemSecrets::Login { password: kept, .. } = &mut draft.secrets {
        *kept = SecretText::new(password);
    }
    user.ask(SaveItem { draft }).await
}

/// What a search finds; an empty query finds all.
pub async fn find(user: &User, query: &str) -> Result<SearchResults> {
    user.ask(Search {
        query: query.to_owned(),
        offset: 0,
        limit: 50,
    })
    .await
}

/// A login with the practice site's name and password.
pub fn login_draft(title: &str, url: &str, matching: UrlMatch) -> ItemDraft {
    ItemDraft {
        edits: None,
        title: title.to_owned(),
        subtitle: site::USERNAME.to_owned(),
        urls: vec![ItemUrl {
            url: url.to_owned(),
            matching,
        }],
        secrets: ItemSecrets::Login {
            password: SecretText::new(site::PASSWORD),
            totp: SecretText::default(),
            fields: Vec::new(),
            notes: SecretText::default(),
        },
    }
}
