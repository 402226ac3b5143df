//! The popup's line to the background: asks, waits, and asks again when the worker has died.
//!
//! ```text
//! connect ─▶ Hello ─▶ Welcome ─▶ everything unanswered, in order ─▶ answers, events
//!    ▲                                                                 │
//!    └──────────────── the port closes (worker killed) ◀───────────────┘
//! ```

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use futures_channel::oneshot;
use proto::{
    bridge::{
        Request,
        endpoint::POPUP_PORT,
        event::Event,
        frame::{BRIDGE_VERSION, Hello, RequestFrame, ServerFrame},
        popup::PopupRequest,
    },
    codec,
    error::{ErrorCode, WireError},
    limits::BRIDGE_FRAME_MAX_BYTES,
};
use serde_json::Value;

use crate::{
    port::{self, OpenPort},
    time::{sleep, spawn},
};

/// How often one request is sent before it counts as failed: each time but the first, a worker has
/// died over it.
const TRIES_MAX: u32 = 4;
/// Pause before connecting again, milliseconds, times the number of failures in a row.
const PAUSE_MS: u32 = 40;
/// The longest pause, milliseconds.
const PAUSE_MAX_MS: u32 = 2000;

/// A page's line to the background; cheap to clone.
#[derive(Clone)]
pub struct Client(Rc<Line>);

type Listener = Rc<dyn Fn(Event)>;
type Answer = Result<Value, WireError>;

struct Line {
    port: RefCell<Option<OpenPort>>,
    /// Whether the background has greeted on this port.
    greeted: Cell<bool>,
    /// Counts ports, so that the end of an old one is told from the end of this one.
    generation: Cell<u64>,
    failures: Cell<u32>,
    last_id: Cell<u64>,
    waiting: RefCell<BTreeMap<u64, Waiting>>,
    listeners: RefCell<Vec<Listener>>,
}

struct Waiting {
    text: String,
    tries: u32,
    answer: oneshot::Sender<Answer>,
}

impl Client {
    /// Opens the line. Never fails: failures are answers of [`Self::request`].
    pub fn connect() -> Self {
        let client = Self(Rc::new(Line {
            port: RefCell::new(None),
            greeted: Cell::new(false),
            generation: Cell::new(0),
            failures: Cell::new(0),
            last_id: Cell::new(0),
            waiting: RefCell::new(BTreeMap::new()),
            listeners: RefCell::new(Vec::new()),
        }));
        client.open();
        client
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// What the background answers; [`ErrorCode::TooLarge`], [`ErrorCode::VersionUnsupported`],
    /// [`ErrorCode::Internal`] where no answer came or it is none.
    pub async fn request<R>(&self, request: R) -> Result<R::Response, WireError>
    where
        R: Request<Port = PopupRequest>,
    {
        let id = self.0.last_id.get() + 1;
        self.0.last_id.set(id);
        let body: PopupRequest = request.into_port();
        let frame = RequestFrame {
            v: BRIDGE_VERSION,
            id,
            body,
        };
        let text = codec::encode(&frame)?;
        if text.len() > BRIDGE_FRAME_MAX_BYTES {
            return Err(WireError::new(ErrorCode::TooLarge).with("max", BRIDGE_FRAME_MAX_BYTES));
        }
        let (answer, answered) = oneshot::channel();
        self.0.waiting.borrow_mut().insert(
            id,
            Waiting {
                text,
                tries: 0,
                answer,
            },
        );
        if self.0.greeted.get() {
            self.send(id);
        }
        let value = answered
            .await
            .unwrap_or_else(|_| Err(ErrorCode::Internal.into()))?;
        serde_json::from_value(value).map_err(|_| WireError::new(ErrorCode::Internal))
    }

    /// Hears events for as long as the client lives.
    pub fn events(&self, listener: impl Fn(Event) + 'static) {
        self.0.listeners.borrow_mut().push(Rc::new(listener));
    }

    fn open(&self) {
        let generation = self.0.generation.get() + 1;
        self.0.generation.set(generation);
        self.0.greeted.set(false);
        let (hears, ends) = (Rc::downgrade(&self.0), Rc::downgrade(&self.0));
        let opened = port::open(
            POPUP_PORT,
            move |text| {
                if let Some(line) = hears.upgrade() {
                    Self(line).hear(&text);
                }
            },
            move || {
                if let Some(line) = ends.upgrade() {
                    Self(line).ended(generation);
                }
            },
        );
        let greeting = codec::encode(&Hello {
            versions: vec![BRIDGE_VERSION],
            script: None,
        });
        match (opened, greeting) {
            (Ok(port), Ok(greeting)) => {
                let sent = port.post(&greeting);
                *self.0.port.borrow_mut() = Some(port);
                if sent.is_err() {
                    self.ended(generation);
                }
            }
            // The extension was updated or removed under this page: only a reload helps.
            _ => self.fail_all(ErrorCode::Internal),
        }
    }

    fn hear(&self, text: &str) {
        match codec::decode::<ServerFrame<Value, Event>>(text, usize::MAX) {
            Ok(ServerFrame::Welcome(welcome)) if welcome.version == BRIDGE_VERSION => {
                self.0.greeted.set(true);
                self.0.failures.set(0);
                let ids: Vec<u64> = self.0.waiting.borrow().keys().copied().collect();
                for id in ids {
                    self.send(id);
                }
            }
            Ok(ServerFrame::Welcome(_)) => self.fail_all(ErrorCode::VersionUnsupported),
            Ok(ServerFrame::Ok(frame)) => self.answer(frame.id, Ok(frame.ok)),
            Ok(ServerFrame::Err(frame)) => self.answer(frame.id, Err(frame.err)),
            Ok(ServerFrame::Event(frame)) => {
                let listeners = self.0.listeners.borrow().clone();
                for listener in listeners {
                    listener(frame.event.clone());
                }
            }
            // Not of this protocol: whoever waits is answered when the port ends.
            Err(_) => {}
        }
    }

    fn send(&self, id: u64) {
        let text = {
            let mut waiting = self.0.waiting.borrow_mut();
            let Some(request) = waiting.get_mut(&id) else {
                return;
            };
            request.tries += 1;
            (request.tries <= TRIES_MAX).then(|| request.text.clone())
        };
        match text {
            None => self.answer(id, Err(ErrorCode::Internal.into())),
            Some(text) => {
                if let Some(port) = self.0.port.borrow().as_ref() {
                    // A port that is just closing tells so itself, and everything is sent anew.
                    let _ = port.post(&text);
                }
            }
        }
    }

    fn answer(&self, id: u64, answer: Answer) {
        let waiting = self.0.waiting.borrow_mut().remove(&id);
        if let Some(waiting) = waiting {
            // Nobody waits any more where the screen was left.
            let _ = waiting.answer.send(answer);
        }
    }

    fn fail_all(&self, code: ErrorCode) {
        let ids: Vec<u64> = self.0.waiting.borrow().keys().copied().collect();
        for id in ids {
            self.answer(id, Err(code.into()));
        }
    }

    /// The worker is gone: connects again, outside the listener that told so.
    fn ended(&self, generation: u64) {
        if self.0.generation.get() != generation {
            return;
        }
        self.0.greeted.set(false);
        let failures = self.0.failures.get();
        self.0.failures.set(failures.saturating_add(1));
        let client = self.clone();
        spawn(async move {
            sleep(PAUSE_MS.saturating_mul(failures).min(PAUSE_MAX_MS)).await;
            if client.0.generation.get() == generation {
                client.open();
            }
        });
    }
}
