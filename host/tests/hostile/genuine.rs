//! Genuine sessions in which much is told, to be listened to and told once more.

use proto::{
    bridge::{host::HostRequest, solver::SolverJob},
    bytes::Hex,
    ids::UnixMillis,
};
use serde_json::{Value, json};
use testkit::random::SeededRandom;

use crate::{attack::Recorded, extension::Extension, secrets::Secrets};

/// Says and hears much in that session, of which nobody else may ever see anything.
pub(crate) fn record(
    mut extension: Extension,
    secrets: &mut Secrets,
    chance: &SeededRandom,
    jobs: &[SolverJob],
    account: &str,
) -> Recorded {
    let work = json!({"jobs": jobs, "engine": "processor", "onBattery": "full", "known": []});
    // More jobs than it may have.
    let said = extension.ask(parsed("work", &json!({"work": work})));
    assert!(said["err"].is_object(), "{said}");
    let mut secret = |name| secrets.make(name, chance);
    let (username, password, device) = (secret("user"), secret("password"), secret("device"));
    let page = |name, payload| {
        let request = json!({"type": name, "payload": payload});
        ("ask", json!({"request": request, "device": device}), "err")
    };
    let (origin, login) = ("https://example.com", secret("login"));
    let (new, made) = (secret("new"), secret("made"));
    let asks = [
        ("describe", json!({}), account),
        page("unlock", json!({"password": password})),
        page(
            "log_in",
            json!({"address": username, "server": null, "password": login}),
        ),
        (
            "consider",
            json!({"origin": origin, "username": username, "password": password, "newPassword": new}),
            "err",
        ),
        (
            "keep_generated",
            json!({"origin": origin, "value": made}),
            "err",
        ),
    ];
    for (name, payload, tells) in asks {
        let request = json!({"request": {"type": name, "payload": payload}});
        let said = extension.ask(parsed("account", &request)).to_string();
        assert!(said.contains(tells), "{said}");
    }
    let (sent, heard) = (extension.sent.clone(), extension.heard.clone());
    Recorded { sent, heard }
}

/// A proof of work that is told by its name and its header.
pub(crate) fn job(secrets: &mut Secrets, chance: &SeededRandom) -> SolverJob {
    let (header, target) = (chance.bytes(), chance.bytes());
    secrets.plant("header", &header);
    secrets.plant("target", &target);
    SolverJob {
        job: secrets.make("job", chance),
        header: Hex(header),
        target: Hex(target),
        expires_at: UnixMillis(0),
    }
}

fn parsed(name: &str, payload: &Value) -> HostRequest {
    serde_json::from_value(json!({"type": name, "payload": payload})).unwrap()
}
