//! The module that reads files of other programs (`extension/exchange`), loaded when it is first
//! asked, and the files themselves.

use js_sys::{Promise, Uint8Array};
use proto::{
    bridge::{
        exchange::{Contents, Refused, RefusedKind},
        popup::ImportItem,
    },
    error::{ErrorCode, WireError},
    limits::IMPORT_FILE_MAX_BYTES,
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use zeroize::Zeroizing;

#[wasm_bindgen]
extern "C" {
    /// Defined by the page's loader, as that of the strength module is.
    #[wasm_bindgen(js_name = loadExchange, catch)]
    fn load_exchange() -> Result<Promise, JsValue>;

    type Exchange;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Exchange, file: &Uint8Array, password: Option<&str>)
    -> Result<JsValue, JsValue>;

    type Read;
    #[wasm_bindgen(method, catch)]
    fn contents(this: &Read) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn batch(this: &Read, numbers: Vec<u32>) -> Result<String, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn free(this: &Read) -> Result<(), JsValue>;

    type Global;
    #[wasm_bindgen(method, getter)]
    fn document(this: &Global) -> Document;
    type Document;
    #[wasm_bindgen(method, js_name = createElement)]
    fn create_element(this: &Document, tag: &str) -> Anchor;
    type Anchor;
    #[wasm_bindgen(method, setter)]
    fn set_href(this: &Anchor, url: &str);
    #[wasm_bindgen(method, setter)]
    fn set_download(this: &Anchor, name: &str);
    #[wasm_bindgen(method)]
    fn click(this: &Anchor);
}

/// A file that was read. It lies in the module, and is wiped there when this is dropped.
pub struct Import(Read);

/// Reads a file that the user has chosen. `password`: of a file that was refused without one.
///
/// # Errors
/// [`Refused`]: nothing of it was taken.
pub async fn read(file: &web_sys::File, password: Option<&str>) -> Result<Import, Refused> {
    #[expect(clippy::cast_precision_loss, reason = "exact below 2⁵³")]
    if file.size() > IMPORT_FILE_MAX_BYTES as f64 {
        return Err(refused("The file is larger than 100 MB."));
    }
    let gone = |_| refused("The browser could not read this file. Choose it once more.");
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(gone)?;
    let bytes = Uint8Array::new(&buffer);
    let missing = |_| refused("A part of Pearvault did not load. Reload this page.");
    let module: JsValue = JsFuture::from(load_exchange().map_err(missing)?)
        .await
        .map_err(missing)?;
    let read = module.unchecked_into::<Exchange>().read(&bytes, password);
    bytes.fill(0, 0, bytes.length());
    match read {
        Ok(import) => Ok(Import(import.unchecked_into())),
        Err(error) => Err(why(&error)),
    }
}

impl Import {
    /// What the file holds, without secrets.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`].
    pub fn contents(&self) -> Result<Contents, WireError> {
        let text = self.0.contents().map_err(internal)?;
        serde_json::from_str(&text).map_err(|_| ErrorCode::Internal.into())
    }

    /// As many of these items as one request takes, from the first on.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`].
    pub fn batch(&self, numbers: Vec<u32>) -> Result<Vec<ImportItem>, WireError> {
        let text = Zeroizing::new(self.0.batch(numbers).map_err(internal)?);
        serde_json::from_str(&text).map_err(|_| ErrorCode::Internal.into())
    }
}

impl Drop for Import {
    fn drop(&mut self) {
        // A module that has trapped holds nothing that could still be freed.
        let _ = self.0.free();
    }
}

/// Hands a text to the user as a file to keep.
///
/// # Errors
/// [`ErrorCode::Internal`] where the browser refuses.
pub fn save_text(name: &str, text: &str) -> Result<(), WireError> {
    let parts = js_sys::Array::of1(&text.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("text/plain;charset=utf-8");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options);
    let url = web_sys::Url::create_object_url_with_blob(&blob.map_err(internal)?);
    let url = url.map_err(internal)?;
    let anchor = js_sys::global()
        .unchecked_into::<Global>()
        .document()
        .create_element("a");
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    Ok(())
}

/// What the module threw: its own refusal, or a trap (memory that is not to be had).
fn why(error: &JsValue) -> Refused {
    let told = error
        .as_string()
        .and_then(|text| serde_json::from_str(&text).ok());
    told.unwrap_or_else(|| {
        refused("This file is too much for the browser. Reload this page, and split the file.")
    })
}

fn refused(message: &str) -> Refused {
    Refused {
        kind: RefusedKind::Unusable,
        message: message.to_owned(),
    }
}

fn internal(_: JsValue) -> WireError {
    ErrorCode::Internal.into()
}
