//! What every store must do: one suite for all of them, by table.
//!
//! `contract!(open)` makes a test of each fact, on the stores that `open` makes.

pub(crate) mod account;
pub(crate) mod challenge;
pub(crate) mod domain;
pub(crate) mod history;
pub(crate) mod key;
pub(crate) mod life;
pub(crate) mod make;
pub(crate) mod manifest;
pub(crate) mod message;
pub(crate) mod recovery;
pub(crate) mod session;
pub(crate) mod vault;

use std::{any::Any, sync::Arc};

use super::Store;

/// A store that holds nothing yet.
pub(crate) struct Fresh {
    pub(crate) store: Arc<dyn Store>,
    /// What has to live as long: its folder, its server.
    _home: Box<dyn Any + Send + Sync>,
}

impl Fresh {
    pub(crate) fn new(store: impl Store, home: impl Any + Send + Sync) -> Self {
        Self {
            store: Arc::new(store),
            _home: Box::new(home),
        }
    }
}

/// One test of each fact. `$open` is a path of an `async fn() -> Option<Fresh>`; where there is no
/// such database on this machine, it says so and makes none.
macro_rules! contract {
    ($open:path) => {
        contract! { $open:
            account: one_of_many_gets_an_address, deleted_account_leaves_only_a_taken_address;
            challenge: challenge_is_spent_once;
            domain: code_makes_one_account_once, codes_go_with_who_gave_them,
                domain_has_one_administrator, reset_leaves_keys_and_vault_as_they_are,
                users_are_those_of_one_domain;
            history: old_versions_make_room, versions_stay_until_they_are_too_many,
                what_nobody_wants_back_is_purged, write_is_known_by_its_id_for_ever;
            key: keys_are_numbered_in_order;
            life: closed_store_takes_nothing, what_is_over_is_purged;
            manifest: links_follow_one_another;
            message: deleted_conversation_leaves_room, delivery_is_claimed_by_one_of_many,
                delivery_waits_for_its_time_and_for_other_work,
                keys_that_a_domain_has_named_are_known,
                message_is_on_its_way_until_it_is_delivered,
                message_on_this_node_is_with_both_or_with_neither, pages_hold_every_change_once,
                same_message_twice_is_one, slow_domain_leaves_room_for_others, strangers_wait_and_blocked_ones_stay_out,
                work_pays_for_one_message;
            recovery: key_is_added_for_the_words_that_are_set_or_not_at_all, newer_words_replace_the_older, one_of_many_changes_the_password,
                outdated_proof_changes_nothing,
                password_changes_with_its_keys_and_ends_other_sessions,
                proof_from_before_a_change_opens_nothing, words_allow_a_password,
                words_go_with_their_account, words_open_keys_of_their_account_only;
            session: device_has_one_session, ended_session_is_never_renewed,
                full_list_of_sessions_makes_room, name_stays_with_the_device,
                renewal_is_of_the_active_key_and_an_unspent_challenge, session_ends_by_age,
                session_that_ended_by_age_is_renewed;
            vault: failing_write_fails_alone, full_vault_takes_no_more,
                item_goes_from_version_to_version, many_are_asked_for_at_once,
                one_of_many_writes_a_version,
                page_ends_after_four_mebibytes, pages_hold_every_item_once,
                same_write_twice_is_one_write;
        }
    };
    ($open:path: $($table:ident: $($fact:ident),+;)+) => {$($(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $fact() {
            if let Some(fresh) = $open().await {
                $crate::store::contract::$table::$fact(&fresh.store).await;
            }
        }
    )+)+};
}
pub(crate) use contract;
