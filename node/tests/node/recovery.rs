//! Recovery words, and the change of a password.

use proto::{
    api::{
        account::{KeyList, SealedKeyPair, SessionOpened, SessionTokenHex},
        challenge::Purpose,
        recovery::{
            ChangePasswordRequest, PasswordProof, RecoverRequest, Recovered, RecoveryLoginKeyHex,
            RecoveryStatus, SealedRecoveryKey, SetRecoveryRequest,
        },
        session::SessionList,
    },
    bytes::{Base64, Hex},
    error::ErrorCode,
    ids::KeyNumber,
};
use wasm_core::{
    recovery::RecoveryHash,
    renewal::{next_token, token_hash},
    secret::RecoveryLoginKey,
};

use crate::{
    client::{Answer, Client, Outcome, device, key, login_key},
    harness::Harness,
};

const ADA: &str = "ada@localhost";
/// What tokens are made of after a change.
const SEED: Hex<32> = Hex([77; 32]);

fn words(byte: u8) -> RecoveryLoginKeyHex {
    RecoveryLoginKeyHex(Hex([byte; 32]))
}

/// A key pair of the account, sealed anew.
fn sealed(number: u32, byte: u8) -> Outcome<SealedKeyPair> {
    let mut key = key(number)?;
    key.sealed_private_key = Base64(vec![byte; 61]);
    Ok(key)
}

fn set(byte: u8, keys: Vec<SealedKeyPair>) -> SetRecoveryRequest {
    let hash = RecoveryHash::of(&RecoveryLoginKey::from_wire(&words(byte)));
    SetRecoveryRequest {
        login_key: login_key(1),
        recovery_key: SealedRecoveryKey {
            login_hash: Hex(*hash.as_bytes()),
            number: byte.into(),
            key_number: KeyNumber(1),
            sealed: Base64(vec![byte; 61]),
        },
        keys,
    }
}

fn change(proof: PasswordProof, to: u8, keys: Vec<SealedKeyPair>) -> ChangePasswordRequest {
    ChangePasswordRequest {
        proof,
        login_key: login_key(to),
        keys,
        recovery_keys: Vec::new(),
        recovery_login_hash: None,
        token_seed: SEED,
    }
}

/// What a session is known by after a change.
fn next(before: &SessionTokenHex) -> SessionTokenHex {
    next_token(&token_hash(before), &SEED)
}

async fn put(client: &Client, path: &str, body: &impl serde::Serialize) -> Outcome<Answer> {
    client
        .json("PUT", &format!("/api/v1/account/{path}"), body)
        .await
}

async fn recover(node: &Harness, address: &str, byte: u8) -> Outcome<Answer> {
    let ask = RecoverRequest {
        address: address.parse()?,
        recovery_login_key: words(byte),
        device: device(9),
        pow: node.client.solved(Purpose::Recovery, address).await?,
    };
    node.client.json("POST", "/api/v1/recovery", &ask).await
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_set_with_the_password_only() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.signed_in(&node.client.create(ADA).await?);
    let none: RecoveryStatus = ada.get("/api/v1/account/recovery").await?.ok()?;
    assert!(none.words.is_none());

    let mut stolen = set(7, vec![sealed(1, 70)?]);
    stolen.login_key = login_key(2);
    let refused = put(&ada, "recovery", &stolen).await?.refusal()?;
    assert_eq!(refused, (401, ErrorCode::CredentialsWrong));
    for keys in [
        vec![],
        vec![sealed(2, 70)?],
        vec![sealed(1, 70)?, sealed(1, 70)?],
    ] {
        let refused = put(&ada, "recovery", &set(7, keys)).await?.refusal()?;
        assert_eq!(refused, (422, ErrorCode::InvalidField));
    }
    let mut short = set(7, vec![sealed(1, 70)?]);
    short.recovery_key.sealed.0.pop();
    let refused = put(&ada, "recovery", &short).await?.refusal()?;
    assert_eq!(refused, (422, ErrorCode::InvalidField));

    let asked = set(7, vec![sealed(1, 70)?]);
    let answer: RecoveryStatus = put(&ada, "recovery", &asked).await?.ok()?;
    let words = answer.words.ok_or("no words")?;
    assert_eq!(words.recovery_key, asked.recovery_key);
    assert_eq!(words.keys, [KeyNumber(1)]);
    let foreign = node.client.get("/api/v1/account/recovery").await?;
    assert_eq!(foreign.refusal()?, (401, ErrorCode::SessionInvalid));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_words_no_words_and_unknown_address_are_one_answer() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.signed_in(&node.client.create(ADA).await?);
    node.client.create("eve@localhost").await?;
    put(&ada, "recovery", &set(7, vec![sealed(1, 70)?])).await?;
    let wrong = recover(&node, ADA, 8).await?;
    assert_eq!(wrong.refusal()?, (401, ErrorCode::RecoveryWrong));
    for address in ["eve@localhost", "bob@localhost"] {
        let other = recover(&node, address, 7).await?;
        assert_eq!((wrong.status, &wrong.body), (other.status, &other.body));
        let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&wrong), names(&other));
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn try_with_words_costs_work_of_its_own_purpose() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.signed_in(&node.client.create(ADA).await?);
    put(&ada, "recovery", &set(7, vec![sealed(1, 70)?])).await?;
    let mut ask = RecoverRequest {
        address: ADA.parse()?,
        recovery_login_key: words(8),
        device: device(9),
        pow: node.client.solved(Purpose::Login, ADA).await?,
    };
    let post = async |ask: &RecoverRequest| -> Outcome<_> {
        let answer = node.client.json("POST", "/api/v1/recovery", ask).await?;
        answer.refusal()
    };
    assert_eq!(post(&ask).await?, (403, ErrorCode::ChallengeForeign));
    ask.pow = node.client.solved(Purpose::Recovery, ADA).await?;
    assert_eq!(post(&ask).await?, (401, ErrorCode::RecoveryWrong));
    ask.recovery_login_key = words(7);
    assert_eq!(post(&ask).await?, (409, ErrorCode::ChallengeSpent));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn words_set_a_new_password_and_end_every_other_session() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.signed_in(&node.client.create(ADA).await?);
    put(&ada, "recovery", &set(7, vec![sealed(1, 70)?])).await?;
    let recovered: Recovered = recover(&node, ADA, 7).await?.ok()?;
    assert_eq!(recovered.recovery_keys, [sealed(1, 70)?]);
    assert_eq!(recovered.opened.keys, [key(1)?]);
    assert!(recovered.opened.is_new_device);
    // Until the password is set, nothing has changed.
    assert_eq!(ada.get("/api/v1/keys").await?.status, 200);

    let new = node.client.signed_in(&recovered.opened);
    let wrong = change(PasswordProof::RecoveryLoginKey(words(8)), 2, vec![]);
    let refused = put(&new, "password", &wrong).await?.refusal()?;
    assert_eq!(refused, (401, ErrorCode::RecoveryWrong));
    let right = change(
        PasswordProof::RecoveryLoginKey(words(7)),
        2,
        vec![sealed(1, 80)?],
    );
    let changed: KeyList = put(&new, "password", &right).await?.ok()?;
    assert_eq!(changed.keys, [sealed(1, 80)?]);
    let gone = ada.get("/api/v1/keys").await?.refusal()?;
    assert_eq!(gone, (401, ErrorCode::SessionInvalid));
    let old = node.client.log_in(ADA, 1, 3).await?.refusal()?;
    assert_eq!(old, (401, ErrorCode::CredentialsWrong));
    let opened: SessionOpened = node.client.log_in(ADA, 2, 3).await?.ok()?;
    assert_eq!(opened.keys, [sealed(1, 80)?]);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn password_changes_with_the_password() -> Outcome {
    let node = Harness::start().await?;
    let opened_first = node.client.create(ADA).await?;
    let ada = node.client.signed_in(&opened_first);
    let opened: SessionOpened = node.client.log_in(ADA, 1, 2).await?.ok()?;
    let other = node.client.signed_in(&opened);
    let by = |byte| PasswordProof::LoginKey(login_key(byte));
    let refused = put(&ada, "password", &change(by(2), 3, vec![]))
        .await?
        .refusal()?;
    assert_eq!(refused, (401, ErrorCode::CredentialsWrong));
    let foreign = put(&ada, "password", &change(by(1), 3, vec![sealed(2, 9)?])).await?;
    assert_eq!(foreign.refusal()?, (422, ErrorCode::InvalidField));
    assert_eq!(other.get("/api/v1/keys").await?.status, 200);

    let same = put(&ada, "password", &change(by(1), 1, vec![])).await?;
    assert_eq!(same.ok::<KeyList>()?.keys, [key(1)?]);
    let first = next(&opened_first.token);
    let ada = ada.with_token(&first.0.to_string());
    assert_eq!(other.get("/api/v1/keys").await?.status, 200);

    let done = put(&ada, "password", &change(by(1), 3, vec![sealed(1, 9)?])).await?;
    let done: KeyList = done.ok()?;
    assert_eq!(done.keys, [sealed(1, 9)?]);
    // Who has a copy of the token is out, also where it would only renew.
    let copied = ada.get("/api/v1/keys").await?.refusal()?;
    assert_eq!(copied, (401, ErrorCode::SessionInvalid));
    let ada = ada.with_token(&next(&first).0.to_string());
    let gone = other.get("/api/v1/keys").await?.refusal()?;
    assert_eq!(gone, (401, ErrorCode::SessionInvalid));
    let sessions: SessionList = ada.get("/api/v1/sessions").await?.ok()?;
    assert_eq!(sessions.sessions.len(), 1);
    let again = put(&ada, "password", &change(by(1), 4, vec![])).await?;
    assert_eq!(again.refusal()?, (401, ErrorCode::CredentialsWrong));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_with_words_in_a_session_are_counted() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.signed_in(&node.client.create(ADA).await?);
    let wrong = change(PasswordProof::RecoveryLoginKey(words(8)), 2, vec![]);
    for _ in 0..10 {
        let refused = put(&ada, "password", &wrong).await?.refusal()?;
        assert_eq!(refused, (401, ErrorCode::RecoveryWrong));
    }
    let refused = put(&ada, "password", &wrong).await?.refusal()?;
    assert_eq!(refused, (429, ErrorCode::RateLimited));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_number_that_was_used_are_refused() -> Outcome {
    let node = Harness::start().await?;
    let ada = node.client.signed_in(&node.client.create(ADA).await?);
    put(&ada, "recovery", &set(7, vec![sealed(1, 70)?])).await?;
    let mut late = set(8, vec![sealed(1, 80)?]);
    late.recovery_key.number = 7;
    let refused = put(&ada, "recovery", &late).await?.refusal()?;
    assert_eq!(refused, (409, ErrorCode::RecoveryOutdated));
    // Nor are key pairs taken that are sealed for others.
    let mut change = change(PasswordProof::LoginKey(login_key(1)), 1, vec![]);
    change.recovery_keys = vec![sealed(1, 90)?];
    for hash in [None, Some(late.recovery_key.login_hash)] {
        change.recovery_login_hash = hash;
        let refused = put(&ada, "password", &change).await?.refusal()?;
        assert_eq!(refused, (409, ErrorCode::RecoveryOutdated));
    }
    node.stop().await
}
