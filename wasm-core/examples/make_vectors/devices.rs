//! Names of devices, and renewals of sessions.

use proto::{
    address::Address,
    api::account::SessionTokenHex,
    bytes::Hex,
    ids::{AccountId, DeviceId, KeyNumber, UnixMillis},
};
use serde_json::{Value, json};
use wasm_core::{
    renewal::{Renewal, make_challenge, next_token, token_hash},
    secret::{ChallengeKey, NodeSecret},
    vault::Vault,
    vectors::Stream,
};

use super::{Outcome, bad, pair, scalar, with};

pub(super) fn devices() -> Outcome {
    let (names, bad_names) = names()?;
    let (renewals, bad_renewals) = renewals()?;
    let (next, other_next) = next_tokens();
    Ok(json!({
        "source": "made by examples/make_vectors",
        "device_names": names, "unopenable_device_names": bad_names,
        "renewals": renewals, "wrong_renewals": bad_renewals,
        "next_tokens": next, "next_tokens_differ": other_next,
    }))
}

fn names() -> Result<(Vec<Value>, Vec<Value>), Box<dyn std::error::Error>> {
    let account: Address = "ada@example.com".parse()?;
    let mut random = Stream::new(7);
    let pair = pair(0x22)?;
    let vault = Vault::derive(&pair, &account, KeyNumber(1));
    let device = DeviceId::make(UnixMillis(1_795_226_516_049), [7; 10]);
    let mut good = Vec::new();
    let mut refused = Vec::new();
    for name in ["Work", "Grüße, Ada’s 電話 \u{1f350}", &"x".repeat(50)] {
        let sealed = vault.seal_device_name(&device, name, &mut random)?.sealed.0;
        let entry = json!({
            "account": account, "keyNumber": 1, "privateKey": scalar(&pair),
            "device": device, "name": name, "sealed": hex::encode(&sealed),
        });
        refused.extend(bad(&entry, &sealed));
        good.push(entry);
    }
    let another = DeviceId::make(UnixMillis(1_795_226_516_049), [8; 10]);
    for (why, field, value) in [
        ("another device", "device", json!(another)),
        ("another account", "account", json!("bob@example.com")),
        ("another number", "keyNumber", json!(2)),
        (
            "another key",
            "privateKey",
            json!(scalar(&super::pair(0x23)?)),
        ),
    ] {
        refused.push(with(&good[0], &[(field, value), ("why", json!(why))]));
    }
    Ok((good, refused))
}

fn next_tokens() -> (Vec<Value>, Vec<Value>) {
    let entry = |byte: u8| {
        let (token, seed) = (SessionTokenHex(Hex([byte; 32])), Hex([byte + 1; 32]));
        let next = next_token(&token_hash(&token), &seed);
        json!({ "token": token, "seed": seed, "next": next })
    };
    let good = vec![entry(0x66), entry(0x68)];
    let changes = [
        ("another token", "token", json!("67".repeat(32))),
        ("another seed", "seed", json!("66".repeat(32))),
        ("the token before", "next", json!("66".repeat(32))),
    ];
    let refused = changes
        .map(|(why, field, value)| with(&good[0], &[(field, value), ("why", json!(why))]))
        .to_vec();
    (good, refused)
}

fn renewals() -> Result<(Vec<Value>, Vec<Value>), Box<dyn std::error::Error>> {
    let secret = NodeSecret::init_with(|bytes| bytes.fill(0x33));
    let key = ChallengeKey::derive(&secret);
    let token = SessionTokenHex(Hex([0x66; 32]));
    let token_hash = token_hash(&token);
    let (account, device) = (
        AccountId::make(UnixMillis(1_795_226_516_049), [5; 10]),
        DeviceId::make(UnixMillis(1_795_226_516_050), [6; 10]),
    );
    let mut good = Vec::new();
    for (number, address) in [(0x22, "ada@example.com"), (0x24, "a@localhost")] {
        let (pair, address): (_, Address) = (pair(number)?, address.parse()?);
        let expires_at = UnixMillis(1_795_226_816_049);
        let challenge = make_challenge(&key, &token_hash, Hex([number; 32]), expires_at);
        let renewal = Renewal {
            address: &address,
            account,
            device,
            token_hash: &token_hash,
            challenge: &challenge,
        };
        good.push(json!({
            // EXPOSE: a vector is made.
            "nodeSecret": hex::encode(secret.expose_secret()), "token": token,
            "challenge": challenge.challenge, "expiresAt": expires_at, "mac": challenge.mac,
            "privateKey": scalar(&pair), "publicKey": hex::encode(pair.public().as_bytes()),
            "address": address, "account": account, "device": device,
            "signature": renewal.sign(&pair)?,
        }));
    }
    let one = &good[0];
    let another = DeviceId::make(UnixMillis(1_795_226_516_050), [9; 10]);
    let stranger = AccountId::make(UnixMillis(1_795_226_516_049), [9; 10]);
    let mut refused = Vec::new();
    for (why, field, value) in [
        ("another node", "nodeSecret", json!("34".repeat(32))),
        ("another token", "token", json!("67".repeat(32))),
        ("another challenge", "challenge", json!("23".repeat(32))),
        ("a later end", "expiresAt", json!(1_795_226_816_050_u64)),
        ("another MAC", "mac", json!("00".repeat(32))),
        ("another address", "address", json!("ada@example.org")),
        ("another account", "account", json!(stranger)),
        ("another device", "device", json!(another)),
        ("another key", "publicKey", good[1]["publicKey"].clone()),
        (
            "another signature",
            "signature",
            good[1]["signature"].clone(),
        ),
        ("no signature", "signature", json!("00".repeat(64))),
    ] {
        refused.push(with(one, &[(field, value), ("why", json!(why))]));
    }
    Ok((good, refused))
}
