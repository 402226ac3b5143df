use super::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn key(byte: u8) -> DatabaseKey {
    DatabaseKey::init_with(|key| key.fill(byte))
}

fn put(key: &str, value: &[u8]) -> Change {
    Change::Put {
        key: key.to_owned(),
        value: value.to_vec(),
    }
}

fn remove(key: &str) -> Change {
    Change::Remove {
        key: key.to_owned(),
    }
}

fn place() -> std::io::Result<(tempfile::TempDir, Place)> {
    let folder = tempfile::tempdir()?;
    let place = Place::at(folder.path())?;
    Ok((folder, place))
}

async fn keys(store: &Database, prefix: &str) -> Result<Vec<String>, StoreError> {
    let found = store.read_prefix(prefix).await?;
    Ok(found.into_iter().map(|(key, _)| key).collect())
}

/// What lies in the folder, file for file.
fn bytes_of(place: &Place) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(place.file("."))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.push((name, std::fs::read(entry.path())?));
    }
    files.sort();
    Ok(files)
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle)
}

#[tokio::test]
async fn what_was_put_is_read_and_what_was_removed_is_not() -> Outcome {
    let (_folder, place) = place()?;
    let store = Database::make(&place, &key(1))?;
    store.commit(vec![put("a", b"1"), put("b", b"")]).await?;
    store
        .commit(vec![
            put("a", b"2"),
            remove("missing"),
            put("c", &[0; 9000]),
        ])
        .await?;
    assert_eq!(store.read("a").await?, Some(b"2".to_vec()));
    assert_eq!(store.read("b").await?, Some(Vec::new()));
    assert_eq!(store.read("A").await?, None);
    let asked = ["c", "missing", "a"].map(str::to_owned);
    assert_eq!(
        store.read_many(&asked).await?,
        [Some(vec![0; 9000]), None, Some(b"2".to_vec())]
    );
    store.commit(vec![remove("a")]).await?;
    assert_eq!(store.read("a").await?, None);
    Ok(())
}

#[tokio::test]
async fn prefixes_are_read_in_the_order_of_bytes() -> Outcome {
    let (_folder, place) = place()?;
    let store = Database::make(&place, &key(1))?;
    let all = [
        "item/",
        "item/%",
        "item/B",
        "item/_",
        "item/a",
        "item/a/b",
        "item/\u{e9}",
        "item/\u{ffff}",
        "item/\u{10ffff}",
        "item/\u{10ffff}x",
        "item0",
        "items",
        "trash/a",
        "ITEM/a",
    ];
    store
        .commit(all.iter().rev().map(|key| put(key, b"")).collect())
        .await?;
    assert_eq!(keys(&store, "item/").await?, all[..10]);
    assert_eq!(keys(&store, "item/\u{10ffff}").await?, all[8..10]);
    // No pattern: these are letters like others.
    assert_eq!(keys(&store, "item/_").await?, ["item/_"]);
    assert_eq!(keys(&store, "item/%").await?, ["item/%"]);
    assert_eq!(keys(&store, "none").await?, [""; 0]);
    let mut sorted = all.map(str::to_owned);
    sorted.sort();
    assert_eq!(keys(&store, "").await?, sorted);
    Ok(())
}

#[tokio::test]
async fn changes_go_in_their_order_also_around_a_clear() -> Outcome {
    let (_folder, place) = place()?;
    let store = Database::make(&place, &key(1))?;
    store.commit(vec![put("old", b"0")]).await?;
    store
        .commit(vec![
            put("before", b"1"),
            Change::Clear,
            put("after", b"2"),
            put("after", b"3"),
            put("gone", b"4"),
            remove("gone"),
        ])
        .await?;
    assert_eq!(
        store.read_prefix("").await?,
        [("after".to_owned(), b"3".to_vec())]
    );
    Ok(())
}

#[tokio::test]
async fn changes_that_fail_change_nothing() -> Outcome {
    let (_folder, place) = place()?;
    let store = Database::make(&place, &key(1))?;
    store.commit(vec![put("kept", b"0")]).await?;
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON record WHEN NEW.key = 'bad'
                  BEGIN SELECT RAISE(ABORT, 'refused'); END";
    store
        .ask(move |records| records.connection().execute_batch(refuse))
        .await?;
    let changes = || {
        vec![
            put("new", b"1"),
            Change::Clear,
            put("bad", b"2"),
            put("late", b"3"),
        ]
    };
    assert_eq!(store.commit(changes()).await, Err(StoreError));
    assert_eq!(store.commit_soon(changes()).await, Err(StoreError));
    assert_eq!(
        store.read_prefix("").await?,
        [("kept".to_owned(), b"0".to_vec())]
    );
    store.commit(vec![put("new", b"1")]).await?;
    assert_eq!(keys(&store, "").await?, ["kept", "new"]);
    Ok(())
}

#[tokio::test]
async fn a_change_that_nobody_waits_for_is_carried_out() -> Outcome {
    let (_folder, place) = place()?;
    let store = Database::make(&place, &key(1))?;
    {
        let mut commit = std::pin::pin!(store.commit(vec![put("a", b"1")]));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = commit.as_mut().poll(&mut context);
    }
    assert_eq!(store.read("a").await?, Some(b"1".to_vec()));
    Ok(())
}

#[tokio::test]
async fn it_opens_again_with_its_own_key_only_and_is_never_made_over() -> Outcome {
    let (_folder, place) = place()?;
    assert!(!Database::exists(&place)?);
    assert!(matches!(
        Database::open(&place, &key(1)),
        Err(DatabaseError::Absent)
    ));
    let store = Database::make(&place, &key(1))?;
    store.commit(vec![put("a", b"1")]).await?;
    store.commit_soon(vec![put("b", b"2")]).await?;
    assert!(matches!(
        Database::open(&place, &key(1)),
        Err(DatabaseError::InUse)
    ));
    drop(store);
    let before = bytes_of(&place)?;
    assert!(matches!(
        Database::open(&place, &key(2)),
        Err(DatabaseError::KeyRefused)
    ));
    assert!(matches!(
        Database::make(&place, &key(2)),
        Err(DatabaseError::Exists)
    ));
    assert_eq!(bytes_of(&place)?, before);
    let store = Database::open(&place, &key(1))?;
    assert_eq!(keys(&store, "").await?, ["a", "b"]);
    drop(store);
    Database::remove(&place)?;
    assert_eq!(bytes_of(&place)?, []);
    Ok(())
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_refused_and_left_alone() -> Outcome {
    let (_folder, place) = place()?;
    std::fs::write(place.file(FILE), [7; 8192])?;
    assert!(matches!(
        Database::open(&place, &key(1)),
        Err(DatabaseError::KeyRefused)
    ));
    assert_eq!(std::fs::read(place.file(FILE))?, [7; 8192]);
    // As a write that was torn may leave it; SQLite takes it for an empty database.
    std::fs::write(place.file(FILE), [])?;
    assert!(matches!(
        Database::open(&place, &key(1)),
        Err(DatabaseError::Version { actual: 0, .. })
    ));
    assert_eq!(std::fs::metadata(place.file(FILE))?.len(), 0);
    Database::remove(&place)?;
    // What is left of one that was being made is no hindrance.
    std::fs::write(place.file(NEW_FILE), b"torn")?;
    drop(Database::make(&place, &key(1))?);
    assert_eq!(bytes_of(&place)?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn nothing_in_the_files_is_in_clear_and_only_the_owner_may_read_them() -> Outcome {
    let (_folder, place) = place()?;
    let store = Database::make(&place, &key(1))?;
    let (name, value) = ("planted-name", b"planted-value".as_slice());
    store.commit(vec![put(name, value)]).await?;
    // Once in the log, once in the file itself.
    for open in [Some(store), None] {
        let files = bytes_of(&place)?;
        assert_eq!(files.len(), if open.is_some() { 2 } else { 1 });
        for (file, bytes) in &files {
            assert!(!bytes.is_empty(), "{file}");
            for clear in [name.as_bytes(), value, b"SQLite format 3", b"WITHOUT ROWID"] {
                assert!(!holds(bytes, clear), "{file}");
            }
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                let mode = std::fs::metadata(place.file(file))?.permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "{file}");
            }
        }
        drop(open);
    }
    Ok(())
}

#[tokio::test]
async fn memory_of_the_cipher_is_wiped_and_every_commit_waits_for_the_disk() -> Outcome {
    let (_folder, place) = place()?;
    let store = Database::make(&place, &key(1))?;
    let say = async |pragma: &'static str| {
        let sql = format!("PRAGMA {pragma}");
        let ask = move |records: &mut Records| {
            let said = records
                .connection()
                .query_row(&sql, [], |row| row.get::<_, rusqlite::types::Value>(0))?;
            Ok(match said {
                rusqlite::types::Value::Text(text) => text,
                rusqlite::types::Value::Integer(number) => number.to_string(),
                _ => String::new(),
            })
        };
        store.ask(ask).await
    };
    assert_eq!(say("cipher_memory_security").await?, "1");
    assert_eq!(say("journal_mode").await?, "wal");
    assert_eq!(say("synchronous").await?, "2");
    store.commit_soon(vec![put("a", b"1")]).await?;
    assert_eq!(say("synchronous").await?, "1");
    store.commit(vec![put("b", b"1")]).await?;
    assert_eq!(say("synchronous").await?, "2");
    Ok(())
}

#[tokio::test]
async fn a_commit_without_changes_also_brings_the_earlier_ones_to_the_disk() -> Outcome {
    let (_folder, place) = place()?;
    let store = Database::make(&place, &key(1))?;
    let file = || std::fs::read(place.file(FILE));
    let empty = file()?;
    store.commit_soon(vec![put("a", b"1")]).await?;
    assert_eq!(file()?, empty, "it is in the log");
    store.commit(vec![remove("missing")]).await?;
    assert_ne!(file()?, empty, "the log was written out");
    Ok(())
}
