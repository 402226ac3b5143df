//! Files in another encoding than UTF-8, whole: read as they are, or refused in words that help.

use std::error::Error;

use transfer::{Format, Import, ImportError};

const CSV: &str = "name,url,username,password,note\r\n\
    München,https://muenchen.test/,Jürgen,pässwört 🍐,\"zwei\r\nZeilen\"\r\n";

fn titles(import: &Import) -> Vec<(&str, &str)> {
    let items = import.items.iter();
    items
        .map(|item| (item.draft.title.as_str(), item.draft.subtitle.as_str()))
        .collect()
}

#[test]
fn a_table_in_utf_16_is_read_as_it_is() -> Result<(), Box<dyn Error>> {
    let wide = |mark: char, to: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let text = format!("{mark}{CSV}");
        text.encode_utf16().flat_map(to).collect()
    };
    let plain = transfer::read(CSV.as_bytes())?;
    assert_eq!(titles(&plain), [("München", "Jürgen")]);
    for file in [
        wide('\u{feff}', u16::to_le_bytes),
        wide('\u{feff}', u16::to_be_bytes),
        [b"\xef\xbb\xbf", CSV.as_bytes()].concat(),
    ] {
        let import = transfer::read(&file)?;
        assert_eq!(import.format, Format::ChromeCsv);
        assert_eq!(import, plain);
    }
    Ok(())
}

#[test]
fn a_table_in_latin_1_says_what_to_do() {
    let latin: Vec<u8> = "name,url,username,password,note\r\nMünchen,https://m.test/,ada,pw,\r\n"
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect();
    let refused = transfer::read(&latin).map(|_| ());
    assert_eq!(refused, Err(ImportError::Encoding));
    let told = ImportError::Encoding.to_string();
    assert!(told.contains("Save it as UTF-8"), "{told}");
}

#[test]
fn utf_16_that_does_not_say_so_is_not_guessed() {
    let wide: Vec<u8> = "name,url"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(transfer::read(&wide).map(|_| ()), Err(ImportError::Unknown));
}

/// Each format that nests, deeper than any honest file: an error, and no end of the stack.
#[test]
fn deep_nesting_is_refused_in_every_format() {
    const DEEP: usize = 200_000;
    let nested = |head: &str, open: &str| format!("{head}{}", open.repeat(DEEP));
    for file in [
        nested(r#"{"items":"#, "["),
        nested(r#"{"vaults":{"a":{"items":[{"data":"#, r#"{"content":"#),
        nested(
            r#"{"exporterRpId":"a","accounts":[{"items":[],"collections":"#,
            r#"[{"subCollections":"#,
        ),
        nested(
            r#"{"exporterRpId":"a","accounts":[{"items":[{"credentials":[],"extensions":"#,
            "[",
        ),
        nested(r#"{"format":"pearvault-export","parts":"#, "["),
        nested("<KeePassFile><Root>", "<Group>"),
        nested("", "["),
        nested("", r#"{"a":"#),
    ] {
        let read = transfer::read(file.as_bytes());
        assert!(read.is_err(), "{}", &file[..40.min(file.len())]);
    }
}

#[test]
fn a_sealed_database_is_told_by_its_name() {
    for version in [0x65, 0x66, 0x67] {
        let file = [
            0x03, 0xd9, 0xa2, 0x9a, version, 0xfb, 0x4b, 0xb5, 0, 0, 4, 0,
        ];
        let refused = transfer::read(&file).map(|_| ());
        assert_eq!(refused, Err(ImportError::KeepassDatabase));
    }
}
