//! The durable store: one IndexedDB database with one table of text keys and byte strings.

use std::future::IntoFuture;

use idb::{KeyRange, ObjectStore, Query, Transaction, TransactionMode};
use js_sys::Uint8Array;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{IdbDatabase, IdbTransaction};

use crate::{BrowserError, api::to_js};

const TABLE: &str = "records";

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase`, for the one call that neither `idb` nor stable `web-sys` has.
    type DurableDatabase;
    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &DurableDatabase,
        table: &str,
        mode: &str,
        options: &JsValue,
    ) -> Result<IdbTransaction, JsValue>;
}

/// An open database.
#[derive(Clone)]
pub struct Database(IdbDatabase);

/// One change of a batch; `None` deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Which record.
    pub key: String,
    /// Its new value.
    pub value: Option<Vec<u8>>,
}

impl Database {
    /// Opens the database, and makes it where there is none.
    ///
    /// # Errors
    /// [`BrowserError`]: the profile is full, or storage is switched off.
    pub async fn open(name: &str) -> Result<Self, BrowserError> {
        let database = idb::Database::builder(name)
            .version(1)
            .add_object_store(idb::builder::ObjectStoreBuilder::new(TABLE))
            .build()
            .await
            .map_err(BrowserError::failed("indexedDB.open"))?;
        Ok(Self(database.into()))
    }

    /// One record.
    ///
    /// # Errors
    /// [`BrowserError`].
    pub async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, BrowserError> {
        let call = "indexedDB.get";
        let value = self
            .table()?
            .get(Query::Key(key.into()))
            .map_err(BrowserError::failed(call))?
            .await
            .map_err(BrowserError::failed(call))?;
        Ok(value.as_ref().map(bytes))
    }

    /// Many records, each in its key's place, as they stood at one moment.
    ///
    /// # Errors
    /// [`BrowserError`].
    pub async fn read_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, BrowserError> {
        let call = "indexedDB.get";
        let table = self.table()?;
        // All are asked for before the first is awaited: a transaction ends when it has nothing to do.
        let asked = keys.iter().map(|key| {
            let request = table.get(Query::Key(key.as_str().into()));
            let request = request.map_err(BrowserError::failed(call))?;
            Ok(request.into_future())
        });
        let asked = asked.collect::<Result<Vec<_>, BrowserError>>()?;
        let mut values = Vec::with_capacity(keys.len());
        for value in asked {
            let value = value.await.map_err(BrowserError::failed(call))?;
            values.push(value.as_ref().map(bytes));
        }
        Ok(values)
    }

    /// All records whose key begins with `prefix`, in the order of their keys, as they stood at
    /// one moment.
    ///
    /// # Errors
    /// [`BrowserError`].
    pub async fn read_prefix(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, BrowserError> {
        let call = "indexedDB.getAll";
        let table = self.table()?;
        let end = format!("{prefix}\u{ffff}");
        // Both futures listen before the first is awaited, so that no answer is missed.
        let range = || {
            KeyRange::bound(
                &prefix.into(),
                &end.as_str().into(),
                Some(false),
                Some(true),
            )
            .map_err(BrowserError::failed(call))
        };
        let keys = table
            .get_all_keys(Some(Query::KeyRange(range()?)), None)
            .map_err(BrowserError::failed(call))?
            .into_future();
        let values = table
            .get_all(Some(Query::KeyRange(range()?)), None)
            .map_err(BrowserError::failed(call))?
            .into_future();
        let keys = keys.await.map_err(BrowserError::failed(call))?;
        let values = values.await.map_err(BrowserError::failed(call))?;
        Ok(keys
            .into_iter()
            .filter_map(|k| k.as_string())
            .zip(values.iter().map(bytes))
            .collect())
    }

    /// Does all of the changes or none, and returns once they are on the disk.
    ///
    /// # Errors
    /// [`BrowserError`]; nothing has changed then.
    pub async fn commit(&self, changes: &[Write]) -> Result<(), BrowserError> {
        self.commit_with(changes, "strict").await
    }

    /// The same; the disk may have them later, in order with all others.
    ///
    /// # Errors
    /// [`BrowserError`]; nothing has changed then.
    pub async fn commit_soon(&self, changes: &[Write]) -> Result<(), BrowserError> {
        self.commit_with(changes, "relaxed").await
    }

    async fn commit_with(
        &self,
        changes: &[Write],
        durability: &'static str,
    ) -> Result<(), BrowserError> {
        #[derive(Serialize)]
        struct Options {
            durability: &'static str,
        }
        let call = "indexedDB.commit";
        let transaction: Transaction = self
            .0
            .unchecked_ref::<DurableDatabase>()
            .transaction(TABLE, "readwrite", &to_js(call, &Options { durability })?)
            .map_err(BrowserError::failed(call))?
            .into();
        if let Err(error) = request_all(&transaction, changes) {
            drop(transaction.abort());
            return Err(BrowserError::failed(call)(error));
        }
        let done = transaction
            .commit()
            .map_err(BrowserError::failed(call))?
            .await
            .map_err(BrowserError::failed(call))?;
        if done.is_committed() {
            Ok(())
        } else {
            Err(BrowserError::Failed { call })
        }
    }

    fn table(&self) -> Result<ObjectStore, BrowserError> {
        let call = "indexedDB.transaction";
        idb::Database::from(self.0.clone())
            .transaction(&[TABLE], TransactionMode::ReadOnly)
            .and_then(|transaction| transaction.object_store(TABLE))
            .map_err(BrowserError::failed(call))
    }
}

/// Asks for every change, in order; a request that fails later aborts the transaction by itself.
fn request_all(transaction: &Transaction, changes: &[Write]) -> Result<(), idb::Error> {
    let table = transaction.object_store(TABLE)?;
    for change in changes {
        let key = JsValue::from(change.key.as_str());
        match &change.value {
            Some(value) => drop(table.put(&Uint8Array::from(value.as_slice()), Some(&key))?),
            None => drop(table.delete(Query::Key(key))?),
        }
    }
    Ok(())
}

fn bytes(value: &JsValue) -> Vec<u8> {
    Uint8Array::new(value).to_vec()
}
