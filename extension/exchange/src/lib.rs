//! Files of other programs for the full page, a module of its own because few ever need it. It runs
//! in a worker (`extension/popup/assets/exchange-worker.js`): a large file takes seconds.
//!
//! ```text
//! read(file: Uint8Array, password?: string): Import      throws the JSON of `Refused`
//! Import.contents(): string                              the JSON of `Contents`
//! Import.batch(numbers: Uint32Array): string             the JSON of `ImportItem[]`
//! Import.free()                                          wipes it
//! new Export()
//! Export.head(account: string, now: number): string      begins the text of the file
//! Export.add(items: string): string                      goes on, given the JSON of `ExportedItem[]`
//! Export.tail(): string                                  ends it
//! Export.report(): string                                the JSON of `Moved[]`
//! ```
//!
//! The shapes are those of `proto::bridge::exchange`. The secrets of a file stay here until a batch
//! of them is asked for.

mod export;
mod listed;

use std::alloc::System;

use proto::{
    bridge::{
        exchange::{Refused, RefusedKind},
        popup::ImportItem,
    },
    limits::{IMPORT_BATCH_MAX_BYTES, IMPORT_BATCH_MAX_ITEMS},
    vault::SecretText,
};
use transfer::ImportError;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;
use zeroizing_alloc::ZeroAlloc;

/// Wipes what is freed: a file and what is in it pass through more texts and buffers than types of ours wipe.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// A file that was read; wiped when it is freed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Import(transfer::Import);

/// Reads a file. `password`: of a file that was refused without one.
///
/// # Errors
/// The JSON of [`Refused`].
#[wasm_bindgen]
pub fn read(file: Vec<u8>, password: Option<String>) -> Result<Import, String> {
    let file = Zeroizing::new(file);
    let import = match password {
        None => transfer::read(&file),
        Some(password) => transfer::read_sealed(&file, &SecretText::new(password)),
    };
    // Cannot fail: a struct of texts.
    import
        .map(Import)
        .map_err(|error| serde_json::to_string(&refused(&error)).unwrap_or_default())
}

#[wasm_bindgen]
impl Import {
    /// What the file holds, without secrets: the JSON of [`proto::bridge::exchange::Contents`].
    pub fn contents(&self) -> String {
        // Cannot fail: a struct of texts.
        serde_json::to_string(&listed::contents(&self.0)).unwrap_or_default()
    }

    /// As many of these items as one request takes, from the first on: the JSON of an array of
    /// [`ImportItem`]. At least one, unless none is asked for. Numbers that no item has are left out.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an array comes out of JavaScript owned"
    )]
    pub fn batch(&self, numbers: Vec<u32>) -> String {
        let mut json = String::from("[");
        let found = numbers.iter().filter_map(|number| self.item(*number));
        for item in found.take(IMPORT_BATCH_MAX_ITEMS) {
            // Cannot fail: a struct of texts.
            let item = Zeroizing::new(serde_json::to_string(&item).unwrap_or_default());
            if json.len() > 1 {
                if json.len() + item.len() > IMPORT_BATCH_MAX_BYTES {
                    break;
                }
                json.push(',');
            }
            json.push_str(&item);
        }
        json.push(']');
        json
    }

    fn item(&self, number: u32) -> Option<ImportItem> {
        let imported = self.0.items.get(usize::try_from(number).ok()?)?;
        Some(ImportItem {
            number,
            draft: imported.draft.clone(),
            created_at: imported.created_at,
            updated_at: imported.updated_at,
        })
    }
}

fn refused(error: &ImportError) -> Refused {
    let kind = match error {
        ImportError::PasswordNeeded => RefusedKind::PasswordNeeded,
        ImportError::PasswordWrong => RefusedKind::PasswordWrong,
        _ => RefusedKind::Unusable,
    };
    let message = error.to_string();
    Refused { kind, message }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proto::bridge::exchange::Contents;

    use super::*;

    const CSV: &[u8] = b"name,url,username,password,note\n\
        Orchard,https://www.orchard.test/login,ada,first,\n\
        Orchard,https://www.orchard.test/login,ada,first,\n\
        Market,https://market.test/,ada,second,of the fair\n";

    #[test]
    fn contents_tell_no_secret() -> Result<(), Box<dyn std::error::Error>> {
        let import = read(CSV.to_vec(), None)?;
        let text = import.contents();
        assert!(!text.contains("first") && !text.contains("of the fair"));
        let contents: Contents = serde_json::from_str(&text)?;
        assert_eq!(contents.format, "Chrome");
        let rows: Vec<_> = contents
            .items
            .iter()
            .map(|item| (item.host.as_str(), item.repeated))
            .collect();
        assert_eq!(
            rows,
            [
                ("orchard.test", false),
                ("orchard.test", true),
                ("market.test", false)
            ]
        );
        Ok(())
    }

    #[test]
    fn batches_hold_what_was_asked_for_as_far_as_there_is_room()
    -> Result<(), Box<dyn std::error::Error>> {
        let import = read(CSV.to_vec(), None)?;
        let numbers = |asked: Vec<u32>| -> Result<Vec<u32>, serde_json::Error> {
            let items: Vec<ImportItem> = serde_json::from_str(&import.batch(asked))?;
            Ok(items.iter().map(|item| item.number).collect())
        };
        assert_eq!(numbers(vec![0, 2, 9])?, [0, 2]);
        assert!(numbers(Vec::new())?.is_empty());
        let mut large = String::from("name,url,username,password\n");
        for row in 0..100 {
            writeln!(large, "a,https://a.test/,{row},{}", "p".repeat(50_000))?;
        }
        let import = read(large.into_bytes(), None)?;
        let first = import.batch((0..100).collect());
        assert!(first.len() <= IMPORT_BATCH_MAX_BYTES);
        let items: Vec<ImportItem> = serde_json::from_str(&first)?;
        assert!((40..50).contains(&items.len()), "{}", items.len());
        Ok(())
    }

    #[test]
    fn refusals_say_what_to_do() -> Result<(), Box<dyn std::error::Error>> {
        let sealed = br#"{"encrypted":true,"passwordProtected":true,"salt":"c2FsdA==","kdfType":0,"kdfIterations":1,"encKeyValidation_DO_NOT_EDIT":"","data":""}"#;
        for (file, kind) in [
            (&b"PNG"[..], RefusedKind::Unusable),
            (sealed, RefusedKind::PasswordNeeded),
        ] {
            let text = read(file.to_vec(), None).err().unwrap_or_default();
            let refused: Refused = serde_json::from_str(&text)?;
            assert_eq!(refused.kind, kind);
            assert!(refused.message.ends_with('.'));
        }
        Ok(())
    }
}
