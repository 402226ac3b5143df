//! What KeyPears servers and clients ask, answered as theirs were recorded. The expected bodies
//! are those of exchanges between two KeyPears servers, with our addresses in place of theirs.

use serde_json::{Value, json};

use crate::{
    client::{Answer, Outcome, PUBLIC_KEY},
    harness::Harness,
};

const MALFORMED: &str = "{\"json\":{\"defined\":false,\"code\":\"BAD_REQUEST\",\"status\":400,\"message\":\"Malformed request. Ensure the request body is properly formatted and the 'Content-Type' header is set correctly.\"}}";
const NO_INPUT: &str = "{\"json\":{\"defined\":false,\"code\":\"BAD_REQUEST\",\"status\":400,\"message\":\"Input validation failed\",\"data\":{\"issues\":[{\"expected\":\"object\",\"code\":\"invalid_type\",\"path\":[],\"message\":\"Invalid input: expected object, received undefined\"}]}}}";
const NO_ADDRESS: &str = "{\"json\":{\"defined\":false,\"code\":\"BAD_REQUEST\",\"status\":400,\"message\":\"Input validation failed\",\"data\":{\"issues\":[{\"expected\":\"string\",\"code\":\"invalid_type\",\"path\":[\"address\"],\"message\":\"Invalid input: expected string, received undefined\"}]}}}";
const METHOD: &str = "{\"json\":{\"defined\":false,\"code\":\"METHOD_NOT_SUPPORTED\",\"status\":405,\"message\":\"Method Not Supported\"}}";
const JSON: Option<&str> = Some("application/json");

async fn node() -> Outcome<Harness> {
    let node = Harness::with(|config| {
        config.domains = vec!["keypears.test".into()];
        config.admin = "admin@keypears.test".parse().ok();
    })
    .await?;
    node.client.create("alice@keypears.test").await?;
    Ok(node)
}

fn assert_answer(answer: &Answer, status: u16, body: &str, case: &str) {
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (status, body),
        "{case}"
    );
    assert_eq!(answer.header("content-type"), "application/json", "{case}");
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_says_where_its_api_lies() -> Outcome {
    let node = node().await?;
    let answer = node.client.get("/.well-known/keypears.json").await?;
    let expected = "{\"apiDomain\":\"keypears.test\",\"admin\":\"admin@keypears.test\"}";
    assert_answer(&answer, 200, expected, "well-known");
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn server_info_is_answered_as_recorded() -> Outcome {
    let node = node().await?;
    let domain = "{\"json\":{\"domain\":\"keypears.test\"}}";
    for (method, content_type, body, status, expected) in [
        ("POST", JSON, "{}", 200, domain),
        ("POST", None, "", 200, domain),
        ("POST", JSON, "{\"json\":{}}", 200, domain),
        ("DELETE", JSON, "{}", 200, domain),
        ("OPTIONS", JSON, "{}", 200, domain),
        ("GET", None, "", 405, METHOD),
        ("POST", JSON, "{\"json\":{", 400, MALFORMED),
        ("POST", JSON, "null", 400, MALFORMED),
    ] {
        let answer = node
            .client
            .raw(method, "/api/serverInfo", content_type, body)
            .await?;
        assert_answer(&answer, status, expected, &format!("{method} {body}"));
    }
    let answer = node.client.get("/api/serverInfo?data=%7B%7D").await?;
    assert_answer(&answer, 405, METHOD, "GET ?data={}");
    // No other site may read it from a browser.
    let origin = [("origin", "https://evil.test")];
    let answer = node
        .client
        .send("POST", "/api/serverInfo", JSON, &origin, "{}")
        .await?;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn public_key_is_answered_as_recorded() -> Outcome {
    let node = node().await?;
    let found = format!("{{\"json\":{{\"publicKey\":\"{PUBLIC_KEY}\"}}}}");
    let none = "{\"json\":{\"publicKey\":null}}";
    let ask = |address: &str| json!({"json": {"address": address}}).to_string();
    let alice = ask("alice@keypears.test");
    let with_meta = |meta: Value| {
        json!({"json": {"address": "alice@keypears.test", "more": 1}, "meta": meta}).to_string()
    };
    for (content_type, body, status, expected) in [
        (JSON, alice.clone(), 200, found.as_str()),
        (
            Some("application/json; charset=utf-8"),
            alice.clone(),
            200,
            &found,
        ),
        (JSON, with_meta(Value::Null), 200, &found),
        (JSON, with_meta(json!([])), 200, &found),
        (JSON, ask("nobody@keypears.test"), 200, none),
        (JSON, ask("alice@elsewhere.test"), 200, none),
        (JSON, ask("alice"), 200, none),
        (JSON, ask(""), 200, none),
        (JSON, ask("alicé@keypears.test"), 200, none),
        (JSON, "{\"json\":{".to_owned(), 400, MALFORMED),
        (JSON, "null".to_owned(), 400, MALFORMED),
        (Some("text/plain"), alice.clone(), 400, NO_INPUT),
        (None, alice.clone(), 400, NO_INPUT),
        (None, String::new(), 400, NO_INPUT),
        (
            JSON,
            json!({"address": "alice@keypears.test"}).to_string(),
            400,
            NO_INPUT,
        ),
        (JSON, json!({"json": {}}).to_string(), 400, NO_ADDRESS),
    ] {
        let answer = node
            .client
            .raw("POST", "/api/getPublicKey", content_type, body.clone())
            .await?;
        assert_answer(&answer, status, expected, &body);
    }
    for (value, received) in [
        (json!(5), "number"),
        (json!(null), "null"),
        (json!(true), "boolean"),
        (json!([]), "array"),
        (json!({}), "object"),
    ] {
        let body = json!({"json": {"address": value}});
        let answer = node.client.json("POST", "/api/getPublicKey", &body).await?;
        assert_eq!(answer.status, 400);
        assert!(
            answer
                .text()
                .contains(&format!("expected string, received {received}"))
        );
    }
    let answer = node
        .client
        .get("/api/getPublicKey?data=%7B%22json%22%3A%7B%7D%7D")
        .await?;
    assert_answer(&answer, 405, METHOD, "GET");
    // Our own: names are matched exactly, in lower case (the reference folds case and accents).
    let answer = node
        .client
        .raw(
            "POST",
            "/api/getPublicKey",
            JSON,
            ask("ALICE@keypears.test"),
        )
        .await?;
    assert_answer(&answer, 200, none, "upper case");
    let large = "x".repeat(proto::limits::API_BODY_MAX_BYTES + 1);
    let answer = node
        .client
        .raw("POST", "/api/getPublicKey", JSON, large)
        .await?;
    assert_eq!(answer.status, 413);
    assert!(answer.text().contains("PAYLOAD_TOO_LARGE"));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn blake3_is_the_first_generations() -> Outcome {
    let node = Harness::start().await?;
    let ask = async |data: Value| {
        node.client
            .json("POST", "/api/blake3", &json!({"data": data}))
            .await
    };
    // BLAKE3 of nothing, from the test vectors of its authors.
    let empty = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
    assert_answer(
        &ask(json!("")).await?,
        200,
        &format!("{{\"hash\":\"{empty}\"}}"),
        "nothing",
    );
    let most = "A".repeat(10_240 / 3 * 4) + "AA==";
    assert_eq!(ask(json!(most)).await?.status, 200);
    let over = "A".repeat(10_240 / 3 * 4 + 4);
    for bad in [
        json!(over),
        json!("!"),
        json!("A"),
        json!("AA"),
        json!("-_8="),
        json!(5),
    ] {
        assert_eq!(ask(bad.clone()).await?.refusal()?.0, 400, "{bad}");
    }
    let answer = node.client.raw("POST", "/api/blake3", JSON, "{").await?;
    assert_eq!(answer.refusal()?.0, 400);
    node.stop().await
}
