//! Small texts that people and servers write.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pow::{Header, Target};
use proto::{
    address::Address,
    bytes::{Base64, Hex},
    ids::{ItemId, UnixMillis},
    origin::Origin,
    safety::SafetyCode,
    vault::SecretText,
};
use wasm_core::{secret::RecoverySecret, totp::Totp};

fuzz_target!(|text: &str| {
    if let Ok(address) = text.parse::<Address>() {
        assert_eq!(address.as_str(), text);
        assert!(
            text.len() <= 318 && text.is_ascii() && !text.bytes().any(|b| b.is_ascii_uppercase())
        );
        let _ = address.warnings();
    }
    if let Ok(origin) = text.parse::<Origin>() {
        let written = origin.to_string();
        assert_eq!(written.parse::<Origin>().ok(), Some(origin));
    }
    if let Ok(id) = text.parse::<ItemId>() {
        assert_eq!(id.to_string(), text);
    }
    if let Ok(hex) = Hex::<32>::parse(text) {
        assert_eq!(hex.to_string(), text);
    }
    if let Ok(bytes) = serde_json::from_value::<Base64>(text.into()) {
        assert_eq!(serde_json::to_value(bytes).ok(), Some(text.into()));
    }
    if let Ok(totp) = Totp::parse(&SecretText::new(text)) {
        for now in [0, 59_000, u64::MAX] {
            let code = totp.code_at(UnixMillis(now));
            // EXPOSE: fuzzing looks at it.
            assert!((6..=8).contains(&code.code.expose_secret().len()));
        }
    }
    if let Ok(secret) = RecoverySecret::parse_words(&SecretText::new(text)) {
        let words = secret.words();
        // EXPOSE: fuzzing looks at it.
        let words: Vec<&str> = words.iter().map(SecretText::expose_secret).collect();
        let again = RecoverySecret::parse_words(&SecretText::new(words.join(" ")));
        assert!(again.is_ok_and(|again| again.ct_eq(&secret)));
    }
    if let Ok(code) = text.parse::<SafetyCode>() {
        assert_eq!(code.to_string(), text);
        assert_eq!(text.len(), 79);
        assert_eq!(code.of_other_side().of_other_side(), code);
    }
    let _ = Header::parse_hex(text);
    let _ = Target::parse_hex(text);
});
