//! Domains that an account administers: claimed, opened, their users, and codes for them.

use std::error::Error;

use engine::{Engine, EngineError, NodeError};
use proto::{
    address::Address,
    api::domain::{CodePurpose, DomainName},
    bridge::popup::{AppStatus, Domains},
    bytes::Hex,
    error::{ErrorCode, WireError},
    federation::WellKnown,
    ids::KeyNumber,
    vault::SecretText,
};
use testkit::{
    device::{Device, PASSWORD},
    node::MemoryNode,
    run::finish,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ADA: &str = "ada@localhost";
const FILE: &str = r#"{"apiDomain":"localhost","admin":"ada@localhost"}"#;

fn hosted() -> Outcome<DomainName> {
    Ok("pears.example".parse()?)
}

/// Name, whether anybody may register.
fn listed(domains: &Domains) -> Vec<(&str, bool)> {
    let all = domains.domains.iter();
    all.map(|it| (it.domain.as_str(), it.registration_open))
        .collect()
}

/// What the node said no with.
fn refusal<T>(answer: Result<T, EngineError>) -> Option<WireError> {
    match answer {
        Err(EngineError::Node(NodeError::Refused(error))) => Some(*error),
        _ => None,
    }
}

fn refused<T>(answer: Result<T, EngineError>, code: ErrorCode) -> bool {
    refusal(answer).is_some_and(|error| error.code == code)
}

/// The administrator of a domain that was just claimed.
fn administrator(node: &MemoryNode) -> Outcome<(Device, Engine<Device>)> {
    let device = Device::new(node, 2);
    let engine = device.create(ADA)?;
    node.name_administrator(&hosted()?, &ADA.parse()?);
    finish(engine.claim_domain("pears.example"))?;
    Ok((device, engine))
}

#[test]
fn claim_is_refused_with_what_the_file_should_say_until_it_does() -> Outcome {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    let before = finish(engine.domains())?;
    assert_eq!((listed(&before), before.file.as_str()), (vec![], FILE));

    let unproven = refusal(finish(engine.claim_domain("pears.example"))).ok_or("taken")?;
    assert_eq!(unproven.code, ErrorCode::DomainUnproven);
    assert_eq!(unproven.params["file"], FILE);
    node.name_administrator(&hosted()?, &"bob@localhost".parse()?);
    let other = refusal(finish(engine.claim_domain("pears.example"))).ok_or("taken")?;
    assert_eq!(other.code, ErrorCode::DomainAdminOther);
    assert_eq!(other.params["file"], FILE);
    for none in [
        "",
        "pears",
        "pears example.com",
        "pears.example/..",
        "a@pears.example",
    ] {
        let claimed = finish(engine.claim_domain(none)).map_err(|error| error.code());
        assert_eq!(claimed.err(), Some(ErrorCode::AddressInvalid), "{none}");
    }

    node.name_administrator(&hosted()?, &ADA.parse()?);
    let claimed = finish(engine.claim_domain(" Pears.Example "))?;
    assert_eq!(listed(&claimed), [("pears.example", false)]);
    // Sent twice it is one act.
    let again = finish(engine.claim_domain("pears.example"))?;
    assert_eq!(again, claimed);
    Ok(())
}

#[test]
fn key_that_the_file_names_signs_the_claim_an_older_one_too() -> Outcome {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    let domain = hosted()?;
    let keyed = finish(engine.domains())?.keyed_file;
    let file: WellKnown = serde_json::from_str(&keyed)?;
    let hash = file.domain_pub_key_hash.ok_or("no key")?;
    let plain = FILE.trim_end_matches('}');
    assert_eq!(keyed, format!(r#"{plain},"domainPubKeyHash":"{hash}"}}"#));

    // One that is nobody's here is said, and nothing is claimed.
    node.name_administrator(&domain, &ADA.parse()?);
    node.name_domain_key(&domain, Hex([7; 32]));
    let claimed = finish(engine.claim_domain("pears.example"));
    assert!(refused(claimed, ErrorCode::DomainKeyWrong));
    assert_eq!(listed(&finish(engine.domains())?), []);

    node.name_domain_key(&domain, hash);
    finish(engine.make_key(&SecretText::new(PASSWORD), KeyNumber(2)))?;
    assert_ne!(finish(engine.domains())?.keyed_file, keyed);
    let claimed = finish(engine.claim_domain("pears.example"))?;
    assert_eq!(listed(&claimed), [("pears.example", false)]);
    Ok(())
}

#[test]
fn registration_is_closed_until_the_administrator_opens_it() -> Outcome {
    let node = MemoryNode::new(1);
    let (_, engine) = administrator(&node)?;
    let password = SecretText::new(PASSWORD);
    let bob = Device::new(&node, 3).open()?;
    let server = Some("http://localhost:8787");
    let closed = finish(bob.begin_create("bob@pears.example", server, &password, "Test"));
    let closed = closed.map_err(|error| error.code());
    assert_eq!(closed, Err(ErrorCode::RegistrationClosed));

    let open = finish(engine.open_registration(&hosted()?, true))?;
    assert_eq!(listed(&open), [("pears.example", true)]);
    finish(bob.begin_create("bob@pears.example", server, &password, "Test"))?;
    finish(bob.cancel_work());
    let shut = finish(engine.open_registration(&hosted()?, false))?;
    assert_eq!(listed(&shut), [("pears.example", false)]);
    Ok(())
}

#[test]
fn invited_users_are_listed_in_pages_and_found_by_how_they_begin() -> Outcome {
    let node = MemoryNode::new(1);
    let (device, engine) = administrator(&node)?;
    let domain = hosted()?;
    for (seed, name) in (10..).zip(["ann", "bert", "bo+b", "cleo"]) {
        let given = finish(engine.give_code(&domain, &format!(" {name} "), CodePurpose::Account))?;
        assert_eq!(given.address.as_str(), format!("{name}@pears.example"));
        let digits = given.code.expose_secret();
        assert_eq!((digits.len(), digits.matches('-').count()), (39, 7));
        let invited = Device::new(&node, seed).open()?;
        let status = finish(invited.redeem_code(
            given.address.as_str(),
            Some("http://localhost:8787"),
            &given.code,
            CodePurpose::Account,
            &SecretText::new(PASSWORD),
            "Test",
        ))?;
        assert!(matches!(status, AppStatus::Unlocked { .. }), "{status:?}");
    }
    let names = |after: &str| -> Outcome<(Vec<String>, bool)> {
        let page = finish(engine.domain_users(&domain, after))?;
        let names = page.users.iter().map(|user| user.address.name().to_owned());
        Ok((names.collect(), page.has_more))
    };
    let first = ["ann", "bert", "bo+b"].map(str::to_owned).to_vec();
    assert_eq!(names("")?, (first, true));
    assert_eq!(names("bo+b@pears.example")?.0, ["cleo"]);
    assert_eq!(names("B")?.0, ["bert", "bo+b", "cleo"]);
    // What no address has comes into no URL.
    assert_eq!(names("c&after=b#/")?.0, ["cleo"]);
    let asked = device.transport.seen().pop().unwrap_or_default();
    assert!(asked.ends_with("/users?after=cafterb"), "{asked}");

    let taken = finish(engine.give_code(&domain, "ann", CodePurpose::Account));
    assert!(refused(taken, ErrorCode::AddressTaken));
    let nobody = finish(engine.give_code(&domain, "dora", CodePurpose::Reset));
    assert!(refused(nobody, ErrorCode::NotFound));
    let none = finish(engine.give_code(&domain, "no name", CodePurpose::Account));
    assert!(refused(none, ErrorCode::AddressInvalid));
    let reset = finish(engine.give_code(&domain, "ann", CodePurpose::Reset))?;
    let shown = Device::new(&node, 20).open()?;
    let server = Some("http://localhost:8787");
    let found = finish(shown.check_code("ann@pears.example", server, &reset.code))?;
    assert_eq!(found.purpose, CodePurpose::Reset);
    Ok(())
}

#[test]
fn whoever_is_no_longer_named_administers_nothing() -> Outcome {
    let node = MemoryNode::new(1);
    let (_, engine) = administrator(&node)?;
    let domain = hosted()?;
    let bob: Address = "bob@localhost".parse()?;
    let other = Device::new(&node, 3).create(bob.as_str())?;
    let early = finish(other.domain_users(&domain, ""));
    assert!(refused(early, ErrorCode::DomainNotClaimed));
    node.name_administrator(&domain, &bob);
    let late = finish(engine.give_code(&domain, "ann", CodePurpose::Account));
    assert!(refused(late, ErrorCode::DomainAdminOther));
    finish(other.claim_domain("pears.example"))?;
    let gone = finish(engine.open_registration(&domain, true));
    assert!(refused(gone, ErrorCode::DomainNotClaimed));
    assert!(listed(&finish(engine.domains())?).is_empty());
    finish(engine.lock());
    assert_eq!(finish(engine.domains()), Err(EngineError::Locked));
    Ok(())
}
