//! Logins, sessions, tokens.

use proto::{
    api::{
        account::SessionOpened,
        session::{SessionList, SessionView},
    },
    error::ErrorCode,
    ids::SessionId,
    limits::{SESSION_IDLE_MS, SESSION_MAX_MS},
};
use serde_json::{Value, json};

use crate::{
    client::{Client, Outcome},
    harness::Harness,
};

const ADA: &str = "ada@localhost";

async fn list(client: &Client) -> Outcome<Vec<SessionView>> {
    Ok(client
        .get("/api/v1/sessions")
        .await?
        .ok::<SessionList>()?
        .sessions)
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_password_and_unknown_address_are_one_answer() -> Outcome {
    let node = Harness::start().await?;
    node.client.create(ADA).await?;
    let wrong = node.client.log_in(ADA, 2, 1).await?;
    let unknown = node.client.log_in("bob@localhost", 1, 1).await?;
    assert_eq!(wrong.refusal()?, (401, ErrorCode::CredentialsWrong));
    assert_eq!((wrong.status, wrong.body), (unknown.status, unknown.body));
    let names = |answer: &crate::client::Answer| {
        answer
            .headers
            .keys()
            .map(|name| name.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    let unknown = node.client.log_in("bob@localhost", 1, 1).await?;
    let wrong = node.client.log_in(ADA, 2, 1).await?;
    assert_eq!(names(&wrong), names(&unknown));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn device_has_one_session() -> Outcome {
    let node = Harness::start().await?;
    let first = node.client.create(ADA).await?;
    let again: SessionOpened = node.client.log_in(ADA, 1, 1).await?.ok()?;
    assert!(!again.is_new_device);
    assert_ne!(first.token.0, again.token.0);
    let other: SessionOpened = node.client.log_in(ADA, 1, 2).await?.ok()?;
    assert!(other.is_new_device);
    let gone = node
        .client
        .signed_in(&first)
        .get("/api/v1/sessions")
        .await?;
    assert_eq!(gone.refusal()?, (401, ErrorCode::SessionInvalid));
    assert_eq!(gone.header("www-authenticate"), "Bearer");

    let sessions = list(&node.client.signed_in(&again)).await?;
    let mut seen: Vec<_> = sessions
        .iter()
        .map(|s| (s.id, s.description.as_str(), s.current))
        .collect();
    seen.sort_by_key(|(_, description, _)| *description);
    assert_eq!(
        seen,
        [
            (again.session, "Device 1", true),
            (other.session, "Device 2", false)
        ]
    );
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_session_is_gone() -> Outcome {
    let node = Harness::start().await?;
    let first = node.client.create(ADA).await?;
    let second: SessionOpened = node.client.log_in(ADA, 1, 2).await?.ok()?;
    let stranger = node.client.create("eve@localhost").await?;
    let (one, two) = (
        node.client.signed_in(&first),
        node.client.signed_in(&second),
    );
    let eve = node.client.signed_in(&stranger);

    let path = format!("/api/v1/sessions/{}", second.session);
    assert_eq!(
        eve.raw("DELETE", &path, None, "").await?.refusal()?,
        (404, ErrorCode::NotFound)
    );
    assert_eq!(list(&two).await?.len(), 2);
    assert_eq!(
        one.raw("DELETE", &path, None, "").await?.ok::<Value>()?,
        json!({})
    );
    let gone = two.get("/api/v1/sessions").await?.refusal()?;
    assert_eq!(gone, (401, ErrorCode::SessionInvalid));
    assert_eq!(
        one.raw("DELETE", &path, None, "").await?.refusal()?,
        (404, ErrorCode::NotFound)
    );
    let bad = one.raw("DELETE", "/api/v1/sessions/7", None, "").await?;
    assert_eq!(bad.refusal()?, (422, ErrorCode::InvalidField));
    assert!("7".parse::<SessionId>().is_err());

    let current = "/api/v1/sessions/current";
    assert_eq!(
        one.raw("DELETE", current, None, "").await?.ok::<Value>()?,
        json!({})
    );
    assert!(list(&one).await.is_err());
    let gone = one.raw("DELETE", current, None, "").await?.refusal()?;
    assert_eq!(gone, (401, ErrorCode::SessionInvalid));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn session_ends_a_day_after_its_use_and_thirty_days_after_its_begin() -> Outcome {
    const BEGIN: u64 = 1_795_226_516_049;
    let node = Harness::start().await?;
    let opened = node.client.create(ADA).await?;
    assert_eq!(opened.expires_at.0, BEGIN + SESSION_MAX_MS);
    let client = node.client.signed_in(&opened);
    // A use within a minute is not written down.
    node.clock.forward(59_999);
    assert_eq!(list(&client).await?[0].last_used_at.0, BEGIN);
    node.clock.forward(1);
    list(&client).await?;
    assert_eq!(list(&client).await?[0].last_used_at.0, BEGIN + 60_000);
    let mut passed = 60_000;
    while passed + SESSION_IDLE_MS < SESSION_MAX_MS {
        node.clock.forward(SESSION_IDLE_MS - 1);
        passed += SESSION_IDLE_MS - 1;
        list(&client).await?;
    }
    node.clock.forward(SESSION_MAX_MS - passed - 1);
    list(&client).await?;
    node.clock.forward(1);
    let over = client.get("/api/v1/sessions").await?.refusal()?;
    assert_eq!(over, (401, ErrorCode::SessionInvalid));

    let opened: SessionOpened = node.client.log_in(ADA, 1, 1).await?.ok()?;
    let client = node.client.signed_in(&opened);
    node.clock.forward(SESSION_IDLE_MS);
    let over = client.get("/api/v1/sessions").await?.refusal()?;
    assert_eq!(over, (401, ErrorCode::SessionInvalid));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn token_has_one_spelling() -> Outcome {
    let node = Harness::start().await?;
    let opened = node.client.create(ADA).await?;
    let token = opened.token.0.to_string();
    assert_eq!(list(&node.client.with_token(&token)).await?.len(), 1);
    for wrong in [
        token.to_uppercase(),
        format!("{token}0"),
        token[1..].to_owned(),
        "0".repeat(64),
        String::new(),
        format!("0x{token}"),
    ] {
        if wrong == token {
            continue;
        }
        let answer = node
            .client
            .with_token(&wrong)
            .get("/api/v1/sessions")
            .await?;
        assert_eq!(
            answer.refusal()?,
            (401, ErrorCode::SessionInvalid),
            "{wrong}"
        );
    }
    for scheme in ["Basic", "bearer"] {
        let headers = [("authorization", format!("{scheme} {token}"))];
        let headers = [(headers[0].0, headers[0].1.as_str())];
        let answer = node
            .client
            .send("GET", "/api/v1/sessions", None, &headers, "")
            .await?;
        assert_eq!(
            answer.status,
            if scheme == "bearer" { 200 } else { 401 },
            "{scheme}"
        );
    }
    for (method, path) in [
        ("GET", "/api/v1/sessions"),
        ("DELETE", "/api/v1/sessions/current"),
        ("GET", "/api/v1/keys"),
        ("GET", "/api/v1/vault"),
    ] {
        let answer = node.client.raw(method, path, None, "").await?;
        assert_eq!(
            answer.refusal()?,
            (401, ErrorCode::SessionInvalid),
            "{method} {path}"
        );
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn description_of_a_device_is_bounded() -> Outcome {
    let node = Harness::start().await?;
    node.client.create(ADA).await?;
    for (description, expected) in [
        ("é".repeat(100), None),
        ("é".repeat(101), Some((413, ErrorCode::TooLarge))),
        ("a\nb".to_owned(), Some((422, ErrorCode::InvalidField))),
    ] {
        let pow = node
            .client
            .solved(proto::api::challenge::Purpose::Login, ADA)
            .await?;
        let mut ask = crate::client::login(ADA, 1, 1, pow)?;
        ask.device.description = description;
        let answer = node.client.json("POST", "/api/v1/sessions", &ask).await?;
        match expected {
            None => assert_eq!(answer.status, 200),
            Some(expected) => assert_eq!(answer.refusal()?, expected),
        }
    }
    node.stop().await
}
