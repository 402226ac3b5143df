//! A device that writes while its node is away, and dies a thousand times: nothing that was saved is
//! lost, nothing is there twice.
//!
//! Every death is that of a worker between two steps, before a commit or after one whose answer nobody
//! heard; now and then the whole browser goes, and the vault has to be unlocked again. What happens
//! follows from a seed alone, so that a run that failed can be played again:
//! `PEARVAULT_OUTBOX_SEED=7 PEARVAULT_OUTBOX_KILLS=20000 cargo test -p pearvault-engine --test outbox`.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    pin::pin,
    task::{Context, Poll, Waker},
};

use engine::{Engine, EngineError};
use proto::{
    bridge::popup::{AppStatus, Saved},
    ids::{ItemId, ItemVersion},
    vault::{ItemDraft, SecretField, SecretText},
};
use testkit::{
    device::{Device, PASSWORD},
    items::{editing, login},
    node::MemoryNode,
    random::SeededRandom,
    run::finish,
    store::Fault,
    transport::Outage,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ADA: &str = "ada@localhost";
/// Deaths where nobody says how many.
const KILLS: u64 = 1000;
/// Live items, so that each is changed often.
const ITEMS_MAX: usize = 24;
/// Polls and commits before a worker dies, at most: about as many as a write has.
const OF_A_WRITE: (u64, u64) = (12, 1);
/// The same of a synchronisation.
const OF_A_SYNC: (u64, u64) = (60, 4);

/// What the user was told of an item, or has seen of it since.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    title: String,
    password: String,
    version: ItemVersion,
    deleted: bool,
}

/// How an act ended.
enum End<T> {
    Told(Result<T, EngineError>),
    /// The worker died; who asked may ask the next one again, unless the browser died too.
    Died {
        browser: bool,
    },
}

/// A device, its user's memory, and chance.
struct Life {
    chance: SeededRandom,
    node: MemoryNode,
    device: Device,
    engine: Engine<Device>,
    known: BTreeMap<ItemId, Known>,
    made: u64,
    kills: u64,
    in_commits: u64,
    of_browsers: u64,
    writes: u64,
}

impl Life {
    fn begin(seed: u64) -> Outcome<Self> {
        let node = MemoryNode::new(seed);
        let device = Device::new(&node, seed ^ 1);
        let engine = device.create(ADA)?;
        device.transport.set_outage(Outage::Away);
        Ok(Self {
            chance: SeededRandom::new(seed ^ 2),
            node,
            device,
            engine,
            known: BTreeMap::new(),
            made: 0,
            kills: 0,
            in_commits: 0,
            of_browsers: 0,
            writes: 0,
        })
    }

    /// A number below `limit`.
    fn below(&self, limit: u64) -> u64 {
        self.chance.next() % limit
    }

    fn pick(&self, deleted: bool) -> Option<ItemId> {
        let mut ids: Vec<ItemId> = Vec::new();
        for (id, known) in &self.known {
            if known.deleted == deleted {
                ids.push(*id);
            }
        }
        let at = usize::try_from(self.below(ids.len().max(1) as u64)).ok()?;
        ids.get(at).copied()
    }

    /// One act of the user, or of the network.
    fn act(&mut self) -> Outcome {
        let live = self.known.values().filter(|known| !known.deleted).count();
        match self.below(10) {
            0..=2 if live < ITEMS_MAX => self.make(),
            0..=5 => self.change(),
            6 => self.delete(),
            7 => self.bring_back(),
            _ => self.synchronise(),
        }
    }

    fn make(&mut self) -> Outcome {
        self.made += 1;
        let title = format!("Login {}", self.made);
        let password = format!("first of {}", self.made);
        let draft = login(&title, "ada", &password, "https://orchard.test");
        let known = |saved: Saved| Known {
            title: title.clone(),
            password: password.clone(),
            version: saved.version,
            deleted: false,
        };
        let saved = match self.save(draft.clone()) {
            End::Told(saved) => Some(saved?),
            // Its window waits for an answer: it asks the next worker, which may have it already.
            End::Died { browser: false } => Some(finish(self.engine.save(draft))?),
            End::Died { browser: true } => {
                let found = self.titled(&title)?;
                assert!(found.len() < 2, "{title} is there twice");
                let version = ItemVersion(1);
                found.first().map(|id| Saved { id: *id, version })
            }
        };
        if let Some(saved) = saved {
            assert_eq!(saved.version, ItemVersion(1), "{title}");
            self.known.insert(saved.id, known(saved));
        }
        self.look()
    }

    fn change(&mut self) -> Outcome {
        let Some(id) = self.pick(false) else {
            return Ok(());
        };
        self.writes += 1;
        let before = self.known[&id].clone();
        let after = Known {
            password: format!("change {}", self.writes),
            version: ItemVersion(before.version.0 + 1),
            ..before.clone()
        };
        let draft = login(&after.title, "ada", &after.password, "https://orchard.test");
        let draft = editing(draft, id, before.version);
        let saved = match self.save(draft.clone()) {
            End::Told(saved) => Some(saved?),
            End::Died { browser: false } => Some(finish(self.engine.save(draft))?),
            End::Died { browser: true } => None,
        };
        match saved {
            Some(saved) => {
                assert_eq!((saved.id, saved.version), (id, after.version));
                self.known.insert(id, after);
            }
            None => self.find_out(id, &[before, after])?,
        }
        self.look()
    }

    fn delete(&mut self) -> Outcome {
        let Some(id) = self.pick(false) else {
            return Ok(());
        };
        let before = self.known[&id].clone();
        let after = Known {
            version: ItemVersion(before.version.0 + 1),
            deleted: true,
            ..before.clone()
        };
        let engine = self.engine.clone();
        match self.with_death(OF_A_WRITE, engine.delete(id))? {
            End::Told(saved) => {
                assert_eq!(saved?.version, after.version);
                self.known.insert(id, after);
            }
            End::Died { .. } => self.find_out(id, &[before, after])?,
        }
        self.look()
    }

    fn bring_back(&mut self) -> Outcome {
        let Some(id) = self.pick(true) else {
            return Ok(());
        };
        let before = self.known[&id].clone();
        let after = Known {
            version: ItemVersion(before.version.0 + 1),
            deleted: false,
            ..before.clone()
        };
        let engine = self.engine.clone();
        match self.with_death(OF_A_WRITE, engine.undelete(id))? {
            End::Told(saved) => {
                assert_eq!(saved?.version, after.version);
                self.known.insert(id, after);
            }
            End::Died { .. } => self.find_out(id, &[before, after])?,
        }
        self.look()
    }

    /// The node is there for a moment, or its answers do not come; nothing here changes by that.
    fn synchronise(&mut self) -> Outcome {
        let outage = match self.below(4) {
            0 => Outage::None,
            1 => Outage::AnswersLost,
            2 => Outage::Death,
            _ => Outage::Away,
        };
        self.device.transport.set_outage(outage);
        let engine = self.engine.clone();
        if let End::Told(report) = self.with_death(OF_A_SYNC, engine.sync())? {
            let report = report?;
            assert_eq!((report.conflicts, report.unreadable), (0, 0));
        }
        self.device.transport.set_outage(Outage::Away);
        self.look()
    }

    fn save(&mut self, draft: ItemDraft) -> End<Saved> {
        let engine = self.engine.clone();
        match self.with_death(OF_A_WRITE, engine.save(draft)) {
            Ok(end) => end,
            Err(error) => unreachable!("the next worker does not start: {error}"),
        }
    }

    /// Does something; two times of three the worker dies at a moment of chance, where that comes
    /// before the end.
    fn with_death<T>(
        &mut self,
        (polls_max, commits_max): (u64, u64),
        act: impl Future<Output = Result<T, EngineError>>,
    ) -> Outcome<End<T>> {
        let mut polls = u64::MAX;
        match self.below(3) {
            0 => polls = 1 + self.below(polls_max),
            1 => {
                let how = if self.below(2) == 0 {
                    Fault::DiesBefore
                } else {
                    Fault::DiesAfter
                };
                self.device.store.die_at(1 + self.below(commits_max), how);
            }
            _ => {}
        }
        if let Some(told) = poll_for(act, polls.min(10_000)) {
            self.device.store.restart();
            return Ok(End::Told(told));
        }
        self.kills += 1;
        self.in_commits += u64::from(self.device.store.is_dead());
        let browser = self.below(4) == 0;
        if browser {
            self.of_browsers += 1;
            self.device.session.end_browser();
        }
        self.engine = self.device.open()?;
        if browser {
            let locked = finish(self.engine.status());
            assert!(matches!(locked, AppStatus::Locked { .. }), "{locked:?}");
            finish(self.engine.unlock(&SecretText::new(PASSWORD)))?;
        }
        Ok(End::Died { browser })
    }

    /// After a death an item is what it was before or what it was to become: which of them, nobody
    /// was told.
    fn find_out(&mut self, id: ItemId, either: &[Known; 2]) -> Outcome {
        let deleted = !self.titled(&either[0].title)?.contains(&id);
        let now = if deleted {
            either.iter().find(|known| known.deleted)
        } else {
            let (version, password) = (finish(self.engine.item(id))?.version, self.password(id)?);
            either.iter().find(|known| {
                !known.deleted && known.version == version && known.password == password
            })
        };
        let now = now.ok_or_else(|| format!("{id} is neither of {either:?}"))?;
        self.known.insert(id, now.clone());
        Ok(())
    }

    /// The device shows what its user knows of, once each, and nothing else.
    fn look(&self) -> Outcome {
        assert_eq!(contents(&self.engine)?, self.expected(), "on the device");
        Ok(())
    }

    fn expected(&self) -> BTreeMap<ItemId, (String, String, ItemVersion)> {
        let live = self.known.iter().filter(|(_, known)| !known.deleted);
        live.map(|(id, known)| {
            let Known {
                title,
                password,
                version,
                ..
            } = known.clone();
            (*id, (title, password, version))
        })
        .collect()
    }

    fn titled(&self, title: &str) -> Outcome<Vec<ItemId>> {
        let found = finish(self.engine.search("", 0, 200))?.items.into_iter();
        Ok(found
            .filter(|item| item.title == title)
            .map(|item| item.id)
            .collect())
    }

    fn password(&self, id: ItemId) -> Outcome<String> {
        let revealed = finish(self.engine.reveal(id, &SecretField::Password))?;
        // EXPOSE: a test looks at it.
        Ok(revealed.value.expose_secret().to_owned())
    }

    /// The node is back for good: all that waits arrives, and another device sees the same.
    fn arrive(&self) -> Outcome {
        self.device.transport.set_outage(Outage::None);
        for _ in 0..3 {
            let report = finish(self.engine.sync())?;
            assert_eq!((report.problem, report.conflicts), (None, 0));
        }
        let status = finish(self.engine.status());
        assert!(
            matches!(status, AppStatus::Unlocked { pending: 0, .. }),
            "{status:?}"
        );
        self.look()?;
        let other = Device::new(&self.node, 99).log_in(ADA)?;
        assert_eq!(finish(other.sync())?.problem, None);
        assert_eq!(contents(&other)?, self.expected(), "on another device");
        Ok(())
    }
}

/// Title, password and version of every item.
fn contents(
    engine: &Engine<Device>,
) -> Result<BTreeMap<ItemId, (String, String, ItemVersion)>, EngineError> {
    let found = finish(engine.search("", 0, 200))?;
    let open = |item: proto::vault::ItemSummary| {
        let password = finish(engine.reveal(item.id, &SecretField::Password))?.value;
        let version = finish(engine.item(item.id))?.version;
        // EXPOSE: a test looks at it.
        let password = password.expose_secret().to_owned();
        Ok((item.id, (item.title, password, version)))
    };
    found.items.into_iter().map(open).collect()
}

/// Polls a future so many times at most; where that does not end it, it is dropped where it stands.
fn poll_for<F: Future>(future: F, polls: u64) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

fn number(variable: &str) -> Outcome<Option<u64>> {
    match env::var(variable) {
        Ok(text) => Ok(Some(
            text.parse().map_err(|_| format!("{variable}: {text}"))?,
        )),
        Err(_) => Ok(None),
    }
}

#[test]
fn nothing_saved_is_lost_or_doubled_by_a_thousand_deaths() -> Outcome {
    let seed = number("PEARVAULT_OUTBOX_SEED")?.unwrap_or(1);
    let wanted = number("PEARVAULT_OUTBOX_KILLS")?.unwrap_or(KILLS);
    // For whoever sees it fail.
    println!("seed {seed}");
    let mut life = Life::begin(seed)?;
    while life.kills < wanted {
        life.act()
            .map_err(|error| format!("at death {}: {error}", life.kills))?;
        // The node is never away for ever.
        if life.below(100) == 0 {
            life.arrive()?;
            life.device.transport.set_outage(Outage::Away);
        }
    }
    life.arrive()?;
    println!(
        "outbox: {} deaths, {} of them in commits and {} of the browser; {} items made, {} changed: 0 lost, 0 doubled",
        life.kills, life.in_commits, life.of_browsers, life.made, life.writes
    );
    Ok(())
}
