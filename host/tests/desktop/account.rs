//! An account that lives in a host's folder, as one that was moved in and locked lies there.

use engine::{Engine, platform::Platform};
use host::{
    account::{database::Database, kdf::Beside},
    pairs::SystemRandom,
    place::Place,
};
use proto::{address::Address, bytes::Hex, ids::UnixMillis, vault::SecretText};
use serde_json::json;
use testkit::{
    clock::MockClock, node::MemoryNode, random::SeededRandom, session::MemorySession,
    transport::MemoryTransport,
};
use wasm_core::{
    database::{derive_lock_key, seal_key},
    secret::DatabaseKey,
};

/// Opens it.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// Whose it is.
pub(crate) const ADDRESS: &str = "ada@localhost";

/// The world of the engine that makes it: a node in memory, the host's own database.
struct Maker {
    clock: MockClock,
    random: SeededRandom,
    store: Database,
    session: MemorySession,
    transport: MemoryTransport,
    kdf: Beside,
}

/// Makes one, with its database's key, which it gives back, under its password. Its node is not to be reached
/// later on.
pub(crate) fn make(place: &Place) -> DatabaseKey {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(make_beside(place))
}

async fn make_beside(place: &Place) -> DatabaseKey {
    let (node, random) = (MemoryNode::new(1), SeededRandom::new(2));
    let key = DatabaseKey::init_with(|bytes| random.fill(bytes));
    let maker = Maker {
        clock: node.clock().clone(),
        random: random.clone(),
        store: Database::make(place, &key).unwrap(),
        session: MemorySession::new(),
        transport: MemoryTransport::new(&node),
        kdf: Beside,
    };
    let engine = Engine::open(maker).await.unwrap();
    let password = SecretText::new(PASSWORD);
    let begun = engine.begin_create(ADDRESS, None, &password, "Test");
    begun.await.unwrap();
    // Difficulty 1 takes any header.
    let Hex(mut header) = engine.work().unwrap().challenge.header;
    header[28..32].copy_from_slice(&1_u32.to_be_bytes());
    engine.submit_work(Hex(header)).await.unwrap();
    drop(engine);

    let (account, salt): (Address, _) = (ADDRESS.parse().unwrap(), random.bytes::<32>());
    let lock = derive_lock_key(&Beside, &salt, &password).await.unwrap();
    let sealed = seal_key(&lock, &account, &salt, &key, &mut SystemRandom).unwrap();
    let file = json!({
        "format": "pearvault-database-key",
        "version": 1,
        "kept": { "sealed": {
            "account": account,
            "salt": Hex(salt),
            "sealed": proto::bytes::Base64(sealed),
        }},
    });
    let text = serde_json::to_vec(&file).unwrap();
    place.write("database.key", &text).unwrap();
    key
}

impl Platform for Maker {
    type Store = Database;
    type Session = MemorySession;
    type Transport = MemoryTransport;
    type Kdf = Beside;

    fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    fn random(&self, out: &mut [u8]) {
        self.random.fill(out);
    }

    fn store(&self) -> &Database {
        &self.store
    }

    fn session(&self) -> &MemorySession {
        &self.session
    }

    fn transport(&self) -> &MemoryTransport {
        &self.transport
    }

    fn kdf(&self) -> &Beside {
        &self.kdf
    }
}
