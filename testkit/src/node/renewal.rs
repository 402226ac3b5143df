//! Sessions that go on by the account's key.

use engine::platform::HttpRequest;
use proto::{
    api::{
        account::SessionTokenHex,
        session::{RenewSessionRequest, RenewalChallenge, SessionRenewed},
    },
    bytes::Hex,
    error::ErrorCode,
    limits::{DEVICE_KEPT_MS, RENEWAL_CHALLENGE_MS, SESSION_MAX_MS},
};
use wasm_core::{
    keys::PublicKey,
    renewal::{Renewal, check_challenge, make_challenge, token_hash},
    secret::ChallengeKey,
};

use super::{Answer, MemoryNode, account::shown, json};

fn challenge_key() -> ChallengeKey {
    ChallengeKey::init_with(|key| key.fill(1))
}

impl MemoryNode {
    pub(super) fn renewal_challenge(&self, request: &HttpRequest) -> Answer {
        let token = token_hash(&SessionTokenHex(shown(request)?));
        let expires_at = self.now().plus(RENEWAL_CHALLENGE_MS);
        let random = Hex(self.0.random.bytes());
        let made = make_challenge(&challenge_key(), &token, random, expires_at);
        Ok(json(&made))
    }

    pub(super) fn renew_session(&self, request: &HttpRequest, ask: &RenewSessionRequest) -> Answer {
        let (now, token) = (self.now(), shown(request)?);
        let hash = token_hash(&SessionTokenHex(token));
        let challenge = RenewalChallenge {
            challenge: ask.challenge,
            expires_at: ask.expires_at,
            mac: ask.mac,
        };
        if now >= challenge.expires_at {
            return Err(ErrorCode::ChallengeExpired.into());
        }
        check_challenge(&challenge_key(), &hash, &challenge)
            .map_err(|_| ErrorCode::ChallengeForged)?;
        let mut state = self.state();
        let found = state.accounts.values_mut().find_map(|account| {
            let mut sessions = account.sessions.iter();
            let (known_by, _) = sessions.find(|(known_by, session)| {
                (**known_by == token.0 || session.renewed_with == Some(token.0))
                    && now < session.used_at.plus(DEVICE_KEPT_MS)
            })?;
            let known_by = *known_by;
            Some((account, known_by))
        });
        let (account, known_by) = found.ok_or(ErrorCode::SessionInvalid)?;
        let session = &account.sessions[&known_by];
        let signed = Renewal {
            address: &account.address,
            account: account.id,
            device: session.device.id,
            token_hash: &hash,
            challenge: &challenge,
        };
        let active = account.keys.last().map(|key| key.public_key.0);
        let key = active.and_then(|key| PublicKey::parse(&key).ok());
        let right = key.is_some_and(|key| signed.verify(&key, &ask.signature).is_ok());
        if !right {
            return Err(ErrorCode::SessionInvalid.into());
        }
        if !state.renewals.insert(ask.challenge.0) {
            return Err(ErrorCode::ChallengeSpent.into());
        }
        let next = self.0.random.bytes::<32>();
        let accounts = state.accounts.values_mut();
        for sessions in accounts.map(|account| &mut account.sessions) {
            if let Some(mut session) = sessions.remove(&known_by) {
                session.renewed_with = Some(token.0);
                (session.created_at, session.used_at) = (now, now);
                sessions.insert(next, session);
            }
        }
        Ok(json(&SessionRenewed {
            token: SessionTokenHex(Hex(next)),
            expires_at: now.plus(SESSION_MAX_MS),
        }))
    }
}
