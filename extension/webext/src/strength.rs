//! The password strength module, loaded when it is first asked.

use js_sys::Promise;
use proto::error::{ErrorCode, WireError};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// Defined by the page's loader: a module script may import dynamically, WebAssembly may not.
    /// Browsers load a module once.
    #[wasm_bindgen(js_name = loadStrength, catch)]
    fn load_strength() -> Result<Promise, JsValue>;

    type Strength;
    #[wasm_bindgen(method, catch)]
    fn estimate(this: &Strength, password: &str, inputs: Vec<String>) -> Result<JsValue, JsValue>;
}

/// Estimates a password's strength; `inputs` are words that an attacker would try first (the
/// address). The answer is the JSON of `extension/strength`.
///
/// # Errors
/// [`ErrorCode::Internal`] where the module does not load.
pub async fn estimate(password: &str, inputs: &[&str]) -> Result<String, WireError> {
    let internal = |_| WireError::new(ErrorCode::Internal);
    let module: JsValue = JsFuture::from(load_strength().map_err(internal)?)
        .await
        .map_err(internal)?;
    let inputs = inputs.iter().map(|&word| word.to_owned()).collect();
    let answer = module
        .unchecked_into::<Strength>()
        .estimate(password, inputs)
        .map_err(internal)?;
    answer
        .as_string()
        .ok_or_else(|| WireError::new(ErrorCode::Internal))
}
