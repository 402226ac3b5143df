#![doc = include_str!("../README.md")]
#![expect(
    unreachable_pub,
    reason = "the component macro makes its functions `pub`"
)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "components own what they are given"
)]

mod activity;
mod address;
mod api;
mod app;
mod components;
#[cfg(test)]
mod contrast;
mod dom;
mod draft;
mod filling;
mod form;
mod format;
mod letters;
mod message;
mod password;
mod pin;
mod routes;
mod shortcut;
mod sync;
mod window;

use std::alloc::System;

use wasm_bindgen::prelude::wasm_bindgen;
use zeroizing_alloc::ZeroAlloc;

/// Wipes what is freed: what is typed and shown passes through more texts than types of ours wipe.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// Paints the first screen and begins talking to the background.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::Root);
}
