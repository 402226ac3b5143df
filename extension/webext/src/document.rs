//! The document that starts workers and writes to the clipboard: Chromium's service worker can
//! do neither, so there it is an offscreen document; in Firefox it is a frame in the event page.

use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{namespace, property, to_js},
    port::extension_url,
    sender::SOLVER_PAGE,
};

#[wasm_bindgen]
extern "C" {
    type Offscreen;
    #[wasm_bindgen(method, catch, js_name = createDocument)]
    async fn create_document(this: &Offscreen, what: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = closeDocument)]
    async fn close_document(this: &Offscreen) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = hasDocument)]
    async fn has_document(this: &Offscreen) -> Result<JsValue, JsValue>;

    type Document;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Document) -> Element;
    #[wasm_bindgen(method, js_name = querySelector)]
    fn query_selector(this: &Document, selector: &str) -> Option<Element>;
    #[wasm_bindgen(method, js_name = createElement)]
    fn create_element(this: &Document, tag: &str) -> Element;
    type Element;
    #[wasm_bindgen(method, setter)]
    fn set_src(this: &Element, url: &str);
    #[wasm_bindgen(method)]
    fn append(this: &Element, child: &Element);
    #[wasm_bindgen(method)]
    fn remove(this: &Element);
}

/// Makes sure that the document is there; it opens its port by itself.
///
/// # Errors
/// [`BrowserError`].
pub async fn open() -> Result<(), BrowserError> {
    #[derive(Serialize)]
    struct What<'a> {
        url: &'a str,
        reasons: [&'a str; 2],
        justification: &'a str,
    }
    if let Some(document) = own_document() {
        if document.query_selector("iframe").is_none() {
            let frame = document.create_element("iframe");
            frame.set_src(&extension_url(SOLVER_PAGE)?);
            document.body().append(&frame);
        }
        return Ok(());
    }
    let call = "offscreen.createDocument";
    let offscreen: Offscreen = namespace("offscreen")?;
    if exists(&offscreen).await? {
        return Ok(());
    }
    let what = What {
        url: SOLVER_PAGE,
        reasons: ["WORKERS", "CLIPBOARD"],
        justification: "Works on proofs of work and clears the clipboard.",
    };
    match offscreen.create_document(&to_js(call, &what)?).await {
        Ok(_) => Ok(()),
        // Two callers at once: the other one made it.
        Err(_) if exists(&offscreen).await? => Ok(()),
        Err(_) => Err(BrowserError::Failed { call }),
    }
}

/// Closes the document, if there is one.
///
/// # Errors
/// [`BrowserError`].
pub async fn close() -> Result<(), BrowserError> {
    if let Some(document) = own_document() {
        if let Some(frame) = document.query_selector("iframe") {
            frame.remove();
        }
        return Ok(());
    }
    let offscreen: Offscreen = namespace("offscreen")?;
    if exists(&offscreen).await? {
        let call = "offscreen.closeDocument";
        offscreen
            .close_document()
            .await
            .map_err(BrowserError::failed(call))?;
    }
    Ok(())
}

async fn exists(offscreen: &Offscreen) -> Result<bool, BrowserError> {
    let call = "offscreen.hasDocument";
    let answer = offscreen
        .has_document()
        .await
        .map_err(BrowserError::failed(call))?;
    Ok(answer.as_bool().unwrap_or(false))
}

/// The event page's own document; a service worker has none.
fn own_document() -> Option<Document> {
    property(&js_sys::global(), "document").map(JsValue::unchecked_into)
}
