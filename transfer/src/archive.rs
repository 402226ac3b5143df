//! Files in a ZIP: 1Password's 1PUX, Proton Pass, Bitwarden with attachments.

use std::{
    borrow::Cow,
    io::{Cursor, Read as _},
};

use zeroize::Zeroizing;
use zip::ZipArchive;

use crate::{
    FILE_MAX_BYTES, ImportError, one_password,
    report::{Import, LeftOut, WhyLeft},
    text,
};

/// Files in an archive, at most.
const ENTRIES_MAX: usize = 100_000;

type Reader = fn(&str) -> Result<Import, ImportError>;

/// Whether a file begins as a ZIP does (APPNOTE 4.3.7, 4.3.16).
pub(crate) fn is_zip(file: &[u8]) -> bool {
    file.starts_with(b"PK\x03\x04") || file.starts_with(b"PK\x05\x06")
}

pub(crate) fn read(file: &[u8]) -> Result<Import, ImportError> {
    let broken = |_: zip::result::ZipError| ImportError::Damaged { line: 0 };
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(broken)?;
    if archive.len() > ENTRIES_MAX {
        return Err(ImportError::Refused("an archive of that many files"));
    }
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.map(Cow::into_owned))
        .collect::<Result<_, _>>()
        .map_err(broken)?;
    let ends = |name: &&String, end: &str| name.rsplit('/').next() == Some(end);
    let find = |end: &str| names.iter().find(|name| ends(name, end));
    if names.iter().any(|name| ends(&name, "data.pgp")) {
        return Err(ImportError::AccountBound);
    }
    let known: [(&str, Reader); 2] = [
        ("export.data", one_password::read),
        ("data.json", crate::json),
    ];
    let Some((name, reader)) = known
        .into_iter()
        .find_map(|(end, reader)| find(end).map(|name| (name.clone(), reader)))
    else {
        return Err(ImportError::Unknown);
    };
    let text = text::decode(&unpack(&mut archive, &name)?)?;
    let mut import = reader(&text)?;
    // What hangs on items is named, by the name that it has in the archive.
    let attached = names.iter().filter(|other| {
        let is_file = !other.ends_with('/');
        is_file && (other.contains("files/") || other.contains("attachments/"))
    });
    import.left_out.extend(attached.map(|name| LeftOut {
        name: name.rsplit('/').next().unwrap_or_default().to_owned(),
        why: WhyLeft::Attachment,
    }));
    Ok(import)
}

/// One file, no further than it may be long: what an archive says of lengths is not believed.
fn unpack(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let entry = archive
        .by_name(name)
        .map_err(|_| ImportError::Damaged { line: 0 })?;
    let mut bytes = Zeroizing::new(Vec::new());
    let limit = u64::try_from(FILE_MAX_BYTES).unwrap_or(u64::MAX);
    entry
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| ImportError::Damaged { line: 0 })?;
    if bytes.len() > FILE_MAX_BYTES {
        return Err(ImportError::TooLarge);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    use super::*;
    use crate::report::Format;

    fn archive(files: &[(&str, &[u8])]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let how = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in files {
            writer.start_file(*name, how)?;
            writer.write_all(bytes)?;
        }
        Ok(writer.finish()?.into_inner())
    }

    #[test]
    fn formats_are_found_by_what_is_inside() -> Result<(), Box<dyn std::error::Error>> {
        let login = br#"{"accounts":[{"vaults":[{"items":[{"categoryUuid":"005","details":{"password":"pw"},"overview":{"title":"Pear"}}]}]}]}"#;
        let pux = archive(&[
            ("export.attributes", b"{}"),
            ("export.data", login),
            ("files/abc__scan.pdf", b"%PDF"),
        ])?;
        let import = crate::read(&pux)?;
        assert_eq!(
            (import.format, import.items.len()),
            (Format::OnePassword, 1)
        );
        assert_eq!(import.left_out[0].name, "abc__scan.pdf");
        let bitwarden = archive(&[("data.json", br#"{"encrypted":false,"items":[]}"#)])?;
        assert_eq!(crate::read(&bitwarden)?.format, Format::Bitwarden);
        Ok(())
    }

    #[test]
    fn hostile_archives_are_refused() -> Result<(), Box<dyn std::error::Error>> {
        let bomb = archive(&[("export.data", &vec![b' '; FILE_MAX_BYTES + 1])])?;
        assert!(bomb.len() < FILE_MAX_BYTES / 100);
        assert_eq!(crate::read(&bomb).map(|_| ()), Err(ImportError::TooLarge));
        // Nothing is ever written to a path, whatever it says.
        let climbing = archive(&[("../../export.data", b"{\"accounts\":[]}")])?;
        assert_eq!(crate::read(&climbing)?.items.len(), 0);
        let sealed = archive(&[("Proton Pass/data.pgp", b"x")])?;
        assert_eq!(
            crate::read(&sealed).map(|_| ()),
            Err(ImportError::AccountBound)
        );
        let nothing = archive(&[("photo.jpg", b"x")])?;
        assert_eq!(crate::read(&nothing).map(|_| ()), Err(ImportError::Unknown));
        let whole = archive(&[("export.data", b"{}")])?;
        for cut in [5, whole.len() / 2, whole.len() - 1] {
            let error = crate::read(&whole[..cut]).map(|_| ());
            assert_eq!(error, Err(ImportError::Damaged { line: 0 }), "{cut}");
        }
        Ok(())
    }

    #[test]
    fn deep_and_endless_texts_are_refused() {
        let deep = format!("{{\"items\":{}", "[".repeat(100_000));
        assert!(crate::read(deep.as_bytes()).is_err());
        assert_eq!(crate::read(b"").map(|_| ()), Err(ImportError::Empty));
        assert_eq!(crate::read(b" \n ").map(|_| ()), Err(ImportError::Empty));
        assert_eq!(
            crate::read(b"\x89PNG\r\n\x1a\n").map(|_| ()),
            Err(ImportError::Encoding)
        );
    }
}
