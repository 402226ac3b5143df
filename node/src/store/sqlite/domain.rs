//! Domains: who administers them, and who is there.

use async_trait::async_trait;
use proto::{
    api::domain::DomainUsers,
    ids::{AccountId, UnixMillis},
};
use sqlx::{SqliteConnection, SqlitePool};

use super::{
    super::{
        DomainClaim, HostedDomain, StoreError,
        codec::{domain_user, hosted_domain, integer, number},
    },
    recovery::login_hash,
    writer::Operation,
};

pub(super) async fn by_name(
    readers: &SqlitePool,
    name: &str,
) -> Result<Option<HostedDomain>, StoreError> {
    sqlx::query("SELECT * FROM domain WHERE name = ?1")
        .bind(name)
        .fetch_optional(readers)
        .await
        .map_err(StoreError::database)?
        .map(|row| hosted_domain(&row))
        .transpose()
}

pub(super) async fn claimed(readers: &SqlitePool) -> Result<Vec<HostedDomain>, StoreError> {
    sqlx::query("SELECT * FROM domain WHERE claimed_at IS NOT NULL")
        .fetch_all(readers)
        .await
        .map_err(StoreError::database)?
        .iter()
        .map(hosted_domain)
        .collect()
}

pub(super) async fn of_admin(
    readers: &SqlitePool,
    admin: AccountId,
) -> Result<Vec<HostedDomain>, StoreError> {
    sqlx::query("SELECT * FROM domain WHERE admin_id = ?1 ORDER BY name")
        .bind(admin.as_bytes().as_slice())
        .fetch_all(readers)
        .await
        .map_err(StoreError::database)?
        .iter()
        .map(hosted_domain)
        .collect()
}

pub(super) async fn users(
    readers: &SqlitePool,
    domain: &str,
    after: &str,
    limit: u32,
) -> Result<DomainUsers, StoreError> {
    let rows = sqlx::query(
        "SELECT address, created_at FROM account \
         WHERE substr(address, instr(address, '@') + 1) = ?1 AND address > ?2 \
         ORDER BY address LIMIT ?3",
    )
    .bind(domain)
    .bind(after)
    .bind(limit + 1)
    .fetch_all(readers)
    .await
    .map_err(StoreError::database)?;
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

#[async_trait]
impl Operation for Claim {
    type Output = ();

    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let DomainClaim {
            domain,
            admin,
            public_key,
            at,
            is_open,
        } = &self.claim;
        login_hash(connection, *admin).await?;
        let row =
            sqlx::query("SELECT count(*) AS others FROM domain WHERE admin_id = ?1 AND name <> ?2")
                .bind(admin.as_bytes().as_slice())
                .bind(domain)
                .fetch_one(&mut *connection)
                .await
                .map_err(StoreError::database)?;
        if number(&row, "others")? >= u64::from(self.max) {
            let max = u64::from(self.max);
            return Err(StoreError::QuotaExceeded { max });
        }
        sqlx::query(
            "INSERT INTO domain (name, admin_id, public_key, claimed_at, registration_open) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO UPDATE SET \
             registration_open = CASE WHEN excluded.registration_open = 0 \
             AND domain.admin_id IS NOT excluded.admin_id THEN 0 ELSE domain.registration_open END, \
             admin_id = excluded.admin_id, public_key = excluded.public_key, \
             claimed_at = excluded.claimed_at, away_since = NULL",
        )
        .bind(domain)
        .bind(admin.as_bytes().as_slice())
        .bind(public_key.as_ref().map(<[u8; 33]>::as_slice))
        .bind(integer(at.0))
        .bind(i64::from(*is_open))
        .execute(connection)
        .await
        .map_err(StoreError::database)?;
        Ok(())
    }
}

/// Notes whether a domain is elsewhere.
pub(super) struct SetAway {
    pub(super) domain: String,
    pub(super) since: Option<UnixMillis>,
}

#[async_trait]
impl Operation for SetAway {
    type Output = ();

    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        sqlx::query("UPDATE domain SET away_since = ?1 WHERE name = ?2")
            .bind(self.since.map(|since| integer(since.0)))
            .bind(&self.domain)
            .execute(connection)
            .await
            .map_err(StoreError::database)?;
        Ok(())
    }
}

/// Opens or closes registration.
pub(super) struct SetRegistration {
    pub(super) domain: String,
    pub(super) open: bool,
}

#[async_trait]
impl Operation for SetRegistration {
    type Output = ();

    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO domain (name, registration_open) VALUES (?1, ?2) \
             ON CONFLICT (name) DO UPDATE SET registration_open = excluded.registration_open",
        )
        .bind(&self.domain)
        .bind(i64::from(self.open))
        .execute(connection)
        .await
        .map_err(StoreError::database)?;
        Ok(())
    }
}
