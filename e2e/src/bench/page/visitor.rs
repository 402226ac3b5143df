//! Somebody who opens the same pages again and again in one browser.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::cpu::{self, Role};
use crate::{clock::Stopwatch, pages::user::User};

/// Pause between two looks at the browser's processes.
const LOOK: Duration = Duration::from_millis(50);
/// A page has come to rest when its thread has done nothing for so long; longer than scripts wait
/// before they look at a page that has just been loaded.
const REST: Duration = Duration::from_millis(450);
/// Some pages never do.
const PATIENCE: Duration = Duration::from_secs(4);
/// Milliseconds in one look that threads at rest take for themselves.
const REST_WORK: f64 = 0.2;

/// A browser at whose processes we look.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) user: Arc<User>,
}

/// What one load took, milliseconds of processor time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// The page's main thread.
    pub(super) page: f64,
    /// All threads of the extension's own process: its worker.
    pub(super) worker: f64,
}

/// Milliseconds that each process has run so far: the main thread of those for pages, all threads
/// of those for extensions.
#[derive(Debug, Clone, Default)]
struct Times {
    pages: HashMap<i32, f64>,
    extensions: HashMap<i32, f64>,
}

impl Visitor {
    /// Somebody at a browser.
    pub(super) fn new(user: Arc<User>) -> Self {
        Self { user }
    }

    /// Loads a page and waits until it rests.
    pub(super) async fn load(&self, url: &str) -> Result<Load> {
        let before = self.rest().await?;
        self.user.visit(url).await?;
        let load = self.rest().await?.since(&before);
        ensure!(load.page > 0.0, "{url} was loaded without any work");
        Ok(load)
    }

    /// Milliseconds of the page's main thread for each second of the wall, during `time`.
    pub(super) async fn busy(&self, time: Duration) -> Result<f64> {
        let (watch, before) = (Stopwatch::start(), self.times()?);
        sleep(time).await;
        let taken = self.times()?.since(&before).page;
        Ok(taken / watch.elapsed().0.as_secs_f64())
    }

    /// Waits until the page rests.
    pub(super) async fn settle(&self) -> Result<()> {
        self.rest().await.map(drop)
    }

    async fn rest(&self) -> Result<Times> {
        let all = Stopwatch::start();
        let (mut still, mut before) = (Stopwatch::start(), self.times()?);
        while still.elapsed().0 < REST && all.elapsed().0 < PATIENCE {
            sleep(LOOK).await;
            let now = self.times()?;
            if now.since(&before).page > REST_WORK {
                still = Stopwatch::start();
            }
            before = now;
        }
        Ok(before)
    }

    fn times(&self) -> Result<Times> {
        let mut times = Times::default();
        // One may end between the two looks.
        for process in cpu::descendants(self.user.browser.process()?)? {
            match cpu::role(process) {
                Role::Pages => {
                    let time = cpu::main_thread(process).ok();
                    times.pages.extend(time.map(|time| (process, time)));
                }
                Role::Extensions => {
                    let time = cpu::all_threads(process).ok();
                    times.extensions.extend(time.map(|time| (process, time)));
                }
                Role::Other => {}
            }
        }
        Ok(times)
    }
}

impl Times {
    /// Time since then; of a process that is new all of it.
    fn since(&self, before: &Self) -> Load {
        let sum = |now: &HashMap<i32, f64>, before: &HashMap<i32, f64>| {
            let grown = now
                .iter()
                .map(|(process, time)| time - before.get(process).unwrap_or(&0.0));
            // A thread that ended takes its time along.
            grown.fold(0.0, |sum, it| sum + it.max(0.0))
        };
        Load {
            page: sum(&self.pages, &before.pages),
            worker: sum(&self.extensions, &before.extensions),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_counted_from_the_look_before() {
        let times = |pages: &[(i32, f64)], extensions: &[(i32, f64)]| Times {
            pages: pages.iter().copied().collect(),
            extensions: extensions.iter().copied().collect(),
        };
        let before = times(&[(1, 10.0), (2, 5.0)], &[(3, 7.0)]);
        // 2 has ended, 4 is new, and a thread of 3 ended.
        let load = times(&[(1, 11.5), (4, 2.0)], &[(3, 6.0)]).since(&before);
        assert!((load.page - 3.5).abs() < 1e-9, "{load:?}");
        assert!(load.worker.abs() < 1e-9, "{load:?}");
    }
}
