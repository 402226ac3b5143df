//! From the user's act to a filled form.
//!
//! ```text
//! tab ─ inject ─▶ scripts greet ─ collect ─▶ facts ─ forms ─▶ plans, the best first
//!                                                               │ the gate, once a frame
//!                                  filled ◀─ one command ◀──────┘
//! ```
//!
//! The command goes down the port that the facts came from. A port belongs to one document: after
//! a navigation it is dead, and nothing can arrive at the page that came after.
//!
//! An act of the user is good for seconds: whatever holds a fill up for longer, nothing is released
//! for it any more.

mod facts;
mod fills;
mod values;

use std::rc::Rc;

use engine::UserAct;
use forms::Have;
use proto::{
    bridge::{
        content::{ContentCommand, FillCommand, FillStep, Filled},
        endpoint::TabId,
        popup::FillReport,
    },
    error::{ErrorCode, WireError},
    ids::{ItemId, UnixMillis},
    vault::{ItemKind, ItemOverview},
};
use webext::{action, event::PortId, tabs, time};

pub(crate) use self::fills::Fills;
use self::{
    facts::Candidate,
    fills::{Heard, News},
};
use crate::{
    app::{App, BrowserEngine},
    refusal::more_telling,
};

/// How long a frame may take to fill, milliseconds.
const FILLED_WITHIN_MS: u64 = 5000;
/// How old an act of the user may be for something to be released, milliseconds. Two runs that use
/// up all their time take less.
const ACT_FRESH_MS: u64 = 10_000;

/// Fills a login into the page that the user means.
///
/// # Errors
/// The most telling reason why nothing was filled.
pub(crate) async fn fill(
    app: &Rc<App>,
    item: ItemId,
    act: UserAct,
) -> Result<FillReport, WireError> {
    let asked = time::now();
    let tab = tabs::meant()
        .await
        .ok()
        .flatten()
        .filter(|tab| tab.origin().is_some());
    let tab = tab
        .and_then(|tab| tab.id())
        .ok_or(ErrorCode::PageUnsupported)?;
    fill_tab(app, tab, item, act, asked).await
}

/// The shortcut: fills where exactly one login fits, and opens the popup where the user has to
/// choose, to unlock, or to read why not. `pressed` is the tab in view, where the browser tells:
/// with a page of ours in view, nothing is filled behind it.
pub(crate) async fn by_shortcut(app: &Rc<App>, pressed: Option<TabId>) {
    let asked = time::now();
    let only = async {
        let engine = app.engine().await.ok()?;
        let tab = tabs::meant().await.ok().flatten()?;
        let (id, origin) = (tab.id()?, tab.origin()?);
        if pressed.is_some_and(|pressed| pressed != id) {
            return None;
        }
        let fitting = engine.logins_for(&origin).await.ok()?;
        engine.touch(engine::ActivityKind::User).await;
        (fitting.len() == 1).then(|| (id, fitting[0].id))
    };
    let filled = match only.await {
        Some((tab, item)) => {
            let filled = fill_tab(app, tab, item, UserAct::Shortcut, asked).await;
            filled.is_ok()
        }
        None => false,
    };
    if !filled {
        // Not every browser opens it without a click; the button is there.
        let _ = action::open_popup().await;
    }
}

async fn fill_tab(
    app: &Rc<App>,
    tab: TabId,
    item: ItemId,
    act: UserAct,
    asked: UnixMillis,
) -> Result<FillReport, WireError> {
    let engine = app.engine().await?;
    let login = engine.item(item).await?.overview;
    if login.kind != ItemKind::Login {
        return Err(ErrorCode::NothingToFill.into());
    }
    let ticket = app.ticket();
    let begun = app.fills.borrow_mut().begin(tab, ticket);
    let mut errand = Errand {
        app,
        engine: &engine,
        tab,
        ticket,
        item,
        login,
        act,
        asked,
        heard: begun.ok_or(ErrorCode::AlreadyRunning)?,
    };
    let mut outcome = errand.run().await;
    if outcome
        .as_ref()
        .is_err_and(|error| error.code == ErrorCode::PageGone)
    {
        // The page was drawn anew between its facts and the command.
        outcome = errand.run().await;
    }
    app.fills.borrow_mut().end(tab);
    if outcome.is_ok() {
        // The fill is done even if its time cannot be written down.
        let _ = engine.used(item).await;
    }
    // Scripts have no further business.
    let scripts = app.connections.borrow().scripts(tab);
    for (id, _) in scripts {
        app.connections.borrow_mut().close(id);
    }
    outcome
}

/// One fill of one tab, as the user asked for it.
struct Errand<'a> {
    app: &'a App,
    engine: &'a BrowserEngine,
    tab: TabId,
    ticket: u64,
    item: ItemId,
    login: ItemOverview,
    act: UserAct,
    asked: UnixMillis,
    heard: Heard,
}

impl Errand<'_> {
    async fn run(&mut self) -> Result<FillReport, WireError> {
        let facts = self.collect().await?;
        let frames = self.frames().await?;
        let mut found = self.candidates(&facts);
        if found.is_empty() {
            found = self.out_of_view(&facts, &frames).await;
        }
        let mut why = None;
        for candidate in found {
            // What stood in the user's view was meant, and not what comes after it.
            let sender = frames.sender(&candidate).ok_or(ErrorCode::PageGone)?;
            self.check_fresh()?;
            let credential = match self.engine.release(self.item, &sender, self.act).await {
                Ok(credential) => credential,
                Err(refused) => {
                    why = Some(more_telling(why, refused.into()));
                    continue;
                }
            };
            // The engine may have been busy with another's work.
            self.check_fresh()?;
            let steps = values::steps(&candidate.plan, &credential);
            drop(credential);
            return self.command(&candidate, steps).await;
        }
        Err(why.unwrap_or_else(|| ErrorCode::NothingToFill.into()))
    }

    /// One frame for one run: whatever it answers, the next one down is not tried. Only where the
    /// page had changed is there a second run, with new facts and through the gate again.
    async fn command(
        &mut self,
        candidate: &Candidate,
        steps: Vec<FillStep>,
    ) -> Result<FillReport, WireError> {
        let command = ContentCommand::Fill(FillCommand {
            ticket: self.ticket,
            steps,
        });
        self.app.connections.borrow().tell(candidate.port, &command);
        drop(command);
        match self.filled(candidate.port).await {
            Some(filled) if !filled.stale => {
                let report = values::report(&candidate.plan, &filled);
                if report.username || report.password || report.totp {
                    Ok(report)
                } else {
                    Err(ErrorCode::NothingToFill.into())
                }
            }
            _ => Err(ErrorCode::PageGone.into()),
        }
    }

    async fn filled(&mut self, port: PortId) -> Option<Filled> {
        let until = time::now().plus(FILLED_WITHIN_MS);
        loop {
            match self.heard.next(until).await? {
                News::Filled(id, filled) if id == port => return Some(filled),
                News::Lost(id) if id == port => return None,
                _ => {}
            }
        }
    }

    fn check_fresh(&self) -> Result<(), WireError> {
        if is_fresh(self.asked, time::now()) {
            Ok(())
        } else {
            Err(ErrorCode::TimedOut.into())
        }
    }

    fn have(&self) -> Have {
        Have {
            username: !self.login.subtitle.is_empty(),
            password: self.login.has_password,
            totp: self.login.has_totp,
        }
    }
}

/// Whether an act of that time still counts. A clock that was set back does not make it young.
fn is_fresh(asked: UnixMillis, now: UnixMillis) -> bool {
    now.0.abs_diff(asked.0) <= ACT_FRESH_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_counts_for_seconds() {
        let asked = UnixMillis(1_000_000);
        assert!(is_fresh(asked, asked));
        assert!(is_fresh(asked, asked.plus(ACT_FRESH_MS)));
        assert!(!is_fresh(asked, asked.plus(ACT_FRESH_MS + 1)));
        assert!(!is_fresh(asked, asked.plus(600_000)));
        assert!(!is_fresh(asked, UnixMillis(0)));
    }
}
