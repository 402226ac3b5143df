//! Sessions.

use std::sync::Arc;

use proto::limits::SESSIONS_MAX;

use super::make::{NOW, account, device, new_session};
use crate::store::Store;

pub(crate) async fn device_has_one_session(store: &Arc<dyn Store>) {
    let id = account(store, "sessions@a.example").await;
    let phone = device(1);
    let first = new_session(id, phone, 1, NOW);
    let second = new_session(id, phone, 2, NOW.plus(5));
    assert!(store.open_session(first.clone()).await.unwrap());
    assert!(!store.open_session(second.clone()).await.unwrap());
    assert!(
        store
            .session_by_token(&first.token)
            .await
            .unwrap()
            .is_none()
    );
    let found = store
        .session_by_token(&second.token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.id, found.account), (second.id, id));
    assert_eq!(
        (found.created_at, found.last_used_at),
        (NOW.plus(5), NOW.plus(5))
    );

    // The last used comes first; a use never goes back in time.
    store
        .touch_session(second.id, NOW.plus(100), NOW.plus(1100))
        .await
        .unwrap();
    store
        .touch_session(second.id, NOW.plus(50), NOW.plus(1050))
        .await
        .unwrap();
    let list = store.sessions(id, NOW).await.unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(
        (list[0].id, list[0].last_used_at),
        (second.id, NOW.plus(100))
    );
    assert_eq!(list[0].expires_at, NOW.plus(1100));
    assert!(
        store
            .sessions(id, NOW.plus(1_000_000))
            .await
            .unwrap()
            .is_empty()
    );

    let stranger = account(store, "stranger@a.example").await;
    assert!(!store.end_session(stranger, second.id).await.unwrap());
    assert!(store.end_session(id, second.id).await.unwrap());
    assert!(!store.end_session(id, second.id).await.unwrap());
    assert!(
        store
            .session_by_token(&second.token)
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn full_list_of_sessions_makes_room(store: &Arc<dyn Store>) {
    let id = account(store, "devices@a.example").await;
    for number in 0..u8::try_from(SESSIONS_MAX).unwrap() + 2 {
        let at = NOW.plus(1 + u64::from(number));
        let session = new_session(id, device(number), 1000 + u16::from(number), at);
        assert!(store.open_session(session).await.unwrap());
    }
    let list = store.sessions(id, NOW).await.unwrap();
    assert_eq!(list.len(), SESSIONS_MAX as usize);
    assert_eq!(list[0].created_at, NOW.plus(u64::from(SESSIONS_MAX) + 2));
    assert_eq!(list[list.len() - 1].created_at, NOW.plus(3));
}
