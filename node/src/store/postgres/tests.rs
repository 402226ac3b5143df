//! The contract on `PostgreSQL`, and what only it has.

use std::sync::Arc;

use proto::{
    api::vault::{SealedItem, VaultContent},
    bytes::Base64,
    ids::{DeviceId, ItemId, ItemVersion, KeyNumber, UpdateId},
};
use testkit::postgres;
use wasm_core::kdf::server::StoredLoginHash;

use super::{
    super::contract::{
        Fresh, contract,
        session::{of_schema_4, sessions_of_schema_4_go_on},
    },
    *,
};

type TestResult = Result<(), Box<dyn std::error::Error>>;

contract!(fresh);

async fn fresh() -> Option<Fresh> {
    let store = PostgresStore::open(database()?, 8).await.unwrap();
    Some(Fresh::new(store, ()))
}

/// The same on a database that the version before has made.
mod of_the_version_before {
    use super::*;

    contract!(fresh);

    async fn fresh() -> Option<Fresh> {
        let options = database()?;
        let mut connection = options.connect().await.unwrap();
        let before = &migrate::STEPS[..migrate::STEPS.len() - 1];
        crate::store::migrate::run(before, &mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        let store = PostgresStore::open(options, 8).await.unwrap();
        Some(Fresh::new(store, ()))
    }
}

/// A database of its own; none where this machine has no `PostgreSQL`.
fn database() -> Option<PgConnectOptions> {
    postgres::database().map(|url| url.parse().unwrap())
}

/// Who was signed in before sessions ended by age stays so, or may renew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_of_schema_4_can_be_renewed() -> TestResult {
    let Some(options) = database() else {
        return Ok(());
    };
    let mut connection = options.connect().await?;
    crate::store::migrate::run(&migrate::STEPS[..4], &mut connection).await?;
    for statement in of_schema_4("'\\x") {
        let statement = sqlx::AssertSqlSafe(statement);
        sqlx::query(statement).execute(&mut connection).await?;
    }
    connection.close().await?;
    sessions_of_schema_4_go_on(&PostgresStore::open(options, 2).await?).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn database_of_a_newer_node_is_refused() -> TestResult {
    let Some(options) = database() else {
        return Ok(());
    };
    PostgresStore::open(options.clone(), 2)
        .await?
        .close()
        .await?;
    // A second start brings nothing new.
    PostgresStore::open(options.clone(), 2)
        .await?
        .close()
        .await?;
    let mut connection = options.connect().await?;
    sqlx::query("UPDATE _sqlx_migrations SET version = version + 98")
        .execute(&mut connection)
        .await?;
    let Err(error) = PostgresStore::open(options, 2).await else {
        return Err("a newer schema was taken".into());
    };
    let newest = migrate::STEPS.last().map_or(0, |(version, ..)| *version);
    assert!(
        matches!(error, StoreError::SchemaTooNew { found, newest: known }
            if found > newest && known == newest),
        "{error}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_with_what_to_do() -> TestResult {
    let Some(options) = database() else {
        return Ok(());
    };
    let guarded = |password| options.clone().username("guarded").password(password);
    for (options, expected) in [
        (options.clone().database("nowhere"), "createdb"),
        (options.clone().socket("/nowhere"), "is PostgreSQL running"),
        (
            options.clone().username("stranger"),
            "mend user and password",
        ),
        (guarded("wrong"), "mend user and password"),
        (guarded("right"), "ALTER DATABASE"),
    ] {
        let Err(error) = PostgresStore::open(options, 2).await else {
            return Err(format!("opened, and not: {expected}").into());
        };
        let said = format!("{:#}", anyhow::Error::from(error));
        assert!(said.contains(expected), "{said}");
    }
    Ok(())
}

/// Two stores on one database are two nodes: what one has seen of the log has no gap before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reader_on_another_node_never_skips_a_revision() -> TestResult {
    let Some(options) = database() else {
        return Ok(());
    };
    let here = Arc::new(PostgresStore::open(options.clone(), 8).await?);
    let there = Arc::new(PostgresStore::open(options, 8).await?);
    let account = AccountId::make(UnixMillis(1), [1; 10]);
    here.create_account(new_account(account)).await?;
    let mut writers = Vec::new();
    for writer in 0..8_u8 {
        let store = Arc::clone(if writer % 2 == 0 { &here } else { &there });
        writers.push(tokio::spawn(async move {
            for number in 0..25_u8 {
                store
                    .write_item(write(account, writer, number), QUOTA)
                    .await?;
            }
            Ok::<_, StoreError>(())
        }));
    }
    let mut seen = Vec::new();
    let mut written = false;
    while !written {
        // Looked at first: the read after the last write sees it.
        written = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let since = seen.last().copied().unwrap_or(Revision(0));
        let page = there.vault_page(account, since, 500).await?;
        seen.extend(page.records.iter().map(|record| record.revision));
        assert_eq!(seen.last().copied().unwrap_or(Revision(0)), page.latest);
    }
    for writer in writers {
        writer.await??;
    }
    assert!(seen.iter().map(|revision| revision.0).eq(1..=200));
    Ok(())
}

/// Somebody holds an account's row, and its writes wait: others are served all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_writes_of_one_account_leave_connections_to_others() -> TestResult {
    let Some(options) = database() else {
        return Ok(());
    };
    let store = Arc::new(PostgresStore::open(options.clone(), 4).await?);
    let (crowded, other) = (
        AccountId::make(UnixMillis(1), [1; 10]),
        AccountId::make(UnixMillis(1), [2; 10]),
    );
    store.create_account(new_account(crowded)).await?;
    let mut second = new_account(other);
    second.address = "bob@a.example".parse()?;
    second.session.id = SessionId::make(UnixMillis(1), [2; 10]);
    second.session.token = TokenHash([2; 32]);
    store.create_account(second).await?;

    let mut holder = options.connect().await?;
    let mut held = holder.begin().await?;
    lock_account(&mut held, crowded).await?;
    let writers: Vec<_> = (0..12)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.write_item(write(crowded, 1, number), QUOTA).await })
        })
        .collect();
    // All of them stand at the account's door: two inside, the rest without a connection.
    while store.turns.waiting(crowded) < 12 {
        tokio::task::yield_now().await;
    }
    store.write_item(write(other, 2, 1), QUOTA).await?;
    assert_eq!(store.vault_latest(crowded).await?, Revision(0));
    held.commit().await?;
    for writer in writers {
        writer.await??;
    }
    assert_eq!(store.vault_latest(crowded).await?, Revision(12));
    assert_eq!(store.turns.len(), 0);
    Ok(())
}

const QUOTA: VaultQuota = VaultQuota {
    items: 1000,
    bytes: 1 << 30,
};

fn new_account(id: AccountId) -> NewAccount {
    let at = UnixMillis(1);
    NewAccount {
        id,
        address: "ada@a.example".parse().unwrap(),
        login_hash: StoredLoginHash::from_bytes([1; 32]),
        key: StoredKey {
            number: KeyNumber(1),
            public_key: [2; 33],
            sealed_private_key: vec![4; 61],
        },
        session: NewSession {
            id: SessionId::make(at, [1; 10]),
            account: id,
            device: DeviceId::make(at, [1; 10]),
            description: String::new(),
            token: TokenHash([1; 32]),
            created_at: at,
            proven: None,
        },
        created_at: at,
    }
}

fn write(account: AccountId, writer: u8, number: u8) -> ItemWrite {
    let mut random = [writer; 10];
    random[9] = number;
    ItemWrite {
        account,
        item: ItemId::make(UnixMillis(1), random),
        update: UpdateId::make(UnixMillis(1), random),
        version: ItemVersion(1),
        content: VaultContent::Item(SealedItem {
            key_number: KeyNumber(1),
            overview: Base64(vec![1]),
            secrets: Base64(vec![1]),
        }),
        written_at: UnixMillis(1),
    }
}
