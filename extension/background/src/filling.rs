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

mod fills;
mod goods;
mod look;
mod values;

use std::rc::Rc;

use engine::UserAct;
use forms::Analysis;
use proto::{
    bridge::{
        content::{ContentCommand, FillCommand, FillStep, Filled, PageFacts},
        endpoint::TabId,
        popup::FillReport,
    },
    error::{ErrorCode, WireError},
    ids::{ItemId, UnixMillis},
    vault::ItemKind,
};
use webext::{action, event::PortId, sender::ContentFrame, tabs, time};

pub(crate) use self::{
    fills::{Fills, Heard, News},
    goods::Goods,
    look::{Candidate, Frames, Look},
};
use crate::{account::Account, app::App, refusal::more_telling};

/// The script that looks and types.
pub(crate) const SCRIPT: &str = "content/page.js";
/// How long a frame may take to fill, milliseconds.
const FILLED_WITHIN_MS: u64 = 5000;
/// How old an act of the user may be for something to be released, milliseconds. Two runs that use
/// up all their time take less.
const ACT_FRESH_MS: u64 = 10_000;

/// Fills a login into the page that the user means.
///
/// # Errors
/// The most telling reason why nothing was filled; `NoUserAct` for what is no login.
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

/// Fills the place of a tab that `is_meant` knows again, as the user was shown it.
///
/// # Errors
/// `PageGone` where the page has no such place any more; else why nothing was filled.
pub(crate) async fn fill_shown(
    app: &App,
    tab: TabId,
    item: ItemId,
    asked: UnixMillis,
    is_meant: impl Fn(&Candidate) -> bool,
) -> Result<FillReport, WireError> {
    let engine = app.account().await?;
    let errand = Errand {
        goods: Goods::item(&engine, item).await?,
        engine,
        look: Look::begin(app, tab, app.ticket())?,
        act: UserAct::Chosen,
        asked,
    };
    errand
        .run(|found| {
            found.retain(&is_meant);
            if found.is_empty() {
                return Err(ErrorCode::PageGone.into());
            }
            Ok(())
        })
        .await
}

/// The shortcut, or the context menu: fills where exactly one login fits or one was filled in this
/// tab a short time ago, and opens the popup where the user has to
/// choose, to unlock, or to read why not. `pressed` is the tab in view, where the browser tells:
/// with a page of ours in view, nothing is filled behind it.
pub(crate) async fn by_shortcut(app: &Rc<App>, pressed: Option<TabId>, act: UserAct) {
    let asked = time::now();
    let only = async {
        let engine = app.account().await.ok()?;
        let tab = tabs::meant().await.ok().flatten()?;
        let (id, origin) = (tab.id()?, tab.origin()?);
        if pressed.is_some_and(|pressed| pressed != id) {
            return None;
        }
        let fitting = engine.logins_for(&origin).await.ok()?;
        engine.touch(engine::ActivityKind::User).await;
        let last = app.chosen.borrow_mut().recall(id);
        let again = fitting.iter().find(|login| Some(login.id) == last);
        let only = fitting.first().filter(|_| fitting.len() == 1);
        again.or(only).map(|login| (id, login.id))
    };
    let filled = match only.await {
        Some((tab, item)) => {
            let filled = fill_tab(app, tab, item, act, asked).await;
            filled.is_ok()
        }
        None => false,
    };
    if !filled {
        // Not every browser opens it without a click; the button is there.
        let _ = action::open_popup().await;
    }
}

/// A field of a frame that the user is at, and what is known of the frame.
pub(crate) struct Place<'a> {
    pub(crate) port: PortId,
    pub(crate) frame: &'a ContentFrame,
    pub(crate) facts: &'a PageFacts,
    pub(crate) analysis: &'a Analysis,
    pub(crate) field: u32,
}

/// Fills around the field that the user is at.
///
/// # Errors
/// Why nothing was filled.
pub(crate) async fn fill_place(
    app: &App,
    place: &Place<'_>,
    goods: Goods,
    act: UserAct,
    asked: UnixMillis,
) -> Result<FillReport, WireError> {
    let plan = goods.plan_at(place.analysis, place.field);
    let candidate = Candidate {
        port: place.port,
        plan: plan.ok_or(ErrorCode::NothingToFill)?,
        frame: place.frame.clone(),
        facts: place.facts.clone(),
    };
    let mut errand = Errand {
        engine: app.account().await?,
        look: Look::known(app, place.frame.tab, place.facts.ticket)?,
        goods,
        act,
        asked,
    };
    errand.fill(vec![candidate]).await
}

async fn fill_tab(
    app: &App,
    tab: TabId,
    item: ItemId,
    act: UserAct,
    asked: UnixMillis,
) -> Result<FillReport, WireError> {
    let engine = app.account().await?;
    let goods = Goods::item(&engine, item).await?;
    // A card or an identity goes nowhere before the user has seen where: see `preview`.
    if matches!(&goods, Goods::Item(_, overview) if overview.kind != ItemKind::Login) {
        return Err(ErrorCode::NoUserAct.into());
    }
    let errand = Errand {
        engine,
        look: Look::begin(app, tab, app.ticket())?,
        goods,
        act,
        asked,
    };
    errand.run(|_| Ok(())).await
}

/// One fill of one tab, as the user asked for it.
struct Errand<'a> {
    engine: Account,
    look: Look<'a>,
    goods: Goods,
    act: UserAct,
    asked: UnixMillis,
}

impl Errand<'_> {
    /// Looks and fills what `choose` leaves.
    async fn run(
        mut self,
        choose: impl Fn(&mut Vec<Candidate>) -> Result<(), WireError>,
    ) -> Result<FillReport, WireError> {
        let mut outcome = self.try_once(&choose).await;
        if outcome
            .as_ref()
            .is_err_and(|error| error.code == ErrorCode::PageGone)
        {
            // The page was drawn anew between its facts and the command.
            outcome = self.try_once(&choose).await;
        }
        self.look.dismiss();
        outcome
    }

    async fn try_once(
        &mut self,
        choose: &impl Fn(&mut Vec<Candidate>) -> Result<(), WireError>,
    ) -> Result<FillReport, WireError> {
        let mut found = self.look.find(&self.goods, self.act).await?;
        choose(&mut found)?;
        self.fill(found).await
    }

    /// Fills the first of them that the gate lets through.
    async fn fill(&mut self, found: Vec<Candidate>) -> Result<FillReport, WireError> {
        let frames = self.look.frames().await?;
        let mut why = None;
        for candidate in found {
            // What stood in the user's view was meant, and not what comes after it.
            let sender = frames.sender(&candidate.frame).ok_or(ErrorCode::PageGone)?;
            self.check_fresh()?;
            let released = self
                .goods
                .release(&self.engine, &sender, self.act, &candidate);
            let steps = match released.await {
                Ok(steps) => steps,
                Err(refused) => {
                    why = Some(more_telling(why, refused));
                    continue;
                }
            };
            // The engine may have been busy with another's work.
            self.check_fresh()?;
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
        let Look {
            app, tab, ticket, ..
        } = self.look;
        let command = ContentCommand::Fill(FillCommand { ticket, steps });
        app.connections.borrow().tell(candidate.port, &command);
        drop(command);
        match self.filled(candidate.port).await {
            Some(filled) if !filled.stale => {
                let report = values::report(&candidate.plan, &filled);
                if filled.fields.is_empty() {
                    return Err(ErrorCode::FillLost.into());
                }
                if let Some(item) = self.goods.id() {
                    app.chosen.borrow_mut().note(tab, item);
                    // The fill is done even if its time cannot be written down.
                    let _ = self.engine.used(item).await;
                }
                app.undos.borrow_mut().note(&candidate.frame, ticket);
                Ok(report)
            }
            _ => Err(ErrorCode::PageGone.into()),
        }
    }

    async fn filled(&mut self, port: PortId) -> Option<Filled> {
        let until = time::now().plus(FILLED_WITHIN_MS);
        loop {
            match self.look.heard.next(until).await? {
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
