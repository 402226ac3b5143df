//! 1Password's files.

use proto::vault::{ItemKind, ItemSecrets};

use super::*;
use crate::report::Fate;

const FILE: &str = r#"{"accounts":[{"attrs":{},"vaults":[{"attrs":{"name":"Private"},"items":[
 {"uuid":"1","favIndex":1,"createdAt":1704164645,"updatedAt":1704164646,"state":"archived","categoryUuid":"001",
  "details":{"loginFields":[{"value":"ada","name":"user","fieldType":"T","designation":"username"},{"value":"pw","name":"pass","fieldType":"P","designation":"password"},{"value":"✓","name":"remember","fieldType":"C"},{"value":"blue","name":"colour","fieldType":"T"}],
   "notesPlain":"note","sections":[{"title":"More","fields":[{"title":"one-time password","id":"x","value":{"totp":"JBSWY3DPEHPK3PXP"}},{"title":"PIN","id":"y","value":{"concealed":"1234"}},{"title":"scan","id":"z","value":{"file":{"fileName":"scan.pdf"}}}]}],
   "passwordHistory":[{"value":"older","time":1600000000}]},
  "overview":{"title":"Pear","url":"https://pear.example","urls":[{"label":"","url":"https://pear.example"},{"label":"","url":"https://login.pear.example"}],"tags":["a","b"]}},
 {"categoryUuid":"002","details":{"sections":[{"fields":[{"title":"cardholder name","id":"cardholder","value":{"string":"Ada"}},{"title":"number","id":"ccnum","value":{"creditCardNumber":"4111111111111111"}},{"title":"expiry date","id":"expiry","value":{"monthYear":203004}},{"title":"verification number","id":"cvv","value":{"concealed":"123"}},{"title":"PIN","id":"pin","value":{"concealed":"9876"}}]}]},"overview":{"title":"Card"}},
 {"categoryUuid":"004","details":{"sections":[{"fields":[{"id":"firstname","title":"first name","value":{"string":"Ada"}},{"id":"lastname","title":"last name","value":{"string":"Lovelace"}},{"id":"address","title":"address","value":{"address":{"street":"1 Street","city":"London","zip":"SW1","country":"gb","state":""}}},{"id":"email","title":"email","value":{"email":{"email_address":"ada@example.com","provider":null}}}]}]},"overview":{"title":"Me"}},
 {"categoryUuid":"112","details":{"sections":[{"title":"API","fields":[{"title":"credential","id":"c","value":{"concealed":"key"}}]}]},"overview":{"title":"Key"}},
 {"trashed":true,"categoryUuid":"001","overview":{"title":"Gone"}}]}]}]}"#;

#[test]
fn every_part_is_somewhere() {
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
            ItemKind::Card,
            ItemKind::Identity,
            ItemKind::Note
        ]
    );
    let login = &import.items[0];
    assert_eq!(login.draft.urls.len(), 2);
    assert_eq!(login.created_at.map(|at| at.0), Some(1_704_164_645_000));
    let ItemSecrets::Login { fields, totp, .. } = &login.draft.secrets else {
        unreachable!("a login")
    };
    assert!(!totp.is_empty());
    let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "colour",
            "More: PIN",
            "Older password, until day 18518 since 1970",
            "Vault",
            "Tags",
            "Favourite",
            "Archived"
        ]
    );
    assert_eq!(login.remarks[0].fate, Fate::Lost(WhyLeft::Attachment));
    let ItemSecrets::Card {
        number,
        expiry,
        code,
        pin,
        ..
    } = &import.items[1].draft.secrets
    else {
        unreachable!("a card")
    };
    // EXPOSE: made up above.
    let card = [number, expiry, code, pin].map(SecretText::expose_secret);
    assert_eq!(card, ["4111111111111111", "04/30", "123", "9876"]);
    assert_eq!(import.items[2].draft.subtitle, "Ada Lovelace");
    let ItemSecrets::Note { text } = &import.items[3].draft.secrets else {
        unreachable!("a note")
    };
    // EXPOSE: made up above.
    assert_eq!(text.expose_secret(), "API: credential: key\nVault: Private");
    assert_eq!(import.left_out[0].why, WhyLeft::Deleted);
}
