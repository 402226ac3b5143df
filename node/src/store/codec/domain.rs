//! Between the columns of domains and codes, and values.

use proto::{
    api::domain::{CodePurpose, DomainUser},
    ids::AccountId,
};

use super::{
    super::{HostedDomain, StoreError, StoredCode},
    Columns, address, bytes, damaged, millis, value,
};

pub(in super::super) fn purpose_number(purpose: CodePurpose) -> i64 {
    match purpose {
        CodePurpose::Account => 0,
        CodePurpose::Reset => 1,
    }
}

/// The domain of a row.
pub(in super::super) fn hosted_domain(row: &impl Columns) -> Result<HostedDomain, StoreError> {
    let public_key = value::<Option<&[u8]>>(row, "public_key")?;
    let time = |name| match value::<Option<i64>>(row, name)? {
        Some(_) => millis(row, name).map(Some),
        None => Ok(None),
    };
    Ok(HostedDomain {
        name: value::<&str>(row, "name")?.to_owned(),
        admin: optional_account(row, "admin_id")?,
        public_key: match public_key {
            Some(_) => Some(bytes(row, "public_key")?),
            None => None,
        },
        claimed_at: time("claimed_at")?,
        away_since: time("away_since")?,
        registration_open: value::<i64>(row, "registration_open")? == 1,
    })
}

/// The code of a row.
pub(in super::super) fn stored_code(row: &impl Columns) -> Result<StoredCode, StoreError> {
    Ok(StoredCode {
        address: address(row, "address")?,
        purpose: match value::<i64>(row, "purpose")? {
            0 => CodePurpose::Account,
            1 => CodePurpose::Reset,
            _ => return Err(damaged("purpose")),
        },
        made_by: optional_account(row, "made_by")?,
        expires_at: millis(row, "expires_at")?,
    })
}

/// The account of a row, as the administrator of its domain sees it.
pub(in super::super) fn domain_user(row: &impl Columns) -> Result<DomainUser, StoreError> {
    Ok(DomainUser {
        address: address(row, "address")?,
        created_at: millis(row, "created_at")?,
    })
}

fn optional_account(
    row: &impl Columns,
    column: &'static str,
) -> Result<Option<AccountId>, StoreError> {
    match value::<Option<&[u8]>>(row, column)? {
        Some(_) => Ok(Some(AccountId::from_bytes(bytes(row, column)?))),
        None => Ok(None),
    }
}
