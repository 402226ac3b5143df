//! The change feed over a WebSocket.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use proto::{
    api::{
        account::SessionOpened,
        feed::{FeedNews, close},
    },
    error::ErrorCode,
    ids::Revision,
};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, protocol::frame::coding::CloseCode},
};

use crate::{
    client::{Outcome, item},
    harness::Harness,
};

const ADA: &str = "ada@localhost";
const BOB: &str = "bob@localhost";
/// What something may take that comes at once. The node's own beat is slower.
const AT_ONCE: Duration = Duration::from_secs(15);

struct Feed(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Feed {
    async fn open(node: &Harness) -> Outcome<Self> {
        let url = format!("ws://{}/api/v1/vault/feed", node.address);
        Ok(Self(connect_async(url).await?.0))
    }

    /// A feed of a session, and what it says first.
    async fn of(node: &Harness, session: &SessionOpened) -> Outcome<(Self, u64)> {
        let mut feed = Self::open(node).await?;
        feed.say(&format!(r#"{{"token":"{}"}}"#, session.token.0))
            .await?;
        let latest = feed.hear().await?;
        Ok((feed, latest))
    }

    async fn say(&mut self, text: &str) -> Outcome {
        Ok(self.0.send(Message::text(text)).await?)
    }

    async fn hear(&mut self) -> Outcome<u64> {
        match timeout(AT_ONCE, self.0.next()).await? {
            Some(Ok(Message::Text(text))) => {
                let FeedNews {
                    latest: Revision(latest),
                    ..
                } = serde_json::from_str(&text)?;
                Ok(latest)
            }
            other => Err(format!("no news but {other:?}").into()),
        }
    }

    /// The code that it is closed with.
    async fn end(&mut self) -> Outcome<u16> {
        match timeout(AT_ONCE, self.0.next()).await? {
            Some(Ok(Message::Close(Some(frame)))) => Ok(frame.code.into()),
            other => Err(format!("no end but {other:?}").into()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_device_hears_of_a_write_and_no_other_account() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.create(ADA).await?;
    let bob = node.client.create(BOB).await?;
    let client = node.client.signed_in(&ada);
    client.put(item(1), 1, b"before").await?.accepted()?;
    let phone: SessionOpened = node.client.log_in(ADA, 1, 2).await?.ok()?;
    let (mut here, first) = Feed::of(&node, &ada).await?;
    let (mut there, also) = Feed::of(&node, &phone).await?;
    let (mut other, none) = Feed::of(&node, &bob).await?;
    assert_eq!((first, also, none), (1, 1, 0));
    client.put(item(2), 1, b"two").await?.accepted()?;
    assert_eq!((here.hear().await?, there.hear().await?), (2, 2));
    let bob = node.client.signed_in(&bob);
    bob.put(item(1), 1, b"his").await?.accepted()?;
    assert_eq!(other.hear().await?, 1);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn feed_ends_with_its_session_and_no_other_does() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.create(ADA).await?;
    let phone: SessionOpened = node.client.log_in(ADA, 1, 2).await?.ok()?;
    let (mut here, _) = Feed::of(&node, &ada).await?;
    let (mut there, _) = Feed::of(&node, &phone).await?;
    let client = node.client.signed_in(&ada);
    let path = format!("/api/v1/sessions/{}", phone.session);
    assert_eq!(client.raw("DELETE", &path, None, "").await?.status, 200);
    assert_eq!(there.end().await?, close::SESSION_INVALID);
    // The other looks as well, and goes on.
    assert_eq!(here.hear().await?, 0);
    client.put(item(1), 1, b"one").await?.accepted()?;
    assert_eq!(here.hear().await?, 1);
    // A login of the same device ends its older session.
    node.client.log_in(ADA, 1, 1).await?.ok::<SessionOpened>()?;
    assert_eq!(here.end().await?, close::SESSION_INVALID);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_sensible_hears_nothing() -> Outcome {
    let node = Harness::start().await?;
    for (said, code) in [
        ("hello", close::NO_HELLO),
        (r#"{"token":"ab"}"#, close::NO_HELLO),
        (r#"{"token":"TOKEN","more":1}"#, close::NO_HELLO),
        (r#"{"token":"TOKEN"}"#, close::SESSION_INVALID),
        (r#"{"token":"TOKEN","cursor":"a b"}"#, close::NO_HELLO),
        (r#"{"token":"TOKEN","cursor":"00"}"#, close::CURSOR_INVALID),
    ] {
        let said = said.replace("TOKEN", &"ab".repeat(32));
        let mut feed = Feed::open(&node).await?;
        feed.say(&said).await?;
        assert_eq!(feed.end().await?, code, "{said}");
    }
    // A message beyond the limit is not even read.
    let mut feed = Feed::open(&node).await?;
    feed.say(&"x".repeat(5000)).await?;
    assert!(feed.hear().await.is_err());
    // No WebSocket.
    let plain = node.client.get("/api/v1/vault/feed").await?;
    assert_eq!(plain.refusal()?, (400, ErrorCode::MalformedRequest));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_are_bounded_and_end_with_the_node() -> Outcome {
    let node = Harness::with(|config| config.max_feeds = 2).await?;
    let ada = node.client.create(ADA).await?;
    let (mut one, _) = Feed::of(&node, &ada).await?;
    let (two, _) = Feed::of(&node, &ada).await?;
    let mut three = Feed::open(&node).await?;
    assert_eq!(three.end().await?, close::BUSY);
    drop(two);
    let again = async || Feed::of(&node, &ada).await;
    let mut tries = 0;
    while again().await.is_err() {
        tries += 1;
        assert!(tries < 500, "the place is never free");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    node.stop().await?;
    assert_eq!(one.end().await?, u16::from(CloseCode::Away));
    Ok(())
}
