//! From a file to the vault: what is done at each step. The file lies in the module that read it,
//! and is wiped there when the screen is left.

use std::collections::BTreeSet;

use leptos::prelude::*;
use proto::{
    bridge::{
        exchange::{Refused, RefusedKind},
        popup::{CheckImport, ImportItems},
    },
    error::{ErrorCode, WireError},
    ids::ImportId,
};
use webext::{crypto, exchange, time};

use super::model::{Duplicates, File, Outcome};
use crate::{api, app::App};

/// Time for the page to show what it is at before a large file takes the thread, milliseconds.
const PAINT_MS: u32 = 50;

/// Where the import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// A file is to be chosen.
    Choose,
    /// The file asks for a password.
    Password,
    /// The file is read.
    Reading,
    /// The vault is searched for what is in it.
    Comparing,
    /// What is in it is shown.
    Preview,
    /// It is being written.
    Writing,
    /// It was written, as far as it was.
    Done,
}

/// The import of one file. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Steps {
    app: App,
    pub(super) stage: RwSignal<Stage>,
    /// Why the last step failed.
    pub(super) failure: RwSignal<Option<String>>,
    /// What the file holds.
    pub(super) file: RwSignal<Option<File>>,
    /// Items that are to be taken, by their numbers.
    pub(super) chosen: RwSignal<BTreeSet<u32>>,
    /// How far the present step came: items done, items in all.
    pub(super) progress: RwSignal<(u64, u64)>,
    pub(super) outcome: RwSignal<Outcome>,
    /// The file as it was chosen, for its password.
    picked: StoredValue<Option<web_sys::File>, LocalStorage>,
    read: StoredValue<Option<exchange::Import>, LocalStorage>,
    import: StoredValue<Option<ImportId>>,
    stopped: StoredValue<bool>,
}

impl Steps {
    pub(super) fn new() -> Self {
        Self {
            app: App::here(),
            stage: RwSignal::new(Stage::Choose),
            failure: RwSignal::new(None),
            file: RwSignal::new(None),
            chosen: RwSignal::new(BTreeSet::new()),
            progress: RwSignal::new((0, 0)),
            outcome: RwSignal::new(Outcome::default()),
            picked: StoredValue::new_local(None),
            read: StoredValue::new_local(None),
            import: StoredValue::new(None),
            stopped: StoredValue::new(false),
        }
    }

    /// Reads a file that was chosen.
    pub(super) fn pick(self, file: web_sys::File) {
        self.picked.set_value(Some(file));
        self.read_file(None);
    }

    /// Reads it with its password.
    pub(super) fn open(self, password: String) {
        self.read_file(Some(password));
    }

    /// Another file.
    pub(super) fn start_over(self) {
        self.forget();
        self.failure.set(None);
        self.stage.set(Stage::Choose);
    }

    /// Stops after the batch that is under way.
    pub(super) fn stop(self) {
        self.stopped.set_value(true);
    }

    /// Writes what is chosen, or goes on where it failed.
    pub(super) fn write(self) {
        if self.chosen.with_untracked(BTreeSet::is_empty) {
            return;
        }
        let mut random = [0; 10];
        crypto::random(&mut random);
        let fresh = || ImportId::make(api::now(), random);
        let import = self.import.get_value().unwrap_or_else(fresh);
        if self.import.get_value().is_none() {
            self.import.set_value(Some(import));
            let chosen = self.chosen.get_untracked();
            self.outcome.set(Outcome {
                chosen,
                ..Outcome::default()
            });
        }
        self.failure.set(None);
        self.stopped.set_value(false);
        self.told(Stage::Writing);
        time::spawn(async move {
            match self.write_all(import).await {
                Ok(()) => self.finish(),
                Err(error) => drop(self.failure.try_set(Some(error.message))),
            }
        });
    }

    /// Shows what came of it.
    pub(super) fn finish(self) {
        self.forget();
        self.stage.try_set(Stage::Done);
        api::focus("import-done");
    }

    async fn write_all(self, import: ImportId) -> Result<(), WireError> {
        loop {
            let Some(outcome) = self.outcome.try_get_untracked() else {
                return Ok(());
            };
            let total = outcome.chosen.len();
            self.progress.try_set((outcome.done as u64, total as u64));
            let numbers: Vec<u32> = outcome.chosen.into_iter().skip(outcome.done).collect();
            if numbers.is_empty() || self.stopped.try_get_value() != Some(false) {
                return Ok(());
            }
            let items = self.batch(numbers)?;
            let asked = items.len();
            let answer = self.app.ask(ImportItems { import, items }).await?;
            self.outcome
                .try_update(|outcome| outcome.take(asked, answer));
        }
    }

    fn read_file(self, password: Option<String>) {
        let Some(file) = self.picked.with_value(Clone::clone) else {
            return;
        };
        self.failure.set(None);
        self.stage.set(Stage::Reading);
        time::spawn(async move {
            time::sleep(PAINT_MS).await;
            match exchange::read(&file, password.as_deref()).await {
                Ok(read) => {
                    self.picked.try_set_value(None);
                    self.read.try_set_value(Some(read));
                    if let Err(error) = self.compare().await {
                        self.forget();
                        self.fail(Stage::Choose, error.message);
                    }
                }
                Err(refused) => self.refuse(refused),
            }
        });
    }

    fn refuse(self, refused: Refused) {
        match refused.kind {
            RefusedKind::PasswordNeeded => drop(self.stage.try_set(Stage::Password)),
            RefusedKind::PasswordWrong => self.fail(Stage::Password, refused.message),
            RefusedKind::Unusable => {
                self.forget();
                self.fail(Stage::Choose, refused.message);
            }
        }
    }

    async fn compare(self) -> Result<(), WireError> {
        let contents = self
            .read
            .try_with_value(|read| read.as_ref().map(exchange::Import::contents))
            .flatten()
            .ok_or(ErrorCode::Cancelled)??;
        let total = contents.items.len();
        self.progress.try_set((0, total as u64));
        self.told(Stage::Comparing);
        let mut standings = Vec::with_capacity(total);
        while standings.len() < total {
            let numbers = (standings.len()..total).map(number).collect();
            let items = self.batch(numbers)?;
            let answer = self.app.ask(CheckImport { items }).await?;
            standings.extend(answer.standings);
            self.progress
                .try_set((standings.len() as u64, total as u64));
        }
        let file = File::new(contents, &standings);
        self.chosen.try_set(file.numbers(Duplicates::Without));
        self.file.try_set(Some(file));
        self.told(Stage::Preview);
        api::focus("import-summary");
        Ok(())
    }

    /// The next items, as many as one request takes; at least one.
    fn batch(self, numbers: Vec<u32>) -> Result<Vec<proto::bridge::popup::ImportItem>, WireError> {
        let items = self
            .read
            .try_with_value(|read| read.as_ref().map(|read| read.batch(numbers)))
            .flatten()
            // The screen was left.
            .ok_or(ErrorCode::Cancelled)??;
        if items.is_empty() {
            return Err(ErrorCode::Internal.into());
        }
        Ok(items)
    }

    fn fail(self, stage: Stage, text: String) {
        self.failure.try_set(Some(text));
        self.told(stage);
    }

    fn told(self, stage: Stage) {
        self.stage.try_set(stage);
    }

    fn forget(self) {
        self.picked.try_set_value(None);
        self.read.try_set_value(None);
        self.import.try_set_value(None);
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
