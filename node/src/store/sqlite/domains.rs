//! [`Domains`] on `SQLite`.

use async_trait::async_trait;
use proto::{
    api::domain::DomainUsers,
    ids::{AccountId, UnixMillis},
};

use super::{
    super::{
        AccountReset, CodeHash, DomainClaim, Domains, HostedDomain, NewAccount, NewCode,
        StoreError, StoredCode,
    },
    SqliteStore, code, domain,
};

#[async_trait]
impl Domains for SqliteStore {
    async fn domain(&self, name: &str) -> Result<Option<HostedDomain>, StoreError> {
        self.readers
            .read(|reader| domain::by_name(reader, name))
            .await
    }

    async fn claimed_domains(&self) -> Result<Vec<HostedDomain>, StoreError> {
        self.readers.read_aside(domain::claimed).await
    }

    async fn set_away(&self, domain: &str, since: Option<UnixMillis>) -> Result<(), StoreError> {
        let domain = domain.to_owned();
        self.writer.run(domain::SetAway { domain, since }).await
    }

    async fn domains_of(&self, admin: AccountId) -> Result<Vec<HostedDomain>, StoreError> {
        self.readers
            .read(|reader| domain::of_admin(reader, admin))
            .await
    }

    async fn claim_domain(&self, claim: DomainClaim, max: u32) -> Result<(), StoreError> {
        self.writer.run(domain::Claim { claim, max }).await
    }

    async fn set_registration(&self, domain: &str, open: bool) -> Result<(), StoreError> {
        let domain = domain.to_owned();
        self.writer
            .run(domain::SetRegistration { domain, open })
            .await
    }

    async fn users(
        &self,
        domain: &str,
        after: &str,
        limit: u32,
    ) -> Result<DomainUsers, StoreError> {
        let (domain, after) = (domain.to_owned(), after.to_owned());
        self.readers
            .read_aside(move |reader| domain::users(reader, &domain, &after, limit))
            .await
    }

    async fn put_code(&self, code: NewCode, max: u32) -> Result<(), StoreError> {
        self.writer.run(code::Put { code, max }).await
    }

    async fn code(
        &self,
        hash: &CodeHash,
        now: UnixMillis,
    ) -> Result<Option<StoredCode>, StoreError> {
        self.readers
            .read(|reader| code::by_hash(reader, hash, now))
            .await
    }

    async fn create_invited(&self, new: NewAccount, code: CodeHash) -> Result<(), StoreError> {
        self.writer.run(code::CreateInvited { new, code }).await
    }

    async fn reset_account(&self, reset: AccountReset) -> Result<(), StoreError> {
        self.writer.run(code::Reset(reset)).await
    }
}
