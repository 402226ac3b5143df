use proto::{
    ids::UnixMillis,
    vault::{ItemKind, ItemSecrets},
};

use super::*;
use crate::report::Fate;

const FILE: &str = r#"{"version":{"major":1,"minor":0},"exporterRpId":"pear.example","exporterDisplayName":"Pear","timestamp":1700000000,"accounts":[
 {"id":"YQ","username":"ada","email":"ada@example.com","collections":[{"id":"Yw","title":"Home","items":[{"item":"aQ"}]}],"items":[
  {"id":"aQ","creationAt":1600000000,"modifiedAt":1650000000,"title":"Pear","favorite":true,"tags":["a","b"],
   "scope":{"urls":["https://pear.example/login"],"androidApps":[{"bundleId":"com.pear"}]},
   "credentials":[
    {"type":"basic-auth","username":{"fieldType":"string","value":"ada"},"password":{"fieldType":"concealed-string","value":"pw"}},
    {"type":"totp","secret":"GEZDGNBVGY3TQOJQ","period":30,"digits":6,"algorithm":"sha1","issuer":"Pear"},
    {"type":"note","content":{"fieldType":"string","value":"of the garden"}},
    {"type":"custom-fields","fields":[{"fieldType":"concealed-string","value":"1234","label":"PIN"},{"fieldType":"boolean","value":"true","label":"Shared"}]},
    {"type":"passkey","credentialId":"YQ","rpId":"pear.example","username":"ada","userDisplayName":"Ada","userHandle":"YQ","key":"YQ"},
    {"type":"file","id":"Zg","name":"scan.pdf","decryptedSize":1,"integrityHash":"YQ"}]},
  {"id":"ag","title":"Visa","credentials":[{"type":"credit-card","number":{"fieldType":"concealed-string","value":"4111111111111111"},"fullName":{"fieldType":"string","value":"Ada"},"expiryDate":{"fieldType":"year-month","value":"2030-04"},"verificationNumber":{"fieldType":"concealed-string","value":"123"},"cardType":{"fieldType":"string","value":"Visa"}}]},
  {"id":"aw","title":"Me","credentials":[{"type":"person-name","given":{"fieldType":"string","value":"Ada"},"surname":{"fieldType":"string","value":"Lovelace"}},{"type":"address","streetAddress":{"fieldType":"string","value":"1 Street"},"city":{"fieldType":"string","value":"London"}},{"type":"passport","passportNumber":{"fieldType":"string","value":"P1"}}]},
  {"id":"bA","title":"Wi-Fi","credentials":[{"type":"wifi","ssid":{"fieldType":"string","value":"orchard"},"passphrase":{"fieldType":"concealed-string","value":"pw"}}]},
  {"id":"bQ","title":"Odd code","credentials":[{"type":"totp","secret":"GEZDGNBVGY3TQOJQ","period":60,"digits":8,"algorithm":"sha256"}]},
  {"id":"bg","title":"Nothing","credentials":[]},
  {"id":"bw","title":"Later","credentials":[{"type":"of-the-future","value":"seen"}]}]}]}"#;

#[test]
fn every_part_is_somewhere() {
    assert!(is(FILE));
    let import = crate::read(FILE.as_bytes()).unwrap_or_else(|error| unreachable!("{error}"));
    assert_eq!(import.format, Format::Cxf);
    let kinds: Vec<_> = import
        .items
        .iter()
        .map(|item| item.draft.secrets.kind())
        .collect();
    assert_eq!(
        kinds,
        [
            ItemKind::Login,
            ItemKind::Card,
            ItemKind::Identity,
            ItemKind::Note,
            ItemKind::Login,
            ItemKind::Note
        ]
    );
    assert_eq!(import.left_out.len(), 1);
    let login = &import.items[0];
    assert_eq!(login.created_at, Some(UnixMillis(1_600_000_000_000)));
    assert_eq!(login.draft.subtitle, "ada");
    assert_eq!(login.draft.urls.len(), 1);
    let ItemSecrets::Login {
        password,
        totp,
        fields,
        notes,
    } = &login.draft.secrets
    else {
        unreachable!("a login")
    };
    // EXPOSE: made up above.
    let texts = [password, totp, notes].map(SecretText::expose_secret);
    assert_eq!(
        texts,
        [
            "pw",
            "GEZDGNBVGY3TQOJQ",
            "of the garden\nFolder: Home\nTags: a, b\nFavourite: yes"
        ]
    );
    let names: Vec<_> = fields
        .iter()
        .map(|field| (field.name.as_str(), field.concealed))
        .collect();
    assert_eq!(
        names,
        [
            ("Issuer", false),
            ("PIN", true),
            ("Shared", false),
            ("Address", false)
        ]
    );
    let lost: Vec<_> = login
        .remarks
        .iter()
        .filter(|remark| matches!(remark.fate, Fate::Lost(_)))
        .map(|remark| remark.part.as_str())
        .collect();
    assert_eq!(lost, ["Passkey", "scan.pdf"]);
    let ItemSecrets::Card { expiry, .. } = &import.items[1].draft.secrets else {
        unreachable!("a card")
    };
    // EXPOSE: made up above.
    assert_eq!(expiry.expose_secret(), "04/30");
    assert_eq!(import.items[2].draft.subtitle, "Ada Lovelace");
    let ItemSecrets::Login { totp, fields, .. } = &import.items[4].draft.secrets else {
        unreachable!("a login")
    };
    assert!(
        !totp.is_empty() && fields.is_empty(),
        "a key that makes codes"
    );
}

#[test]
fn a_format_to_come_is_not_guessed() {
    let later = FILE.replace(r#""major":1"#, r#""major":2"#);
    assert_eq!(
        crate::read(later.as_bytes()).map(|_| ()),
        Err(ImportError::Unknown)
    );
    let cut = &FILE[..FILE.len() - 10];
    assert!(crate::read(cut.as_bytes()).is_err());
}
