//! A listening node over real HTTP: whole lives of accounts, and every refusal.

#[path = "../../src/federation/out/tests/authority.rs"]
#[expect(clippy::unwrap_used, reason = "this is how a test fails")]
mod authority;

mod accounts;
mod between;
mod carriers;
mod client;
mod description;
mod domains;
mod faults;
mod federation;
mod feed;
mod harness;
mod hostile;
mod http;
mod messages;
mod operations;
mod recovery;
mod renewal;
mod sessions;
mod two;
mod vault;
