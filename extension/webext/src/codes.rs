//! QR codes: the module that draws and reads them (`extension/codes`), loaded when it is first asked.

use js_sys::{Array, Function, Promise};
use proto::error::{ErrorCode, WireError};
use wasm_bindgen::{
    JsCast, JsValue,
    prelude::{Closure, wasm_bindgen},
};
use wasm_bindgen_futures::JsFuture;

/// Bytes of a picture: those of a good camera have less.
const FILE_MAX_BYTES: f64 = 24.0 * 1024.0 * 1024.0;
/// Pixels of a picture, which the browser decodes to four bytes each.
const PIXELS_MAX: u32 = 50_000_000;
/// Longer sides to which it is made smaller, one after the other until a code is found.
const SIDES: [u32; 3] = [1600, 800, 400];
/// Longer side of a camera's picture that is looked at.
const FRAME_SIDE: u32 = 800;
/// Kinds that are read: those that browsers decode without running anything.
const KINDS: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

#[wasm_bindgen]
extern "C" {
    /// Defined by the page's loader, as that of the strength module is.
    #[wasm_bindgen(js_name = loadCodes, catch)]
    fn load_codes() -> Result<Promise, JsValue>;

    /// `codes.js`.
    type Codes;
    #[wasm_bindgen(method)]
    fn draw(this: &Codes, text: &str) -> Promise;
    #[wasm_bindgen(method)]
    fn read(this: &Codes, file: &web_sys::File, pixels_max: u32, sides: &JsValue) -> Promise;

    #[wasm_bindgen(method)]
    fn watch(
        this: &Codes,
        video: &web_sys::HtmlVideoElement,
        side: u32,
        told: &Closure<dyn FnMut(JsValue)>,
    ) -> Function;

    type Figure;
    #[wasm_bindgen(method, getter)]
    fn path(this: &Figure) -> String;
    #[wasm_bindgen(method, getter)]
    fn side(this: &Figure) -> u32;
}

/// A code to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// The `d` of an SVG path.
    pub path: String,
    /// Its width and height, with what stays empty around it.
    pub side: u32,
}

/// Why a picture is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// The module did not load, or failed.
    Broken,
    /// It is larger than 24 MiB or 50 000 000 pixels.
    Large,
    /// It is no picture, or a broken one.
    NoPicture,
}

/// Why a camera cannot be looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blind {
    /// The user, or the browser, does not let this page.
    Forbidden,
    /// There is none.
    Absent,
    /// Another program has it, or it was taken away.
    Busy,
    /// The page was hidden meanwhile, and nothing looks from there.
    Hidden,
    /// The module did not load, or failed.
    Broken,
}

/// A camera that is looked through; dropping it ends that.
#[derive(Debug)]
pub struct Watch {
    end: Function,
    _told: Closure<dyn FnMut(JsValue)>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Cannot fail: it ends what there is.
        let _ = self.end.call0(&JsValue::NULL);
    }
}

/// Looks through the camera, which the browser asks the user for, and shows what it sees in `video`: `told` hears what the codes of
/// each picture say that has some, or once why nothing is seen any more. `is_wanted`: asked before the browser asks the user.
///
/// # Errors
/// [`Blind::Broken`]; [`Blind::Hidden`] where it is not wanted any more.
pub async fn watch(
    video: &web_sys::HtmlVideoElement,
    is_wanted: impl Fn() -> bool,
    mut told: impl FnMut(Result<Vec<String>, Blind>) + 'static,
) -> Result<Watch, Blind> {
    let codes = load().await.map_err(|_| Blind::Broken)?;
    if !is_wanted() {
        return Err(Blind::Hidden);
    }
    let told = Closure::new(move |said: JsValue| {
        told(match said.as_string().as_deref() {
            None => Ok(texts_of(&said.unchecked_into())),
            Some("forbidden") => Err(Blind::Forbidden),
            Some("none") => Err(Blind::Absent),
            Some("busy") => Err(Blind::Busy),
            Some("hidden") => Err(Blind::Hidden),
            Some(_) => Err(Blind::Broken),
        });
    });
    let end = codes.watch(video, FRAME_SIDE, &told);
    Ok(Watch { end, _told: told })
}

/// Draws the code of a text.
///
/// # Errors
/// [`ErrorCode::Internal`] where the module does not load, or the text is too long.
pub async fn draw(text: &str) -> Result<Drawn, WireError> {
    let internal = |_| WireError::new(ErrorCode::Internal);
    let codes = load().await.map_err(internal)?;
    let figure = JsFuture::from(codes.draw(text)).await.map_err(internal)?;
    let figure: Figure = figure.unchecked_into();
    let (path, side) = (figure.path(), figure.side());
    if side == 0 {
        return Err(ErrorCode::Internal.into());
    }
    Ok(Drawn { path, side })
}

/// What the codes in a picture say that the user has chosen; nothing where there is none.
///
/// # Errors
/// [`Unread`].
pub async fn read(file: &web_sys::File) -> Result<Vec<String>, Unread> {
    if !KINDS.contains(&file.type_().as_str()) {
        return Err(Unread::NoPicture);
    }
    if file.size() > FILE_MAX_BYTES {
        return Err(Unread::Large);
    }
    let codes = load().await.map_err(|_| Unread::Broken)?;
    let sides: Array = SIDES.into_iter().map(JsValue::from).collect();
    let found = JsFuture::from(codes.read(file, PIXELS_MAX, &sides)).await;
    let found = found.map_err(|fault| match fault.as_string().as_deref() {
        Some("large") => Unread::Large,
        Some("picture") => Unread::NoPicture,
        _ => Unread::Broken,
    })?;
    Ok(texts_of(&found.unchecked_into()))
}

fn texts_of(found: &Array) -> Vec<String> {
    found.iter().filter_map(|text| text.as_string()).collect()
}

async fn load() -> Result<Codes, JsValue> {
    Ok(JsFuture::from(load_codes()?).await?.unchecked_into())
}
