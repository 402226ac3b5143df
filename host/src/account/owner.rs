//! The thread on which the account's engine lives, and how connections speak to it.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::Builder,
};

use proto::{
    bridge::{
        account::AccountRequest, host::HostEvent, popup::PopupRequest, solver::SolverRequest,
    },
    error::{ErrorCode, WireError},
};
use serde_json::Value;
use tokio::{
    runtime,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::{LocalSet, spawn_local},
};

use super::{
    desk::{Desk, Tell},
    keeping, proofs,
};
use crate::{clipboard::Clipboard, place::Place, solving::Solver};

/// The engine's own number among those that the solver works for.
pub(super) const OWN: usize = usize::MAX;
/// Questions of one extension that are worked on at once; beyond that it is told to wait.
const ASKS_MAX: usize = 64;

type Answer = Box<dyn FnOnce(Result<Value, WireError>) + Send>;

/// What the thread is told.
enum Order {
    Ask(usize, Box<AccountRequest>, Answer),
    Join(usize, Tell),
    Leave(usize),
    Solver(SolverRequest),
}

/// The owner of the user's account.
#[derive(Clone)]
pub struct Owner {
    orders: UnboundedSender<Order>,
    open: Arc<AtomicBool>,
    asks: Arc<tokio::sync::Semaphore>,
}

impl Owner {
    /// Starts the thread. An account that lies in the folder is there from now on, locked.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(place: &Place, solver: &Arc<Solver>, clipboard: &Clipboard) -> io::Result<Self> {
        let (orders, ordered) = unbounded_channel();
        let open = Arc::new(AtomicBool::new(false));
        let owner = Self {
            orders,
            open: Arc::clone(&open),
            asks: Arc::new(tokio::sync::Semaphore::new(ASKS_MAX)),
        };
        let solved = owner.orders.clone();
        solver.join(OWN, move |news| {
            // The thread ends with the process.
            let _ = solved.send(Order::Solver(news));
        });
        let (place, solver, clipboard) = (place.clone(), Arc::clone(solver), clipboard.clone());
        Builder::new().name("account".to_owned()).spawn(move || {
            let lives = AssertUnwindSafe(|| live(place, solver, clipboard, ordered, open));
            if !matches!(catch_unwind(lives), Ok(Ok(()))) {
                // An owner that answers nobody is worse than none: the next start has another.
                std::process::exit(1);
            }
        })?;
        Ok(owner)
    }

    /// Asks; the answer is given on the engine's thread.
    pub fn ask(
        &self,
        extension: usize,
        request: AccountRequest,
        answer: impl FnOnce(Result<Value, WireError>) + Send + 'static,
    ) {
        let seat = Arc::clone(&self.asks).try_acquire_owned();
        // What closes the vault waits for nobody.
        if seat.is_err() && !locks(&request) {
            return answer(Err(ErrorCode::Busy.into()));
        }
        let answer = Box::new(move |said| {
            answer(said);
            drop(seat);
        });
        let _ = self
            .orders
            .send(Order::Ask(extension, Box::new(request), answer));
    }

    /// An extension is there; `tell` is how it hears of the account.
    pub fn join(&self, extension: usize, tell: impl Fn(&HostEvent) + Send + 'static) {
        let _ = self.orders.send(Order::Join(extension, Box::new(tell)));
    }

    /// It is gone.
    pub fn leave(&self, extension: usize) {
        let _ = self.orders.send(Order::Leave(extension));
    }

    /// Whether the vault is open, or an account is being logged in to.
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }
}

fn locks(request: &AccountRequest) -> bool {
    match request {
        AccountRequest::SystemLocked(_) => true,
        AccountRequest::AskAccount(asked) => matches!(asked.request, PopupRequest::Lock(_)),
        _ => false,
    }
}

fn live(
    place: Place,
    solver: Arc<Solver>,
    clipboard: Clipboard,
    mut ordered: UnboundedReceiver<Order>,
    open: Arc<AtomicBool>,
) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, async move {
        let desk = Desk::open(place, solver, clipboard, open).await;
        spawn_local(keeping::keep(std::rc::Rc::clone(&desk)));
        #[cfg(target_os = "linux")]
        super::system::hear(&desk);
        while let Some(order) = ordered.recv().await {
            match order {
                Order::Ask(extension, request, answer) => {
                    let desk = std::rc::Rc::clone(&desk);
                    spawn_local(async move { answer(desk.answer(extension, *request).await) });
                }
                Order::Join(extension, tell) => desk.join(extension, tell),
                Order::Leave(extension) => desk.leave(extension),
                Order::Solver(news) => {
                    let desk = std::rc::Rc::clone(&desk);
                    spawn_local(async move { proofs::take(&desk, news).await });
                }
            }
        }
        Ok(())
    })
}
