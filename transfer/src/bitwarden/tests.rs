//! Bitwarden's files.

use proto::vault::{ItemKind, ItemSecrets};

use super::*;
use crate::report::Fate;

const FILE: &str = r#"{"encrypted":false,"folders":[{"id":"f","name":"Home"}],"items":[
  {"type":1,"name":"Pear","folderId":"f","favorite":true,"notes":"first\nsecond","creationDate":"2024-01-02T03:04:05.678Z","revisionDate":"2024-02-02T03:04:05Z",
   "fields":[{"name":"PIN","value":"1234","type":1},{"name":"Empty","value":null,"type":0}],
   "login":{"username":"ada","password":"pw","totp":"JBSWY3DPEHPK3PXP","uris":[{"uri":"https://pear.example","match":null},{"uri":"https://a.pear.example","match":1},{"uri":"^https://","match":4}],"fido2Credentials":[{"credentialId":"x"}]},
   "passwordHistory":[{"lastUsedDate":"2023-05-06T00:00:00Z","password":"older"}],"attachments":[{"fileName":"scan.pdf"}]},
  {"type":2,"name":"Note","notes":"text","secureNote":{"type":0}},
  {"type":3,"name":"Card","card":{"cardholderName":"Ada","brand":"Visa","number":"4111111111111111","expMonth":"4","expYear":"2030","code":"123"}},
  {"type":4,"name":"Me","identity":{"firstName":"Ada","lastName":"Lovelace","address1":"1 Street","address2":"Top","city":"London","email":"ada@example.com","ssn":"1"}},
  {"type":5,"name":"Key","sshKey":{"privateKey":"-----","publicKey":"ssh-ed25519","keyFingerprint":"SHA256"}},
  {"type":1,"name":"Gone","deletedDate":"2024-01-01T00:00:00Z","login":{}},
  {"type":1,"name":"Nothing","login":{}}]}"#;

#[test]
fn every_part_is_somewhere() {
    assert!(is(FILE));
    let import = read(FILE).unwrap_or_else(|error| unreachable!("{error}"));
    let kinds: Vec<_> = import
        .items
        .iter()
        .map(|item| item.draft.secrets.kind())
        .collect();
    assert_eq!(
        kinds,
        [
            ItemKind::Login,
            ItemKind::Note,
            ItemKind::Card,
            ItemKind::Identity,
            ItemKind::Note
        ]
    );
    let left: Vec<_> = import
        .left_out
        .iter()
        .map(|left| (left.name.as_str(), left.why))
        .collect();
    assert_eq!(
        left,
        [("Gone", WhyLeft::Deleted), ("Nothing", WhyLeft::Empty)]
    );
    let login = &import.items[0];
    let ItemSecrets::Login { fields, .. } = &login.draft.secrets else {
        unreachable!("a login")
    };
    let names: Vec<_> = fields
        .iter()
        .map(|field| (field.name.as_str(), field.concealed))
        .collect();
    assert_eq!(
        names,
        [
            ("Address", false),
            ("PIN", true),
            ("Folder", false),
            ("Favourite", false),
            ("Older password, until 2023-05-06", true)
        ]
    );
    assert_eq!(login.draft.urls.len(), 2);
    assert_eq!(login.draft.urls[1].matching, UrlMatch::Host);
    assert_eq!(login.created_at.map(|at| at.0), Some(1_704_164_645_678));
    let lost: Vec<_> = login
        .remarks
        .iter()
        .map(|it| (it.part.as_str(), it.fate))
        .collect();
    assert_eq!(
        lost,
        [
            ("Passkey", Fate::Lost(WhyLeft::Passkey)),
            ("scan.pdf", Fate::Lost(WhyLeft::Attachment))
        ]
    );
}

#[test]
fn sealed_files_are_told_apart() {
    for (text, want) in [
        (
            r#"{"encrypted":true,"passwordProtected":true,"data":"2.x"}"#,
            ImportError::PasswordNeeded,
        ),
        (
            r#"{"encrypted":true,"items":[]}"#,
            ImportError::AccountBound,
        ),
        (
            "{\"items\":[\n{\"type\":\"x\"}]}",
            ImportError::Damaged { line: 2 },
        ),
    ] {
        assert_eq!(read(text).map(|_| ()), Err(want), "{text}");
    }
}
