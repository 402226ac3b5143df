//! A vault as a file for other programs.

use proto::{
    bridge::exchange::{Moved, Remark},
    export::ExportedItem,
    ids::UnixMillis,
};
use transfer::{CxfWriter, Fate};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// A file of FIDO's Credential Exchange Format while it is written. The texts together are the file.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Export {
    writer: CxfWriter,
    moved: Vec<Moved>,
}

#[wasm_bindgen]
impl Export {
    /// A file without items.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// What comes before the first item. `account`: the address that the vault is of; `now`: when it
    /// is written, milliseconds since 1970.
    ///
    /// # Errors
    /// Where the address is none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates"
    )]
    #[expect(clippy::unused_self, reason = "a method, as the others are")]
    pub fn head(&self, account: &str, now: f64) -> Result<String, String> {
        let account = account.parse().map_err(|_| "no address".to_owned())?;
        Ok(CxfWriter::head(&account, UnixMillis(now as u64)))
    }

    /// The text of more items, which are the JSON of an array of [`ExportedItem`].
    ///
    /// # Errors
    /// Where they are not.
    pub fn add(&mut self, items: String) -> Result<String, String> {
        let items = Zeroizing::new(items);
        // Serde's own words may quote a secret.
        let items: Vec<ExportedItem> =
            serde_json::from_str(&items).map_err(|_| "no items".to_owned())?;
        let mut text = String::new();
        for item in &items {
            let (written, remarks) = self.writer.item(item);
            text.push_str(&written);
            if !remarks.is_empty() {
                let remarks = remarks.into_iter().map(|remark| Remark {
                    part: remark.part,
                    fate: remark.fate.to_string(),
                    lost: matches!(remark.fate, Fate::Lost(_)),
                });
                self.moved.push(Moved {
                    name: item.draft.title.clone(),
                    remarks: remarks.collect(),
                });
            }
        }
        Ok(text)
    }

    /// What comes after the last item.
    #[expect(clippy::unused_self, reason = "a method, as the others are")]
    pub fn tail(&self) -> String {
        CxfWriter::tail().to_owned()
    }

    /// What of the items is not where Pearvault has it: the JSON of an array of [`Moved`].
    pub fn report(&self) -> String {
        // Cannot fail: structs of texts.
        serde_json::to_string(&self.moved).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proto::vault::{ItemDraft, ItemSecrets, SecretText};

    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_told_without_secrets()
    -> Result<(), Box<dyn std::error::Error>> {
        let text = SecretText::new;
        let card = ExportedItem {
            draft: ItemDraft {
                edits: None,
                title: "Visa".to_owned(),
                subtitle: "Ada".to_owned(),
                urls: Vec::new(),
                secrets: ItemSecrets::Card {
                    number: text("4111111111111111"),
                    expiry: text("some day"),
                    code: text("123"),
                    pin: text(""),
                    notes: text(""),
                },
            },
            created_at: UnixMillis(1),
            updated_at: UnixMillis(2),
        };
        let mut export = Export::new();
        let mut file = export.head("ada@example.com", 1e12)?;
        for _ in 0..2 {
            file += &export.add(serde_json::to_string(&[&card])?)?;
        }
        file += &export.tail();
        let import = transfer::read(file.as_bytes())?;
        let drafts: Vec<_> = import.items.iter().map(|item| &item.draft).collect();
        assert_eq!(drafts, [&card.draft, &card.draft]);
        let report: Vec<Moved> = serde_json::from_str(&export.report())?;
        assert_eq!(report.len(), 2);
        assert_eq!(
            (report[0].name.as_str(), report[0].remarks[0].part.as_str()),
            ("Visa", "Expiry")
        );
        assert!(!export.report().contains("some day"));
        assert!(export.add("[{\"draft\":7}]".to_owned()).is_err());
        Ok(())
    }
}
