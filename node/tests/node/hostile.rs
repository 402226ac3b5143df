//! A server that lies: to the node that pulls from it, and about whose key is whose.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{Json, Router, extract::State, routing};
use proto::{
    api::message::{KeyStanding, MessageChallenge, Standing, Way},
    bytes::Hex,
    federation::PowChallenge,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    client::{Answer, Outcome, PUBLIC_KEY},
    two::{BOB, Two, solve, wish},
};

const EVIL: &str = "eve@evil.test";
/// Another key on the curve: twice its generator (SEC 2, § 2.4.2).
const OTHER_KEY: &str = "037cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978";

/// What the server says.
#[derive(Clone)]
pub(crate) struct Lies {
    /// Where it says so.
    pub(crate) address: SocketAddr,
    /// The key that it names.
    key: Arc<Mutex<String>>,
    /// What a message is pulled as; its content is another one each time.
    pulled: Arc<Mutex<Value>>,
    pulls: Arc<AtomicU32>,
}

fn set<T>(place: &Mutex<T>, value: T) {
    *place.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

fn get<T: Clone>(place: &Mutex<T>) -> T {
    place.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Lies {
    pub(crate) async fn start(two: &Two) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let lies = Self {
            address: listener.local_addr()?,
            key: Arc::new(Mutex::new(PUBLIC_KEY.to_owned())),
            pulled: Arc::new(Mutex::new(json!({
                "senderAddress": EVIL,
                "recipientAddress": BOB,
                "senderPubKey": PUBLIC_KEY,
                "recipientPubKey": PUBLIC_KEY,
            }))),
            pulls: Arc::default(),
        };
        let app = Router::new()
            .route(
                "/.well-known/keypears.json",
                routing::get(async || Json(json!({"apiDomain": "evil.test"}))),
            )
            .route("/api/getPublicKey", routing::post(key))
            .route("/api/pullMessage", routing::post(pull))
            .with_state(lies.clone());
        two.to_evil.send_replace(Some(lies.address));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(lies)
    }
}

async fn key(State(lies): State<Lies>) -> Json<Value> {
    Json(json!({"json": {"publicKey": get(&lies.key)}}))
}

async fn pull(State(lies): State<Lies>) -> Json<Value> {
    let number = lies.pulls.fetch_add(1, Ordering::SeqCst);
    let mut said = get(&lies.pulled);
    said["encryptedContent"] = Value::String(format!("{number:08x}").repeat(10));
    Json(json!({"json": said}))
}

/// A message from Eve, paid for and told of; `token` names it.
pub(crate) async fn tell(two: &Two, pow: &PowChallenge, token: &str) -> Outcome<Answer> {
    let solved = solve(&MessageChallenge {
        header: pow.header,
        target: pow.target,
        difficulty: pow.difficulty,
        expires_at: pow.expires_at,
        signature: pow.signature,
    })?;
    let body = json!({"json": {
        "senderAddress": EVIL,
        "recipientAddress": BOB,
        "pullToken": token,
        "pow": solved,
    }});
    two.b.client.json("POST", "/api/notifyMessage", &body).await
}

async fn ask(two: &Two) -> Outcome<Answer> {
    let wish = wish(EVIL, BOB, node::clock::Clock::now(&*two.b.clock))?;
    let body = json!({"json": {
        "senderAddress": EVIL,
        "recipientAddress": BOB,
        "senderPubKey": wish.sender_key,
        "signature": wish.signature,
        "timestamp": wish.timestamp,
    }});
    two.b
        .client
        .json("POST", "/api/getPowChallenge", &body)
        .await
}

pub(crate) async fn challenge(two: &Two) -> Outcome<PowChallenge> {
    let answer: proto::federation::Rpc<PowChallenge> = ask(two).await?.ok()?;
    Ok(answer.json)
}

pub(crate) fn code(answer: &Answer) -> Outcome<String> {
    let said: Value = serde_json::from_slice(&answer.body)?;
    Ok(said["json"]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_work_brings_one_message_however_many_are_pulled() -> Outcome {
    let two = Two::start().await?;
    let lies = Lies::start(&two).await?;
    let pow = challenge(&two).await?;
    let token = "ab".repeat(32);
    let told = futures_util::future::join_all((0..8).map(|_| tell(&two, &pow, &token)));
    for answer in told.await {
        assert_eq!(answer?.status, 200);
    }
    assert!(lies.pulls.load(Ordering::SeqCst) >= 1);
    assert_eq!(two.bob.page().await?.messages.len(), 1);
    // Nor does it bring another one later.
    assert_eq!(tell(&two, &pow, &token).await?.status, 200);
    let other = tell(&two, &pow, &"cd".repeat(32)).await?;
    assert_eq!((other.status, code(&other)?), (409, "WORK_SPENT".into()));
    assert_eq!(two.bob.page().await?.messages.len(), 1);
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pulled_is_compared_with_what_was_told() -> Outcome {
    let two = Two::start().await?;
    let lies = Lies::start(&two).await?;
    let honest = get(&lies.pulled);
    for (field, lie) in [
        ("senderAddress", "ada@a.test"),
        ("recipientAddress", "carol@b.test"),
        ("senderPubKey", &*format!("02{}", "ff".repeat(32))),
        ("recipientPubKey", OTHER_KEY),
    ] {
        let mut said = honest.clone();
        said[field] = Value::String(lie.to_owned());
        set(&lies.pulled, said);
        let pow = challenge(&two).await?;
        let answer = tell(&two, &pow, &"ef".repeat(32)).await?;
        assert_eq!(
            (answer.status, code(&answer)?),
            (422, "MESSAGE_INVALID".into()),
            "{field}"
        );
    }
    assert!(two.bob.page().await?.messages.is_empty());
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn key_of_a_message_is_compared_with_what_its_domain_says() -> Outcome {
    let two = Two::start().await?;
    let lies = Lies::start(&two).await?;
    let sealed_by = |key: &str| {
        let mut said = get(&lies.pulled);
        said["senderPubKey"] = Value::String(key.to_owned());
        set(&lies.pulled, said);
    };
    // By one that the domain has never named.
    sealed_by(OTHER_KEY);
    let pow = challenge(&two).await?;
    assert_eq!(tell(&two, &pow, &"01".repeat(32)).await?.status, 200);
    // By the one that it names.
    sealed_by(PUBLIC_KEY);
    let pow = challenge(&two).await?;
    assert_eq!(tell(&two, &pow, &"02".repeat(32)).await?.status, 200);
    // By that one after it has named another.
    let pow = challenge(&two).await?;
    set(&lies.key, OTHER_KEY.to_owned());
    assert_eq!(tell(&two, &pow, &"03".repeat(32)).await?.status, 200);
    let messages = two.bob.page().await?.messages;
    let standings = messages.iter().map(|message| match message.way {
        Way::Received { key } => Some((key, message.sender_key.to_string())),
        Way::Sent { .. } => None,
    });
    let expected = [
        (KeyStanding::Other, OTHER_KEY.to_owned()),
        (KeyStanding::Active, PUBLIC_KEY.to_owned()),
        (KeyStanding::Earlier, PUBLIC_KEY.to_owned()),
    ];
    assert_eq!(standings.collect::<Vec<_>>(), expected.map(Some));
    assert_eq!(messages[0].recipient_key, Hex::parse(PUBLIC_KEY)?);
    // Who asks with a key that the domain does not name gets no challenge.
    assert_eq!(code(&ask(&two).await?)?, "SENDER_KEY_OTHER");
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_can_sign_learns_of_being_blocked() -> Outcome {
    let two = Two::start().await?;
    let _lies = Lies::start(&two).await?;
    let path = format!("/api/v1/correspondents/{EVIL}");
    let said = proto::api::message::StandRequest {
        standing: Standing::Blocked,
    };
    assert_eq!(two.bob.client.json("PUT", &path, &said).await?.status, 200);
    assert_eq!(code(&ask(&two).await?)?, "SENDER_BLOCKED");
    let body = json!({"json": {
        "senderAddress": EVIL,
        "recipientAddress": BOB,
        "senderPubKey": PUBLIC_KEY,
        "signature": "11".repeat(64),
        "timestamp": node::clock::Clock::now(&*two.b.clock).0,
    }});
    let asked = two
        .b
        .client
        .json("POST", "/api/getPowChallenge", &body)
        .await?;
    assert_eq!(code(&asked)?, "SIGNATURE_WRONG");
    two.stop().await
}
