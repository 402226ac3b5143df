//! The native host: reached where there is work for it, met once at the user's wish.
//!
//! An open line keeps this background awake, so it is held only while somebody needs it.

mod account;
mod clipboard;
mod line;
mod moving;
mod pair;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use engine::host::{HostLineError, PairedHost};
use futures_channel::oneshot;
use proto::bridge::{
    account::AccountNow,
    event::Event,
    host::{HostEvent, HostView, Refusal},
    popup::{AppStatus, HostProblem, HostState, HostStatus, PinState},
    solver::{EnginePlace, SolverRequest, SolverWork},
};
use proto::error::{ErrorCode, WireError};
use serde_json::Value;
use webext::{
    kept,
    permissions::Permission,
    time::{self, spawn},
};

use self::{
    account::Lives,
    line::{Line, Named},
    moving::Moving,
};
pub(crate) use self::{
    account::{
        account_settings, account_status, ask, has_account, is_owner, lock_for_system, reach,
        set_route,
    },
    clipboard::{clear_copied, copy},
    moving::{cancel_move, empty, move_back, move_in, tidy, use_its_account},
    pair::{agree, leave, meet},
};
use crate::{app::App, solving};

/// Names of what is kept in this profile.
const KEY: &str = "host-key";
const PAIRED: &str = "host";
/// After a failure the host is not tried again for this long, milliseconds.
const REST_MS: u64 = 60_000;
/// How long work waits for a host that is being reached, milliseconds: then the browser begins.
const PATIENCE_MS: u32 = 1000;
/// How long a host is waited for at all.
const SILENCE_MS: u32 = 10_000;
/// How long a host that has work may say nothing: it tells how far it is four times a second.
const HEARD_MS: u64 = 4_000;
/// How long measuring takes it.
const MEASURES_MS: u32 = 4_000;
/// How long a line without work is held: the next work may come soon.
const HELD_MS: u32 = 20_000;
/// How often a line that nobody needs is looked at before it is left to the next event.
const RESTS_MAX: u32 = 10;

/// What this life of the background knows of the host.
#[derive(Default)]
pub(crate) struct Host {
    line: RefCell<Option<Line>>,
    /// Told apart from lines before it.
    number: Cell<u32>,
    phase: RefCell<Phase>,
    /// Which one is paired, once that was looked up.
    paired: Cell<Pairing>,
    view: RefCell<Option<HostView>>,
    problem: Cell<Option<HostProblem>>,
    failed_at: Cell<u64>,
    /// When the line was opened.
    opened_at: Cell<u64>,
    /// When the host was heard last.
    heard_at: Cell<u64>,
    /// What it was told to work on.
    told: RefCell<Option<SolverWork>>,
    /// Where the account lives.
    lives: RefCell<Lives>,
    /// How the account there stands; told over every line anew.
    now: RefCell<Option<AccountNow>>,
    /// Questions about it that were not answered yet, and the number of the last one.
    asks: RefCell<BTreeMap<u64, oneshot::Sender<Result<Value, WireError>>>>,
    asked: Cell<u64>,
    /// Whether it has to hear that the screen was locked, which it could not be told.
    owes_lock: Cell<bool>,
    /// Until when what it has copied is on the clipboard, milliseconds.
    copied_until: Cell<u64>,
    /// Whether it owes answers for longer than anybody likes.
    slow: Cell<bool>,
    looked_after: Cell<bool>,
    /// Whether somebody tries to reach it again.
    tries: Cell<bool>,
    moving: RefCell<Moving>,
}

/// Which host is paired.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Pairing {
    /// Nobody has looked.
    #[default]
    Unasked,
    /// None.
    Nobody,
    /// This one.
    With(PairedHost),
}

/// How far the line is.
#[derive(Default, Clone, PartialEq, Eq)]
enum Phase {
    /// There is none.
    #[default]
    Away,
    /// It was opened.
    Reaching { meets: bool },
    /// The user compares.
    Comparing {
        code: String,
        agreed: bool,
        host_agreed: bool,
    },
    /// Requests may go.
    Open,
}

/// Whether the host works on what is to be done.
pub(crate) enum Takes {
    /// It does, or will in a moment.
    Yes,
    /// Somebody else is to.
    No,
}

/// Hands the host what is to be worked on; empty: nothing.
pub(crate) async fn work(app: &Rc<App>, work: &SolverWork) -> Takes {
    let host = &app.host;
    let is_open = *host.phase.borrow() == Phase::Open;
    if work.jobs.is_empty() {
        if is_open {
            tell(app, work);
            rest_soon(app);
        }
        return Takes::No;
    }
    if is_open {
        tell(app, work);
        return Takes::Yes;
    }
    let rests = time::now().0 < host.failed_at.get() + REST_MS;
    if *host.phase.borrow() == Phase::Away && !rests {
        let Some(paired) = paired(app).await else {
            return Takes::No;
        };
        // Somebody else may have opened one meanwhile.
        if *host.phase.borrow() == Phase::Away {
            line::open(app, Some(paired)).await;
        }
    }
    // Whoever works already goes on until the host is there.
    let waits = time::now().0 < host.opened_at.get() + u64::from(PATIENCE_MS)
        && app.connections.borrow().solver().is_none();
    match &*host.phase.borrow() {
        Phase::Reaching { meets: false } if waits => Takes::Yes,
        Phase::Open => Takes::Yes,
        _ => Takes::No,
    }
}

/// What the host has told of solutions is not known to the node: it is to tell them again.
pub(crate) fn tells_again(app: &App) {
    app.host.told.replace(None);
}

/// Lets a host measure its engines, where one is paired, and waits until it may be through: two at once
/// would measure each other.
pub(crate) async fn measure(app: &Rc<App>) {
    if *app.host.phase.borrow() == Phase::Open {
        line::ask(app, &Named::Measure);
    } else if let Some(paired) = paired(app).await
        && *app.host.phase.borrow() == Phase::Away
    {
        line::open(app, Some(paired)).await;
    } else {
        return;
    }
    time::sleep(MEASURES_MS).await;
}

/// How it stands, for the user.
pub(crate) async fn status(app: &Rc<App>) -> HostStatus {
    // With a locked vault of this browser nobody looks at it: the program is not started for that.
    let is_locked_here =
        !has_account(app).await && matches!(*app.told.borrow(), Some(AppStatus::Locked { .. }));
    if !is_locked_here && paired(app).await.is_some() {
        // What it has is to be shown, and a user who waits for it is there.
        let app = Rc::clone(app);
        spawn(async move {
            let _ = reach(&app).await;
            rest_soon(&app);
        });
    }
    shown(app)
}

fn shown(app: &App) -> HostStatus {
    let host = &app.host;
    let is_paired = matches!(host.paired.get(), Pairing::With(_));
    let state = match &*host.phase.borrow() {
        Phase::Reaching { meets: true } => HostState::Reaching {},
        Phase::Comparing {
            code,
            agreed,
            host_agreed,
        } => HostState::Comparing {
            code: code.clone(),
            agreed: *agreed,
            host_agreed: *host_agreed,
        },
        phase if is_paired => HostState::Paired {
            connected: *phase == Phase::Open,
        },
        _ => HostState::Unpaired {},
    };
    let view = host.view.borrow();
    HostStatus {
        state,
        program: view.as_ref().map(|view| view.program.clone()),
        machine: view.as_ref().map(|view| view.machine.clone()),
        problem: host.problem.get(),
        account: account::its_address(app),
        lives_there: matches!(*host.lives.borrow(), Lives::There(_)),
        route: host.now.borrow().as_ref().map(|now| now.route.clone()),
        by_keyring: host.now.borrow().as_ref().map(|now| now.by_keyring),
        slow: host.slow.get(),
        moving: host.moving.borrow().told(),
    }
}

fn tell_pages(app: &App) {
    let event = Event::Host(shown(app));
    app.connections.borrow().tell_pages(&event);
}

/// Writes down which host is paired, where that was not done.
///
/// # Errors
/// [`ErrorCode::StoreFailed`].
async fn keep_pairing(app: &App) -> Result<(), WireError> {
    let Pairing::With(host) = app.host.paired.get() else {
        return Ok(());
    };
    let kept = kept::write(PAIRED, &host.0).await;
    kept.map_err(|_| ErrorCode::StoreFailed.into())
}

/// Which host is paired; looked up once.
async fn paired(app: &App) -> Option<PairedHost> {
    match app.host.paired.get() {
        Pairing::Unasked => {}
        Pairing::Nobody => return None,
        Pairing::With(host) => return Some(host),
    }
    // What cannot be read is asked for again.
    let kept = kept::read(PAIRED).await.ok()?;
    let bytes = kept.and_then(|kept| kept.as_slice().try_into().ok());
    let paired = bytes.map(PairedHost);
    // Whoever met one meanwhile knows better.
    if app.host.paired.get() == Pairing::Unasked {
        app.host
            .paired
            .set(paired.map_or(Pairing::Nobody, Pairing::With));
    }
    paired
}

/// Tells the host what to work on, if it does not know.
fn tell(app: &Rc<App>, work: &SolverWork) {
    // What was measured is no news to it.
    let work = SolverWork {
        known: Vec::new(),
        ..work.clone()
    };
    let told = app.host.told.replace(Some(work.clone()));
    if told.as_ref() != Some(&work) {
        app.host.heard_at.set(time::now().0);
        listen_for(app, app.host.number.get());
        line::ask(app, &Named::Work(work));
    }
}

/// Sees that a host which has work says something, and leaves it where it does not.
fn listen_for(app: &Rc<App>, number: u32) {
    let app = Rc::clone(app);
    spawn(async move {
        loop {
            time::sleep(1000).await;
            let works = app
                .host
                .told
                .borrow()
                .as_ref()
                .is_some_and(|it| !it.jobs.is_empty());
            if app.host.number.get() != number || !works {
                return;
            }
            // While a solution is handed in there is nothing to say.
            let silent = app.host.heard_at.get() + HEARD_MS < time::now().0;
            if silent && !solving::is_submitting(&app) {
                return is_away(&app, HostProblem::Ended);
            }
        }
    });
}

/// Lets go of the host where nobody needs it, after a while: also where its account is locked and nobody looks. A
/// background that nothing keeps awake ends, and takes with it what the browser has kept of texts that were shown; so
/// does a host with no line.
pub(crate) fn rest_soon(app: &Rc<App>) {
    if *app.host.phase.borrow() != Phase::Open {
        return;
    }
    let (app, number) = (Rc::clone(app), app.host.number.get());
    spawn(async move {
        // Something may be asked just then, and nothing come after it: one look is not enough.
        for _ in 0..RESTS_MAX {
            time::sleep(HELD_MS).await;
            rest(&app, number);
            let is_held =
                app.host.number.get() == number && *app.host.phase.borrow() == Phase::Open;
            let is_locked = matches!(account::told_status(&app), Some(AppStatus::Locked { .. }));
            // Its opening, and the end of the last page, are looked at anew.
            if !is_held || !is_locked || app.connections.borrow().has_pages() {
                return;
            }
        }
    });
}

/// Whether the account in the host is locked, with no page to unlock it, and nothing asked of it. A PIN lies in the
/// memory of the host and would end with it.
fn is_idle(app: &App) -> bool {
    let locked = matches!(
        account::told_status(app),
        Some(AppStatus::Locked {
            pin: PinState::Off,
            ..
        })
    );
    locked && app.host.asks.borrow().is_empty() && !app.connections.borrow().has_pages()
}

/// Closes a line that nobody needs.
fn rest(app: &App, number: u32) {
    let host = &app.host;
    let works = host
        .told
        .borrow()
        .as_ref()
        .is_some_and(|it| !it.jobs.is_empty());
    let needed = works
        || host.copied_until.get() > time::now().0
        || matches!(*host.lives.borrow(), Lives::There(_)) && !is_idle(app)
        || host.moving.borrow().told().is_some();
    if host.number.get() == number && !needed && *host.phase.borrow() == Phase::Open {
        line::close(app);
        tell_pages(app);
    }
}

/// Sees that nobody waits for a host that says nothing.
fn watch(app: &Rc<App>, number: u32) {
    let app = Rc::clone(app);
    spawn(async move {
        let reaches = || {
            let phase = app.host.phase.borrow();
            app.host.number.get() == number && matches!(*phase, Phase::Reaching { .. })
        };
        time::sleep(PATIENCE_MS).await;
        if reaches() {
            settle(&app);
            time::sleep(SILENCE_MS - PATIENCE_MS).await;
        }
        if reaches() {
            is_away(&app, HostProblem::Ended);
        }
    });
}

/// The host is there.
fn is_there(app: &Rc<App>) {
    app.host.phase.replace(Phase::Open);
    app.host.problem.set(None);
    line::ask(app, &Named::Describe);
    account::greet(app);
    if solving::is_measuring(app) {
        line::ask(app, &Named::Measure);
    }
    tell_pages(app);
    settle(app);
}

/// It is not, or not any more: whoever else can goes on with the work.
fn is_away(app: &Rc<App>, problem: HostProblem) {
    line::close(app);
    app.host.problem.set(Some(problem));
    app.host.failed_at.set(time::now().0);
    tell_pages(app);
    settle(app);
}

fn settle(app: &Rc<App>) {
    let app = Rc::clone(app);
    spawn(async move {
        app.settle().await;
    });
}

/// News of the host.
fn heard(app: &Rc<App>, event: HostEvent) {
    match event {
        // Where its power comes from the document tells too.
        HostEvent::Solver(SolverRequest::Power(_)) => {}
        HostEvent::Solver(mut said) => {
            // It speaks of itself, whatever it says.
            if let SolverRequest::Measured(measured) = &mut said {
                let engines = measured.engines.iter_mut();
                engines.for_each(|engine| engine.place = EnginePlace::Host);
                measured.complete &= !measured.engines.is_empty();
            }
            let app = Rc::clone(app);
            spawn(async move { solving::take(&app, said).await });
        }
        event => {
            let app = Rc::clone(app);
            spawn(async move { account::heard(&app, event).await });
        }
    }
}

fn problem_of(error: HostLineError) -> HostProblem {
    match error {
        HostLineError::Refused(Refusal::NotPairing) => HostProblem::NotPairing,
        HostLineError::Refused(Refusal::Unknown) => HostProblem::Unknown,
        HostLineError::Refused(Refusal::Version) => HostProblem::Version,
        HostLineError::Declined => HostProblem::Declined,
        HostLineError::Foreign => HostProblem::Foreign,
        _ => HostProblem::Ended,
    }
}

async fn is_allowed() -> bool {
    Permission::NativeMessaging.is_given().await
}
