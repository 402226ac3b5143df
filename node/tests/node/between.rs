//! What stands before a server and lets go wrong what is wanted.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use tokio::{net::TcpListener, time::sleep};

use crate::client::{Client, Outcome};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The server hears nothing, and the connection breaks.
    Unheard,
    /// The server has done what it was asked, and the connection breaks before its answer.
    Unanswered,
    /// The same in the middle of its answer.
    HalfAnswered,
    /// One byte of the answer every now and then, without end.
    Slow,
    /// An answer of a gibibyte.
    Huge,
    /// It is to be had elsewhere.
    Redirected,
    /// What is before the server has no connection to it.
    Away,
}

/// A proxy, and what goes wrong next: each once.
#[derive(Clone)]
pub(crate) struct Between {
    client: Client,
    faults: Arc<Mutex<VecDeque<(&'static str, Fault)>>>,
}

impl Between {
    /// Stands before a server; where to reach it.
    pub(crate) async fn before(server: SocketAddr) -> Outcome<(Self, SocketAddr)> {
        let between = Self {
            client: Client::new(format!("http://{server}")),
            faults: Arc::default(),
        };
        let app = Router::new().fallback(carry).with_state(between.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let at = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok((between, at))
    }

    /// Lets the next request to a path go wrong.
    pub(crate) fn fail(&self, path: &'static str, fault: Fault) {
        self.faults().push_back((path, fault));
    }

    /// Whether all that was to go wrong has.
    pub(crate) fn has_failed(&self) -> bool {
        self.faults().is_empty()
    }

    fn faults(&self) -> std::sync::MutexGuard<'_, VecDeque<(&'static str, Fault)>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, path: &str) -> Option<Fault> {
        let mut faults = self.faults();
        let place = faults.iter().position(|(of, _)| *of == path)?;
        faults.remove(place).map(|(_, fault)| fault)
    }
}

async fn carry(State(between): State<Between>, request: Request) -> Response {
    let fault = between.take(request.uri().path());
    let answer = match fault {
        Some(Fault::Unheard | Fault::Slow | Fault::Huge) => (200, Bytes::new()),
        Some(Fault::Redirected) => {
            let place = [(header::LOCATION, "https://a.test/")];
            return (StatusCode::FOUND, place).into_response();
        }
        Some(Fault::Away) => return StatusCode::BAD_GATEWAY.into_response(),
        Some(Fault::Unanswered | Fault::HalfAnswered) | None => {
            match ask(&between, request).await {
                Ok(answer) => answer,
                Err(_) => return StatusCode::BAD_GATEWAY.into_response(),
            }
        }
    };
    let broken = || io::Error::other("broken");
    let half = answer.1.slice(..answer.1.len() / 2);
    let body = match fault {
        None => return said(answer.0, Body::from(answer.1)),
        Some(Fault::Slow) => {
            let drops = stream::repeat(()).then(async |()| {
                sleep(Duration::from_millis(100)).await;
                Ok::<_, Infallible>(Bytes::from_static(b" "))
            });
            Body::from_stream(drops)
        }
        Some(Fault::Huge) => {
            let piece = Bytes::from(vec![b' '; 1 << 16]);
            let pieces = stream::repeat(piece).take(1 << 14);
            Body::from_stream(pieces.map(Ok::<_, Infallible>))
        }
        Some(Fault::HalfAnswered) => Body::from_stream(stream::iter([Ok(half), Err(broken())])),
        Some(_) => Body::from_stream(stream::iter([Err::<Bytes, _>(broken())])),
    };
    said(answer.0, body)
}

fn said(status: u16, body: Body) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, body).into_response()
}

async fn ask(between: &Between, request: Request) -> Outcome<(u16, Bytes)> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let kind = head.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    let path = head.uri.path();
    let answer = between.client.raw(head.method.as_str(), path, kind, body);
    let answer = answer.await?;
    Ok((answer.status, answer.body))
}
