//! Steps of the tour: numbered, timed, photographed.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{
    clock::{Seconds, Stopwatch},
    pages::user::User,
};

/// The steps so far.
#[derive(Debug)]
pub(super) struct Steps {
    folder: PathBuf,
    number: Cell<u32>,
    begun: Stopwatch,
}

impl Steps {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            number: Cell::new(0),
            begun: Stopwatch::start(),
        }
    }

    /// Where the screenshots are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Time since the first step.
    pub(super) fn total(&self) -> Seconds {
        self.begun.elapsed()
    }

    /// A step is done: the window in front is photographed.
    pub(super) async fn shoot(&self, user: &User, name: &str, time: Stopwatch) -> Result<()> {
        let taken = time.elapsed();
        self.number.set(self.number.get() + 1);
        let file = format!("{:02}-{name}.png", self.number.get());
        user.screenshot(&self.folder.join(&file)).await?;
        println!("{:02}  {name} ({taken})", self.number.get());
        Ok(())
    }
}

/// A step without a picture is done.
pub(super) fn say(text: &str, time: Stopwatch) {
    println!("--  {text} ({})", time.elapsed());
}
