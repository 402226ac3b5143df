//! The vault as a file: it comes back as it was, opens with its own password only, and leaves for
//! nobody but who typed the account's password again.

use std::error::Error;

use engine::{Engine, EngineError};
use proptest::prelude::*;
use proto::{
    bridge::popup::ImportItem,
    export::{ExportedItem, SEALED_EXPORT, SEALED_EXPORT_VERSION, SealedExport},
    ids::{ExportId, ImportId, UnixMillis},
    vault::{CustomField, ItemDraft, ItemSecrets, ItemUrl, SecretText, UrlMatch},
};
use testkit::{
    device::{Device, PASSWORD},
    items::{card, identity, numbered},
    node::MemoryNode,
    run::finish,
};
use wasm_core::export::{Part, derive_key, open_part};

type Outcome = Result<(), Box<dyn Error>>;

const ADA: &str = "ada@localhost";
const FILE_PASSWORD: &str = "a password for the file";

fn password(text: &str) -> SecretText {
    SecretText::new(text)
}

/// The whole file, as the page puts it together.
fn export(engine: &Engine<Device>) -> Result<SealedExport, EngineError> {
    let started = finish(engine.begin_export(&password(PASSWORD), &password(FILE_PASSWORD)))?;
    let part = |number| finish(engine.export_part(started.export, number)).map(|it| it.part);
    Ok(SealedExport {
        format: SEALED_EXPORT.to_owned(),
        version: SEALED_EXPORT_VERSION,
        account: started.account.clone(),
        salt: started.salt,
        parts: (0..started.parts).map(part).collect::<Result<_, _>>()?,
    })
}

/// What is in a file.
fn open(device: &Device, file: &SealedExport) -> Result<Vec<ExportedItem>, Box<dyn Error>> {
    let key = finish(derive_key(
        &device.kdf,
        &file.salt.0,
        &password(FILE_PASSWORD),
    ));
    let key = key.map_err(|_| "no key")?;
    let parts = u32::try_from(file.parts.len())?;
    let mut items = Vec::new();
    for (number, sealed) in (0..parts).zip(&file.parts) {
        let part = Part {
            account: &file.account,
            salt: &file.salt.0,
            number,
            parts,
        };
        let json = open_part(&key, &part, &sealed.0)?;
        items.append(&mut serde_json::from_slice::<Vec<ExportedItem>>(&json)?);
    }
    Ok(items)
}

fn imported(items: &[ExportedItem]) -> Vec<ImportItem> {
    let item = |(number, item): (u32, &ExportedItem)| ImportItem {
        number,
        draft: item.draft.clone(),
        created_at: Some(item.created_at),
        updated_at: Some(item.updated_at),
    };
    (0..).zip(items).map(item).collect()
}

#[test]
fn a_vault_of_several_parts_comes_back_whole() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create(ADA)?;
    for number in 0..70 {
        finish(engine.save(numbered(number)))?;
    }
    finish(engine.save(card("Visa", "Ada", "4111111111111111", "12/30")))?;
    finish(engine.save(identity("Me", "Ada")))?;
    let file = export(&engine)?;
    assert_eq!(file.parts.len(), 3);
    assert_eq!(open(&device, &file)?.len(), 72);
    Ok(())
}

#[test]
fn only_the_accounts_password_begins_an_export() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create(ADA)?;
    let begin = |own: &str, file: &str| {
        let (own, file) = (password(own), password(file));
        finish(engine.begin_export(&own, &file)).map(|started| started.export)
    };
    assert_eq!(
        begin("wrong", FILE_PASSWORD),
        Err(EngineError::PasswordWrong)
    );
    assert_eq!(begin(PASSWORD, "short"), Err(EngineError::PasswordWeak));
    let unknown = ExportId::from_bytes([7; 16]);
    assert_eq!(
        finish(engine.export_part(unknown, 0)).err(),
        Some(EngineError::Cancelled)
    );
    finish(engine.save(numbered(1)))?;
    let export = begin(PASSWORD, FILE_PASSWORD)?;
    assert!(finish(engine.export_part(export, 0)).is_ok());
    assert_eq!(
        finish(engine.export_part(export, 1)).err(),
        Some(EngineError::Cancelled)
    );
    finish(engine.lock());
    finish(engine.unlock(&password(PASSWORD)))?;
    assert_eq!(
        finish(engine.export_part(export, 0)).err(),
        Some(EngineError::Cancelled),
        "the lock ends it"
    );
    Ok(())
}

/// All that a plain export gives out.
fn plain(engine: &Engine<Device>) -> Result<Vec<ExportedItem>, EngineError> {
    let started = finish(engine.begin_plain_export(&password(PASSWORD)))?;
    let mut items = Vec::new();
    for number in 0..started.parts {
        items.append(&mut finish(engine.plain_part(started.export, number))?.items);
    }
    assert_eq!(items.len(), started.items as usize);
    Ok(items)
}

#[test]
fn a_plain_export_holds_what_a_sealed_one_does() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create(ADA)?;
    for number in 0..40 {
        finish(engine.save(numbered(number)))?;
    }
    finish(engine.save(card("Visa", "Ada", "4111111111111111", "12/30")))?;
    let sealed = open(&device, &export(&engine)?)?;
    assert_eq!(plain(&engine)?, sealed);
    Ok(())
}

#[test]
fn a_plain_export_takes_the_password_and_is_no_sealed_one() -> Outcome {
    let engine = Device::new(&MemoryNode::new(1), 2).create(ADA)?;
    finish(engine.save(numbered(1)))?;
    let wrong = finish(engine.begin_plain_export(&password("wrong")));
    assert_eq!(wrong.err(), Some(EngineError::PasswordWrong));
    let over = Some(EngineError::Cancelled);
    // Who asked for a sealed file never gets it open, nor the other way round.
    let sealed = finish(engine.begin_export(&password(PASSWORD), &password(FILE_PASSWORD)))?;
    assert_eq!(finish(engine.plain_part(sealed.export, 0)).err(), over);
    let open = finish(engine.begin_plain_export(&password(PASSWORD)))?;
    assert_eq!(finish(engine.export_part(open.export, 0)).err(), over);
    assert_eq!(finish(engine.export_part(sealed.export, 0)).err(), over);
    assert_eq!(finish(engine.plain_part(open.export, 1)).err(), over);
    assert_eq!(finish(engine.plain_part(open.export, 0))?.items.len(), 1);
    finish(engine.lock());
    finish(engine.unlock(&password(PASSWORD)))?;
    assert_eq!(finish(engine.plain_part(open.export, 0)).err(), over);
    Ok(())
}

fn text(length: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..length)
        .prop_map(|letters| letters.into_iter().collect())
}

fn secret(length: usize) -> impl Strategy<Value = SecretText> {
    text(length).prop_map(SecretText::new)
}

fn login() -> impl Strategy<Value = ItemDraft> {
    let matching = prop_oneof![
        Just(UrlMatch::Site),
        Just(UrlMatch::Host),
        Just(UrlMatch::Origin)
    ];
    let urls = proptest::collection::vec(("[a-z]{1,12}", matching), 0..4);
    let field = (text(20), secret(40), any::<bool>());
    let fields = proptest::collection::vec(field, 0..4);
    let totp = prop_oneof![
        Just(String::new()),
        Just("GEZD GNBV GY3T QOJQ".to_owned()),
        Just("otpauth://totp/Pear:ada?secret=GEZDGNBVGY3TQOJQ&digits=8".to_owned())
    ];
    (
        text(60),
        text(60),
        urls,
        secret(60),
        totp,
        fields,
        secret(200),
    )
        .prop_map(
            |(title, subtitle, urls, password, totp, fields, notes)| ItemDraft {
                edits: None,
                title,
                subtitle,
                urls: urls
                    .into_iter()
                    .map(|(host, matching)| ItemUrl {
                        url: format!("https://{host}.example/"),
                        matching,
                    })
                    .collect(),
                secrets: ItemSecrets::Login {
                    password,
                    totp: SecretText::new(totp),
                    fields: fields
                        .into_iter()
                        .map(|(name, value, concealed)| CustomField {
                            name,
                            value,
                            concealed,
                        })
                        .collect(),
                    notes,
                },
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is in a login, export and import give the very same, times included.
    #[test]
    fn every_field_comes_back_bit_by_bit(drafts in proptest::collection::vec(login(), 1..6)) {
        let round_trip = || -> Result<(Vec<ExportedItem>, Vec<ExportedItem>), Box<dyn Error>> {
            let from = Device::new(&MemoryNode::new(1), 2);
            let engine = from.create(ADA)?;
            for (minute, draft) in (0..).zip(drafts) {
                from.clock.advance(60_001 * minute);
                let id = finish(engine.save(draft))?.id;
                // Changed a moment after it was made.
                from.clock.advance(1000);
                finish(engine.save(finish(engine.edit(id))?))?;
            }
            let before = open(&from, &export(&engine)?)?;
            let to = Device::new(&MemoryNode::new(3), 4);
            to.clock.advance(10_000_000);
            let other = to.create(ADA)?;
            let id = ImportId::make(UnixMillis(1), [5; 10]);
            let done = finish(other.import(id, imported(&before)))?;
            assert_eq!(done.written as usize, before.len());
            let after = open(&to, &export(&other)?)?;
            Ok((before, after))
        };
        let (mut before, mut after) =
            round_trip().map_err(|error| TestCaseError::fail(error.to_string()))?;
        let order = |item: &ExportedItem| item.created_at;
        before.sort_by_key(order);
        after.sort_by_key(order);
        prop_assert_eq!(before, after);
    }
}
