#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

fn code(text: &str, unix_seconds: u64) -> Result<String, TotpError> {
    let totp = Totp::parse(&SecretText::new(text))?;
    // EXPOSE: to compare.
    Ok(totp
        .code_at(UnixMillis(unix_seconds * 1000))
        .code
        .expose_secret()
        .to_owned())
}

/// RFC 6238, appendix B.
#[test]
fn codes_are_those_of_the_standard() {
    // The ASCII digits 1234567890… of 20, 32 and 64 bytes, in base32.
    let sha1 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let sha256 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
    let sha512 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA";
    for (at, one, two, five) in [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ] {
        for (key, algorithm, expected) in [
            (sha1, "SHA1", one),
            (sha256, "SHA256", two),
            (sha512, "SHA512", five),
        ] {
            let uri =
                format!("otpauth://totp/x?secret={key}&algorithm={algorithm}&digits=8&period=30");
            assert_eq!(code(&uri, at).as_deref(), Ok(expected), "{algorithm} {at}");
        }
    }
}

#[test]
fn spelling_of_a_key_does_not_matter() {
    for text in [
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
        "  GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ==== ",
        "otpauth://totp/Example:ada@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example",
        "OTPAUTH://TOTP/x?issuer=E%20x&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ%3D%3D&algorithm=sha-1",
    ] {
        assert_eq!(code(text, 59).as_deref(), Ok("287082"), "{text}");
    }
}

#[test]
fn a_key_is_told_as_one_text_however_it_was_spelled() -> Result<(), TotpError> {
    for (typed, want) in [
        ("gezd gnbv gy3t qojq", "GEZDGNBVGY3TQOJQ"),
        ("MY======", "MY"),
        // Bits that are left over belong to no key.
        ("MZ", "MY"),
        ("otpauth://totp/x?secret=mzxw6ytb", "MZXW6YTB"),
    ] {
        let secret = Totp::parse(&SecretText::new(typed))?.secret();
        assert_eq!(secret, SecretText::new(want), "{typed}");
    }
    let uri = "otpauth://totp/x?secret=MZXW6YTB&algorithm=sha256&digits=8&period=60";
    let totp = Totp::parse(&SecretText::new(uri))?;
    let told = (
        totp.algorithm().name(),
        totp.digits(),
        totp.period_seconds(),
    );
    assert_eq!(told, ("SHA256", 8, 60));
    Ok(())
}

#[test]
fn texts_that_are_no_key_are_refused() {
    for (text, why) in [
        ("", TotpError::Key),
        ("====", TotpError::Key),
        ("A", TotpError::Key),
        ("ABC", TotpError::Key),
        ("GEZDGNBV1", TotpError::Key),
        ("GEZDGNBV8", TotpError::Key),
        ("GEZDä", TotpError::Key),
        ("https://example.com", TotpError::Key),
        ("otpauth://totp/x", TotpError::Key),
        ("otpauth://totp/x?issuer=y", TotpError::Key),
        ("otpauth://totp/x?secret=", TotpError::Key),
        ("otpauth://totp/x?secret=GEZDGNBV%3", TotpError::Key),
        ("otpauth://totp/x?secret=GEZDGNBV%zz", TotpError::Key),
        (
            "otpauth://hotp/x?secret=GEZDGNBV&counter=1",
            TotpError::Kind,
        ),
        (
            "otpauth://totp/x?secret=GEZDGNBV&algorithm=MD5",
            TotpError::Algorithm,
        ),
        (
            "otpauth://totp/x?secret=GEZDGNBV&digits=5",
            TotpError::Digits,
        ),
        (
            "otpauth://totp/x?secret=GEZDGNBV&digits=10",
            TotpError::Digits,
        ),
        (
            "otpauth://totp/x?secret=GEZDGNBV&period=0",
            TotpError::Period,
        ),
        (
            "otpauth://totp/x?secret=GEZDGNBV&period=86400",
            TotpError::Period,
        ),
    ] {
        assert_eq!(code(text, 59), Err(why), "{text}");
    }
    assert_eq!(code(&"A".repeat(100_000), 59), Err(TotpError::Key));
}

#[test]
fn code_says_how_long_it_is_good() {
    let totp = Totp::parse(&SecretText::new("GEZDGNBVGY3TQOJQ")).unwrap();
    assert_eq!(totp.code_at(UnixMillis(59_999)).remaining_ms, 1);
    assert_eq!(totp.code_at(UnixMillis(60_000)).remaining_ms, 30_000);
    assert_eq!(
        format!("{totp:?} {:?}", totp.code_at(UnixMillis(0)).code),
        "Totp SecretText"
    );
}
