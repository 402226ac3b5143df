//! Requests to a node: JSON, no cookies, no cache, no redirects.

use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{BrowserError, api::to_js};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    async fn fetch(url: &str, init: &JsValue) -> Result<JsValue, JsValue>;

    type Answer;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Answer) -> u16;
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Answer) -> Headers;
    #[wasm_bindgen(method, catch)]
    async fn text(this: &Answer) -> Result<JsValue, JsValue>;

    type Headers;
    #[wasm_bindgen(method)]
    fn get(this: &Headers, name: &str) -> Option<String>;

    type AbortSignal;
    #[wasm_bindgen(static_method_of = AbortSignal)]
    fn timeout(millis: u32) -> JsValue;
}

/// Body of an answer, bytes, that is still read: a page of 500 sealed overviews fits.
pub const ANSWER_MAX_BYTES: usize = 64 * 1024 * 1024;

/// A request.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// `GET`, `PUT` and so on.
    pub method: &'static str,
    /// Absolute.
    pub url: &'a str,
    /// Sent as `Authorization: Bearer`.
    pub bearer: Option<&'a str>,
    /// JSON.
    pub body: Option<&'a str>,
    /// Milliseconds until it counts as failed.
    pub timeout: u32,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: String,
}

/// Sends a request and reads the whole answer.
///
/// # Errors
/// [`BrowserError::Failed`]: no connection, no answer in time, a redirect, or an answer over
/// [`ANSWER_MAX_BYTES`].
pub async fn send(request: Request<'_>) -> Result<Response, BrowserError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Init<'a> {
        method: &'a str,
        headers: Sent,
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<&'a str>,
        redirect: &'a str,
        credentials: &'a str,
        cache: &'a str,
        referrer_policy: &'a str,
    }
    #[derive(Serialize)]
    struct Sent {
        #[serde(rename = "Accept")]
        accept: &'static str,
        #[serde(rename = "Content-Type", skip_serializing_if = "Option::is_none")]
        content_type: Option<&'static str>,
        #[serde(rename = "Authorization", skip_serializing_if = "Option::is_none")]
        authorization: Option<String>,
    }
    let call = "fetch";
    let json = "application/json";
    let init = to_js(
        call,
        &Init {
            method: request.method,
            headers: Sent {
                accept: json,
                content_type: request.body.map(|_| json),
                authorization: request.bearer.map(|token| format!("Bearer {token}")),
            },
            body: request.body,
            redirect: "error",
            credentials: "omit",
            cache: "no-store",
            referrer_policy: "no-referrer",
        },
    )?;
    let signal = AbortSignal::timeout(request.timeout);
    js_sys::Reflect::set(&init, &"signal".into(), &signal).map_err(BrowserError::failed(call))?;
    let answer: Answer = fetch(request.url, &init)
        .await
        .map_err(BrowserError::failed(call))?
        .unchecked_into();
    let announced = answer
        .headers()
        .get("Content-Length")
        .and_then(|n| n.parse().ok());
    if announced.is_some_and(|length: usize| length > ANSWER_MAX_BYTES) {
        return Err(BrowserError::Failed { call });
    }
    let body = answer.text().await.map_err(BrowserError::failed(call))?;
    let body = body
        .as_string()
        .filter(|body| body.len() <= ANSWER_MAX_BYTES);
    Ok(Response {
        status: answer.status(),
        body: body.ok_or(BrowserError::Misshapen { call })?,
    })
}
