//! What an engine may do to the world: one bundle of traits that the caller implements.
//!
//! No future here is `Send`: the engine lives on one thread (a service worker, a native host's
//! own thread).

use std::future::Future;

use proto::ids::UnixMillis;
pub use wasm_core::{
    kdf::{Pbkdf2, Pbkdf2Job},
    secret::Secret,
};
use zeroize::Zeroizing;

/// Clock, random source, store, session store, transport and PBKDF2 of an engine.
pub trait Platform: 'static {
    /// Where ciphertext is kept.
    type Store: Store;
    /// Where an unlocked key survives the worker.
    type Session: SessionStore;
    /// The way to nodes.
    type Transport: Transport;
    /// Who computes PBKDF2.
    type Kdf: Pbkdf2;

    /// The wall clock.
    fn now(&self) -> UnixMillis;
    /// Fills `out` from the operating system's random source; a source that fails must trap.
    fn random(&self, out: &mut [u8]);
    /// The store.
    fn store(&self) -> &Self::Store;
    /// The session store.
    fn session(&self) -> &Self::Session;
    /// The transport.
    fn transport(&self) -> &Self::Transport;
    /// PBKDF2.
    fn kdf(&self) -> &Self::Kdf;
}

/// A durable map from text to bytes. The engine puts ciphertext and public values in, nothing else.
pub trait Store {
    /// The value of a key.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read; a missing key is `None`.
    fn read(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>>;

    /// The values of many keys, each in its key's place. A store that takes long to begin overrides it.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read_many(
        &self,
        keys: &[String],
    ) -> impl Future<Output = Result<Vec<Option<Vec<u8>>>, StoreError>> {
        async move {
            let mut values = Vec::with_capacity(keys.len());
            for key in keys {
                values.push(self.read(key).await?);
            }
            Ok(values)
        }
    }

    /// All keys that begin with `prefix` and their values, in the order of the keys' bytes.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read_prefix(
        &self,
        prefix: &str,
    ) -> impl Future<Output = Result<Vec<(String, Vec<u8>)>, StoreError>>;

    /// Carries all changes out in their order, or none of them. When it returns, they are on disk.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    fn commit(&self, changes: Vec<Change>) -> impl Future<Output = Result<(), StoreError>>;

    /// The same for what the node has too: on disk with the next [`Self::commit`] at the latest. Where
    /// the power fails before, the store is as it was before this.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    fn commit_soon(&self, changes: Vec<Change>) -> impl Future<Output = Result<(), StoreError>> {
        self.commit(changes)
    }
}

/// One change of a [`Store`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Sets a key.
    Put {
        /// The key.
        key: String,
        /// Its new value.
        value: Vec<u8>,
    },
    /// Removes a key; nothing happens where it is missing.
    Remove {
        /// The key.
        key: String,
    },
    /// Removes every key.
    Clear,
}

/// The store failed: disk full, database gone. The engine keeps no details: they would end in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store failed")]
pub struct StoreError;

/// Memory that survives the worker and ends with the browser, readable by trusted contexts only.
///
/// A failure reads as an empty slot: the user then has to unlock again.
pub trait SessionStore {
    /// What lies in a slot.
    fn load(&self, slot: &str) -> impl Future<Output = Option<Zeroizing<Vec<u8>>>>;
    /// Fills a slot.
    fn save(&self, slot: &str, bytes: &[u8]) -> impl Future<Output = ()>;
    /// Empties a slot.
    fn clear(&self, slot: &str) -> impl Future<Output = ()>;
    /// Empties every slot.
    fn clear_all(&self) -> impl Future<Output = ()>;
}

/// HTTP, without redirects, cookies or cache.
pub trait Transport {
    /// Sends one request and waits for the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`TransportError`].
    fn send(
        &self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, TransportError>>;
}

/// Method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Method {
    /// As HTTP spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// A request. It prints neither token nor body.
#[derive(Clone)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Absolute URL, https, or http on this computer.
    pub url: String,
    /// Value of `Authorization: Bearer …`: 64 hex digits.
    pub bearer: Option<Zeroizing<String>>,
    /// Body of `Content-Type: application/json`.
    pub body: Option<Zeroizing<String>>,
    /// Answers with a larger body are a [`TransportError::TooLarge`], bytes.
    pub max_bytes: usize,
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// An answer.
#[derive(Clone)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Body; may hold a session token.
    pub body: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// No answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The body is larger than the request allows.
    #[error("the answer is too large")]
    TooLarge,
    /// No connection, no answer in time, or a redirect.
    #[error("the server cannot be reached")]
    Unreachable,
}
