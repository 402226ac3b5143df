//! The background of the extension: Chromium's service worker, Firefox's event page.
//!
//! It runs the engine, answers the extension's own pages, and fills what the user asked to be
//! filled. The browser may kill it between any two steps: what must survive lies in the engine's
//! stores, and every event first makes sure that the engine is there.
//!
//! ```text
//! sw.js ─ handle(event) ─▶ app ─┬─ router   PopupRequest → account
//!                               ├─ account  the engine here, or the host's
//!                               ├─ filling  tab → facts → forms → gate → one command
//!                               ├─ menu     at a field: facts → forms → rows → choice → gate
//!                               ├─ solving  proof of work in the solver document
//!                               ├─ host     the native host, where one is paired
//!                               ├─ keeping  lock deadline, synchronisation, clipboard
//!                               ├─ listening  news of what other devices wrote
//!                               ├─ landing  tabs that open at somebody
//!                               ├─ notices  that messages came
//!                               └─ badge    how many logins fit a tab, how many messages are unread
//! ```

mod account;
mod app;
mod badge;
mod capture;
mod chosen;
mod connection;
mod context_menu;
mod explain;
mod filling;
mod host;
mod keeping;
mod landing;
mod listening;
mod menu;
mod messaging;
mod notices;
mod platform;
mod preview;
mod refusal;
mod router;
mod sign_in;
mod solving;
mod undo;

use std::alloc::System;

use wasm_bindgen::prelude::wasm_bindgen;
use webext::event::{BrowserEvent, RawEvent};
use zeroizing_alloc::ZeroAlloc;

/// Wipes what is freed: decrypted items, answers and passwords pass through more texts and buffers than types of ours wipe.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// Takes one event of the browser, in the order of their coming. `sw.js` calls it.
#[wasm_bindgen]
pub fn handle(event: &RawEvent) {
    if let Some(event) = BrowserEvent::read(event) {
        app::take(event);
    }
}
