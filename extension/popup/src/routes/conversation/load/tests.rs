use std::{
    cell::Cell,
    future::ready,
    task::{Context, Poll, Waker},
};

use proto::{bridge::popup::MessageContent, error::ErrorCode, ids::UnixMillis};

use super::*;
use crate::message::tests::summary;

/// Messages in a page of these tests.
const PAGE: usize = 3;

fn message(number: u64) -> MessageView {
    MessageView {
        id: MessageId::make(UnixMillis(number), [0; 10]),
        at: UnixMillis(number),
        content: MessageContent::Locked {},
        sent: None,
        key: None,
        saved: None,
    }
}

/// A conversation of so many messages, of which those from `oldest` on are shown: numbers of what was
/// read, whether there are older ones, and how many requests it took.
fn check(count: u64, oldest: Option<u64>, more: bool) -> Result<(Vec<u64>, bool, u32), WireError> {
    let all: Vec<MessageView> = (1..=count).map(message).collect();
    let summary = summary("ada@example.com").map_err(|_| WireError::new(ErrorCode::Internal))?;
    let asked = Cell::new(0);
    let page = |before: Option<MessageId>| {
        asked.set(asked.get() + 1);
        let end = before
            .and_then(|id| all.iter().position(|it| it.id == id))
            .unwrap_or(all.len());
        let begin = end.saturating_sub(PAGE);
        ready(Ok(Conversation {
            summary: summary.clone(),
            messages: all[begin..end].to_vec(),
            has_more: begin > 0,
            has_newer: end < all.len(),
        }))
    };
    let shown = Shown {
        oldest: oldest.map(|number| message(number).id),
        count: 0,
    };
    let mut reading = Box::pin(read(page, shown, more));
    let polled = reading
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(read) = polled else {
        return Err(WireError::new(ErrorCode::Internal));
    };
    let read = read?;
    drop(reading);
    let numbers = read.messages.iter().map(|it| it.at.0).collect();
    Ok((numbers, read.has_more, asked.get()))
}

#[test]
fn the_first_time_the_newest_page_is_read() -> Result<(), WireError> {
    assert_eq!(check(0, None, false)?, (vec![], false, 1));
    assert_eq!(check(2, None, false)?, (vec![1, 2], false, 1));
    assert_eq!(check(8, None, false)?, (vec![6, 7, 8], true, 1));
    Ok(())
}

#[test]
fn what_is_on_the_page_stays_there() -> Result<(), WireError> {
    // 4 to 8 were there, then 9 came.
    assert_eq!(check(9, Some(4), false)?, (vec![4, 5, 6, 7, 8, 9], true, 2));
    // Nor does more come up above them.
    assert_eq!(check(9, Some(6), false)?, (vec![6, 7, 8, 9], true, 2));
    assert_eq!(check(3, Some(1), false)?, (vec![1, 2, 3], false, 1));
    Ok(())
}

#[test]
fn older_ones_come_a_page_at_a_time() -> Result<(), WireError> {
    assert_eq!(check(8, Some(6), true)?, (vec![3, 4, 5, 6, 7, 8], true, 2));
    let all = (1..=8).collect();
    assert_eq!(check(8, Some(3), true)?, (all, false, 3));
    Ok(())
}

#[test]
fn one_that_is_gone_is_not_looked_for_forever() -> Result<(), WireError> {
    let (read, has_more, asked) = check(400, Some(999), false)?;
    assert_eq!((read.len(), has_more, asked), (102, true, 34));
    Ok(())
}
