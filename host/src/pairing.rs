//! The first meeting of an extension with this host.
//!
//! It takes place only while somebody at this machine has started `pearvault-host pair`: that
//! terminal is where the host shows its code, outside of any browser.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
    mpsc::{Receiver, SyncSender, sync_channel},
};

use serde::{Deserialize, Serialize};

/// What the agent tells a terminal that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ToTerminal {
    /// It waits for an extension now.
    Waiting {},
    /// Another terminal waits already.
    Taken {},
    /// An extension is there.
    Code {
        /// Six digits, in two groups.
        code: String,
        /// Name of the browser's program, where the system told.
        browser: Option<String>,
    },
    /// Paired.
    Paired {},
    /// The extension has gone, or its user has said no.
    Over {},
}

/// What the terminal answers to [`ToTerminal::Code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromTerminal {
    /// The codes are the same.
    Agreed {},
    /// They are not.
    Refused {},
}

/// A terminal that waits, seen from the extension's side: dropping it tells that the meeting is over.
#[derive(Debug)]
pub struct Terminal {
    tell: SyncSender<ToTerminal>,
    answers: Mutex<Receiver<FromTerminal>>,
    gone: Arc<AtomicBool>,
    done: AtomicBool,
}

/// The same, seen from the terminal's side.
#[derive(Debug)]
pub struct Guest {
    /// What to show.
    pub told: Receiver<ToTerminal>,
    /// What was answered.
    pub answer: SyncSender<FromTerminal>,
    /// To be set once nobody sits there any more.
    pub gone: Arc<AtomicBool>,
}

/// Where a terminal waits; one at a time.
#[derive(Debug, Default)]
pub struct Door(Mutex<Option<Terminal>>);

impl Door {
    /// A terminal waits from now on; `None` where one does already.
    pub fn open(&self) -> Option<Guest> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if place.is_some() {
            return None;
        }
        // One code, one end: nothing waits for a terminal that is not read.
        let (tell, told) = sync_channel(4);
        let (answer, answers) = sync_channel(4);
        let gone = Arc::new(AtomicBool::new(false));
        *place = Some(Terminal {
            tell,
            answers: Mutex::new(answers),
            gone: Arc::clone(&gone),
            done: AtomicBool::new(false),
        });
        Some(Guest { told, answer, gone })
    }

    /// Whether one waits.
    pub fn is_open(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// Takes it, for one meeting.
    pub fn take(&self) -> Option<Terminal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whoever waits and has gone waits no longer; another one does.
    pub fn close(&self) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if place.as_ref().is_some_and(Terminal::is_gone) {
            *place = None;
        }
    }
}

impl Terminal {
    /// Shows a code.
    pub fn show(&self, code: String, browser: Option<String>) {
        // A terminal that is gone answers nothing.
        let _ = self.tell.try_send(ToTerminal::Code { code, browser });
    }

    /// Waits for the answer: whether the codes are the same.
    pub fn wait(&self) -> bool {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(answers.recv(), Ok(FromTerminal::Agreed {}))
    }

    /// Waits until nobody sits there any more; what is said meanwhile says nothing.
    pub fn wait_gone(&self) {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        while answers.recv().is_ok() {}
    }

    /// Whether nobody sits there any more.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }

    /// How the meeting ended; told once.
    pub fn ended(&self, paired: bool) {
        if !self.done.swap(true, Ordering::AcqRel) {
            let end = if paired {
                ToTerminal::Paired {}
            } else {
                ToTerminal::Over {}
            };
            let _ = self.tell.try_send(end);
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.ended(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_terminal_waits_and_one_extension_takes_it() {
        let door = Door::default();
        assert!(!door.is_open() && door.take().is_none());
        let guest = door.open();
        assert!(guest.is_some() && door.is_open());
        assert!(door.open().is_none());
        assert!(door.take().is_some() && !door.is_open());
    }

    #[test]
    fn terminal_sees_the_code_and_how_it_ended() {
        for agreed in [true, false] {
            let door = Door::default();
            let (Some(guest), Some(terminal)) = (door.open(), door.take()) else {
                panic!("nobody waits");
            };
            terminal.show("123 456".to_owned(), None);
            assert!(
                matches!(guest.told.recv(), Ok(ToTerminal::Code { code, .. }) if code == "123 456")
            );
            let said = if agreed {
                FromTerminal::Agreed {}
            } else {
                FromTerminal::Refused {}
            };
            assert_eq!(guest.answer.send(said), Ok(()));
            assert_eq!(terminal.wait(), agreed);
            if agreed {
                terminal.ended(true);
            }
            drop(terminal);
            let end = if agreed {
                ToTerminal::Paired {}
            } else {
                ToTerminal::Over {}
            };
            assert_eq!(guest.told.recv(), Ok(end));
        }
    }

    #[test]
    fn terminal_that_leaves_closes_its_own_door_alone() {
        let door = Door::default();
        let first = door.open();
        assert!(door.take().is_some());
        let second = door.open();
        first.inspect(|guest| guest.gone.store(true, Ordering::Release));
        door.close();
        assert!(door.is_open());
        second.inspect(|guest| guest.gone.store(true, Ordering::Release));
        door.close();
        assert!(!door.is_open());
    }

    #[test]
    fn terminal_that_has_gone_agrees_to_nothing() {
        let door = Door::default();
        let guest = door.open();
        let terminal = door.take();
        drop(guest);
        assert_eq!(terminal.map(|terminal| terminal.wait()), Some(false));
    }
}
