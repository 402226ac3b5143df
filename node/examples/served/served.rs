//! A node of its own for figures: this same program as a child process, in a folder that is thrown
//! away, without rate limit and with the least proof of work, so that it is not what is measured.

use std::{
    env,
    io::{BufRead as _, BufReader},
    num::NonZeroU64,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use anyhow::Context as _;
use node::{
    clock::SystemClock,
    config::{Config, DatabaseUrl},
    random::SystemRandom,
    server::{Node, allow_many_files},
};
use serde_json::json;

use crate::client::Outcome;

/// What the child is called with: this, its folder, its database where that is not in the folder, or empty, and then
/// what makes it one of several servers.
const SERVE: &str = "serve";

/// One of several servers that reach one another.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Its own domain.
    pub(crate) domain: String,
    /// PEM file of the authority of all of them.
    pub(crate) authorities: PathBuf,
    /// Where all of them are, each `host=address:port`.
    pub(crate) peers: Vec<String>,
}

/// Serves where this process is the child; whether it was.
///
/// # Errors
/// Those of the node.
pub(crate) fn serve_if_child() -> anyhow::Result<bool> {
    let mut arguments = env::args().skip(1);
    if arguments.next().as_deref() != Some(SERVE) {
        return Ok(false);
    }
    node::log::start("warn")?;
    allow_many_files();
    let mut config = Config::new(arguments.next().context("no folder")?.into());
    if let Some(database) = arguments.next().filter(|url| !url.is_empty()) {
        let Ok(url) = database.parse::<DatabaseUrl>();
        config.database = url.parse()?;
    }
    if let (Some(domain), Some(authorities)) = (arguments.next(), arguments.next()) {
        config.domains = vec![domain];
        config.authorities = Some(authorities.into());
        for peer in arguments {
            config
                .dev_peers
                .push(peer.parse().map_err(anyhow::Error::msg)?);
        }
    }
    config.listen.set_port(0);
    config.rate = None;
    config.account_difficulty = NonZeroU64::MIN;
    config.login_difficulty = NonZeroU64::MIN;
    config.first_message_difficulty = NonZeroU64::MIN;
    config.message_difficulty = NonZeroU64::MIN;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let node = Node::start(config, Arc::new(SystemClock), Arc::new(SystemRandom)).await?;
        println!("http://{}", node.address());
        node.serve(std::future::pending()).await?;
        Ok(true)
    })
}

/// The node in its own process, killed at the end.
pub(crate) struct Server {
    child: Child,
    url: String,
}

impl Server {
    pub(crate) fn start(folder: &Path, database: Option<&str>) -> Outcome<Self> {
        Self::spawn(|child| child.arg(folder).args(database))
    }

    /// One of several; its database is in the folder.
    pub(crate) fn start_at(folder: &Path, place: &Place) -> Outcome<Self> {
        Self::spawn(|child| {
            let child = child.arg(folder).args(["", &place.domain]);
            child.arg(&place.authorities).args(&place.peers)
        })
    }

    fn spawn(told: impl FnOnce(&mut Command) -> &mut Command) -> Outcome<Self> {
        let mut child = Command::new(env::current_exe()?);
        let mut child = told(child.arg(SERVE)).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let url = line.trim_end().to_owned();
        Ok(Self { child, url })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Memory that it holds, bytes; known on Linux only.
    pub(crate) fn resident_bytes(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Prints one figure.
pub(crate) fn print(name: &str, value: f64, unit: &str) {
    println!("{}", json!({"name": name, "value": value, "unit": unit}));
}

/// A number of the environment, for runs that are shorter or longer.
pub(crate) fn number(variable: &str, default: u32) -> Outcome<u32> {
    match env::var(variable) {
        Ok(text) => Ok(text
            .parse()
            .map_err(|_| format!("{variable}={text} is no number"))?),
        Err(_) => Ok(default),
    }
}

/// Runs what measures.
pub(crate) fn run(measure: impl Future<Output = Outcome>) -> anyhow::Result<()> {
    allow_many_files();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure).map_err(anyhow::Error::from_boxed)
}
