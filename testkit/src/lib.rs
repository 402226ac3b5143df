//! What tests put in the place of the world: a clock that stands still, seeded random bytes, stores
//! in memory that fail or die at a chosen moment, and a node in memory that goes away.
//!
//! Dev-only: no shipped crate may link it.
//!
//! | to do | use |
//! | --- | --- |
//! | run an engine | [`device::Device`]: one device with everything in memory |
//! | have a node for it | [`node::MemoryNode`], shared by any number of devices |
//! | run a future | [`run::finish`], [`run::until_death`] |
//! | let a commit fail or the worker die | [`store::MemoryStore::fail_at`], [`store::MemoryStore::die_at`] |
//! | let the node be away | [`transport::MemoryTransport::set_outage`] |
//! | make items | [`items`] |
//! | have a D-Bus | [`bus::config`] |
//! | have a clipboard that other programs share | [`display::Display`] |
//! | have a database of `PostgreSQL` | [`postgres::database`] |

#![forbid(unsafe_code)]

pub mod bus;
pub mod clock;
pub mod device;
pub mod display;
pub mod items;
pub mod kdf;
pub mod node;
pub mod postgres;
pub mod random;
pub mod run;
pub mod session;
pub mod store;
pub mod transport;
