//! Proofs of work of the account here: ordered from the solver of this very process, and handed in.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use engine::{Progress, Solves};
use proto::{
    bridge::{
        host::HostEvent,
        solver::{SolverRequest, SolverWork},
    },
    bytes::Hex,
    error::ErrorCode,
};
use tokio::time::sleep;

use super::{desk::Desk, keeping, owner::OWN};
use crate::clock;

/// Pause before an answer of the node is asked for once more.
const RETRY: Duration = Duration::from_secs(3);
/// How often a solution is offered to a node that does not answer.
const RETRIES_MAX: u32 = 200;

/// What is known of them.
#[derive(Default)]
pub(super) struct Proofs {
    /// What the solver was told last.
    told: RefCell<Option<SolverWork>>,
    /// The challenge whose solution is on its way to the node.
    submitting: Cell<Option<Hex<64>>>,
    renewing: Cell<bool>,
}

/// Lets the solver do what the engine wants.
pub(super) async fn settle(desk: &Desk) {
    let proofs = &desk.proofs;
    let Some(engine) = desk.engine() else {
        // Of an account that was removed.
        if let Some(told) = proofs.told.take() {
            let none = SolverWork {
                jobs: Vec::new(),
                ..told
            };
            let _ = desk.solver.work(OWN, &none);
        }
        return;
    };
    let over = engine
        .work()
        .is_some_and(|order| order.challenge.expires_at <= clock::now());
    // Asked once at a time: each answer throws away what was done for the one before.
    if over && !proofs.renewing.replace(true) {
        // Where the node is away, the next event tries again.
        let _ = engine.renew_work().await;
        proofs.renewing.set(false);
    }
    if proofs.submitting.get().is_some() {
        return;
    }
    let work = SolverWork {
        known: Vec::new(),
        ..engine.solver_work()
    };
    if work.jobs.is_empty() && proofs.told.borrow().is_none() {
        return;
    }
    let told = proofs.told.replace(Some(work.clone()));
    if told.as_ref() != Some(&work) {
        // More jobs than it takes there never are.
        let _ = desk.solver.work(OWN, &work);
    }
}

/// News of the solver.
pub(super) async fn take(desk: &Rc<Desk>, news: SolverRequest) {
    let Some(engine) = desk.engine() else { return };
    match news {
        SolverRequest::Tried(tried) => match engine.take_progress(&tried) {
            Progress::Unwanted => {}
            Progress::Message => desk.tell(&HostEvent::MessagesChanged {}),
            Progress::Account(progress) => desk.tell(&HostEvent::Work(progress)),
            Progress::Over => {
                keeping::go_on_beside(desk);
                desk.settle().await;
            }
        },
        SolverRequest::Solved(solved) => submit(desk, solved.header, solved.solved_header).await,
        // Browsers are told of what was measured, and keep it.
        SolverRequest::Measured(_) | SolverRequest::Power(_) => {}
    }
}

/// Hands a solution in, until the node has answered.
async fn submit(desk: &Rc<Desk>, header: Hex<64>, solved: Hex<64>) {
    let Some(engine) = desk.engine() else { return };
    let Some(of) = engine.solves(header) else {
        return;
    };
    if desk.proofs.submitting.get().is_some() {
        return;
    }
    desk.proofs.submitting.set(Some(header));
    for _ in 0..RETRIES_MAX {
        // Withdrawn, renewed, or over its time meanwhile.
        if engine.solves(header) != Some(of) {
            break;
        }
        let submitted = match of {
            Solves::Account => engine.submit_work(solved).await.map(drop),
            Solves::Message => engine.submit_message_work(solved).await.map(drop),
        };
        if of == Solves::Account {
            if submitted.is_ok() {
                desk.password_may_be_new().await;
            }
            desk.settle().await;
        }
        match submitted {
            Err(error)
                if matches!(
                    error.code(),
                    ErrorCode::NodeUnreachable | ErrorCode::StoreFailed
                ) =>
            {
                sleep(RETRY).await;
            }
            _ => break,
        }
    }
    desk.proofs.submitting.set(None);
    desk.proofs.told.replace(None);
    desk.settle().await;
    match of {
        Solves::Message => {
            desk.tell(&HostEvent::MessagesChanged {});
            keeping::go_on(desk).await;
        }
        Solves::Account => {
            desk.tell(&HostEvent::VaultChanged {});
            keeping::sync(desk, &engine).await;
        }
    }
}
