//! A listening node over real HTTP: whole lives of accounts, and every refusal.

mod accounts;
mod carriers;
mod client;
mod description;
mod federation;
mod feed;
mod harness;
mod http;
mod operations;
mod recovery;
mod renewal;
mod sessions;
mod vault;
