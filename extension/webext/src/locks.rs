//! Web Locks: one holder in all contexts of the extension.

use std::{cell::RefCell, rc::Rc};

use futures_channel::oneshot;
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};

use crate::{BrowserError, api::property};

#[wasm_bindgen]
extern "C" {
    type LockManager;
    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, held: &JsValue) -> Result<Promise, JsValue>;
}

/// Waits for the exclusive lock of this name, and holds it as long as this context lives.
///
/// # Errors
/// [`BrowserError`].
pub async fn hold(name: &str) -> Result<(), BrowserError> {
    let call = "locks.request";
    let missing = BrowserError::Missing { call };
    let locks = property(&js_sys::global(), "navigator")
        .and_then(|navigator| property(&navigator, "locks"))
        .ok_or(missing)?
        .unchecked_into::<LockManager>();
    let (acquired, wait) = oneshot::channel();
    let acquired = Rc::new(RefCell::new(Some(acquired)));
    let held = Closure::<dyn FnMut() -> Promise>::new(move || {
        if let Some(acquired) = acquired.borrow_mut().take() {
            // The one who waits is gone only where the whole context goes.
            let _ = acquired.send(());
        }
        // Never settled: the lock goes with the context.
        Promise::new(&mut |_, _| {})
    });
    let request = locks
        .request(name, held.as_ref())
        .map_err(BrowserError::failed(call))?;
    // Rejected only when the context goes.
    drop(request);
    wait.await.map_err(BrowserError::failed(call))?;
    drop(held);
    Ok(())
}
