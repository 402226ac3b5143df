#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account;
mod by_keyring;
mod carry;
mod deadline;
mod devices;
mod domains;
mod drafts;
mod error;
mod export;
mod feed;
mod generate;
mod generated;
mod heads;
pub mod host;
mod index;
mod keyring;
mod keys;
mod letters;
mod lock;
mod matching;
mod messages;
mod node;
mod offers;
mod password;
mod pin;
pub mod platform;
mod proofs;
mod records;
mod recovery;
pub mod release;
pub mod requests;
mod search;
mod session;
mod settings;
mod site;
mod slots;
mod solver;
mod state;
mod sync;
mod vault;
mod work;

pub use self::{
    by_keyring::{ENTRY_BYTES, KeyringTry},
    error::EngineError,
    feed::{Backoff, Carrier, Carriers, Events, Feed, Heard, Pace, Place, Said},
    generate::{GenerateError, generate_for},
    lock::ActivityKind,
    messages::MessageOrder,
    node::{ApiUrl, NodeError, ServerError},
    offers::{NoOffer, Offer, Submission},
    platform::Platform,
    proofs::{Progress, Solves},
    release::{CardValues, Credential, IdentityValues, UserAct},
    site::{same_site, site_name},
    state::Engine,
    sync::SyncReport,
    work::WorkOrder,
};
