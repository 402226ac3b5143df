//! Devices of one account with the real engine, whose workers are killed in the middle of whatever
//! they wait for, and start again from what is in their stores.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use engine::{Engine, EngineError};
use futures_util::future::{try_join, try_join_all};
use proto::{
    bridge::popup::AppStatus,
    error::ErrorCode,
    ids::{ItemId, ItemVersion},
    vault::{CustomField, ItemDraft, ItemSecrets, SecretText},
};
use testkit::{items::login, store::Fault};
use tokio::{
    sync::{Barrier, oneshot},
    time::{Instant, sleep, timeout},
};

use crate::{
    Stop,
    chance::Chance,
    client::Outcome,
    nodes::PATIENCE,
    remote::{Remote, told},
};

/// Fields after which a list is full for whoever looks: three devices fit into one item together.
const FIELDS_MAX: usize = 24;
/// Lists of a device that its writers choose from: the newest.
const LISTS: usize = 4;
/// Pause before an append, milliseconds.
const PAUSE: (u64, u64) = (100, 900);
/// Pause between two synchronisations, milliseconds.
const SYNC_PAUSE: (u64, u64) = (20, 400);
/// Time after which a worker is killed, milliseconds.
const LIFE: (u64, u64) = (200, 4_000);
/// Of so many deaths one is the whole browser's.
const BROWSERS: u64 = 4;
/// Writers of one device, and of the whole run.
pub(crate) const WRITERS: u64 = 8;
/// Devices of an account.
pub(crate) const DEVICES: u64 = 3;

/// How the title of another version of an item ends.
const COPY: &str = "(conflicted copy)";

/// What all devices of a run have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) kills: AtomicU64,
    /// Synchronisations that told of a node that shows another vault than was signed.
    pub(crate) suspicions: AtomicU64,
    /// Passed when nothing waits on any device.
    sent: Barrier,
}

impl Shared {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            kills: AtomicU64::new(0),
            suspicions: AtomicU64::new(0),
            sent: Barrier::new(usize::try_from(DEVICES).unwrap_or(usize::MAX)),
        })
    }
}

/// A device on a thread of its own.
pub(crate) struct Running {
    ended: oneshot::Receiver<Outcome<Ended>>,
    ready: Option<oneshot::Receiver<()>>,
}

/// What a device has in the end.
pub(crate) struct Ended {
    /// What it appended with an answer.
    pub(crate) kept: BTreeSet<String>,
    /// What it showed after its last death, before it heard from a node again.
    pub(crate) before: Shown,
    /// What it shows when it has all that others wrote.
    pub(crate) shown: Shown,
}

/// What a device shows when all is quiet: the elements of every item.
pub(crate) type Shown = BTreeMap<ItemId, (String, Vec<String>)>;

impl Running {
    /// Starts a device that appends and dies until it is told to stop, and then synchronises until
    /// it has all that others wrote.
    pub(crate) fn start(
        device: impl FnOnce() -> Remote + Send + 'static,
        (account, number): (&str, u64),
        shared: &Arc<Shared>,
        chance: Chance,
        stop: Stop,
    ) -> Outcome<Self> {
        let (tell, ended) = oneshot::channel();
        let (tell_ready, ready) = oneshot::channel();
        let (account, shared) = (account.to_owned(), Arc::clone(shared));
        on_a_thread(tell, async move || {
            let device = Device {
                remote: device(),
                number,
                begun: AtomicU64::new(0),
                kept: RefCell::default(),
                shared,
                chance,
            };
            if number == 0 {
                device.remote.create(&account).await?;
            } else {
                device.remote.log_in(&account).await?;
            }
            // Nobody may be waiting any more.
            let _ = tell_ready.send(());
            device.live(&stop).await?;
            let (before, shown) = device.settle().await?;
            let kept = device.kept.take();
            Ok(Ended {
                kept,
                before,
                shown,
            })
        })?;
        let ready = Some(ready);
        Ok(Self { ended, ready })
    }

    /// Waits until it has a session.
    pub(crate) async fn wait_until_ready(&mut self) -> Outcome {
        if let Some(ready) = self.ready.take() {
            ready.await.map_err(|_| "a device does not come to be")?;
        }
        Ok(())
    }

    /// What it has in the end.
    pub(crate) async fn end(self) -> Outcome<Ended> {
        self.ended.await?
    }
}

/// What a device shows that was never there before.
pub(crate) async fn first_look(
    device: impl FnOnce() -> Remote + Send + 'static,
    account: &'static str,
) -> Outcome<Shown> {
    let (tell, shown) = oneshot::channel();
    on_a_thread(tell, async move || {
        let engine = device().log_in(account).await?;
        let report = engine.sync().await.map_err(told)?;
        if let Some(problem) = report.problem {
            return Err(format!("the first synchronisation: {problem:?}").into());
        }
        contents(&engine).await.map_err(told)
    })?;
    shown.await?
}

/// Does something on a thread of its own, as an engine needs it, and tells how it ended.
fn on_a_thread<T: Send + 'static>(
    tell: oneshot::Sender<Outcome<T>>,
    work: impl AsyncFnOnce() -> Outcome<T> + Send + 'static,
) -> Outcome {
    thread::Builder::new().spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let ended = match runtime {
            Ok(runtime) => runtime.block_on(work()),
            Err(error) => Err(error.into()),
        };
        // Where nobody waits the run has failed already.
        let _ = tell.send(ended);
    })?;
    Ok(())
}

struct Device {
    remote: Remote,
    number: u64,
    begun: AtomicU64,
    /// Elements whose save was answered, or that were there when the worker came back.
    kept: RefCell<BTreeSet<String>>,
    shared: Arc<Shared>,
    chance: Chance,
}

/// An append that is under way: its window asks for it again when the worker has died.
#[derive(Clone)]
struct Pending {
    element: String,
    draft: ItemDraft,
}

impl Device {
    async fn live(&self, stop: &Stop) -> Outcome {
        let windows: Vec<RefCell<Option<Pending>>> =
            (0..WRITERS).map(|_| RefCell::default()).collect();
        while !stop.is_over() {
            let engine = self.remote.open().await.map_err(told)?;
            self.unlock(&engine).await?;
            self.check_kept(&engine).await?;
            if self.chance.below(3) == 0 {
                let at = [Fault::DiesBefore, Fault::DiesAfter];
                let fault = self.chance.pick(&at).ok_or("no fault")?;
                self.remote.store.die_at(1 + self.chance.below(60), fault);
            }
            let appending = windows
                .iter()
                .map(|window| self.append(&engine, window, stop));
            let life = self.chance.millis(LIFE.0, LIFE.1);
            let working = try_join(try_join_all(appending), self.synchronise(&engine, stop));
            let ended = tokio::select! {
                ended = working => ended.map(|_| true),
                () = sleep(life) => Ok(false),
            };
            if ended.map_err(told)? {
                break;
            }
            self.shared.kills.fetch_add(1, Ordering::Relaxed);
            if self.chance.below(BROWSERS) == 0 {
                self.remote.end_browser();
            }
        }
        // What was asked for and not answered is either there or not; nobody asks again.
        Ok(())
    }

    /// All windows are closed and nobody kills any more: sends what waits, and takes over what the
    /// others sent.
    async fn settle(&self) -> Outcome<(Shown, Shown)> {
        let engine = self.remote.open().await.map_err(told)?;
        self.unlock(&engine).await?;
        self.check_kept(&engine).await?;
        let before = contents(&engine).await.map_err(told)?;
        self.synchronise_until_quiet(&engine).await?;
        let sent = timeout(2 * PATIENCE, self.shared.sent.wait()).await;
        sent.map_err(|_| "another device does not come so far")?;
        self.synchronise_until_quiet(&engine).await?;
        Ok((before, contents(&engine).await.map_err(told)?))
    }

    async fn synchronise_until_quiet(&self, engine: &Engine<Remote>) -> Outcome {
        let began = Instant::now();
        loop {
            let report = engine.sync().await.map_err(told)?;
            let status = engine.status().await;
            let AppStatus::Unlocked {
                pending,
                unreadable,
                ..
            } = status
            else {
                return Err(format!("device {} ends as {status:?}", self.number).into());
            };
            if unreadable > 0 {
                return Err(
                    format!("device {} cannot open {unreadable} items", self.number).into(),
                );
            }
            if pending == 0 && report.problem.is_none() && report.pulled + report.pushed == 0 {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                let number = self.number;
                return Err(format!("device {number}, with {pending} to send: {report:?}").into());
            }
            sleep(self.chance.millis(SYNC_PAUSE.0, SYNC_PAUSE.1)).await;
        }
    }

    async fn unlock(&self, engine: &Engine<Remote>) -> Outcome {
        if matches!(engine.status().await, AppStatus::Locked { .. }) {
            self.remote.unlock(engine).await.map_err(told)?;
        }
        Ok(())
    }

    /// What was answered is on this device after any death, before it has heard from a node.
    async fn check_kept(&self, engine: &Engine<Remote>) -> Outcome {
        let shown = contents(engine).await.map_err(told)?;
        let there: BTreeSet<&String> = shown.values().flat_map(|(_, elements)| elements).collect();
        let kept = self.kept.borrow();
        let lost: Vec<&String> = kept.iter().filter(|it| !there.contains(it)).collect();
        if lost.is_empty() {
            return Ok(());
        }
        Err(format!("device {} has lost {lost:?} by a death", self.number).into())
    }

    async fn synchronise(&self, engine: &Engine<Remote>, stop: &Stop) -> Result<(), EngineError> {
        while !stop.is_over() {
            let report = engine.sync().await?;
            let code = report.problem.map(|problem| problem.code);
            if matches!(
                code,
                Some(
                    ErrorCode::VaultRolledBack
                        | ErrorCode::VaultAltered
                        | ErrorCode::NodeMisbehaved
                )
            ) {
                self.shared.suspicions.fetch_add(1, Ordering::Relaxed);
            }
            sleep(self.chance.millis(SYNC_PAUSE.0, SYNC_PAUSE.1)).await;
        }
        Ok(())
    }

    async fn append(
        &self,
        engine: &Engine<Remote>,
        window: &RefCell<Option<Pending>>,
        stop: &Stop,
    ) -> Result<(), EngineError> {
        while !stop.is_over() {
            let asked = window.borrow().clone();
            if let Some(pending) = asked {
                self.ask(engine, window, pending).await?;
                continue;
            }
            sleep(self.chance.millis(PAUSE.0, PAUSE.1)).await;
            let number = self.begun.fetch_add(1, Ordering::Relaxed);
            let element = format!("{}-{number:06}", self.number);
            let draft = self.draft(engine, &element).await?;
            window.replace(Some(Pending { element, draft }));
        }
        Ok(())
    }

    /// Asks for an append, and for another one like it where the item has changed meanwhile.
    async fn ask(
        &self,
        engine: &Engine<Remote>,
        window: &RefCell<Option<Pending>>,
        pending: Pending,
    ) -> Result<(), EngineError> {
        let Pending { element, draft } = pending;
        if draft.edits.is_none() && self.is_made_and_changed(engine, &draft.title).await? {
            self.kept.borrow_mut().insert(element);
            window.replace(None);
            return Ok(());
        }
        let edited = draft.edits.as_ref().map(|edited| edited.id);
        match engine.save(draft).await {
            Ok(_) => {
                self.kept.borrow_mut().insert(element);
                window.replace(None);
            }
            Err(EngineError::VersionConflict { .. } | EngineError::ItemMissing) => {
                // The window shows what is there by now: perhaps its own change, in a merged item.
                let there = match edited {
                    Some(id) => is_in(engine, id, &element).await?,
                    None => false,
                };
                let again = if there {
                    self.kept.borrow_mut().insert(element);
                    None
                } else {
                    let draft = self.draft(engine, &element).await?;
                    Some(Pending { element, draft })
                };
                window.replace(again);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Whether a new list that was asked for before a death has come to be and was appended to since:
    /// then it would not be known again as the one that is asked for.
    async fn is_made_and_changed(
        &self,
        engine: &Engine<Remote>,
        title: &str,
    ) -> Result<bool, EngineError> {
        let found = engine.search(title, 0, 200).await?.items;
        let Some(made) = found.into_iter().find(|item| item.title == title) else {
            return Ok(false);
        };
        Ok(engine.item(made.id).await?.version > ItemVersion(1))
    }

    /// One of the newest lists with an element more, or a new list.
    async fn draft(
        &self,
        engine: &Engine<Remote>,
        element: &str,
    ) -> Result<ItemDraft, EngineError> {
        let mut lists = engine.search("list", 0, 200).await?.items;
        lists.retain(|item| !is_copy(&item.title));
        lists.sort_by(|one, other| other.title.cmp(&one.title));
        lists.truncate(LISTS);
        let ids: Vec<ItemId> = lists.iter().map(|item| item.id).collect();
        let field = CustomField {
            name: element.to_owned(),
            value: SecretText::new(element),
            concealed: false,
        };
        if let Some(id) = self.chance.pick(&ids) {
            let mut draft = engine.edit(id).await?;
            if let ItemSecrets::Login { fields, .. } = &mut draft.secrets
                && fields.len() < FIELDS_MAX
            {
                fields.push(field);
                return Ok(draft);
            }
        }
        // Newer lists stand first.
        let title = format!(
            "List {:020}-{element}",
            self.shared.kills.load(Ordering::Relaxed)
        );
        let mut draft = login(&title, "", "", "");
        if let ItemSecrets::Login { fields, .. } = &mut draft.secrets {
            fields.push(field);
        }
        Ok(draft)
    }
}

/// Whether an item or another version of it has an element.
async fn is_in(engine: &Engine<Remote>, id: ItemId, element: &str) -> Result<bool, EngineError> {
    let others = engine.item(id).await?.other_versions;
    for id in others.into_iter().chain([id]) {
        let fields = fields_of(engine.edit(id).await?);
        if fields.iter().any(|field| field.name == element) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn fields_of(draft: ItemDraft) -> Vec<CustomField> {
    match draft.secrets {
        ItemSecrets::Login { fields, .. } => fields,
        _ => Vec::new(),
    }
}

/// Whether an item is another version of one.
pub(crate) fn is_copy(title: &str) -> bool {
    title.ends_with(COPY)
}

/// Every item with its elements.
pub(crate) async fn contents(engine: &Engine<Remote>) -> Result<Shown, EngineError> {
    let mut shown = Shown::new();
    loop {
        let offset = u32::try_from(shown.len()).unwrap_or(u32::MAX);
        let page = engine.search("", offset, 200).await?;
        for item in &page.items {
            let fields = fields_of(engine.edit(item.id).await?);
            let names = fields.into_iter().map(|field| field.name).collect();
            shown.insert(item.id, (item.title.clone(), names));
        }
        if page.items.is_empty() || shown.len() >= page.total as usize {
            return Ok(shown);
        }
    }
}
