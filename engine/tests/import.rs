//! Items of another program: known again, written once, and refused one at a time.

use std::error::Error;

use engine::{Engine, EngineError};
use proto::{
    bridge::popup::{ImportItem, Standing},
    ids::{ImportId, ItemId, UnixMillis},
    limits::IMPORT_BATCH_MAX_ITEMS,
    vault::{ItemDraft, ItemSecrets, SecretField, SecretText},
};
use testkit::{
    device::Device,
    items::{card, login, numbered},
    node::MemoryNode,
    run::finish,
};

type Outcome = Result<(), Box<dyn Error>>;

const ADA: &str = "ada@localhost";

fn import_id(byte: u8) -> ImportId {
    ImportId::make(UnixMillis(1_795_226_516_049), [byte; 10])
}

fn batch(drafts: impl IntoIterator<Item = ItemDraft>) -> Vec<ImportItem> {
    let item = |(number, draft)| ImportItem {
        number,
        draft,
        created_at: None,
        updated_at: None,
    };
    (0..).zip(drafts).map(item).collect()
}

fn total(engine: &Engine<Device>) -> Result<u32, EngineError> {
    Ok(finish(engine.search("", 0, 1))?.total)
}

fn only(engine: &Engine<Device>, query: &str) -> Result<ItemId, Box<dyn Error>> {
    let found = finish(engine.search(query, 0, 2))?;
    match &found.items[..] {
        [item] => Ok(item.id),
        others => Err(format!("{} items", others.len()).into()),
    }
}

#[test]
fn items_are_imported_with_their_times_and_reach_other_devices() -> Outcome {
    let node = MemoryNode::new(1);
    let engine = Device::new(&node, 2).create(ADA)?;
    let mut items = batch([
        login("Orchard", "ada", "first", "https://orchard.test/"),
        card("Visa", "Ada", "4111111111111111", "12/30"),
    ]);
    items[0].created_at = Some(UnixMillis(1_000));
    items[0].updated_at = Some(UnixMillis(2_000));
    // The clock of the other program went wrong.
    items[1].created_at = Some(UnixMillis(u64::MAX));
    let imported = finish(engine.import(import_id(1), items))?;
    assert_eq!((imported.written, imported.already), (2, 0));
    let overview = finish(engine.item(only(&engine, "orchard")?))?.overview;
    assert_eq!(
        (overview.created_at, overview.updated_at),
        (UnixMillis(1_000), UnixMillis(2_000))
    );
    let overview = finish(engine.item(only(&engine, "visa")?))?.overview;
    assert!(overview.created_at <= node.clock().now());
    finish(engine.sync())?;
    let other = Device::new(&node, 3).log_in(ADA)?;
    finish(other.sync())?;
    let id = only(&other, "orchard")?;
    // EXPOSE: a test looks at it.
    let password = finish(other.reveal(id, &SecretField::Password))?.value;
    assert_eq!(password.expose_secret(), "first");
    Ok(())
}

#[test]
fn a_repeated_request_doubles_nothing() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create(ADA)?;
    let items = batch((0..150).map(numbered));
    let (first, second) = items.split_at(100);
    assert_eq!(
        finish(engine.import(import_id(1), first.to_vec()))?.written,
        100
    );
    // The answer was lost with the worker.
    let engine = device.open()?;
    let again = finish(engine.import(import_id(1), first.to_vec()))?;
    assert_eq!((again.written, again.already), (0, 100));
    assert_eq!(
        finish(engine.import(import_id(1), second.to_vec()))?.written,
        50
    );
    assert_eq!(total(&engine)?, 150);
    // What was deleted meanwhile is not brought back, not even after another import.
    let gone = finish(engine.search("", 0, 1))?.items[0].id;
    finish(engine.delete(gone))?;
    let again = finish(engine.import(import_id(1), items.clone()))?;
    assert_eq!((again.written, again.already), (0, 150));
    finish(engine.import(import_id(2), Vec::new()))?;
    let again = finish(engine.import(import_id(1), items.clone()))?;
    assert_eq!((again.written, again.already), (0, 150));
    assert_eq!(total(&engine)?, 149);
    // Another import of the same file is one of its own.
    assert_eq!(finish(engine.import(import_id(2), items))?.written, 150);
    Ok(())
}

#[test]
fn what_the_vault_has_is_known_again() -> Outcome {
    let engine = Device::new(&MemoryNode::new(1), 2).create(ADA)?;
    let kept = login("Orchard", "ada", "first", "https://www.orchard.test/login");
    let id = finish(engine.save(kept))?.id;
    let visa = card("Visa", "Ada", "4111111111111111", "12/30");
    let visa_id = finish(engine.save(visa.clone()))?.id;
    let asked = batch([
        login("orchard.test", " Ada ", "first", "https://orchard.test/"),
        login("Orchard", "ada", "other", "https://orchard.test/"),
        login("Orchard", "eve", "first", "https://orchard.test/"),
        login("Orchard", "ada", "first", "https://market.test/"),
        visa,
        card("Visa", "Ada", "5555555555554444", "12/30"),
        login("Broken", "ada", "first", "no address at all"),
    ]);
    let standings = finish(engine.check_import(asked))?;
    let want = [
        Standing::Same(id),
        Standing::Differs(id),
        Standing::New,
        Standing::New,
        Standing::Same(visa_id),
        Standing::Differs(visa_id),
        Standing::New,
    ];
    assert_eq!(standings, want);
    assert_eq!(total(&engine)?, 2, "asking writes nothing");
    Ok(())
}

#[test]
fn an_item_that_may_not_be_written_holds_up_no_other() -> Outcome {
    let engine = Device::new(&MemoryNode::new(1), 2).create(ADA)?;
    let mut long = login("Long", "ada", "pw", "https://orchard.test/");
    if let ItemSecrets::Login { notes, .. } = &mut long.secrets {
        *notes = SecretText::new("n".repeat(100_000));
    }
    let items = batch([
        login("Broken", "ada", "pw", "no address at all"),
        login("Orchard", "ada", "pw", "https://orchard.test/"),
        long,
    ]);
    let imported = finish(engine.import(import_id(1), items))?;
    assert_eq!(imported.written, 1);
    let refused: Vec<_> = imported
        .refused
        .iter()
        .map(|refused| (refused.number, refused.field.as_str()))
        .collect();
    assert_eq!(refused, [(0, "urls"), (2, "size")]);
    Ok(())
}

#[test]
fn a_batch_is_written_whole_or_not_at_all() -> Outcome {
    let device = Device::new(&MemoryNode::new(1), 2);
    let engine = device.create(ADA)?;
    let too_many = batch((0..).map(numbered).take(IMPORT_BATCH_MAX_ITEMS + 1));
    assert!(matches!(
        finish(engine.import(import_id(1), too_many)),
        Err(EngineError::TooLarge { .. })
    ));
    let mut unordered = batch((0..3).map(numbered));
    unordered.reverse();
    assert_eq!(
        finish(engine.import(import_id(1), unordered)).err(),
        Some(EngineError::ItemInvalid { field: "number" })
    );
    device.store.fail_at(1);
    assert!(finish(engine.import(import_id(1), batch((0..3).map(numbered)))).is_err());
    assert_eq!(total(&engine)?, 0);
    finish(engine.lock());
    assert_eq!(
        finish(engine.import(import_id(1), Vec::new())).err(),
        Some(EngineError::Locked)
    );
    assert_eq!(
        finish(engine.check_import(Vec::new())).err(),
        Some(EngineError::Locked)
    );
    Ok(())
}
