//! Between the columns of messages and values.

use proto::{
    address::Address,
    api::message::{Correspondent, Delivery, KeyStanding, Message, Standing, Suite, Way},
    bytes::{Base64, Hex},
    ids::{AccountId, MessageId, Position},
};

use super::{
    super::{DueDelivery, PullToken, Sealed, StoreError, Terms, Work},
    Columns, bytes, damaged, millis, number, value,
};

pub(in super::super) fn suite_number(suite: Suite) -> i64 {
    match suite {
        Suite::Kp1 => 1,
    }
}

fn suite(number: i64) -> Result<Suite, StoreError> {
    match number {
        1 => Ok(Suite::Kp1),
        _ => Err(damaged("suite")),
    }
}

pub(in super::super) fn standing_number(standing: Standing) -> i64 {
    match standing {
        Standing::Request => 0,
        Standing::Accepted => 1,
        Standing::Blocked => 2,
    }
}

pub(in super::super) fn standing(number: i64) -> Result<Standing, StoreError> {
    match number {
        0 => Ok(Standing::Request),
        1 => Ok(Standing::Accepted),
        2 => Ok(Standing::Blocked),
        _ => Err(damaged("standing")),
    }
}

pub(in super::super) fn key_standing_number(standing: KeyStanding) -> i64 {
    match standing {
        KeyStanding::Active => 0,
        KeyStanding::Earlier => 1,
        KeyStanding::Other => 2,
    }
}

fn key_standing(number: i64) -> Result<KeyStanding, StoreError> {
    match number {
        0 => Ok(KeyStanding::Active),
        1 => Ok(KeyStanding::Earlier),
        2 => Ok(KeyStanding::Other),
        _ => Err(damaged("key_standing")),
    }
}

pub(in super::super) fn delivery_number(delivery: Delivery) -> i64 {
    match delivery {
        Delivery::UnderWay => 0,
        Delivery::Delivered => 1,
        Delivery::Failed => 2,
        Delivery::WorkWanted => 3,
    }
}

fn delivery(number: i64) -> Result<Delivery, StoreError> {
    match number {
        0 => Ok(Delivery::UnderWay),
        1 => Ok(Delivery::Delivered),
        2 => Ok(Delivery::Failed),
        3 => Ok(Delivery::WorkWanted),
        _ => Err(damaged("state")),
    }
}

/// A column of an address.
pub(in super::super) fn address(
    row: &impl Columns,
    column: &'static str,
) -> Result<Address, StoreError> {
    let text: &str = value(row, column)?;
    text.parse().map_err(|_| damaged(column))
}

/// How the message of a row is sealed.
pub(in super::super) fn sealed(row: &impl Columns) -> Result<Sealed, StoreError> {
    Ok(Sealed {
        suite: suite(value(row, "suite")?)?,
        content: value::<&[u8]>(row, "content")?.to_vec(),
        sender_key: bytes(row, "sender_key")?,
        recipient_key: bytes(row, "recipient_key")?,
    })
}

/// The message of a row.
pub(in super::super) fn message(row: &impl Columns) -> Result<Message, StoreError> {
    let sealed = sealed(row)?;
    let way = match (
        value::<Option<i64>>(row, "key_standing")?,
        value::<Option<i64>>(row, "state")?,
    ) {
        (Some(key), None) => Way::Received {
            key: key_standing(key)?,
        },
        (None, Some(state)) => Way::Sent {
            delivery: delivery(state)?,
            reason: value::<Option<&str>>(row, "reason")?.map(str::to_owned),
        },
        _ => return Err(damaged("state")),
    };
    Ok(Message {
        id: MessageId::from_bytes(bytes(row, "message_id")?),
        position: Position(number(row, "position")?),
        address: address(row, "address")?,
        way,
        suite: sealed.suite,
        content: Base64(sealed.content),
        sender_key: Hex(sealed.sender_key),
        recipient_key: Hex(sealed.recipient_key),
        written_at: millis(row, "written_at")?,
    })
}

/// The correspondent of a row.
pub(in super::super) fn correspondent(row: &impl Columns) -> Result<Correspondent, StoreError> {
    Ok(Correspondent {
        address: address(row, "address")?,
        position: Position(number(row, "position")?),
        standing: standing(value(row, "standing")?)?,
        cleared: Position(number(row, "cleared")?),
        changed_at: millis(row, "changed_at")?,
    })
}

/// The delivery of a row that has its work.
pub(in super::super) fn due_delivery(row: &impl Columns) -> Result<DueDelivery, StoreError> {
    let tries = number(row, "tries")?;
    let works = number(row, "works")?;
    let kept: Option<&[u8]> = value(row, "solved_header")?;
    let work = kept.map(|_| {
        Ok(Work {
            solved_header: bytes(row, "solved_header")?,
            target: bytes(row, "target")?,
            expires_at: millis(row, "work_expires_at")?,
            signature: bytes(row, "work_signature")?,
        })
    });
    Ok(DueDelivery {
        account: AccountId::from_bytes(bytes(row, "account_id")?),
        message: MessageId::from_bytes(bytes(row, "message_id")?),
        sender: address(row, "sender")?,
        recipient: address(row, "recipient")?,
        token: PullToken(bytes(row, "token")?),
        work: work.transpose()?,
        tries: u32::try_from(tries).unwrap_or(u32::MAX),
        works: u32::try_from(works).unwrap_or(u32::MAX),
        ends_at: millis(row, "ends_at")?,
    })
}

/// The terms of a row.
pub(in super::super) fn terms(
    row: &impl Columns,
    keys: Vec<[u8; 33]>,
) -> Result<Terms, StoreError> {
    let difficulty = |column| {
        let stored: Option<i64> = value(row, column)?;
        let wanted = stored.map(|tries| u64::try_from(tries).map_err(|_| damaged(column)));
        wanted.transpose()
    };
    Ok(Terms {
        account: AccountId::from_bytes(bytes(row, "id")?),
        standing: value::<Option<i64>>(row, "standing")?
            .map(standing)
            .transpose()?,
        first_difficulty: difficulty("first_difficulty")?,
        later_difficulty: difficulty("later_difficulty")?,
        keys,
    })
}
