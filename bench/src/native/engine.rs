//! The engine on a device with everything in memory: what is measured is the engine, not a disk.

use anyhow::{Context as _, Result, ensure};
use engine::Engine;
use proto::vault::SecretText;
use testkit::{
    device::{Device, PASSWORD},
    items,
    kdf::TestKdf,
    node::MemoryNode,
    run::finish,
};

use crate::Figures;

/// Items in the vault that is searched.
const ITEMS: u32 = 10_000;
/// What somebody types, letter by letter and at once; the last finds nothing.
const QUERIES: [&str; 8] = [
    "o", "or", "orch", "orchard", "ada.77", "site 9", "crème", "zzz",
];
/// As many as a list shows.
const SHOWN: u32 = 50;

/// Measures search and unlock.
pub(super) fn run(figures: &Figures) -> Result<()> {
    let names = ["engine.search_10000", "engine.unlock_10000"];
    if !names.iter().any(|name| figures.wants(name)) {
        return Ok(());
    }
    let engine = vault(ITEMS)?;
    let mut turn = QUERIES.iter().cycle();
    figures.milliseconds(names[0], || {
        let query = turn.next().copied().unwrap_or_default();
        finish(engine.search(query, 0, SHOWN)).map(|found| found.total)
    });
    let password = SecretText::new(PASSWORD);
    figures.milliseconds(names[1], || {
        finish(engine.lock());
        finish(engine.unlock(&password)).is_ok()
    });
    finish(engine.unlock(&password)).context("the password opens the vault")?;
    Ok(())
}

/// An open vault that holds `count` items.
fn vault(count: u32) -> Result<Engine<Device>> {
    let node = MemoryNode::new(1);
    let mut device = Device::new(&node, 2);
    device.kdf = TestKdf::REAL;
    // `localhost` is the one domain whose server is found without asking the network.
    let engine = device
        .create("bench@localhost")
        .context("making the account")?;
    for n in 0..count {
        finish(engine.save(items::numbered(n))).context("saving an item")?;
    }
    let found = finish(engine.search("", 0, SHOWN))?;
    ensure!(
        found.total == count,
        "the vault holds {} items",
        found.total
    );
    Ok(engine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vault_that_is_measured_can_be_made_and_searched() -> Result<()> {
        let engine = vault(12)?;
        let found = finish(engine.search("site 9", 0, SHOWN))?;
        assert!(found.total > 0 && found.total < 12, "{}", found.total);
        Ok(())
    }
}
