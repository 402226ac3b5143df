//! The real server as a child process, on SQLite in a folder of its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};

use crate::{place, process::Process};

/// How a node is started.
#[derive(Debug, Clone)]
pub struct NodeSetup {
    /// Folder of its database; made where it is missing.
    pub data: PathBuf,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Average tries that a new account costs.
    pub account_difficulty: u64,
    /// Average tries that a login costs.
    pub login_difficulty: u64,
    /// Where its log goes.
    pub log: PathBuf,
    /// The domain that it serves.
    pub domain: String,
    /// More of what it is told.
    pub flags: Vec<String>,
}

/// A node.
#[derive(Debug)]
pub struct Node {
    setup: NodeSetup,
    process: Option<Process>,
}

impl Node {
    /// Starts it and waits until it listens.
    pub async fn start(setup: NodeSetup) -> Result<Self> {
        let mut node = Self {
            setup,
            process: None,
        };
        node.start_again().await?;
        Ok(node)
    }

    /// Starts it on the same folder and port as before.
    pub async fn start_again(&mut self) -> Result<()> {
        let NodeSetup {
            data,
            listen,
            account_difficulty,
            login_difficulty,
            log,
            domain,
            flags,
        } = &self.setup;
        std::fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
        let mut command = Command::new(place::node_program()?);
        command
            .arg("serve")
            .args(["--listen", &listen.to_string(), "--domain", domain])
            .arg("--data")
            .arg(data)
            .args(["--account-difficulty", &account_difficulty.to_string()])
            .args(["--login-difficulty", &login_difficulty.to_string()])
            // Every browser of a run asks from one address.
            .args(["--rate-per-second", "off"])
            .args(flags);
        let mut process = Process::start("the node", &mut command, log)?;
        let url = process
            .wait_for_line("listening on http://", Duration::from_mins(1))
            .await?;
        self.setup.listen = url
            .parse()
            .with_context(|| format!("the node listens on `{url}`"))?;
        self.process = Some(process);
        Ok(())
    }

    /// Starts it again with another cost of a new account.
    pub async fn restart_with_account_difficulty(&mut self, difficulty: u64) -> Result<()> {
        self.stop().await?;
        self.setup.account_difficulty = difficulty;
        self.start_again().await
    }

    /// A one-time code for an address, which its operator makes while it runs: to register (`invite`), or to set a new
    /// password (`reset`).
    ///
    /// # Errors
    /// The program does not give one.
    pub async fn give_code(&self, verb: &str, address: &str) -> Result<String> {
        let output = tokio::process::Command::new(place::node_program()?)
            .args(["admin", verb, address])
            .args(["--domain", &self.setup.domain])
            .arg("--data")
            .arg(&self.setup.data)
            .args(&self.setup.flags)
            .output()
            .await?;
        let said = String::from_utf8_lossy(&output.stdout);
        let fault = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "no code: {fault}");
        let code = said.lines().next().map(str::to_owned);
        code.context("the node gave no code")
    }

    /// Copies its database into `file` while it runs, as whoever runs it does.
    pub async fn back_up(&self, file: &Path) -> Result<()> {
        carry_out("backup", file, &self.setup.data).await
    }

    /// Ends it and starts it anew with what is in a backup: it has lost all that came after.
    pub async fn set_back(&mut self, backup: &Path) -> Result<()> {
        self.stop().await?;
        // `restore` wants a folder without a database.
        self.setup.data = self.setup.data.join("restored");
        carry_out("restore", backup, &self.setup.data).await?;
        self.start_again().await
    }

    /// Ends it in order, as the system does at shutdown.
    pub async fn stop(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.stop(Duration::from_secs(20)).await,
            None => Ok(()),
        }
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// What users type as its address.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.setup.listen.port())
    }

    /// Where it listens.
    pub fn listens(&self) -> SocketAddr {
        self.setup.listen
    }

    /// Its log file.
    pub fn log(&self) -> &Path {
        &self.setup.log
    }

    /// Resident memory in bytes, where it runs and the system tells.
    pub fn resident_bytes(&self) -> Option<u64> {
        self.process.as_ref()?.resident_bytes()
    }
}

/// Runs a verb of the node's program on a file and a data folder to its end.
async fn carry_out(verb: &str, file: &Path, data: &Path) -> Result<()> {
    let output = tokio::process::Command::new(place::node_program()?)
        .arg(verb)
        .arg(file)
        .arg("--data")
        .arg(data)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{verb}` failed: {said}");
    Ok(())
}
