//! Refusals that any route can give, and bounds of the connection.

use std::time::Duration;

use proto::{error::ErrorCode, limits};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    client::{Outcome, item, write},
    harness::Harness,
};

const JSON: Option<&str> = Some("application/json");
const CHALLENGES: &str = "/api/v1/challenges";
const GOOD: &str = "{\"purpose\":\"login\",\"address\":\"ada@localhost\"}";

#[tokio::test(flavor = "multi_thread")]
async fn body_that_does_not_fit_is_refused() -> Outcome {
    let node = Harness::start().await?;
    for (content_type, body, expected) in [
        (JSON, GOOD, None),
        (Some("application/json; charset=utf-8"), GOOD, None),
        (None, GOOD, Some((415, ErrorCode::UnsupportedMediaType))),
        (
            Some("text/plain"),
            GOOD,
            Some((415, ErrorCode::UnsupportedMediaType)),
        ),
        (
            Some("application/jsonp"),
            GOOD,
            Some((415, ErrorCode::UnsupportedMediaType)),
        ),
        (JSON, "", Some((400, ErrorCode::MalformedRequest))),
        (JSON, "{", Some((400, ErrorCode::MalformedRequest))),
        (JSON, "{}}", Some((422, ErrorCode::InvalidField))),
        (
            JSON,
            "{\"purpose\":}",
            Some((400, ErrorCode::MalformedRequest)),
        ),
        (JSON, "{} x", Some((422, ErrorCode::InvalidField))),
        (JSON, "[]", Some((422, ErrorCode::InvalidField))),
        (JSON, "null", Some((422, ErrorCode::InvalidField))),
        (JSON, "{}", Some((422, ErrorCode::InvalidField))),
        (
            JSON,
            "{\"purpose\":\"login\"}",
            Some((422, ErrorCode::InvalidField)),
        ),
        (
            JSON,
            "{\"purpose\":\"message\",\"address\":\"ada@localhost\"}",
            Some((422, ErrorCode::InvalidField)),
        ),
        (
            JSON,
            "{\"purpose\":\"login\",\"address\":5}",
            Some((422, ErrorCode::InvalidField)),
        ),
        (
            JSON,
            "{\"purpose\":\"login\",\"address\":\"ada@localhost\",\"more\":1}",
            Some((422, ErrorCode::InvalidField)),
        ),
        (
            JSON,
            "{\"purpose\":\"login\",\"purpose\":\"login\",\"address\":\"ada@localhost\"}",
            Some((422, ErrorCode::InvalidField)),
        ),
        (
            JSON,
            "{\"purpose\":\"login\",\"address\":\"ada\"}",
            Some((422, ErrorCode::AddressInvalid)),
        ),
    ] {
        let answer = node
            .client
            .raw("POST", CHALLENGES, content_type, body)
            .await?;
        match expected {
            None => assert_eq!(answer.status, 200, "{body}"),
            Some(expected) => assert_eq!(answer.refusal()?, expected, "{body}"),
        }
    }
    let answer = node
        .client
        .raw("POST", CHALLENGES, JSON, vec![b'"', 0xff, b'"'])
        .await?;
    assert_eq!(answer.refusal()?, (400, ErrorCode::MalformedRequest));
    let deep = "[".repeat(100_000);
    let answer = node.client.raw("POST", CHALLENGES, JSON, deep).await?;
    assert!(matches!(answer.status, 400 | 422), "{}", answer.status);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_is_refused_and_the_largest_is_not() -> Outcome {
    let node = Harness::start().await?;
    let client = node
        .client
        .signed_in(&node.client.create("ada@localhost").await?);
    let padded = |length: usize| format!("{GOOD}{}", " ".repeat(length - GOOD.len()));
    let max = limits::API_BODY_MAX_BYTES;
    assert_eq!(
        node.client
            .raw("POST", CHALLENGES, JSON, padded(max))
            .await?
            .status,
        200
    );
    let answer = node
        .client
        .raw("POST", CHALLENGES, JSON, padded(max + 1))
        .await?;
    assert_eq!(answer.refusal()?, (413, ErrorCode::TooLarge));
    assert_eq!(answer.param("max")?, max.to_string());
    // The largest item that may be fits into the largest body.
    let mut body = write(1, b"");
    body.content.overview.0 = vec![1; limits::ITEM_OVERVIEW_MAX_BYTES];
    body.content.secrets.0 = vec![2; limits::ITEM_SECRETS_MAX_BYTES];
    client
        .json("PUT", &format!("/api/v1/vault/{}", item(1)), &body)
        .await?
        .accepted()?;

    let long = "x".repeat(limits::API_HEADERS_MAX_BYTES);
    let answer = node
        .client
        .send("GET", "/api/v1/info", None, &[("x-long", &long)], "")
        .await?;
    assert_eq!(answer.refusal()?, (431, ErrorCode::TooLarge));
    let answer = node.client.get(&format!("/api/v1/info?{long}")).await?;
    assert_eq!(answer.refusal()?, (431, ErrorCode::TooLarge));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_routes_and_methods_are_refused() -> Outcome {
    let node = Harness::start().await?;
    for path in [
        "/api",
        "/api/v1",
        "/api/v1/nope",
        "/api/nope",
        "/api/v1/vault/a/b",
    ] {
        for method in ["GET", "POST"] {
            let answer = node.client.raw(method, path, None, "").await?;
            assert_eq!(
                answer.refusal()?,
                (404, ErrorCode::NotFound),
                "{method} {path}"
            );
        }
    }
    for (method, path, allow) in [
        ("POST", "/", "GET,HEAD"),
        ("DELETE", "/api/v1/info", "GET,HEAD"),
        ("GET", "/api/v1/challenges", "POST"),
        ("PATCH", "/api/v1/accounts", "POST"),
        ("PUT", "/api/v1/sessions", "GET,HEAD,POST"),
        ("POST", "/api/v1/vault", "GET,HEAD"),
        ("BREW", "/api/v1/info", "GET,HEAD"),
        ("GET", "/api/blake3", "POST"),
    ] {
        let answer = node.client.raw(method, path, None, "").await?;
        assert_eq!(
            answer.refusal()?,
            (405, ErrorCode::MethodNotAllowed),
            "{method} {path}"
        );
        let mut given: Vec<_> = answer.header("allow").split(',').collect();
        given.sort_unstable();
        assert_eq!(given.join(","), allow, "{method} {path}");
    }
    let path = format!("/api/v1/vault/{}", item(1));
    let answer = node.client.get(&path).await?;
    assert_eq!(answer.refusal()?, (405, ErrorCode::MethodNotAllowed));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_its_standard_headers() -> Outcome {
    let node = Harness::start().await?;
    for path in ["/api/v1/info", "/nope", "/health", "/api/openapi.json"] {
        let answer = node.client.get(path).await?;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("default-src '"),
            "{path}"
        );
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
    let preflight = [
        ("origin", "https://evil.test"),
        ("access-control-request-method", "POST"),
    ];
    let answer = node
        .client
        .send("OPTIONS", CHALLENGES, None, &preflight, "")
        .await?;
    assert_eq!(answer.refusal()?, (405, ErrorCode::MethodNotAllowed));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_are_refused_with_a_time() -> Outcome {
    let node = Harness::with(|config| {
        let number = std::num::NonZeroU32::MIN;
        let burst = number.saturating_add(4);
        config.rate = Some(node::config::Rate {
            per_second: number,
            burst,
        });
    })
    .await?;
    let mut refused = None;
    for _ in 0..20 {
        let answer = node.client.get("/health").await?;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.ok_or("never refused")?;
    assert_eq!(refused.refusal()?, (429, ErrorCode::RateLimited));
    assert_eq!(refused.header("retry-after"), refused.param("retryAfter")?);
    assert!(refused.header("retry-after").parse::<u64>()? >= 1);
    // Who nobody trusts cannot pretend to be somebody else.
    let forwarded = [("x-forwarded-for", "203.0.113.9")];
    let answer = node
        .client
        .send("GET", "/health", None, &forwarded, "")
        .await?;
    assert_eq!(answer.status, 429);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn full_pool_of_password_checks_says_busy_and_takes_no_work() -> Outcome {
    let node = Harness::with(|config| {
        config.kdf_threads = 1;
        config.kdf_queue = 1;
    })
    .await?;
    let mut asks = Vec::new();
    for number in 0..8 {
        let name = format!("user{number}@localhost");
        let pow = node
            .client
            .solved(proto::api::challenge::Purpose::Login, &name)
            .await?;
        asks.push(crate::client::login(&name, 1, 1, pow)?);
    }
    let tasks: Vec<_> = asks
        .into_iter()
        .map(|ask| {
            let client = node.client.clone();
            tokio::spawn(async move {
                let answer = client.json("POST", "/api/v1/sessions", &ask).await?;
                Outcome::Ok((ask, answer))
            })
        })
        .collect();
    let mut busy = Vec::new();
    for task in tasks {
        let (ask, answer) = task.await??;
        match answer.refusal()? {
            (401, ErrorCode::CredentialsWrong) => {}
            (503, ErrorCode::Busy) => {
                assert_eq!(answer.header("retry-after"), "1");
                busy.push(ask);
            }
            other => return Err(format!("{other:?}").into()),
        }
    }
    assert!((1..8).contains(&busy.len()), "{}", busy.len());
    // Who was turned away has not lost the work.
    for ask in busy {
        let answer = node.client.json("POST", "/api/v1/sessions", &ask).await?;
        assert_eq!(answer.refusal()?, (401, ErrorCode::CredentialsWrong));
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_headers_end_the_connection() -> Outcome {
    let node = Harness::with(|config| config.header_timeout = Duration::from_millis(300)).await?;
    let mut slow = TcpStream::connect(node.address).await?;
    slow.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .await?;
    let mut rest = Vec::new();
    timeout(Duration::from_secs(20), slow.read_to_end(&mut rest)).await??;
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
    assert_eq!(node.client.get("/health").await?.status, 200);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_body_times_out() -> Outcome {
    let node = Harness::with(|config| config.request_timeout = Duration::from_millis(300)).await?;
    let mut slow = TcpStream::connect(node.address).await?;
    let head = "POST /api/v1/challenges HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                content-length: 100\r\n\r\n{";
    slow.write_all(head.as_bytes()).await?;
    let mut answer = vec![0; 4096];
    let length = timeout(Duration::from_secs(20), slow.read(&mut answer)).await??;
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("\"code\":110"), "{answer}");
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_reads_loses_the_connection() -> Outcome {
    let node = Harness::with(|config| {
        config.write_timeout = Duration::from_millis(300);
        config.max_connections = 1;
    })
    .await?;
    let mut deaf = TcpStream::connect(node.address).await?;
    // More than the buffers of both ends hold.
    let asks = "GET /api/docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(50);
    deaf.write_all(asks.as_bytes()).await?;
    let answer = timeout(Duration::from_secs(20), node.client.get("/health")).await??;
    assert_eq!(answer.status, 200, "the only place is free again");
    drop(deaf);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn page_under_another_name_does_not_reach_a_node_on_its_own_machine() -> Outcome {
    let node = Harness::with(|config| config.api_domain = Some("pears.example".to_owned())).await?;
    for (host, expected) in [
        ("localhost", 200),
        ("127.0.0.1:4600", 200),
        ("[::1]:4600", 200),
        ("Pears.example:8443", 200),
        ("evil.test", 421),
        ("localhost.evil.test:4600", 421),
        ("127.0.0.1.evil.test", 421),
    ] {
        let named = [("host", host)];
        let answer = node
            .client
            .send("GET", "/metrics", None, &named, "")
            .await?;
        assert_eq!(answer.status, expected, "{host}");
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_http_are_refused() -> Outcome {
    let node = Harness::start().await?;
    for bytes in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        b"hello\r\n\r\n",
    ] {
        let mut connection = TcpStream::connect(node.address).await?;
        connection.write_all(bytes).await?;
        let mut answer = Vec::new();
        timeout(Duration::from_secs(20), connection.read_to_end(&mut answer)).await??;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    assert_eq!(node.client.get("/health").await?.status, 200);
    node.stop().await
}
