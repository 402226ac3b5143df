//! Files of other password managers, in any format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto::limits::{ITEM_SECRETS_MAX_BYTES, ITEM_TITLE_MAX_CHARS, ITEM_URLS_MAX};

fuzz_target!(|file: &[u8]| {
    let Ok(import) = transfer::read(file) else {
        return;
    };
    for item in import.items {
        let draft = item.draft;
        assert!(draft.title.chars().count() <= ITEM_TITLE_MAX_CHARS);
        assert!(draft.subtitle.chars().count() <= ITEM_TITLE_MAX_CHARS);
        assert!(draft.urls.len() <= ITEM_URLS_MAX);
        let secrets = serde_json::to_vec(&draft.secrets).expect("plain");
        assert!(secrets.len() <= ITEM_SECRETS_MAX_BYTES);
    }
});
