//! The nodes of a run: real programs, killed with SIGKILL and started again.

use std::{net::SocketAddr, path::Path, time::Duration};

use tempfile::TempDir;
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::sleep,
};

use crate::{chance::Chance, client::Outcome, program::Program, proxy::Proxy};

/// What a node of a run is told, beside its database.
const FLAGS: [&str; 10] = [
    "--rate",
    "off",
    "--account-difficulty",
    "1",
    "--login-difficulty",
    "1",
    // Ten minutes of writes stay, each of them.
    "--vault-max-mib",
    "8192",
    "--log",
    "error",
];

/// Nodes behind a proxy. Dropping it kills them.
pub(crate) struct Nodes {
    running: Vec<Option<Program>>,
    folders: Vec<TempDir>,
    flags: Vec<String>,
    proxy: Proxy,
    kills: u64,
}

impl Nodes {
    /// Starts so many as the proxy has places for: one on SQLite, any number on one database.
    pub(crate) async fn start(
        count: usize,
        database: Option<&str>,
        proxy: &Proxy,
    ) -> Outcome<Self> {
        let mut flags: Vec<String> = FLAGS.iter().map(|&flag| flag.to_owned()).collect();
        if let Some(database) = database {
            flags.extend(["--database".to_owned(), database.to_owned()]);
        }
        let folders = (0..count).map(|_| tempfile::tempdir());
        let mut nodes = Self {
            running: Vec::new(),
            folders: folders.collect::<Result<_, _>>()?,
            flags,
            proxy: proxy.clone(),
            kills: 0,
        };
        for number in 0..count {
            nodes.running.push(None);
            if number > 0 {
                // Challenges of one are paid at the other.
                let secret = |at: usize| nodes.folders[at].path().join("secret.key");
                std::fs::copy(secret(0), secret(number))?;
            }
            nodes.revive(number).await?;
        }
        Ok(nodes)
    }

    /// Kills one after the other, each at a moment of chance, until it is told to stop; then all run.
    pub(crate) fn kill_again_and_again(
        mut self,
        chance: Chance,
        every: (u64, u64),
        stop: crate::Stop,
    ) -> JoinHandle<Outcome<Self>> {
        tokio::spawn(async move {
            while !stop.within(chance.millis(every.0, every.1)).await {
                let number = usize::try_from(chance.below(self.running.len() as u64))?;
                self.kill(number);
                sleep(chance.millis(1, 400)).await;
                self.revive(number).await?;
            }
            Ok(self)
        })
    }

    /// How often one was killed.
    pub(crate) fn kills(&self) -> u64 {
        self.kills
    }

    /// Asks each to end, as a service manager does.
    pub(crate) fn stop(self) -> Outcome {
        for program in self.running.into_iter().flatten() {
            program.stop()?;
        }
        Ok(())
    }

    fn kill(&mut self, number: usize) {
        drop(self.running[number].take());
        self.proxy.set_node(number, None);
        self.kills += 1;
    }

    async fn revive(&mut self, number: usize) -> Outcome {
        let folder = self.folders[number].path().to_owned();
        let flags = self.flags.clone();
        let program = spawn_blocking(move || start(&folder, &flags)).await??;
        let address = program.url().trim_start_matches("http://");
        let address: SocketAddr = address.parse()?;
        self.running[number] = Some(program);
        self.proxy.set_node(number, Some(address));
        Ok(())
    }
}

fn start(folder: &Path, flags: &[String]) -> Outcome<Program> {
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    Program::start(folder, &flags)
}

/// Time between two kills, milliseconds: long enough that something is written in between.
pub(crate) const EVERY: (u64, u64) = (700, 3_000);

/// What any single step may take before the run has failed.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);
