//! From a form that the user sent to an offer to save what was typed.
//!
//! ```text
//! script: submitted ─▶ forms: what is what ─▶ waits ─┬─ the fields are gone ────────────┐
//!                                                    ├─ another page came, and it does  ├─▶ engine: offer ─▶ shown
//!                                                    │  not ask for the same again ─────┘
//!                                                    └─ they are still there: it failed, nothing is kept
//! ```
//!
//! What was typed waits here in memory for seconds; an offer is sealed by the engine.

mod sent;
mod show;

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use engine::{ActivityKind, Submission};
use forms::FormKind;
use proto::{
    bridge::{
        content::{Outcome, PageFacts, Submitted},
        endpoint::{FrameId, FrameSender, TabId},
        popup::AppStatus,
    },
    ids::{OfferId, UnixMillis},
    origin::Origin,
};
use webext::{
    event::PortId,
    scripting,
    sender::ContentFrame,
    time::{self, sleep, spawn},
};

pub(crate) use self::show::{answered, answered_elsewhere};
use crate::{
    app::App,
    filling::{News, SCRIPT},
    menu,
};

/// How long the next page may take to come, milliseconds.
const NEXT_PAGE_MS: u64 = 15_000;
/// Between two looks for it, milliseconds.
const LOOK_MS: u32 = 400;
/// How long its frame may take to tell its fields, milliseconds.
const FACTS_MS: u64 = 2000;
/// How long a user name waits for the page with its password, milliseconds.
const NAME_MS: u64 = 600_000;
/// Tabs that are remembered at once.
const TABS_MAX: usize = 100;
/// Least time between two forms of a tab that are compared with the vault, milliseconds: a script
/// gone bad must not try passwords by what is offered.
const COMPARED_EVERY_MS: u64 = 2000;

/// What was sent, by tab.
#[derive(Default)]
pub(crate) struct Captures(RefCell<Inner>);

#[derive(Default)]
struct Inner {
    sent: BTreeMap<TabId, Sent>,
    names: BTreeMap<TabId, Named>,
    offers: BTreeMap<TabId, OfferId>,
    /// When a form of the tab was compared last.
    compared: BTreeMap<TabId, UnixMillis>,
}

/// A form with a password that was sent.
struct Sent {
    submission: Submission,
    kind: FormKind,
    port: PortId,
    frame: ContentFrame,
    ticket: u64,
    at: UnixMillis,
}

/// A user name that was sent without a password: the first page of two.
struct Named {
    name: String,
    origin: Origin,
    at: UnixMillis,
}

/// The user sent a form.
pub(crate) async fn submitted(app: &Rc<App>, port: PortId, frame: &ContentFrame, said: Submitted) {
    let Ok(engine) = app.engine().await else {
        return;
    };
    engine.touch(ActivityKind::Background).await;
    let open = matches!(engine.status().await, AppStatus::Unlocked { .. });
    // While the vault is locked nothing that was typed is remembered.
    if !open || !engine.settings().offer_to_save {
        return;
    }
    let Some(origin) = frame.origin.clone() else {
        return;
    };
    // Nothing is around the page itself, and it may be gone before anybody could be asked.
    if frame.frame != FrameId(0) {
        let sender = menu::sender(app, frame).await;
        let opaque = |sender: &FrameSender| sender.ancestors.iter().any(Option::is_none);
        if sender.is_none_or(|sender| opaque(&sender)) {
            return;
        }
    }
    let Some(read) = sent::read(&said) else {
        return;
    };
    let (ticket, at) = (said.facts.ticket, time::now());
    let mut inner = app.captures.0.borrow_mut();
    inner.forget_old(at);
    if inner.sent.len() + inner.names.len() > TABS_MAX {
        return;
    }
    match read {
        sent::Read::Name(name) => {
            inner.names.insert(frame.tab, Named { name, origin, at });
        }
        sent::Read::Password { kind, mut parts } => {
            if parts.username.is_empty()
                && let Some(name) = inner.name_for(frame.tab, &origin)
            {
                parts.username = proto::vault::SecretText::new(name);
            }
            let submission = Submission {
                origin,
                username: parts.username,
                password: parts.password,
                new_password: parts.new_password,
            };
            let sent = Sent {
                submission,
                kind,
                port,
                frame: frame.clone(),
                ticket,
                at,
            };
            inner.sent.insert(frame.tab, sent);
        }
    }
    drop(inner);
    if app.connections.borrow().peer(port).is_none() {
        // The page was quicker than all this.
        lost(app, port, frame.tab);
    }
}

/// The script says what became of a form whose page stayed.
pub(crate) async fn outcome(app: &App, frame: &ContentFrame, said: Outcome) {
    let sent = {
        let mut inner = app.captures.0.borrow_mut();
        // Not by its port: it may have had to open another.
        let own = |sent: &Sent| sent.frame == *frame && sent.ticket == said.ticket;
        if !inner.sent.get(&frame.tab).is_some_and(own) {
            return;
        }
        inner.sent.remove(&frame.tab)
    };
    if let Some(sent) = sent.filter(|_| said.gone) {
        offer(app, frame.tab, sent.submission).await;
    }
}

/// A script is gone: where its form was sent, the next page tells whether it was accepted; where it
/// showed an offer, the next page shows it again.
pub(crate) fn lost(app: &Rc<App>, port: PortId, tab: TabId) {
    let sent = {
        let mut inner = app.captures.0.borrow_mut();
        let own = inner.sent.get(&tab).is_some_and(|sent| sent.port == port);
        if own { inner.sent.remove(&tab) } else { None }
    };
    let app = Rc::clone(app);
    if let Some(sent) = sent {
        spawn(async move {
            if let Some(next) = next_page(&app, &sent.frame).await
                && !asks_again(&next, sent.kind)
            {
                offer(&app, tab, sent.submission).await;
            }
        });
    } else {
        let waits = app.captures.0.borrow().offers.contains_key(&tab);
        if waits {
            spawn(async move { show::again(&app, tab).await });
        }
    }
}

/// The fields of the page that came after, in the frame of the form; `None` where none came, or no
/// script may look at it.
async fn next_page(app: &App, frame: &ContentFrame) -> Option<PageFacts> {
    let until = time::now().plus(NEXT_PAGE_MS);
    while time::now() < until {
        sleep(LOOK_MS).await;
        let ticket = app.ticket();
        let Some(mut heard) = app.fills.borrow_mut().begin(frame.tab, ticket) else {
            continue;
        };
        let ran = scripting::run_in_frame(frame.tab, frame.frame, SCRIPT).await;
        let mut found = None;
        let by = time::now().plus(FACTS_MS);
        while ran.is_ok() && found.is_none() {
            match heard.next(by).await {
                Some(News::Facts(_, facts)) => found = Some(facts),
                Some(_) => {}
                None => break,
            }
        }
        app.fills.borrow_mut().end(frame.tab);
        match (ran, found) {
            (Ok(()), Some(facts)) => return Some(facts),
            // The frame went away with its form, as dialogs do.
            (Err(_), _) if frame.frame != FrameId(0) => return Some(empty()),
            _ => {}
        }
    }
    None
}

/// Whether a page asks for what was just sent: most likely it was refused.
fn asks_again(page: &PageFacts, kind: FormKind) -> bool {
    forms::analyze(page).groups.iter().any(|group| {
        group.kind == kind
            && group
                .fields
                .iter()
                .any(|field| field.secret && field.usable)
    })
}

async fn offer(app: &App, tab: TabId, submission: Submission) {
    let Ok(engine) = app.engine().await else {
        return;
    };
    let now = time::now();
    let before = app.captures.0.borrow_mut().compared.insert(tab, now);
    if before.is_some_and(|before| now.0.abs_diff(before.0) < COMPARED_EVERY_MS) {
        return;
    }
    let made = engine.consider(submission).await;
    if let Ok(engine::Offer::Save { id, .. } | engine::Offer::Update { id, .. }) = made {
        app.captures.0.borrow_mut().offers.insert(tab, id);
        app.tell_vault_changed();
        show::show(app, tab).await;
    }
}

impl Inner {
    fn name_for(&self, tab: TabId, origin: &Origin) -> Option<String> {
        let named = self.names.get(&tab)?;
        (named.origin == *origin).then(|| named.name.clone())
    }

    fn forget_old(&mut self, now: UnixMillis) {
        let young = |at: UnixMillis| now.0.abs_diff(at.0) <= NAME_MS;
        self.names.retain(|_, named| young(named.at));
        self.compared.retain(|_, at| young(*at));
        self.sent
            .retain(|_, sent| now.0.abs_diff(sent.at.0) <= NEXT_PAGE_MS);
    }
}

impl Captures {
    /// The vault was locked: nothing that was typed is remembered any more.
    pub(crate) fn forget(&self) {
        let mut inner = self.0.borrow_mut();
        inner.sent.clear();
        inner.names.clear();
        inner.offers.clear();
    }

    /// An offer was answered elsewhere; the tab that shows it.
    pub(crate) fn answered_elsewhere(&self, id: OfferId) -> Option<TabId> {
        let mut inner = self.0.borrow_mut();
        let tab = *inner.offers.iter().find(|(_, offer)| **offer == id)?.0;
        inner.offers.remove(&tab);
        Some(tab)
    }
}

fn empty() -> PageFacts {
    PageFacts {
        ticket: 0,
        title: String::new(),
        path: String::new(),
        language: String::new(),
        fields: Vec::new(),
        forms: Vec::new(),
        buttons: Vec::new(),
    }
}
