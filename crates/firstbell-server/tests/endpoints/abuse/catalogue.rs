//! That every number of the catalogue is answered for: by a row of a table, by another test, or by
//! the reason why there is nothing to try.

use std::collections::BTreeSet;
use std::path::Path;

use super::{tables, wire};

/// The groups of the catalogue, and how many numbers each has.
const GROUPS: [(&str, u32); 18] = [
    ("A", 25),
    ("B", 22),
    ("C", 24),
    ("D", 12),
    ("E", 14),
    ("F", 18),
    ("G", 20),
    ("H", 14),
    ("I", 12),
    ("J", 12),
    ("M", 20),
    ("P", 10),
    ("T", 18),
    ("U", 26),
    ("V", 10),
    ("W", 10),
    ("Y", 16),
    ("Z", 22),
];

const SERVER: &str = "firstbell-server/tests/endpoints";
const PROGRAM: &str = "firstbell-server/tests/program";
const SOURCES: &str = "firstbell-server/src";
const STORE: &str = "firstbell-store";
const CORE: &str = "firstbell-core/src";
const ROSTER: &str = "firstbell-roster/tests/roster";
const ROSTER_SRC: &str = "firstbell-roster/src";
const PASSWORDS: &str = "firstbell-upstream/src";

/// Shown by another test: the number, where it is below `crates/`, and its name.
const ELSEWHERE: &[(&str, &str, &str, &str)] = &[
    ("C-18", PROGRAM, "serve.rs", "a_production_application_must_not_use_http"),
    ("C-24", SERVER, "abuse/parsers.rs", "what_we_take_other_parsers_read_alike"),
    ("E-05", STORE, "tests/promises/logins.rs", "a_code_is_redeemed_at_most_once"),
    ("E-06", STORE, "tests/promises/durability.rs", "acknowledged_writes_survive_a_kill"),
    ("E-08", STORE, "tests/promises/groups.rs", "a_failed_piece_does_not_sink_its_group"),
    ("G-04", SERVER, "login/password.rs", "cookies_are_out_of_reach_of_scripts_and_other_hosts"),
    ("G-07", SERVER, "portal/sign_out.rs", "i_am_done_ends_the_session_for_good"),
    ("G-18", SERVER, "abuse/markers.rs", "no_secret_is_kept_as_it_is"),
    ("H-06", SERVER, "abuse/routes.rs", "every_route_has_its_row_and_its_headers"),
    ("I-12", SERVER, "data_api/me.rs", "a_person_with_several_roles_has_them_all_under_one_id"),
    ("J-01", CORE, "login/signing_key.rs", "each_algorithm_has_its_keys"),
    ("J-07", CORE, "login/signing_key.rs", "through_a_year_every_signature_can_be_verified"),
    (
        "J-08",
        SERVER,
        "oidc/discovery.rs",
        "a_compromised_key_counts_no_more_and_the_next_one_signs",
    ),
    ("J-09", SERVER, "abuse/routes.rs", "what_is_public_names_what_is_configured_and_no_secret"),
    ("J-10", STORE, "tests/promises/roster.rs", "a_person_who_comes_back_keeps_their_ids"),
    ("J-11", SERVER, "abuse/routes.rs", "what_is_public_names_what_is_configured_and_no_secret"),
    ("M-06", SERVER, "login/password.rs", "a_classmate_slows_only_the_browser_they_type_on"),
    ("M-20", PASSWORDS, "password/pool.rs", "when_it_is_full_the_longest_line_gives_way"),
    ("P-05", SOURCES, "reply/page/tests.rs", "what_people_are_called_is_text_and_never_markup"),
    (
        "P-07",
        SERVER,
        "portal/show.rs",
        "a_person_sees_their_name_and_the_applications_they_may_enter",
    ),
    ("T-13", STORE, "tests/promises/events.rs", "events_are_kept_for_thirty_days"),
    ("T-17", SERVER, "data_api/model.rs", "every_reply_is_what_a_naive_reading_of_the_rules_says"),
    ("T-18", SERVER, "data_api/model.rs", "no_reply_holds_a_value_that_the_rules_do_not_grant"),
    ("U-01", ROSTER_SRC, "rows/tests.rs", "what_is_no_utf8_text_is_known_by_its_first_bytes"),
    ("U-02", ROSTER, "bad_inputs.rs", "hundreds_of_bad_files_of_the_plain_dialect_change_nothing"),
    (
        "U-03",
        ROSTER_SRC,
        "rows/tests.rs",
        "a_row_without_end_is_refused_after_little_more_than_a_mebibyte",
    ),
    ("U-04", ROSTER, "bad_inputs.rs", "hundreds_of_bad_files_of_the_plain_dialect_change_nothing"),
    ("U-05", ROSTER, "refusals.rs", "each_fault_is_refused_where_it_is_and_nothing_else_is"),
    ("U-06", ROSTER, "refusals.rs", "each_fault_is_refused_where_it_is_and_nothing_else_is"),
    ("U-07", ROSTER, "bad_inputs.rs", "hundreds_of_bad_files_of_oneroster_change_nothing"),
    (
        "U-08",
        PROGRAM,
        "sync.rs",
        "files_that_were_cut_off_or_slipped_by_a_row_change_nothing_by_themselves",
    ),
    (
        "U-09",
        PROGRAM,
        "sync.rs",
        "files_that_were_cut_off_or_slipped_by_a_row_change_nothing_by_themselves",
    ),
    ("U-10", ROSTER, "archives.rs", "a_bomb_that_lies_about_its_size_is_refused_while_it_unpacks"),
    ("U-11", ROSTER, "bad_inputs.rs", "hundreds_of_bad_files_of_the_plain_dialect_change_nothing"),
    (
        "U-12",
        ROSTER,
        "plans.rs",
        "extension_columns_keep_their_name_and_cells_that_look_like_formulas_their_text",
    ),
    ("U-13", ROSTER, "warnings.rs", "each_oddity_is_warned_of_where_it_is_and_does_no_harm"),
    ("U-14", ROSTER, "refusals.rs", "each_fault_is_refused_where_it_is_and_nothing_else_is"),
    ("U-15", ROSTER, "warnings.rs", "nobody_is_raised_to_administrator_by_a_row_with_a_school"),
    (
        "U-16",
        SERVER,
        "sync/upload.rs",
        "only_the_districts_own_key_opens_and_a_revoked_one_at_once_no_more",
    ),
    (
        "U-17",
        SERVER,
        "sync/upload.rs",
        "whoever_reads_meanwhile_sees_the_old_roster_or_the_new_one",
    ),
    ("U-18", PROGRAM, "sync.rs", "a_sync_that_is_killed_leaves_the_old_roster_or_the_new_one"),
    (
        "U-19",
        SERVER,
        "sync/upload.rs",
        "without_room_the_sender_is_told_and_people_log_in_as_before",
    ),
    ("U-20", SERVER, "sync/drop_folder.rs", "a_link_is_refused_whatever_it_leads_to"),
    ("U-21", SERVER, "sync/oneroster.rs", "a_part_of_a_roster_is_no_roster"),
    (
        "U-22",
        ROSTER,
        "oneroster/reads.rs",
        "who_left_a_class_and_came_back_in_the_same_file_is_in_it",
    ),
    ("U-23", ROSTER, "identity.rs", "a_district_that_renumbers_its_students_is_noticed"),
    ("U-25", ROSTER, "identity.rs", "students_are_joined_with_nobody"),
    ("V-01", PROGRAM, "markers.rs", "no_secret_of_a_whole_run_is_told_or_kept"),
    ("V-02", PROGRAM, "markers.rs", "what_is_sent_makes_no_line_of_its_own"),
    ("V-03", SERVER, "abuse/markers.rs", "no_secret_is_kept_as_it_is"),
    ("V-07", PROGRAM, "markers.rs", "no_secret_of_a_whole_run_is_told_or_kept"),
    ("V-08", SERVER, "operate.rs", "figures_are_not_where_people_log_in"),
    ("V-09", SERVER, "abuse/v_trouble.rs", "v_09_what_fails_inside_stays_inside"),
    ("V-10", PROGRAM, "markers.rs", "no_secret_of_a_whole_run_is_told_or_kept"),
    ("Y-06", SOURCES, "login/allowance.rs", "a_burst_is_let_in_and_then_what_comes_back_with_time"),
    ("Y-07", PASSWORDS, "password/pool.rs", "districts_take_turns"),
    ("Y-11", STORE, "tests/promises/purge.rs", "purging_in_the_end_leaves_no_orphan"),
    ("Z-06", SERVER, "abuse/routes.rs", "every_route_has_its_row_and_its_headers"),
    ("Z-07", SERVER, "abuse/routes.rs", "every_route_has_its_row_and_its_headers"),
    (
        "Z-14",
        SOURCES,
        "reply/page/tests.rs",
        "no_page_needs_more_than_a_strict_content_security_policy",
    ),
    ("Z-15", SOURCES, "reply/page/tests.rs", "the_pages_are_those_of_the_golden_files"),
    ("Z-22", SOURCES, "keys.rs", "a_key_that_others_may_read_is_refused"),
    ("Z-18", SERVER, "operate.rs", "every_face_has_its_text_in_every_language"),
];

/// There is nothing to try, and why.
const NOT_APPLICABLE: &[(&[&str], &str)] = &[
    (&["F-12"], "a database that is down is tried by another suite"),
    (&["J-03", "J-04"], "no token of anybody else is read; what we sign has neither"),
    (&["D-12"], "there are no client assertions"),
    (&["B-22"], "an application is not bound to live or sandbox districts"),
    (&["C-19", "H-07", "P-06", "P-10"], "there is no dashboard and no page of consent or of links"),
    (
        &["E-07", "G-14", "V-06", "Y-14"],
        "histories with kills of nodes and databases are recorded and checked by another suite",
    ),
    (&["E-12", "F-14", "H-04"], "there is no identity provider above us: nothing calls back"),
    (&["E-13", "H-05"], "there are no badges"),
    (&["E-14", "Z-12"], "there is no SAML and no LTI"),
    (&["F-15"], "applications have no keys of their own for the Data API"),
    (
        &["F-16"],
        "ids are bound to the record for ever; two records are never the same person by email alone",
    ),
    (
        &["G-15", "M-09", "M-10", "M-11", "M-12", "M-13", "M-14", "M-15", "M-16"],
        "nobody changes a password here: rosters bring them",
    ),
    (&["G-17"], "there is one host"),
    (&["H-11", "H-12", "H-13"], "there is no logout by an application and none told to one"),
    (&["M-17", "M-19"], "there is no second factor and no backup code"),
    (&["U-24"], "a state is imported by the benchmark, beside logins"),
    (&["U-26"], "a roster suspends nobody: who is not in it has left"),
    (
        &["V-04"],
        "what administrators do is in the audit log; sign-ins and refusals are in the log and in traces",
    ),
    (&["V-05"], "the audit log is as safe as the database that holds it"),
    (
        &["W-01", "W-02", "W-03", "W-04", "W-05", "W-06", "W-07", "W-08", "W-09", "W-10"],
        "the server opens no connection to an address that a request names; each case sees that",
    ),
    (&["Y-08"], "there is no regular expression in the server"),
    (&["Y-09"], "there is no identity provider above us"),
    (&["Y-10", "Y-16"], "requests and log lines of one application are not counted"),
    (&["Y-12"], "rustls has no renegotiation; a handshake has ten seconds"),
    (&["Y-15", "Z-13"], "nobody uploads pictures, or anything that is shown to others"),
    (&["Z-19"], "a link answers with a redirect, which nobody indexes"),
    (&["Z-21"], "left to the operator"),
];

fn expected() -> BTreeSet<String> {
    let numbers = |(group, count): (&'static str, u32)| {
        (1..=count).map(move |number| format!("{group}-{number:02}"))
    };
    GROUPS.into_iter().flat_map(numbers).collect()
}

#[test]
fn every_number_is_answered_for() {
    let mut played: BTreeSet<String> = wire::ALSO.map(str::to_owned).into();
    played.extend(tables().into_iter().flat_map(|(_, cases)| cases).map(|case| case.id.to_owned()));
    played.extend(wire::cases().into_iter().map(|case| case.id.to_owned()));
    let elsewhere: BTreeSet<_> = ELSEWHERE.iter().map(|(id, ..)| (*id).to_owned()).collect();
    let not_applicable: BTreeSet<_> =
        NOT_APPLICABLE.iter().flat_map(|(ids, _)| *ids).map(|id| (*id).to_owned()).collect();

    let all: BTreeSet<_> =
        played.iter().chain(&elsewhere).chain(&not_applicable).cloned().collect();
    let missing: Vec<_> = expected().difference(&all).cloned().collect();
    let unknown: Vec<_> = all.difference(&expected()).cloned().collect();
    assert_eq!((missing, unknown), (Vec::new(), Vec::new()));

    let both: Vec<_> = not_applicable.iter().filter(|id| played.contains(*id)).collect();
    assert!(both.is_empty(), "played, and said to be not applicable: {both:?}");
}

#[test]
fn the_other_tests_are_there() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (id, folder, file, name) in ELSEWHERE {
        let path = crates.join(folder).join(file);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(text.contains(&format!("fn {name}(")), "{id}: no {name} in {}", path.display());
    }
}
