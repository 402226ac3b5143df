//! Connections: bounded in number, with a time for their headers, ended with grace.

use std::{
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;

use crate::{app::App, metrics::CONNECTIONS};

/// Room for a request's headers while they arrive, bytes. Above `API_HEADERS_MAX_BYTES`, so that
/// most that are too large have a proper answer.
const HEADER_BUFFER: usize = 64 * 1024;
/// Pause after the system refused a connection, so as not to spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is ready and what was accepted is finished or its grace is over.
pub(super) async fn serve(listener: TcpListener, app: &Arc<App>, stop: impl Future<Output = ()>) {
    let router = app.router();
    let places = Arc::new(Semaphore::new(app.config.max_connections));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(app.config.header_timeout)
        .max_buf_size(HEADER_BUFFER);
    let mut stop = pin!(stop);
    loop {
        let accepted = async {
            // A connection is taken when there is a place for it; until then the system holds it.
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(kind = %error.kind(), "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let stream = prepare(stream, app.config.write_timeout);
        let connection = http
            .serve_connection(stream, service(router.clone(), peer))
            .with_upgrades();
        let stopped = app.stopped();
        tokio::spawn(async move {
            // Ends with the connection, or when it becomes a feed, which has a place of its own.
            let _place = place;
            metrics::gauge!(CONNECTIONS).increment(1);
            let mut connection = pin!(connection);
            tokio::select! {
                // A client that breaks off is no fault; its requests have been answered or logged.
                ended = connection.as_mut() => drop(ended),
                () = stopped => {
                    connection.as_mut().graceful_shutdown();
                    drop(connection.await);
                }
            }
            metrics::gauge!(CONNECTIONS).decrement(1);
        });
    }
    app.stop();
    drop(listener);
    tracing::info!("shutting down");
    let all = |places: usize| u32::try_from(places).unwrap_or(u32::MAX);
    let over = async {
        drop(places.acquire_many(all(app.config.max_connections)).await);
        drop(app.feeds.acquire_many(all(app.config.max_feeds)).await);
    };
    if timeout(app.config.shutdown_grace, over).await.is_err() {
        tracing::warn!("some requests were not finished in time");
    }
}

fn prepare(
    stream: TcpStream,
    write_timeout: Duration,
) -> TokioIo<Pin<Box<TimeoutStream<TcpStream>>>> {
    // Without it small answers wait for the peer; where it cannot be set they just do.
    drop(stream.set_nodelay(true));
    // Who asks and never reads the answer must not keep a place.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(write_timeout));
    TokioIo::new(Box::pin(stream))
}

fn service(
    router: Router,
    peer: SocketAddr,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send,
> {
    service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    })
}
