//! The alarms that wake a dead background.
//!
//! Each is a call to the browser's own process, and how things stand is settled several times for
//! whatever a user does: one that would change nothing is spared.

use std::{cell::RefCell, collections::BTreeMap};

use proto::ids::UnixMillis;
use webext::alarms;

/// Alarms as this life of the background has set them.
#[derive(Default)]
pub(crate) struct Wakes(RefCell<BTreeMap<&'static str, Option<UnixMillis>>>);

impl Wakes {
    /// Sets an alarm for a moment, or clears it.
    pub(super) async fn put(&self, name: &'static str, at: Option<UnixMillis>) {
        // Noted before the call: another one may be made while this one waits.
        if self.0.borrow_mut().insert(name, at) == Some(at) {
            return;
        }
        let done = match at {
            Some(at) => alarms::set(name, at),
            None => alarms::clear(name).await,
        };
        // One that cannot be set makes nothing unsafe: every wake checks the deadlines.
        if done.is_err() {
            self.forget(name);
        }
    }

    /// It went off, or may have: the next one is set whatever it is.
    pub(super) fn forget(&self, name: &str) {
        self.0.borrow_mut().remove(name);
    }
}
