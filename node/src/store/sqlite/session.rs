//! Sessions.

use proto::{
    api::session::SealedDeviceName,
    ids::{AccountId, SessionId, UnixMillis},
    limits::SESSIONS_MAX,
};

use super::{
    super::{
        KeptSession, NewSession, Renewal, Session, StoreError, TokenHash,
        codec::{SESSION, device_name, device_name_columns, integer, session},
        rules,
    },
    account::{Spend, newest_public_key},
    recovery::{end_others, login_hash, recovery_hash},
    sql::{Connection, query},
    writer::Operation,
};

pub(super) fn by_token(
    reader: &Connection,
    token: &TokenHash,
    now: UnixMillis,
) -> Result<Option<Session>, StoreError> {
    let found = query(format!(
        "SELECT {SESSION} FROM session WHERE token_hash = ?"
    ))
    .bind(token.0.as_slice())
    .fetch_optional(reader)?
    .map(|row| session(&row))
    .transpose()?;
    Ok(found.filter(|session| rules::is_good(session, now)))
}

pub(super) fn renewable(
    reader: &Connection,
    token: &TokenHash,
    now: UnixMillis,
) -> Result<Option<Session>, StoreError> {
    query(format!(
        "SELECT {SESSION} FROM session \
         WHERE (token_hash = ? OR renewed_with = ?) AND last_used_at > ?"
    ))
    .bind(token.0.as_slice())
    .bind(token.0.as_slice())
    .bind(integer(rules::forgotten_since(now).0))
    .fetch_optional(reader)?
    .map(|row| session(&row))
    .transpose()
}

pub(super) fn of_account(
    reader: &Connection,
    account: AccountId,
    now: UnixMillis,
) -> Result<Vec<Session>, StoreError> {
    query(format!(
        "SELECT {SESSION} FROM session WHERE account_id = ? AND last_used_at > ? \
         ORDER BY last_used_at DESC, id DESC"
    ))
    .bind(account.as_bytes().as_slice())
    .bind(integer(rules::forgotten_since(now).0))
    .fetch_all(reader)?
    .iter()
    .map(session)
    .collect()
}

/// Opens a session in place of the device's older one.
pub(super) struct Open(pub(super) NewSession);

impl Operation for Open {
    type Output = bool;

    fn run(&mut self, connection: &Connection) -> Result<bool, StoreError> {
        let id = self.0.account.as_bytes().as_slice();
        let password = login_hash(connection, self.0.account)?;
        if let Some(proven) = &self.0.proven {
            // Whoever was let in by a password that was changed meanwhile stays out.
            let words = recovery_hash(connection, self.0.account)?;
            rules::still_proven(proven, &password, words.as_ref())?;
        }
        let older = query(
            "DELETE FROM session WHERE account_id = ? AND device_id = ? \
             RETURNING name, name_key_number",
        )
        .bind(id)
        .bind(self.0.device.as_bytes().as_slice())
        .fetch_optional(connection)?;
        let name = older.as_ref().map(device_name).transpose()?.flatten();
        // A full list must not lock its owner out: the device away for longest makes room.
        query(
            "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE account_id = ? \
             ORDER BY last_used_at DESC, id DESC LIMIT -1 OFFSET ?)",
        )
        .bind(id)
        .bind(SESSIONS_MAX - 1)
        .execute(connection)?;
        insert(connection, &self.0, name.as_ref())?;
        Ok(older.is_none())
    }
}

/// Gives a session another token.
pub(super) struct Renew(pub(super) Renewal);

impl Operation for Renew {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let renewal = &self.0;
        let active = newest_public_key(connection, renewal.account)?;
        rules::is_active_key(&renewal.key, active)?;
        Spend(renewal.challenge).run(connection)?;
        // The device's own clock of use begins anew with it.
        let renewed = query(
            "UPDATE session SET token_hash = ?, renewed_with = ?, created_at = ?, \
             last_used_at = ? WHERE id = ? AND account_id = ? \
             AND (token_hash = ? OR renewed_with = ?)",
        )
        .bind(renewal.token.0.as_slice())
        .bind(renewal.shown.0.as_slice())
        .bind(integer(renewal.at.0))
        .bind(integer(renewal.at.0))
        .bind(renewal.id.as_bytes().as_slice())
        .bind(renewal.account.as_bytes().as_slice())
        .bind(renewal.shown.0.as_slice())
        .bind(renewal.shown.0.as_slice())
        .execute(connection)?;
        (renewed == 1)
            .then_some(())
            .ok_or(StoreError::SessionMissing)
    }
}

/// Notes a use.
pub(super) struct Touch {
    pub(super) id: SessionId,
    pub(super) used_at: UnixMillis,
}

impl Operation for Touch {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        query("UPDATE session SET last_used_at = ? WHERE id = ? AND last_used_at < ?")
            .bind(integer(self.used_at.0))
            .bind(self.id.as_bytes().as_slice())
            .bind(integer(self.used_at.0))
            .execute(connection)?;
        Ok(())
    }
}

/// Ends a session of an account.
pub(super) struct End {
    pub(super) account: AccountId,
    pub(super) id: SessionId,
}

impl Operation for End {
    type Output = bool;

    fn run(&mut self, connection: &Connection) -> Result<bool, StoreError> {
        let ended = query("DELETE FROM session WHERE id = ? AND account_id = ?")
            .bind(self.id.as_bytes().as_slice())
            .bind(self.account.as_bytes().as_slice())
            .execute(connection)?;
        Ok(ended == 1)
    }
}

/// Ends all sessions of an account but one, and every copy of that one's token.
pub(super) struct EndOthers(pub(super) KeptSession);

impl Operation for EndOthers {
    type Output = u64;

    fn run(&mut self, connection: &Connection) -> Result<u64, StoreError> {
        give_token(connection, &self.0)?;
        end_others(connection, self.0.account, self.0.id)
    }
}

/// Gives a session another token; those before are good for nothing, not even for a renewal.
///
/// # Errors
/// [`StoreError::SessionMissing`]: it is known by another one by now.
pub(super) fn give_token(connection: &Connection, kept: &KeptSession) -> Result<(), StoreError> {
    let given = query(
        "UPDATE session SET token_hash = ?, renewed_with = NULL \
         WHERE id = ? AND account_id = ? AND token_hash = ?",
    )
    .bind(kept.token.0.as_slice())
    .bind(kept.id.as_bytes().as_slice())
    .bind(kept.account.as_bytes().as_slice())
    .bind(kept.shown.0.as_slice())
    .execute(connection)?;
    (given == 1).then_some(()).ok_or(StoreError::SessionMissing)
}

/// Keeps the name of a session's device.
pub(super) struct Rename {
    pub(super) account: AccountId,
    pub(super) id: SessionId,
    pub(super) name: Option<SealedDeviceName>,
}

impl Operation for Rename {
    type Output = bool;

    fn run(&mut self, connection: &Connection) -> Result<bool, StoreError> {
        let (name, key_number) = device_name_columns(self.name.as_ref());
        let named = query(
            "UPDATE session SET name = ?, name_key_number = ? WHERE id = ? AND account_id = ?",
        )
        .bind(name)
        .bind(key_number)
        .bind(self.id.as_bytes().as_slice())
        .bind(self.account.as_bytes().as_slice())
        .execute(connection)?;
        Ok(named == 1)
    }
}

pub(super) fn insert(
    connection: &Connection,
    new: &NewSession,
    name: Option<&SealedDeviceName>,
) -> Result<(), StoreError> {
    let (name, key_number) = device_name_columns(name);
    query(
        "INSERT INTO session (id, account_id, device_id, description, token_hash, created_at, \
         last_used_at, name, name_key_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.id.as_bytes().as_slice())
    .bind(new.account.as_bytes().as_slice())
    .bind(new.device.as_bytes().as_slice())
    .bind(new.description.as_str())
    .bind(new.token.0.as_slice())
    .bind(integer(new.created_at.0))
    .bind(integer(new.created_at.0))
    .bind(name)
    .bind(key_number)
    .execute(connection)?;
    Ok(())
}
