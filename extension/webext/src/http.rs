//! Requests to a node, whole answers and such as go on: no cookies, no cache, no redirects.

use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{BrowserError, api::to_js, time::within};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    async fn fetch(url: &str, init: &JsValue) -> Result<JsValue, JsValue>;

    type Answer;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Answer) -> u16;
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Answer) -> Headers;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Answer) -> Option<Body>;

    type Body;
    #[wasm_bindgen(method, js_name = getReader)]
    fn reader(this: &Body) -> Reader;

    type Reader;
    #[wasm_bindgen(method, catch)]
    async fn read(this: &Reader) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn cancel(this: &Reader) -> Result<JsValue, JsValue>;

    type Part;
    #[wasm_bindgen(method, getter)]
    fn value(this: &Part) -> Option<js_sys::Uint8Array>;

    type Headers;
    #[wasm_bindgen(method)]
    fn get(this: &Headers, name: &str) -> Option<String>;

    type AbortSignal;
    #[wasm_bindgen(static_method_of = AbortSignal)]
    fn timeout(millis: u32) -> JsValue;

    type AbortController;
    #[wasm_bindgen(constructor)]
    fn new() -> AbortController;
    #[wasm_bindgen(method, getter)]
    fn signal(this: &AbortController) -> JsValue;
    #[wasm_bindgen(method)]
    fn abort(this: &AbortController);
}

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream, application/json";

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
    /// Bytes of an answer that are still read.
    pub max_bytes: usize,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Body; `None` where it is longer than was asked for.
    pub body: Option<Vec<u8>>,
}

/// Sends a request and reads the answer, part by part, no further than it may be long.
///
/// # Errors
/// [`BrowserError::Failed`]: no connection, no answer in time, or a redirect.
pub async fn send(request: Request<'_>) -> Result<Response, BrowserError> {
    let signal = AbortSignal::timeout(request.timeout);
    let answer = begin(&request, JSON, &signal).await?;
    Ok(Response {
        status: answer.status(),
        body: read(answer.body(), request.max_bytes).await?,
    })
}

/// An answer that goes on; dropping it ends it.
pub struct Stream {
    /// HTTP status.
    pub status: u16,
    reader: Option<Reader>,
    _ends: Abort,
}

/// Ends a request where it is dropped, also before there is an answer.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a request whose answer comes late, or as events when they happen. Only its head is waited
/// for, for `timeout` at most.
///
/// # Errors
/// [`BrowserError::Failed`]: no connection or a redirect; [`BrowserError::TimedOut`].
pub async fn open(request: Request<'_>) -> Result<Stream, BrowserError> {
    let ends = Abort(AbortController::new());
    let signal = ends.0.signal();
    let begun = begin(&request, EVENTS, &signal);
    let answer = within(request.timeout, "fetch", begun).await??;
    Ok(Stream {
        status: answer.status(),
        reader: answer.body().map(|body| body.reader()),
        _ends: ends,
    })
}

impl Stream {
    /// The next part of the answer; `None` at its end.
    ///
    /// # Errors
    /// [`BrowserError::Failed`]: the connection broke.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, BrowserError> {
        let Some(reader) = &self.reader else {
            return Ok(None);
        };
        let part = reader.read().await.map_err(BrowserError::failed("fetch"))?;
        let part = part.unchecked_into::<Part>().value();
        Ok(part.map(|part| part.to_vec()))
    }

    /// All that is left of the answer, or `None` where that is more than `max` bytes.
    ///
    /// # Errors
    /// [`BrowserError::Failed`]: the connection broke.
    pub async fn rest(&mut self, max: usize) -> Result<Option<Vec<u8>>, BrowserError> {
        let mut bytes = Vec::new();
        while let Some(part) = self.next().await? {
            if bytes.len() + part.len() > max {
                return Ok(None);
            }
            bytes.extend(part);
        }
        Ok(Some(bytes))
    }
}

/// Sends a request and waits for the head of the answer.
async fn begin(
    request: &Request<'_>,
    accept: &'static str,
    signal: &JsValue,
) -> Result<Answer, BrowserError> {
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
    let init = to_js(
        call,
        &Init {
            method: request.method,
            headers: Sent {
                accept,
                content_type: request.body.map(|_| JSON),
                authorization: request.bearer.map(|token| format!("Bearer {token}")),
            },
            body: request.body,
            redirect: "error",
            credentials: "omit",
            cache: "no-store",
            referrer_policy: "no-referrer",
        },
    )?;
    js_sys::Reflect::set(&init, &"signal".into(), signal).map_err(BrowserError::failed(call))?;
    fetch(request.url, &init)
        .await
        .map(JsCast::unchecked_into)
        .map_err(BrowserError::failed(call))
}

/// Reads a body to its end, or `None` where it goes on behind `max` bytes. What it says of its own
/// length is not believed.
async fn read(body: Option<Body>, max: usize) -> Result<Option<Vec<u8>>, BrowserError> {
    // Room for every answer that has a secret in it, so that it never moves and leaves a copy.
    let mut bytes = Vec::with_capacity(max.min(64 * 1024));
    let Some(reader) = body.map(|body| body.reader()) else {
        return Ok(Some(bytes));
    };
    loop {
        let part = reader.read().await.map_err(BrowserError::failed("fetch"))?;
        let Some(part) = part.unchecked_into::<Part>().value() else {
            return Ok(Some(bytes));
        };
        let (before, more) = (bytes.len(), part.length() as usize);
        if before + more > max {
            // The connection is closed; that it cannot be changes nothing.
            let _ = reader.cancel().await;
            return Ok(None);
        }
        bytes.resize(before + more, 0);
        part.copy_to(&mut bytes[before..]);
    }
}
