//! Runtime ports: JSON texts between two contexts of the extension.

use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{from_js, namespace, to_js},
    sender::{Own, Peer, RawSender, classify},
};

#[wasm_bindgen]
extern "C" {
    type Runtime;
    #[wasm_bindgen(method, getter)]
    fn id(this: &Runtime) -> Option<String>;
    #[wasm_bindgen(method, js_name = getURL)]
    fn url_of(this: &Runtime, path: &str) -> String;
    #[wasm_bindgen(method, catch)]
    fn connect(this: &Runtime, info: &JsValue) -> Result<RawPort, JsValue>;

    /// A port as the browser made it.
    #[derive(Clone)]
    pub type RawPort;
    #[wasm_bindgen(method, getter)]
    fn name(this: &RawPort) -> String;
    #[wasm_bindgen(method, getter)]
    fn sender(this: &RawPort) -> JsValue;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    fn post_message(this: &RawPort, message: &str) -> Result<(), JsValue>;
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

/// One end of a port.
#[derive(Clone)]
pub struct Port(RawPort);

/// A port that this side opened, with its listeners: closing or dropping it takes them away.
pub struct OpenPort {
    port: Port,
    _message: Closure<dyn FnMut(JsValue)>,
    _disconnect: Closure<dyn FnMut(JsValue)>,
}

impl Port {
    /// The far end that the browser handed over.
    pub(crate) fn new(raw: RawPort) -> Self {
        Self(raw)
    }

    /// Sends one text.
    ///
    /// # Errors
    /// [`BrowserError::Failed`] where the far end is gone.
    pub fn post(&self, text: &str) -> Result<(), BrowserError> {
        self.0
            .post_message(text)
            .map_err(BrowserError::failed("port.postMessage"))
    }

    /// Closes it; the other side is told, this one is not.
    pub fn close(&self) {
        self.0.disconnect();
    }

    /// Who opened it, as the browser says; `None` for anybody who has no business here.
    pub fn peer(&self) -> Option<Peer> {
        let sender: RawSender = from_js("port.sender", self.0.sender()).ok()?;
        classify(&self.0.name(), &sender, &own().ok()?)
    }
}

/// Opens a port to the background.
///
/// # Errors
/// [`BrowserError`] where the extension was updated or removed meanwhile.
pub(crate) fn open(
    name: &str,
    mut received: impl FnMut(String) + 'static,
    mut closed: impl FnMut() + 'static,
) -> Result<OpenPort, BrowserError> {
    #[derive(serde::Serialize)]
    struct ConnectInfo<'a> {
        name: &'a str,
    }
    let call = "runtime.connect";
    let runtime: Runtime = namespace("runtime")?;
    let port = runtime
        .connect(&to_js(call, &ConnectInfo { name })?)
        .map_err(BrowserError::failed(call))?;
    let on_message = Closure::<dyn FnMut(JsValue)>::new(move |message: JsValue| {
        if let Some(text) = message.as_string() {
            received(text);
        }
    });
    let on_disconnect = Closure::<dyn FnMut(JsValue)>::new(move |_| closed());
    port.on_message()
        .add_listener(on_message.as_ref().unchecked_ref());
    port.on_disconnect()
        .add_listener(on_disconnect.as_ref().unchecked_ref());
    Ok(OpenPort {
        port: Port(port),
        _message: on_message,
        _disconnect: on_disconnect,
    })
}

/// Address of a file of the extension.
///
/// # Errors
/// [`BrowserError::Missing`] outside an extension.
pub fn extension_url(path: &str) -> Result<String, BrowserError> {
    Ok(namespace::<Runtime>("runtime")?.url_of(path))
}

fn own() -> Result<Own, BrowserError> {
    let runtime: Runtime = namespace("runtime")?;
    let id = runtime
        .id()
        .ok_or(BrowserError::Missing { call: "runtime.id" })?;
    let root = runtime.url_of("");
    Ok(Own {
        id,
        origin: root.trim_end_matches('/').to_owned(),
    })
}

impl std::ops::Deref for OpenPort {
    type Target = Port;

    fn deref(&self) -> &Port {
        &self.port
    }
}
