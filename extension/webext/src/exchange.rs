//! The module that reads and writes files of other programs (`extension/exchange`), in a worker of
//! its own, and the files themselves.

use js_sys::{Function, Promise};
use proto::{
    address::Address,
    bridge::{
        exchange::{Contents, Moved, Refused, RefusedKind},
        popup::ImportItem,
    },
    error::{ErrorCode, WireError},
    export::ExportedItem,
    ids::UnixMillis,
    limits::IMPORT_FILE_MAX_BYTES,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use zeroize::Zeroizing;

use crate::time;

/// More than the module finds memory for.
const TOO_MUCH: &str =
    "This file is too much for the browser. Reload this page, and split the file.";
/// A part of the extension that is not there.
const BROKEN: &str = "A part of Pearvault did not load. Reload this page.";
/// Time for a download to have begun before its address is taken back, milliseconds.
const DOWNLOAD_MS: u32 = 60_000;

#[wasm_bindgen]
extern "C" {
    /// Defined by the page's loader, as that of the strength module is.
    #[wasm_bindgen(js_name = loadExchange, catch)]
    fn load_exchange() -> Result<Promise, JsValue>;

    /// `exchange.js`.
    type Exchange;
    #[wasm_bindgen(method, catch)]
    fn open(this: &Exchange, progress: &Function) -> Result<Worker, JsValue>;

    type Worker;
    #[wasm_bindgen(method)]
    fn ask(this: &Worker, name: &str, first: &JsValue, second: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn end(this: &Worker);

    type Answer;
    #[wasm_bindgen(method, getter)]
    fn value(this: &Answer) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn fault(this: &Answer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn told(this: &Answer) -> Option<String>;

    type Written;
    #[wasm_bindgen(method, getter)]
    fn file(this: &Written) -> web_sys::Blob;
    #[wasm_bindgen(method, getter)]
    fn report(this: &Written) -> String;

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

/// A worker with the module, for one file. What it holds goes with it: when this is dropped, or
/// [ended](Self::end).
pub struct Desk {
    worker: Worker,
    _progress: Closure<dyn FnMut(f64)>,
}

impl Desk {
    /// Starts the worker. `progress` is told how many bytes of a file were read so far.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] where it does not start.
    pub async fn open(progress: impl FnMut(f64) + 'static) -> Result<Self, WireError> {
        let progress = Closure::<dyn FnMut(f64)>::new(progress);
        let script: JsValue = JsFuture::from(load_exchange().map_err(broken)?)
            .await
            .map_err(broken)?;
        let worker = script
            .unchecked_into::<Exchange>()
            .open(progress.as_ref().unchecked_ref())
            .map_err(broken)?;
        Ok(Self {
            worker,
            _progress: progress,
        })
    }

    /// Reads a file that the user has chosen, and says what it holds, without secrets. `password`:
    /// of a file that was refused without one.
    ///
    /// # Errors
    /// [`Refused`]: nothing of it was taken.
    pub async fn read(
        &self,
        file: &web_sys::File,
        password: Option<&str>,
    ) -> Result<Contents, Refused> {
        #[expect(clippy::cast_precision_loss, reason = "exact below 2⁵³")]
        if file.size() > IMPORT_FILE_MAX_BYTES as f64 {
            return Err(refused("The file is larger than 100 MB."));
        }
        let password = password.map_or(JsValue::UNDEFINED, JsValue::from_str);
        let answer = self.ask("read", file, &password).await;
        let contents = answer.map_err(|fault| why(&fault))?.as_string();
        let contents = contents.and_then(|text| serde_json::from_str(&text).ok());
        contents.ok_or_else(|| refused(BROKEN))
    }

    /// As many of the items of the file as one request takes, from the first on.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] where it was ended, [`ErrorCode::Internal`].
    pub async fn batch(&self, numbers: &[u32]) -> Result<Vec<ImportItem>, WireError> {
        let numbers = js_sys::Uint32Array::from(numbers);
        let answer = self.ask("batch", &numbers, &JsValue::UNDEFINED).await?;
        let text = Zeroizing::new(answer.as_string().unwrap_or_default());
        serde_json::from_str(&text).map_err(|_| ErrorCode::Internal.into())
    }

    /// Begins a file that other programs read, of the vault of `account`.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] where it was ended, [`ErrorCode::Internal`].
    pub async fn begin(&self, account: &Address, now: UnixMillis) -> Result<(), WireError> {
        #[expect(clippy::cast_precision_loss, reason = "exact below 2⁵³")]
        let now = JsValue::from_f64(now.0 as f64);
        let account = JsValue::from_str(&account.to_string());
        self.ask("begin", &account, &now).await?;
        Ok(())
    }

    /// Puts items into it.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub async fn add(&self, items: &[ExportedItem]) -> Result<(), WireError> {
        let items = serde_json::to_string(items).map_err(|_| ErrorCode::Internal)?;
        let items = Zeroizing::new(items);
        self.ask("add", &JsValue::from_str(&items), &JsValue::UNDEFINED)
            .await?;
        Ok(())
    }

    /// Hands it to the user under that name, and says what of the items it has elsewhere.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub async fn finish(&self, name: &str) -> Result<Vec<Moved>, WireError> {
        let nothing = JsValue::UNDEFINED;
        let written = self.ask("finish", &nothing, &nothing).await?;
        let written = written.unchecked_into::<Written>();
        let report = serde_json::from_str(&written.report()).map_err(|_| ErrorCode::Internal)?;
        save(name, &written.file())?;
        Ok(report)
    }

    /// Ends the worker at once, whatever it is at; who waits for it is told.
    pub fn end(&self) {
        self.worker.end();
    }

    async fn ask(&self, name: &str, first: &JsValue, second: &JsValue) -> Result<JsValue, Fault> {
        let asked = JsFuture::from(self.worker.ask(name, first, second)).await;
        // A fault is an answer too: what cannot even be asked is one of ours.
        let answer = asked.map_err(|_| Fault {
            kind: "module".to_owned(),
            told: None,
        })?;
        let answer = answer.unchecked_into::<Answer>();
        match answer.fault() {
            None => Ok(answer.value()),
            Some(kind) => Err(Fault {
                kind,
                told: answer.told(),
            }),
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.end();
    }
}

/// Why the worker does not do what it was asked for.
struct Fault {
    /// `file`: it cannot be read; `module`: it did not load; `ended`; `refused`: by the module.
    kind: String,
    /// Of the module, what it says; nothing where it has trapped.
    told: Option<String>,
}

impl From<Fault> for WireError {
    fn from(fault: Fault) -> Self {
        match fault.kind.as_str() {
            "ended" => ErrorCode::Cancelled.into(),
            _ => ErrorCode::Internal.into(),
        }
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
    save(name, &blob.map_err(internal)?)
}

fn save(name: &str, file: &web_sys::Blob) -> Result<(), WireError> {
    let url = web_sys::Url::create_object_url_with_blob(file).map_err(internal)?;
    let anchor = js_sys::global()
        .unchecked_into::<Global>()
        .document()
        .create_element("a");
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    time::spawn(async move {
        time::sleep(DOWNLOAD_MS).await;
        // What is gone already need not be taken back.
        let _ = web_sys::Url::revoke_object_url(&url);
    });
    Ok(())
}

/// What a page is told of a file that was not read.
fn why(fault: &Fault) -> Refused {
    match fault.kind.as_str() {
        "file" => refused("The browser could not read this file. Choose it once more."),
        "refused" => {
            let told = fault.told.as_deref();
            let told = told.and_then(|text| serde_json::from_str(text).ok());
            // A trap: memory that is not to be had.
            told.unwrap_or_else(|| refused(TOO_MUCH))
        }
        _ => refused(BROKEN),
    }
}

fn refused(message: &str) -> Refused {
    Refused {
        kind: RefusedKind::Unusable,
        message: message.to_owned(),
    }
}

fn broken(_: JsValue) -> WireError {
    let error = WireError::new(ErrorCode::Internal);
    WireError {
        message: BROKEN.to_owned(),
        ..error
    }
}

fn internal(_: JsValue) -> WireError {
    ErrorCode::Internal.into()
}
