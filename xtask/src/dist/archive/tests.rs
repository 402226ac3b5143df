use std::io::Read as _;

use super::*;

/// Put in an order that is not the archive's.
fn tree() -> Tree {
    let mut tree = Tree::default();
    tree.link("etc/browser/host.json", "/usr/share/host.json");
    tree.program("usr/bin/host", b"\x7fELF".to_vec());
    tree.file("a-file.txt", "text");
    tree.file("usr/bin-not/note", "");
    tree
}

/// Path, mode, time, owner and kind of an entry.
type Row = (String, u32, u64, u64, EntryType);

fn entries(bytes: &[u8]) -> Result<Vec<Row>> {
    let mut archive = tar::Archive::new(bytes);
    let mut seen = Vec::new();
    for entry in archive.entries()? {
        let entry = entry?;
        let (path, header) = (entry.path_bytes(), entry.header());
        seen.push((
            String::from_utf8(path.into_owned())?,
            header.mode()?,
            header.mtime()?,
            header.uid()? + header.gid()?,
            header.entry_type(),
        ));
    }
    Ok(seen)
}

#[test]
fn tar_has_folders_before_what_is_in_them_and_nobodys_traces() -> Result<()> {
    let expect = [
        ("./", 0o755, EntryType::Directory),
        ("./a-file.txt", 0o644, EntryType::Regular),
        ("./etc/", 0o755, EntryType::Directory),
        ("./etc/browser/", 0o755, EntryType::Directory),
        ("./etc/browser/host.json", 0o777, EntryType::Symlink),
        ("./usr/", 0o755, EntryType::Directory),
        ("./usr/bin-not/", 0o755, EntryType::Directory),
        ("./usr/bin-not/note", 0o644, EntryType::Regular),
        ("./usr/bin/", 0o755, EntryType::Directory),
        ("./usr/bin/host", 0o755, EntryType::Regular),
    ];
    let expect = expect.map(|(path, mode, kind)| (path.to_owned(), mode, TIME, 0, kind));
    assert_eq!(entries(&tree().to_tar(".")?)?, expect);
    Ok(())
}

#[test]
fn links_of_a_tar_lead_where_they_should() -> Result<()> {
    let bytes = tree().to_tar("top")?;
    let mut archive = tar::Archive::new(bytes.as_slice());
    let mut links = Vec::new();
    for entry in archive.entries()? {
        let entry = entry?;
        links.extend(entry.link_name()?.map(|it| it.display().to_string()));
    }
    assert_eq!(links, ["/usr/share/host.json"]);
    Ok(())
}

#[test]
fn paths_that_do_not_fit_are_refused() {
    let mut tree = Tree::default();
    tree.file("x".repeat(101), "");
    assert!(tree.to_tar(".").is_err());
}

#[test]
fn zip_is_sorted_and_of_1980() -> Result<()> {
    let mut tree = Tree::default();
    for name in ["wasm/b.wasm", "manifest.json", "wasm-a.js", "a/z.js"] {
        tree.file(name, name);
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(tree.to_zip()?))?;
    let mut seen = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        assert_eq!(text, file.name()?);
        assert_eq!(file.last_modified(), Some(DateTime::default()));
        assert_eq!(file.unix_mode(), Some(0o100_644));
        assert_eq!(file.compression(), CompressionMethod::Deflated);
        seen.push(text);
    }
    let expect = ["a/z.js", "manifest.json", "wasm-a.js", "wasm/b.wasm"];
    assert_eq!(seen, expect);
    // Version made by: the byte of its system is the same wherever it is made.
    let bytes = tree.to_zip()?;
    let central = bytes.windows(4).position(|it| it == b"PK\x01\x02");
    let system = central.and_then(|start| bytes.get(start + 5));
    assert_eq!(system, Some(&3));
    Ok(())
}

#[test]
fn links_do_not_go_into_a_zip() {
    assert!(tree().to_zip().is_err());
}

#[test]
fn gzip_says_neither_name_nor_time() -> Result<()> {
    let bytes = gzip(b"text")?;
    // RFC 1952: magic, method, flags, four bytes of time, best compression, no operating system.
    assert_eq!(bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
    Ok(())
}

#[test]
fn debian_package_has_its_three_members_in_their_order() -> Result<()> {
    let bytes = debian(b"odd", b"data")?;
    assert_eq!(&bytes[..8], b"!<arch>\n");
    let header = "debian-binary   946684800   0     0     100644  4         `\n";
    assert_eq!(&bytes[8..68], header.as_bytes());
    let mut archive = ar::Archive::new(bytes.as_slice());
    let mut seen = Vec::new();
    while let Some(member) = archive.next_entry() {
        let mut member = member?;
        let mut content = String::new();
        member.read_to_string(&mut content)?;
        let name = String::from_utf8(member.header().identifier().to_vec())?;
        seen.push((name, content));
    }
    let expect = [
        ("debian-binary", "2.0\n"),
        ("control.tar.gz", "odd"),
        ("data.tar.gz", "data"),
    ];
    let expect = expect.map(|(name, content)| (name.to_owned(), content.to_owned()));
    assert_eq!(seen, expect);
    Ok(())
}
