//! Sessions that go on by the account's key, and those that do not; devices and their names.

use proto::{
    api::{
        account::SessionOpened,
        recovery::{ChangePasswordRequest, PasswordProof},
        session::{
            EndOthersRequest, NameDeviceRequest, OthersEnded, RenewSessionRequest,
            RenewalChallenge, SealedDeviceName, SessionList, SessionRenewed,
        },
    },
    bytes::{Base64, Hex},
    error::ErrorCode,
    ids::KeyNumber,
    limits::{DEVICE_KEPT_MS, RENEWAL_CHALLENGE_MS, SESSION_IDLE_MS, SESSION_MAX_MS},
};
use serde_json::{Value, json};
use wasm_core::{
    keys::KeyPair,
    renewal::{Renewal, next_token, token_hash},
    secret::AddressSecret,
};

use crate::{
    client::{Answer, Client, Outcome, device, login_key},
    harness::Harness,
};

const ADA: &str = "ada@localhost";
const SESSIONS: &str = "/api/v1/sessions";
const CHALLENGE: &str = "/api/v1/sessions/current/challenge";
const RENEWAL: &str = "/api/v1/sessions/current/renewal";
const GONE: (u16, ErrorCode) = (401, ErrorCode::SessionInvalid);

/// The key pair of the public key that every account of these tests has: its private half is 1.
fn pair() -> Outcome<KeyPair> {
    let mut scalar = [0; 32];
    scalar[31] = 1;
    let secret = AddressSecret::copy_from(&scalar).ok_or("no scalar")?;
    Ok(KeyPair::from_secret(secret)?)
}

/// A device with its session.
struct Renewing<'a> {
    client: &'a Client,
    opened: SessionOpened,
    number: u8,
}

impl Renewing<'_> {
    fn signed_in(&self) -> Client {
        self.client.signed_in(&self.opened)
    }

    async fn challenge(&self) -> Outcome<RenewalChallenge> {
        self.signed_in()
            .raw("POST", CHALLENGE, None, "")
            .await?
            .ok()
    }

    fn sign(&self, challenge: &RenewalChallenge) -> Outcome<RenewSessionRequest> {
        let signature = Renewal {
            address: &ADA.parse()?,
            account: self.opened.account,
            device: device(self.number).id,
            token_hash: &token_hash(&self.opened.token),
            challenge,
        }
        .sign(&pair()?)?;
        let RenewalChallenge {
            challenge,
            expires_at,
            mac,
        } = *challenge;
        Ok(RenewSessionRequest {
            challenge,
            expires_at,
            mac,
            signature,
        })
    }

    async fn send(&self, request: &RenewSessionRequest) -> Outcome<Answer> {
        self.signed_in().json("POST", RENEWAL, request).await
    }

    async fn renew(&self) -> Outcome<Answer> {
        self.send(&self.sign(&self.challenge().await?)?).await
    }
}

async fn renewing(node: &Harness, number: u8) -> Outcome<Renewing<'_>> {
    let client = &node.client;
    let opened = client.log_in(ADA, 1, number).await?.ok()?;
    Ok(Renewing {
        client,
        opened,
        number,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn session_that_ended_by_age_goes_on_by_the_key() -> Outcome {
    let node = Harness::start().await?;
    node.client.create(ADA).await?;
    let mut ada = renewing(&node, 1).await?;
    node.clock.forward(SESSION_IDLE_MS);
    let before = ada.signed_in();
    assert_eq!(before.get(SESSIONS).await?.refusal()?, GONE);
    let renewed: SessionRenewed = ada.renew().await?.ok()?;
    let now = 1_795_226_516_049 + SESSION_IDLE_MS;
    assert_eq!(renewed.expires_at.0, now + SESSION_MAX_MS);
    assert_eq!(before.get(SESSIONS).await?.refusal()?, GONE);
    // The answer was lost: the older token renews once more, and opens nothing.
    let renewed_again: SessionRenewed = ada.renew().await?.ok()?;
    let lost = node.client.with_token(&renewed.token.0.to_string());
    assert_eq!(lost.get(SESSIONS).await?.refusal()?, GONE);
    ada.opened.token = renewed_again.token;
    let list: SessionList = ada.signed_in().get(SESSIONS).await?.ok()?;
    assert_eq!(list.sessions.len(), 1);
    assert_eq!(list.sessions[0].id, ada.opened.session);
    assert_eq!(list.sessions[0].created_at.0, now);
    // Not for ever.
    node.clock.forward(DEVICE_KEPT_MS);
    assert_eq!(ada.renew().await?.refusal()?, GONE);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn device_that_was_signed_out_stays_out() -> Outcome {
    let node = Harness::start().await?;
    node.client.create(ADA).await?;
    let home = renewing(&node, 1).await?;
    let one = renewing(&node, 2).await?;
    let others = (renewing(&node, 3).await?, renewing(&node, 4).await?);
    let path = format!("{SESSIONS}/{}", one.opened.session);
    let client = home.signed_in();
    client.raw("DELETE", &path, None, "").await?.ok::<Value>()?;
    assert_eq!(one.renew().await?.refusal()?, GONE);
    let ask = EndOthersRequest {
        token_seed: Hex([6; 32]),
    };
    let ended = client.json("POST", "/api/v1/sessions/end-others", &ask);
    assert_eq!(ended.await?.ok::<OthersEnded>()?, OthersEnded { ended: 2 });
    // Whoever has a copy of the token that asked is out too, also with the key.
    assert_eq!(client.get(SESSIONS).await?.refusal()?, GONE);
    assert_eq!(home.renew().await?.refusal()?, GONE);
    let mut home = home;
    home.opened.token = next_token(&token_hash(&home.opened.token), &ask.token_seed);
    let client = home.signed_in();
    for other in [&others.0, &others.1] {
        assert_eq!(other.signed_in().get(SESSIONS).await?.refusal()?, GONE);
        assert_eq!(other.renew().await?.refusal()?, GONE);
    }
    let other = renewing(&node, 5).await?;
    let change = ChangePasswordRequest {
        proof: PasswordProof::LoginKey(login_key(1)),
        login_key: login_key(2),
        keys: Vec::new(),
        recovery_keys: Vec::new(),
        recovery_login_hash: None,
        token_seed: Hex([7; 32]),
    };
    let changed = client.json("PUT", "/api/v1/account/password", &change);
    assert_eq!(changed.await?.status, 200);
    assert_eq!(other.renew().await?.refusal()?, GONE);
    // A copy of the token of the one that stays is not good for a renewal either.
    assert_eq!(client.get(SESSIONS).await?.refusal()?, GONE);
    assert_eq!(home.renew().await?.refusal()?, GONE);
    home.opened.token = next_token(&token_hash(&home.opened.token), &change.token_seed);
    assert_eq!(home.signed_in().get(SESSIONS).await?.status, 200);
    assert_eq!(home.renew().await?.status, 200);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn challenge_is_for_one_token_one_time_and_one_use() -> Outcome {
    let node = Harness::start().await?;
    node.client.create(ADA).await?;
    let (ada, other) = (renewing(&node, 1).await?, renewing(&node, 2).await?);
    let foreign = ada.sign(&other.challenge().await?)?;
    let forged = (403, ErrorCode::ChallengeForged);
    assert_eq!(ada.send(&foreign).await?.refusal()?, forged);
    let given = ada.challenge().await?;
    node.clock.forward(RENEWAL_CHALLENGE_MS);
    let late = ada.send(&ada.sign(&given)?).await?.refusal()?;
    assert_eq!(late, (403, ErrorCode::ChallengeExpired));
    let given = ada.challenge().await?;
    node.clock.forward(RENEWAL_CHALLENGE_MS - 1);
    let request = ada.sign(&given)?;
    assert_eq!(ada.send(&request).await?.status, 200);
    // The older token may renew, but not with what it has signed before.
    let spent = ada.send(&request).await?.refusal()?;
    assert_eq!(spent, (409, ErrorCode::ChallengeSpent));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_signature_and_unknown_token_are_one_answer() -> Outcome {
    let node = Harness::start().await?;
    node.client.create(ADA).await?;
    let ada = renewing(&node, 1).await?;
    let mut wrong = ada.sign(&ada.challenge().await?)?;
    wrong.signature.0[40] ^= 1;
    let wrong = ada.send(&wrong).await?;
    assert_eq!(wrong.refusal()?, GONE);
    let mut nobody = renewing(&node, 2).await?;
    nobody.opened.token.0.0 = [7; 32];
    let unknown = nobody.renew().await?;
    assert_eq!((wrong.status, wrong.body), (unknown.status, unknown.body));
    for path in [CHALLENGE, RENEWAL] {
        let body = json!({"challenge": Hex([0; 32]), "expiresAt": 0, "mac": Hex([0; 32]), "signature": Hex([0; 64])});
        let answer = node.client.json("POST", path, &body).await?;
        assert_eq!(answer.refusal()?, GONE, "{path}");
    }
    // Ten an hour; whoever has the token alone does not use them up.
    for _ in 0..12 {
        let mut wrong = ada.sign(&ada.challenge().await?)?;
        wrong.signature.0[0] ^= 1;
        assert_eq!(ada.send(&wrong).await?.refusal()?, GONE);
    }
    for _ in 0..10 {
        assert_eq!(ada.renew().await?.status, 200);
    }
    let limited = ada.renew().await?;
    assert_eq!(limited.refusal()?, (429, ErrorCode::RateLimited));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_have_names_that_the_node_cannot_read() -> Outcome {
    let node = Harness::start().await?;
    node.client.create(ADA).await?;
    let (ada, other) = (renewing(&node, 1).await?, renewing(&node, 2).await?);
    let client = ada.signed_in();
    let path = format!("{SESSIONS}/{}/name", other.opened.session);
    let name = |bytes| NameDeviceRequest {
        name: Some(SealedDeviceName {
            key_number: KeyNumber(1),
            sealed: Base64(vec![5; bytes]),
        }),
    };
    let listed = async || -> Outcome<_> {
        let list: SessionList = client.get(SESSIONS).await?.ok()?;
        let mut sessions = list.sessions.into_iter();
        let found = sessions.find(|session| session.id == other.opened.session);
        Ok(found.ok_or("it is gone")?.name)
    };
    client.json("PUT", &path, &name(256)).await?.ok::<Value>()?;
    assert_eq!(listed().await?, name(256).name);
    for bytes in [0, 255, 257] {
        let answer = client.json("PUT", &path, &name(bytes)).await?;
        assert_eq!(answer.refusal()?, (422, ErrorCode::InvalidField));
    }
    let none = NameDeviceRequest { name: None };
    client.json("PUT", &path, &none).await?.ok::<Value>()?;
    assert_eq!(listed().await?, None);
    let eve = node.client.create("eve@localhost").await?;
    let eve = node.client.signed_in(&eve);
    let foreign = eve.json("PUT", &path, &name(256)).await?;
    assert_eq!(foreign.refusal()?, (404, ErrorCode::NotFound));
    node.stop().await
}
