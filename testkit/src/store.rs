//! A durable store in memory, with faults.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use engine::platform::{Change, Store, StoreError};

use crate::run::pause;

/// A store; clones are the same one. It stands for the disk: what is in it survives the engine.
#[derive(Clone, Default)]
pub struct MemoryStore(Rc<Disk>);

#[derive(Default)]
struct Disk {
    values: RefCell<BTreeMap<String, Vec<u8>>>,
    /// What certainly is on the disk, where that is less than `values`.
    certain: RefCell<Option<BTreeMap<String, Vec<u8>>>>,
    commits: Cell<u64>,
    rows_read: Cell<u64>,
    fault: Cell<Option<(u64, Fault)>>,
    dead: Cell<bool>,
}

/// What happens at a chosen commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails and changes nothing.
    Fails,
    /// The worker dies before it.
    DiesBefore,
    /// The worker dies after it, before anybody learns that it succeeded.
    DiesAfter,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the `n`th commit from now on (the next is 1) fail once.
    pub fn fail_at(&self, n: u64) {
        self.set_fault(n, Fault::Fails);
    }

    /// Lets the worker die at the `n`th commit from now on.
    pub fn die_at(&self, n: u64, fault: Fault) {
        self.set_fault(n, fault);
    }

    /// A new worker: faults are over.
    pub fn restart(&self) {
        self.0.fault.set(None);
        self.0.dead.set(false);
    }

    /// The power fails: what nothing said to be on the disk is gone. Returns whether there was any.
    pub fn lose_power(&self) -> bool {
        let certain = self.0.certain.take();
        certain
            .map(|values| self.0.values.replace(values))
            .is_some()
    }

    /// Whether the worker has died at a commit.
    pub fn is_dead(&self) -> bool {
        self.0.dead.get()
    }

    /// Commits carried out so far.
    pub fn commits(&self) -> u64 {
        self.0.commits.get()
    }

    /// Rows that reads have answered so far, those of a whole prefix too.
    pub fn rows_read(&self) -> u64 {
        self.0.rows_read.get()
    }

    /// Everything that lies in it.
    pub fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.values.borrow().clone()
    }

    /// Changes a value behind the engine's back; `None` removes it.
    pub fn tamper(&self, key: &str, value: Option<Vec<u8>>) {
        let mut values = self.0.values.borrow_mut();
        match value {
            Some(value) => values.insert(key.to_owned(), value),
            None => values.remove(key),
        };
    }

    fn set_fault(&self, n: u64, fault: Fault) {
        self.0.fault.set(Some((self.0.commits.get() + n, fault)));
    }

    fn carry_out(&self, changes: Vec<Change>) {
        let mut values = self.0.values.borrow_mut();
        for change in changes {
            match change {
                Change::Put { key, value } => {
                    values.insert(key, value);
                }
                Change::Remove { key } => {
                    values.remove(&key);
                }
                Change::Clear => values.clear(),
            }
        }
        self.0.commits.set(self.0.commits.get() + 1);
    }

    /// Nothing comes back from a dead worker.
    async fn unless_dead(&self) {
        pause().await;
        if self.0.dead.get() {
            std::future::pending::<()>().await;
        }
    }
}

impl Store for MemoryStore {
    async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.unless_dead().await;
        self.0.rows_read.set(self.0.rows_read.get() + 1);
        Ok(self.0.values.borrow().get(key).cloned())
    }

    async fn read_prefix(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.unless_dead().await;
        let values = self.0.values.borrow();
        let found = values
            .range(prefix.to_owned()..)
            .take_while(|(key, _)| key.starts_with(prefix));
        let rows: Vec<_> = found
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        self.0
            .rows_read
            .set(self.0.rows_read.get() + rows.len() as u64);
        Ok(rows)
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.commit_or_fail(changes).await?;
        self.0.certain.take();
        Ok(())
    }

    async fn commit_soon(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let before = self.contents();
        self.commit_or_fail(changes).await?;
        self.0.certain.borrow_mut().get_or_insert(before);
        Ok(())
    }
}

impl MemoryStore {
    async fn commit_or_fail(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.unless_dead().await;
        let due = self
            .0
            .fault
            .get()
            .filter(|(at, _)| *at == self.0.commits.get() + 1);
        let Some((_, fault)) = due else {
            self.carry_out(changes);
            return Ok(());
        };
        self.0.fault.set(None);
        match fault {
            Fault::Fails => return Err(StoreError),
            Fault::DiesBefore => {}
            Fault::DiesAfter => self.carry_out(changes),
        }
        self.0.dead.set(true);
        std::future::pending().await
    }
}
