//! Hears of what other devices wrote, while the vault is open: by server-sent events, or by polling where
//! something on the way holds those back.

use std::{cell::Cell, rc::Rc, time::Duration};

use engine::{Backoff, Carrier, Events, Feed, Said};
use proto::{
    api::feed::{FEED_BEAT_MS, FEED_MESSAGE_MAX_BYTES, FEED_POLL_MS},
    bridge::popup::{AppStatus, NodeState},
    error::{ErrorCode, WireError},
};
use tokio::{
    select,
    sync::Notify,
    task::spawn_local,
    time::{Instant, sleep, timeout},
};

use super::{
    desk::{Desk, HostEngine},
    keeping,
    transport::Stream,
};

/// Silence after which a connection counts as broken: the node speaks at least that often.
const SILENCE: Duration = Duration::from_millis(2 * FEED_BEAT_MS as u64 + 5_000);
/// Time for the first message.
const OPEN: Duration = Duration::from_secs(15);
/// Time for the answer of a long poll.
const POLL: Duration = Duration::from_millis(FEED_POLL_MS as u64 + 15_000);
/// Pause after an answer of a long poll that came sooner than this.
const POLL_FLOOR: Duration = Duration::from_millis(250);

/// Whether somebody listens.
#[derive(Default)]
pub(super) struct Listener {
    listening: Cell<bool>,
    heard: Cell<bool>,
    hurry: Notify,
}

impl Listener {
    /// Whether news come by themselves at present.
    pub(super) fn hears(&self) -> bool {
        self.heard.get()
    }

    /// Ends the pause before the next attempt.
    pub(super) fn hurry(&self) {
        if !self.hears() {
            self.hurry.notify_waiters();
        }
    }
}

/// How a carrier ended.
enum Ended {
    Broken,
    /// Server-sent events do not come through.
    Silent,
    SessionOver,
}

/// Listens from now on, where there is something to hear.
pub(super) async fn settle(desk: &Rc<Desk>) {
    let Some(engine) = desk.engine() else { return };
    let hears = matches!(
        engine.status().await,
        AppStatus::Unlocked { node, .. } if node != NodeState::SignedOut
    );
    if !hears || desk.listener.listening.replace(true) {
        return;
    }
    let desk = Rc::clone(desk);
    spawn_local(async move {
        listen(&desk, &engine).await;
        desk.listener.heard.set(false);
        desk.listener.listening.set(false);
    });
}

async fn listen(desk: &Rc<Desk>, engine: &HostEngine) {
    let mut backoff = Backoff::default();
    let mut carrier = Carrier::Events;
    while let Ok(feed) = engine.feed(carrier, None) {
        let ended = match carrier {
            Carrier::Poll => poll(desk, engine, feed, &mut backoff).await,
            _ => events(desk, engine, feed, &mut backoff).await,
        };
        desk.listener.heard.set(false);
        match ended {
            Ended::SessionOver if !engine.session_goes_on().await => {
                desk.settle().await;
                return;
            }
            Ended::Silent => {
                carrier = Carrier::Poll;
                continue;
            }
            Ended::Broken => carrier = Carrier::Events,
            Ended::SessionOver => {}
        }
        let pause = Duration::from_millis(backoff.pause(keeping::random()).into());
        select! {
            () = sleep(pause) => {}
            () = desk.listener.hurry.notified() => {}
        }
    }
}

async fn events(desk: &Rc<Desk>, engine: &HostEngine, feed: Feed, backoff: &mut Backoff) -> Ended {
    let Ok(mut stream) = open(engine, feed, OPEN).await else {
        return Ended::Broken;
    };
    if stream.status != 200 {
        return refused(desk, engine, &mut stream).await;
    }
    let (mut events, mut silence, mut heard) = (Events::default(), OPEN, false);
    loop {
        let part = match timeout(silence, stream.next()).await {
            Ok(Ok(Some(part))) => part,
            // A proxy that keeps the answer until it is whole.
            Err(_) if !heard => return Ended::Silent,
            _ => return Ended::Broken,
        };
        let Ok(said) = events.take(&part) else {
            return Ended::Broken;
        };
        for said in said {
            match said {
                Said::News(message) => {
                    if take(desk, engine, &message).is_none() {
                        return Ended::Broken;
                    }
                    heard = true;
                    backoff.reset();
                }
                Said::End(code) => return ended(desk, engine, code),
            }
        }
        silence = SILENCE;
    }
}

async fn poll(
    desk: &Rc<Desk>,
    engine: &HostEngine,
    mut feed: Feed,
    backoff: &mut Backoff,
) -> Ended {
    loop {
        let began = Instant::now();
        let Ok(mut answer) = open(engine, feed, POLL).await else {
            return Ended::Broken;
        };
        if answer.status != 200 {
            return refused(desk, engine, &mut answer).await;
        }
        let Ok(Ok(body)) = timeout(OPEN, answer.rest(FEED_MESSAGE_MAX_BYTES)).await else {
            return Ended::Broken;
        };
        let place = std::str::from_utf8(&body)
            .ok()
            .and_then(|message| take(desk, engine, message));
        let Some(place) = place else {
            return Ended::Broken;
        };
        backoff.reset();
        // A node that answers at once, whatever it has, must not keep this device busy.
        if began.elapsed() < POLL_FLOOR {
            sleep(POLL_FLOOR).await;
        }
        feed = match engine.feed(Carrier::Poll, Some(place)) {
            Ok(feed) => feed,
            Err(_) => return Ended::Broken,
        };
    }
}

async fn open(engine: &HostEngine, feed: Feed, within: Duration) -> Result<Stream, ()> {
    let http = engine.transport();
    let opened = http
        .open_stream(&feed.url, Some(&feed.secret), within)
        .await;
    opened.map_err(drop)
}

/// A message came.
fn take(desk: &Rc<Desk>, engine: &HostEngine, message: &str) -> Option<engine::Place> {
    let heard = engine.hear(message).ok()?;
    desk.listener.heard.set(true);
    if heard.is_news {
        pull(desk, engine);
    }
    Some(heard.place)
}

fn pull(desk: &Rc<Desk>, engine: &HostEngine) {
    // Beside: the next message must not wait for a slow pull, and two pulls become one.
    let (desk, engine) = (Rc::clone(desk), engine.clone());
    spawn_local(async move {
        keeping::sync(&desk, &engine).await;
    });
}

async fn refused(desk: &Rc<Desk>, engine: &HostEngine, answer: &mut Stream) -> Ended {
    let Ok(Ok(body)) = timeout(OPEN, answer.rest(FEED_MESSAGE_MAX_BYTES)).await else {
        return Ended::Broken;
    };
    match serde_json::from_slice::<WireError>(&body).map(|error| error.code) {
        // A proxy's own refusal says nothing of the session.
        Ok(ErrorCode::SessionInvalid) if answer.status == 401 => Ended::SessionOver,
        Ok(code) if code != ErrorCode::SessionInvalid => ended(desk, engine, code),
        _ => Ended::Broken,
    }
}

fn ended(desk: &Rc<Desk>, engine: &HostEngine, code: ErrorCode) -> Ended {
    match code {
        ErrorCode::SessionInvalid => Ended::SessionOver,
        ErrorCode::CursorInvalid => {
            // The pull finds out what the node has instead.
            pull(desk, engine);
            Ended::Broken
        }
        _ => Ended::Broken,
    }
}
