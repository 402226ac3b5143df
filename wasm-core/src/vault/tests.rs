use proto::{
    limits::TOMBSTONE_BYTES,
    vault::{ItemKind, SecretText},
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::vectors::Stream;

fn vault(address: &str, key: u64, number: u32) -> Vault {
    let pair = KeyPair::make(&mut Stream::new(key)).unwrap();
    Vault::derive(&pair, &address.parse().unwrap(), KeyNumber(number))
}

fn overview(title: &str) -> ItemOverview {
    ItemOverview {
        kind: ItemKind::Note,
        title: title.to_owned(),
        subtitle: String::new(),
        urls: Vec::new(),
        has_password: false,
        has_totp: false,
        created_at: UnixMillis(1),
        updated_at: UnixMillis(2),
        conflict_of: None,
    }
}

fn note(text: &str) -> ItemSecrets {
    ItemSecrets::Note {
        text: SecretText::new(text),
    }
}

fn id(byte: u8) -> ItemId {
    ItemId::make(UnixMillis(1), [byte; 10])
}

#[test]
fn name_of_a_device_opens_for_that_device_and_says_nothing_by_its_length()
-> Result<(), Box<dyn std::error::Error>> {
    let (ours, theirs) = (vault("a@b.de", 1, 1), vault("b@b.de", 1, 1));
    let device = |byte| DeviceId::from_bytes([byte; 16]);
    let mut random = Stream::new(5);
    for name in ["", "Work", &"\u{1f350}".repeat(50), &"\"".repeat(50)] {
        let sealed = ours.seal_device_name(&device(1), name, &mut random)?;
        assert_eq!(sealed.sealed.0.len(), SEALED_DEVICE_NAME_BYTES);
        assert_eq!(ours.open_device_name(&device(1), &sealed)?, name);
        assert_eq!(ours.open_device_name(&device(2), &sealed), Err(OpenError));
        assert_eq!(theirs.open_device_name(&device(1), &sealed), Err(OpenError));
        let newer = vault("a@b.de", 1, 2);
        assert_eq!(newer.open_device_name(&device(1), &sealed), Err(OpenError));
    }
    let long = "x".repeat(300);
    assert_eq!(
        ours.seal_device_name(&device(1), &long, &mut random),
        Err(SealError::TooLarge)
    );
    Ok(())
}

#[test]
fn keys_differ_by_address_key_account_and_purpose() {
    let vaults = [
        vault("a@b.de", 1, 1),
        vault("a@b.de", 2, 1),
        vault("b@b.de", 1, 1),
    ];
    for (i, one) in vaults.iter().enumerate() {
        // EXPOSE: to compare.
        assert_ne!(one.key.expose_secret(), one.local.expose_secret());
        for other in &vaults[..i] {
            assert!(
                !one.key.ct_eq(&other.key) && !one.local.ct_eq(&other.local),
                "{i}"
            );
        }
    }
    assert!(vaults[0].key.ct_eq(&vault("a@b.de", 1, 2).key));
}

#[test]
fn length_of_the_sealed_halves_hides_the_length_of_the_text() {
    let vault = vault("a@b.de", 1, 1);
    let mut random = Stream::new(9);
    let mut lengths = |title: &str, text: &str| {
        let item = vault
            .seal_item(
                &id(1),
                ItemVersion(1),
                &overview(title),
                &note(text),
                &mut random,
            )
            .unwrap();
        (item.overview.0.len(), item.secrets.0.len())
    };
    assert_eq!(lengths("x", ""), (256, 256));
    assert_eq!(
        lengths("a longer title of a note", &"p".repeat(150)),
        (256, 256)
    );
    assert_eq!(lengths("x", &"p".repeat(1000)), (256, 2048));
}

#[test]
fn item_over_the_limit_is_refused() {
    let vault = vault("a@b.de", 1, 1);
    let mut random = Stream::new(9);
    let mut seal = |title: &str, text: &str| {
        vault
            .seal_item(
                &id(1),
                ItemVersion(1),
                &overview(title),
                &note(text),
                &mut random,
            )
            .map(drop)
    };
    assert_eq!(seal("x", &"p".repeat(65_000)), Ok(()));
    assert_eq!(
        seal("x", &"p".repeat(ITEM_SECRETS_MAX_BYTES)),
        Err(SealError::TooLarge)
    );
    // A character that JSON spells with six counts as six.
    assert_eq!(seal("x", &"\u{1}".repeat(20_000)), Err(SealError::TooLarge));
    assert_eq!(
        seal(&"t".repeat(ITEM_OVERVIEW_MAX_BYTES), ""),
        Err(SealError::TooLarge)
    );
}

#[test]
fn secrets_open_for_a_permit_and_only_where_they_belong() {
    let ours = vault("a@b.de", 1, 1);
    let item = ours
        .seal_item(
            &id(1),
            ItemVersion(3),
            &overview("x"),
            &note("secret"),
            &mut Stream::new(9),
        )
        .unwrap();
    let open = |vault: &Vault, id: ItemId, version: u64, item: &SealedItem| {
        SealedSecrets::new(id, ItemVersion(version), item).open(vault, Permit(()))
    };
    assert_eq!(open(&ours, id(1), 3, &item), Ok(note("secret")));
    assert_eq!(open(&ours, id(2), 3, &item), Err(OpenError));
    assert_eq!(open(&ours, id(1), 2, &item), Err(OpenError));
    assert_eq!(
        open(&vault("b@b.de", 1, 1), id(1), 3, &item),
        Err(OpenError)
    );
    assert_eq!(
        open(&vault("a@b.de", 2, 1), id(1), 3, &item),
        Err(OpenError)
    );
    assert_eq!(
        open(&vault("a@b.de", 1, 2), id(1), 3, &item),
        Err(OpenError)
    );
    let swapped = SealedItem {
        overview: item.secrets.clone(),
        secrets: item.overview.clone(),
        ..item
    };
    assert_eq!(open(&ours, id(1), 3, &swapped), Err(OpenError));
    assert_eq!(
        ours.open_overview(&id(1), ItemVersion(3), &swapped),
        Err(OpenError)
    );
}

#[test]
fn secrets_do_not_open_beside_another_overview_of_the_same_version() {
    let vault = vault("a@b.de", 1, 1);
    let seal = |title: &str, seed| {
        let (overview, secrets) = (overview(title), note(title));
        let mut random = Stream::new(seed);
        vault
            .seal_item(&id(1), ItemVersion(2), &overview, &secrets, &mut random)
            .unwrap()
    };
    let (hers, his) = (seal("hers", 7), seal("his", 8));
    let mixed = SealedItem {
        secrets: his.secrets,
        ..hers
    };
    assert!(vault.open_overview(&id(1), ItemVersion(2), &mixed).is_ok());
    let opened = SealedSecrets::new(id(1), ItemVersion(2), &mixed).open(&vault, Permit(()));
    assert_eq!(opened, Err(OpenError));
}

#[test]
fn tombstone_opens_only_for_its_item_version_account_and_key() {
    let ours = vault("a@b.de", 1, 1);
    let tombstone = ours
        .seal_tombstone(
            &id(1),
            ItemVersion(3),
            UnixMillis(5_000),
            &mut Stream::new(9),
        )
        .unwrap();
    assert_eq!(tombstone.sealed.0.len(), TOMBSTONE_BYTES);
    let open = |vault: &Vault, id: ItemId, version| {
        vault.open_tombstone(&id, ItemVersion(version), &tombstone)
    };
    assert_eq!(open(&ours, id(1), 3), Ok(UnixMillis(5_000)));
    assert_eq!(open(&ours, id(2), 3), Err(OpenError));
    assert_eq!(open(&ours, id(1), 4), Err(OpenError));
    assert_eq!(open(&vault("b@b.de", 1, 1), id(1), 3), Err(OpenError));
    assert_eq!(open(&vault("a@b.de", 2, 1), id(1), 3), Err(OpenError));
    assert_eq!(open(&vault("a@b.de", 1, 2), id(1), 3), Err(OpenError));
    // An item's half is no tombstone of it.
    let item = ours
        .seal_item(
            &id(1),
            ItemVersion(3),
            &overview("x"),
            &note("y"),
            &mut Stream::new(9),
        )
        .unwrap();
    let posing = SealedTombstone {
        key_number: KeyNumber(1),
        sealed: item.overview,
    };
    assert_eq!(
        ours.open_tombstone(&id(1), ItemVersion(3), &posing),
        Err(OpenError)
    );
}

#[cfg(not(target_arch = "wasm32"))]
proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    #[test]
    fn item_comes_back_as_it_was_and_a_flipped_bit_is_noticed(
        title: String, text: String, flip: proptest::sample::Index, bit in 0..8_u8,
    ) {
        let vault = vault("a@b.de", 1, 1);
        let (overview, secrets) = (overview(&title), note(&text));
        let mut item = vault.seal_item(&id(1), ItemVersion(1), &overview, &secrets, &mut Stream::new(5)).unwrap();
        let open = |item: &SealedItem| {
            let secrets = SealedSecrets::new(id(1), ItemVersion(1), item).open(&vault, Permit(()));
            (vault.open_overview(&id(1), ItemVersion(1), item), secrets)
        };
        proptest::prop_assert_eq!(open(&item), (Ok(overview), Ok(secrets)));
        for half in [&mut item.overview.0, &mut item.secrets.0] {
            let at = flip.index(half.len());
            half[at] ^= 1 << bit;
        }
        proptest::prop_assert_eq!(open(&item), (Err(OpenError), Err(OpenError)));
    }
}
