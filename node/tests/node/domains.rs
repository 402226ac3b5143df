//! Domains that somebody else owns: claimed, administered and lost, by what their own files say.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing};
use node::{
    admin,
    clock::Clock,
    config::{Config, DatabaseUrl},
    federation::DevPeer,
    random::{Random, SystemRandom},
};
use proto::{
    address::Address,
    api::{
        account::SessionOpened,
        challenge::Purpose,
        domain::{
            ClaimDomainRequest, CodeGiven, CodePurpose, CodeStanding, DomainChallenge,
            DomainKeyProof, DomainList, DomainUsers, DomainView, OneTimeCodeHex, RedeemCodeRequest,
            ShowCodeRequest,
        },
        info::{AddressStatus, Availability},
        vault::VaultPage,
    },
    bytes::Hex,
    error::ErrorCode,
    federation::{PublicKeyResponse, Rpc},
    ids::{AccountId, KeyNumber, UnixMillis},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};
use wasm_core::{
    domain::{Given, key_hash},
    keys::KeyPair,
    secret::AddressSecret,
};

use crate::{
    authority::Authority,
    client::{Answer, Client, Outcome, device, item, key, login_key},
    harness::Harness,
    two::{ADA, BOB, Two, Writer, says},
};

const EVE: &str = "eve@a.test";
const MINUTE: u64 = 60_000;

/// What a domain says under its name.
#[derive(Clone)]
struct Site(Arc<Mutex<(StatusCode, Value)>>);

impl Site {
    async fn start(front: &watch::Sender<Option<SocketAddr>>, says: Value) -> Outcome<Self> {
        let site = Self(Arc::new(Mutex::new((StatusCode::OK, says))));
        let app = Router::new()
            .route("/.well-known/keypears.json", routing::get(file))
            .with_state(site.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        front.send_replace(Some(listener.local_addr()?));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(site)
    }

    fn say(&self, status: StatusCode, says: Value) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (status, says);
    }
}

async fn file(State(site): State<Site>) -> (StatusCode, Json<Value>) {
    let said = site.0.lock().unwrap_or_else(PoisonError::into_inner);
    (said.0, Json(said.1.clone()))
}

fn names(host: &str, admin: &str) -> Value {
    json!({"apiDomain": host, "admin": admin})
}

async fn claim(client: &Client, domain: &str, proof: Option<DomainKeyProof>) -> Outcome<Answer> {
    let domain = domain.parse()?;
    let ask = ClaimDomainRequest { domain, proof };
    client.json("POST", "/api/v1/domains", &ask).await
}

async fn give(client: &Client, domain: &str, name: &str, what: &str) -> Outcome<Answer> {
    let path = format!("/api/v1/domains/{domain}/{what}");
    client.json("POST", &path, &json!({"name": name})).await
}

async fn users(client: &Client, domain: &str) -> Outcome<Answer> {
    client.get(&format!("/api/v1/domains/{domain}/users")).await
}

async fn open(client: &Client, domain: &str, open: bool) -> Outcome<Answer> {
    let path = format!("/api/v1/domains/{domain}/registration");
    client.json("PUT", &path, &json!({"open": open})).await
}

async fn look(node: &Client, address: &str, code: &OneTimeCodeHex) -> Outcome<Answer> {
    let ask = ShowCodeRequest {
        address: address.parse()?,
        code: code.clone(),
    };
    node.json("POST", "/api/v1/codes", &ask).await
}

async fn redeem(
    node: &Client,
    address: &str,
    code: &OneTimeCodeHex,
    purpose: CodePurpose,
    number: u32,
) -> Outcome<Answer> {
    let ask = RedeemCodeRequest {
        address: address.parse()?,
        code: code.clone(),
        purpose,
        // That of accounts made with proof of work is 1.
        login_key: login_key(2),
        key: key(number)?,
        device: device(2),
    };
    node.json("POST", "/api/v1/codes/redeem", &ask).await
}

#[tokio::test(flavor = "multi_thread")]
async fn hosted_domain_is_claimed_peopled_and_written_to() -> Outcome {
    let two = Two::start().await?;
    let (node, ada) = (&two.a.client, &two.ada.client);
    // Nothing answers there; then there is no file; then files that say something else.
    let silent = claim(ada, "club.test", None).await?;
    assert_eq!(silent.refusal()?, (424, ErrorCode::DomainUnreachable));
    let club = Site::start(&two.to_club, Value::Null).await?;
    for (status, says, expected) in [
        (
            StatusCode::NOT_FOUND,
            Value::Null,
            ErrorCode::DomainUnproven,
        ),
        (
            StatusCode::BAD_GATEWAY,
            Value::Null,
            ErrorCode::DomainUnreachable,
        ),
        (StatusCode::OK, json!({"x": 1}), ErrorCode::DomainUnproven),
        (
            StatusCode::OK,
            names("b.test", ADA),
            ErrorCode::DomainUnproven,
        ),
        (
            StatusCode::OK,
            json!({"apiUrl": "https://a.test/v2", "admin": ADA}),
            ErrorCode::DomainUnproven,
        ),
        (
            StatusCode::OK,
            names("a.test", EVE),
            ErrorCode::DomainAdminOther,
        ),
        (
            StatusCode::OK,
            json!({"apiDomain": "a.test"}),
            ErrorCode::DomainAdminOther,
        ),
    ] {
        club.say(status, says.clone());
        let refused = claim(ada, "club.test", None).await?;
        assert_eq!(refused.refusal()?.1, expected, "{says}");
        let wanted: Value = serde_json::from_str(&refused.param("file")?)?;
        assert_eq!(wanted, names("a.test", ADA));
    }
    let kim = "kim@club.test";
    let asked = json!({"json": {"address": kim}});
    let foreign = node.solved(Purpose::Account, kim).await;
    assert!(foreign.is_err_and(|error| error.to_string().contains("202")));

    club.say(StatusCode::OK, names("a.test", ADA));
    let view: DomainView = claim(ada, "club.test", None).await?.ok()?;
    assert!(!view.registration_open && !view.takes_accounts);
    assert_eq!(view.claimed_at, Some(two.a.clock.now()));
    let mine: DomainList = ada.get("/api/v1/domains").await?.ok()?;
    assert_eq!(mine.domains, [view]);

    // Nobody takes a name there but who is invited, once.
    let ask = json!({"purpose": "account", "address": kim});
    let closed = node.json("POST", "/api/v1/challenges", &ask).await?;
    assert_eq!(closed.refusal()?, (403, ErrorCode::RegistrationClosed));
    let given: CodeGiven = give(ada, "club.test", "kim", "invitations").await?.ok()?;
    assert_eq!(given.address.as_str(), kim);
    let standing: CodeStanding = look(node, kim, &given.code).await?.ok()?;
    assert_eq!(
        (standing.purpose, standing.next_key),
        (CodePurpose::Account, KeyNumber(1))
    );
    let redeemed = redeem(node, kim, &given.code, CodePurpose::Account, 1).await?;
    let opened: SessionOpened = redeemed.ok()?;
    let again = redeem(node, kim, &given.code, CodePurpose::Account, 1).await?;
    assert_eq!(again.refusal()?, (403, ErrorCode::CodeWrong));
    assert_eq!(node.log_in(kim, 2, 3).await?.status, 200);

    // Everybody does once it is opened.
    let view: DomainView = open(ada, "club.test", true).await?.ok()?;
    assert!(view.takes_accounts);
    node.create("lee@club.test").await?;
    let all: DomainUsers = users(ada, "club.test").await?.ok()?;
    let all: Vec<_> = all.users.iter().map(|user| user.address.as_str()).collect();
    assert_eq!(all, [kim, "lee@club.test"]);

    // Others find its people here.
    let found: Rpc<PublicKeyResponse> =
        node.json("POST", "/api/getPublicKey", &asked).await?.ok()?;
    assert!(found.json.public_key.is_some());
    let kim = Writer {
        client: node.signed_in(&opened),
        address: kim.parse()?,
    };
    two.bob
        .write("kim@club.test", "to the club", &two.b.clock)
        .await?;
    kim.until(|message| says(message, "to the club")).await?;
    kim.write(BOB, "from the club", &two.a.clock).await?;
    two.bob
        .until(|message| says(message, "from the club"))
        .await?;
    two.ada
        .write("kim@club.test", "next door", &two.a.clock)
        .await?;
    kim.until(|message| says(message, "next door")).await?;
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn hosted_domain_is_kept_over_a_restart() -> Outcome {
    let mut two = Two::start().await?;
    let _club = Site::start(&two.to_club, names("a.test", ADA)).await?;
    claim(&two.ada.client, "club.test", None)
        .await?
        .ok::<DomainView>()?;
    let a = two.a.restart(|config| {
        config.domains = vec!["a.test".to_owned()];
        config.api_domain = Some("a.test".to_owned());
    });
    two.a = a.await?;
    let ask = json!({"purpose": "login", "address": "kim@club.test"});
    let known = two
        .a
        .client
        .json("POST", "/api/v1/challenges", &ask)
        .await?;
    assert_eq!(known.status, 200, "{}", known.text());
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_that_names_another_server_is_not_kept_to_be_here() -> Outcome {
    let mut two = Two::start().await?;
    let club = Site::start(&two.to_club, names("a.test", ADA)).await?;
    let ada = &two.ada.client;
    claim(ada, "club.test", None).await?.ok::<DomainView>()?;
    open(ada, "club.test", true).await?.ok::<DomainView>()?;
    Writer::new(&two.a, "kim@club.test").await?;
    let is_here = async |client: &Client| -> Outcome<bool> {
        let ask = json!({"json": {"address": "kim@club.test"}});
        let answer = client.json("POST", "/api/getPublicKey", &ask).await?;
        Ok(answer
            .ok::<Rpc<PublicKeyResponse>>()?
            .json
            .public_key
            .is_some())
    };
    assert!(is_here(&two.a.client).await?);

    // What it opened is open only as long as it says so.
    club.say(StatusCode::OK, names("b.test", ADA));
    two.a.clock.forward(MINUTE);
    let ask = json!({"purpose": "account", "address": "ceo@club.test"});
    let closed = two
        .a
        .client
        .json("POST", "/api/v1/challenges", &ask)
        .await?;
    assert_eq!(closed.refusal()?, (403, ErrorCode::RegistrationClosed));

    // A node looks at its start, and then every five minutes.
    let restart = async |a: Harness, peers: &[DevPeer], authorities: &Path| {
        let (peers, authorities) = (peers.to_vec(), authorities.to_owned());
        a.restart(|config| {
            config.domains = vec!["a.test".to_owned()];
            config.api_domain = Some("a.test".to_owned());
            config.dev_peers = peers;
            config.authorities = Some(authorities);
        })
        .await
    };
    for here in [false, true] {
        let host = if here { "a.test" } else { "b.test" };
        club.say(StatusCode::OK, names(host, ADA));
        two.a = restart(two.a, &two.peers, &two.authorities).await?;
        let mut looks = 0;
        while is_here(&two.a.client).await? != here {
            looks += 1;
            assert!(looks < 500, "it is still kept to be where it was");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        // Whoever has left a vault there has it.
        let ask = json!({"purpose": "login", "address": "kim@club.test"});
        let known = two
            .a
            .client
            .json("POST", "/api/v1/challenges", &ask)
            .await?;
        assert_eq!(known.status, 200, "{}", known.text());
    }
    two.stop().await
}

/// Two nodes on one database of PostgreSQL: what one has taken in, the other keeps at once.
#[tokio::test(flavor = "multi_thread")]
async fn hosted_domain_is_known_to_every_node_of_a_database() -> Outcome {
    let Some(database) = testkit::postgres::database() else {
        return Ok(());
    };
    let authority = Authority::new();
    let (to_club, at_club) = watch::channel(None);
    let front = authority.before("club.test", at_club).await;
    let _club = Site::start(&to_club, names("a.test", ADA)).await?;
    let start = async || {
        let (database, own) = (
            database.parse::<DatabaseUrl>()?.parse()?,
            authority.file.clone(),
        );
        let node = Harness::with(|config| {
            config.domains = vec!["a.test".to_owned()];
            config.database = database;
            config.authorities = Some(own);
            config.dev_peers = format!("club.test={front}").parse().into_iter().collect();
        });
        node.await
    };
    let (here, there) = (start().await?, start().await?);
    let ada = Writer::new(&here, ADA).await?;
    let given: CodeGiven = {
        claim(&ada.client, "club.test", None)
            .await?
            .ok::<DomainView>()?;
        give(&ada.client, "club.test", "kim", "invitations")
            .await?
            .ok()?
    };
    let redeemed = redeem(
        &there.client,
        "kim@club.test",
        &given.code,
        CodePurpose::Account,
        1,
    );
    redeemed.await?.ok::<SessionOpened>()?;
    here.stop().await?;
    there.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn administrator_of_one_domain_can_do_nothing_at_another() -> Outcome {
    let two = Two::start().await?;
    let (node, ada) = (&two.a.client, &two.ada.client);
    let eve = Writer::new(&two.a, EVE).await?.client;
    let _club = Site::start(&two.to_club, names("a.test", ADA)).await?;
    let _guild = Site::start(&two.to_guild, names("a.test", EVE)).await?;
    claim(ada, "club.test", None).await?.ok::<DomainView>()?;
    claim(&eve, "guild.test", None).await?.ok::<DomainView>()?;
    let other = claim(ada, "guild.test", None).await?;
    assert_eq!(other.refusal()?, (403, ErrorCode::DomainAdminOther));
    open(&eve, "guild.test", true).await?.ok::<DomainView>()?;
    node.create("lou@guild.test").await?;

    // The node's own domain has no administrator here, and what nobody claimed neither.
    for domain in ["guild.test", "a.test", "b.test", "nowhere.test"] {
        for refused in [
            users(ada, domain).await?,
            open(ada, domain, false).await?,
            give(ada, domain, "max", "invitations").await?,
            give(ada, domain, "lou", "resets").await?,
        ] {
            assert_eq!(
                refused.refusal()?,
                (403, ErrorCode::DomainNotClaimed),
                "{domain}"
            );
        }
    }
    let guild: DomainUsers = users(&eve, "guild.test").await?.ok()?;
    assert_eq!(guild.users.len(), 1);
    for name in ["lou@guild.test", "lou@guild.test@", "", "Lou"] {
        let refused = give(ada, "club.test", name, "resets").await?;
        assert_eq!(
            refused.refusal()?,
            (422, ErrorCode::AddressInvalid),
            "{name}"
        );
    }
    let nobody = give(ada, "club.test", "lou", "resets").await?;
    assert_eq!(nobody.refusal()?, (404, ErrorCode::NotFound));
    let taken = give(&eve, "guild.test", "lou", "invitations").await?;
    assert_eq!(taken.refusal()?, (409, ErrorCode::AddressTaken));

    // A code is for one address and one purpose.
    let given: CodeGiven = give(ada, "club.test", "lou", "invitations").await?.ok()?;
    for (address, purpose) in [
        ("lou@guild.test", CodePurpose::Reset),
        ("max@guild.test", CodePurpose::Account),
        ("max@club.test", CodePurpose::Account),
        ("lou@club.test", CodePurpose::Reset),
    ] {
        let number = if purpose == CodePurpose::Reset { 2 } else { 1 };
        let refused = redeem(node, address, &given.code, purpose, number).await?;
        assert_eq!(refused.refusal()?, (403, ErrorCode::CodeWrong), "{address}");
    }
    let theirs = look(node, "max@club.test", &given.code).await?;
    assert_eq!(theirs.refusal()?, (403, ErrorCode::CodeWrong));
    let guessed = OneTimeCodeHex(Hex([7; 16]));
    let refused = look(node, "lou@club.test", &guessed).await?;
    assert_eq!(refused.refusal()?, (403, ErrorCode::CodeWrong));
    // Nor for longer than a week.
    two.a.clock.forward(7 * 24 * 60 * MINUTE - 1);
    look(node, "lou@club.test", &given.code)
        .await?
        .ok::<CodeStanding>()?;
    two.a.clock.forward(1);
    let over = redeem(node, "lou@club.test", &given.code, CodePurpose::Account, 1).await?;
    assert_eq!(over.refusal()?, (403, ErrorCode::CodeWrong));
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_named_any_more_loses_its_rights_within_a_minute() -> Outcome {
    let two = Two::start().await?;
    let (node, ada) = (&two.a.client, &two.ada.client);
    let eve = Writer::new(&two.a, EVE).await?.client;
    let club = Site::start(&two.to_club, names("a.test", ADA)).await?;
    claim(ada, "club.test", None).await?.ok::<DomainView>()?;
    let given: CodeGiven = give(ada, "club.test", "kim", "invitations").await?.ok()?;

    club.say(StatusCode::OK, names("a.test", EVE));
    two.a.clock.forward(MINUTE);
    for refused in [
        users(ada, "club.test").await?,
        open(ada, "club.test", true).await?,
        give(ada, "club.test", "max", "invitations").await?,
        give(ada, "club.test", "max", "resets").await?,
    ] {
        assert_eq!(refused.refusal()?, (403, ErrorCode::DomainAdminOther));
    }
    // What was given out before is worth nothing either.
    let refused = redeem(node, "kim@club.test", &given.code, CodePurpose::Account, 1).await?;
    assert_eq!(refused.refusal()?, (403, ErrorCode::CodeWrong));

    // The next one claims it first, and it is the former one's no more.
    let early = users(&eve, "club.test").await?;
    assert_eq!(early.refusal()?, (403, ErrorCode::DomainNotClaimed));
    claim(&eve, "club.test", None).await?.ok::<DomainView>()?;
    users(&eve, "club.test").await?.ok::<DomainUsers>()?;
    let former = users(ada, "club.test").await?;
    assert_eq!(former.refusal()?, (403, ErrorCode::DomainNotClaimed));
    let given: CodeGiven = give(&eve, "club.test", "kim", "invitations").await?.ok()?;

    // It cannot be asked, and says no: these are two.
    two.to_club.send_replace(None);
    two.a.clock.forward(MINUTE);
    let silent = users(&eve, "club.test").await?;
    assert_eq!(silent.refusal()?, (424, ErrorCode::DomainUnreachable));
    let silent = redeem(node, "kim@club.test", &given.code, CodePurpose::Account, 1).await?;
    assert_eq!(silent.refusal()?, (424, ErrorCode::DomainUnreachable));
    let club = Site::start(&two.to_club, names("b.test", EVE)).await?;
    two.a.clock.forward(MINUTE);
    let moved = users(&eve, "club.test").await?;
    assert_eq!(moved.refusal()?, (403, ErrorCode::DomainUnproven));
    club.say(StatusCode::OK, names("a.test", EVE));
    two.a.clock.forward(MINUTE);
    let redeemed = redeem(node, "kim@club.test", &given.code, CodePurpose::Account, 1).await?;
    redeemed.ok::<SessionOpened>()?;
    two.stop().await
}

/// A claim of `club.test`, signed by a key whose secret is `byte`, of these three as the text has them.
async fn proof(
    client: &Client,
    byte: u8,
    (node, domain, admin): (&str, &str, &str),
) -> Outcome<DomainKeyProof> {
    let ask = json!({"domain": "club.test"});
    let answer = client
        .json("POST", "/api/v1/domains/challenge", &ask)
        .await?;
    let challenge: DomainChallenge = answer.ok()?;
    let pair = KeyPair::from_secret(AddressSecret::init_with(|one| one[31] = byte))?;
    let given = Given {
        domain: &domain.parse()?,
        account: AccountId::from_bytes([0; 16]),
        challenge: challenge.challenge,
        expires_at: challenge.expires_at,
    };
    let admin: Address = admin.parse()?;
    assert!(
        challenge
            .text
            .starts_with("Pearvault domain claim v1\nnode: a.test\n")
    );
    Ok(DomainKeyProof {
        public_key: Hex(*pair.public().as_bytes()),
        challenge: challenge.challenge,
        expires_at: challenge.expires_at,
        mac: challenge.mac,
        signature: given.sign(node, &admin, &pair)?,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn claim_is_signed_by_the_key_that_the_domain_names() -> Outcome {
    let two = Two::start().await?;
    let ada = &two.ada.client;
    let pair = KeyPair::from_secret(AddressSecret::init_with(|one| one[31] = 7))?;
    let hashed =
        |hash: Value| json!({"apiDomain": "a.test", "admin": ADA, "domainPubKeyHash": hash});
    let club = Site::start(
        &two.to_club,
        hashed(json!(key_hash(pair.public()).to_string())),
    )
    .await?;
    let honest = ("a.test", "club.test", ADA);
    let wrong = (403, ErrorCode::DomainKeyWrong);
    assert_eq!(claim(ada, "club.test", None).await?.refusal()?, wrong);
    // Another key; and for another node, domain or account.
    let other = proof(ada, 8, honest).await?;
    assert_eq!(
        claim(ada, "club.test", Some(other)).await?.refusal()?,
        wrong
    );
    for (byte, said) in [
        (7, ("b.test", "club.test", ADA)),
        (7, ("a.test", "guild.test", ADA)),
        (7, ("a.test", "club.test", EVE)),
    ] {
        let proof = proof(ada, byte, said).await?;
        let refused = claim(ada, "club.test", Some(proof)).await?;
        assert_eq!(refused.refusal()?, wrong, "{said:?}");
    }
    // A challenge that was given to somebody else, that the node never gave, that is over.
    let eve = Writer::new(&two.a, EVE).await?.client;
    let forged = (403, ErrorCode::ChallengeForged);
    let theirs = proof(&eve, 7, honest).await?;
    assert_eq!(
        claim(ada, "club.test", Some(theirs)).await?.refusal()?,
        forged
    );
    let good = proof(ada, 7, honest).await?;
    let later = DomainKeyProof {
        expires_at: UnixMillis(good.expires_at.0 + 1),
        ..good
    };
    assert_eq!(
        claim(ada, "club.test", Some(later)).await?.refusal()?,
        forged
    );
    let old = proof(ada, 7, honest).await?;
    two.a.clock.forward(60 * MINUTE);
    let over = claim(ada, "club.test", Some(old)).await?.refusal()?;
    assert_eq!(over, (403, ErrorCode::ChallengeExpired));

    let good = proof(ada, 7, honest).await?;
    let view: DomainView = claim(ada, "club.test", Some(good)).await?.ok()?;
    assert_eq!(view.public_key, Some(Hex(*pair.public().as_bytes())));
    let again = claim(ada, "club.test", Some(good)).await?.refusal()?;
    assert_eq!(again, (409, ErrorCode::ChallengeSpent));
    users(ada, "club.test").await?.ok::<DomainUsers>()?;

    // Another key in the file, or what is no hash: the claim that was signed does for neither.
    for hash in [json!("ab".repeat(32)), json!("AB"), json!(7)] {
        club.say(StatusCode::OK, hashed(hash.clone()));
        two.a.clock.forward(MINUTE);
        assert_eq!(users(ada, "club.test").await?.refusal()?, wrong, "{hash}");
        let good = proof(ada, 7, honest).await?;
        let refused = claim(ada, "club.test", Some(good)).await?;
        assert_eq!(refused.refusal()?, wrong, "{hash}");
    }
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_gives_an_account_back_without_what_opened_it() -> Outcome {
    let two = Two::start().await?;
    let (node, ada) = (&two.a.client, &two.ada.client);
    let _club = Site::start(&two.to_club, names("a.test", ADA)).await?;
    claim(ada, "club.test", None).await?.ok::<DomainView>()?;
    open(ada, "club.test", true).await?.ok::<DomainView>()?;
    let kim = "kim@club.test";
    let before = node.create(kim).await?;
    let first = node.signed_in(&before);
    assert_eq!(first.put(item(1), 1, b"kept").await?.status, 200);

    let given: CodeGiven = give(ada, "club.test", "kim", "resets").await?.ok()?;
    // Until it is used, nothing changes.
    assert_eq!(first.get("/api/v1/keys").await?.status, 200);
    let standing: CodeStanding = look(node, kim, &given.code).await?.ok()?;
    assert_eq!(
        (standing.purpose, standing.next_key),
        (CodePurpose::Reset, KeyNumber(2))
    );
    let early = redeem(node, kim, &given.code, CodePurpose::Reset, 3).await?;
    assert_eq!(early.refusal()?, (409, ErrorCode::VersionConflict));
    let redeemed = redeem(node, kim, &given.code, CodePurpose::Reset, 2).await?;
    let opened: SessionOpened = redeemed.ok()?;
    assert_eq!(opened.account, before.account);
    // The older key is as it was sealed, and the newer one is active.
    assert_eq!(opened.keys, [key(1)?, key(2)?]);
    let again = redeem(node, kim, &given.code, CodePurpose::Reset, 3).await?;
    assert_eq!(again.refusal()?, (403, ErrorCode::CodeWrong));

    let ended = first.get("/api/v1/keys").await?.refusal()?;
    assert_eq!(ended, (401, ErrorCode::SessionInvalid));
    let old = node.log_in(kim, 1, 1).await?.refusal()?;
    assert_eq!(old, (401, ErrorCode::CredentialsWrong));
    assert_eq!(node.log_in(kim, 2, 3).await?.status, 200);
    let page: VaultPage = node.signed_in(&opened).get("/api/v1/vault").await?.ok()?;
    assert_eq!(page.records.len(), 1);
    two.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn configuration_names_the_administrator_of_its_own_domains() -> Outcome {
    let own = |config: &mut Config| {
        config.domains = vec!["a.test".to_owned()];
        config.admin = ADA.parse().ok();
    };
    let harness = Harness::with(own).await?;
    let node = &harness.client;
    // The address of rights is not whoever's comes first.
    let ask = json!({"purpose": "account", "address": ADA});
    let closed = node.json("POST", "/api/v1/challenges", &ask).await?;
    assert_eq!(closed.refusal()?, (403, ErrorCode::RegistrationClosed));
    let status: AddressStatus = node.get(&format!("/api/v1/addresses/{ADA}")).await?.ok()?;
    assert_eq!(status.availability, Availability::Closed);
    let mut config = Config::new(harness.folder().to_owned());
    own(&mut config);
    let system = (&*harness.clock as &dyn Clock, &SystemRandom as &dyn Random);
    let given = admin::code(&config, system, &ADA.parse()?, CodePurpose::Account).await?;
    let redeemed = redeem(node, ADA, &given.code, CodePurpose::Account, 1).await?;
    let ada = &node.signed_in(&redeemed.ok::<SessionOpened>()?);

    // No file is asked for: the operator has said so.
    let eve = Writer::new(&harness, EVE).await?.client;
    let refused = users(&eve, "a.test").await?;
    assert_eq!(refused.refusal()?, (403, ErrorCode::DomainNotClaimed));
    let mine: DomainList = ada.get("/api/v1/domains").await?.ok()?;
    let one = mine.domains.first().ok_or("none")?;
    assert_eq!((one.domain.as_str(), one.takes_accounts), ("a.test", true));
    assert_eq!(one.claimed_at, None);
    let none: DomainList = eve.get("/api/v1/domains").await?.ok()?;
    assert!(none.domains.is_empty());

    let view: DomainView = open(ada, "a.test", false).await?.ok()?;
    assert!(!view.takes_accounts);
    let ask = json!({"purpose": "account", "address": "max@a.test"});
    let closed = node.json("POST", "/api/v1/challenges", &ask).await?;
    assert_eq!(closed.refusal()?, (403, ErrorCode::RegistrationClosed));
    let given: CodeGiven = give(ada, "a.test", "max", "invitations").await?.ok()?;
    let redeemed = redeem(node, "max@a.test", &given.code, CodePurpose::Account, 1).await?;
    redeemed.ok::<SessionOpened>()?;
    let all: DomainUsers = users(ada, "a.test").await?.ok()?;
    assert_eq!(all.users.len(), 3);
    let from_m = ada.get("/api/v1/domains/a.test/users?after=m").await?;
    let from_m: DomainUsers = from_m.ok()?;
    assert_eq!(
        from_m.users,
        all.users[all.users.len() - from_m.users.len()..]
    );
    assert!(
        from_m
            .users
            .iter()
            .any(|user| user.address.as_str() == "max@a.test")
    );
    assert!(from_m.users.len() < all.users.len());
    for strange in ["%00".to_owned(), "%C3%A9".to_owned(), "a".repeat(319)] {
        let path = format!("/api/v1/domains/a.test/users?after={strange}");
        assert_eq!(ada.get(&path).await?.refusal()?.1, ErrorCode::InvalidField);
    }
    harness.stop().await
}
