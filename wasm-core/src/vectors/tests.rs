#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

/// Our files: text, and the least numbers of entries that must be accepted and refused.
const FILES: [(&str, &str); 9] = [
    ("keys", include_str!("../../vectors/keys.json")),
    ("seal", include_str!("../../vectors/seal.json")),
    ("vault", include_str!("../../vectors/vault.json")),
    ("challenge", include_str!("../../vectors/challenge.json")),
    ("recovery", include_str!("../../vectors/recovery.json")),
    ("pin", include_str!("../../vectors/pin.json")),
    ("devices", include_str!("../../vectors/devices.json")),
    ("safety", include_str!("../../vectors/safety.json")),
    ("kp1", include_str!("../../vectors/kp1.json")),
];
const REJECT: [&str; 16] = [
    "wrong_signatures",
    "invalidPrivateKeys",
    "unopenable",
    "unopenable_key_pairs",
    "unopenable_items",
    "unopenable_tombstones",
    "forged_challenges",
    "unopenable_messages",
    "no_recovery_words",
    "unopenable_recovery_pairs",
    "unopenable_recovery_keys",
    "unopenable_pins",
    "unopenable_device_names",
    "wrong_renewals",
    "next_tokens_differ",
    "wrong_safety_numbers",
];

#[test]
fn vectors_of_the_repository_hold() -> Result<(), FileError> {
    for (name, text) in FILES {
        let report = check_file(text)?;
        assert!(report.holds(), "{name}: {report:#?}");
        let (mut accepted, mut refused) = (0, 0);
        for list in &report.lists {
            assert!(list.skipped.is_empty(), "{name}: {:?}", list.skipped);
            if REJECT.contains(&list.name.as_str()) {
                refused += list.passed;
            } else if list.name != "publicKeyVerify" {
                accepted += list.passed;
            }
        }
        assert!(
            accepted > 0 && refused >= accepted,
            "{name}: {accepted} accepted, {refused} refused"
        );
    }
    Ok(())
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn kdf_vectors_of_the_repository_hold() -> Result<(), FileError> {
    let report = check_file(include_str!("../../vectors/kdf.json"))?;
    assert!(
        report.holds()
            && report.lists.len() == 4
            && report.lists.iter().all(|list| list.skipped.is_empty()),
        "{report:#?}"
    );
    Ok(())
}

#[test]
fn unknown_lists_are_skipped_and_not_passed() -> Result<(), FileError> {
    let report = check_file(r#"{"source": "nobody", "cheese": [1, 2, 3]}"#)?;
    let expected = ListReport {
        name: "cheese".to_owned(),
        passed: 0,
        failed: Vec::new(),
        skipped: (0..3)
            .map(|i| format!("cheese[{i}]: nothing here knows a list of this name"))
            .collect(),
    };
    assert_eq!(report.lists, [expected]);
    assert!(!report.holds());
    assert!(check_file("[]").is_err());
    assert!(check_file("{").is_err());
    Ok(())
}

/// Turns each accepted list into a refused one and the other way round: all must fail.
#[test]
fn checks_can_fail() -> Result<(), FileError> {
    for (accept, reject) in [
        ("signatures", "wrong_signatures"),
        ("sealed", "unopenable"),
        ("sealed_key_pairs", "unopenable_key_pairs"),
        ("items", "unopenable_items"),
        ("tombstones", "unopenable_tombstones"),
        ("challenges", "forged_challenges"),
        ("messages", "unopenable_messages"),
        ("recovery_words", "no_recovery_words"),
        ("recovery_pairs", "unopenable_recovery_pairs"),
        ("recovery_keys", "unopenable_recovery_keys"),
        ("pins", "unopenable_pins"),
        ("device_names", "unopenable_device_names"),
        ("renewals", "wrong_renewals"),
        ("next_tokens", "next_tokens_differ"),
    ] {
        let mut checked = 0;
        for (_, text) in FILES {
            let file: Value = serde_json::from_str(text)?;
            for (from, to) in [(accept, reject), (reject, accept)] {
                for entry in file[from].as_array().into_iter().flatten() {
                    let mut entry = entry.clone();
                    if to == "unopenable_items" {
                        entry["half"] = "secrets".into();
                    }
                    let result = check_entry(to, Entry(&entry), &file);
                    assert!(
                        matches!(result, Err(NotPassed::Failed(_))),
                        "{from} as {to}: {entry}"
                    );
                    checked += 1;
                }
            }
        }
        assert!(checked >= 2, "{accept}");
    }
    Ok(())
}

#[test]
fn recorded_exchanges_are_read() -> Result<(), FileError> {
    let exchange = |procedure: &str, body: &str, status: u16, answer: &str| {
        serde_json::json!({
            "request": {
                "method": "POST", "path": format!("/api/{procedure}"),
                "headers": {"content-type": "application/json"}, "body": body,
            },
            "response": {"status": status, "body": answer},
        })
    };
    let bad_request =
        r#"{"json":{"defined":false,"code":"BAD_REQUEST","status":400,"message":"no","data":{}}}"#;
    let ask = r#"{"json":{"address":"a@b.de"}}"#;
    let file = |entries: Value| serde_json::json!({ "errors": entries }).to_string();
    let good = check_file(&file(serde_json::json!([
        exchange(
            "serverInfo",
            "{}",
            200,
            r#"{"json":{"domain":"b.de","more":1},"meta":[]}"#
        ),
        exchange("getPublicKey", ask, 200, r#"{"json":{"publicKey":null}}"#),
        exchange("getPublicKey", r#"{"address":"a@b.de"}"#, 400, bad_request),
        exchange("pullTheRug", "{}", 200, "{}"),
    ])))?;
    assert!(
        good.holds() && good.lists[0].passed == 3 && good.lists[0].skipped.len() == 1,
        "{good:?}"
    );
    let bad = check_file(&file(serde_json::json!([
        exchange("serverInfo", "{}", 200, r#"{"json":{}}"#),
        exchange("getPublicKey", "{}", 200, r#"{"json":{"publicKey":null}}"#),
        exchange("getPublicKey", ask, 400, bad_request),
        exchange("getPublicKey", "{}", 500, bad_request),
        exchange("getPowChallenge", r#"{"json":{}}"#, 200, r#"{"json":{}}"#),
        exchange(
            "notifyMessage",
            r#"{"json":{}}"#,
            200,
            r#"{"json":{"success":true}}"#
        ),
        exchange("pullMessage", r#"{"json":{}}"#, 200, r#"{"json":{}}"#),
    ])))?;
    assert_eq!(bad.lists[0].failed.len(), 7, "{bad:?}");
    Ok(())
}
