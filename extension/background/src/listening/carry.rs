//! The three carriers, each until it ends.

use std::rc::Rc;

use engine::{Backoff, Carrier, Carriers, Events, Feed, Place, Said};
use proto::{
    api::feed::{FEED_BEAT_MS, FEED_MESSAGE_MAX_BYTES, FEED_POLL_MS, close},
    error::{ErrorCode, WireError},
};
use webext::{
    http,
    socket::{Closed, Socket},
    time::{self, spawn},
};

use super::remember;
use crate::{
    app::{App, BrowserEngine},
    keeping,
};

/// Silence after which a connection counts as broken, milliseconds: the node speaks at least that often.
const SILENCE_MS: u32 = 2 * FEED_BEAT_MS + 5_000;
/// Time for a connection to be there, and for the first message, milliseconds.
const OPEN_MS: u32 = 15_000;
/// Time for the answer of a long poll, milliseconds.
const POLL_MS: u32 = FEED_POLL_MS + 15_000;

/// Pause after an answer of a long poll that came sooner than this, milliseconds: less than anybody
/// waits for, and an end to a loop without one.
const POLL_FLOOR_MS: u32 = 250;

/// How a carrier ended.
pub(super) enum Ended {
    /// It never was, or is no more.
    Broken,
    /// From here, to try something else.
    Interrupted,
    /// The node says that the session is over.
    SessionOver,
}

/// One attempt to hear.
pub(super) struct Listening<'a> {
    pub(super) app: &'a Rc<App>,
    pub(super) engine: &'a BrowserEngine,
    pub(super) carriers: &'a mut Carriers,
    pub(super) backoff: &'a mut Backoff,
}

impl Listening<'_> {
    /// Hears over a carrier until it ends.
    pub(super) async fn hear(mut self, carrier: Carrier, feed: Feed) -> Ended {
        let heard = match carrier {
            Carrier::WebSocket => self.socket(feed).await,
            Carrier::Events => self.events(feed).await,
            Carrier::Poll => self.poll(feed).await,
        };
        match heard {
            Ok(never) => match never {},
            Err(ended) => ended,
        }
    }

    async fn socket(&mut self, feed: Feed) -> Result<Never, Ended> {
        let mut socket = Socket::open(&feed.url).map_err(|_| Ended::Broken)?;
        let said = time::within(OPEN_MS, "WebSocket", socket.say(&feed.secret)).await;
        // The token is not needed any more.
        drop(feed);
        said.map_err(|_| Ended::Broken)?
            .map_err(|closed| self.closed(closed))?;
        let mut silence = OPEN_MS;
        loop {
            let heard = time::within(silence, "WebSocket", socket.hear()).await;
            let heard = heard.map_err(|_| Ended::Broken)?;
            let message = heard.map_err(|closed| self.closed(closed))?;
            self.take(&message).await?;
            silence = SILENCE_MS;
        }
    }

    async fn events(&mut self, feed: Feed) -> Result<Never, Ended> {
        let opened = http::open(request(&feed, OPEN_MS)).await;
        drop(feed);
        let mut stream = opened.map_err(|_| Ended::Broken)?;
        if stream.status != 200 {
            let body = whole(&mut stream).await?;
            return Err(self.refused(stream.status, &body));
        }
        let mut events = Events::default();
        let mut silence = OPEN_MS;
        loop {
            let part = time::within(silence, "fetch", stream.next()).await;
            let Ok(Ok(Some(part))) = part else {
                return Err(Ended::Broken);
            };
            for said in events.take(&part).map_err(|_| Ended::Broken)? {
                match said {
                    Said::News(message) => drop(self.take(&message).await?),
                    Said::End(code) => return Err(self.ended(code)),
                }
            }
            silence = SILENCE_MS;
        }
    }

    async fn poll(&mut self, mut feed: Feed) -> Result<Never, Ended> {
        loop {
            let began = time::now();
            let answer = http::open(request(&feed, POLL_MS)).await;
            let mut answer = answer.map_err(|_| Ended::Broken)?;
            let body = whole(&mut answer).await?;
            if answer.status != 200 {
                return Err(self.refused(answer.status, &body));
            }
            let message = String::from_utf8(body).map_err(|_| Ended::Broken)?;
            let place = self.take(&message).await?;
            // A node that answers at once, whatever it has, must not keep this device busy.
            if time::now() < began.plus(u64::from(POLL_FLOOR_MS)) {
                time::sleep(POLL_FLOOR_MS).await;
            }
            let next = self.engine.feed(Carrier::Poll, Some(place));
            feed = next.map_err(|_| Ended::Broken)?;
        }
    }

    /// A message came: the carrier works.
    async fn take(&mut self, message: &str) -> Result<Place, Ended> {
        let heard = self.engine.hear(message).map_err(|_| Ended::Broken)?;
        self.backoff.reset();
        let left = self.carriers.heard(time::now());
        self.app.listener.heard.set(true);
        if heard.is_news {
            self.pull();
        }
        remember(*self.carriers).await;
        // Good enough for long enough: there may be a better one by now.
        if left == Some(0) {
            return Err(Ended::Interrupted);
        }
        Ok(heard.place)
    }

    fn pull(&self) {
        // Beside: the next message must not wait for a slow pull, and two pulls become one.
        let (app, engine) = (Rc::clone(self.app), self.engine.clone());
        spawn(async move {
            keeping::sync_soon(&app, &engine).await;
        });
    }

    fn closed(&self, closed: Closed) -> Ended {
        match closed.code {
            close::SESSION_INVALID => Ended::SessionOver,
            close::CURSOR_INVALID => self.ended(ErrorCode::CursorInvalid),
            _ => Ended::Broken,
        }
    }

    fn refused(&self, status: u16, body: &[u8]) -> Ended {
        let error = serde_json::from_slice::<WireError>(body);
        match error.map(|error| error.code) {
            // A proxy's own refusal says nothing of the session.
            Ok(ErrorCode::SessionInvalid) if status == 401 => Ended::SessionOver,
            Ok(code) if code != ErrorCode::SessionInvalid => self.ended(code),
            _ => Ended::Broken,
        }
    }

    fn ended(&self, code: ErrorCode) -> Ended {
        match code {
            ErrorCode::SessionInvalid => Ended::SessionOver,
            ErrorCode::CursorInvalid => {
                // The pull finds out what the node has instead, and has its cursor for the next time.
                self.pull();
                Ended::Broken
            }
            _ => Ended::Broken,
        }
    }
}

/// An answer that is short.
async fn whole(answer: &mut http::Stream) -> Result<Vec<u8>, Ended> {
    let read = time::within(OPEN_MS, "fetch", answer.rest(FEED_MESSAGE_MAX_BYTES)).await;
    match read {
        Ok(Ok(Some(body))) => Ok(body),
        _ => Err(Ended::Broken),
    }
}

/// A carrier goes on until it ends.
enum Never {}

fn request(feed: &Feed, timeout: u32) -> http::Request<'_> {
    http::Request {
        method: "GET",
        url: &feed.url,
        bearer: Some(&feed.secret),
        body: None,
        timeout,
        max_bytes: FEED_MESSAGE_MAX_BYTES,
    }
}
