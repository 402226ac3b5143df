//! The change feed as server-sent events and as a long poll.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http_body_util::{BodyExt as _, Empty};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
};
use hyper_util::{client::legacy::Client as HyperClient, rt::TokioExecutor};
use proto::{
    api::{
        account::SessionOpened,
        feed::{FEED_END_EVENT, FeedCursor, FeedNews},
        vault::VaultPage,
    },
    error::{ErrorCode, WireError},
};
use tokio::time::timeout;

use crate::{
    client::{Client, Outcome, item},
    harness::Harness,
};

const ADA: &str = "ada@localhost";
const BOB: &str = "bob@localhost";
const EVENTS: &str = "/api/v1/vault/feed/events";
const POLL: &str = "/api/v1/vault/feed/poll";
/// What something may take that comes at once. The node's own beat and the end of a poll are slower.
const AT_ONCE: Duration = Duration::from_secs(15);

/// A stream of events.
struct Stream {
    response: Response<Incoming>,
    text: String,
}

/// What an event is called, its id and its data.
type Event = (String, String, String);

impl Stream {
    async fn open(node: &Harness, token: &str, query: &str) -> Outcome<Self> {
        let request = Request::get(format!("http://{}{EVENTS}{query}", node.address))
            .header("authorization", format!("Bearer {token}"))
            .body(Empty::<Bytes>::new())?;
        let http = HyperClient::builder(TokioExecutor::new()).build_http();
        Ok(Self {
            response: timeout(AT_ONCE, http.request(request)).await??,
            text: String::new(),
        })
    }

    /// A stream of a session, and what it says first.
    async fn of(node: &Harness, session: &SessionOpened) -> Outcome<(Self, FeedNews)> {
        let mut stream = Self::open(node, &session.token.0.to_string(), "").await?;
        let news = stream.news().await?;
        Ok((stream, news))
    }

    fn header(&self, name: &str) -> &str {
        let value = self.response.headers().get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The next event; `None` at the end.
    async fn event(&mut self) -> Outcome<Option<Event>> {
        loop {
            if let Some((event, rest)) = self.text.clone().split_once("\n\n") {
                let field = |name: &str| {
                    let mut lines = event.lines();
                    let found = lines.find_map(|line| line.strip_prefix(name));
                    found.unwrap_or_default().trim_start().to_owned()
                };
                let event = (field("event:"), field("id:"), field("data:"));
                rest.clone_into(&mut self.text);
                return Ok(Some(event));
            }
            match timeout(AT_ONCE, self.response.body_mut().frame()).await? {
                Some(frame) => {
                    let part = frame?.into_data().map_err(|_| "no data")?;
                    self.text.push_str(std::str::from_utf8(&part)?);
                }
                None => return Ok(None),
            }
        }
    }

    async fn news(&mut self) -> Outcome<FeedNews> {
        let (name, id, data) = self.event().await?.ok_or("it has ended")?;
        let news: FeedNews = serde_json::from_str(&data)?;
        assert_eq!((name.as_str(), id.as_str()), ("", news.cursor.as_str()));
        Ok(news)
    }

    /// Why it ends; then it does.
    async fn end(&mut self) -> Outcome<ErrorCode> {
        let (name, _, data) = self.event().await?.ok_or("it has ended")?;
        assert_eq!(name, FEED_END_EVENT, "{data}");
        assert_eq!(self.event().await?, None);
        Ok(serde_json::from_str::<WireError>(&data)?.code)
    }
}

async fn ask(client: &Client, cursor: &FeedCursor) -> Outcome<FeedNews> {
    let path = format!("{POLL}?cursor={}", cursor.as_str());
    timeout(AT_ONCE, client.get(&path)).await??.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_of_every_write_and_of_no_other_account() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.create(ADA).await?;
    let bob = node.client.create(BOB).await?;
    let client = node.client.signed_in(&ada);
    client.put(item(1), 1, b"before").await?.accepted()?;
    let (mut here, first) = Stream::of(&node, &ada).await?;
    let (mut other, none) = Stream::of(&node, &bob).await?;
    assert_eq!((first.latest.0, none.latest.0), (1, 0));
    assert_eq!(here.header("content-type"), "text/event-stream");
    assert_eq!(here.header("x-accel-buffering"), "no");
    assert!(here.header("cache-control").contains("no-"));
    client.put(item(2), 1, b"two").await?.accepted()?;
    let news = here.news().await?;
    assert_eq!((news.latest.0, news.snapshot), (2, false));
    let bob = node.client.signed_in(&bob);
    bob.put(item(1), 1, b"his").await?.accepted()?;
    assert_eq!(other.news().await?.latest.0, 1);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn poll_waits_for_the_next_write_and_no_longer_than_a_request() -> Outcome {
    let node = Harness::with(|config| config.request_timeout = Duration::from_secs(2)).await?;
    let ada = node.client.create(ADA).await?;
    let client = node.client.signed_in(&ada);
    let first: FeedNews = client.get(POLL).await?.ok()?;
    assert_eq!(first.latest.0, 0);
    // Nothing happens: the same again.
    assert_eq!(ask(&client, &first.cursor).await?, first);
    let (waited, written) = tokio::join!(ask(&client, &first.cursor), async {
        client.put(item(1), 1, b"one").await?.accepted()
    });
    written?;
    // Where the write was first, it is told without waiting.
    assert_eq!(waited?.latest.0, 1);
    // Who is behind is told at once.
    assert_eq!(ask(&client, &first.cursor).await?.latest.0, 1);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn both_end_at_once_with_their_session() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.create(ADA).await?;
    let phone: SessionOpened = node.client.log_in(ADA, 1, 2).await?.ok()?;
    let (mut here, news) = Stream::of(&node, &ada).await?;
    let (mut there, _) = Stream::of(&node, &phone).await?;
    let polling = node.client.signed_in(&phone);
    let poll = tokio::spawn({
        let path = format!("{POLL}?cursor={}", news.cursor.as_str());
        async move { timeout(AT_ONCE, polling.get(&path)).await }
    });
    let client = node.client.signed_in(&ada);
    let path = format!("/api/v1/sessions/{}", phone.session);
    assert_eq!(client.raw("DELETE", &path, None, "").await?.status, 200);
    assert_eq!(there.end().await?, ErrorCode::SessionInvalid);
    let refused = poll.await???.refusal()?;
    assert_eq!(refused, (401, ErrorCode::SessionInvalid));
    // The other looks as well, and goes on.
    assert_eq!(here.news().await?, news);
    client.put(item(1), 1, b"one").await?.accepted()?;
    assert_eq!(here.news().await?.latest.0, 1);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shows_no_session_or_no_cursor_hears_nothing() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.create(ADA).await?;
    let client = node.client.signed_in(&ada);
    for path in [EVENTS, POLL] {
        let refused = node.client.get(path).await?.refusal()?;
        assert_eq!(refused, (401, ErrorCode::SessionInvalid));
        let stranger = node.client.with_token(&"ab".repeat(32));
        let refused = stranger.get(path).await?.refusal()?;
        assert_eq!(refused, (401, ErrorCode::SessionInvalid));
        for cursor in ["", "7", "zz", &"0".repeat(50), "01"] {
            let refused = client.get(&format!("{path}?cursor={cursor}")).await?;
            assert_eq!(refused.refusal()?, (422, ErrorCode::CursorInvalid));
        }
        // A session in the URL is none.
        let path = format!("{path}?token={}", ada.token.0);
        let refused = node.client.get(&path).await?.refusal()?;
        assert_eq!(refused.0, 401);
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn both_are_bounded_and_end_with_the_node() -> Outcome {
    let node = Harness::with(|config| config.max_feeds = 2).await?;
    let ada = node.client.create(ADA).await?;
    let client = node.client.signed_in(&ada);
    let (mut one, news) = Stream::of(&node, &ada).await?;
    let (two, _) = Stream::of(&node, &ada).await?;
    for path in [EVENTS, POLL] {
        let refused = client.get(path).await?.refusal()?;
        assert_eq!(refused, (503, ErrorCode::Busy));
    }
    drop(two);
    // Its place is free once the node has noticed.
    let mut tries = 0;
    while client.get(POLL).await?.status != 200 {
        tries += 1;
        assert!(tries < 500, "the place is never free");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let stopping = Arc::new(AtomicBool::new(false));
    let poll = tokio::spawn({
        let (client, stopping) = (client.clone(), Arc::clone(&stopping));
        let path = format!("{POLL}?cursor={}", news.cursor.as_str());
        async move {
            loop {
                // The question below may have had the last place.
                let answer = timeout(AT_ONCE, client.get(&path)).await??;
                if answer.status != 503 || stopping.load(Ordering::SeqCst) {
                    return Outcome::Ok(answer);
                }
            }
        }
    });
    // It waits where nobody else has a place any more.
    while client.get(POLL).await?.status != 503 {
        tries += 1;
        assert!(tries < 500, "the poll never waits");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stopping.store(true, Ordering::SeqCst);
    node.stop().await?;
    assert_eq!(one.end().await?, ErrorCode::Busy);
    assert_eq!(poll.await??.refusal()?, (503, ErrorCode::Busy));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_keep_a_connection_leave_half_of_them() -> Outcome {
    let node = Harness::with(|config| config.max_connections = 4).await?;
    let ada = node.client.create(ADA).await?;
    let _one = Stream::of(&node, &ada).await?;
    let _two = Stream::of(&node, &ada).await?;
    let client = node.client.signed_in(&ada);
    let refused = client.get(EVENTS).await?.refusal()?;
    assert_eq!(refused, (503, ErrorCode::Busy));
    assert_eq!(client.get("/api/v1/vault").await?.status, 200);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn cursor_of_another_database_gets_everything_page_by_page() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.create(ADA).await?;
    let client = node.client.signed_in(&ada);
    for number in 1..=5 {
        client.put(item(number), 1, b"x").await?.accepted()?;
    }
    let page = async |query: &str| -> Outcome<VaultPage> {
        client.get(&format!("/api/v1/vault?{query}")).await?.ok()
    };
    let whole = page("limit=500").await?;
    let end = whole.cursor.ok_or("no cursor")?;
    // Where nothing is new, and where the client knows of more by its own writes.
    let none = page(&format!("cursor={}", end.as_str())).await?;
    assert!(none.records.is_empty() && !none.snapshot && none.cursor == Some(end.clone()));
    let later = page(&format!("cursor={}&since=4", end.as_str())).await?;
    assert_eq!(later.records.len(), 1);
    // Another database, and a place that this one has not got to.
    let (of, at) = end.as_str().split_at(34);
    let foreign = format!("{}{}{at}", &of[..2], "ab".repeat(16));
    let beyond = format!("{of}{:016x}", 6);
    for strange in [foreign, beyond] {
        let mut seen = 0;
        let mut next = page(&format!("cursor={strange}&since=4&limit=2")).await?;
        assert!(next.snapshot);
        loop {
            seen += next.records.len();
            if !next.has_more {
                break;
            }
            let cursor = next.cursor.ok_or("no cursor")?;
            next = page(&format!("cursor={}&limit=2", cursor.as_str())).await?;
            assert!(!next.snapshot);
        }
        assert_eq!((seen, next.cursor), (5, Some(end.clone())));
        // Every carrier says so as well.
        let strange: FeedCursor = strange.try_into()?;
        assert!(ask(&client, &strange).await?.snapshot);
        let query = format!("?cursor={}", strange.as_str());
        let mut stream = Stream::open(&node, &ada.token.0.to_string(), &query).await?;
        assert!(stream.news().await?.snapshot);
    }
    let bad = client.get("/api/v1/vault?cursor=00").await?.refusal()?;
    assert_eq!(bad, (422, ErrorCode::CursorInvalid));
    // The same database after the node was started again.
    let node = node.restart(|_| {}).await?;
    let client = node.client.signed_in(&ada);
    let path = format!("/api/v1/vault?cursor={}", end.as_str());
    let page: VaultPage = client.get(&path).await?.ok()?;
    assert!(!page.snapshot && page.records.is_empty());
    node.stop().await
}
