//! The vault over HTTP.

use std::collections::BTreeSet;

use proto::{
    address::Address,
    api::{
        manifest::{ManifestPage, VaultManifest},
        vault::{DeleteItemRequest, ItemVersions, SealedTombstone, VaultContent, VaultPage},
    },
    bytes::{Base64, Hex},
    error::ErrorCode,
    ids::{ItemVersion, KeyNumber, Revision, UnixMillis},
    limits::{self, TOMBSTONE_BYTES},
};
use serde_json::{Value, json};
use wasm_core::{keys::KeyPair, manifest, secret::AddressSecret};

use crate::{
    client::{Outcome, item, live, update, write},
    harness::Harness,
};

const ADA: &str = "ada@localhost";

#[tokio::test(flavor = "multi_thread")]
async fn item_is_written_deleted_and_brought_back() -> Outcome {
    let node = Harness::start().await?;
    let client = node.client.signed_in(&node.client.create(ADA).await?);
    let id = item(1);
    let path = format!("/api/v1/vault/{id}");
    let delete = async |version: u64| {
        client
            .json("DELETE", &path, &end(version, TOMBSTONE_BYTES))
            .await
    };
    assert_eq!(delete(1).await?.refusal()?, (404, ErrorCode::NotFound));
    let first = client.put(id, 1, b"one").await?.accepted()?;
    assert_eq!((first.version.0, first.revision.0), (1, 1));
    // The same again is the same.
    assert_eq!(client.put(id, 1, b"one").await?.accepted()?, first);
    let conflict = client.put(id, 1, b"two").await?;
    assert_eq!(conflict.refusal()?, (409, ErrorCode::VersionConflict));
    assert_eq!(conflict.param("version")?, "1");
    client.put(id, 2, b"two").await?.accepted()?;
    assert_eq!(
        delete(2).await?.refusal()?,
        (409, ErrorCode::VersionConflict)
    );
    let cut = end(3, TOMBSTONE_BYTES - 1);
    let cut = client.json("DELETE", &path, &cut).await?;
    assert_eq!(cut.refusal()?, (422, ErrorCode::InvalidField));
    assert_eq!(delete(3).await?.accepted()?.revision.0, 3);
    assert_eq!(delete(3).await?.accepted()?.revision.0, 3);
    assert_eq!(delete(4).await?.refusal()?, (404, ErrorCode::NotFound));
    let page: VaultPage = client.get("/api/v1/vault?since=2").await?.ok()?;
    assert_eq!((page.records.len(), page.latest), (1, Revision(3)));
    assert_eq!(
        (page.records[0].version.0, &page.records[0].content),
        (
            3,
            &VaultContent::Tombstone(end(3, TOMBSTONE_BYTES).tombstone)
        )
    );
    client.put(id, 4, b"back").await?.accepted()?;
    let page: VaultPage = client.get("/api/v1/vault").await?.ok()?;
    assert_eq!(page.records[0].content, live(b"back"));
    assert!(!page.has_more);
    // What was written before is there still.
    let path = format!("{path}/versions");
    let before: ItemVersions = client.get(&format!("{path}?limit=2")).await?.ok()?;
    let versions = |page: &ItemVersions| -> Vec<u64> {
        page.versions
            .iter()
            .map(|record| record.version.0)
            .collect()
    };
    assert_eq!((versions(&before), before.has_more), (vec![4, 3], true));
    let before: ItemVersions = client.get(&format!("{path}?before=3")).await?.ok()?;
    assert_eq!((versions(&before), before.has_more), (vec![2, 1], false));
    assert_eq!(before.versions[1].content, live(b"one"));
    let eve = node
        .client
        .signed_in(&node.client.create("eve@localhost").await?);
    let foreign: ItemVersions = eve.get(&path).await?.ok()?;
    assert_eq!(foreign.versions, []);
    for query in ["limit=0", "limit=51", "before=x", "after=1"] {
        let refused = client.get(&format!("{path}?{query}")).await?;
        assert_eq!(refused.refusal()?.1, ErrorCode::InvalidField, "{query}");
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_writes_wins() -> Outcome {
    let node = Harness::start().await?;
    let client = node.client.signed_in(&node.client.create(ADA).await?);
    let tasks: Vec<_> = (0..50_u8)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move { client.put(item(1), 1, &[number; 20]).await })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        let answer = task.await??;
        if answer.status == 200 {
            won += 1;
        } else {
            assert_eq!(answer.refusal()?, (409, ErrorCode::VersionConflict));
        }
    }
    assert_eq!(won, 1);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn log_has_no_gaps() -> Outcome {
    let node = Harness::start().await?;
    let client = node.client.signed_in(&node.client.create(ADA).await?);
    let tasks: Vec<_> = (0..200_u16)
        .map(|number| {
            let client = client.clone();
            // Every fourth is refused and must leave no hole.
            let version = if number % 4 == 3 { 2 } else { 1 };
            tokio::spawn(async move { client.put(item(number), version, b"sealed").await })
        })
        .collect();
    let mut revisions = BTreeSet::new();
    for task in tasks {
        let answer = task.await??;
        if answer.status == 200 {
            assert!(revisions.insert(answer.accepted()?.revision.0));
        }
    }
    assert_eq!(revisions, (1..=150).collect());
    // Pages of any size hold each write once, in order.
    for limit in [1_u64, 7, 150, 500] {
        let (mut since, mut seen) = (0, Vec::new());
        loop {
            let path = format!("/api/v1/vault?since={since}&limit={limit}");
            let page: VaultPage = client.get(&path).await?.ok()?;
            assert!(page.records.len() as u64 <= limit);
            seen.extend(page.records.iter().map(|record| record.revision.0));
            since = *seen.last().ok_or("empty")?;
            if !page.has_more {
                break;
            }
        }
        assert_eq!(seen, (1..=150).collect::<Vec<u64>>(), "limit {limit}");
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn vaults_are_apart() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.signed_in(&node.client.create(ADA).await?);
    let eve = node
        .client
        .signed_in(&node.client.create("eve@localhost").await?);
    ada.put(item(1), 1, b"hers").await?.accepted()?;
    let page: VaultPage = eve.get("/api/v1/vault").await?.ok()?;
    assert_eq!((page.records.len(), page.latest), (0, Revision(0)));
    // The same id is another item.
    assert_eq!(
        eve.put(item(1), 1, b"mine").await?.accepted()?.revision.0,
        1
    );
    let page: VaultPage = ada.get("/api/v1/vault").await?.ok()?;
    assert_eq!(page.records[0].content, live(b"hers"));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_are_bounded() -> Outcome {
    let node = Harness::with(|config| config.vault_max_bytes = 200_000).await?;
    let client = node.client.signed_in(&node.client.create(ADA).await?);
    let put = async |number: u16, overview: usize, secrets: usize| {
        let mut body = write(1, b"");
        body.update = update(&(number, overview, secrets));
        body.content.overview.0 = vec![1; overview];
        body.content.secrets.0 = vec![2; secrets];
        client
            .json("PUT", &format!("/api/v1/vault/{}", item(number)), &body)
            .await
    };
    let (overview, secrets) = (
        limits::ITEM_OVERVIEW_MAX_BYTES,
        limits::ITEM_SECRETS_MAX_BYTES,
    );
    let answer = put(1, overview + 1, 1).await?;
    assert_eq!(answer.refusal()?, (413, ErrorCode::TooLarge));
    assert_eq!(
        (answer.param("field")?, answer.param("max")?),
        ("content.overview".into(), overview.to_string())
    );
    let answer = put(1, 1, secrets + 1).await?;
    assert_eq!(answer.refusal()?, (413, ErrorCode::TooLarge));
    assert_eq!(answer.param("field")?, "content.secrets");
    put(1, overview, secrets).await?.accepted()?;
    put(2, overview, secrets).await?.accepted()?;
    let answer = put(3, overview, secrets).await?;
    assert_eq!(answer.refusal()?, (403, ErrorCode::QuotaExceeded));
    assert_eq!(answer.param("max")?, "200000");
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_questions_are_refused() -> Outcome {
    let node = Harness::start().await?;
    let client = node.client.signed_in(&node.client.create(ADA).await?);
    for query in [
        "limit=0",
        "limit=501",
        "limit=-1",
        "limit=x",
        "since=-1",
        "since=x",
        "until=5",
        "since=1&since=2",
        "limit=99999999999",
    ] {
        let answer = client.get(&format!("/api/v1/vault?{query}")).await?;
        assert_eq!(answer.refusal()?, (422, ErrorCode::InvalidField), "{query}");
    }
    let last: VaultPage = client
        .get(&format!("/api/v1/vault?since={}", u64::MAX))
        .await?
        .ok()?;
    assert!(last.records.is_empty());
    let good = serde_json::to_value(write(1, b"x"))?;
    for (pointer, value) in [
        ("/version", json!("1")),
        ("/version", json!(-1)),
        ("/version", json!(1.5)),
        ("/version", Value::Null),
        ("/content", json!([])),
        ("/content/overview", json!("not base64!")),
        ("/content/overview", json!("AA==")),
        ("/content/secrets", json!(5)),
        ("/content/keyNumber", json!("1")),
    ] {
        let mut body = good.clone();
        *body.pointer_mut(pointer).ok_or("no such place")? = value.clone();
        let answer = client
            .json("PUT", &format!("/api/v1/vault/{}", item(1)), &body)
            .await?;
        assert_eq!(
            answer.refusal()?,
            (422, ErrorCode::InvalidField),
            "{pointer} {value}"
        );
    }
    let mut unknown = good.clone();
    unknown["name"] = json!("in clear");
    let answer = client
        .json("PUT", &format!("/api/v1/vault/{}", item(1)), &unknown)
        .await?;
    assert_eq!(answer.refusal()?, (422, ErrorCode::InvalidField));
    let id = item(0xabcd).to_string();
    for bad in ["1", &id.to_uppercase(), &id.replace('-', ""), "%ff"] {
        let answer = client
            .json("PUT", &format!("/api/v1/vault/{bad}"), &good)
            .await?;
        assert!(matches!(
            answer.refusal()?.1,
            ErrorCode::InvalidField | ErrorCode::MalformedRequest
        ));
    }
    let page: VaultPage = client.get("/api/v1/vault").await?.ok()?;
    assert_eq!(page.latest, Revision(0));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_devices_sign_comes_with_the_last_page() -> Outcome {
    let node = Harness::start().await?;
    let client = node.client.signed_in(&node.client.create(ADA).await?);
    for number in 1..=3 {
        client.put(item(number), 1, b"x").await?.accepted()?;
    }
    let (ada, pair): (Address, _) = (ADA.parse()?, generator()?);
    let link = |number: u64, previous: [u8; 32]| {
        let link = VaultManifest {
            number,
            previous: Hex(previous),
            revision: Revision(3),
            items: 3,
            digest: Hex([2; 32]),
            signed_at: UnixMillis(4),
            key_number: KeyNumber(1),
            signature: Hex([5; 64]),
        };
        manifest::sign(&ada, link, &pair)
    };
    let put = async |link: &VaultManifest| client.json("PUT", "/api/v1/vault/manifest", link).await;
    let first = link(1, [0; 32])?;
    put(&first).await?.ok::<Value>()?;
    put(&first).await?.ok::<Value>()?;
    let hash = manifest::hash(&ada, &first);
    let conflict = put(&link(3, hash)?).await?;
    assert_eq!(conflict.refusal()?, (409, ErrorCode::VersionConflict));
    assert_eq!(conflict.param("version")?, "1");
    // What no key of the account has signed, or does not follow, breaks no chain.
    let second = link(2, hash)?;
    let mut forged = second.clone();
    forged.items = 4;
    let mut foreign = second.clone();
    foreign.key_number = KeyNumber(2);
    for (bad, field) in [
        (forged, "signature"),
        (foreign, "keyNumber"),
        (link(2, [9; 32])?, "previous"),
    ] {
        let refused = put(&bad).await?;
        assert_eq!(refused.refusal()?.1, ErrorCode::InvalidField);
        assert_eq!(refused.param("field")?, field);
    }
    put(&second).await?.ok::<Value>()?;
    let page: VaultPage = client.get("/api/v1/vault?limit=2").await?.ok()?;
    assert_eq!((page.has_more, page.manifest), (true, Some(second.clone())));
    let page: VaultPage = client.get("/api/v1/vault?since=2").await?.ok()?;
    assert_eq!(
        (page.has_more, page.manifest),
        (false, Some(second.clone()))
    );
    let path = "/api/v1/vault/manifests?after=1";
    let page: ManifestPage = client.get(path).await?.ok()?;
    assert_eq!(
        (page.manifests, page.has_more),
        (vec![second.clone()], false)
    );
    node.stop().await
}

/// The key pair of [`crate::client::PUBLIC_KEY`]: its private half is one.
fn generator() -> Outcome<KeyPair> {
    let mut one = [0; 32];
    one[31] = 1;
    let secret = AddressSecret::copy_from(&one).ok_or("no key")?;
    Ok(KeyPair::from_secret(secret)?)
}

/// The body of a deletion with a sealed tombstone of so many bytes.
fn end(version: u64, bytes: usize) -> DeleteItemRequest {
    DeleteItemRequest {
        update: update(&("end", version, bytes)),
        version: ItemVersion(version),
        tombstone: SealedTombstone {
            key_number: KeyNumber(1),
            sealed: Base64(vec![9; bytes]),
        },
    }
}
