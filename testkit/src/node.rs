//! A node in memory, as far as an engine can tell: accounts, sessions, and the vault's log.
//!
//! It checks what a client can get wrong (challenges, passwords, versions, tokens) and leaves out
//! what it cannot see (limits, rates, the third tier of the key derivation). The real node proves
//! itself in its own tests and in e2e.

use std::{
    cell::{RefCell, RefMut},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use engine::platform::{HttpRequest, HttpResponse, Method};
use proto::{
    address::Address,
    api::{
        PREFIX,
        account::SealedKeyPair,
        challenge::{Challenge, ChallengeRequest, ProofOfWork, Purpose},
        info::{AddressStatus, Availability, NodeInfo},
        session::SealedDeviceName,
    },
    bytes::Hex,
    error::{ErrorCode, WireError},
    ids::{Difficulty, ItemId, KeyNumber, UnixMillis},
    limits::CHALLENGE_LIFETIME_MS,
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use self::account::Account;
use crate::{clock::MockClock, random::SeededRandom};

pub use self::{messages::Post, vault::Lie};

mod account;
mod domains;
mod messages;
mod recovery;
mod renewal;
mod vault;

/// A node; clones are the same one.
#[derive(Clone)]
pub struct MemoryNode(Rc<Inner>);

struct Inner {
    clock: MockClock,
    random: SeededRandom,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    accounts: BTreeMap<Address, Account>,
    /// By the half of the header that the solver leaves alone.
    challenges: BTreeMap<[u8; 32], Issued>,
    /// Challenges of renewals that were used.
    renewals: BTreeSet<[u8; 32]>,
    busy: bool,
    post: messages::Post,
    domains: domains::Domains,
    /// Keys that are named in place of the true ones.
    named: BTreeMap<Address, Hex<33>>,
    spoil: Option<fn(&mut Challenge)>,
}

struct Issued {
    challenge: Challenge,
    address: Address,
    spent: bool,
}

/// What a route answers: JSON, or an error.
type Answer = Result<String, WireError>;

impl MemoryNode {
    /// A node that serves `localhost` and `example.com`.
    pub fn new(seed: u64) -> Self {
        let (clock, random) = (MockClock::new(), SeededRandom::new(seed));
        Self(Rc::new(Inner {
            clock,
            random,
            state: RefCell::default(),
        }))
    }

    /// The clock of the node and of every device in its network.
    pub fn clock(&self) -> &MockClock {
        &self.0.clock
    }

    /// Lets every proof of work be spent for nothing, as a node does that has no time to hash.
    pub fn set_busy(&self, busy: bool) {
        self.state().busy = busy;
    }

    /// Changes every challenge that is given out from now on, as a node does that is up to no good.
    pub fn spoil_challenges(&self, spoil: fn(&mut Challenge)) {
        self.state().spoil = Some(spoil);
    }

    /// Ends every session, as a node does that was set back.
    pub fn end_sessions(&self) {
        for account in self.state().accounts.values_mut() {
            account.end_sessions();
        }
    }

    /// The names of all devices, as the node has them.
    pub fn device_names(&self) -> Vec<SealedDeviceName> {
        let state = self.state();
        let all = state.accounts.values();
        all.flat_map(Account::names).cloned().collect()
    }

    /// Swaps the names of devices, as a node does that is up to no good.
    pub fn swap_device_names(&self) {
        for account in self.state().accounts.values_mut() {
            account.swap_names();
        }
    }

    /// Forgets every key pair, as a node does that is up to no good.
    pub fn forget_keys(&self) {
        for account in self.state().accounts.values_mut() {
            account.forget_keys();
        }
    }

    /// Adds a key pair to the account of an address, as another of its devices does.
    pub fn add_key(&self, address: &Address, key: SealedKeyPair) {
        if let Some(account) = self.state().accounts.get_mut(address) {
            account.add_key(key);
        }
    }

    /// Spoils the sealed half of a key pair, as a node does that is up to no good: its public half stays.
    pub fn spoil_key(&self, address: &Address, number: KeyNumber) {
        if let Some(account) = self.state().accounts.get_mut(address) {
            account.spoil_key(number);
        }
    }

    /// Says of the recovery words of all accounts that they are of a key that nobody has, and how many came before.
    pub fn misplace_words(&self, number: u64) {
        for account in self.state().accounts.values_mut() {
            if let Some(words) = &mut account.recovery {
                words.misplace(number);
            }
        }
    }

    /// Changes one byte of the newest version of every item, as a node does that is up to no good.
    pub fn damage_items(&self) {
        for account in self.state().accounts.values_mut() {
            account.vault.damage();
        }
    }

    /// The same of the half that holds the secrets: what lists show opens as before.
    pub fn damage_secrets(&self) {
        for account in self.state().accounts.values_mut() {
            account.vault.damage_secrets();
        }
    }

    /// Deletes every item, as a node does that is up to no good: with a tombstone that it made up.
    pub fn delete_items(&self) {
        for account in self.state().accounts.values_mut() {
            account.vault.delete_all();
        }
    }

    /// Forgets the last `writes` of every vault, as a node does that was restored from a backup.
    pub fn forget_writes(&self, writes: usize) {
        for account in self.state().accounts.values_mut() {
            account.vault.forget(writes);
        }
    }

    /// Gives out cursors of another database from now on, as a node does whose backup was restored.
    pub fn change_database(&self) {
        for account in self.state().accounts.values_mut() {
            account.vault.change_database();
        }
    }

    /// Loses all versions of an item; what was signed stays.
    pub fn lose(&self, id: ItemId) {
        for account in self.state().accounts.values_mut() {
            account.vault.lose(id);
        }
    }

    /// Loses all that was signed.
    pub fn lose_manifests(&self) {
        for account in self.state().accounts.values_mut() {
            account.vault.lose_manifests();
        }
    }

    /// Adds items to every vault that open with no key, as a thief of a session does; with another
    /// `seed` they are others.
    pub fn add_junk(&self, seed: u8, items: u32) {
        for account in self.state().accounts.values_mut() {
            account.vault.add_junk(seed, items);
        }
    }

    /// Takes no more items than these into one vault.
    pub fn limit_items(&self, items: usize) {
        for account in self.state().accounts.values_mut() {
            account.vault.limit_items(items);
        }
    }

    /// Gives out no more records than these in one page.
    pub fn limit_pages(&self, records: u64) {
        for account in self.state().accounts.values_mut() {
            account.vault.limit_pages(records);
        }
    }

    /// Shows every vault otherwise than it is, from now on; `None`: as it is.
    pub fn tell(&self, lies: impl IntoIterator<Item = Lie>) {
        let lies: Vec<Lie> = lies.into_iter().collect();
        for account in self.state().accounts.values_mut() {
            account.vault.tell(lies.clone());
        }
    }

    /// How often a vault was signed.
    pub fn manifests(&self) -> usize {
        let state = self.state();
        let all = state.accounts.values();
        all.map(|account| account.vault.count_manifests()).sum()
    }

    /// Every ciphertext and every other text that the node holds of its vaults.
    pub fn vault_texts(&self) -> Vec<String> {
        self.state()
            .accounts
            .values()
            .flat_map(|account| account.vault.texts())
            .collect()
    }

    /// Answers one request.
    pub fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let (status, body) = match self.route(request) {
            Ok(body) => (200, body),
            Err(error) => (status_of(error.code), json(&error)),
        };
        HttpResponse {
            status,
            body: Zeroizing::new(body.into_bytes()),
        }
    }

    fn route(&self, request: &HttpRequest) -> Answer {
        let path = request.url.split_once(PREFIX).map_or("", |(_, path)| path);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match (request.method, segments.as_slice()) {
            (Method::Get, ["info"]) => Ok(json(&info())),
            (Method::Get, ["addresses", address]) => self.address(address),
            (Method::Post, ["challenges"]) => Ok(self.challenge(&body(request)?)),
            (Method::Post, ["accounts"]) => self.create_account(body(request)?),
            (Method::Post, ["sessions"]) => self.log_in(body(request)?),
            (Method::Post, ["recovery"]) => self.recover(body(request)?),
            (Method::Post, ["codes"]) => self.look_at_code(&body(request)?),
            (Method::Post, ["codes", "redeem"]) => self.redeem(body(request)?),
            (Method::Post, ["sessions", "current", "challenge"]) => self.renewal_challenge(request),
            (Method::Post, ["sessions", "current", "renewal"]) => {
                self.renew_session(request, &body(request)?)
            }
            (method, ["messages" | "correspondents" | "domains", ..])
            | (method @ Method::Get, ["addresses", _, "key"]) => {
                let mut from = None;
                self.with_session(request, |account, _| {
                    from = Some(account.address.clone());
                    Ok(String::new())
                })?;
                let from = from.ok_or(ErrorCode::SessionInvalid)?;
                match (method, segments.as_slice()) {
                    (Method::Get, ["addresses", address, "key"]) => self.key_of(address),
                    (Method::Get, ["messages"]) => self.messages(&from, query),
                    (Method::Get, ["messages", "prices"]) => self.prices(&from),
                    (Method::Put, ["messages", "prices"]) => self.set_prices(&from, body(request)?),
                    (Method::Post, ["messages", "challenge"]) => {
                        self.message_challenge(&from, &body(request)?)
                    }
                    (Method::Put, ["messages", id]) => self.send_message(&from, id, body(request)?),
                    (Method::Put, ["messages", id, "work"]) => {
                        self.renew_message(&from, id, &body(request)?)
                    }
                    (Method::Put, ["correspondents", address]) => {
                        self.stand(&from, address, body(request)?)
                    }
                    (Method::Delete, ["correspondents", address, "messages"]) => {
                        self.clear(&from, address)
                    }
                    (method, ["domains", rest @ ..]) => {
                        self.answer_domains(&from, (method, rest), query, request)
                    }
                    _ => Err(ErrorCode::NotFound.into()),
                }
            }
            (method, segments) => {
                self.with_session(request, |account, session| match (method, segments) {
                    (Method::Post, ["account", "delete"]) => account.delete(&body(request)?),
                    (Method::Get, ["account", "recovery"]) => Ok(account.recovery_status()),
                    (Method::Put, ["account", "recovery"]) => {
                        account.set_recovery(body(request)?, self.now())
                    }
                    (Method::Put, ["account", "password"]) => {
                        account.change_password(body(request)?, session)
                    }
                    (Method::Get, ["keys"]) => Ok(account.list_keys()),
                    (Method::Post, ["keys"]) => account.add_key_pair(body(request)?),
                    (Method::Get, ["sessions"]) => Ok(account.list_sessions(session)),
                    (Method::Post, ["sessions", "end-others"]) => {
                        Ok(account.end_other_sessions(body(request)?, session))
                    }
                    (Method::Put, ["sessions", id, "name"]) => {
                        account.name_session(id, body(request)?)
                    }
                    (Method::Delete, ["sessions", id]) => account.end_session(id, session),
                    (Method::Get, ["vault"]) => account.vault.page(query),
                    (Method::Get, ["vault", "manifests"]) => Ok(account.vault.manifests(query)),
                    (Method::Put, ["vault", "manifest"]) => {
                        account.vault.add_manifest(body(request)?)
                    }
                    (Method::Get, ["vault", id, "versions"]) => account.vault.versions(id, query),
                    (Method::Put, ["vault", id]) => account.vault.write(id, body(request)?),
                    (Method::Delete, ["vault", id]) => account.vault.delete(id, body(request)?),
                    _ => Err(ErrorCode::NotFound.into()),
                })
            }
        }
    }

    fn address(&self, text: &str) -> Answer {
        let address: Address = text
            .replace("%2B", "+")
            .parse()
            .map_err(|_| WireError::new(ErrorCode::AddressInvalid))?;
        let availability = if !self.is_served(address.domain()) {
            Availability::ForeignDomain
        } else if self.state().accounts.contains_key(&address) {
            Availability::Taken
        } else if self.is_closed(address.domain()) {
            Availability::Closed
        } else {
            Availability::Available
        };
        Ok(json(&AddressStatus {
            availability,
            warnings: address.warnings(),
        }))
    }

    fn challenge(&self, request: &ChallengeRequest) -> String {
        let mut challenge = Challenge {
            header: Hex(self.0.random.bytes()),
            target: Hex([0xff; 32]),
            difficulty: Difficulty(1),
            purpose: request.purpose,
            expires_at: self.now().plus(CHALLENGE_LIFETIME_MS),
            signature: Hex(self.0.random.bytes()),
        };
        if let Some(spoil) = self.state().spoil {
            spoil(&mut challenge);
        }
        let issued = Issued {
            challenge: challenge.clone(),
            address: request.address.clone(),
            spent: false,
        };
        self.state()
            .challenges
            .insert(named(&challenge.header), issued);
        json(&challenge)
    }

    fn spend(
        &self,
        pow: &ProofOfWork,
        purpose: Purpose,
        address: &Address,
    ) -> Result<(), WireError> {
        let mut state = self.state();
        let issued = state
            .challenges
            .get_mut(&named(&pow.solved_header))
            .ok_or(ErrorCode::ChallengeForged)?;
        let made = &issued.challenge;
        if (made.signature, made.target, made.expires_at)
            != (pow.signature, pow.target, pow.expires_at)
        {
            return Err(ErrorCode::ChallengeForged.into());
        }
        if made.purpose != purpose || issued.address != *address {
            return Err(ErrorCode::ChallengeForeign.into());
        }
        if self.now() >= made.expires_at {
            return Err(ErrorCode::ChallengeExpired.into());
        }
        if std::mem::replace(&mut issued.spent, true) {
            return Err(ErrorCode::ChallengeSpent.into());
        }
        if state.busy {
            Err(ErrorCode::Busy.into())
        } else {
            Ok(())
        }
    }

    fn now(&self) -> UnixMillis {
        self.0.clock.now()
    }

    fn state(&self) -> RefMut<'_, State> {
        self.0.state.borrow_mut()
    }
}

fn info() -> NodeInfo {
    NodeInfo {
        software: "pearvault".to_owned(),
        version: "0.0.0".to_owned(),
        domains: vec!["localhost".to_owned(), "example.com".to_owned()],
        api_domain: "localhost".to_owned(),
        registration_open: true,
        account_difficulty: Difficulty(1),
        login_difficulty: Difficulty(1),
    }
}

/// The half of a header that names its challenge.
fn named(header: &Hex<64>) -> [u8; 32] {
    let mut name = [0; 32];
    name.copy_from_slice(&header.0[32..]);
    name
}

fn body<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, WireError> {
    let text = request.body.as_ref().map_or("", |body| body.as_str());
    serde_json::from_str(text).map_err(|_| ErrorCode::InvalidField.into())
}

fn json(value: &impl Serialize) -> String {
    // Cannot fail: every answer is a plain struct.
    serde_json::to_string(value).unwrap_or_default()
}

fn status_of(code: ErrorCode) -> u16 {
    match code {
        ErrorCode::SessionInvalid | ErrorCode::CredentialsWrong | ErrorCode::RecoveryWrong => 401,
        ErrorCode::NotFound => 404,
        ErrorCode::VersionConflict | ErrorCode::AddressTaken => 409,
        _ => 422,
    }
}
