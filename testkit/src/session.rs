//! Memory that outlives the worker.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use engine::platform::SessionStore;
use zeroize::Zeroizing;

/// A session store; clones are the same one. It stands for the browser's memory.
#[derive(Clone, Default)]
pub struct MemorySession(Rc<Memory>);

#[derive(Default)]
struct Memory {
    slots: RefCell<BTreeMap<String, Zeroizing<Vec<u8>>>>,
    full: Cell<bool>,
}

impl MemorySession {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The browser ends: everything is gone.
    pub fn end_browser(&self) {
        self.0.slots.borrow_mut().clear();
    }

    /// Whether it is full: it takes nothing any more, and says nothing of that.
    pub fn set_full(&self, full: bool) {
        self.0.full.set(full);
    }

    /// Names of the slots that hold something.
    pub fn slots(&self) -> Vec<String> {
        self.0.slots.borrow().keys().cloned().collect()
    }
}

impl SessionStore for MemorySession {
    async fn load(&self, slot: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.0.slots.borrow().get(slot).cloned()
    }

    async fn save(&self, slot: &str, bytes: &[u8]) {
        if !self.0.full.get() {
            let bytes = Zeroizing::new(bytes.to_vec());
            self.0.slots.borrow_mut().insert(slot.to_owned(), bytes);
        }
    }

    async fn clear(&self, slot: &str) {
        self.0.slots.borrow_mut().remove(slot);
    }

    async fn clear_all(&self) {
        self.0.slots.borrow_mut().clear();
    }
}
