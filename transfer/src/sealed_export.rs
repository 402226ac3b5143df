//! Pearvault's own sealed export, `docs/FORMATS.md`.

use pbkdf2::pbkdf2_hmac;
use proto::{
    export::{ExportedItem, SEALED_EXPORT, SEALED_EXPORT_VERSION, SealedExport},
    vault::SecretText,
};
use serde::Deserialize;
use sha2::Sha256;
use wasm_core::{
    export::{self, Part},
    kdf::Pbkdf2Job,
    secret::{ExportKey, PasswordKey, Secret},
};

use crate::{
    ITEMS_MAX, ImportError,
    report::{Format, Import, Imported},
    text::damage,
};

/// Whether a JSON text is of this kind.
pub(crate) fn is(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    serde_json::from_str::<Head>(text).is_ok_and(|head| head.format == SEALED_EXPORT)
}

/// Opens it.
///
/// # Errors
/// [`ImportError`]. A first part that does not open says that the password is wrong.
pub(crate) fn open(text: &str, password: &SecretText) -> Result<Import, ImportError> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let version: Version = serde_json::from_str(text).map_err(|error| damage(&error))?;
    if version.version != SEALED_EXPORT_VERSION {
        return Err(ImportError::Newer);
    }
    let file: SealedExport = serde_json::from_str(text).map_err(|error| damage(&error))?;
    let parts = u32::try_from(file.parts.len()).map_err(|_| ImportError::TooMany)?;
    let password_key = PasswordKey::new(run(&export::password_job(&file.salt.0, password)));
    let key = ExportKey::new(run(&export::key_job(&password_key)));
    let mut import = Import {
        format: Format::Pearvault,
        items: Vec::new(),
        left_out: Vec::new(),
    };
    for (number, sealed) in (0..parts).zip(&file.parts) {
        let part = Part {
            account: &file.account,
            salt: &file.salt.0,
            number,
            parts,
        };
        let json = export::open_part(&key, &part, &sealed.0).map_err(|_| match number {
            0 => ImportError::PasswordWrong,
            _ => ImportError::Damaged { line: 0 },
        })?;
        let items: Vec<ExportedItem> =
            serde_json::from_slice(&json).map_err(|_| ImportError::Damaged { line: 0 })?;
        import.items.extend(items.into_iter().map(|item| Imported {
            draft: item.draft,
            created_at: Some(item.created_at),
            updated_at: Some(item.updated_at),
            remarks: Vec::new(),
        }));
        if import.items.len() > ITEMS_MAX {
            return Err(ImportError::TooMany);
        }
    }
    Ok(import)
}

fn run(job: &Pbkdf2Job) -> Secret<32> {
    Secret::init_with(|out| {
        // EXPOSE: the secret goes into the derivation, and only there.
        pbkdf2_hmac::<Sha256>(job.expose_password(), job.salt(), job.iterations(), out);
    })
}
