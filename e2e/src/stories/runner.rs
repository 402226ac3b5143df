//! Plays stories one after another and says how they went.

use std::{
    fmt,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, anyhow};
use futures_util::FutureExt as _;

use super::{STORIES, Story};
use crate::{browser::Kind, clock::Stopwatch, patience::Vain, place, stage::Stage};

/// Stories in one browser that may be played once more. A machine that others use too lets one of
/// many wait for too long now and then; more than that is a fault.
const SECOND_TRIES_MAX: u32 = 2;
/// Which may be, by how their names begin. None of those that are there to see that something does not happen (a
/// password in the wrong box, a vault that stays open, a write lost): what they wait for in vain may be that.
const SECOND_TRY: &[&str] = &[
    "account::a_new_address",
    "account::a_taken_address",
    "account::work_can_be",
    "context_menu::its_entries",
    "offers::a_login_over_two_pages",
    "sync::home_says",
    "sync::a_sync_by_hand",
    "vault::an_earlier",
    "vault::everything",
    "import::",
    "export::",
    "screens::",
    "solver::",
    "devices::a_change",
    "domains::a_domain",
    "domains::whoever",
    "messages::",
    "host::a_paired",
    "host::an_account",
    "host::the_keyring",
    "host::two_browsers",
    "host::what_another",
];
/// Folder of the evidence of those.
const AGAIN: &str = "again";

/// Which stories to play.
#[derive(Debug, Clone)]
pub struct Filter {
    /// In which browsers.
    pub browsers: Vec<Kind>,
    /// Part of the name; empty plays all.
    pub name: String,
    /// Whether somebody watches.
    pub visible: bool,
}

/// How a story went.
#[derive(Debug)]
pub enum Outcome {
    /// As told.
    Passed,
    /// Otherwise; where the evidence lies.
    Failed(anyhow::Error, PathBuf),
    /// Not to its end; why it cannot be here.
    Skipped(anyhow::Error),
}

impl Outcome {
    /// Whether it ended with something that did not come in time.
    fn is_vain(&self) -> bool {
        matches!(self, Self::Failed(error, _) if error.is::<Vain>())
    }
}

/// A story that cannot be played here, and why: it says so by failing with this.
#[derive(Debug)]
pub(super) struct Impossible(pub(super) String);

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Impossible {}

/// How many went how.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// As told.
    pub passed: u32,
    /// Otherwise.
    pub failed: u32,
    /// Not played.
    pub skipped: u32,
    /// Played once more.
    pub unsteady: u32,
}

/// Plays what the filter takes, in order; goes on after a failure. Some of those that waited in vain
/// are played once more.
pub async fn run(filter: &Filter) -> Result<Tally> {
    let failures = place::in_root("target/e2e/failures");
    std::fs::create_dir_all(failures.join(AGAIN))?;
    let mut tally = Tally::default();
    for kind in &filter.browsers {
        let wanted =
            |story: &&Story| story.browsers.contains(kind) && story.name.contains(&filter.name);
        if let Err(missing) = crate::browser::check_programs(*kind) {
            let count = STORIES.iter().filter(wanted).count();
            println!("skipped {count} stories in {kind}: {missing:#}");
            tally.skipped += u32::try_from(count)?;
            continue;
        }
        forget_failures(&failures, *kind)?;
        forget_failures(&failures.join(AGAIN), *kind)?;
        let mut tries = SECOND_TRIES_MAX;
        for story in STORIES.iter().filter(wanted) {
            let time = Stopwatch::start();
            let mut outcome = tell(story, *kind, filter.visible, &failures).await?;
            report(story, *kind, time, &outcome);
            let may = SECOND_TRY.iter().any(|name| story.name.starts_with(name));
            if tries > 0 && may && outcome.is_vain() {
                tries -= 1;
                tally.unsteady += 1;
                println!("        UNSTEADY: played once more; what was seen stays there");
                let time = Stopwatch::start();
                outcome = tell(story, *kind, filter.visible, &failures.join(AGAIN)).await?;
                report(story, *kind, time, &outcome);
            }
            match outcome {
                Outcome::Passed => tally.passed += 1,
                Outcome::Failed(..) => tally.failed += 1,
                Outcome::Skipped(_) => tally.skipped += 1,
            }
        }
    }
    Ok(tally)
}

/// Removes the evidence of an earlier run in this browser; another browser's stays.
fn forget_failures(failures: &Path, kind: Kind) -> Result<()> {
    let own = format!("{kind}-");
    for entry in std::fs::read_dir(failures)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&own) {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

async fn tell(story: &Story, kind: Kind, visible: bool, failures: &Path) -> Result<Outcome> {
    // Logs are written where no other run looks, and kept only where they tell of a failure.
    let logs = tempfile::Builder::new()
        .prefix("pearvault-story-")
        .tempdir()?;
    let Err(error) = play(story, kind, visible, logs.path()).await else {
        return Ok(Outcome::Passed);
    };
    if error.is::<Impossible>() {
        return Ok(Outcome::Skipped(error));
    }
    let folder = failures.join(format!("{kind}-{}", story.name.replace("::", "-")));
    place::fresh_folder(&folder)?;
    for entry in std::fs::read_dir(logs.path())? {
        let entry = entry?;
        std::fs::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    std::fs::write(folder.join("error.txt"), format!("{error:#}\n"))?;
    Ok(Outcome::Failed(error, folder))
}

async fn play(story: &Story, kind: Kind, visible: bool, logs: &Path) -> Result<()> {
    let stage = Stage::open(kind, visible, logs).await?;
    let playing = AssertUnwindSafe((story.play)(&stage)).catch_unwind();
    let result = match tokio::time::timeout(story.limit, playing).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(anyhow!("panicked: {}", text_of(&*panic))),
        Err(_) => Err(anyhow!("not over after {:?}", story.limit)),
    };
    if result.is_err() {
        for user in stage.users() {
            // A browser that hangs must not hold the run.
            let evidence = user.leave_evidence(logs);
            tokio::time::timeout(Duration::from_secs(20), evidence)
                .await
                .ok();
        }
    }
    stage.close().await;
    result
}

fn report(story: &Story, kind: Kind, time: Stopwatch, outcome: &Outcome) {
    let name = format!("{kind} {}", story.name);
    let time = time.elapsed();
    match outcome {
        Outcome::Passed => println!("ok      {name} ({time})"),
        Outcome::Skipped(error) => println!("skipped {name} ({time}): {error:#}"),
        Outcome::Failed(error, folder) => {
            println!(
                "FAILED  {name} ({time}): {error:#}\n        evidence: {}",
                folder.display()
            );
        }
    }
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a text")
}
