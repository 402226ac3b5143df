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
    run(
        &Target {
            tab_id: tab.0,
            all_frames: Some(true),
            frame_ids: None,
        },
        file,
    )
    .await
}

/// Runs a file of the extension in one frame.
///
/// # Errors
/// As [`run_in_all_frames`], and where the frame is gone.
pub async fn run_in_frame(tab: TabId, frame: FrameId, file: &str) -> Result<(), BrowserError> {
    run(
        &Target {
            tab_id: tab.0,
            all_frames: None,
            frame_ids: Some([frame.0]),
        },
        file,
    )
    .await
    .map(drop)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    tab_id: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_frames: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame_ids: Option<[i64; 1]>,
}

async fn run(target: &Target, file: &str) -> Result<Vec<FrameId>, BrowserError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct What<'a> {
        target: &'a Target,
        files: [&'a str; 1],
        // The user asked now: do not wait for slow pictures of the page.
        inject_immediately: bool,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Ran {
        frame_id: i64,
    }
    let call = "scripting.executeScript";
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
