//! The proof of work: what the engine has ordered is worked on in the solver document, whoever
//! dies meanwhile. A search has no memory, so that starting it anew loses nothing but time.

use std::rc::Rc;

use proto::{
    bridge::{
        event::Event,
        frame::RequestFrame,
        popup::WorkProgress,
        solver::{SolverCommand, SolverRequest, Tried},
    },
    bytes::Hex,
    error::ErrorCode,
    ids::Difficulty,
};
use webext::{
    document,
    event::PortId,
    time::{self, sleep, spawn},
};

use crate::app::{App, BrowserEngine};

/// Pause before an answer of the node is asked for once more, milliseconds.
const RETRY_MS: u32 = 3000;
/// How often a solution is offered to a node that does not answer.
const RETRIES_MAX: u32 = 200;

/// The search that is under way.
pub(crate) struct Search {
    header: Hex<64>,
    target: Hex<32>,
    submitting: bool,
}

/// Makes the solver do what the engine wants: work, or nothing.
pub(crate) async fn settle(app: &App, engine: &BrowserEngine) {
    let Some(order) = engine.work() else {
        // While a solution is on its way there is no order, and the document waits for the answer.
        let submitting = app
            .search
            .borrow()
            .as_ref()
            .is_some_and(|search| search.submitting);
        let had_one = !submitting && app.search.borrow_mut().take().is_some();
        if had_one {
            tell(app, &SolverCommand::Stop {});
        }
        let idle = app.search.borrow().is_none() && app.connections.borrow().solver().is_some();
        if idle && !crate::keeping::needs_document(app) {
            let _ = document::close().await;
        }
        return;
    };
    if order.challenge.expires_at <= time::now() {
        // Where the node is away, the next event tries again.
        if engine.renew_work().await.is_err() {
            return;
        }
    }
    let Some(order) = engine.work() else { return };
    let (header, target) = (order.challenge.header, order.challenge.target);
    let known = app
        .search
        .borrow()
        .as_ref()
        .is_some_and(|search| search.header == header);
    if !known {
        *app.search.borrow_mut() = Some(Search {
            header,
            target,
            submitting: false,
        });
    }
    let there = app.connections.borrow().solver().is_some();
    if !there {
        // It greets, and is told then.
        let _ = document::open().await;
    } else if !known {
        tell(app, &SolverCommand::Work { header, target });
    }
}

/// The document is there: tells it what to work on.
pub(crate) fn greeted(app: &Rc<App>, id: PortId) {
    let work = app
        .search
        .borrow()
        .as_ref()
        .map(|search| SolverCommand::Work {
            header: search.header,
            target: search.target,
        });
    app.connections
        .borrow()
        .tell(id, &work.unwrap_or(SolverCommand::Stop {}));
    crate::keeping::document_is_there(app, id);
    // A background that has just been started learns here that there is work.
    let app = Rc::clone(app);
    spawn(async move {
        if let Ok(engine) = app.engine().await {
            app.settle(&engine).await;
        }
    });
}

/// The document has told something.
pub(crate) fn heard(app: &Rc<App>, id: PortId, frame: RequestFrame<SolverRequest>) {
    let answer = serde_json::to_value(proto::bridge::popup::Empty {});
    app.connections
        .borrow()
        .answer(id, frame.id, answer.map_err(|_| ErrorCode::Internal.into()));
    let app = Rc::clone(app);
    spawn(async move {
        let Ok(engine) = app.engine().await else {
            return;
        };
        match frame.body {
            SolverRequest::Tried(tried) => progress(&app, &engine, &tried).await,
            SolverRequest::Solved(solved) => {
                submit(&app, &engine, solved.header, solved.solved_header).await;
            }
        }
    });
}

async fn progress(app: &App, engine: &BrowserEngine, tried: &Tried) {
    let Some(order) = engine.work() else { return };
    if order.challenge.header != tried.header {
        return;
    }
    if order.challenge.expires_at <= time::now() {
        app.settle(engine).await;
        return;
    }
    let progress = estimate(tried, order.challenge.difficulty);
    engine.note_progress(progress.clone());
    app.connections.borrow().tell_pages(&Event::Work(progress));
}

/// Hands a solution in, until the node has answered.
async fn submit(app: &App, engine: &BrowserEngine, header: Hex<64>, solved: Hex<64>) {
    {
        let mut search = app.search.borrow_mut();
        let Some(search) = search
            .as_mut()
            .filter(|s| s.header == header && !s.submitting)
        else {
            return;
        };
        search.submitting = true;
    }
    for _ in 0..RETRIES_MAX {
        let submitted = engine.submit_work(solved).await;
        app.tell_status(engine).await;
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
    if let Some(search) = app.search.borrow_mut().as_mut() {
        search.submitting = false;
    }
    app.settle(engine).await;
    app.tell_vault_changed();
    crate::keeping::sync_soon(app, engine).await;
}

fn tell(app: &App, command: &SolverCommand) {
    let connections = app.connections.borrow();
    if let Some(id) = connections.solver() {
        connections.tell(id, command);
    }
}

/// What the user is told: chances by the geometric distribution of tries.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn estimate(tried: &Tried, difficulty: Difficulty) -> WorkProgress {
    let average = difficulty.0.max(1) as f64;
    WorkProgress {
        tries: tried.tries,
        rate: tried.rate,
        difficulty,
        probability: 1.0 - (-(tried.tries as f64) / average).exp(),
        // The search has no memory: the expected rest is the whole, however long it has lasted.
        expected_seconds: (tried.rate > 0.0).then(|| average / tried.rate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_that_of_the_tries() {
        let tried = |tries, rate| Tried {
            header: Hex([0; 64]),
            tries,
            rate,
        };
        let told = estimate(&tried(7_000_000, 1000.0), Difficulty(7_000_000));
        assert!((told.probability - (1.0 - (-1.0_f64).exp())).abs() < 1e-12);
        assert_eq!(told.expected_seconds, Some(7000.0));
        let told = estimate(&tried(0, 0.0), Difficulty(0));
        assert!(told.probability.abs() < f64::EPSILON && told.expected_seconds.is_none());
    }
}
