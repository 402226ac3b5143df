//! Programs of this machine that the browser starts for this extension.

use js_sys::JSON;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{namespace, property},
};

#[wasm_bindgen]
extern "C" {
    type Runtime;
    #[wasm_bindgen(method, catch, js_name = connectNative)]
    fn connect_native(this: &Runtime, name: &str) -> Result<RawPort, JsValue>;

    type RawPort;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    fn post_message(this: &RawPort, message: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn disconnect(this: &RawPort);
    #[wasm_bindgen(method, getter, js_name = onMessage)]
    fn on_message(this: &RawPort) -> EventSource;
    #[wasm_bindgen(method, getter, js_name = onDisconnect)]
    fn on_disconnect(this: &RawPort) -> EventSource;

    type EventSource;
    #[wasm_bindgen(method, js_name = addListener)]
    fn add_listener(this: &EventSource, listener: &JsValue);
}

/// Why the line to a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The browser found none of that name that lets us in, or could not start it.
    NotFound,
    /// It ran and ended.
    Gone,
}

/// The line to a program; dropping it ends the program.
pub struct NativePort {
    port: RawPort,
    _message: Closure<dyn FnMut(JsValue)>,
    _disconnect: Closure<dyn FnMut(JsValue)>,
}

/// Starts the program of that name. Its messages come as JSON texts.
///
/// # Errors
/// [`BrowserError`], also where the user has not allowed it.
pub fn connect(
    name: &str,
    mut received: impl FnMut(String) + 'static,
    mut ended: impl FnMut(Ended) + 'static,
) -> Result<NativePort, BrowserError> {
    let call = "runtime.connectNative";
    let runtime: Runtime = namespace("runtime")?;
    let port = runtime
        .connect_native(name)
        .map_err(BrowserError::failed(call))?;
    let message = Closure::<dyn FnMut(JsValue)>::new(move |message: JsValue| {
        let text = JSON::stringify(&message)
            .ok()
            .and_then(|text| text.as_string());
        if let Some(text) = text {
            received(text);
        }
    });
    let disconnect = Closure::<dyn FnMut(JsValue)>::new(move |port: JsValue| {
        let reason = reason_of(&port).unwrap_or_default();
        // Chromium: "Native host has exited.", "Error when communicating with the native messaging
        // host."; Firefox says nothing where a program has ended.
        let ran =
            reason.is_empty() || reason.contains("exited") || reason.contains("communicating");
        ended(if ran { Ended::Gone } else { Ended::NotFound });
    });
    port.on_message()
        .add_listener(message.as_ref().unchecked_ref());
    port.on_disconnect()
        .add_listener(disconnect.as_ref().unchecked_ref());
    Ok(NativePort {
        port,
        _message: message,
        _disconnect: disconnect,
    })
}

impl NativePort {
    /// Sends one message, a JSON text.
    ///
    /// # Errors
    /// [`BrowserError`] where the program is gone.
    pub fn post(&self, text: &str) -> Result<(), BrowserError> {
        let call = "port.postMessage";
        let message = JSON::parse(text).map_err(BrowserError::failed(call))?;
        self.port
            .post_message(&message)
            .map_err(BrowserError::failed(call))
    }
}

impl Drop for NativePort {
    fn drop(&mut self) {
        self.port.disconnect();
    }
}

/// What the browser says of an end: Firefox at the port, Chromium at the runtime, which wants to be
/// asked.
fn reason_of(port: &JsValue) -> Option<String> {
    let error = property(port, "error").or_else(|| {
        let runtime: JsValue = namespace::<Runtime>("runtime").ok()?.into();
        property(&runtime, "lastError")
    })?;
    property(&error, "message")?.as_string()
}
