//! Steps of the tour: numbered, timed, photographed.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Result;
use fantoccini::actions::{InputSource as _, MouseActions, PointerAction};

use crate::{
    clock::{Seconds, Stopwatch},
    pages::user::User,
};

/// Ends once the page stands still.
const STILL: &str = include_str!("still.js");
/// How long a page may take to stand still; what still moves then is photographed in motion.
const REST: Duration = Duration::from_secs(2);

/// The steps so far.
#[derive(Debug)]
pub(super) struct Steps {
    folder: PathBuf,
    number: Cell<u32>,
    begun: Stopwatch,
}

/// A step that was photographed and is still to be told.
#[derive(Debug)]
#[must_use]
pub(super) struct Photographed<'a> {
    number: u32,
    name: &'a str,
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

    /// A step is done: the window in front is photographed once it stands still.
    pub(super) async fn shoot(&self, user: &User, name: &str, time: Stopwatch) -> Result<()> {
        let taken = time.elapsed();
        settle(user).await?;
        self.photograph(user, name).await?.tell(taken, "");
        Ok(())
    }

    /// Photographs the window in front as it is now.
    pub(super) async fn photograph<'a>(
        &self,
        user: &User,
        name: &'a str,
    ) -> Result<Photographed<'a>> {
        let number = self.number.get() + 1;
        self.number.set(number);
        let file = self.folder.join(format!("{number:02}-{name}.png"));
        user.screenshot(&file).await?;
        Ok(Photographed { number, name })
    }
}

impl Photographed<'_> {
    /// Prints the step's line: what it took, and what else is to be said of it.
    pub(super) fn tell(self, taken: Seconds, more: &str) {
        let colon = if more.is_empty() { "" } else { ": " };
        println!("{:02}  {} ({taken}){colon}{more}", self.number, self.name);
    }
}

/// A step without a picture is done.
pub(super) fn say(text: &str, time: Stopwatch) {
    println!("--  {text} ({})", time.elapsed());
}

/// Waits until the page in front has its fonts and nothing in it moves, nor shows a pointer over it.
pub(super) async fn settle(user: &User) -> Result<()> {
    move_pointer_away(user).await?;
    let limit = u32::try_from(REST.as_millis())?;
    user.browser
        .client
        .execute_async(STILL, vec![limit.into()])
        .await?;
    Ok(())
}

/// Moves the pointer into the corner of the page.
pub(super) async fn move_pointer_away(user: &User) -> Result<()> {
    let to = |x, y| PointerAction::MoveTo {
        duration: None,
        x,
        y,
    };
    // By way of a neighbour: Firefox moves nothing that it believes to be there already.
    let mouse = MouseActions::new("mouse".to_owned())
        .then(to(1.0, 1.0))
        .then(to(0.0, 0.0));
    Ok(user.browser.client.perform_actions(mouse).await?)
}
