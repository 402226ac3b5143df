//! The proof of work: what the engine has ordered is worked on in the solver document, whoever
//! dies meanwhile. A search has no memory, so that starting it anew loses nothing but time.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use engine::{Progress, Solves, WorkOrder};
use proto::{
    bridge::{
        event::Event,
        frame::RequestFrame,
        popup::SolverView,
        solver::{
            EngineChoice, EngineKind, EnginePlace, EngineReport, SolverCommand, SolverRequest,
            SolverWork, Tried,
        },
    },
    bytes::Hex,
    error::ErrorCode,
};
use webext::{
    document,
    event::PortId,
    time::{self, sleep, spawn},
};

use crate::{
    app::{App, BrowserEngine},
    host::{self, Takes},
    messaging,
};

/// Pause before an answer of the node is asked for once more, milliseconds.
const RETRY_MS: u32 = 3000;
/// How often a solution is offered to a node that does not answer.
const RETRIES_MAX: u32 = 200;

/// What this life of the background knows of the solver document.
#[derive(Default)]
pub(crate) struct Solving {
    /// What it was told last, and through which port.
    told: RefCell<Option<(PortId, SolverWork)>>,
    /// The challenge whose solution is on its way to the node.
    submitting: Cell<Option<Hex<64>>>,
    renewing: Cell<bool>,
    measuring: Cell<bool>,
    on_battery: Cell<bool>,
}

/// Makes the document do what the engine wants: work, or nothing.
pub(crate) async fn settle(app: &App, engine: &BrowserEngine) {
    let over = |order: WorkOrder| order.challenge.expires_at <= time::now();
    // Asked once at a time: each answer throws away what was done for the one before.
    if engine.work().is_some_and(over) && !app.solving.renewing.replace(true) {
        // Where the node is away, the next event tries again.
        let _ = engine.renew_work().await;
        app.solving.renewing.set(false);
    }
    let mut work = engine.solver_work();
    let solving = &app.solving;
    // Whoever has found a solution keeps it until the node has answered.
    if solving.submitting.get().is_none()
        && matches!(host::work(&App::here(), &work).await, Takes::Yes)
    {
        work.jobs.clear();
    }
    // While a solution is on its way there is no order, and the document waits for the answer.
    let busy =
        !work.jobs.is_empty() || solving.submitting.get().is_some() || solving.measuring.get();
    let document = app.connections.borrow().solver();
    match document {
        // It greets, and is told then.
        None if busy => drop(document::open().await),
        None => {}
        // It keeps the solution until the node has answered.
        Some(_) if solving.submitting.get().is_some() => {}
        Some(_) if !busy && !crate::keeping::needs_document(app) => {
            solving.told.replace(None);
            let _ = document::close().await;
        }
        Some(id) => tell(app, engine, id, work),
    }
}

/// Tells the document, if it does not know. What was measured alone is no news: it comes from there.
fn tell(app: &App, engine: &BrowserEngine, id: PortId, work: SolverWork) {
    let told = app.solving.told.replace(Some((id, work.clone())));
    let known = told.is_some_and(|(port, told)| {
        port == id
            && SolverWork {
                known: work.known.clone(),
                ..told
            } == work
    });
    if known {
        return;
    }
    // What to expect is told before the first try, by the rate of other days.
    if let Some(rate) = best(&work) {
        engine.expect_rate(rate);
        if engine.message_work().is_some() {
            messaging::progressed(app);
        }
    }
    app.connections
        .borrow()
        .tell(id, &SolverCommand::Work(work));
}

/// The rate of those that will work, as far as it is known.
fn best(work: &SolverWork) -> Option<f64> {
    let works = |engine: &&EngineReport| match work.engine {
        EngineChoice::Processor => engine.kind == EngineKind::Processor,
        EngineChoice::Graphics | EngineChoice::Automatic => !engine.software,
    };
    // A host tells of itself in a moment.
    let here = |engine: &&EngineReport| engine.place == EnginePlace::Browser;
    let rates = work
        .known
        .iter()
        .filter(here)
        .filter(works)
        .filter_map(|it| it.rate);
    rates.max_by(f64::total_cmp)
}

/// The document is there: tells it what to work on.
pub(crate) fn greeted(app: &Rc<App>, id: PortId) {
    crate::keeping::document_is_there(app, id);
    if app.solving.measuring.get() {
        app.connections
            .borrow()
            .tell(id, &SolverCommand::Measure {});
    }
    // A background that has just been started learns here that there is work.
    let app = Rc::clone(app);
    spawn(async move {
        app.settle().await;
    });
}

/// Measures every engine; the answer is told to the pages.
pub(crate) async fn measure(app: &App, engine: &BrowserEngine) {
    if app.solving.measuring.replace(true) {
        return;
    }
    tell_view(app, engine);
    host::measure(&App::here()).await;
    let document = app.connections.borrow().solver();
    if let Some(id) = document {
        app.connections
            .borrow()
            .tell(id, &SolverCommand::Measure {});
    } else if document::open().await.is_err() {
        app.solving.measuring.set(false);
        tell_view(app, engine);
    }
}

/// What works on proofs on this device.
pub(crate) fn view(app: &App, engine: &BrowserEngine) -> SolverView {
    let (engines, measured_at) = engine
        .solver()
        .map_or((Vec::new(), None), |(engines, at)| (engines, Some(at)));
    SolverView {
        engines,
        measured_at,
        measuring: app.solving.measuring.get(),
        on_battery: app.solving.on_battery.get(),
    }
}

fn tell_view(app: &App, engine: &BrowserEngine) {
    app.connections
        .borrow()
        .tell_pages(&Event::Solver(view(app, engine)));
}

/// The document has told something.
pub(crate) fn heard(app: &Rc<App>, id: PortId, frame: RequestFrame<SolverRequest>) {
    let answer = serde_json::to_value(proto::bridge::popup::Empty {});
    app.connections
        .borrow()
        .answer(id, frame.id, answer.map_err(|_| ErrorCode::Internal.into()));
    let app = Rc::clone(app);
    spawn(async move { take(&app, frame.body).await });
}

/// Whether a measurement is under way.
pub(crate) fn is_measuring(app: &App) -> bool {
    app.solving.measuring.get()
}

/// Whether a solution is on its way to the node.
pub(crate) fn is_submitting(app: &App) -> bool {
    app.solving.submitting.get().is_some()
}

/// What whoever works on proofs has told.
pub(crate) async fn take(app: &App, said: SolverRequest) {
    let Ok(engine) = app.engine().await else {
        return;
    };
    match said {
        SolverRequest::Tried(tried) => progress(app, &engine, &tried).await,
        SolverRequest::Solved(solved) => {
            submit(app, &engine, solved.header, solved.solved_header).await;
        }
        SolverRequest::Measured(measured) => {
            // A host has what it measured besides.
            let by_host = measured
                .engines
                .iter()
                .any(|it| it.place == EnginePlace::Host);
            if measured.complete && !by_host {
                app.solving.measuring.set(false);
            }
            // What cannot be kept is measured again.
            let _ = engine
                .note_solver(measured.engines, measured.complete)
                .await;
            tell_view(app, &engine);
            app.settle().await;
        }
        SolverRequest::Power(power) => {
            app.solving.on_battery.set(power.on_battery);
            tell_view(app, &engine);
        }
    }
}

async fn progress(app: &App, engine: &BrowserEngine, tried: &Tried) {
    match engine.take_progress(tried) {
        Progress::Unwanted => {}
        Progress::Message => messaging::progressed(app),
        Progress::Account(progress) => {
            app.connections.borrow().tell_pages(&Event::Work(progress));
        }
        Progress::Over => {
            messaging::go_on_beside(engine);
            app.settle().await;
        }
    }
}

/// Hands a message's solution in, until the node has answered.
async fn submit_message(app: &App, engine: &BrowserEngine, header: Hex<64>, solved: Hex<64>) {
    let is_wanted = || engine.solves(header) == Some(Solves::Message);
    if app.solving.submitting.get().is_some() {
        return;
    }
    app.solving.submitting.set(Some(header));
    for _ in 0..RETRIES_MAX {
        // Withdrawn, over its time, or another one meanwhile.
        if !is_wanted() {
            break;
        }
        match engine.submit_message_work(solved).await {
            Err(error)
                if error.code() == ErrorCode::NodeUnreachable
                    || error.code() == ErrorCode::StoreFailed =>
            {
                sleep(RETRY_MS).await;
            }
            _ => break,
        }
    }
    app.solving.submitting.set(None);
    app.solving.told.replace(None);
    host::tells_again(app);
    app.tell_messages_changed();
    messaging::go_on(app, engine).await;
    app.settle().await;
}

/// Hands a solution in, until the node has answered.
async fn submit(app: &App, engine: &BrowserEngine, header: Hex<64>, solved: Hex<64>) {
    let solves = engine.solves(header);
    if solves == Some(Solves::Message) {
        return submit_message(app, engine, header, solved).await;
    }
    if solves.is_none() || app.solving.submitting.get().is_some() {
        return;
    }
    app.solving.submitting.set(Some(header));
    for _ in 0..RETRIES_MAX {
        // Renewed, cancelled or another one meanwhile: this solves it no more.
        if engine.solves(header) != Some(Solves::Account) {
            break;
        }
        let submitted = engine.submit_work(solved).await;
        app.tell_status().await;
        match submitted {
            Err(error)
                if error.code() == ErrorCode::NodeUnreachable
                    || error.code() == ErrorCode::StoreFailed =>
            {
                sleep(RETRY_MS).await;
            }
            _ => break,
        }
    }
    app.solving.submitting.set(None);
    // Where the node has never answered, the document tells the solution once more.
    app.solving.told.replace(None);
    host::tells_again(app);
    app.settle().await;
    app.tell_vault_changed();
    crate::keeping::sync_soon(app, engine).await;
}
