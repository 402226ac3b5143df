//! Domains: who administers them, and who is there.

use proto::{
    api::domain::DomainUsers,
    ids::{AccountId, UnixMillis},
};

use super::{
    super::{
        DomainClaim, HostedDomain, StoreError,
        codec::{domain_user, hosted_domain, integer, number},
    },
    recovery::login_hash,
    sql::{Connection, query},
    writer::Operation,
};

pub(super) fn by_name(reader: &Connection, name: &str) -> Result<Option<HostedDomain>, StoreError> {
    query("SELECT * FROM domain WHERE name = ?1")
        .bind(name)
        .fetch_optional(reader)?
        .map(|row| hosted_domain(&row))
        .transpose()
}

pub(super) fn claimed(reader: &Connection) -> Result<Vec<HostedDomain>, StoreError> {
    query("SELECT * FROM domain WHERE claimed_at IS NOT NULL")
        .fetch_all(reader)?
        .iter()
        .map(hosted_domain)
        .collect()
}

pub(super) fn of_admin(
    reader: &Connection,
    admin: AccountId,
) -> Result<Vec<HostedDomain>, StoreError> {
    query("SELECT * FROM domain WHERE admin_id = ?1 ORDER BY name")
        .bind(admin.as_bytes().as_slice())
        .fetch_all(reader)?
        .iter()
        .map(hosted_domain)
        .collect()
}

pub(super) fn users(
    reader: &Connection,
    domain: &str,
    after: &str,
    limit: u32,
) -> Result<DomainUsers, StoreError> {
    let rows = query(
        "SELECT address, created_at FROM account \
         WHERE substr(address, instr(address, '@') + 1) = ?1 AND address > ?2 \
         ORDER BY address LIMIT ?3",
    )
    .bind(domain)
    .bind(after)
    .bind(limit + 1)
    .fetch_all(reader)?;
    let has_more = rows.len() > limit as usize;
    let users = rows.iter().take(limit as usize).map(domain_user);
    Ok(DomainUsers {
        users: users.collect::<Result<_, _>>()?,
        has_more,
    })
}

/// Makes an account the administrator of a domain.
pub(super) struct Claim {
    pub(super) claim: DomainClaim,
    pub(super) max: u32,
}

impl Operation for Claim {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let DomainClaim {
            domain,
            admin,
            public_key,
            at,
            is_open,
        } = &self.claim;
        login_hash(connection, *admin)?;
        let row = query("SELECT count(*) AS others FROM domain WHERE admin_id = ?1 AND name <> ?2")
            .bind(admin.as_bytes().as_slice())
            .bind(domain.as_str())
            .fetch_one(connection)?;
        if number(&row, "others")? >= u64::from(self.max) {
            let max = u64::from(self.max);
            return Err(StoreError::QuotaExceeded { max });
        }
        query(
            "INSERT INTO domain (name, admin_id, public_key, claimed_at, registration_open) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO UPDATE SET \
             registration_open = CASE WHEN excluded.registration_open = 0 \
             AND domain.admin_id IS NOT excluded.admin_id THEN 0 ELSE domain.registration_open END, \
             admin_id = excluded.admin_id, public_key = excluded.public_key, \
             claimed_at = excluded.claimed_at, away_since = NULL",
        )
        .bind(domain.as_str())
        .bind(admin.as_bytes().as_slice())
        .bind(public_key.as_ref().map(<[u8; 33]>::as_slice))
        .bind(integer(at.0))
        .bind(i64::from(*is_open))
        .execute(connection)?;
        Ok(())
    }
}

/// Notes whether a domain is elsewhere.
pub(super) struct SetAway {
    pub(super) domain: String,
    pub(super) since: Option<UnixMillis>,
}

impl Operation for SetAway {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        query("UPDATE domain SET away_since = ?1 WHERE name = ?2")
            .bind(self.since.map(|since| integer(since.0)))
            .bind(self.domain.as_str())
            .execute(connection)?;
        Ok(())
    }
}

/// Opens or closes registration.
pub(super) struct SetRegistration {
    pub(super) domain: String,
    pub(super) open: bool,
}

impl Operation for SetRegistration {
    type Output = ();

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        query(
            "INSERT INTO domain (name, registration_open) VALUES (?1, ?2) \
             ON CONFLICT (name) DO UPDATE SET registration_open = excluded.registration_open",
        )
        .bind(self.domain.as_str())
        .bind(i64::from(self.open))
        .execute(connection)?;
        Ok(())
    }
}
