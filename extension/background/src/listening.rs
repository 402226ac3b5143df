//! Hears of what other devices wrote, while the vault is open.
//!
//! One WebSocket for each life of the background. What comes over it is only that there is news: it is pulled as ever.

use std::{
    cell::{Cell, RefCell},
    pin::pin,
    rc::Rc,
};

use engine::Backoff;
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use proto::{
    api::feed::{FEED_BEAT_MS, close},
    bridge::popup::{AppStatus, NodeState},
};
use webext::{
    crypto,
    socket::{Closed, Socket},
    time::{self, spawn},
};

use crate::{
    app::{App, BrowserEngine},
    keeping,
};

/// Silence after which a connection counts as broken, milliseconds: the node speaks at least that often.
const SILENCE_MS: u32 = 2 * FEED_BEAT_MS + 5_000;

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
        let mut is_over = false;
        while let Ok(feed) = engine.feed() {
            let (interrupt, interrupted) = oneshot::channel();
            app.listener.interrupt.replace(Some(interrupt));
            let ended = {
                let hearing = pin!(hear(&app, &engine, feed, &mut backoff));
                match select(hearing, interrupted).await {
                    Either::Left((ended, _)) => Some(ended),
                    Either::Right(_) => None,
                }
            };
            app.listener.heard.set(false);
            match ended {
                None => continue,
                Some(Closed { code }) if code == close::SESSION_INVALID => {
                    if !engine.session_goes_on().await {
                        is_over = true;
                        break;
                    }
                }
                Some(_) => {}
            }
            let mut chance = [0; 4];
            crypto::random(&mut chance);
            let pause = time::sleep(backoff.pause(u32::from_le_bytes(chance)));
            let (interrupt, interrupted) = oneshot::channel();
            app.listener.interrupt.replace(Some(interrupt));
            select(pin!(pause), interrupted).await;
        }
        app.listener.interrupt.replace(None);
        app.listener.listening.set(false);
        if is_over {
            app.settle(&engine).await;
        }
    });
}

/// Hears until the connection ends.
async fn hear(
    app: &Rc<App>,
    engine: &BrowserEngine,
    engine::Feed { url, hello }: engine::Feed,
    backoff: &mut Backoff,
) -> Closed {
    let broken = Closed { code: 1006 };
    let Ok(mut socket) = Socket::open(&url) else {
        return broken;
    };
    let said = socket.say(&hello).await;
    // The token is not needed any more.
    drop(hello);
    if let Err(closed) = said {
        return closed;
    }
    loop {
        let message = match time::within(SILENCE_MS, "WebSocket", socket.hear()).await {
            Ok(Ok(message)) => message,
            Ok(Err(closed)) => return closed,
            Err(_) => return broken,
        };
        let Ok(is_news) = engine.is_news(&message) else {
            return broken;
        };
        backoff.reset();
        app.listener.heard.set(true);
        if is_news {
            // Beside: the next message must not wait for a slow pull, and two pulls become one.
            let (app, engine) = (Rc::clone(app), engine.clone());
            spawn(async move { keeping::sync_soon(&app, &engine).await });
        }
    }
}
