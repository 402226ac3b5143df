//! Content scripts on demand.

use proto::bridge::endpoint::{FrameId, TabId};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::{
    BrowserError,
    api::{from_js, namespace, to_js},
};

#[wasm_bindgen]
extern "C" {
    type Scripting;
    #[wasm_bindgen(method, catch, js_name = executeScript)]
    async fn execute_script(this: &Scripting, what: &JsValue) -> Result<JsValue, JsValue>;
}

/// Runs a file of the extension in every frame of a tab that lets it in, and tells in which.
///
/// # Errors
/// [`BrowserError::Failed`] where the browser keeps extensions out of the page (its own pages,
/// its shop, other extensions).
pub async fn run_in_all_frames(tab: TabId, file: &str) -> Result<Vec<FrameId>, BrowserError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct What<'a> {
        target: Target,
        files: [&'a str; 1],
        // The user asked now: do not wait for slow pictures of the page.
        inject_immediately: bool,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Target {
        tab_id: i32,
        all_frames: bool,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Ran {
        frame_id: i64,
    }
    let call = "scripting.executeScript";
    let target = Target {
        tab_id: tab.0,
        all_frames: true,
    };
    let what = What {
        target,
        files: [file],
        inject_immediately: true,
    };
    let ran = namespace::<Scripting>("scripting")?
        .execute_script(&to_js(call, &what)?)
        .await
        .map_err(BrowserError::failed(call))?;
    let ran: Vec<Ran> = from_js(call, ran)?;
    Ok(ran
        .into_iter()
        .map(|frame| FrameId(frame.frame_id))
        .collect())
}
