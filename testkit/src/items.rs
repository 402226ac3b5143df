//! Items to fill a vault with.

use proto::{
    ids::{ItemId, ItemVersion},
    vault::{Edited, ItemDraft, ItemSecrets, ItemUrl, SecretText, UrlMatch},
};

/// A login.
pub fn login(title: &str, username: &str, password: &str, url: &str) -> ItemDraft {
    ItemDraft {
        edits: None,
        title: title.to_owned(),
        subtitle: username.to_owned(),
        urls: vec![ItemUrl {
            url: url.to_owned(),
            matching: UrlMatch::Site,
        }],
        secrets: ItemSecrets::Login {
            password: SecretText::new(password),
            totp: SecretText::default(),
            fields: Vec::new(),
            notes: SecretText::default(),
        },
    }
}

/// A card with its holder, number and expiry (`MM/YY`).
pub fn card(title: &str, holder: &str, number: &str, expiry: &str) -> ItemDraft {
    ItemDraft {
        edits: None,
        title: title.to_owned(),
        subtitle: holder.to_owned(),
        urls: Vec::new(),
        secrets: ItemSecrets::Card {
            number: SecretText::new(number),
            expiry: SecretText::new(expiry),
            code: SecretText::new("123"),
            pin: SecretText::new("4711"),
            notes: SecretText::default(),
        },
    }
}

/// An identity with every part of an address.
pub fn identity(title: &str, name: &str) -> ItemDraft {
    let text = SecretText::new;
    ItemDraft {
        edits: None,
        title: title.to_owned(),
        subtitle: name.to_owned(),
        urls: Vec::new(),
        secrets: ItemSecrets::Identity {
            email: text("ada@example.com"),
            phone: text("+44 20 7946 0000"),
            organization: text("Orchard Ltd"),
            address: text("1 Orchard Lane\n\n Flat 2 "),
            city: text("Kew"),
            region: text("Surrey"),
            postal_code: text("TW9 3AE"),
            country: text("United Kingdom"),
            fields: Vec::new(),
            notes: SecretText::default(),
        },
    }
}

/// The same draft as an edit of an item, of which it knows the version's number only.
pub fn editing(draft: ItemDraft, id: ItemId, version: ItemVersion) -> ItemDraft {
    ItemDraft {
        edits: Some(Edited {
            id,
            version,
            content: None,
        }),
        ..draft
    }
}

/// The `n`th of many logins that differ from one another as people's do.
pub fn numbered(n: u32) -> ItemDraft {
    const NAMES: [&str; 12] = [
        "Orchard Bank",
        "Crème Café",
        "Pear Mail",
        "Nordwind",
        "Library",
        "City Transit",
        "Photo Box",
        "Weather Desk",
        "Git Forge",
        "Ärztehaus",
        "Music Hall",
        "Board Games",
    ];
    let name = NAMES[n as usize % NAMES.len()];
    let host = format!("www.site-{n}.example");
    let url = format!("https://{host}/account/login?from=home");
    login(
        &format!("{name} {n}"),
        &format!("ada.{n}@example.com"),
        &format!("correct horse {n}"),
        &url,
    )
}
