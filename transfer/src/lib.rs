#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod archive;
mod bitwarden;
mod browsers;
mod cxf;
mod entry;
mod error;
mod keepass;
mod one_password;
mod proton;
mod report;
mod sealed_export;
mod text;

pub use self::{
    cxf::CxfWriter,
    error::ImportError,
    report::{Fate, Format, Import, Imported, LeftOut, Remark, WhyLeft},
};

use proto::vault::SecretText;

/// Largest file that is read, bytes.
pub const FILE_MAX_BYTES: usize = proto::limits::IMPORT_FILE_MAX_BYTES;
/// Most items of one file: as many as a vault holds.
pub const ITEMS_MAX: usize = proto::limits::VAULT_MAX_ITEMS as usize;

/// Reads a file that another password manager wrote. What it is, is told by what is in it, not by its name.
///
/// # Errors
/// [`ImportError`]; then nothing of it was taken.
pub fn read(file: &[u8]) -> Result<Import, ImportError> {
    if file.len() > FILE_MAX_BYTES {
        return Err(ImportError::TooLarge);
    }
    let import = if archive::is_zip(file) {
        archive::read(file)?
    } else if keepass::is_database(file) {
        return Err(ImportError::KeepassDatabase);
    } else {
        let text = text::decode(file)?;
        match text.trim_start().as_bytes().first() {
            None => return Err(ImportError::Empty),
            Some(b'{' | b'[') => json(&text)?,
            Some(b'<') => keepass::read(&text)?,
            Some(_) => browsers::read(&text)?,
        }
    };
    if import.items.len() > ITEMS_MAX {
        return Err(ImportError::TooMany);
    }
    Ok(import)
}

/// The same of a file for which [`read`] said [`ImportError::PasswordNeeded`]. Takes a second or some, as its protection is meant to.
///
/// # Errors
/// [`ImportError`]; [`ImportError::PasswordWrong`] above all.
pub fn read_sealed(file: &[u8], password: &SecretText) -> Result<Import, ImportError> {
    if file.len() > FILE_MAX_BYTES {
        return Err(ImportError::TooLarge);
    }
    let text = text::decode(file)?;
    if sealed_export::is(&text) {
        return sealed_export::open(&text, password);
    }
    let inside = bitwarden::sealed::open(&text, password)?;
    read(inside.as_bytes())
}

/// Which of the JSON formats it is.
fn json(text: &str) -> Result<Import, ImportError> {
    if sealed_export::is(text) {
        Err(ImportError::PasswordNeeded)
    } else if bitwarden::is(text) {
        bitwarden::read(text)
    } else if proton::is(text) {
        proton::read(text)
    } else if cxf::is(text) {
        cxf::read(text)
    } else {
        // What was cut off is of no format that could be told, but it was once.
        match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => Err(ImportError::Unknown),
            Err(error) => Err(text::damage(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_was_cut_off_is_told_from_what_is_unknown() {
        let error = |text: &[u8]| read(text).map(|_| ());
        assert_eq!(
            error(b"{\"encrypted\":false,\n\"items\":[{\"type\":1,"),
            Err(ImportError::Damaged { line: 2 })
        );
        assert_eq!(error(b"{\"pears\":[]}"), Err(ImportError::Unknown));
    }

    #[test]
    fn more_items_than_a_vault_holds_are_not_even_read() {
        let items = |one: &str| format!("{one},").repeat(ITEMS_MAX) + one;
        for file in [
            // The item that is one too many is none: whoever comes that far says so.
            format!(r#"{{"items":[{}, 7]}}"#, items(r#"{"type":1}"#)),
            format!(
                r#"{{"exporterRpId":"a","accounts":[{{"items":[{}]}}]}}"#,
                items("{}")
            ),
            format!(
                r#"{{"vaults":{{"a":{{"items":[{}]}}}}}}"#,
                items(r#"{"data":{"type":"note"}}"#)
            ),
        ] {
            let error = read(file.as_bytes()).map(|_| ());
            assert_eq!(error, Err(ImportError::TooMany));
        }
    }
}
