//! The world as the host's engine has it.

use engine::platform::Platform;
use proto::ids::UnixMillis;

use super::{database::Database, kdf::Beside, memory::Memory, transport::Http};
use crate::clock;

/// Clock, random source, store, session store, transport and PBKDF2 of this system.
pub struct Native {
    store: Database,
    session: Memory,
    transport: Http,
    kdf: Beside,
}

impl Native {
    /// Of an open database, the slots of this process and a way to nodes.
    pub fn new(store: Database, session: Memory, transport: Http) -> Self {
        Self {
            store,
            session,
            transport,
            kdf: Beside,
        }
    }
}

impl Platform for Native {
    type Store = Database;
    type Session = Memory;
    type Transport = Http;
    type Kdf = Beside;

    fn now(&self) -> UnixMillis {
        clock::now()
    }

    /// Ends the process where the system has no random bytes: no key may be made of others.
    fn random(&self, out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            std::process::abort();
        }
    }

    fn store(&self) -> &Database {
        &self.store
    }

    fn session(&self) -> &Memory {
        &self.session
    }

    fn transport(&self) -> &Http {
        &self.transport
    }

    fn kdf(&self) -> &Beside {
        &self.kdf
    }
}
