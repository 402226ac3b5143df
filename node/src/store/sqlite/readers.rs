//! Connections that read: beside the writer, and beside one another.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Semaphore, time::timeout};

use super::{StoreError, sql::Connection};

/// How long those who read are waited for at the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Some connections; who finds none waits for one.
#[derive(Clone)]
pub(super) struct Readers(Arc<Pool>);

struct Pool {
    count: usize,
    idle: Mutex<Vec<Connection>>,
    places: Arc<Semaphore>,
}

impl Readers {
    /// `open`: at least one.
    pub(super) fn new(open: Vec<Connection>) -> Self {
        Self(Arc::new(Pool {
            count: open.len(),
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

    /// Waits for those who read, and closes all connections.
    pub(super) async fn close(&self) {
        let all = u32::try_from(self.0.count).unwrap_or(u32::MAX);
        // Nobody reads for long; who does is left behind.
        let _all = timeout(PATIENCE, self.0.places.acquire_many(all)).await;
        let mut idle = self.0.idle();
        self.0.places.close();
        idle.clear();
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
        let mut idle = self.pool.idle();
        if !self.pool.places.is_closed() {
            idle.extend(self.connection.take());
        }
    }
}
