//! Pearvault's own export, opened again, and refused where anything of it was changed.

use std::error::Error;

use proto::{
    address::Address,
    bytes::{Base64, Hex},
    export::{EXPORT_SALT_BYTES, ExportedItem, SEALED_EXPORT, SEALED_EXPORT_VERSION, SealedExport},
    ids::UnixMillis,
    vault::{ItemDraft, ItemSecrets, SecretText},
};
use transfer::{Format, ImportError};
use wasm_core::{
    export::{self, Part},
    kdf::native,
    random::{Random, RandomError},
    secret::{ExportKey, PasswordKey},
};

const SALT: [u8; EXPORT_SALT_BYTES] = [9; EXPORT_SALT_BYTES];

/// Counts: no nonce comes twice.
struct Counter(u8);

impl Random for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0 += 1;
        bytes.fill(self.0);
        Ok(())
    }
}

fn note(title: &str) -> ExportedItem {
    ExportedItem {
        draft: ItemDraft {
            edits: None,
            title: title.to_owned(),
            subtitle: String::new(),
            urls: Vec::new(),
            secrets: ItemSecrets::Note {
                text: SecretText::new("line\nline \u{1f350}"),
            },
        },
        created_at: UnixMillis(1),
        updated_at: UnixMillis(2),
    }
}

fn sealed(password: &str) -> Result<SealedExport, Box<dyn Error>> {
    let account: Address = "ada@example.com".parse()?;
    let password = SecretText::new(password);
    let first = PasswordKey::new(native::run(&export::password_job(&SALT, &password)));
    let key = ExportKey::new(native::run(&export::key_job(&first)));
    let mut random = Counter(0);
    let mut parts = Vec::new();
    for number in 0..2 {
        let json = serde_json::to_vec(&[note(&format!("note {number}"))])?;
        let part = Part {
            account: &account,
            salt: &SALT,
            number,
            parts: 2,
        };
        parts.push(Base64(export::seal_part(&key, &part, &json, &mut random)?));
    }
    Ok(SealedExport {
        format: SEALED_EXPORT.to_owned(),
        version: SEALED_EXPORT_VERSION,
        account,
        salt: Hex(SALT),
        parts,
    })
}

#[test]
fn a_sealed_export_opens_with_its_password_as_it_was_written() -> Result<(), Box<dyn Error>> {
    let whole = sealed("pears and plums")?;
    let file = serde_json::to_vec(&whole)?;
    assert_eq!(
        transfer::read(&file).map(|_| ()),
        Err(ImportError::PasswordNeeded)
    );
    let open = |file: &SealedExport, password: &str| -> Result<_, Box<dyn Error>> {
        let file = serde_json::to_vec(file)?;
        Ok(transfer::read_sealed(&file, &SecretText::new(password)))
    };
    let import = open(&whole, "pears and plums")??;
    assert_eq!(import.format, Format::Pearvault);
    let items: Vec<ExportedItem> = import
        .items
        .into_iter()
        .map(|item| ExportedItem {
            draft: item.draft,
            created_at: item.created_at.unwrap_or_default(),
            updated_at: item.updated_at.unwrap_or_default(),
        })
        .collect();
    assert_eq!(items, [note("note 0"), note("note 1")]);

    assert_eq!(
        open(&whole, "apples")?.err(),
        Some(ImportError::PasswordWrong)
    );
    let mut cut = whole.clone();
    cut.parts.pop();
    assert_eq!(
        open(&cut, "pears and plums")?.err(),
        Some(ImportError::PasswordWrong),
        "how many parts there are is part of every seal"
    );
    let mut changed = whole.clone();
    changed.parts[1].0[20] ^= 1;
    assert_eq!(
        open(&changed, "pears and plums")?.err(),
        Some(ImportError::Damaged { line: 0 })
    );
    let mut later = whole;
    later.version += 1;
    assert_eq!(
        open(&later, "pears and plums")?.err(),
        Some(ImportError::Newer)
    );
    Ok(())
}
