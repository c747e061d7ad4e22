//! What the store promises, each promise kept on both databases. PostgreSQL is a private server
//! that this binary starts; where it cannot, the tests fail, unless
//! `FIRSTBELL_WITHOUT_POSTGRES=1` says that this is known.

#![cfg(test)]

mod bench;
mod classrooms;
mod connections;
mod credentials;
mod district_tokens;
mod durability;
mod events;
mod groups;
mod logins;
mod migrations;
mod pages;
mod plans;
mod population;
mod purge;
mod roster;
mod settings;
mod signing_keys;
mod sql;
mod syncs;
mod tenancy;
mod webhooks;

/// A module for each promise, with a test for each database.
macro_rules! promises {
    ($($file:ident: $($promise:ident),* $(,)?;)*) => {$($(
        mod $promise {
            #[test]
            fn sqlite() {
                crate::bench::on_sqlite(crate::$file::$promise);
            }

            #[test]
            fn postgres() {
                crate::bench::on_postgres(stringify!($promise), crate::$file::$promise);
            }
        }
    )*)*};
}

promises! {
    sql: every_statement_is_understood;
    migrations: migrating_twice_changes_nothing, a_newer_schema_is_refused,
        what_had_ended_stays_ended_when_it_is_told_by_generations,
        a_roster_of_an_older_schema_is_read_on,
        runs_and_limits_of_an_older_schema_are_read_on;
    settings: settings_read_back_and_raise_their_version, names_are_unique,
        a_connection_can_be_changed,
        whether_a_district_lets_an_application_in_changes_alone,
        everything_of_an_application_can_be_changed,
        a_districts_policy_reads_back;
    logins: a_code_is_redeemed_at_most_once, a_burned_code_buys_nothing,
        a_pending_login_is_finished_once, a_new_session_ends_the_one_before,
        a_visitor_is_read_with_all_roles, what_readers_remember_is_never_old, a_revoked_token_says_so,
        signing_out_ends_all_that_was_until_then,
        what_was_under_way_at_a_suspension_stays_ended;
    classrooms: links_are_kept_changed_and_taken_back,
        a_link_holds_while_its_teacher_is_there_and_teaches_the_section,
        a_section_is_read_with_who_is_in_it;
    pages: pages_put_together_are_the_roster, what_belongs_to_what_is_found,
        an_older_version_is_read_as_it_was, versions_are_kept_for_their_time;
    credentials: credentials_are_provisioned_once,
        login_names_are_told_beside_what_a_version_says_of_them, tries_are_counted_and_forgotten,
        parallel_guesses_are_all_counted;
    groups: a_failed_piece_does_not_sink_its_group, a_panicking_piece_does_not_sink_its_group,
        a_piece_that_comes_late_and_fails_sinks_nobody, a_failure_cannot_be_ignored,
        a_look_is_one_statement;
    durability: acknowledged_writes_survive_a_kill;
    tenancy: a_query_cannot_leave_its_district;
    roster: a_roster_reads_back, readers_see_the_old_roster_or_the_new_one,
        an_empty_change_changes_nothing, digests_hold_for_the_version_that_they_came_with, a_killed_import_is_undone_and_can_be_repeated,
        a_person_who_comes_back_keeps_their_ids, imports_of_one_district_follow_each_other,
        a_change_planned_on_an_old_version_is_refused, everything_can_leave,
        a_change_in_pieces_is_one_change, pieces_that_break_off_change_nothing,
        the_present_roster_in_pages_is_all_of_it;
    signing_keys: a_key_goes_through_its_life, two_nodes_end_with_one_current_key,
        a_compromised_key_is_erased_at_once;
    district_tokens: one_token_is_in_force, a_revoked_token_has_a_successor,
        a_token_ends_with_its_connection;
    events: a_follower_walks_through_every_state_there_was,
        events_are_told_with_the_step_that_made_them,
        a_killed_step_is_undone_and_a_slow_one_tells_nothing, one_node_takes_a_step,
        whoever_follows_no_longer_is_forgotten, a_paused_follower_rests,
        whoever_has_no_cursor_yet_gets_one, a_feed_is_read_from_anywhere_either_way,
        a_feed_is_of_one_application_in_one_district, events_are_kept_for_thirty_days,
        who_rests_longer_than_versions_are_kept_begins_anew;
    syncs: a_run_reads_back_in_every_state, one_run_of_a_district_is_under_way,
        a_run_without_a_sign_of_life_fails_and_makes_room,
        a_run_that_was_taken_for_dead_applies_nothing, a_killed_run_leaves_the_old_roster,
        a_held_run_goes_on_or_is_given_up, a_switch_gives_up_what_was_held,
        an_approved_run_that_fails_before_it_changes_anything_is_held_again,
        a_run_that_is_taken_up_again_is_the_second_ones_alone,
        a_version_knows_to_which_one_an_undo_went_back,
        runs_are_kept_for_their_time,
        an_older_roster_is_read_whole, a_sync_key_and_limits_are_a_districts_own;
    webhooks: one_message_waits_and_one_node_sends_it,
        who_was_too_slow_records_nothing, news_are_never_told_by_a_message_that_went_before,
        what_one_address_answers_says_nothing_of_another,
        news_that_were_not_told_are_inherited_until_some_arrive,
        what_is_due_says_whether_its_receiver_fails,
        a_message_of_an_older_schema_is_as_old_as_it_was;
    purge: purging_now_removes_nothing_live, purging_in_the_end_leaves_no_orphan,
        what_people_who_left_had_goes_with_them;
}
