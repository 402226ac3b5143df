//! One-time codes: given out, and shown for an account.

use proto::{address::Address, api::domain::CodePurpose, ids::UnixMillis};

use super::{
    super::{
        AccountReset, CodeHash, NewAccount, NewCode, StoreError, StoredCode,
        codec::{integer, key, number, purpose_number, stored_code},
        domains::fits,
        rules::is_next_key,
    },
    account::{self, insert_key, state_of},
    recovery::login_hash,
    session,
    sql::{Connection, query},
    writer::Operation,
};

pub(super) fn by_hash(
    reader: &Connection,
    hash: &CodeHash,
    now: UnixMillis,
) -> Result<Option<StoredCode>, StoreError> {
    query("SELECT * FROM one_time_code WHERE code_hash = ?1 AND expires_at > ?2")
        .bind(hash.0.as_slice())
        .bind(integer(now.0))
        .fetch_optional(reader)?
        .map(|row| stored_code(&row))
        .transpose()
}

/// Keeps a code in place of the one before.
pub(super) struct Put {
    pub(super) code: NewCode,
    pub(super) max: u32,
}

impl Operation for Put {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let code = &self.code;
        if let Some(maker) = code.made_by {
            login_hash(connection, maker)?;
        }
        fits(code, state_of(connection, &code.address)?)?;
        let purpose = purpose_number(code.purpose);
        let made_by = code.made_by.as_ref().map(|id| id.as_bytes().as_slice());
        query("DELETE FROM one_time_code WHERE address = ?1 AND purpose = ?2")
            .bind(code.address.as_str())
            .bind(purpose)
            .execute(connection)?;
        let row = query("SELECT count(*) AS open FROM one_time_code WHERE made_by IS ?1")
            .bind(made_by)
            .fetch_one(connection)?;
        if number(&row, "open")? >= u64::from(self.max) {
            let max = u64::from(self.max);
            return Err(StoreError::QuotaExceeded { max });
        }
        query(
            "INSERT INTO one_time_code (code_hash, address, purpose, made_by, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (address, purpose) DO UPDATE SET \
             code_hash = excluded.code_hash, made_by = excluded.made_by, expires_at = excluded.expires_at",
        )
        .bind(code.hash.0.as_slice())
        .bind(code.address.as_str())
        .bind(purpose)
        .bind(made_by)
        .bind(integer(code.expires_at.0))
        .execute(connection)?;
        Ok(())
    }
}

/// Spends a code and makes the account that it is for.
pub(super) struct CreateInvited {
    pub(super) new: NewAccount,
    pub(super) code: CodeHash,
}

impl Operation for CreateInvited {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let new = &self.new;
        let shown = (&self.code, &new.address, CodePurpose::Account);
        spend(connection, shown, new.created_at)?;
        account::Create(new.clone()).run(connection)
    }
}

/// Spends a code and lets its owner begin anew, with the vault that was.
pub(super) struct Reset(pub(super) AccountReset);

impl Operation for Reset {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let reset = &self.0;
        login_hash(connection, reset.account)?;
        let shown = (&reset.code, &reset.address, CodePurpose::Reset);
        spend(connection, shown, reset.at)?;
        let newest = query(
            "SELECT number, public_key, sealed_private_key FROM address_key WHERE account_id = ?1 ORDER BY number DESC LIMIT 1",
        )
        .bind(reset.account.as_bytes().as_slice())
        .fetch_optional(connection)?
        .map(|row| key(&row))
        .transpose()?;
        if !is_next_key(newest.as_ref(), &reset.key)? {
            // That of before, sealed as before: whoever forgot the password cannot have it.
            return Err(StoreError::KeyMissing);
        }
        // The older keys stay under the hash of the password that opens them.
        query("UPDATE account SET login_key_hash = ?1 WHERE id = ?2")
            .bind(reset.login_hash.as_bytes().as_slice())
            .bind(reset.account.as_bytes().as_slice())
            .execute(connection)?;
        insert_key(
            connection,
            reset.account,
            &reset.key,
            &reset.login_hash,
            reset.at,
        )?;
        query("DELETE FROM session WHERE account_id = ?1")
            .bind(reset.account.as_bytes().as_slice())
            .execute(connection)?;
        session::insert(connection, &reset.session, None)
    }
}

/// Spends a code for an address and a purpose, if it is good at `now`.
fn spend(
    connection: &Connection,
    (code, address, purpose): (&CodeHash, &Address, CodePurpose),
    now: UnixMillis,
) -> Result<(), StoreError> {
    let done = query(
        "DELETE FROM one_time_code \
         WHERE code_hash = ?1 AND address = ?2 AND purpose = ?3 AND expires_at > ?4",
    )
    .bind(code.0.as_slice())
    .bind(address.as_str())
    .bind(purpose_number(purpose))
    .bind(integer(now.0))
    .execute(connection)?;
    if done == 1 {
        Ok(())
    } else {
        Err(StoreError::CodeWrong)
    }
}
