//! A file of another program from its bytes to the commit of its last item.

use std::{fmt::Write as _, time::Instant};

use anyhow::{Context as _, Result, ensure};
use proto::{
    bridge::popup::ImportItem,
    ids::{ImportId, UnixMillis},
    limits::IMPORT_BATCH_MAX_ITEMS,
};
use testkit::{device::Device, node::MemoryNode, run::finish};

use crate::Figures;

/// Items of the file.
const ITEMS: usize = 10_000;
/// How often it is imported, each time into an empty vault.
const ROUNDS: u8 = 3;

/// Measures reading, comparing and writing together.
pub(super) fn run(figures: &Figures) -> Result<()> {
    let name = "engine.import_10000";
    if !figures.wants(name) {
        return Ok(());
    }
    let file = chrome_csv(ITEMS);
    for round in 0..ROUNDS {
        let node = MemoryNode::new(1);
        let engine = Device::new(&node, 2).create("bench@localhost")?;
        let start = Instant::now();
        let import = transfer::read(file.as_bytes()).context("reading the file")?;
        let items = (0..).zip(import.items).map(|(number, item)| ImportItem {
            number,
            draft: item.draft,
            created_at: item.created_at,
            updated_at: item.updated_at,
        });
        let items: Vec<ImportItem> = items.collect();
        let id = ImportId::make(UnixMillis(0), [round; 10]);
        let mut written = 0;
        for batch in items.chunks(IMPORT_BATCH_MAX_ITEMS) {
            finish(engine.check_import(batch.to_vec())).context("comparing")?;
        }
        for batch in items.chunks(IMPORT_BATCH_MAX_ITEMS) {
            written += finish(engine.import(id, batch.to_vec()))?.written as usize;
        }
        figures.tell(name, start.elapsed().as_secs_f64() * 1e3, "ms");
        ensure!(written == ITEMS, "{written} of {ITEMS} items were written");
    }
    Ok(())
}

fn chrome_csv(items: usize) -> String {
    let mut csv = String::from("name,url,username,password,note\n");
    for n in 0..items {
        // Writing into a text cannot fail.
        let _ = writeln!(
            csv,
            "Site {n},https://www.site{n}.example/login,ada@example.com,\"pa\"\"ss {n}\",of the year {n}"
        );
    }
    csv
}
