//! Whether the popup stays responsive: its frames and long tasks while a screen is shown.

mod main_thread;

use std::{fmt, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use self::main_thread::MainThread;
use crate::{
    clock::{Deadline, Seconds, Stopwatch},
    pages::user::User,
};

const START: &str = include_str!("frames.js");
/// Answers when the screen is over, or `null` before the driver gives a script up.
const WAIT: &str = "const [done] = arguments, end = performance.now() + 20_000;
    const look = () => pearvaultFrames.over ? done(pearvaultFrames)
        : performance.now() > end ? done(null) : setTimeout(look, 250);
    look();";

/// Milliseconds that a task of the page's own, or all but few frames, may take.
const LONGEST: f64 = 100.0;
/// Of a hundred frames so many may take longer: a busy processor draws late what is ready in time.
const LATE: usize = 1;

/// What was seen of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frames {
    /// Milliseconds from each frame to the next, the shortest first.
    gaps: Vec<f64>,
    tasks: Vec<Task>,
}

/// A task of the page's main thread that took more than 50 milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Task {
    /// Milliseconds from its begin to its end.
    took: f64,
    /// Milliseconds of them that the thread had the processor.
    own: f64,
}

#[derive(Deserialize)]
struct Noted {
    gaps: Vec<f64>,
    tasks: Vec<(f64, f64)>,
}

impl Frames {
    /// Watches the popup in front for as long as it shows a screen. `meanwhile` is called every 20 s:
    /// somebody waits before a terminal.
    pub(super) async fn watch(
        user: &User,
        screen: &str,
        limit: Duration,
        meanwhile: impl AsyncFnMut(),
    ) -> Result<Self> {
        let mut thread = MainThread::find(user);
        let clock = Stopwatch::start();
        let before = clock.elapsed().0;
        let begun = user
            .browser
            .client
            .execute(START, vec![screen.into()])
            .await?;
        let begun = begun.as_f64().context("the page has no time")?;
        let after = clock.elapsed().0;
        let noted = tokio::select! {
            noted = Noted::wait(user, limit, meanwhile) => noted?,
            never = thread.sample(clock) => match never {},
        };
        let task = |(start, took): (f64, f64)| {
            let since = Duration::from_secs_f64((start - begun).max(0.0) / 1000.0);
            let until = after + since + Duration::from_secs_f64(took / 1000.0);
            let own = thread.used_between(before + since, until);
            let own = own.map_or(took, |own| took.min(own.as_secs_f64() * 1000.0));
            Task { took, own }
        };
        let tasks = noted.tasks.into_iter().map(task).collect();
        let mut gaps = noted.gaps;
        gaps.sort_by(f64::total_cmp);
        Ok(Self { gaps, tasks })
    }

    /// # Errors
    /// Somebody would have felt the popup stick, and it was the popup's fault.
    pub(super) fn check(&self) -> Result<()> {
        let own = longest(self.tasks.iter().map(|task| task.own));
        ensure!(
            own <= LONGEST,
            "the popup was busy for {own:.0} ms without a pause: {self}"
        );
        let late = self.gaps.iter().filter(|gap| **gap > LONGEST).count();
        ensure!(
            late * 100 <= self.gaps.len() * LATE,
            "{late} frames of the popup took more than {LONGEST} ms: {self}"
        );
        Ok(())
    }
}

impl fmt::Display for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = Seconds(Duration::from_secs_f64(
            self.gaps.iter().sum::<f64>() / 1000.0,
        ));
        let most = (self.gaps.len() * 99).div_ceil(100).saturating_sub(1);
        write!(
            f,
            "{} frames in {time}, 99 % within {:.0} ms, the longest {:.0} ms; ",
            self.gaps.len(),
            self.gaps.get(most).unwrap_or(&0.0),
            longest(self.gaps.iter().copied())
        )?;
        if self.tasks.is_empty() {
            return f.write_str("no task over 50 ms");
        }
        write!(
            f,
            "{} over 50 ms, the longest {:.0} ms, of its own time {:.0} ms",
            if self.tasks.len() == 1 {
                "1 task".to_owned()
            } else {
                format!("{} tasks", self.tasks.len())
            },
            longest(self.tasks.iter().map(|task| task.took)),
            longest(self.tasks.iter().map(|task| task.own))
        )
    }
}

impl Noted {
    async fn wait(user: &User, limit: Duration, mut meanwhile: impl AsyncFnMut()) -> Result<Self> {
        let deadline = Deadline::after(limit);
        loop {
            let seen = user.browser.client.execute_async(WAIT, Vec::new()).await?;
            if !seen.is_null() {
                return Ok(serde_json::from_value(seen)?);
            }
            ensure!(
                !deadline.is_over(),
                "the popup showed the same screen for {limit:?}"
            );
            meanwhile().await;
        }
    }
}

fn longest(millis: impl Iterator<Item = f64>) -> f64 {
    millis.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_long_tasks_and_more_than_few_late_frames_are_told() {
        let check = |late: usize, tasks: &[(f64, f64)], good: bool| {
            let mut gaps = vec![16.0; 200 - late];
            gaps.resize(200, 120.0);
            let task = |&(took, own): &(f64, f64)| Task { took, own };
            let tasks = tasks.iter().map(task).collect();
            let frames = Frames { gaps, tasks };
            assert_eq!(frames.check().is_ok(), good, "{frames}");
        };
        check(0, &[], true);
        check(2, &[(60.0, 60.0), (150.0, 20.0)], true);
        check(3, &[], false);
        check(0, &[(101.0, 101.0), (60.0, 60.0)], false);
    }
}
