//! The engine's session store: slots in the memory of this process, wiped when they are emptied.
//!
//! **Invariant:** nothing of it is ever written to disk, but by a system that swaps ([`super::guard`]).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use engine::platform::SessionStore;
use zeroize::Zeroizing;

type Slots = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// The slots; clones are the same ones, so that they outlive an engine that is made anew.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Slots>>);

impl Memory {
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for Memory {
    async fn load(&self, slot: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.slots().get(slot).cloned()
    }

    async fn save(&self, slot: &str, bytes: &[u8]) {
        let bytes = Zeroizing::new(bytes.to_vec());
        self.slots().insert(slot.to_owned(), bytes);
    }

    async fn clear(&self, slot: &str) {
        self.slots().remove(slot);
    }

    async fn clear_all(&self) {
        self.slots().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn slots_hold_what_was_saved_last_until_they_are_emptied() {
        let memory = Memory::default();
        let same = memory.clone();
        let load = async |slot| same.load(slot).await.map(|bytes| bytes.to_vec());
        assert_eq!(load("key").await, None);
        memory.save("key", b"one").await;
        memory.save("key", b"two").await;
        memory.save("pin", b"").await;
        assert_eq!(load("key").await, Some(b"two".to_vec()));
        assert_eq!(load("pin").await, Some(Vec::new()));
        memory.clear("key").await;
        memory.clear("key").await;
        assert_eq!(load("key").await, None);
        memory.save("key", b"three").await;
        memory.clear_all().await;
        assert_eq!((load("key").await, load("pin").await), (None, None));
        // Another process has slots of its own.
        memory.save("key", b"four").await;
        assert_eq!(Memory::default().load("key").await, None);
    }
}
