//! The clipboard: secrets that the user copies, marked so that clipboard histories leave them out, and
//! cleared once their time is over.
//!
//! A thread of its own has the clipboard, for on X11 and Wayland whoever copied something serves it for as
//! long as it is there. The mark is `x-kde-passwordManagerHint` on Linux, `ExcludeClipboardContentFromMonitorProcessing`
//! on Windows and `org.nspasteboard.ConcealedType` on macOS, as `arboard` sets them.
//!
//! **Invariant:** nothing is cleared but what we have put there. **Invariant:** what else is on the clipboard
//! is looked at for that comparison alone, wiped after it, and told nobody. **Invariant:** a program that keeps
//! us waiting for what it has copied holds up nothing but that look, and a clear that did not come about is
//! tried again.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::Builder,
    time::Duration,
};

#[cfg(target_os = "macos")]
use arboard::SetExtApple as _;
#[cfg(all(unix, not(target_os = "macos")))]
use arboard::SetExtLinux as _;
#[cfg(windows)]
use arboard::SetExtWindows as _;
use proto::{
    bridge::host::COPIED_MAX_SECONDS,
    error::{ErrorCode, WireError},
    vault::SecretText,
};
use zeroize::Zeroizing;

use crate::clock;

/// How long whoever ends waits for the display.
const ENDS: Duration = Duration::from_secs(1);
/// Orders that wait for a display that does not answer.
const ORDERS_MAX: usize = 16;
/// Older than this nobody waits for a copy any more, milliseconds: the page has copied by itself, and its user may
/// have copied something else since.
const LATE_MS: f64 = 1_000.0;
/// Whoever has a clipboard open (Windows) is waited for so often, with that pause between two.
const OPENS: u32 = 10;
const OPEN_PAUSE: Duration = Duration::from_millis(50);
/// What is ours is seen at once; what another program has, when that program answers.
const LOOK: Duration = Duration::from_millis(300);
/// Until the next attempt to clear it, milliseconds, and how many there are: a program on X11 is waited for 24 s.
const AGAIN_MS: f64 = 2_000.0;
const TRIES_MAX: u32 = 15;

/// Whoever has it may copy and clear; clones are the same one.
#[derive(Clone)]
pub struct Clipboard {
    orders: SyncSender<Order>,
    holds: Arc<AtomicBool>,
    /// Whether it is to be cleared, also where no more orders wait than may.
    clears: Arc<AtomicBool>,
}

type Answer = Box<dyn FnOnce(Result<(), WireError>) + Send>;

enum Order {
    /// What, for how long, when it was asked for in milliseconds of [`clock::measured_millis`], and whom to tell.
    Copy(SecretText, Duration, f64, Answer),
    Clear(Option<SyncSender<()>>),
}

impl Clipboard {
    /// Starts the thread. It asks no display for anything until something is copied.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start() -> io::Result<Self> {
        let (orders, ordered) = sync_channel(ORDERS_MAX);
        let holds = Arc::new(AtomicBool::new(false));
        let clears = Arc::new(AtomicBool::new(false));
        let (told, wanted) = (Arc::clone(&holds), Arc::clone(&clears));
        let thread = Builder::new().name("clipboard".to_owned());
        thread.spawn(move || live(&ordered, &told, &wanted))?;
        Ok(Self {
            orders,
            holds,
            clears,
        })
    }

    /// Puts a text on the clipboard, for `seconds` (1–[`COPIED_MAX_SECONDS`]). What came of it is told on the
    /// clipboard's thread, as soon as the display answers: who does not wait for that copies by themselves.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidField`]; [`ErrorCode::NotFound`] where there is no clipboard.
    pub fn copy(
        &self,
        value: SecretText,
        seconds: u32,
        answer: impl FnOnce(Result<(), WireError>) + Send + 'static,
    ) {
        if !(1..=COPIED_MAX_SECONDS).contains(&seconds) {
            return answer(Err(ErrorCode::InvalidField.into()));
        }
        let after = Duration::from_secs(seconds.into());
        let order = Order::Copy(value, after, clock::measured_millis(), Box::new(answer));
        if let Err(TrySendError::Full(order) | TrySendError::Disconnected(order)) =
            self.orders.try_send(order)
            && let Order::Copy(_, _, _, answer) = order
        {
            answer(Err(ErrorCode::NotFound.into()));
        }
    }

    /// Clears it, where it has what was copied last.
    pub fn clear(&self) {
        self.clears.store(true, Ordering::Release);
        // Where too many wait, the first of them sees the mark.
        let _ = self.orders.try_send(Order::Clear(None));
    }

    /// The same for who ends after it: waits until it is done, a second at most.
    pub fn end(&self) {
        let (done, is_done) = sync_channel(1);
        if self.holds() && self.orders.try_send(Order::Clear(Some(done))).is_ok() {
            // Of a display that hangs nobody gets anything.
            let _ = is_done.recv_timeout(ENDS);
        }
    }

    /// Whether something is to be cleared yet.
    pub fn holds(&self) -> bool {
        self.holds.load(Ordering::Acquire)
    }
}

/// What was copied, and when it is to go, in milliseconds of [`clock::measured_millis`].
struct Held {
    board: arboard::Clipboard,
    value: SecretText,
    until: f64,
    /// A look that has not come back yet.
    look: Option<Look>,
    tries: u32,
}

/// The text on the clipboard, if it has one; closed where it could not be seen.
type Look = Receiver<Option<Zeroizing<String>>>;

fn live(orders: &Receiver<Order>, holds: &AtomicBool, clears: &AtomicBool) {
    let mut held: Option<Held> = None;
    loop {
        let order = match &held {
            None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(held) => {
                let left = (held.until - clock::measured_millis()).max(0.0);
                orders.recv_timeout(Duration::from_secs_f64(left / 1000.0))
            }
        };
        if clears.swap(false, Ordering::AcqRel) {
            held = held.take().and_then(Held::clear);
        }
        match order {
            Ok(Order::Copy(_, _, asked, answer)) if clock::measured_millis() - asked > LATE_MS => {
                answer(Err(ErrorCode::NotFound.into()));
            }
            Ok(Order::Copy(value, after, _, answer)) => {
                let board = held.take().map(|before| before.board);
                held = put(board, value, after);
                holds.store(held.is_some(), Ordering::Release);
                let there_is_none = || ErrorCode::NotFound.into();
                answer(held.as_ref().map(drop).ok_or_else(there_is_none));
            }
            Ok(Order::Clear(done)) => {
                held = held.take().and_then(Held::clear);
                let _ = done.map(|done| done.try_send(()));
            }
            Err(RecvTimeoutError::Timeout) => held = held.take().and_then(Held::clear),
            Err(RecvTimeoutError::Disconnected) => return,
        }
        holds.store(held.is_some(), Ordering::Release);
    }
}

/// Copies; on the clipboard from before, where its display is there still.
fn put(before: Option<arboard::Clipboard>, value: SecretText, after: Duration) -> Option<Held> {
    let again = before.and_then(|board| set(board, &value));
    let board = again.or_else(|| set(arboard::Clipboard::new().ok()?, &value))?;
    let until = clock::measured_millis() + after.as_secs_f64() * 1000.0;
    Some(Held {
        board,
        value,
        until,
        look: None,
        tries: 0,
    })
}

fn set(mut board: arboard::Clipboard, value: &SecretText) -> Option<arboard::Clipboard> {
    let set = board.set();
    #[cfg(windows)]
    let set = set.exclude_from_monitoring();
    #[cfg(not(windows))]
    let set = set.exclude_from_history();
    // EXPOSE: the user asked for it on the clipboard.
    let done = set.text(value.expose_secret());
    done.is_ok().then_some(board)
}

impl Held {
    /// Clears the clipboard, unless somebody has copied something else. Returns itself where it could not,
    /// or could not see that, for another attempt.
    fn clear(mut self) -> Option<Self> {
        let before = self.look.take();
        let is_late = before.is_some();
        let look = before.unwrap_or_else(look);
        match look.recv_timeout(LOOK) {
            // EXPOSE: to compare it; nobody learns how long that takes.
            Ok(there)
                if there.as_deref().map(String::as_str) != Some(self.value.expose_secret()) =>
            {
                None
            }
            // What was ours a while ago: something else may have been copied since.
            Ok(_) if is_late => self.again(),
            Ok(_) if self.board.clear().is_ok() => None,
            Err(RecvTimeoutError::Timeout) => {
                self.look = Some(look);
                self.again()
            }
            Ok(_) | Err(RecvTimeoutError::Disconnected) => self.again(),
        }
    }

    fn again(mut self) -> Option<Self> {
        self.tries += 1;
        self.until = clock::measured_millis() + AGAIN_MS;
        (self.tries < TRIES_MAX).then_some(self)
    }
}

/// Looks at what is on the clipboard, on a thread of its own: it waits for as long as whoever has copied that.
fn look() -> Look {
    let (seen, look) = sync_channel(1);
    let thread = Builder::new().name("clipboard look".to_owned());
    // Where the system gives no thread the channel is closed, as where nothing could be seen.
    let _ = thread.spawn(move || {
        let Ok(mut board) = arboard::Clipboard::new() else {
            return;
        };
        for _ in 0..OPENS {
            let there = match board.get_text().map(Zeroizing::new) {
                Ok(text) => Some(text),
                Err(arboard::Error::ContentNotAvailable | arboard::Error::ConversionFailure) => {
                    None
                }
                Err(arboard::Error::ClipboardOccupied) => {
                    clock::pause(OPEN_PAUSE);
                    continue;
                }
                Err(_) => return,
            };
            let _ = seen.send(there);
            return;
        }
    });
    look
}
