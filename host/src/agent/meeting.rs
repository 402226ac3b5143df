//! What two people have said in a first meeting, in whichever order they say it.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::Builder,
};

use proto::bridge::host::PairingMessage;

use super::{Agent, line::Line};
use crate::{
    pairing::Terminal,
    pairs::{self, Pair},
};

/// A meeting.
pub(super) struct Meeting {
    agent: Arc<Agent>,
    line: Arc<Line>,
    said: Mutex<Said>,
}

struct Said {
    pair: Pair,
    terminal: Arc<Terminal>,
    host: bool,
    extension: bool,
    /// How it ended, once it has.
    paired: Option<bool>,
}

impl Meeting {
    /// Begins to wait for the terminal.
    pub(super) fn begin(
        agent: &Arc<Agent>,
        line: &Arc<Line>,
        pair: Pair,
        terminal: Terminal,
    ) -> io::Result<Arc<Self>> {
        let terminal = Arc::new(terminal);
        let meeting = Arc::new(Self {
            agent: Arc::clone(agent),
            line: Arc::clone(line),
            said: Mutex::new(Said {
                pair,
                terminal: Arc::clone(&terminal),
                host: false,
                extension: false,
                paired: None,
            }),
        });
        let asked = Arc::clone(&meeting);
        Builder::new().spawn(move || {
            let agreed = terminal.wait();
            asked.terminal_said(agreed);
            if agreed {
                terminal.wait_gone();
                asked.terminal_left();
            }
        })?;
        Ok(meeting)
    }

    /// The extension's user has agreed, or it has left. Whether the two are paired, once that is known.
    pub(super) fn extension_said(&self, agreed: bool) -> Option<bool> {
        let mut said = self.said();
        if !agreed {
            said.end(false);
        } else if said.paired.is_none() {
            said.extension = true;
            if said.host {
                said.finish(&self.agent);
            }
        }
        said.paired
    }

    /// Nobody waits for the terminal any more. Whether the two are paired.
    pub(super) fn end(&self) -> bool {
        let mut said = self.said();
        said.end(false);
        said.paired == Some(true)
    }

    fn terminal_said(&self, agreed: bool) {
        let mut said = self.said();
        if said.paired.is_some() {
            return;
        }
        if agreed {
            said.host = true;
            if said.extension {
                said.finish(&self.agent);
            }
        } else {
            said.end(false);
        }
        let answer = match said.paired {
            Some(false) => PairingMessage::Declined {},
            _ => PairingMessage::Agreed {},
        };
        // An extension that is gone has ended the meeting itself.
        let _ = self.line.say(&answer);
    }

    /// Who agrees and leaves before the other side has agreed takes it back, and the other side hears of it.
    fn terminal_left(&self) {
        let mut said = self.said();
        if said.paired.is_none() {
            said.end(false);
            // It may have left, too.
            let _ = self.line.say(&PairingMessage::Declined {});
        }
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        // What is behind is whole at any time.
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Said {
    /// Both have agreed: kept, if the terminal is still there to see it.
    fn finish(&mut self, agent: &Agent) {
        let kept = !self.terminal.is_gone() && pairs::add(&agent.place, self.pair.clone()).is_ok();
        self.end(kept);
    }

    fn end(&mut self, paired: bool) {
        if self.paired.is_none() {
            self.paired = Some(paired);
            self.terminal.ended(paired);
        }
    }
}
