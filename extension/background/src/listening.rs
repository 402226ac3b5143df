//! Hears of what other devices wrote, while the vault is open.
//!
//! One feed for each life of the background, over the best carrier that the way to the node allows.
//! What comes over it is only that there is news: it is pulled as ever.

mod carry;

use std::{
    cell::{Cell, RefCell},
    pin::pin,
    rc::Rc,
};

use engine::{Backoff, Carriers};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use proto::bridge::popup::{AppStatus, NodeState};
use webext::{
    crypto, session,
    time::{self, spawn},
};

use self::carry::{Ended, Listening};
use crate::app::{App, BrowserEngine};

/// Slot of what is known of the carriers.
const CARRIERS: &str = "feed-carriers";

/// Whether somebody listens, and how to make them stop or try again.
#[derive(Default)]
pub(crate) struct Listener {
    listening: Cell<bool>,
    /// Whether the node was heard, and not lost since.
    heard: Cell<bool>,
    /// Dropped, it ends the connection, or the pause before the next.
    interrupt: RefCell<Option<oneshot::Sender<()>>>,
}

impl Listener {
    /// Whether news come by themselves at present.
    pub(crate) fn hears(&self) -> bool {
        self.heard.get()
    }

    /// Ends the connection, or the pause before the next one. With an open vault it is made anew at once.
    pub(crate) fn interrupt(&self) {
        self.interrupt.borrow_mut().take();
    }

    /// Ends the pause before the next attempt, if there is one.
    pub(crate) fn hurry(&self) {
        if !self.hears() {
            self.interrupt();
        }
    }
}

/// Whether there is something to hear.
pub(crate) fn is_time(status: Option<&AppStatus>) -> bool {
    matches!(status, Some(AppStatus::Unlocked { node, .. }) if *node != NodeState::SignedOut)
}

/// Listens from now on, until the vault is locked or the session is over.
pub(crate) fn listen(app: &Rc<App>, engine: &BrowserEngine) {
    if app.listener.listening.replace(true) {
        return;
    }
    let (app, engine) = (Rc::clone(app), engine.clone());
    spawn(async move {
        let mut backoff = Backoff::default();
        let mut carriers = remembered().await;
        let is_over = loop {
            match attempt(&app, &engine, &mut carriers, &mut backoff).await {
                Attempt::Failed => {
                    let pause = time::sleep(backoff.pause(crypto::random_number()));
                    select(pin!(pause), interrupted(&app)).await;
                }
                Attempt::Again => {}
                Attempt::Locked => break false,
                Attempt::SessionOver => break true,
            }
        };
        app.listener.interrupt.replace(None);
        app.listener.listening.set(false);
        if is_over {
            app.settle().await;
        }
    });
}

/// How trying all carriers went.
enum Attempt {
    /// None was heard, or the one that was broke.
    Failed,
    /// It was ended from here, to begin anew at once.
    Again,
    /// There is nothing to hear.
    Locked,
    SessionOver,
}

/// Tries the carriers until one is heard, and hears it until it ends.
async fn attempt(
    app: &Rc<App>,
    engine: &BrowserEngine,
    carriers: &mut Carriers,
    backoff: &mut Backoff,
) -> Attempt {
    let mut carrier = carriers.begin(time::now());
    loop {
        let Ok(feed) = engine.feed(carrier, None) else {
            return Attempt::Locked;
        };
        let interrupted = interrupted(app);
        let ended = {
            let listening = Listening {
                app,
                engine,
                carriers: &mut *carriers,
                backoff: &mut *backoff,
            };
            match select(pin!(listening.hear(carrier, feed)), interrupted).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => Ended::Interrupted,
            }
        };
        app.listener.heard.set(false);
        match ended {
            Ended::SessionOver => {
                if engine.session_goes_on().await {
                    return Attempt::Failed;
                }
                return Attempt::SessionOver;
            }
            Ended::Interrupted => return Attempt::Again,
            Ended::Broken => match carriers.ended() {
                Some(next) => carrier = next,
                None => return Attempt::Failed,
            },
        }
    }
}

/// Ready when somebody interrupts what is under way from now on.
fn interrupted(app: &App) -> oneshot::Receiver<()> {
    let (interrupt, interrupted) = oneshot::channel();
    app.listener.interrupt.replace(Some(interrupt));
    interrupted
}

/// What an earlier background of this session of the browser has found out.
async fn remembered() -> Carriers {
    let slot = session::load(CARRIERS).await.ok().flatten();
    let numbers = slot.and_then(|bytes| {
        let (works, since) = bytes.split_first_chunk::<8>()?;
        let since = since.try_into().ok()?;
        Some([u64::from_le_bytes(*works), u64::from_le_bytes(since)])
    });
    numbers.map(Carriers::revived).unwrap_or_default()
}

/// Keeps what is known for the next background. It is a call of the extension's API, too: Chromium
/// ends a worker 30 s after its last one, and does not count an answer that goes on.
async fn remember(carriers: Carriers) {
    let numbers = carriers.remembered().unwrap_or_default();
    let bytes = numbers.map(u64::to_le_bytes).concat();
    // Where it cannot be kept, the next one finds out anew.
    let _ = session::save(CARRIERS, &bytes).await;
}
