//! A server that leaves something out: everything is the node's answer, but for the vault's.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context as _, Result};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Uri, header},
    response::Response,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use proto::api::vault::VaultPage;
use tokio::{net::TcpListener, task::JoinHandle};

/// A page of the vault, bytes of JSON.
const PAGE_MAX_BYTES: usize = 16 * 1024 * 1024;

/// Stands before a node. Dropping it stops it.
#[derive(Debug)]
pub struct Liar {
    url: String,
    way: Arc<Way>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Way {
    /// The node's own address, `http://localhost:PORT`.
    node: String,
    lies: AtomicBool,
    client: Client<HttpConnector, Body>,
}

impl Liar {
    /// Stands before the node at `node` and keeps the first item of each page of the vault to itself.
    pub async fn before(node: &str) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://localhost:{}", listener.local_addr()?.port());
        let way = Arc::new(Way {
            node: node.to_owned(),
            lies: AtomicBool::new(true),
            client: Client::builder(TokioExecutor::new()).build_http(),
        });
        let router = Router::new().fallback(pass_on).with_state(Arc::clone(&way));
        let task = tokio::spawn(async move {
            // It ends only when it is aborted.
            axum::serve(listener, router).await.ok();
        });
        Ok(Self { url, way, task })
    }

    /// What users type as its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Shows everything from now on.
    pub fn tell_the_truth(&self) {
        self.way.lies.store(false, Ordering::Relaxed);
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(State(way): State<Arc<Way>>, request: Request) -> Response {
    let answer = answer(&way, request).await;
    answer.unwrap_or_else(|_| {
        let mut failed = Response::new(Body::empty());
        *failed.status_mut() = axum::http::StatusCode::BAD_GATEWAY;
        failed
    })
}

async fn answer(way: &Way, mut request: Request) -> Result<Response> {
    let path = request.uri().path_and_query().context("no path")?.clone();
    let is_vault = path.path().ends_with("/vault");
    *request.uri_mut() = format!("{}{path}", way.node).parse::<Uri>()?;
    let answer = way.client.request(request).await?.map(Body::new);
    if !is_vault || !way.lies.load(Ordering::Relaxed) || !answer.status().is_success() {
        return Ok(answer);
    }
    let (mut parts, body) = answer.into_parts();
    let mut page: VaultPage = serde_json::from_slice(&to_bytes(body, PAGE_MAX_BYTES).await?)?;
    // The newest stays: a log whose end is missing is noticed by itself.
    if page.records.len() > 1 {
        page.records.remove(0);
    }
    let told = serde_json::to_vec(&page)?;
    let length = HeaderValue::from(told.len());
    parts.headers.insert(header::CONTENT_LENGTH, length);
    Ok(Response::from_parts(parts, Body::from(told)))
}
