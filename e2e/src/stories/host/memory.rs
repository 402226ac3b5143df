//! What the memory of browser and host keeps of a vault that lives in the host.
//!
//! The secrets are saved on another device and come here by synchronisation alone, and those that are looked at are
//! looked at by presses: a driver hands texts to its browser in messages and scripts, and would leave them there
//! itself. `PEARVAULT_MEMORY_DIR` names a folder for all that was found, also by a story that passes.

mod planted;

use std::{fs, path::Path, time::Duration};

use anyhow::{Result, bail, ensure};
use proto::bridge::popup::{AppStatus, Lock, Status};
use tokio::{task::spawn_blocking, time::sleep};

use self::planted::{Count, Planted, Shown};
use super::{at_home, begin_move, open_screen, pair, wait_until_moved};
use crate::{
    clock::Stopwatch,
    host::Home,
    memory::{self, Closed, Report},
    pages::user::User,
    patience::{WORK, until},
    place,
    stage::Stage,
    stories::runner::Impossible,
};

/// How long after a lock the host is looked through.
const AFTER_LOCK: Duration = Duration::from_secs(1);

pub(in super::super) async fn no_secret_stays_in_memory(stage: &Stage) -> Result<()> {
    if !Path::new("/proc/self/smaps").is_file() {
        bail!(Impossible("this system shows no memory".to_owned()));
    }
    let planted = Planted::make()?;
    let elsewhere = stage.user("ada").await?;
    stage
        .give_address_with(&elsewhere, "ada@localhost", planted.password())
        .await?;
    planted.save(&elsewhere).await?;
    stage.leave(elsewhere).await;

    let home = Home::new()?;
    home.register(stage.kind()).await?;
    let ada = at_home(stage, &home).await?;
    let canary = format!("/plain/?{}", planted.canary());
    ada.visit(&stage.site.https("orchard.test", &canary))
        .await?;
    log_in(stage, &ada, &planted).await?;
    let search = Search {
        stage,
        home: &home,
        user: &ada,
        planted: &planted,
    };

    planted.show(&ada, Shown::InBrowser).await?;
    let open = search.browser("open in the browser").await?;
    ensure!(
        open.titles.len() == planted.titles().len() && !open.shown.is_empty(),
        "what is shown is not found: {open:?}"
    );
    let popup = open_screen(&ada).await?;
    pair(&home, &popup).await?;
    begin_move(&popup, planted.password()).await?;
    wait_until_moved(&ada).await?;
    ada.close_popup().await?;
    search.browser("moved into the host").await?;

    planted.show(&ada, Shown::FromHost).await?;
    let open = search.host("open in the host").await?;
    ensure!(
        open.titles.len() == planted.titles().len(),
        "what the host has open is not found: {open:?}"
    );
    ada.ask(Lock {}).await?;
    sleep(AFTER_LOCK).await;
    search.locked_host("locked in the host").await?;
    ada.close_popup().await?;
    search.browser("locked").await?;
    // What was shown goes with the process that has shown it.
    until("the end of the background", WORK, async || {
        Ok((!ada.browser.worker_runs().await?).then_some(()))
    })
    .await?;
    search.browser("asleep").await?;

    // The host gives out every single one. By the driver's own messages: the browser is not looked through any more.
    let popup = ada.popup().await?;
    popup.wait_for_screen("unlock").await?;
    popup
        .enter_unread("unlock-input", planted.password())
        .await?;
    popup.click("unlock").await?;
    popup.wait_for_screen("home").await?;
    planted.release_all(&ada).await?;
    search.host("all given out").await?;
    ada.ask(Lock {}).await?;
    sleep(AFTER_LOCK).await;
    search.locked_host("locked in the host once more").await
}

async fn log_in(stage: &Stage, user: &User, planted: &Planted) -> Result<()> {
    let popup = user.popup().await?;
    popup.wait_for_screen("welcome").await?;
    popup.click("have-account").await?;
    popup.wait_for_screen("login").await?;
    popup.enter_server(stage.server()).await?;
    popup.enter("address-input", "ada@localhost").await?;
    popup
        .enter_unread("password-input", planted.password())
        .await?;
    popup.click("log-in").await?;
    popup.wait_for_screen_within("home", WORK).await?;
    until("all items", WORK, async || {
        let all = match user.ask(Status {}).await? {
            AppStatus::Unlocked { items, .. } => items as usize == planted.titles().len(),
            _ => false,
        };
        Ok(all.then_some(()))
    })
    .await
}

/// Where is looked for what.
struct Search<'a> {
    stage: &'a Stage,
    home: &'a Home,
    user: &'a User,
    planted: &'a Planted,
}

impl Search<'_> {
    /// In all processes of the browser: none of the secrets is there that nobody has looked at.
    async fn browser(&self, when: &str) -> Result<Count> {
        let mut processes = memory::family(self.user.browser.process()?, self.home.folder())?;
        // A relay of the host, which the browser has started, starts it.
        processes.remove(&self.home.agent().unwrap_or(0));
        let count = self.look(when, processes.into_iter().collect()).await?;
        // What cannot find cannot miss.
        ensure!(count.canary > 0, "the address of a page is not found");
        ensure!(
            count.secrets.is_empty(),
            "in the browser, {when}: {count:?}"
        );
        Ok(count)
    }

    /// In the process that has the account.
    async fn host(&self, when: &str) -> Result<Count> {
        self.look(when, vec![self.home.agent()?]).await
    }

    /// The same of a locked account: nothing at all is there, whoever has looked at it.
    async fn locked_host(&self, when: &str) -> Result<()> {
        let count = self.host(when).await?;
        let gone = count.secrets.is_empty() && count.shown.is_empty();
        let rest = count.titles.is_empty() && count.password == 0;
        ensure!(gone && rest, "in the host, {when}: {count:?}");
        Ok(())
    }

    async fn look(&self, when: &str, processes: Vec<i32>) -> Result<Count> {
        let needles = self.planted.needles()?;
        let time = Stopwatch::start();
        let report = spawn_blocking(move || memory::search(&processes, &needles)).await?;
        let report = match report {
            Err(error) if error.is::<Closed>() => bail!(Impossible(format!("{error:#}"))),
            report => report?,
        };
        let count = self.planted.count(&report);
        println!(
            "        {when}: {count}; {} MiB of {} processes in {}",
            report.bytes >> 20,
            report.processes,
            time.elapsed(),
        );
        let name = format!("memory, {}, {when}.txt", self.stage.kind());
        self.keep(self.stage.logs(), &name, &report)?;
        if let Some(folder) = place::from_environment("PEARVAULT_MEMORY_DIR") {
            self.keep(&folder, &name, &report)?;
        }
        Ok(count)
    }

    fn keep(&self, folder: &Path, name: &str, report: &Report) -> Result<()> {
        let lines = report.found.iter();
        let lines = lines.map(|it| format!("{} {it}\n", self.planted.name(it.needle)));
        Ok(fs::write(folder.join(name), lines.collect::<String>())?)
    }
}
