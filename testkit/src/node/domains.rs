//! Domains that accounts administer, and one-time codes.

use std::collections::BTreeMap;

use engine::platform::{HttpRequest, Method};
use proto::{
    address::Address,
    api::{
        account::SealedKeyPair,
        domain::{
            ClaimDomainRequest, CodeGiven, CodePurpose, CodeStanding, DomainChallenge,
            DomainChallengeRequest, DomainKeyProof, DomainList, DomainName, DomainUser,
            DomainUsers, DomainView, GiveCodeRequest, OneTimeCodeHex, RedeemCodeRequest,
            SetRegistrationRequest, ShowCodeRequest,
        },
    },
    bytes::Hex,
    error::{ErrorCode, WireError},
    federation::WellKnown,
    ids::{AccountId, KeyNumber, UnixMillis},
    limits::CODE_LIFETIME_MS,
    vault::SecretText,
};

use wasm_core::{
    domain::{Given, key_hash},
    keys::PublicKey,
};

use super::{Answer, MemoryNode, account::Account, body, info, json};

/// Users in one page: few, so that tests see a second one.
const PAGE: usize = 3;

#[derive(Default)]
pub(super) struct Domains {
    /// Whom the file of a domain names as its administrator, and the hash of the key that has to sign.
    files: BTreeMap<DomainName, (Address, Option<Hex<32>>)>,
    /// What was given out to be signed.
    given: Vec<Hex<32>>,
    claimed: BTreeMap<DomainName, Claimed>,
    codes: BTreeMap<[u8; 16], Code>,
    /// Whether registration is closed everywhere.
    closed: bool,
    /// Key pairs that are handed out in place of those that a code was shown with.
    swapped: Option<Vec<SealedKeyPair>>,
}

struct Claimed {
    admin: Address,
    open: bool,
    at: UnixMillis,
}

struct Code {
    address: Address,
    purpose: CodePurpose,
    expires_at: UnixMillis,
}

impl MemoryNode {
    /// Takes new accounts by invitation only from now on.
    pub fn close_registration(&self) {
        self.state().domains.closed = true;
    }

    /// Lets the file of a domain name this node, and an address as its administrator.
    pub fn name_administrator(&self, domain: &DomainName, admin: &Address) {
        let mut state = self.state();
        let file = (admin.clone(), None);
        state.domains.files.insert(domain.clone(), file);
    }

    /// Lets that file name a key, by its hash.
    pub fn name_domain_key(&self, domain: &DomainName, hash: Hex<32>) {
        if let Some((_, key)) = self.state().domains.files.get_mut(domain) {
            *key = Some(hash);
        }
    }

    /// Makes a one-time code, as an administrator does.
    pub fn give_code(&self, address: &Address, purpose: CodePurpose) -> SecretText {
        SecretText::new(self.new_code(address, purpose).code.0.to_string())
    }

    /// Answers whoever uses a code with other keys than they made, as a node does that is up to no good.
    pub fn swap_redeemed(&self, keys: Vec<SealedKeyPair>) {
        self.state().domains.swapped = Some(keys);
    }

    fn new_code(&self, address: &Address, purpose: CodePurpose) -> CodeGiven {
        let code: [u8; 16] = self.0.random.bytes();
        let expires_at = self.now().plus(CODE_LIFETIME_MS);
        let mut state = self.state();
        let codes = &mut state.domains.codes;
        codes.retain(|_, older| older.address != *address || older.purpose != purpose);
        let kept = Code {
            address: address.clone(),
            purpose,
            expires_at,
        };
        codes.insert(code, kept);
        CodeGiven {
            address: address.clone(),
            code: OneTimeCodeHex(Hex(code)),
            expires_at,
        }
    }

    pub(super) fn is_served(&self, domain: &str) -> bool {
        let configured = info().domains.iter().any(|it| it == domain);
        configured || self.claimed(domain)
    }

    /// Whether an address that is free cannot be had without an invitation.
    pub(super) fn is_closed(&self, domain: &str) -> bool {
        let state = self.state();
        let mut claimed = state.domains.claimed.iter();
        let shut = claimed.any(|(name, it)| name.as_str() == domain && !it.open);
        state.domains.closed || shut
    }

    fn claimed(&self, domain: &str) -> bool {
        let state = self.state();
        let mut names = state.domains.claimed.keys();
        names.any(|name| name.as_str() == domain)
    }

    pub(super) fn look_at_code(&self, request: &ShowCodeRequest) -> Answer {
        let (purpose, expires_at) = self.good(&request.address, &request.code)?;
        let state = self.state();
        let account = state.accounts.get(&request.address);
        let newest = account.and_then(|account| account.keys.last());
        Ok(json(&CodeStanding {
            purpose,
            expires_at,
            next_key: newest.map_or(KeyNumber(1), |key| KeyNumber(key.number.0 + 1)),
        }))
    }

    fn good(
        &self,
        address: &Address,
        code: &OneTimeCodeHex,
    ) -> Result<(CodePurpose, UnixMillis), WireError> {
        if !self.is_served(address.domain()) {
            return Err(ErrorCode::DomainNotServed.into());
        }
        let now = self.now();
        let state = self.state();
        let found = state.domains.codes.get(&code.0.0);
        let found = found.filter(|it| it.address == *address && now < it.expires_at);
        let found = found.ok_or(ErrorCode::CodeWrong)?;
        Ok((found.purpose, found.expires_at))
    }

    pub(super) fn redeem(&self, request: RedeemCodeRequest) -> Answer {
        let (purpose, _) = self.good(&request.address, &request.code)?;
        if purpose != request.purpose {
            return Err(ErrorCode::CodeWrong.into());
        }
        let mut state = self.state();
        let known = state.accounts.remove(&request.address);
        let mut account = match (purpose, known) {
            (CodePurpose::Account, None) => Account::new(
                self.new_account_id(),
                request.address.clone(),
                request.login_key.clone(),
            ),
            (CodePurpose::Reset, Some(account)) => account,
            (_, known) => {
                let code = known.as_ref().map(|_| ErrorCode::AddressTaken);
                let back = known.map(|known| (request.address.clone(), known));
                state.accounts.extend(back);
                return Err(code.unwrap_or(ErrorCode::CodeWrong).into());
            }
        };
        let next = account.keys.last().map_or(1, |key| key.number.0 + 1);
        if request.key.number.0 != next {
            state.accounts.insert(request.address, account);
            let conflict = WireError::new(ErrorCode::VersionConflict);
            return Err(conflict.with("version", next - 1));
        }
        state.domains.codes.remove(&request.code.0.0);
        account.login_key = request.login_key.clone();
        account.keys.push(request.key.clone());
        account.end_sessions();
        let mut opened = self.open_session(&mut account, request.device);
        if let Some(swapped) = &state.domains.swapped {
            opened.keys.clone_from(swapped);
        }
        state.accounts.insert(request.address, account);
        Ok(json(&opened))
    }

    /// Key pairs of an account, as the node has them.
    pub fn keys_of(&self, address: &Address) -> Vec<SealedKeyPair> {
        let state = self.state();
        let account = state.accounts.get(address);
        account.map_or_else(Vec::new, |account| account.keys.clone())
    }

    pub(super) fn answer_domains(
        &self,
        from: &Address,
        (method, path): (Method, &[&str]),
        query: &str,
        request: &HttpRequest,
    ) -> Answer {
        match (method, path) {
            (Method::Get, []) => Ok(self.list_domains(from)),
            (Method::Post, []) => self.claim_domain(from, &body(request)?),
            (Method::Post, ["challenge"]) => Ok(self.challenge_domain(&body(request)?)),
            (Method::Get, [domain, "users"]) => self.users(from, domain, query),
            (Method::Put, [domain, "registration"]) => {
                self.set_registration(from, domain, body(request)?)
            }
            (Method::Post, [domain, "invitations"]) => {
                self.give(from, (domain, CodePurpose::Account), &body(request)?)
            }
            (Method::Post, [domain, "resets"]) => {
                self.give(from, (domain, CodePurpose::Reset), &body(request)?)
            }
            _ => Err(ErrorCode::NotFound.into()),
        }
    }

    fn list_domains(&self, from: &Address) -> String {
        let state = self.state();
        let mine = state.domains.claimed.iter();
        let mine = mine.filter(|(_, it)| it.admin == *from);
        json(&DomainList {
            domains: mine.map(|(name, it)| view(name, it)).collect(),
        })
    }

    fn claim_domain(&self, from: &Address, request: &ClaimDomainRequest) -> Answer {
        let now = self.now();
        let mut state = self.state();
        let named = state.domains.files.get(&request.domain).cloned();
        let code = match &named {
            None => Some(ErrorCode::DomainUnproven),
            Some((admin, _)) if admin != from => Some(ErrorCode::DomainAdminOther),
            Some(_) => None,
        };
        if let Some(code) = code {
            let file = WellKnown {
                api_domain: info().api_domain,
                admin: Some(from.to_string()),
                domain_pub_key_hash: None,
            };
            return Err(WireError::new(code).with("file", json(&file)));
        }
        if let Some((_, Some(hash))) = named {
            let proof = request.proof.filter(|proof| {
                let is_given = state.domains.given.contains(&proof.challenge);
                is_given && is_signed(from, &request.domain, &hash, proof)
            });
            let wrong = || WireError::new(ErrorCode::DomainKeyWrong).with("hash", hash);
            let proof = proof.ok_or_else(wrong)?;
            state.domains.given.retain(|it| *it != proof.challenge);
        }
        let claimed = state.domains.claimed.entry(request.domain.clone());
        let claimed = claimed.or_insert(Claimed {
            admin: from.clone(),
            open: false,
            at: now,
        });
        claimed.admin = from.clone();
        Ok(json(&view(&request.domain, claimed)))
    }

    fn challenge_domain(&self, request: &DomainChallengeRequest) -> String {
        let challenge = Hex(self.0.random.bytes());
        self.state().domains.given.push(challenge);
        json(&DomainChallenge {
            // What a client signs it makes by itself.
            text: format!("something else about {}", request.domain),
            challenge,
            expires_at: self.now().plus(CODE_LIFETIME_MS),
            mac: Hex([0; 32]),
        })
    }

    fn set_registration(
        &self,
        from: &Address,
        domain: &str,
        request: SetRegistrationRequest,
    ) -> Answer {
        let domain = self.administered(from, domain)?;
        let mut state = self.state();
        let claimed = state.domains.claimed.get_mut(&domain);
        let claimed = claimed.ok_or(ErrorCode::DomainNotClaimed)?;
        claimed.open = request.open;
        Ok(json(&view(&domain, claimed)))
    }

    fn users(&self, from: &Address, domain: &str, query: &str) -> Answer {
        let domain = self.administered(from, domain)?;
        let after = query.strip_prefix("after=").unwrap_or_default();
        let after = after.replace("%2B", "+");
        let state = self.state();
        let all = state.accounts.values();
        let mut users: Vec<DomainUser> = all
            .filter(|it| it.address.domain() == domain.as_str() && *it.address.as_str() > *after)
            .map(|it| DomainUser {
                address: it.address.clone(),
                created_at: made_at(it),
            })
            .collect();
        let has_more = users.len() > PAGE;
        users.truncate(PAGE);
        Ok(json(&DomainUsers { users, has_more }))
    }

    fn give(
        &self,
        from: &Address,
        (domain, purpose): (&str, CodePurpose),
        request: &GiveCodeRequest,
    ) -> Answer {
        let domain = self.administered(from, domain)?;
        let address: Result<Address, _> = format!("{}@{domain}", request.name).parse();
        let address = address.map_err(|_| ErrorCode::AddressInvalid)?;
        let known = self.state().accounts.contains_key(&address);
        match (purpose, known) {
            (CodePurpose::Account, true) => Err(ErrorCode::AddressTaken.into()),
            (CodePurpose::Reset, false) => Err(ErrorCode::NotFound.into()),
            _ => Ok(json(&self.new_code(&address, purpose))),
        }
    }

    fn administered(&self, from: &Address, domain: &str) -> Result<DomainName, WireError> {
        let state = self.state();
        let mut claimed = state.domains.claimed.iter();
        let found = claimed.find(|(name, it)| name.as_str() == domain && it.admin == *from);
        let (domain, _) = found.ok_or(ErrorCode::DomainNotClaimed)?;
        let named = state.domains.files.get(domain);
        if named.is_some_and(|(admin, _)| admin == from) {
            Ok(domain.clone())
        } else {
            Err(ErrorCode::DomainAdminOther.into())
        }
    }
}

/// When an account was made: its id begins with that.
fn made_at(account: &Account) -> UnixMillis {
    let mut millis = [0; 8];
    millis[2..].copy_from_slice(&account.id.as_bytes()[..6]);
    UnixMillis(u64::from_be_bytes(millis))
}

fn view(domain: &DomainName, claimed: &Claimed) -> DomainView {
    DomainView {
        domain: domain.clone(),
        registration_open: claimed.open,
        takes_accounts: claimed.open,
        claimed_at: Some(claimed.at),
        public_key: None,
    }
}

/// Whether the key of a hash has signed an account's claim.
fn is_signed(admin: &Address, domain: &DomainName, hash: &Hex<32>, proof: &DomainKeyProof) -> bool {
    let given = Given {
        domain,
        // The text has the address.
        account: AccountId::make(UnixMillis(0), [0; 10]),
        challenge: proof.challenge,
        expires_at: proof.expires_at,
    };
    PublicKey::parse(&proof.public_key.0).is_ok_and(|key| {
        let signed = given.verify(&info().api_domain, admin, &key, &proof.signature);
        key_hash(&key) == *hash && signed.is_ok()
    })
}
