//! What the engine may do in a browser.

use engine::platform::{
    Change, HttpRequest, HttpResponse, Pbkdf2, Pbkdf2Job, Platform, Secret, SessionStore, Store,
    StoreError, Transport, TransportError,
};
use proto::ids::UnixMillis;
use webext::{
    BrowserError, crypto,
    database::{Database, Write},
    http, session, time,
};
use zeroize::Zeroizing;

/// Name of the database in the browser's profile.
const DATABASE: &str = "pearvault";
/// How long a request to a node may take, milliseconds. A login waits for the node's 600 000
/// rounds, behind those of others.
const REQUEST_TIMEOUT_MS: u32 = 30_000;

/// The browser as the engine's platform.
pub(crate) struct Browser {
    store: Records,
    session: Memory,
    transport: Fetch,
    kdf: WebCrypto,
}

/// IndexedDB.
pub(crate) struct Records(Database);
/// `storage.session`.
pub(crate) struct Memory;
/// `fetch`.
pub(crate) struct Fetch;
/// `crypto.subtle`.
pub(crate) struct WebCrypto;

impl Browser {
    /// Opens the database.
    pub(crate) async fn open() -> Result<Self, BrowserError> {
        session::close_to_content_scripts().await;
        let database = Database::open(DATABASE).await?;
        Ok(Self {
            store: Records(database),
            session: Memory,
            transport: Fetch,
            kdf: WebCrypto,
        })
    }
}

impl Platform for Browser {
    type Store = Records;
    type Session = Memory;
    type Transport = Fetch;
    type Kdf = WebCrypto;

    fn now(&self) -> UnixMillis {
        time::now()
    }

    fn random(&self, out: &mut [u8]) {
        crypto::random(out);
    }

    fn store(&self) -> &Records {
        &self.store
    }

    fn session(&self) -> &Memory {
        &self.session
    }

    fn transport(&self) -> &Fetch {
        &self.transport
    }

    fn kdf(&self) -> &WebCrypto {
        &self.kdf
    }
}

impl Store for Records {
    async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.read(key).await.map_err(|_| StoreError)
    }

    async fn read_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.0.read_many(keys).await.map_err(|_| StoreError)
    }

    async fn read_prefix(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.0.read_prefix(prefix).await.map_err(|_| StoreError)
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let writes = self.writes(changes).await?;
        self.0.commit(&writes).await.map_err(|_| StoreError)
    }

    async fn commit_soon(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let writes = self.writes(changes).await?;
        self.0.commit_soon(&writes).await.map_err(|_| StoreError)
    }
}

impl Records {
    async fn writes(&self, changes: Vec<Change>) -> Result<Vec<Write>, StoreError> {
        let mut writes = Vec::with_capacity(changes.len());
        for change in changes {
            match change {
                Change::Put { key, value } => writes.push(Write {
                    key,
                    value: Some(value),
                }),
                Change::Remove { key } => writes.push(Write { key, value: None }),
                Change::Clear => {
                    // This is the only writer of the database, so no record comes in between.
                    let all = self.read_prefix("").await?;
                    writes.clear();
                    writes.extend(all.into_iter().map(|(key, _)| Write { key, value: None }));
                }
            }
        }
        Ok(writes)
    }
}

impl SessionStore for Memory {
    async fn load(&self, slot: &str) -> Option<Zeroizing<Vec<u8>>> {
        session::load(slot).await.ok().flatten().map(Zeroizing::new)
    }

    async fn save(&self, slot: &str, bytes: &[u8]) {
        // A slot that cannot be written reads as empty: the user has to unlock again.
        let _ = session::save(slot, bytes).await;
    }

    async fn clear(&self, slot: &str) {
        if session::clear(slot).await.is_err() {
            // A key that cannot be removed must not stay readable.
            let _ = session::save(slot, &[]).await;
        }
    }

    async fn clear_all(&self) {
        for slot in session::slots().await.unwrap_or_default() {
            self.clear(&slot).await;
        }
    }
}

impl Transport for Fetch {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let sent = http::Request {
            method: request.method.as_str(),
            url: &request.url,
            bearer: request.bearer.as_deref().map(String::as_str),
            body: request.body.as_deref().map(String::as_str),
            timeout: REQUEST_TIMEOUT_MS,
            max_bytes: request.max_bytes,
        };
        let answer = http::send(sent)
            .await
            .map_err(|_| TransportError::Unreachable)?;
        let body = answer.body.ok_or(TransportError::TooLarge)?;
        Ok(HttpResponse {
            status: answer.status,
            body: Zeroizing::new(body),
        })
    }
}

impl Pbkdf2 for WebCrypto {
    type Error = BrowserError;

    async fn derive(&self, job: &Pbkdf2Job) -> Result<Secret<32>, BrowserError> {
        // EXPOSE: the password goes into WebCrypto, which derives outside this thread.
        let password = job.expose_password();
        let bits = crypto::pbkdf2(password, job.salt(), job.iterations()).await?;
        let bits = Zeroizing::new(bits);
        Ok(Secret::init_with(|out| {
            out.copy_from_slice(bits.as_slice());
        }))
    }
}
