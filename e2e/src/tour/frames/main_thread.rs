//! Processor time of the popup's main thread, where the system tells it (Linux): what took long
//! because others had the processor is no fault of the popup.

use std::{collections::HashMap, convert::Infallible, fs, path::PathBuf, time::Duration};

use crate::{clock::Stopwatch, pages::user::User};

/// Pause between two looks at the thread.
const PAUSE: Duration = Duration::from_millis(5);

/// The thread, and what was seen of it.
#[derive(Debug)]
pub(super) struct MainThread {
    /// Where the system tells of it.
    file: Option<PathBuf>,
    /// When, and the processor time that it had used by then.
    samples: Vec<(Duration, Duration)>,
}

impl MainThread {
    /// That of the process in which all pages of the extension are; all are on one thread.
    pub(super) fn find(user: &User) -> Self {
        let capabilities = user.browser.client.capabilities();
        let browser = capabilities.and_then(|all| all.get("goog:processID")?.as_u64());
        let file = browser
            .and_then(extension_process)
            .map(|id| PathBuf::from(format!("/proc/{id}/task/{id}/schedstat")));
        Self {
            file,
            samples: Vec::new(),
        }
    }

    /// Looks at it again and again, for ever.
    pub(super) async fn sample(&mut self, clock: Stopwatch) -> Infallible {
        loop {
            if let Some(used) = self.used() {
                self.samples.push((clock.elapsed().0, used));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The most processor time that it can have used between two moments; `None` where nobody
    /// knows.
    pub(super) fn used_between(&self, from: Duration, until: Duration) -> Option<Duration> {
        let before = self.samples.iter().rfind(|(at, _)| *at <= from)?;
        let after = self.samples.iter().find(|(at, _)| *at >= until)?;
        Some(after.1.saturating_sub(before.1))
    }

    fn used(&self) -> Option<Duration> {
        let text = fs::read_to_string(self.file.as_ref()?).ok()?;
        let nanos = text.split_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(nanos))
    }
}

/// The process of the extension's pages in a browser's family.
fn extension_process(browser: u64) -> Option<u64> {
    let ids: Vec<u64> = fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    let parents: HashMap<u64, u64> = ids
        .iter()
        .filter_map(|id| Some((*id, parent(*id)?)))
        .collect();
    let of_browser = |id: u64| {
        std::iter::successors(Some(id), |id| parents.get(id).copied()).any(|id| id == browser)
    };
    let is_extension = |id: u64| {
        fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|line| {
            line.split(|byte| *byte == 0 || *byte == b' ')
                .any(|word| word == b"--extension-process")
        })
    };
    ids.into_iter()
        .find(|id| is_extension(*id) && of_browser(*id))
}

fn parent(id: u64) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // Behind the name, which may hold anything: state, parent.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}
