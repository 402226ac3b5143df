//! What packages consist of: the same files give the same bytes, wherever and whenever.
//!
//! Entries are sorted, belong to nobody in particular, and have one time and one of two modes.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Write as _},
};

use anyhow::{Context as _, Result, bail};
use flate2::{Compression, GzBuilder};
use tar::{EntryType, Header};
use zip::{CompressionMethod, DateTime, System, ZipWriter, write::SimpleFileOptions};

/// Time of every entry of a tar archive, in seconds since 1970: the year 2000. Debian's checks take
/// anything from before 1984 for a mistake.
const TIME: u64 = 946_684_800;
/// Mode of a folder and of a program.
const EXECUTABLE: u32 = 0o755;
/// Mode of any other file.
const READABLE: u32 = 0o644;
/// Mode of a symbolic link, which nobody looks at.
const LINK: u32 = 0o777;
/// Best there is; the level is part of what makes bytes the same.
const LEVEL: u32 = 9;

/// Files and links by their path below the archive's top, without a slash at its begin.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Tree(BTreeMap<String, Node>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    File { content: Vec<u8>, mode: u32 },
    Link { target: String },
}

impl Tree {
    /// Puts a file there.
    pub(super) fn file(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.insert(path, content, READABLE);
    }

    /// Puts a file there that can be run.
    pub(super) fn program(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.insert(path, content, EXECUTABLE);
    }

    /// Puts a symbolic link there.
    pub(super) fn link(&mut self, path: impl Into<String>, target: impl Into<String>) {
        let target = target.into();
        self.0.insert(path.into(), Node::Link { target });
    }

    fn insert(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>, mode: u32) {
        let content = content.into();
        self.0.insert(path.into(), Node::File { content, mode });
    }

    /// Bytes of all files.
    pub(super) fn size(&self) -> usize {
        let sizes = self.0.values().map(|node| match node {
            Node::File { content, .. } => content.len(),
            Node::Link { .. } => 0,
        });
        sizes.sum()
    }

    /// Whether all of `other` is in it.
    #[cfg(test)]
    pub(super) fn has_all_of(&self, other: &Self) -> bool {
        let mut all = other.0.iter();
        all.all(|(path, node)| self.0.get(path) == Some(node))
    }

    /// As a tar archive (POSIX ustar) with `top` before each path, folders included.
    ///
    /// # Errors
    /// For a path or the target of a link of more than 100 bytes.
    pub(super) fn to_tar(&self, top: &str) -> Result<Vec<u8>> {
        let mut archive = tar::Builder::new(Vec::new());
        let mut folders = BTreeSet::new();
        for (path, node) in &self.0 {
            let path = format!("{top}/{path}");
            for (end, _) in path.match_indices('/') {
                // With its slash, as every other tar writes it.
                let folder = &path[..=end];
                if folders.insert(folder.to_owned()) {
                    let header = header(folder, EntryType::Directory, EXECUTABLE, 0)?;
                    archive.append(&header, std::io::empty())?;
                }
            }
            match node {
                Node::File { content, mode } => {
                    let header = header(&path, EntryType::Regular, *mode, content.len())?;
                    archive.append(&header, content.as_slice())?;
                }
                Node::Link { target } => {
                    let mut header = header(&path, EntryType::Symlink, LINK, 0)?;
                    put(&mut header.as_old_mut().linkname, target)?;
                    header.set_cksum();
                    archive.append(&header, std::io::empty())?;
                }
            }
        }
        Ok(archive.into_inner()?)
    }

    /// As a zip archive, files only.
    ///
    /// # Errors
    /// For links, which stores refuse.
    pub(super) fn to_zip(&self) -> Result<Vec<u8>> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL.into()))
            // 1980-01-01, the first moment that the format knows.
            .last_modified_time(DateTime::default())
            .system(System::Unix)
            .unix_permissions(READABLE);
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, node) in &self.0 {
            let Node::File { content, .. } = node else {
                bail!("{path} is a link");
            };
            archive.start_file(path.as_str(), options)?;
            archive.write_all(content)?;
        }
        Ok(archive.finish()?.into_inner())
    }
}

/// As gzip writes it, without name and time.
pub(super) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// A Debian package around its two archives: deb(5), format 2.0.
pub(super) fn debian(control: &[u8], data: &[u8]) -> Result<Vec<u8>> {
    let members: [(&str, &[u8]); 3] = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", control),
        ("data.tar.gz", data),
    ];
    let mut archive = ar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = ar::Header::new(name.into(), u64::try_from(content.len())?);
        header.set_mtime(TIME);
        // With the bits of a regular file, as dpkg-deb has it.
        header.set_mode(0o100_000 | READABLE);
        archive.append(&header, content)?;
    }
    Ok(archive.into_inner()?)
}

fn header(path: &str, kind: EntryType, mode: u32, size: usize) -> Result<Header> {
    let mut header = Header::new_ustar();
    // Not by `set_path`, which would leave out the `./` of Debian's paths.
    put(&mut header.as_old_mut().name, path)?;
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_username("root")?;
    header.set_groupname("root")?;
    header.set_mtime(TIME);
    header.set_size(u64::try_from(size)?);
    header.set_cksum();
    Ok(header)
}

fn put(field: &mut [u8; 100], text: &str) -> Result<()> {
    let place = field.get_mut(..text.len());
    place
        .with_context(|| format!("{text} is too long for the archive"))?
        .copy_from_slice(text.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests;
