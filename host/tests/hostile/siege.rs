//! An agent with an account and two paired extensions, and rogues around it.

use std::{fs, io::Write as _, os::unix::net::UnixStream};

use host::{agent::Opening, frame};
use proto::{bridge::solver::SolverJob, bytes::Hex};
use serde_json::json;
use testkit::random::SeededRandom;

use crate::{
    agent::Agent,
    attack::{Recorded, Rogue},
    extension::{Extension, Profile, Way, connect},
    frames::{framed, opening},
    genuine::{job, record},
    rogue::{Ears, May},
    secrets::{Secrets, base64},
    until_no_more_threads,
};

/// Sessions that are recorded and told once more.
const RECORDED: usize = 6;

pub(crate) struct Siege {
    agent: Agent,
    straight: Profile,
    relayed: Profile,
    /// There from the beginning to the end.
    resident: Extension,
    ears: Ears,
    chance: SeededRandom,
    recorded: Vec<Recorded>,
    jobs: Vec<SolverJob>,
    pub(crate) messages: u64,
    conversations: u64,
    batches: u64,
    size: Option<(u32, u32)>,
}

impl Siege {
    pub(crate) fn begin(seed: u64) -> Self {
        let chance = SeededRandom::new(seed);
        let mut secrets = Secrets::default();
        let account = secrets.make("account", &chance);
        let kept = json!({"format": "pearvault-database-key", "version": 1, "kept": {"sealed": {
            "account": format!("{account}@example.com"),
            "salt": Hex(chance.bytes::<32>()).to_string(),
            "sealed": base64(&chance.bytes::<72>()),
        }}});
        let agent = Agent::start(|place| {
            place
                .write("database.key", kept.to_string().as_bytes())
                .unwrap();
        });
        let straight = Profile::pair(&agent, Way::Straight, &chance);
        let relayed = Profile::pair(&agent, Way::Relay, &chance);
        secrets.plant("host.key", &fs::read(agent.place.file("host.key")).unwrap());
        secrets.plant("host's public key", &straight.host.0);
        for profile in [&straight, &relayed] {
            secrets.plant("extension's key", &profile.secret);
        }
        let jobs = (0..5).map(|_| job(&mut secrets, &chance)).collect();
        let resident = Extension::open(&agent, &relayed, &chance);
        let mut siege = Self {
            agent,
            straight,
            relayed,
            resident,
            ears: Ears::new(secrets),
            chance,
            recorded: Vec::new(),
            jobs,
            messages: 0,
            conversations: 0,
            batches: 0,
            size: None,
        };
        for number in 0..RECORDED {
            let genuine = [&siege.straight, &siege.relayed][number % 2];
            let extension = Extension::open(&siege.agent, genuine, &siege.chance);
            let secrets = &mut siege.ears.secrets;
            let recorded = record(extension, secrets, &siege.chance, &siege.jobs, &account);
            siege.recorded.push(recorded);
            siege.agent.beat();
        }
        // The account's database is as sealed as it was.
        siege.is_well();
        assert!(siege.ears.secrets.count() >= 50);
        siege.size = siege.agent.size();
        siege
    }

    fn rogue(&self) -> Rogue<'_> {
        Rogue {
            chance: &self.chance,
            known: vec![self.straight.public, self.relayed.public],
            host: self.straight.host,
            recorded: &self.recorded,
            jobs: &self.jobs,
        }
    }

    /// A genuine handshake that ends at every place.
    pub(crate) fn cut_everywhere(&mut self) {
        let mut said = framed(serde_json::to_string(&opening()).unwrap().as_bytes());
        for frame in &self.recorded[0].sent[..3] {
            said.extend(framed(frame.as_bytes()));
        }
        for end in 0..=said.len() {
            self.ears.converse(&self.agent, &said[..end], May::Seal);
            self.messages += 1;
            self.conversations += 1;
        }
        self.is_well();
    }

    /// About that many messages, and then a look at how the agent is.
    pub(crate) fn batch(&mut self, messages: u64) {
        let end = self.messages + messages;
        while self.messages < end {
            self.messages += match self.chance.next() % 100 {
                0 => self.terminals(),
                1 => self.through_a_relay(),
                2 if self.batches.is_multiple_of(10) => self.crowd(24).len() as u64,
                3..30 => self.between(),
                _ => self.straight(),
            };
            self.conversations += 1;
        }
        self.batches += 1;
        self.is_well();
    }

    fn straight(&mut self) -> u64 {
        let attack = self.rogue().attack(false);
        self.ears.converse(&self.agent, &attack.bytes, attack.may);
        attack.messages
    }

    fn through_a_relay(&mut self) -> u64 {
        let mut attack = self.rogue().attack(true);
        attack.bytes.extend(framed(b"{}"));
        self.ears
            .relayed(&self.agent, &attack.bytes, attack.is_torn, attack.may);
        attack.messages
    }

    fn between(&mut self) -> u64 {
        let rogue = Rogue {
            chance: &self.chance,
            known: vec![self.straight.public],
            host: self.straight.host,
            recorded: &self.recorded,
            jobs: &self.jobs,
        };
        rogue.between(&self.agent, &self.straight, &mut self.ears)
    }

    /// Two terminals at which nobody sits, and a stranger who would pair with them.
    fn terminals(&mut self) -> u64 {
        let mut terminals = [(); 2].map(|()| connect(&self.agent.place));
        for terminal in &mut terminals {
            frame::write_json(terminal, &Opening::Terminal {}).unwrap();
            let said = frame::read(terminal).unwrap().unwrap();
            self.ears.judge(&said, May::Wait);
        }
        let attack = self.rogue().attack(false);
        self.ears.converse(&self.agent, &attack.bytes, attack.may);
        for mut terminal in terminals {
            let _ = terminal.write_all(&framed(&self.rogue().no_frame()));
            self.ears.hear_out(&mut terminal, May::Wait);
        }
        attack.messages + 4
    }

    /// As many connections as there are, who say nothing or not all. Who is there already is answered.
    pub(crate) fn crowd(&mut self, size: usize) -> Vec<UnixStream> {
        let said = framed(&serde_json::to_vec(&opening()).unwrap());
        let crowd = (0..size).map(|number| {
            let mut silent = UnixStream::connect(self.agent.place.socket()).unwrap();
            // One without a seat is hung up on.
            let _ = silent.write_all(&said[..number % said.len()]);
            silent
        });
        let crowd = crowd.collect();
        self.resident.is_answered();
        self.agent.beat();
        crowd
    }

    /// The same agent answers who is paired: who was there, and who comes.
    pub(crate) fn is_well(&mut self) {
        self.agent.is_well();
        self.resident.is_answered();
        Extension::open(&self.agent, &self.straight, &self.chance).is_answered();
        if self.batches.is_multiple_of(10) {
            Extension::open(&self.agent, &self.relayed, &self.chance).is_answered();
        }
        self.agent.beat();
    }

    /// Nothing is left of those who have gone; what there was.
    pub(crate) fn end(mut self) {
        self.is_well();
        until_no_more_threads(&self.agent, self.size);
        let (before, after) = (
            self.size.unwrap_or_default(),
            self.agent.size().unwrap_or_default(),
        );
        for kind in ["begun", "refused", "shake", "sealed", "terminal"] {
            assert!(self.ears.has_heard(kind), "nobody was told: {kind}");
        }
        println!(
            "{} messages in {} conversations{}; the agent had {} threads and {} MB, and has {} and {}",
            self.messages, self.conversations, self.ears, before.0, before.1, after.0, after.1
        );
    }
}
