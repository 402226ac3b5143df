//! Accounts, challenges, keys.

use pow::{Header, Target};
use proto::{
    address::AddressWarning,
    api::{
        account::{AddKeyRequest, DeleteAccountRequest, KeyForWords, KeyList},
        challenge::{Challenge, ChallengeRequest, ProofOfWork, Purpose},
        info::{AddressStatus, Availability, NodeInfo},
        vault::VaultPage,
    },
    bytes::{Base64, Hex},
    error::ErrorCode,
    limits::CHALLENGE_LIFETIME_MS,
};
use serde_json::{Value, json};

use crate::{
    client::{Outcome, PUBLIC_KEY, account, device, item, key, live, login_key, solve},
    harness::Harness,
};

const ADA: &str = "ada@localhost";

#[tokio::test(flavor = "multi_thread")]
async fn account_lives_and_dies() -> Outcome {
    let node = Harness::start().await?;
    let info: NodeInfo = node.client.get("/api/v1/info").await?.ok()?;
    assert_eq!(info.software, "pearvault");
    assert_eq!(info.domains, ["localhost"]);
    assert_eq!(
        info.api_domain,
        format!("localhost:{}", node.address.port())
    );
    assert_eq!(
        (info.account_difficulty.0, info.login_difficulty.0),
        (200, 20)
    );
    assert!(info.registration_open);

    let status = async || -> Outcome<AddressStatus> {
        node.client
            .get("/api/v1/addresses/ada@localhost")
            .await?
            .ok()
    };
    assert_eq!(status().await?.availability, Availability::Available);
    let opened = node.client.create(ADA).await?;
    assert!(opened.is_new_device && opened.warnings.is_empty());
    assert_eq!(opened.keys, [key(1)?]);
    assert_eq!(status().await?.availability, Availability::Taken);

    let first = node.client.signed_in(&opened);
    first.put(item(1), 1, b"sealed").await?.accepted()?;
    // A second device reads what the first one wrote.
    let second = node.client.log_in(ADA, 1, 2).await?.ok()?;
    let second = node.client.signed_in(&second);
    let page: VaultPage = second.get("/api/v1/vault").await?.ok()?;
    assert_eq!(page.records.len(), 1);
    assert_eq!(page.records[0].content, live(b"sealed"));

    // Deleting wants the password.
    let delete = async |key: u8| {
        let body = DeleteAccountRequest {
            login_key: login_key(key),
        };
        second.json("POST", "/api/v1/account/delete", &body).await
    };
    assert_eq!(
        delete(9).await?.refusal()?,
        (401, ErrorCode::CredentialsWrong)
    );
    assert_eq!(delete(1).await?.ok::<Value>()?, json!({}));

    // Nothing is left, on no device, and nobody gets the name.
    for client in [&first, &second] {
        let answer = client.get("/api/v1/vault").await?;
        assert_eq!(answer.refusal()?, (401, ErrorCode::SessionInvalid));
    }
    let login = node.client.log_in(ADA, 1, 1).await?;
    assert_eq!(login.refusal()?, (401, ErrorCode::CredentialsWrong));
    assert_eq!(status().await?.availability, Availability::Taken);
    let pow = node.client.solved(Purpose::Account, ADA).await?;
    let again = node
        .client
        .json("POST", "/api/v1/accounts", &account(ADA, pow)?)
        .await?;
    assert_eq!(again.refusal()?, (409, ErrorCode::AddressTaken));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn account_outlives_a_restart() -> Outcome {
    let node = Harness::start().await?;
    let opened = node.client.create(ADA).await?;
    node.client
        .signed_in(&opened)
        .put(item(1), 1, b"x")
        .await?
        .accepted()?;
    let challenge = ChallengeRequest {
        purpose: Purpose::Login,
        address: ADA.parse()?,
    };
    let challenge = node
        .client
        .json("POST", "/api/v1/challenges", &challenge)
        .await?
        .ok()?;
    let node = node.restart(|_| {}).await?;
    let page: VaultPage = node
        .client
        .signed_in(&opened)
        .get("/api/v1/vault")
        .await?
        .ok()?;
    assert_eq!(page.records.len(), 1);
    // A challenge is good for the same secret, whoever runs.
    let login = crate::client::login(ADA, 1, 3, solve(&challenge)?)?;
    assert_eq!(
        node.client
            .json("POST", "/api/v1/sessions", &login)
            .await?
            .status,
        200
    );
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_gets_an_address() -> Outcome {
    let node = Harness::start().await?;
    let mut asks = Vec::new();
    for number in 0..8 {
        let pow = node.client.solved(Purpose::Account, ADA).await?;
        let mut ask = account(ADA, pow)?;
        ask.device = device(number);
        asks.push(ask);
    }
    let tasks: Vec<_> = asks
        .into_iter()
        .map(|ask| {
            let client = node.client.clone();
            tokio::spawn(async move { client.json("POST", "/api/v1/accounts", &ask).await })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        let answer = task.await??;
        if answer.status == 200 {
            made += 1;
        } else {
            assert_eq!(answer.refusal()?, (409, ErrorCode::AddressTaken));
        }
    }
    assert_eq!(made, 1);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn proof_of_work_pays_once_and_only_for_its_purpose() -> Outcome {
    let node = Harness::start().await?;
    let create = async |ask: &proto::api::account::CreateAccountRequest| {
        node.client
            .json("POST", "/api/v1/accounts", ask)
            .await?
            .refusal()
    };
    let pow = node.client.solved(Purpose::Account, ADA).await?;

    // For another address: the MAC is over another one, so it is not this node's.
    let foreign = create(&account("bob@localhost", pow.clone())?).await?;
    assert_eq!(foreign, (403, ErrorCode::ChallengeForged));
    // For another purpose.
    let login = node.client.solved(Purpose::Login, ADA).await?;
    assert_eq!(
        create(&account(ADA, login)?).await?,
        (403, ErrorCode::ChallengeForeign)
    );
    let login = crate::client::login(ADA, 1, 1, pow.clone())?;
    let answer = node.client.json("POST", "/api/v1/sessions", &login).await?;
    assert_eq!(answer.refusal()?, (403, ErrorCode::ChallengeForeign));
    // Forged: with more time, with an easier target, with another signature.
    let mut forged = pow.clone();
    forged.expires_at.0 += 1;
    assert_eq!(
        create(&account(ADA, forged)?).await?,
        (403, ErrorCode::ChallengeForged)
    );
    let mut forged = pow.clone();
    forged.target.0 = [0xff; 32];
    assert_eq!(
        create(&account(ADA, forged)?).await?,
        (403, ErrorCode::ChallengeForged)
    );
    let mut forged = pow.clone();
    forged.signature.0[0] ^= 1;
    assert_eq!(
        create(&account(ADA, forged)?).await?,
        (403, ErrorCode::ChallengeForged)
    );
    // Unsolved: nonces that are none by our own reckoning.
    let target = pow::Target::new(pow.target.0)?;
    let mut unsolved = pow.clone();
    for byte in 0..3 {
        unsolved.solved_header.0[byte] ^= 0x55;
        if pow::verify(&pow::Header::new(unsolved.solved_header.0), &target).is_err() {
            let answer = create(&account(ADA, unsolved.clone())?).await?;
            assert_eq!(answer, (403, ErrorCode::ChallengeUnsolved));
        }
    }

    // None of this has used it up. Now it is used, and then spent, also with another nonce.
    node.client
        .json("POST", "/api/v1/accounts", &account(ADA, pow.clone())?)
        .await?
        .ok::<Value>()?;
    let taken = create(&account(ADA, pow)?).await?;
    assert_eq!(taken, (409, ErrorCode::AddressTaken));
    let pow = node.client.solved(Purpose::Login, ADA).await?;
    let ask = crate::client::login(ADA, 1, 1, pow.clone())?;
    let sessions = "/api/v1/sessions";
    assert_eq!(node.client.json("POST", sessions, &ask).await?.status, 200);
    let replayed = node.client.json("POST", sessions, &ask).await?.refusal()?;
    assert_eq!(replayed, (409, ErrorCode::ChallengeSpent));
    // Another nonce that solves it does not make it another challenge.
    let (header, target) = (Header::new(pow.solved_header.0), Target::new(pow.target.0)?);
    let other = (0..1 << 24)
        .map(|position| header.at(1, position))
        .find(|header| pow::verify(header, &target).is_ok())
        .ok_or("no other nonce")?;
    assert_ne!(other, header);
    let pow = ProofOfWork {
        solved_header: Hex(*other.as_bytes()),
        ..pow
    };
    let ask = crate::client::login(ADA, 1, 1, pow)?;
    let replayed = node.client.json("POST", sessions, &ask).await?.refusal()?;
    assert_eq!(replayed, (409, ErrorCode::ChallengeSpent));

    // A wrong password burns its work too.
    let pow = node.client.solved(Purpose::Login, ADA).await?;
    let wrong = crate::client::login(ADA, 2, 1, pow.clone())?;
    let answer = node
        .client
        .json("POST", sessions, &wrong)
        .await?
        .refusal()?;
    assert_eq!(answer, (401, ErrorCode::CredentialsWrong));
    let right = crate::client::login(ADA, 1, 1, pow)?;
    let answer = node
        .client
        .json("POST", sessions, &right)
        .await?
        .refusal()?;
    assert_eq!(answer, (409, ErrorCode::ChallengeSpent));

    // Over its time.
    let pow = node
        .client
        .solved(Purpose::Account, "eve@localhost")
        .await?;
    node.clock.forward(CHALLENGE_LIFETIME_MS);
    let expired = create(&account("eve@localhost", pow)?).await?;
    assert_eq!(expired, (403, ErrorCode::ChallengeExpired));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn solution_used_by_many_at_once_pays_one() -> Outcome {
    let node = Harness::start().await?;
    node.client.create(ADA).await?;
    let pow = node.client.solved(Purpose::Login, ADA).await?;
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let (client, pow) = (node.client.clone(), pow.clone());
            tokio::spawn(async move {
                let ask = crate::client::login(ADA, 1, number, pow)?;
                client.json("POST", "/api/v1/sessions", &ask).await
            })
        })
        .collect();
    let mut opened = 0;
    for task in tasks {
        let answer = task.await??;
        if answer.status == 200 {
            opened += 1;
        } else {
            assert_eq!(answer.refusal()?, (409, ErrorCode::ChallengeSpent));
        }
    }
    assert_eq!(opened, 1);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn challenge_has_the_configured_work_and_time() -> Outcome {
    let node = Harness::start().await?;
    for (purpose, difficulty) in [(Purpose::Account, 200), (Purpose::Login, 20)] {
        let ask = ChallengeRequest {
            purpose,
            address: ADA.parse()?,
        };
        let made: Challenge = node
            .client
            .json("POST", "/api/v1/challenges", &ask)
            .await?
            .ok()?;
        assert_eq!((made.purpose, made.difficulty.0), (purpose, difficulty));
        assert_eq!(made.expires_at.0, 1_795_226_516_049 + CHALLENGE_LIFETIME_MS);
        let target = pow::Target::from_difficulty(difficulty.try_into()?);
        assert_eq!(made.target.0, *target.as_bytes());
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_own_domains_register() -> Outcome {
    let node = Harness::with(|config| {
        config.domains = vec!["a.example".into(), "b.example".into()];
    })
    .await?;
    let ask = |address: &str| json!({"purpose": "account", "address": address});
    let challenge = async |address: &str| {
        node.client
            .json("POST", "/api/v1/challenges", &ask(address))
            .await
    };
    let foreign = challenge("ada@c.example").await?.refusal()?;
    assert_eq!(foreign, (422, ErrorCode::DomainNotServed));
    let pow = node
        .client
        .solved(Purpose::Account, "ada@b.example")
        .await?;
    for path in ["accounts", "sessions"] {
        let foreign = if path == "accounts" {
            serde_json::to_value(account("ada@c.example", pow.clone())?)?
        } else {
            serde_json::to_value(crate::client::login("ada@c.example", 1, 1, pow.clone())?)?
        };
        let answer = node
            .client
            .json("POST", &format!("/api/v1/{path}"), &foreign)
            .await?;
        assert_eq!(
            answer.refusal()?,
            (422, ErrorCode::DomainNotServed),
            "{path}"
        );
    }
    // Each domain has names of its own.
    node.client.create("ada@b.example").await?;
    node.client.create("ada@a.example").await?;
    let status = async |address: &str| -> Outcome<Availability> {
        let path = format!("/api/v1/addresses/{address}");
        Ok(node
            .client
            .get(&path)
            .await?
            .ok::<AddressStatus>()?
            .availability)
    };
    assert_eq!(status("ada@c.example").await?, Availability::ForeignDomain);
    assert_eq!(status("ada@a.example").await?, Availability::Taken);
    assert_eq!(status("bob@a.example").await?, Availability::Available);

    let node = node
        .restart(|config| {
            config.domains = vec!["a.example".into()];
            config.registration = node::config::Registration::Closed;
        })
        .await?;
    let answer = node
        .client
        .json("POST", "/api/v1/challenges", &ask("bob@a.example"))
        .await?;
    assert_eq!(answer.refusal()?, (403, ErrorCode::RegistrationClosed));
    let answer = node
        .client
        .json("POST", "/api/v1/accounts", &account("bob@a.example", pow)?)
        .await?;
    assert_eq!(answer.refusal()?, (403, ErrorCode::RegistrationClosed));
    let status: AddressStatus = node
        .client
        .get("/api/v1/addresses/bob@a.example")
        .await?
        .ok()?;
    assert_eq!(status.availability, Availability::Closed);
    // Who has an account still gets in.
    assert_eq!(node.client.log_in("ada@a.example", 1, 1).await?.status, 200);
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_others_refuse_are_taken_with_a_warning() -> Outcome {
    let node = Harness::start().await?;
    let opened = node.client.create("1.ada@localhost").await?;
    let expected = [
        AddressWarning::NameNotAlphanumeric,
        AddressWarning::NameBeginsWithDigit,
    ];
    assert_eq!(opened.warnings, expected);
    let status: AddressStatus = node
        .client
        .get("/api/v1/addresses/2_b@localhost")
        .await?
        .ok()?;
    assert_eq!(status.warnings, expected);
    for (bad, rule) in [
        ("Ada@localhost", "name_characters"),
        ("ada", "form"),
        ("ada@local_host.example", "domain_characters"),
        (".ada@localhost", "name_characters"),
    ] {
        let answer = node.client.get(&format!("/api/v1/addresses/{bad}")).await?;
        assert_eq!(answer.refusal()?, (422, ErrorCode::AddressInvalid), "{bad}");
        assert_eq!(answer.param("rule")?, rule, "{bad}");
        let ask = json!({"purpose": "account", "address": bad});
        let answer = node.client.json("POST", "/api/v1/challenges", &ask).await?;
        assert_eq!(answer.refusal()?, (422, ErrorCode::AddressInvalid), "{bad}");
        assert_eq!(answer.param("rule")?, rule, "{bad}");
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_none_are_refused() -> Outcome {
    let node = Harness::start().await?;
    let off_curve = format!("02{}01", "00".repeat(31));
    let not_compressed = format!("04{}", &PUBLIC_KEY[2..]);
    for (field, wrong) in [
        (
            "key.publicKey",
            json!({"number": 1, "publicKey": off_curve}),
        ),
        (
            "key.publicKey",
            json!({"number": 1, "publicKey": not_compressed}),
        ),
        ("key.number", json!({"number": 2})),
        ("key.sealedPrivateKey", json!({"sealedPrivateKey": "AAAA"})),
        ("key.sealedPrivateKey", json!({"sealedPrivateKey": ""})),
    ] {
        let pow = node.client.solved(Purpose::Account, ADA).await?;
        let mut ask = serde_json::to_value(account(ADA, pow)?)?;
        for (name, value) in wrong.as_object().ok_or("no object")? {
            ask["key"][name] = value.clone();
        }
        let answer = node.client.json("POST", "/api/v1/accounts", &ask).await?;
        assert_eq!(answer.refusal()?, (422, ErrorCode::InvalidField), "{wrong}");
        assert_eq!(answer.param("field")?, field, "{wrong}");
    }
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn newest_key_is_active() -> Outcome {
    let node = Harness::start().await?;
    let opened = node.client.create(ADA).await?;
    let client = node.client.signed_in(&opened);
    let add = async |number: u32, password: u8| {
        let (login_key, key) = (login_key(password), key(number)?);
        client
            .json(
                "POST",
                "/api/v1/keys",
                &AddKeyRequest {
                    login_key,
                    key,
                    for_words: None,
                },
            )
            .await
    };
    let answer = add(3, 1).await?;
    assert_eq!(answer.refusal()?, (409, ErrorCode::VersionConflict));
    assert_eq!(answer.param("version")?, "1");
    let stolen = add(2, 9).await?;
    assert_eq!(stolen.refusal()?, (401, ErrorCode::CredentialsWrong));
    assert_eq!(add(2, 1).await?.ok::<KeyList>()?.keys, [key(1)?, key(2)?]);
    assert_eq!(add(2, 1).await?.ok::<KeyList>()?.keys, [key(1)?, key(2)?]);
    let list: KeyList = client.get("/api/v1/keys").await?.ok()?;
    assert_eq!(list.keys, [key(1)?, key(2)?]);
    let added = list.added.iter().map(|it| it.number.0);
    assert_eq!(added.collect::<Vec<_>>(), [1, 2]);
    // For words that are not set nothing is added.
    let request = AddKeyRequest {
        login_key: login_key(1),
        key: key(3)?,
        for_words: Some(KeyForWords {
            login_hash: Hex([1; 32]),
            sealed_private_key: Base64(vec![7; 61]),
        }),
    };
    let answer = client.json("POST", "/api/v1/keys", &request).await?;
    assert_eq!(answer.refusal()?, (409, ErrorCode::RecoveryOutdated));
    let mut short = request;
    if let Some(for_words) = &mut short.for_words {
        for_words.sealed_private_key.0.pop();
    }
    let answer = client.json("POST", "/api/v1/keys", &short).await?;
    assert_eq!(answer.refusal()?, (422, ErrorCode::InvalidField));
    assert_eq!(answer.param("field")?, "forWords.sealedPrivateKey");
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn stolen_session_cannot_try_passwords() -> Outcome {
    let node = Harness::start().await?;
    let client = node.client.signed_in(&node.client.create(ADA).await?);
    let body = DeleteAccountRequest {
        login_key: login_key(9),
    };
    for _ in 0..10 {
        let answer = client.json("POST", "/api/v1/account/delete", &body).await?;
        assert_eq!(answer.refusal()?, (401, ErrorCode::CredentialsWrong));
    }
    let answer = client.json("POST", "/api/v1/account/delete", &body).await?;
    assert_eq!(answer.refusal()?, (429, ErrorCode::RateLimited));
    assert!(answer.header("retry-after").parse::<u64>()? > 0);
    node.stop().await
}
