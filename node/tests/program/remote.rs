//! A device whose node is a real one: the engine with its disk in memory and HTTP to the network.

use std::{future::Future, sync::Arc, time::Duration};

use engine::{
    Engine, EngineError, Platform,
    platform::{HttpRequest, HttpResponse, Transport, TransportError},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Bytes};
use hyper_util::{
    client::legacy::{Client as HyperClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use node::clock::{Clock as _, SystemClock};
use proto::{ids::UnixMillis, vault::SecretText};
use testkit::{kdf::TestKdf, random::SeededRandom, session::MemorySession, store::MemoryStore};
use zeroize::Zeroizing;

use crate::client::{Outcome, solve};

/// Password of every account.
const PASSWORD: &str = "correct horse battery";
/// What a request may take before its node counts as away.
const PATIENCE: Duration = Duration::from_secs(20);

/// A device; clones are the same one. Engines come and go on it.
#[derive(Clone)]
pub(crate) struct Remote {
    /// What outlives the engine.
    pub(crate) store: MemoryStore,
    random: SeededRandom,
    session: MemorySession,
    transport: Http,
    server: Arc<str>,
}

impl Remote {
    /// A new device; `server` is the URL of the node. What is random on it follows from the seed.
    pub(crate) fn new(server: &str, seed: u64) -> Self {
        Self {
            store: MemoryStore::new(),
            random: SeededRandom::new(seed),
            session: MemorySession::new(),
            transport: Http::new(),
            server: server.into(),
        }
    }

    /// Starts an engine, as a new worker does.
    pub(crate) async fn open(&self) -> Result<Engine<Self>, EngineError> {
        self.store.restart();
        Engine::open(self.clone()).await
    }

    /// Starts an engine and makes an account.
    pub(crate) async fn create(&self, address: &str) -> Outcome<Engine<Self>> {
        let engine = self.open().await.map_err(told)?;
        let password = SecretText::new(PASSWORD);
        let begun = engine.begin_create(address, Some(&self.server), &password, "Test");
        begun.await.map_err(told)?;
        work(engine).await
    }

    /// Starts an engine and logs in.
    pub(crate) async fn log_in(&self, address: &str) -> Outcome<Engine<Self>> {
        let engine = self.open().await.map_err(told)?;
        let password = SecretText::new(PASSWORD);
        let begun = engine.begin_log_in(address, Some(&self.server), &password, "Test");
        begun.await.map_err(told)?;
        work(engine).await
    }

    /// The browser ends: its memory is gone, its disk is not.
    pub(crate) fn end_browser(&self) {
        self.session.end_browser();
    }

    /// Opens the vault after [`Self::end_browser`].
    pub(crate) async fn unlock(&self, engine: &Engine<Self>) -> Result<(), EngineError> {
        let password = SecretText::new(PASSWORD);
        engine.unlock(&password).await.map(drop)
    }
}

/// Does the proof of work that is wanted.
async fn work(engine: Engine<Remote>) -> Outcome<Engine<Remote>> {
    let order = engine.work().ok_or("no work was ordered")?;
    let header = solve(&order.challenge)?.solved_header;
    engine.submit_work(header).await.map_err(told)?;
    Ok(engine)
}

/// An engine's error where futures have to be `Send`.
#[expect(clippy::needless_pass_by_value, reason = "given to `map_err`")]
pub(crate) fn told(error: EngineError) -> Box<dyn std::error::Error + Send + Sync> {
    format!("{error}: {error:?}").into()
}

impl Platform for Remote {
    type Store = MemoryStore;
    type Session = MemorySession;
    type Transport = Http;
    type Kdf = TestKdf;

    fn now(&self) -> UnixMillis {
        SystemClock.now()
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

    fn transport(&self) -> &Http {
        &self.transport
    }

    fn kdf(&self) -> &TestKdf {
        &TestKdf::FAST
    }
}

/// HTTP without TLS.
#[derive(Clone)]
pub(crate) struct Http(HyperClient<HttpConnector, Full<Bytes>>);

impl Http {
    fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self(HyperClient::builder(TokioExecutor::new()).build(connector))
    }
}

impl Transport for Http {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let away = |()| TransportError::Unreachable;
        let mut built = Request::builder()
            .method(request.method.as_str())
            .uri(request.url);
        if let Some(token) = &request.bearer {
            built = built.header("authorization", format!("Bearer {}", token.as_str()));
        }
        let body = match &request.body {
            Some(body) => {
                built = built.header("content-type", "application/json");
                Bytes::copy_from_slice(body.as_bytes())
            }
            None => Bytes::new(),
        };
        let built = built
            .body(Full::new(body))
            .map_err(|_| TransportError::Unreachable)?;
        let asked = async {
            let answer = self.0.request(built).await.map_err(drop)?;
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.map_err(drop)?;
            Ok::<_, ()>((status, body.to_bytes()))
        };
        let (status, body) = within(PATIENCE, asked).await.map_err(away)?;
        if body.len() > request.max_bytes {
            return Err(TransportError::TooLarge);
        }
        Ok(HttpResponse {
            status,
            body: Zeroizing::new(body.to_vec()),
        })
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, ()>>) -> Result<T, ()> {
    tokio::time::timeout(limit, work).await.map_err(drop)?
}
