//! The clipboard: secrets that the user copies, marked so that clipboard histories leave them out, and
//! cleared once their time is over.
//!
//! A thread of its own has the clipboard, for on X11 and Wayland whoever copied something serves it for as
//! long as it is there. The mark is `x-kde-passwordManagerHint` on Linux, `ExcludeClipboardContentFromMonitorProcessing`
//! on Windows and `org.nspasteboard.ConcealedType` on macOS, as `arboard` sets them.
//!
//! **Invariant:** nothing is cleared but what we have put there. **Invariant:** what else is on the clipboard
//! is looked at for that comparison alone, wiped after it, and told nobody.

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
const LATE_MS: f64 = 1_500.0;
/// Looks at a clipboard that another program holds open (Windows), and the pause between two.
const LOOKS: u32 = 10;
const LOOK_PAUSE: Duration = Duration::from_millis(50);

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
}

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
            held.take().into_iter().for_each(Held::clear);
            holds.store(false, Ordering::Release);
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
                held.take().into_iter().for_each(Held::clear);
                holds.store(false, Ordering::Release);
                let _ = done.map(|done| done.try_send(()));
            }
            Err(RecvTimeoutError::Timeout) => {
                held.take().into_iter().for_each(Held::clear);
                holds.store(false, Ordering::Release);
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
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
    /// Clears the clipboard, unless somebody has copied something else.
    fn clear(mut self) {
        for _ in 0..LOOKS {
            match self.board.get_text().map(Zeroizing::new) {
                // EXPOSE: to compare it; nobody learns how long that takes.
                Ok(there) if *there == self.value.expose_secret() => {
                    let _ = self.board.clear();
                    return;
                }
                Err(arboard::Error::ClipboardOccupied) => clock::pause(LOOK_PAUSE),
                _ => return,
            }
        }
    }
}
