//! Connections that read: beside the writer, and beside one another.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::{StoreError, sql::Connection};

/// Some connections; who finds none waits for one.
#[derive(Clone)]
pub(super) struct Readers(Arc<Pool>);

struct Pool {
    idle: Mutex<Vec<Connection>>,
    places: Arc<Semaphore>,
}

impl Readers {
    /// `open`: at least one.
    pub(super) fn new(open: Vec<Connection>) -> Self {
        Self(Arc::new(Pool {
            places: Arc::new(Semaphore::new(open.len())),
            idle: Mutex::new(open),
        }))
    }

    /// Reads in this thread: for what a look or two into an index finds.
    ///
    /// # Errors
    /// Those of `look`, [`StoreError::Closed`].
    pub(super) async fn read<T>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        let place = self.0.places.acquire().await;
        let _place = place.map_err(|_| StoreError::Closed)?;
        look(Taken::of(&self.0).connection()?)
    }

    /// Reads in a thread that may wait: for pages of many rows.
    ///
    /// # Errors
    /// Those of `look`, [`StoreError::Closed`].
    pub(super) async fn read_aside<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.0.places).acquire_owned().await;
        let place = place.map_err(|_| StoreError::Closed)?;
        let pool = Arc::clone(&self.0);
        let read = tokio::task::spawn_blocking(move || {
            let _place = place;
            look(Taken::of(&pool).connection()?)
        });
        read.await.map_err(StoreError::database)?
    }

    /// Closes those that nobody reads on; the others go when they are done.
    pub(super) fn close(&self) {
        self.0.places.close();
        self.0.idle().clear();
    }
}

impl Pool {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that goes back when this is over, also by a panic.
struct Taken<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
}

impl<'a> Taken<'a> {
    fn of(pool: &'a Pool) -> Self {
        let connection = pool.idle().pop();
        Self { pool, connection }
    }

    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or(StoreError::Closed)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.pool.places.is_closed() {
            self.pool.idle().extend(self.connection.take());
        }
    }
}
