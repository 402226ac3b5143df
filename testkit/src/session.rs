//! Memory that outlives the worker.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use engine::platform::SessionStore;
use zeroize::Zeroizing;

/// A session store; clones are the same one. It stands for the browser's memory.
#[derive(Clone, Default)]
pub struct MemorySession(Rc<RefCell<BTreeMap<String, Zeroizing<Vec<u8>>>>>);

impl MemorySession {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The browser ends: everything is gone.
    pub fn end_browser(&self) {
        self.0.borrow_mut().clear();
    }

    /// Names of the slots that hold something.
    pub fn slots(&self) -> Vec<String> {
        self.0.borrow().keys().cloned().collect()
    }
}

impl SessionStore for MemorySession {
    async fn load(&self, slot: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.0.borrow().get(slot).cloned()
    }

    async fn save(&self, slot: &str, bytes: &[u8]) {
        self.0
            .borrow_mut()
            .insert(slot.to_owned(), Zeroizing::new(bytes.to_vec()));
    }

    async fn clear(&self, slot: &str) {
        self.0.borrow_mut().remove(slot);
    }

    async fn clear_all(&self) {
        self.0.borrow_mut().clear();
    }
}
