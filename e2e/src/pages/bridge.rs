//! Requests to the background from an extension page.

use anyhow::{Context as _, Result, anyhow, bail};
use fantoccini::Client;
use proto::{
    bridge::{
        Request,
        frame::{ErrFrame, OkFrame},
    },
    error::WireError,
};
use serde_json::Value;

const SCRIPT: &str = include_str!("bridge.js");

/// Asks and waits for the answer; the page in front is one of the extension.
///
/// The worker may die under the question; it is asked again then, as the popup does.
pub async fn ask<R: Request>(client: &Client, request: R) -> Result<R::Response> {
    let body = serde_json::to_string(&R::Port::from(request))?;
    for _ in 0..3 {
        let answer = client
            .execute_async(SCRIPT, vec![Value::from(body.clone())])
            .await
            .with_context(|| format!("asking `{}`", R::NAME))?;
        let text = answer
            .as_str()
            .with_context(|| format!("`{}` was answered {answer}", R::NAME))?;
        if text == "{\"gone\":true}" {
            continue;
        }
        if let Ok(frame) = serde_json::from_str::<ErrFrame>(text) {
            return Err(anyhow!(frame.err).context(format!("`{}` was refused", R::NAME)));
        }
        let frame: OkFrame<R::Response> = serde_json::from_str(text)
            .with_context(|| format!("`{}` was answered {text}", R::NAME))?;
        return Ok(frame.ok);
    }
    bail!("the background went away three times under `{}`", R::NAME)
}

/// The code of a refusal by the background.
pub fn refusal<T>(answer: &Result<T>) -> Option<&WireError> {
    answer.as_ref().err()?.downcast_ref::<WireError>()
}
