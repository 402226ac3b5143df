//! What those who run a node see of it.

use node::config::MetricsAccess;
use proto::error::ErrorCode;

use crate::{
    client::{Outcome, item},
    harness::Harness,
};

#[tokio::test(flavor = "multi_thread")]
async fn node_says_that_it_lives() -> Outcome {
    let node = Harness::start().await?;
    for path in ["/health", "/api/health", "/ready"] {
        let answer = node.client.get(path).await?;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "OK"),
            "{path}"
        );
        assert!(
            answer.header("content-type").starts_with("text/plain"),
            "{path}"
        );
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_hold_nothing_personal() -> Outcome {
    let node = Harness::start().await?;
    let opened = node.client.create("secretname@localhost").await?;
    let client = node.client.signed_in(&opened);
    client.put(item(7), 1, b"x").await?.accepted()?;
    node.client
        .get("/api/v1/addresses/secretname@localhost")
        .await?;
    node.client
        .raw("BREW", "/some/secretname/path?secretname", None, "")
        .await?;
    let figures = client.get("/metrics").await?;
    assert!(
        figures
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let text = figures.text();
    for expected in [
        "pearvault_http_requests_total{method=\"PUT\",route=\"/api/v1/vault/{item}\",status=\"200\"}",
        "pearvault_http_requests_total{method=\"GET\",route=\"/api/v1/addresses/{address}\",status=\"200\"}",
        "pearvault_http_requests_total{method=\"other\",route=\"unmatched\",status=\"404\"}",
        "pearvault_http_request_seconds_bucket{route=\"/api/v1/accounts\",le=\"",
        "pearvault_challenges_total{result=\"Verified\"}",
        "pearvault_kdf_waiting 0",
        "pearvault_vault_writes_total",
        "pearvault_store_writes_in_transaction_count",
    ] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
    let secrets = [
        "secretname".to_owned(),
        "BREW".to_owned(),
        "127.0.0.1".to_owned(),
        item(7).to_string(),
        opened.account.to_string(),
        opened.token.0.to_string(),
    ];
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret}");
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_for_those_who_may() -> Outcome {
    let node = Harness::start().await?;
    for proxied in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
        let headers = [(proxied, "203.0.113.9")];
        let answer = node
            .client
            .send("GET", "/metrics", None, &headers, "")
            .await?;
        assert_eq!(answer.refusal()?, (404, ErrorCode::NotFound), "{proxied}");
    }
    let node = node
        .restart(|config| config.metrics = MetricsAccess::Public)
        .await?;
    let headers = [("x-forwarded-for", "203.0.113.9")];
    let answer = node
        .client
        .send("GET", "/metrics", None, &headers, "")
        .await?;
    assert_eq!(answer.status, 200);
    let node = node
        .restart(|config| config.metrics = MetricsAccess::Off)
        .await?;
    assert_eq!(
        node.client.get("/metrics").await?.refusal()?,
        (404, ErrorCode::NotFound)
    );
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn second_node_on_a_folder_is_refused() -> Outcome {
    let node = Harness::start().await?;
    let mut config = node::config::Config::new(node.folder().to_owned());
    config.listen.set_port(0);
    let second = node::server::Node::start(
        config,
        std::sync::Arc::new(node::clock::SystemClock),
        std::sync::Arc::new(node::random::SystemRandom),
    )
    .await;
    let Err(error) = second else {
        return Err("two nodes on one folder".into());
    };
    assert!(error.to_string().contains("another node runs"), "{error}");
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_requests_are_finished_at_shutdown() -> Outcome {
    let node = Harness::start().await?;
    node.client.create("ada@localhost").await?;
    let pow = node
        .client
        .solved(proto::api::challenge::Purpose::Login, "ada@localhost")
        .await?;
    let ask = crate::client::login("ada@localhost", 1, 2, pow)?;
    let log_in = || {
        let (client, ask) = (node.client.clone(), ask.clone());
        tokio::spawn(async move { client.json("POST", "/api/v1/sessions", &ask).await })
    };
    // The same solution twice: when one is refused as spent, the other one is at its password
    // check, which takes far longer than it takes to begin the shutdown.
    let (mut one, mut other) = (log_in(), log_in());
    let refused = tokio::select! {
        first = &mut one => first,
        first = &mut other => {
            std::mem::swap(&mut one, &mut other);
            first
        }
    };
    assert_eq!(refused??.refusal()?, (409, ErrorCode::ChallengeSpent));
    node.stop().await?;
    assert_eq!(other.await??.status, 200);
    Ok(())
}
