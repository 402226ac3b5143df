//! Makes the files of `wasm-core/vectors/`, all but the accepted lists of `kp1.json` and the
//! `passwords` of `kdf.json`, which are values of the KeyPears reference implementation:
//! `cargo run -p pearvault-wasm-core --example make_vectors --features vectors -- wasm-core/vectors`.
//!
//! Vectors are append-only. Every figure here comes out the same at every run; one that differs
//! from the file in the repository is a change of format.

mod devices;

use std::{env, error::Error, fs, path::Path};

use proto::{
    address::Address,
    api::challenge::Purpose,
    bytes::Hex,
    ids::{AccountId, ItemId, ItemVersion, KeyNumber, UnixMillis},
    vault::{ItemOverview, ItemSecrets, SecretText},
};
use serde_json::{Value, json};
use wasm_core::{
    challenge::Claims,
    kdf::{self, native::run, server},
    key_wrap::seal_key_pair,
    keys::KeyPair,
    pin,
    random::{make_bytes, make_secret},
    recovery::{RecoveryHash, seal_recovery_key},
    seal::{Context, ObjectKind, seal},
    secret::{
        AddressSecret, ChallengeKey, EncryptionKey, LocalKey, LoginKey, NodeSecret, PasswordKey,
        PinKey, RecoverySecret,
    },
    vault::Vault,
    vectors::Stream,
};

type Outcome = Result<Value, Box<dyn Error>>;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("say which folder")?;
    let folder = Path::new(&folder);
    for (name, file) in [
        ("keys.json", keys()?),
        ("seal.json", sealed()?),
        ("vault.json", vault()?),
        ("challenge.json", challenges()?),
        ("recovery.json", recovery()?),
        ("pin.json", pins()?),
        ("devices.json", devices::devices()?),
    ] {
        write(folder, name, &file)?;
    }
    let mut kdf = read(folder, "kdf.json")?;
    (kdf["kdf"], kdf["kdf_differs"]) = derivations()?;
    write(folder, "kdf.json", &kdf)?;
    let mut kp1 = read(folder, "kp1.json")?;
    kp1["unopenable_messages"] = kp1_refused(&kp1)?;
    write(folder, "kp1.json", &kp1)
}

fn read(folder: &Path, name: &str) -> Outcome {
    Ok(serde_json::from_str(&fs::read_to_string(
        folder.join(name),
    )?)?)
}

fn write(folder: &Path, name: &str, file: &Value) -> Result<(), Box<dyn Error>> {
    fs::write(
        folder.join(name),
        serde_json::to_string_pretty(file)? + "\n",
    )?;
    Ok(())
}

/// Every way in which one byte string can be spoilt that a format must notice.
fn spoilt(sealed: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut out: Vec<(String, Vec<u8>)> = [
        0,
        1,
        12,
        13,
        sealed.len() - 17,
        sealed.len() - 16,
        sealed.len() - 1,
    ]
    .into_iter()
    .map(|at| {
        let mut bytes = sealed.to_vec();
        bytes[at] ^= 1;
        (format!("byte {at} changed"), bytes)
    })
    .collect();
    out.push(("a byte more".to_owned(), [sealed, &[0]].concat()));
    for length in [0, 1, 13, 28, sealed.len() - 1] {
        out.push((format!("cut to {length} bytes"), sealed[..length].to_vec()));
    }
    out
}

fn with(entry: &Value, changes: &[(&str, Value)]) -> Value {
    let mut entry = entry.clone();
    for (field, value) in changes {
        entry[*field] = value.clone();
    }
    entry
}

fn pair(number: u8) -> Result<KeyPair, Box<dyn Error>> {
    Ok(KeyPair::from_secret(AddressSecret::init_with(|scalar| {
        scalar.fill(number);
    }))?)
}

fn scalar(pair: &KeyPair) -> String {
    // EXPOSE: a vector is made.
    hex::encode(pair.secret().expose_secret())
}

fn keys() -> Outcome {
    let mut signatures = Vec::new();
    let mut wrong = Vec::new();
    for (number, message) in [
        (1, b"".as_slice()),
        (2, b"sample"),
        (0x11, b"a@b.example:c@d.example:1795226516049"),
    ] {
        let pair = pair(number)?;
        let signature = pair.sign(message)?.0;
        let good = json!({
            "privateKey": scalar(&pair), "publicKey": hex::encode(pair.public().as_bytes()),
            "message": hex::encode(message), "signature": hex::encode(signature),
        });
        for (why, changes) in [
            (
                "another message",
                vec![("message", json!(hex::encode([message, b"!"].concat())))],
            ),
            (
                "another key",
                vec![(
                    "publicKey",
                    json!(hex::encode(self::pair(number + 1)?.public().as_bytes())),
                )],
            ),
            (
                "r changed",
                vec![("signature", json!(hex::encode(flip(&signature, 0))))],
            ),
            (
                "s changed",
                vec![("signature", json!(hex::encode(flip(&signature, 63))))],
            ),
            ("zeros", vec![("signature", json!("00".repeat(64)))]),
            (
                "the order of the curve as r and s",
                vec![("signature", json!(ORDER.repeat(2)))],
            ),
        ] {
            wrong.push(with(&with(&good, &changes), &[("why", json!(why))]));
        }
        signatures.push(good);
    }
    let base = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    Ok(json!({
        "source": "made by examples/make_vectors.rs; signatures with the nonce of RFC 6979",
        "keys": [
            {"privateKey": format!("{:0>64}", "1"), "publicKey": format!("03{base}"), "why": "the base point"},
            {"privateKey": ORDER_LESS_ONE, "publicKey": format!("02{base}"), "why": "the greatest scalar"},
        ],
        "signatures": signatures,
        "wrong_signatures": wrong,
        "invalidPrivateKeys": [
            {"privateKey": "00".repeat(32), "why": "zero"},
            {"privateKey": ORDER, "why": "the order of the curve"},
            {"privateKey": "ff".repeat(32), "why": "above the order"},
            {"privateKey": "01".repeat(31), "why": "short"},
            {"privateKey": "01".repeat(33), "why": "long"},
            {"privateKey": "", "why": "empty"},
        ],
        "publicKeyVerify": [
            {"publicKey": format!("02{base}"), "valid": true},
            {"publicKey": format!("03{base}"), "valid": true},
            {"publicKey": format!("02{}", "00".repeat(32)), "valid": true, "why": "x = 0 is on the curve"},
            {"publicKey": format!("04{base}"), "valid": false, "why": "the tag of an uncompressed point"},
            {"publicKey": format!("05{base}"), "valid": false, "why": "the tag of a compact point"},
            {"publicKey": format!("00{base}"), "valid": false, "why": "the tag of infinity"},
            {"publicKey": "00", "valid": false, "why": "infinity"},
            {"publicKey": format!("02{}", "ff".repeat(32)), "valid": false, "why": "x above the field"},
            {"publicKey": format!("02{}", &base[2..]), "valid": false, "why": "short"},
            {"publicKey": format!("02{base}00"), "valid": false, "why": "long"},
            {"publicKey": "", "valid": false, "why": "empty"},
        ],
    }))
}

const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const ORDER_LESS_ONE: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";

fn flip(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

fn sealed() -> Outcome {
    let account: Address = "ada@example.com".parse()?;
    let mut random = Stream::new(1);
    let mut good = Vec::new();
    for (kind, object, version, number, plaintext) in [
        (ObjectKind::PrivateKey, b"".as_slice(), 0, 0, b"".as_slice()),
        (ObjectKind::ItemOverview, &[7; 16], 1, 1, b"x"),
        (
            ObjectKind::ItemSecrets,
            &[7; 16],
            u64::MAX,
            u32::MAX,
            &[0x5a; 100],
        ),
        (ObjectKind::SessionSecret, b"session", 0, 1, &[1; 32]),
        (ObjectKind::Draft, b"item", 3, 1, b"{}"),
        (ObjectKind::LocalRecord, &[0xff; 300], 1 << 32, 2, &[0; 17]),
    ] {
        let bytes = make_secret::<32>(&mut random)?;
        // EXPOSE: a vector is made.
        let key_hex = hex::encode(bytes.expose_secret());
        let context = Context {
            account: &account,
            kind,
            object,
            version,
            key: KeyNumber(number),
        };
        let sealed = seal(&LocalKey::new(bytes), &context, plaintext, &mut random)?;
        good.push(json!({
            "key": key_hex, "account": account, "kind": kind as u8, "object": hex::encode(object),
            "version": version, "keyNumber": number, "plaintext": hex::encode(plaintext),
            "sealed": hex::encode(sealed),
        }));
    }
    let one = &good[2];
    let mut refused: Vec<Value> = spoilt(&hex::decode(one["sealed"].as_str().unwrap_or_default())?)
        .into_iter()
        .map(|(why, bytes)| {
            with(
                one,
                &[("sealed", json!(hex::encode(bytes))), ("why", json!(why))],
            )
        })
        .collect();
    for (why, field, value) in [
        ("another account", "account", json!("ada@example.org")),
        ("another kind", "kind", json!(2)),
        ("another object", "object", json!("08".repeat(16))),
        ("a shorter object", "object", json!("07".repeat(15))),
        ("an older version", "version", json!(u64::MAX - 1)),
        ("another key number", "keyNumber", json!(1)),
        ("another key", "key", good[1]["key"].clone()),
        (
            "another thing's envelope",
            "sealed",
            good[1]["sealed"].clone(),
        ),
    ] {
        refused.push(with(one, &[(field, value), ("why", json!(why))]));
    }
    Ok(json!({"source": "made by examples/make_vectors.rs", "sealed": good, "unopenable": refused}))
}

fn vault() -> Outcome {
    let account: Address = "ada@example.com".parse()?;
    let mut random = Stream::new(2);

    let encryption_key = EncryptionKey::new(make_secret(&mut random)?);
    let pair = self::pair(0x22)?;
    let wrapped = seal_key_pair(&encryption_key, &account, KeyNumber(1), &pair, &mut random)?;
    let key_pair = json!({
        // EXPOSE: a vector is made.
        "encryptionKey": hex::encode(encryption_key.expose_secret()), "account": account, "keyNumber": 1,
        "publicKey": wrapped.public_key, "privateKey": scalar(&pair), "sealed": hex::encode(&wrapped.sealed_private_key.0),
    });
    let mut bad_pairs: Vec<Value> = spoilt(&wrapped.sealed_private_key.0)
        .into_iter()
        .map(|(why, bytes)| {
            with(
                &key_pair,
                &[("sealed", json!(hex::encode(bytes))), ("why", json!(why))],
            )
        })
        .collect();
    for (why, field, value) in [
        ("another account", "account", json!("bob@example.com")),
        ("another number", "keyNumber", json!(2)),
        (
            "another public key",
            "publicKey",
            json!(hex::encode(self::pair(0x23)?.public().as_bytes())),
        ),
        ("another password", "encryptionKey", json!("00".repeat(32))),
    ] {
        bad_pairs.push(with(&key_pair, &[(field, value), ("why", json!(why))]));
    }

    let vault = Vault::derive(&pair, &account, KeyNumber(1));
    let mut items = Vec::new();
    let mut another_overview = Vec::new();
    let mut tombstone = None;
    for (i, (overview, secrets)) in halves().into_iter().enumerate() {
        // The tombstone was drawn after the first four items, and stays what it is.
        if i == 4 {
            tombstone = Some(tombstones(&vault, &pair, &items[0], &mut random)?);
        }
        let id = ItemId::make(UnixMillis(1_795_226_516_049), [u8::try_from(i)?; 10]);
        let version = u64::try_from(i)? + 1;
        let overview_read: ItemOverview = serde_json::from_value(overview.clone())?;
        let secrets_read: ItemSecrets = serde_json::from_value(secrets.clone())?;
        let sealed = vault.seal_item(
            &id,
            ItemVersion(version),
            &overview_read,
            &secrets_read,
            &mut random,
        )?;
        if i == 0 {
            let again = vault.seal_item(
                &id,
                ItemVersion(version),
                &overview_read,
                &secrets_read,
                &mut random,
            )?;
            another_overview = again.overview.0;
        }
        items.push(json!({
            "privateKey": scalar(&pair), "account": account, "keyNumber": 1, "id": id, "version": version,
            "overview": overview, "secrets": secrets,
            "sealedOverview": hex::encode(&sealed.overview.0), "sealedSecrets": hex::encode(&sealed.secrets.0),
        }));
    }
    let mut bad_items = Vec::new();
    for half in ["overview", "secrets"] {
        let own = if half == "overview" {
            "sealedOverview"
        } else {
            "sealedSecrets"
        };
        let other = if half == "overview" {
            "sealedSecrets"
        } else {
            "sealedOverview"
        };
        for (why, field, value) in [
            ("the other half", own, items[0][other].clone()),
            ("another item's half", own, items[1][own].clone()),
            ("another item", "id", items[1]["id"].clone()),
            ("a newer version", "version", json!(2)),
            ("another account", "account", json!("bob@example.com")),
            (
                "another address key",
                "privateKey",
                json!(scalar(&self::pair(0x23)?)),
            ),
            ("sealed under another number", "sealedUnder", json!(2)),
            ("another number", "keyNumber", json!(2)),
            ("empty", own, json!("")),
        ] {
            bad_items.push(with(
                &items[0],
                &[(field, value), ("half", json!(half)), ("why", json!(why))],
            ));
        }
    }
    bad_items.push(with(
        &items[0],
        &[
            ("sealedOverview", json!(hex::encode(&another_overview))),
            ("half", json!("secrets")),
            ("why", json!("another overview of the same version")),
        ],
    ));
    let (tombstone, bad_tombstones) = tombstone.ok_or("fewer than five items")?;
    Ok(json!({
        "source": "made by examples/make_vectors.rs",
        "sealed_key_pairs": [key_pair], "unopenable_key_pairs": bad_pairs,
        "items": items, "unopenable_items": bad_items,
        "tombstones": [tombstone], "unopenable_tombstones": bad_tombstones,
    }))
}

/// The end of an item, and what is none.
fn tombstones(
    vault: &Vault,
    pair: &KeyPair,
    item: &Value,
    random: &mut Stream,
) -> Result<(Value, Vec<Value>), Box<dyn Error>> {
    let id: ItemId = serde_json::from_value(item["id"].clone())?;
    let deleted_at = UnixMillis(1_795_226_516_051);
    let sealed = vault.seal_tombstone(&id, ItemVersion(2), deleted_at, random)?;
    let tombstone = json!({
        "privateKey": scalar(pair), "account": vault.account(), "keyNumber": 1, "id": id, "version": 2,
        "deletedAt": deleted_at, "sealedTombstone": hex::encode(&sealed.sealed.0),
    });
    let mut bad: Vec<Value> = spoilt(&sealed.sealed.0)
        .into_iter()
        .map(|(why, bytes)| (why, "sealedTombstone", json!(hex::encode(bytes))))
        .map(|(why, field, value)| with(&tombstone, &[(field, value), ("why", json!(why))]))
        .collect();
    let another_id = ItemId::make(UnixMillis(1_795_226_516_049), [9; 10]);
    for (why, field, value) in [
        ("another item", "id", json!(another_id)),
        ("a newer version", "version", json!(3)),
        ("another account", "account", json!("bob@example.com")),
        (
            "another address key",
            "privateKey",
            json!(scalar(&self::pair(0x23)?)),
        ),
        ("sealed under another number", "sealedUnder", json!(2)),
        (
            "an item's half",
            "sealedTombstone",
            item["sealedOverview"].clone(),
        ),
    ] {
        bad.push(with(&tombstone, &[(field, value), ("why", json!(why))]));
    }
    Ok((tombstone, bad))
}

/// An item of every kind.
fn halves() -> Vec<(Value, Value)> {
    let overview = |kind: &str, title: &str| json!({"kind": kind, "title": title, "createdAt": 1_795_226_516_049_u64, "updatedAt": 1_795_226_516_050_u64});
    let login = with(
        &overview("login", "Lighthouse 🍐"),
        &[
            ("subtitle", json!("ada")),
            (
                "urls",
                json!([{"url": "https://example.com/login", "matching": "site"}]),
            ),
            ("hasPassword", json!(true)),
            ("hasTotp", json!(true)),
        ],
    );
    vec![
        (
            login,
            json!({
                "kind": "login", "password": "p🍐\"\\\n", "totp": "GEZDGNBVGY3TQOJQ",
                "fields": [{"name": "PIN", "value": "1234", "concealed": true}], "notes": "n",
            }),
        ),
        (
            overview("note", "A note"),
            json!({"kind": "note", "text": "x".repeat(1000)}),
        ),
        (
            overview("card", "Card"),
            json!({
                "kind": "card", "number": "4111111111111111", "expiry": "12/30", "code": "123", "pin": "", "notes": "",
            }),
        ),
        (
            overview("identity", "Me"),
            json!({
                "kind": "identity", "email": "ada@example.com", "phone": "", "address": "1 Quay\nHarbour",
                "fields": [], "notes": "",
            }),
        ),
        (
            overview("identity", "Me, in parts"),
            json!({
                "kind": "identity", "email": "", "phone": "+44 20 7946 0000", "organization": "Lighthouse Ltd",
                "address": "1 Quay", "city": "Harbour", "region": "Kent", "postalCode": "CT1 1AA", "country": "🇬🇧",
                "fields": [], "notes": "",
            }),
        ),
    ]
}

fn challenges() -> Outcome {
    let secret = NodeSecret::init_with(|bytes| bytes.fill(0x33));
    let key = ChallengeKey::derive(&secret);
    let (header, target) = (Hex([0x44; 64]), Hex([0x55; 32]));
    let mut good = Vec::new();
    for (purpose, address) in [
        (Purpose::Account, "ada@example.com"),
        (Purpose::Login, "a@localhost"),
    ] {
        let read: Address = address.parse()?;
        let expires_at = UnixMillis(1_795_227_416_057);
        let claims = Claims {
            purpose,
            address: &read,
            header: &header,
            target: &target,
            expires_at,
        };
        good.push(json!({
            // EXPOSE: a vector is made.
            "nodeSecret": hex::encode(secret.expose_secret()), "purpose": purpose, "address": address, "header": header,
            "target": target, "expiresAt": expires_at, "signature": claims.sign(&key),
        }));
    }
    let one = &good[0];
    let mut forged = Vec::new();
    for (why, field, value) in [
        ("another purpose", "purpose", json!("login")),
        ("another address", "address", json!("ada@example.org")),
        ("another challenge", "header", json!(Hex([0x45; 64]))),
        ("an easier target", "target", json!(Hex([0xff; 32]))),
        ("a later end", "expiresAt", json!(1_795_227_416_058_u64)),
        ("another node", "nodeSecret", json!("34".repeat(32))),
        (
            "another signature",
            "signature",
            good[1]["signature"].clone(),
        ),
        ("no signature", "signature", json!("00".repeat(32))),
    ] {
        forged.push(with(one, &[(field, value), ("why", json!(why))]));
    }
    Ok(
        json!({"source": "made by examples/make_vectors.rs", "challenges": good, "forged_challenges": forged}),
    )
}

fn derivations() -> Result<(Value, Value), Box<dyn Error>> {
    let mut good = Vec::new();
    for (i, (address, password)) in [
        ("ada@example.com", "correct horse battery staple"),
        ("a@localhost", "pässwörd 🍐"),
    ]
    .into_iter()
    .enumerate()
    {
        let account = AccountId::make(UnixMillis(1_795_226_516_049), [u8::try_from(i)?; 10]);
        let first = kdf::password_job(&address.parse()?, &SecretText::new(password));
        let password_key = PasswordKey::new(run(&first));
        let encryption_key = run(&kdf::encryption_job(&password_key));
        let login_key = LoginKey::new(run(&kdf::login_job(&password_key)));
        good.push(json!({
            "address": address, "password": password, "account": account,
            // EXPOSE: vectors are made.
            "encryptionKey": hex::encode(encryption_key.expose_secret()),
            "loginKey": hex::encode(login_key.expose_secret()),
            "storedHash": hex::encode(server::hash_login_key(&login_key, &account).as_bytes()),
        }));
    }
    let one = &good[0];
    let differs = [
        ("another address", "address", json!("ada@example.org")),
        (
            "another password",
            "password",
            json!("correct horse battery stapl"),
        ),
        ("another account", "account", good[1]["account"].clone()),
    ]
    .map(|(why, field, value)| with(one, &[(field, value), ("why", json!(why))]));
    Ok((good.into(), json!(differs)))
}

fn kp1_refused(file: &Value) -> Outcome {
    let messages = file["messages"].as_array().ok_or("no messages")?;
    let mut refused = Vec::new();
    for message in messages {
        let good = json!({"messageKey": message["messageKey"], "encryptedContent": message["encryptedContent"]});
        let sealed = hex::decode(message["encryptedContent"].as_str().unwrap_or_default())?;
        for (why, bytes) in spoilt(&sealed) {
            refused.push(with(
                &good,
                &[
                    ("encryptedContent", json!(hex::encode(bytes))),
                    ("why", json!(why)),
                ],
            ));
        }
        refused.push(with(
            &good,
            &[
                ("messageKey", json!("01".repeat(32))),
                ("why", json!("another key")),
            ],
        ));
    }
    Ok(refused.into())
}

fn words_of(secret: &RecoverySecret) -> String {
    let words = secret.words();
    // EXPOSE: a vector is made.
    let words: Vec<&str> = words.iter().map(SecretText::expose_secret).collect();
    words.join(" ")
}

fn recovery() -> Outcome {
    let account: Address = "ada@example.com".parse()?;
    let mut random = Stream::new(5);
    let mut good = Vec::new();
    for secret in [
        // The first two are of BIP-39's own vectors.
        RecoverySecret::init_with(|_| {}),
        RecoverySecret::init_with(|bytes| bytes.fill(0x7f)),
        RecoverySecret::make(&mut random)?,
    ] {
        let keys = secret.derive(&account);
        good.push(json!({
            // EXPOSE: a vector is made.
            "secret": hex::encode(secret.expose_secret()), "words": words_of(&secret), "account": account,
            "recoveryKey": hex::encode(keys.encryption.expose_secret()),
            "recoveryLoginKey": hex::encode(keys.login.expose_secret()),
            "storedHash": hex::encode(RecoveryHash::of(&keys.login).as_bytes()),
        }));
    }
    let secret = RecoverySecret::make(&mut random)?;
    let keys = secret.derive(&account);
    let pair = self::pair(0x22)?;
    let wrapped = seal_key_pair(&keys.encryption, &account, KeyNumber(1), &pair, &mut random)?;
    // EXPOSE: vectors are made.
    let recovery_key = hex::encode(keys.encryption.expose_secret());
    let good_pair = json!({
        "recoveryKey": recovery_key, "account": account, "keyNumber": 1,
        "publicKey": wrapped.public_key, "privateKey": scalar(&pair), "sealed": hex::encode(&wrapped.sealed_private_key.0),
    });
    // EXPOSE: as above.
    let as_password = EncryptionKey::init_with(|out| *out = *keys.encryption.expose_secret());
    let for_password = seal_key_pair(&as_password, &account, KeyNumber(1), &pair, &mut random)?;
    let mut bad_pairs = bad(&good_pair, &wrapped.sealed_private_key.0);
    for (why, field, value) in [
        ("another account", "account", json!("bob@example.com")),
        ("another number", "keyNumber", json!(2)),
        (
            "another public key",
            "publicKey",
            json!(hex::encode(self::pair(0x23)?.public().as_bytes())),
        ),
        ("other words", "recoveryKey", good[2]["recoveryKey"].clone()),
        (
            "the copy for the password",
            "sealed",
            json!(hex::encode(&for_password.sealed_private_key.0)),
        ),
    ] {
        bad_pairs.push(with(&good_pair, &[(field, value), ("why", json!(why))]));
    }

    let vault = Vault::derive(&pair, &account, KeyNumber(1));
    let sealed = seal_recovery_key(&vault, &keys, 0, &mut random)?;
    let good_key = json!({
        "privateKey": scalar(&pair), "account": account, "keyNumber": 1, "recoveryKey": recovery_key,
        // EXPOSE: a vector is made.
        "recoveryLoginKey": hex::encode(keys.login.expose_secret()), "loginHash": sealed.login_hash,
        "sealed": hex::encode(&sealed.sealed.0),
    });
    let mut bad_keys = bad(&good_key, &sealed.sealed.0);
    for (why, field, value) in [
        ("another account", "account", json!("bob@example.com")),
        ("another number", "keyNumber", json!(2)),
        ("sealed under another number", "sealedUnder", json!(2)),
        (
            "another address key",
            "privateKey",
            json!(scalar(&self::pair(0x23)?)),
        ),
        ("of other words", "loginHash", good[2]["storedHash"].clone()),
    ] {
        bad_keys.push(with(&good_key, &[(field, value), ("why", json!(why))]));
    }
    let counted = seal_recovery_key(&vault, &keys, 7, &mut random)?;
    let good_counted = with(
        &good_key,
        &[
            ("number", json!(7)),
            ("sealed", json!(hex::encode(&counted.sealed.0))),
        ],
    );
    for (why, number) in [("an older number", 6), ("a newer one", 8), ("none", 0)] {
        let number = ("number", json!(number));
        bad_keys.push(with(&good_counted, &[number, ("why", json!(why))]));
    }
    Ok(json!({
        "source": "made by examples/make_vectors.rs; the first two words are of BIP-39's own vectors",
        "recovery_words": good, "no_recovery_words": no_words(&secret),
        "recovery_pairs": [good_pair], "unopenable_recovery_pairs": bad_pairs,
        "recovery_keys": [good_key, good_counted], "unopenable_recovery_keys": bad_keys,
    }))
}

/// What is no recovery words, made of some that are.
fn no_words(secret: &RecoverySecret) -> Vec<Value> {
    let all = words_of(secret);
    let words: Vec<&str> = all.split(' ').collect();
    let changed = |at: usize, word: &str| {
        let mut words = words.clone();
        words[at] = word;
        words.join(" ")
    };
    let mut swapped = words.clone();
    swapped.swap(0, 1);
    [
        ("empty", String::new()),
        ("a word less", words[1..].join(" ")),
        ("a word more", format!("{all} {}", words[0])),
        (
            "twelve words that are right by themselves",
            format!("{}about", "abandon ".repeat(11)),
        ),
        ("two words swapped", swapped.join(" ")),
        ("a word that is none", changed(4, "pearvault")),
        (
            "the first letters of a word alone",
            changed(4, &words[4][..3]),
        ),
        ("another language", changed(4, "ábaco")),
        ("wrong checksum", "abandon ".repeat(24)),
        ("words run together", words.join("")),
    ]
    .into_iter()
    .map(|(why, words)| json!({"words": words, "why": why}))
    .collect()
}

fn pins() -> Outcome {
    let account: Address = "ada@example.com".parse()?;
    let mut random = Stream::new(6);
    let password = EncryptionKey::new(make_secret(&mut random)?);
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for (code, numbers) in [
        ("7305", [1].as_slice()),
        ("pear tree 61", [1, 2].as_slice()),
        // As typed: neither trimmed nor normalised.
        (" cafe\u{301} ", [1, u32::MAX].as_slice()),
    ] {
        let mut pairs = Vec::new();
        let mut sealed_pairs = Vec::new();
        for (at, number) in (0x31..).zip(numbers) {
            let (number, pair) = (KeyNumber(*number), pair(at)?);
            sealed_pairs.push(seal_key_pair(
                &password,
                &account,
                number,
                &pair,
                &mut random,
            )?);
            pairs.push((number, pair));
        }
        let salt = make_bytes(&mut random)?;
        let key = PinKey::new(run(&pin::job(&salt, &sealed_pairs, &SecretText::new(code))));
        let listed = pairs.iter().map(|(number, pair)| (*number, pair));
        let sealed = pin::seal_pairs(&key, &account, &salt, listed, &mut random)?;
        let key_pairs = pairs
            .iter()
            .map(|(number, pair)| json!({"keyNumber": number, "privateKey": scalar(pair)}));
        let entry = json!({
            "pin": code, "account": account, "salt": hex::encode(salt), "sealedKeyPairs": sealed_pairs,
            "keyPairs": key_pairs.collect::<Vec<_>>(),
            // EXPOSE: a vector is made.
            "pinKey": hex::encode(key.expose_secret()), "sealed": hex::encode(&sealed),
        });
        for (why, pin, keys) in [
            ("another PIN", "7306", sealed_pairs.as_slice()),
            ("after a change of the password", code, &sealed_pairs[..0]),
        ] {
            let other = run(&pin::job(&salt, keys, &SecretText::new(pin)));
            // EXPOSE: a vector is made.
            let other = json!(hex::encode(other.expose_secret()));
            bad.push(with(&entry, &[("pinKey", other), ("why", json!(why))]));
        }
        good.push(entry);
    }
    let sealed = hex::decode(good[1]["sealed"].as_str().unwrap_or_default())?;
    bad.extend(self::bad(&good[1], &sealed));
    for (why, field, value) in [
        ("another account", "account", json!("bob@example.com")),
        ("another salt", "salt", good[0]["salt"].clone()),
        ("of another PIN", "sealed", good[0]["sealed"].clone()),
    ] {
        bad.push(with(&good[1], &[(field, value), ("why", json!(why))]));
    }
    Ok(json!({
        "source": "made by examples/make_vectors.rs", "pins": good, "unopenable_pins": bad,
    }))
}

/// An entry with its envelope spoilt in every way.
fn bad(entry: &Value, sealed: &[u8]) -> Vec<Value> {
    let spoilt = spoilt(sealed).into_iter();
    let entries = spoilt.map(|(why, bytes)| {
        with(
            entry,
            &[("sealed", json!(hex::encode(bytes))), ("why", json!(why))],
        )
    });
    entries.collect()
}
