//! Whole stories, told as a user would, played in real browsers.

mod account;
mod cards;
mod clickjack;
mod compare;
mod context_menu;
mod detect;
mod devices;
mod domains;
mod export;
mod fill;
mod found;
mod frames;
pub(crate) mod host;
mod hostile;
mod import;
mod inline;
mod keys;
mod letters;
mod messages;
mod notices;
mod offers;
mod outbox;
mod patterns;
mod pin;
mod prices;
mod recovery;
mod refuse;
mod resilience;
mod runner;
mod save;
mod screens;
mod sign_in;
mod solver;
mod sync;
mod vault;

use std::{pin::Pin, time::Duration};

use anyhow::Result;

pub use self::runner::{Filter, Outcome, Tally, run};
use crate::{browser::Kind, stage::Stage};

/// A story that is being played.
pub type Play<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// One story.
pub struct Story {
    /// What it shows, as a fact.
    pub name: &'static str,
    /// Time after which it has failed.
    pub limit: Duration,
    /// Browsers that it is about.
    pub browsers: &'static [Kind],
    /// Plays it.
    pub play: for<'a> fn(&'a Stage) -> Play<'a>,
}

/// Makes one [`Story`] of each function, named by the function's path.
macro_rules! stories {
    ($($module:ident::$name:ident $limit:literal s in $browsers:ident;)*) => {
        &[$(Story {
            name: concat!(stringify!($module), "::", stringify!($name)),
            limit: Duration::from_secs($limit),
            browsers: $browsers,
            play: |stage| Box::pin($module::$name(stage)),
        }),*]
    };
}

const CHROMIUM: &[Kind] = &[Kind::Chromium];
const FIREFOX: &[Kind] = &[Kind::Firefox];
const BOTH: &[Kind] = &[Kind::Chromium, Kind::Firefox];

/// All stories, in the order of a first day with Pearvault.
pub const STORIES: &[Story] = stories![
    account::a_new_address_becomes_an_account 180 s in BOTH;
    account::a_taken_address_is_told_at_once 120 s in BOTH;
    account::work_can_be_cancelled 120 s in BOTH;
    account::a_second_device_sees_the_same_vault 180 s in BOTH;
    devices::a_change_comes_to_the_other_device_by_itself 480 s in BOTH;
    devices::a_change_comes_without_web_sockets 480 s in BOTH;
    devices::a_change_comes_without_answers_that_go_on 480 s in BOTH;
    messages::two_people_on_two_servers_write_and_share_a_login 300 s in BOTH;
    messages::a_message_waits_for_a_server_that_is_away 300 s in BOTH;
    letters::two_pages_keep_what_is_written_in_each 180 s in BOTH;
    compare::a_picture_of_the_other_sides_code_says_whether_it_is_the_same 300 s in BOTH;
    found::a_word_leads_to_where_it_was_said 300 s in BOTH;
    notices::what_came_is_told_without_saying_what 300 s in BOTH;
    keys::a_rotated_key_is_looked_at_before_anything_is_sent 300 s in BOTH;
    keys::another_device_opens_the_new_key_with_the_password 300 s in BOTH;
    prices::a_raised_difficulty_is_what_a_stranger_pays 300 s in BOTH;
    domains::a_domain_is_claimed_and_somebody_invited 300 s in BOTH;
    host::a_paired_host_works_on_proofs 300 s in BOTH;
    host::an_account_moves_in_and_back 300 s in BOTH;
    host::nothing_goes_past_a_proxy 300 s in BOTH;
    host::a_locked_screen_locks_the_vault 300 s in CHROMIUM;
    host::two_browsers_share_an_account 300 s in BOTH;
    host::what_another_uses_is_left_to_it 300 s in BOTH;
    host::no_secret_stays_in_memory 480 s in BOTH;
    host::the_keyring_opens_the_vault 300 s in BOTH;
    host::what_is_copied_goes_with_the_vault 300 s in BOTH;
    domains::a_reset_leaves_the_vault_locked_until_the_old_password 300 s in BOTH;
    domains::whoever_lost_the_old_password_goes_on_without_it 300 s in BOTH;
    devices::both_change_one_item_and_the_user_chooses 300 s in BOTH;
    devices::the_others_are_named_and_signed_out 240 s in BOTH;
    sync::home_says_why_and_since_when_it_is_not_synced 240 s in BOTH;
    sync::a_server_that_was_set_back_is_named_and_repaired 300 s in BOTH;
    sync::a_sync_by_hand_says_what_came_of_it 240 s in BOTH;
    sync::a_server_that_leaves_something_out_is_named 240 s in BOTH;
    recovery::words_are_confirmed_after_an_account_was_made 180 s in BOTH;
    recovery::a_fresh_browser_recovers_the_vault 240 s in BOTH;
    recovery::a_changed_password_signs_the_other_device_out 240 s in BOTH;
    account::a_wrong_password_does_not_open_the_vault 120 s in BOTH;
    account::a_locked_vault_fills_nothing 120 s in BOTH;
    account::the_vault_is_locked_after_a_restart_of_the_browser 180 s in BOTH;
    account::only_who_is_there_keeps_the_vault_open 120 s in BOTH;
    pin::a_pin_opens_the_vault_after_four_wrong_ones 180 s in BOTH;
    pin::five_wrong_pins_ask_for_the_password 180 s in BOTH;
    pin::a_killed_worker_forgets_no_wrong_pin 180 s in BOTH;
    pin::a_pin_ends_with_the_browser 180 s in BOTH;
    vault::a_login_is_saved_found_edited_deleted_and_brought_back 180 s in BOTH;
    vault::an_earlier_password_comes_back 180 s in BOTH;
    vault::a_draft_survives_the_closing_of_the_popup 120 s in BOTH;
    vault::everything_can_be_done_with_the_keyboard 180 s in BOTH;
    import::files_of_other_programs_come_into_the_vault 180 s in BOTH;
    import::the_page_answers_while_a_large_file_is_read 240 s in BOTH;
    export::a_vault_leaves_sealed_and_comes_back 180 s in BOTH;
    export::a_vault_leaves_readable_for_other_programs 180 s in BOTH;
    fill::five_practice_pages_are_filled 240 s in BOTH;
    fill::a_page_with_the_strictest_policy_is_filled_and_signed_in_to 120 s in BOTH;
    fill::harder_pages_are_filled 240 s in BOTH;
    fill::a_page_with_the_names_of_properties_is_filled 120 s in BOTH;
    fill::a_one_time_code_is_filled 120 s in BOTH;
    fill::enter_in_the_popup_under_the_toolbar_button_fills 120 s in BOTH;
    fill::the_shortcut_fills 120 s in BOTH;
    inline::a_menu_at_the_field_fills_by_keyboard_and_by_pointer 120 s in BOTH;
    inline::of_several_accounts_the_last_used_stands_first 120 s in BOTH;
    inline::a_lock_takes_menu_and_offer_out_of_the_page 120 s in BOTH;
    save::a_login_that_was_typed_is_offered_and_saved 120 s in BOTH;
    save::a_single_page_sign_in_is_offered_too 120 s in BOTH;
    save::a_new_password_is_made_at_the_field 120 s in BOTH;
    offers::a_changed_password_changes_the_right_login 120 s in BOTH;
    offers::a_login_over_two_pages_is_offered_with_its_name 120 s in BOTH;
    offers::a_site_is_never_asked_about_again 120 s in BOTH;
    cards::what_goes_where_is_shown_before_it_is_filled 120 s in BOTH;
    cards::a_card_goes_to_no_open_page_and_no_foreign_frame 120 s in BOTH;
    context_menu::its_entries_fill_a_login_and_take_it_back 120 s in BOTH;
    context_menu::an_address_in_a_page_is_written_to_where_the_user_asks 180 s in BOTH;
    context_menu::a_tab_about_somebody_is_followed_once 120 s in BOTH;
    sign_in::a_server_gets_the_login_that_was_chosen 180 s in FIREFOX;
    sign_in::chromium_is_not_asked_for_web_requests 60 s in CHROMIUM;
    clickjack::hostile_pages_get_nothing 36000 s in BOTH;
    clickjack::a_stranger_in_the_menu_gets_nothing 180 s in BOTH;
    clickjack::ordinary_pages_are_filled 7200 s in BOTH;
    detect::a_page_finds_nothing_before_its_user_acts 180 s in BOTH;
    detect::a_page_reads_no_text_of_the_menu 120 s in BOTH;
    screens::a_fill_is_taken_back_from_the_popup 120 s in BOTH;
    screens::an_identity_is_written_with_all_its_parts 120 s in BOTH;
    screens::what_happens_on_pages_can_be_turned_off 120 s in BOTH;
    frames::a_frame_that_has_to_be_scrolled_to_is_filled 120 s in BOTH;
    frames::frames_that_nobody_sees_stay_empty 180 s in BOTH;
    frames::a_transparent_frame_stays_empty 120 s in CHROMIUM;
    frames::a_busy_frame_does_not_hold_up_the_page 120 s in BOTH;
    refuse::three_practice_pages_are_refused 180 s in BOTH;
    refuse::other_frames_and_sites_are_refused 180 s in BOTH;
    refuse::a_card_goes_nowhere_but_where_it_was_shown 120 s in BOTH;
    refuse::forms_that_are_no_logins_stay_empty 180 s in BOTH;
    refuse::pages_cannot_tell_that_the_extension_is_there 120 s in BOTH;
    hostile::hostile_pages_neither_hang_nor_mislead 900 s in BOTH;
    patterns::forms 240 s in BOTH;
    patterns::frameworks 240 s in BOTH;
    patterns::shadow 240 s in BOTH;
    patterns::codes 240 s in BOTH;
    patterns::new_password 240 s in BOTH;
    patterns::checkout 240 s in BOTH;
    patterns::never 240 s in BOTH;
    patterns::languages 240 s in BOTH;
    patterns::hostile 240 s in BOTH;
    solver::engines_of_the_browser_find_what_the_definition_finds 240 s in BOTH;
    solver::a_lost_graphics_device_is_opened_again 120 s in CHROMIUM;
    solver::a_graphics_device_in_software_is_measured_and_not_preferred 240 s in CHROMIUM;
    solver::work_that_outlasts_its_task_is_told 180 s in BOTH;
    solver::who_runs_on_battery_is_asked_once 180 s in CHROMIUM;
    resilience::the_worker_dies_before_every_step 300 s in BOTH;
    resilience::work_goes_on_when_the_worker_dies 180 s in BOTH;
    resilience::the_node_goes_away_and_comes_back 240 s in BOTH;
    resilience::a_killed_node_keeps_what_it_acknowledged 180 s in BOTH;
    outbox::nothing_saved_is_lost_or_doubled_by_deaths 36000 s in BOTH;
];
