//! The description of the routes, the routes, and the contract in `proto`: one and the same.

use std::collections::{BTreeMap, BTreeSet};

use proto::{api::PREFIX, error::ErrorCode};
use serde_json::Value;

use crate::{client::Outcome, harness::Harness};

/// Routes of every method in the description.
fn described(description: &Value) -> Outcome<BTreeSet<(String, String)>> {
    let mut routes = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().ok_or("no paths")? {
        for method in methods.as_object().ok_or("no methods")?.keys() {
            routes.insert((method.to_uppercase(), path.clone()));
        }
    }
    Ok(routes)
}

#[tokio::test(flavor = "multi_thread")]
async fn served_description_is_the_routers() -> Outcome {
    let node = Harness::start().await?;
    let served: Value = node.client.get("/api/openapi.json").await?.ok()?;
    assert_eq!(served, serde_json::to_value(node::app::openapi())?);
    assert_eq!(served["openapi"], "3.1.0");
    let docs = node.client.get("/api/docs/").await?;
    assert_eq!(docs.status, 200);
    assert!(docs.text().contains("swagger-ui"));
    assert_eq!(node.client.get("/api/docs").await?.status, 303);
    let root = node.client.get("/").await?;
    assert_eq!((root.status, root.header("location")), (303, "/api/docs"));

    // Every described route is there: it answers something else than "no such route or method".
    for (method, path) in described(&served)? {
        let filled = path
            .replace("{address}", "ada@localhost")
            .replace("{item}", "019a0000-0000-7000-8000-000000000000")
            .replace("{message}", "019a0000-0000-7000-8000-000000000000")
            .replace("{domain}", "localhost")
            .replace("{id}", "019a0000-0000-7000-8000-000000000000");
        assert!(!filled.contains('{'), "{path}");
        let answer = node.client.raw(&method, &filled, None, "").await?;
        assert!(
            !matches!(answer.status, 404 | 405),
            "{method} {path}: {}",
            answer.text()
        );
    }
    node.stop().await
}

#[test]
fn description_has_the_routes_of_the_contract() -> Outcome {
    // The table in the documentation of `proto::api` is what clients are written by.
    let contract: BTreeSet<(String, String)> = include_str!("../../../proto/src/api.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! | "))
        .flat_map(|row| row.split('`').skip(1).step_by(2))
        .filter_map(|code| code.split_once(' '))
        .filter(|(method, _)| matches!(*method, "GET" | "POST" | "PUT" | "DELETE"))
        .map(|(method, path)| {
            let path = path.split('?').next().unwrap_or(path);
            (method.to_owned(), format!("{PREFIX}{path}"))
        })
        .collect();
    assert!(contract.len() >= 13, "{contract:?}");
    let description = serde_json::to_value(node::app::openapi())?;
    let all = described(&description)?;
    let (v1, others): (BTreeSet<_>, BTreeSet<_>) = all
        .into_iter()
        .partition(|(_, path)| path.starts_with(PREFIX));
    assert_eq!(v1, contract);
    let others: Vec<String> = others
        .into_iter()
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    assert_eq!(
        others,
        [
            "GET /.well-known/keypears.json",
            "GET /api/health",
            "GET /health",
            "GET /metrics",
            "GET /ready",
            "POST /api/blake3",
            "POST /api/getPowChallenge",
            "POST /api/getPublicKey",
            "POST /api/notifyMessage",
            "POST /api/pullMessage",
            "POST /api/serverInfo",
        ]
    );
    Ok(())
}

#[test]
fn every_documented_code_exists_and_every_code_is_documented() -> Outcome {
    let description = serde_json::to_value(node::app::openapi())?;
    let by_name: BTreeMap<&str, u16> = ErrorCode::ALL
        .iter()
        .map(|code| (code.name(), u16::from(*code)))
        .collect();
    let mut texts = vec![description["info"]["description"].clone()];
    for methods in description["paths"].as_object().ok_or("no paths")?.values() {
        for operation in methods.as_object().ok_or("no methods")?.values() {
            for (status, response) in operation["responses"].as_object().ok_or("no answers")? {
                if !status.starts_with('2') {
                    texts.push(response["description"].clone());
                }
            }
        }
    }
    let mut named = BTreeSet::new();
    for text in texts {
        let text = text.as_str().ok_or("no description")?.to_owned();
        for word in text.split('`').skip(1).step_by(2) {
            // Words in code form that begin in upper case are codes; others are fields.
            if word.starts_with(|c: char| c.is_ascii_uppercase()) && word != "WireError" {
                let number = by_name.get(word).ok_or_else(|| format!("no code {word}"))?;
                named.insert(*number);
            }
        }
    }
    // A node never answers another version yet: there is only one. Of the engine's codes it has one: the clock
    // of a wish to write is the client's.
    let expected: BTreeSet<u16> = by_name
        .values()
        .copied()
        .filter(|number| *number < 300 && *number != 104 || *number == 313)
        .collect();
    assert_eq!(named, expected);
    Ok(())
}

#[test]
fn every_type_of_the_description_is_in_it() -> Outcome {
    let description = serde_json::to_value(node::app::openapi())?;
    let text = description.to_string();
    let mut references = BTreeSet::new();
    for part in text.split("\"#/components/schemas/").skip(1) {
        references.insert(part.split('"').next().unwrap_or_default());
    }
    assert!(references.len() > 20, "{references:?}");
    for name in references {
        assert!(
            description["components"]["schemas"].get(name).is_some(),
            "{name}"
        );
    }
    Ok(())
}
