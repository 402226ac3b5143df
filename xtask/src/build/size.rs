//! What the extension weighs, file by file.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};

/// A table of the files that a browser compiles (modules, scripts, styles, pages), raw and as gzip
/// would send them, largest first, and the sum of all.
pub(super) fn report(folder: &Path) -> Result<String> {
    let mut rows = Vec::new();
    gather(folder, folder, &mut rows)?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.raw));
    let mut text = format!("{:<40} {:>10} {:>10}\n", "bytes", "raw", "gzip");
    for row in rows.iter().filter(|row| row.listed) {
        let _ = writeln!(
            text,
            "{:<40} {:>10} {:>10}",
            row.name.display(),
            row.raw,
            row.gzip
        );
    }
    let raw: usize = rows.iter().map(|row| row.raw).sum();
    let gzip: usize = rows.iter().map(|row| row.gzip).sum();
    let _ = writeln!(text, "{:<40} {raw:>10} {gzip:>10}", "all files");
    Ok(text)
}

struct Row {
    name: PathBuf,
    raw: usize,
    gzip: usize,
    listed: bool,
}

fn gather(root: &Path, folder: &Path, rows: &mut Vec<Row>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(root, &path, rows)?;
            continue;
        }
        let bytes = fs::read(&path)?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes)?;
        let kind = path
            .extension()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        rows.push(Row {
            name: path.strip_prefix(root).unwrap_or(&path).to_owned(),
            raw: bytes.len(),
            gzip: encoder.finish()?.len(),
            listed: matches!(kind, "wasm" | "js" | "css" | "html"),
        });
    }
    Ok(())
}
