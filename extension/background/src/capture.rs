//! From a form that the user sent to an offer to save what was typed.
//!
//! ```text
//! script: submitted ─▶ forms: what is what ─▶ waits ─┬─ the fields are gone ────────────┐
//!                                                    ├─ another page came, and it does  ├─▶ engine: offer ─▶ shown
//!                                                    │  not ask for the same again ─────┘
//!                                                    └─ they are still there: it failed, nothing is kept
//! ```
//!
//! What was typed waits in memory: a form for 25 s at most, the user name of a first page for 10
//! minutes, neither past a lock. An offer is sealed by the engine. Private windows and frames with
//! another site around them are left alone.

mod sent;
mod show;
mod waiting;

use std::rc::Rc;

use engine::{ActivityKind, Submission, same_site, site_name};
use forms::FormKind;
use proto::{
    bridge::{
        content::{ContentCommand, Outcome, PageFacts, Submitted},
        endpoint::FrameId,
        popup::AppStatus,
    },
    ids::UnixMillis,
    origin::Origin,
};
use webext::{
    event::PortId,
    scripting,
    sender::ContentFrame,
    time::{self, sleep, spawn},
};

use self::waiting::{NAME_MS, Place, SENT_MS, Sent, Waiting};
pub(crate) use self::{
    show::{answered, answered_elsewhere, gone},
    waiting::Captures,
};
use crate::{
    app::App,
    filling::{News, SCRIPT},
    menu,
};

/// Between two looks whether the page of a form is still there, milliseconds.
const LOOK_MS: u32 = 400;
/// How long a page may take to let a script in, and its script to tell its fields, milliseconds.
const FACTS_MS: u32 = 2000;
/// Between two looks whether that script has greeted, milliseconds.
const GREET_LOOK_MS: u32 = 25;

/// The user sent a form.
pub(crate) async fn submitted(app: &Rc<App>, port: PortId, frame: &ContentFrame, said: Submitted) {
    let script = app.connections.borrow().script(port);
    let (Some(script), Some(origin)) = (script, frame.origin.clone()) else {
        return;
    };
    let Ok(engine) = app.account().await else {
        return;
    };
    let round = app.captures.round();
    engine.wake().await;
    engine.touch(ActivityKind::Background).await;
    app.tell_status().await;
    let open = matches!(engine.status().await, AppStatus::Unlocked { .. });
    // While the vault is locked nothing that was typed is remembered, and of a private window never.
    if !open || !engine.settings().offer_to_save || frame.incognito {
        return;
    }
    if !is_among_its_own(app, frame, &origin).await {
        return;
    }
    let Some(read) = sent::read(&said) else {
        return;
    };
    let (place, at) = ((frame.tab, frame.frame), time::now());
    app.captures.forget_old(at);
    if app.captures.round() != round {
        return;
    }
    match read {
        sent::Read::Name(name) => {
            app.captures.keep_name(place, name, origin, at);
            forget_after(app, NAME_MS);
        }
        sent::Read::Password { kind, mut parts } => {
            if parts.username.is_empty()
                && let Some(name) = app.captures.name_for(place, &origin)
            {
                parts.username = name;
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
                script,
                ticket: said.facts.ticket,
                at,
            };
            if app.captures.keep_sent(place, sent) {
                let app = Rc::clone(app);
                spawn(async move { watch(&app, place, at).await });
            }
        }
    }
}

/// Whether nothing of another site is around a frame.
async fn is_among_its_own(app: &App, frame: &ContentFrame, origin: &Origin) -> bool {
    // Nothing is around the page itself, and it may be gone before anybody could be asked.
    if frame.frame == FrameId(0) {
        return true;
    }
    let own = |around: &Option<Origin>| around.as_ref().is_some_and(|it| same_site(it, origin));
    let sender = menu::sender(app, frame).await;
    sender.is_some_and(|sender| sender.ancestors.iter().all(own))
}

fn forget_after(app: &Rc<App>, milliseconds: u64) {
    let app = Rc::clone(app);
    let pause = u32::try_from(milliseconds).unwrap_or(u32::MAX);
    spawn(async move {
        sleep(pause.saturating_add(1)).await;
        app.captures.forget_old(time::now());
    });
}

/// The script says what became of a form whose page stayed.
pub(crate) async fn outcome(app: &App, frame: &ContentFrame, said: Outcome) {
    let own = |sent: &Sent| sent.ticket == said.ticket;
    let sent = app.captures.take_sent((frame.tab, frame.frame), own);
    if let Some(sent) = sent.filter(|_| said.gone) {
        offer(app, (frame.tab, frame.frame), sent.submission).await;
    }
}

/// Sees what comes after the page of a form, until its script says what became of it.
async fn watch(app: &App, place: Place, at: UnixMillis) {
    let until = at.plus(SENT_MS);
    while time::now() < until {
        sleep(LOOK_MS).await;
        let Some(script) = app.captures.script_of(place, at) else {
            return;
        };
        if app.connections.borrow().has_script(place, script) {
            continue;
        }
        let Some(next) = next_page(app, place, script).await else {
            continue;
        };
        let sent = app.captures.take_sent(place, |sent| sent.at == at);
        if let Some(sent) = sent
            && !asks_again(&next, sent.kind)
        {
            offer(app, place, sent.submission).await;
        }
        return;
    }
    app.captures.forget_old(time::now());
}

/// The fields of the page that came after, in the frame of the form; `None` where none came yet, or
/// no script may look at it.
async fn next_page(app: &App, place: Place, before: u64) -> Option<PageFacts> {
    let (tab, frame) = place;
    let sent = scripting::run_in_frame(tab, frame, SCRIPT);
    match time::within(FACTS_MS, "executeScript", sent).await {
        Ok(Ok(())) => {}
        // The frame went away with its form, as dialogs do.
        Ok(Err(_)) if frame != FrameId(0) => return Some(empty()),
        _ => return None,
    }
    let mut waited = 0;
    let port = loop {
        let newest = app.connections.borrow().newest_script(place);
        match newest {
            // Only its port had gone.
            Some((_, script)) if script == before => return None,
            Some((port, _)) => break port,
            None if waited >= FACTS_MS => return None,
            None => {}
        }
        sleep(GREET_LOOK_MS).await;
        waited += GREET_LOOK_MS;
    };
    let ticket = app.ticket();
    let mut heard = app.fills.borrow_mut().begin_silent(tab, ticket)?;
    let collect = ContentCommand::Collect { ticket };
    app.connections.borrow().tell(port, &collect);
    let by = time::now().plus(FACTS_MS.into());
    let facts = loop {
        match heard.next(by).await {
            // Every frame of the tab may say something under this number.
            Some(News::Facts(id, facts)) if id == port => break Some(facts),
            Some(News::Lost(id)) if id == port => break None,
            Some(_) => {}
            None => break None,
        }
    };
    app.fills.borrow_mut().end(tab);
    facts
}

/// Whether a page asks for what was just sent, or for the first step to it: most likely it was
/// refused.
fn asks_again(page: &PageFacts, kind: FormKind) -> bool {
    forms::analyze(page).groups.iter().any(|group| {
        let usable = |secret: bool| {
            group
                .fields
                .iter()
                .any(|field| field.usable && (field.secret || !secret))
        };
        (group.kind == kind && usable(true))
            || (kind == FormKind::Login && group.kind == FormKind::UsernameFirst && usable(false))
    })
}

async fn offer(app: &App, place: Place, submission: Submission) {
    let Ok(engine) = app.account().await else {
        return;
    };
    let origin = submission.origin.clone();
    if !app.captures.may_compare(site_name(&origin), time::now()) {
        return;
    }
    let made = engine.consider(submission).await;
    if let Ok(Some(id)) = made {
        let (tab, _) = place;
        app.captures.offered(tab, Waiting { id, origin });
        app.tell_vault_changed();
        show::show(app, tab).await;
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
