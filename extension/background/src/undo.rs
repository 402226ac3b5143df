//! Taking a fill back: the script that did it remembers what stood there before.

use std::{collections::BTreeMap, rc::Rc};

use proto::{
    bridge::{
        content::ContentCommand,
        endpoint::TabId,
        popup::{PageView, Undone},
    },
    error::{ErrorCode, WireError},
    ids::UnixMillis,
};
use webext::{event::PortId, frames, scripting, sender::ContentFrame, tabs, time};

use crate::{
    app::App,
    filling::{Heard, News, SCRIPT},
};

/// How long the frame may take, milliseconds.
const UNDONE_WITHIN_MS: u64 = 4000;
/// How long one try of it may take, milliseconds: what was said to a port that was just closed
/// arrives nowhere.
const TRY_MS: u64 = 700;

/// The last fill of each tab.
#[derive(Default)]
pub(crate) struct Undos(BTreeMap<TabId, Last>);

#[derive(Clone)]
struct Last {
    at: ContentFrame,
    ticket: u64,
}

impl Undos {
    /// A frame was filled.
    pub(crate) fn note(&mut self, frame: &ContentFrame, ticket: u64) {
        let last = Last {
            at: frame.clone(),
            ticket,
        };
        self.0.insert(frame.tab, last);
    }
}

/// Puts back what stood in the fields before the tab's last fill; how many fields.
///
/// # Errors
/// [`ErrorCode::NothingToFill`] where there was none or its page is gone, `AlreadyRunning`.
pub(crate) async fn undo(app: &Rc<App>, tab: TabId) -> Result<usize, WireError> {
    let last = app.undos.borrow().0.get(&tab).cloned();
    let last = last.ok_or(ErrorCode::NothingToFill)?;
    let begun = app.fills.borrow_mut().begin_silent(tab, last.ticket);
    let mut heard = begun.ok_or(ErrorCode::AlreadyRunning)?;
    // Whatever comes of it, it is not asked for again; where another fill is under way, it may be.
    app.undos.borrow_mut().0.remove(&tab);
    let count = ask(app, tab, &last, &mut heard).await;
    app.fills.borrow_mut().end(tab);
    count
        .filter(|count| *count > 0)
        .ok_or_else(|| ErrorCode::NothingToFill.into())
}

/// The same for the page that the user means.
///
/// # Errors
/// As [`undo`].
pub(crate) async fn meant(app: &Rc<App>) -> Result<Undone, WireError> {
    let tab = tabs::meant().await.ok().flatten().and_then(|tab| tab.id());
    let count = undo(app, tab.ok_or(ErrorCode::PageUnsupported)?).await?;
    Ok(Undone {
        fields: u32::try_from(count).unwrap_or(u32::MAX),
    })
}

/// How the page stands that the user means.
pub(crate) async fn page(app: &App) -> PageView {
    let tab = tabs::meant().await.ok().flatten().and_then(|tab| tab.id());
    let can_undo = match tab {
        Some(tab) => is_there(app, tab).await,
        None => false,
    };
    PageView { can_undo }
}

/// Whether the page of a tab's last fill is still in it.
async fn is_there(app: &App, tab: TabId) -> bool {
    let last = app.undos.borrow().0.get(&tab).cloned();
    let Some(Last { at, .. }) = last else {
        return false;
    };
    let tree = frames::list(tab).await.unwrap_or_default();
    frames::holds(&tree, &at).unwrap_or_else(|| {
        let scripts = app.connections.borrow().scripts(tab);
        let mut here = scripts.iter().map(|(_, script)| script);
        here.any(|script| script.frame == at.frame && script.origin == at.origin)
    })
}

async fn ask(app: &App, tab: TabId, last: &Last, heard: &mut Heard) -> Option<usize> {
    let until = time::now().plus(UNDONE_WITHIN_MS);
    scripting::run_in_frame(tab, last.at.frame, SCRIPT)
        .await
        .ok()?;
    loop {
        let port = port_of(app, tab, last, until).await?;
        let ticket = last.ticket;
        app.connections
            .borrow()
            .tell(port, &ContentCommand::Undo { ticket });
        let by = time::now().plus(TRY_MS);
        loop {
            match heard.next(by).await {
                // Over whichever port: the ticket is its own.
                Some(News::Filled(_, filled)) => return Some(filled.fields.len()),
                // A script that is sent once more opens its port anew.
                Some(News::Lost(id)) if id == port => break,
                Some(_) => {}
                None => break,
            }
        }
        if time::now() > until {
            return None;
        }
    }
}

/// The newest port of the script that filled.
async fn port_of(app: &App, tab: TabId, last: &Last, until: UnixMillis) -> Option<PortId> {
    loop {
        let scripts = app.connections.borrow().scripts(tab);
        let mut newest = scripts.into_iter().rev();
        let own = |frame: &ContentFrame| {
            frame.frame == last.at.frame && frame.document == last.at.document
        };
        if let Some((id, _)) = newest.find(|(_, frame)| own(frame)) {
            return Some(id);
        }
        if time::now() > until {
            return None;
        }
        time::sleep(20).await;
    }
}
