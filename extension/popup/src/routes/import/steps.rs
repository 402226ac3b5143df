//! From a file to the vault: what is done at each step. The file lies with the worker that read it,
//! and goes with that when the screen is left.

use std::{collections::BTreeSet, rc::Rc};

use leptos::prelude::*;
use proto::{
    bridge::{
        exchange::{Contents, Refused, RefusedKind},
        popup::{CheckImport, ImportItem, ImportItems},
    },
    error::{ErrorCode, WireError},
    ids::ImportId,
};
use webext::{crypto, exchange::Desk, time};

use super::model::{Duplicates, File, Outcome};
use crate::{api, app::App, dom};

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
    /// How far the present step came: bytes of the file or items done, and in all.
    pub(super) progress: RwSignal<(u64, u64)>,
    pub(super) outcome: RwSignal<Outcome>,
    /// The file as it was chosen, for its password.
    picked: StoredValue<Option<web_sys::File>, LocalStorage>,
    /// The worker that has the file.
    desk: StoredValue<Option<Rc<Desk>>, LocalStorage>,
    /// Counts files, and what was cancelled: who began in another turn has nothing to say any more.
    turn: StoredValue<u64>,
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
            desk: StoredValue::new_local(None),
            turn: StoredValue::new(0),
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

    /// Another file; what was under way is ended, and changes nothing any more.
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
        dom::focus("import-done");
    }

    async fn write_all(self, import: ImportId) -> Result<(), WireError> {
        let desk = self.desk.try_get_value().flatten();
        let desk = desk.ok_or(ErrorCode::Cancelled)?;
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
            let items = batch(&desk, &numbers).await?;
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
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bytes of a file"
        )]
        let bytes = |size: f64| size as u64;
        let total = bytes(file.size());
        self.progress.set((0, total));
        self.stage.set(Stage::Reading);
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        let told = move |done| {
            if self.is(turn) {
                self.progress.try_set((bytes(done), total));
            }
        };
        time::spawn(async move {
            let unusable = |error: WireError| Refused {
                kind: RefusedKind::Unusable,
                message: error.message,
            };
            let done = async {
                let desk = Rc::new(Desk::open(told).await.map_err(unusable)?);
                if self.is(turn) {
                    self.desk.try_set_value(Some(Rc::clone(&desk)));
                    let contents = desk.read(&file, password.as_deref()).await?;
                    self.compare(turn, &desk, contents)
                        .await
                        .map_err(unusable)?;
                }
                Ok::<(), Refused>(())
            };
            match done.await {
                Err(refused) if self.is(turn) => self.refuse(refused),
                _ => {}
            }
        });
    }

    /// Whether that is still what the user wants.
    fn is(self, turn: u64) -> bool {
        self.turn.try_get_value() == Some(turn)
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

    async fn compare(self, turn: u64, desk: &Desk, contents: Contents) -> Result<(), WireError> {
        if !self.is(turn) {
            return Ok(());
        }
        let total = contents.items.len();
        self.picked.try_set_value(None);
        self.progress.try_set((0, total as u64));
        self.told(Stage::Comparing);
        let mut standings = Vec::with_capacity(total);
        while standings.len() < total {
            let numbers: Vec<u32> = (standings.len()..total).map(number).collect();
            let items = batch(desk, &numbers).await?;
            let answer = self.app.ask(CheckImport { items }).await?;
            if !self.is(turn) {
                return Ok(());
            }
            standings.extend(answer.standings);
            self.progress
                .try_set((standings.len() as u64, total as u64));
        }
        let file = File::new(contents, &standings);
        self.chosen.try_set(file.numbers(Duplicates::Without));
        self.file.try_set(Some(file));
        self.told(Stage::Preview);
        dom::focus("import-summary");
        Ok(())
    }

    fn fail(self, stage: Stage, text: String) {
        self.failure.try_set(Some(text));
        self.told(stage);
    }

    fn told(self, stage: Stage) {
        self.stage.try_set(stage);
    }

    /// Lets the file go, and whatever is done with it.
    pub(super) fn forget(self) {
        self.turn.try_update_value(|turn| *turn += 1);
        self.picked.try_set_value(None);
        if let Some(desk) = self.desk.try_get_value().flatten() {
            desk.end();
        }
        self.desk.try_set_value(None);
        self.import.try_set_value(None);
    }
}

/// The next items, as many as one request takes; at least one.
async fn batch(desk: &Desk, numbers: &[u32]) -> Result<Vec<ImportItem>, WireError> {
    let items = desk.batch(numbers).await?;
    if items.is_empty() {
        return Err(ErrorCode::Internal.into());
    }
    Ok(items)
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
