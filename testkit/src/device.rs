//! One device: an engine with everything in memory.

use engine::{Engine, EngineError, Platform};
use proto::{bridge::popup::AppStatus, bytes::Hex, ids::UnixMillis, vault::SecretText};

use crate::{
    clock::MockClock, kdf::TestKdf, node::MemoryNode, random::SeededRandom, run::finish,
    session::MemorySession, store::MemoryStore, transport::MemoryTransport,
};

/// Password of the accounts that [`Device::create`] makes.
pub const PASSWORD: &str = "correct horse battery";

/// A device; clones are the same one. Engines come and go on it as workers do in a browser.
#[derive(Clone)]
pub struct Device {
    /// Its clock.
    pub clock: MockClock,
    /// Its random source.
    pub random: SeededRandom,
    /// Its disk.
    pub store: MemoryStore,
    /// Its browser's memory.
    pub session: MemorySession,
    /// Its network.
    pub transport: MemoryTransport,
    /// Its PBKDF2.
    pub kdf: TestKdf,
}

impl Device {
    /// A new device in the network of a node, sharing its clock.
    pub fn new(node: &MemoryNode, seed: u64) -> Self {
        Self {
            clock: node.clock().clone(),
            random: SeededRandom::new(seed),
            store: MemoryStore::new(),
            session: MemorySession::new(),
            transport: MemoryTransport::new(node),
            kdf: TestKdf::FAST,
        }
    }

    /// Starts an engine, as a new worker does.
    ///
    /// # Errors
    /// Those of [`Engine::open`].
    pub fn open(&self) -> Result<Engine<Self>, EngineError> {
        self.store.restart();
        finish(Engine::open(self.clone()))
    }

    /// Starts an engine and makes an account with [`PASSWORD`].
    ///
    /// # Errors
    /// Those of the engine.
    pub fn create(&self, address: &str) -> Result<Engine<Self>, EngineError> {
        let engine = self.open()?;
        finish(engine.begin_create(address, None, &SecretText::new(PASSWORD), "Test"))?;
        self.work(&engine)?;
        Ok(engine)
    }

    /// Starts an engine and logs in with [`PASSWORD`].
    ///
    /// # Errors
    /// Those of the engine.
    pub fn log_in(&self, address: &str) -> Result<Engine<Self>, EngineError> {
        let engine = self.open()?;
        finish(engine.begin_log_in(address, None, &SecretText::new(PASSWORD), "Test"))?;
        self.work(&engine)?;
        Ok(engine)
    }

    /// Starts an engine and recovers an account with words.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn recover(
        &self,
        address: &str,
        words: &SecretText,
        password: &str,
    ) -> Result<Engine<Self>, EngineError> {
        let engine = self.open()?;
        let password = SecretText::new(password);
        finish(engine.begin_recover(address, None, words, &password, "Test"))?;
        self.work(&engine)?;
        Ok(engine)
    }

    /// Logs in with [`PASSWORD`] on an engine that is running.
    ///
    /// # Errors
    /// Those of the engine.
    pub async fn begin_again(
        &self,
        engine: &Engine<Self>,
        address: &str,
    ) -> Result<AppStatus, EngineError> {
        let password = SecretText::new(PASSWORD);
        engine
            .begin_log_in(address, None, &password, "Test")
            .await?;
        engine.submit_work(solved(engine)?).await
    }

    /// Does the work that is wanted; difficulty 1 takes any header.
    ///
    /// # Errors
    /// Those of [`Engine::submit_work`].
    pub fn work(&self, engine: &Engine<Self>) -> Result<AppStatus, EngineError> {
        finish(engine.submit_work(solved(engine)?))
    }
}

fn solved(engine: &Engine<Device>) -> Result<Hex<64>, EngineError> {
    let order = engine.work().ok_or(EngineError::NoWork)?;
    let Hex(mut header) = order.challenge.header;
    header[28..32].copy_from_slice(&1_u32.to_be_bytes());
    Ok(Hex(header))
}

impl Platform for Device {
    type Store = MemoryStore;
    type Session = MemorySession;
    type Transport = MemoryTransport;
    type Kdf = TestKdf;

    fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    fn random(&self, out: &mut [u8]) {
        self.random.fill(out);
    }

    fn store(&self) -> &MemoryStore {
        &self.store
    }

    fn session(&self) -> &MemorySession {
        &self.session
    }

    fn transport(&self) -> &MemoryTransport {
        &self.transport
    }

    fn kdf(&self) -> &TestKdf {
        &self.kdf
    }
}
