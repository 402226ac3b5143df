//! Statements on a connection, in the thread that asks.
//!
//! `SQLite` is a library: a statement on what lies in memory takes some microseconds, a way to another thread and back several
//! times that. So nothing here waits for another thread, and nothing here is `async`.

use std::{borrow::Cow, path::Path, rc::Rc};

use rusqlite::{
    Connection as Raw, OpenFlags, Statement,
    types::{ToSqlOutput, Value, ValueRef},
};

use super::super::{
    StoreError,
    codec::{Column, Columns, damaged},
};

/// Statements of one connection that stay prepared.
const PREPARED: usize = 256;

/// An open database.
pub(in super::super) struct Connection(Raw);

impl Connection {
    /// Opens a file that is there, with settings as `PRAGMA` has them.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub(in super::super) fn open(
        path: &Path,
        flags: OpenFlags,
        settings: &[(&str, &str)],
    ) -> Result<Self, StoreError> {
        let raw = Raw::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(StoreError::database)?;
        raw.set_prepared_statement_cache_capacity(PREPARED);
        for (name, value) in settings {
            raw.pragma_update(None, name, value)
                .map_err(StoreError::database)?;
        }
        Ok(Self(raw))
    }

    /// What is read while it lives is of one state.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub(super) fn one_state(&self) -> Result<impl Sized, StoreError> {
        self.0.unchecked_transaction().map_err(StoreError::database)
    }

    /// Closes it, and says where that fails.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub(super) fn close(self) -> Result<(), StoreError> {
        self.0
            .close()
            .map_err(|(_, error)| StoreError::database(error))
    }
}

/// A statement with what is bound to its places, in their order.
pub(super) struct Query<'a> {
    text: Cow<'a, str>,
    values: Vec<ToSqlOutput<'a>>,
}

/// A statement; it is prepared once for each connection.
pub(super) fn query<'a>(text: impl Into<Cow<'a, str>>) -> Query<'a> {
    Query {
        text: text.into(),
        values: Vec::new(),
    }
}

impl<'a> Query<'a> {
    pub(super) fn bind(mut self, value: impl Bind<'a>) -> Self {
        self.values.push(value.bind());
        self
    }

    /// Runs it; returns how many rows it has changed.
    pub(super) fn execute(self, connection: &Connection) -> Result<u64, StoreError> {
        self.with(connection, |statement| {
            let changed = statement.raw_execute()?;
            Ok(changed as u64)
        })
    }

    /// Its rows.
    pub(super) fn fetch_all(self, connection: &Connection) -> Result<Vec<Row>, StoreError> {
        self.fetch(connection, usize::MAX)
    }

    /// Its first row. It is run to its end all the same, for what it changes.
    pub(super) fn fetch_optional(self, connection: &Connection) -> Result<Option<Row>, StoreError> {
        Ok(self.fetch(connection, 1)?.pop())
    }

    /// Its first row.
    ///
    /// # Errors
    /// [`StoreError::Database`], also where there is none.
    pub(super) fn fetch_one(self, connection: &Connection) -> Result<Row, StoreError> {
        let row = self.fetch_optional(connection)?;
        row.ok_or_else(|| StoreError::database(rusqlite::Error::QueryReturnedNoRows))
    }

    fn fetch(self, connection: &Connection, max: usize) -> Result<Vec<Row>, StoreError> {
        self.with(connection, |statement| {
            let names: Rc<[String]> = statement
                .column_names()
                .into_iter()
                .map(str::to_owned)
                .collect();
            let mut found = Vec::new();
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                if found.len() < max {
                    let values = (0..names.len()).map(|place| row.get(place));
                    found.push(Row {
                        names: Rc::clone(&names),
                        values: values.collect::<Result<_, _>>()?,
                    });
                }
            }
            Ok(found)
        })
    }

    fn with<T>(
        self,
        connection: &Connection,
        run: impl FnOnce(&mut Statement<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let run = || {
            let mut statement = connection.0.prepare_cached(&self.text)?;
            // Too few would be read as NULL; of too many SQLite itself complains.
            if statement.parameter_count() > self.values.len() {
                let (given, wanted) = (self.values.len(), statement.parameter_count());
                return Err(rusqlite::Error::InvalidParameterCount(given, wanted));
            }
            for (place, value) in self.values.iter().enumerate() {
                statement.raw_bind_parameter(place + 1, value)?;
            }
            run(&mut statement)
        };
        run().map_err(StoreError::database)
    }
}

/// What can be bound.
pub(super) trait Bind<'a> {
    fn bind(self) -> ToSqlOutput<'a>;
}

impl<'a> Bind<'a> for &'a [u8] {
    fn bind(self) -> ToSqlOutput<'a> {
        ToSqlOutput::Borrowed(ValueRef::Blob(self))
    }
}

impl<'a> Bind<'a> for &'a str {
    fn bind(self) -> ToSqlOutput<'a> {
        ToSqlOutput::Borrowed(ValueRef::Text(self.as_bytes()))
    }
}

impl Bind<'_> for i64 {
    fn bind(self) -> ToSqlOutput<'static> {
        ToSqlOutput::Owned(Value::Integer(self))
    }
}

impl Bind<'_> for u32 {
    fn bind(self) -> ToSqlOutput<'static> {
        i64::from(self).bind()
    }
}

impl<'a, T: Bind<'a>> Bind<'a> for Option<T> {
    fn bind(self) -> ToSqlOutput<'a> {
        self.map_or(ToSqlOutput::Owned(Value::Null), Bind::bind)
    }
}

/// A row that was read. Of two columns of one name the first counts.
pub(in super::super) struct Row {
    names: Rc<[String]>,
    values: Vec<Value>,
}

impl Row {
    fn get(&self, name: &'static str) -> Result<&Value, StoreError> {
        let place = self.names.iter().position(|known| known == name);
        let value = place.and_then(|place| self.values.get(place));
        value.ok_or_else(|| damaged(name))
    }
}

/// `Type`: the variants that are one, and what they are.
macro_rules! column {
    ($($type:ty: $($value:pat => $read:expr),*;)*) => {$(
        impl<'r> Column<'r, $type> for Row {
            fn column(&'r self, name: &'static str) -> Result<$type, StoreError> {
                match self.get(name)? {
                    $($value => Ok($read),)*
                    _ => Err(damaged(name)),
                }
            }
        }
    )*};
}

column! {
    i64: Value::Integer(number) => *number;
    Option<i64>: Value::Integer(number) => Some(*number), Value::Null => None;
    bool: Value::Integer(number) => *number != 0;
    &'r str: Value::Text(text) => text;
    Option<&'r str>: Value::Text(text) => Some(text), Value::Null => None;
    &'r [u8]: Value::Blob(bytes) => bytes;
    Option<&'r [u8]>: Value::Blob(bytes) => Some(bytes), Value::Null => None;
}

impl Columns for Row {}
