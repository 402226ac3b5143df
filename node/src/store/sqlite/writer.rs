//! The one thread that writes. It groups what waits into one transaction and answers after commit.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::{
    StoreError,
    sql::{Connection, query},
};

/// Writes that may wait; a further one waits for its place.
const QUEUE: usize = 1024;
/// Writes in one transaction.
const GROUP: usize = 256;

/// One write: reads what it needs, decides, changes, all on the writer's connection.
pub(super) trait Operation: Send + 'static {
    /// Its answer.
    type Output: Send + 'static;

    /// Does it. What an error leaves behind is rolled back.
    fn run(&mut self, connection: &Connection) -> Result<Self::Output, StoreError>;
}

/// The way to the writing thread.
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Pending>>>>,
    task: Mutex<Option<JoinHandle<Result<(), StoreError>>>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = tokio::task::spawn_blocking(move || serve(connection, waiting));
        Self {
            queue: Mutex::new(Some(queue)),
            task: Mutex::new(Some(task)),
        }
    }

    /// Runs one write; returns after it was committed.
    ///
    /// It is carried out even where the caller goes away meanwhile.
    pub(super) async fn run<O: Operation>(&self, operation: O) -> Result<O::Output, StoreError> {
        let queue = lock(&self.queue).clone().ok_or(StoreError::Closed)?;
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            operation,
            result: None,
            answer,
        };
        queue
            .send(Box::new(waiting))
            .await
            .map_err(|_| StoreError::Closed)?;
        drop(queue);
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Takes no more, finishes what waits, moves the log into the database, closes it.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        drop(lock(&self.queue).take());
        let task = lock(&self.task).take();
        match task {
            Some(task) => task.await.map_err(StoreError::database)?,
            None => Ok(()),
        }
    }
}

/// A write that waits for its turn, its commit and its answer.
trait Pending: Send {
    /// Carries it out; its error, where its changes do not stay.
    fn run(&mut self, connection: &Connection) -> Option<StoreError>;
    /// Answers: with its own result, or with the failure of the whole transaction.
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

struct Waiting<O: Operation> {
    operation: O,
    result: Option<Result<O::Output, StoreError>>,
    answer: oneshot::Sender<Result<O::Output, StoreError>>,
}

impl<O: Operation> Pending for Waiting<O> {
    fn run(&mut self, connection: &Connection) -> Option<StoreError> {
        let result = self.operation.run(connection);
        let failure = result.as_ref().err().cloned();
        self.result = Some(result);
        failure
    }

    fn answer(self: Box<Self>, failure: Option<&StoreError>) {
        let result = match failure {
            Some(failure) => Err(failure.clone()),
            None => self.result.unwrap_or(Err(StoreError::Closed)),
        };
        // Nobody may be waiting any more; the write stands all the same.
        drop(self.answer.send(result));
    }
}

fn serve(
    connection: Connection,
    mut waiting: mpsc::Receiver<Box<dyn Pending>>,
) -> Result<(), StoreError> {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.blocking_recv_many(&mut group, GROUP) > 0 {
        // A fault of ours in one write must not end all others: everything of the transaction is rolled back.
        let done = catch_unwind(AssertUnwindSafe(|| transaction(&connection, &mut group)));
        let failure = done.unwrap_or(Err(StoreError::database(Fault))).err();
        if let Some(failure) = &failure {
            tracing::error!(error = %Causes(failure), writes = group.len(), "a transaction failed");
            // Where SQLite has rolled back by itself there is nothing to roll back.
            drop(query("ROLLBACK").execute(&connection));
        }
        metrics::histogram!(crate::metrics::WRITES_IN_TRANSACTION)
            .record(f64::from(u32::try_from(group.len()).unwrap_or(u32::MAX)));
        for write in group.drain(..) {
            write.answer(failure.as_ref());
        }
    }
    query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&connection)?;
    connection.close()
}

fn transaction(connection: &Connection, group: &mut [Box<dyn Pending>]) -> Result<(), StoreError> {
    query("BEGIN IMMEDIATE").execute(connection)?;
    for write in group {
        query("SAVEPOINT one").execute(connection)?;
        if let Some(failure) = write.run(connection) {
            // Where SQLite has rolled everything back by itself (the disk is full), that is why.
            let back = query("ROLLBACK TO one").execute(connection);
            back.map_err(|_| failure)?;
        }
        query("RELEASE one").execute(connection)?;
    }
    query("COMMIT").execute(connection)?;
    Ok(())
}

/// A write panicked.
#[derive(Debug, thiserror::Error)]
#[error("a write has a fault")]
struct Fault;

/// An error with what lies behind it; the store's errors hold no user's data.
struct Causes<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
