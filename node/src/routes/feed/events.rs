//! The feed as server-sent events.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::State,
    http::HeaderName,
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures_util::stream;
use proto::{
    api::feed::{FEED_END_EVENT, FeedNews},
    error::WireError,
};

use super::{
    FeedQuery,
    hearing::{End, Hearing, Place, take},
};
use crate::{
    app::App,
    cursor::Cursor,
    error::ApiError,
    extract::{QueryString, Token},
};

/// Tells proxies (nginx and those that took it over) to pass each event on at once.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// Tells of every write of an account, at once, over an answer that goes on: `FeedNews` at once, with every write, and every
/// 20 s, each with its cursor as the event's id. Where the node ends it, the last event is `end` with a `WireError`.
#[utoipa::path(
    get,
    path = "/vault/feed/events",
    tag = "vault",
    security(("session" = [])),
    params(FeedQuery),
    responses(
        (
            status = 200,
            description = "events with FeedNews again and again",
            content_type = "text/event-stream",
            body = FeedNews
        ),
        (
            status = "4XX",
            description = "`SessionInvalid`, `CursorInvalid`",
            body = WireError
        ),
        (status = 503, description = "`Busy`: too many feeds", body = WireError)
    )
)]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    Token(token): Token,
    QueryString(query): QueryString<FeedQuery>,
) -> Result<Response, ApiError> {
    let from = Cursor::parse_any(query.cursor.as_deref())?;
    let waiting = take(&app.waiting)?;
    let hearing = Hearing::begin(&app, token, take(&app.feeds)?).await?;
    let next = Next::First(Box::new(Stream { hearing, waiting }), from);
    let events = stream::unfold(next, |next| async {
        let (event, next) = next.event().await?;
        Some((Ok::<_, Infallible>(event), next))
    });
    Ok(([UNBUFFERED], Sse::new(events)).into_response())
}

/// A stream that goes on.
struct Stream {
    hearing: Hearing,
    #[expect(dead_code, reason = "held for as long as the connection is")]
    waiting: Place,
}

/// What comes next on a stream.
enum Next {
    /// At once.
    First(Box<Stream>, Option<Cursor>),
    /// When there is something to say.
    Later(Box<Stream>),
    /// Nothing: it has ended.
    Over,
}

impl Next {
    /// The next event, and what comes after it; `None` at the end.
    async fn event(self) -> Option<(Event, Self)> {
        let (stream, said) = match self {
            Self::First(stream, from) => {
                let news = stream.hearing.news(from);
                (stream, news)
            }
            Self::Later(mut stream) => {
                let news = stream.later().await;
                (stream, news)
            }
            Self::Over => return None,
        };
        let event = said.and_then(|news| Ok((encode(&news)?, Self::Later(stream))));
        Some(event.unwrap_or_else(|end| (farewell(end), Self::Over)))
    }
}

impl Stream {
    async fn later(&mut self) -> Result<FeedNews, End> {
        self.hearing.wait().await?;
        self.hearing.look().await?;
        self.hearing.news(None)
    }
}

fn encode(news: &FeedNews) -> Result<Event, End> {
    let event = Event::default().id(news.cursor.as_str()).json_data(news);
    event.map_err(|error| End::Failed(ApiError::internal(&error)))
}

/// Why there is nothing more.
fn farewell(end: End) -> Event {
    let error = ApiError::from(end).into_wire();
    let event = Event::default().event(FEED_END_EVENT).json_data(error);
    // Cannot fail: it is a plain struct.
    event.unwrap_or_default()
}
