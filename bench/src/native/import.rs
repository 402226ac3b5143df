//! A file of another program from its bytes to the commit of its last item.

use std::{fmt::Write as _, ops::Range, time::Instant};

use anyhow::{Context as _, Result, ensure};
use engine::Engine;
use proto::{
    bridge::popup::ImportItem,
    ids::{ImportId, UnixMillis},
    limits::IMPORT_BATCH_MAX_ITEMS,
};
use testkit::{device::Device, node::MemoryNode, run::finish};

use crate::Figures;

/// Items of the file.
const ITEMS: usize = 10_000;
/// Items that a vault holds where it is not empty.
const HELD: usize = 20_000;
/// How often it is imported, each time into another vault.
const ROUNDS: u8 = 3;

/// Measures reading, comparing and writing together: into an empty vault, and into one that holds
/// [`HELD`] items.
pub(super) fn run(figures: &Figures) -> Result<()> {
    let name = "engine.import_10000";
    for (name, held) in [(name.to_owned(), 0), (format!("{name}_into_20000"), HELD)] {
        if !figures.wants(&name) {
            continue;
        }
        let file = chrome_csv(held..held + ITEMS);
        for round in 0..ROUNDS {
            let node = MemoryNode::new(1);
            let engine = Device::new(&node, 2).create("bench@localhost")?;
            if held > 0 {
                import(&engine, &chrome_csv(0..held), u8::MAX)?;
                finish(engine.sync()).context("sending what is there")?;
            }
            let start = Instant::now();
            let written = import(&engine, &file, round)?;
            figures.tell(&name, start.elapsed().as_secs_f64() * 1e3, "ms");
            ensure!(written == ITEMS, "{written} of {ITEMS} items were written");
        }
    }
    Ok(())
}

/// Reads, compares and writes a file, and says how many items were written.
fn import(engine: &Engine<Device>, file: &str, name: u8) -> Result<usize> {
    let import = transfer::read(file.as_bytes()).context("reading the file")?;
    let items = (0..).zip(import.items).map(|(number, item)| ImportItem {
        number,
        draft: item.draft,
        created_at: item.created_at,
        updated_at: item.updated_at,
    });
    let items: Vec<ImportItem> = items.collect();
    for batch in items.chunks(IMPORT_BATCH_MAX_ITEMS) {
        finish(engine.check_import(batch.to_vec())).context("comparing")?;
    }
    let id = ImportId::make(UnixMillis(0), [name; 10]);
    let mut written = 0;
    for batch in items.chunks(IMPORT_BATCH_MAX_ITEMS) {
        written += finish(engine.import(id, batch.to_vec()))?.written as usize;
    }
    Ok(written)
}

/// What Chrome exports of these items.
fn chrome_csv(items: Range<usize>) -> String {
    let mut csv = String::from("name,url,username,password,note\n");
    for n in items {
        // Writing into a text cannot fail.
        let _ = writeln!(
            csv,
            "Site {n},https://www.site{n}.example/login,ada@example.com,\"pa\"\"ss {n}\",of the year {n}"
        );
    }
    csv
}
