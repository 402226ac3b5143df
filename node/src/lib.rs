//! The Pearvault server: accounts, encrypted vaults, proof of work.
//!
//! | to do | use |
//! | --- | --- |
//! | serve | [`server::Node`], from a [`config::Config`] |
//! | keep a copy of everything | [`backup`] |
//! | keep something | [`store::Store`] |
//! | refuse something | [`error::ApiError`] |
//! | add a route | a file in `routes/`, named in its `all` |
//!
//! **Invariant:** the node sees ciphertext, sizes and times; no name of an item, no search term
//! and no password reaches it. **Invariant:** what it acknowledged is on disk. **Invariant:** no
//! address, token or body is in a log or a metric. **Invariant:** passwords are checked on threads
//! of their own, and only after a proof of work or a one-time code.

#![forbid(unsafe_code)]

pub mod admin;
pub mod app;
pub mod backup;
pub mod challenge;
pub mod clock;
pub mod config;
mod cursor;
pub mod error;
mod extract;
pub mod federation;
mod hosting;
mod jobs;
pub mod kdf;
mod limit;
pub mod log;
pub mod metrics;
mod news;
mod observe;
pub mod random;
mod routes;
pub mod secret;
pub mod server;
pub mod store;
