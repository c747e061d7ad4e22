//! T: the Data API, asked for more than the district shares with the application.

use std::time::Duration;

use firstbell_core::sharing::AccessTier;

use super::case::{Case, Scene, Then, case, get};
use super::oracle::Oracle;
use crate::world::{ana, teacher};

const NOBODY: &str = "000000000000000000000000";

/// FlightSchool reads the roster of two of three schools, and nothing beside it.
fn row(id: &'static str, what: impl Into<String>) -> Case {
    case(id, what).after(Scene::ReadsRoster)
}

/// The same, asked for this.
fn asks(id: &'static str, what: impl Into<String>, path: impl Into<String>) -> Case {
    row(id, what).asks(path, "Bearer {token}")
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (what, path) in [
        ("a person", "/v3.1/users/{noor_id}"),
        ("a student", "/v2.1/students/{noor_role}"),
        ("the district of a student", "/v2.1/students/{noor_role}/district"),
        ("the sections of a person", "/v3.0/users/{noor_id}/sections"),
        ("a school", "/v3.1/schools/{closed_school}"),
        ("the people of a school", "/v3.1/schools/{closed_school}/users"),
        ("a section", "/v3.1/sections/{closed_section}"),
        ("the students of a section", "/v2.0/sections/{closed_section}/students"),
    ] {
        cases.push(
            asks("T-01", format!("{what} that is not shared"), path).expects(Oracle::NotThere),
        );
    }
    for path in [
        "/v3.1/users/{north_ana_id}",
        "/v2.1/students/{north_ana_role}",
        "/v3.1/users/{north_ana_id}/sections",
        "/v3.0/districts/{north}",
        "/v2.0/schools/{north_school}",
        "/v3.1/schools/{north_school}/users",
    ] {
        cases.push(
            asks("T-02", format!("another district's {path}"), path).expects(Oracle::NotThere),
        );
    }
    cases.extend(lists());
    cases.extend(fields());
    cases.extend(queries());
    cases.extend(of_people());
    cases.extend(transport());
    cases
}

/// Lists, and the numbers that stand beside them.
fn lists() -> Vec<Case> {
    let shared = Oracle::Data(&["{noor_id}", "{noor_role}", "{closed_school}", "{closed_section}"]);
    let mut cases = Vec::new();
    for path in [
        "/v3.1/users?role=student&limit=500&count=true",
        "/v2.1/students?limit=500&count=true",
        "/v3.1/sections?limit=500&count=true",
        "/v3.0/schools?count=true",
    ] {
        cases.push(asks("T-03", path, path).expects(shared).then(Then::CountIsOfThese));
    }
    cases.push(
        row("T-10", "the rest of a list of which nothing is shared any more")
            .after(Scene::Sent(
                get("/v3.0/users?limit=5").with("authorization", "Bearer {token}"),
                1,
            ))
            .after(Scene::Unshared)
            .asks(format!("/v3.0/users?limit=5&starting_after={NOBODY}"), "Bearer {token}")
            .expects(Oracle::NothingListed),
    );
    cases.push(
        row("T-10", "and how many there are")
            .after(Scene::Unshared)
            .asks("/v3.0/users?count=true", "Bearer {token}")
            .expects(Oracle::NothingListed),
    );
    cases
}

/// What belongs to groups that are not shared.
fn fields() -> Vec<Case> {
    let without = Oracle::Data(&[
        "\"dob\"",
        "\"gender\"",
        "\"race\"",
        "\"location\"",
        "\"ell_status\"",
        "\"frl_status\"",
        "\"iep_status\"",
        "\"ext\"",
        "\"home_language\"",
        "\"disability\"",
        "contact",
    ]);
    let mut cases = Vec::new();
    for path in ["/v3.1/users/{ana_id}", "/v3.0/users/{ana_id}", "/v2.1/students/{ana_role}"] {
        for more in ["", "?expand=contacts", "?fields=dob,race,ext", "?include=demographics"] {
            let asked = format!("{path}{more}");
            cases.push(asks("T-04", asked.clone(), asked).expects(without));
        }
    }
    cases.push(
        asks("T-04", "whom to call", "/v3.1/users/{ana_id}/mycontacts")
            .expects(Oracle::NothingListed),
    );
    cases
        .push(asks("T-04", "contacts", "/v2.1/contacts?count=true").expects(Oracle::NothingListed));
    // What is unknown is ignored, so that it says nothing: the answer is that without it.
    for filter in [
        "where=%7B%22roles.student.dob%22%3A%222012-02-29%22%7D",
        "where=%7B%22race%22%3A%7B%22%24exists%22%3Afalse%7D%7D",
        "filter=frl_status%3DFree",
        "roles.student.ell_status=Y",
        "dob=2012-02-29",
        "sort=dob",
        "sort=-roles.student.race&order=desc",
    ] {
        cases.push(
            asks("T-05", filter, format!("/v3.1/users?limit=7&{filter}"))
                .expects(Oracle::Data(&["\"dob\"", "\"race\""]))
                .then(Then::DataOf("/v3.1/users?limit=7")),
        );
    }
    cases
}

/// Where a page begins, and how long it is.
fn queries() -> Vec<Case> {
    let mut cases = Vec::new();
    // An id that is not shared is a place between others, as one that nobody has.
    for name in ["starting_after", "ending_before"] {
        for (word, beside) in
            [("{noor_id}", "{noor_beside}"), ("{north_ana_id}", "{north_ana_beside}")]
        {
            let without: &[&str] = &["\"id\":\"{noor_id}\"", "\"id\":\"{north_ana_id}\""];
            let same: &'static str = format!("/v3.1/users?limit=3&{name}={beside}").leak();
            cases.push(
                asks(
                    "T-06",
                    format!("{name} {word}"),
                    format!("/v3.1/users?limit=3&{name}={word}"),
                )
                .expects(Oracle::Data(without))
                .then(Then::DataOf(same)),
            );
        }
    }
    for (limit, status) in [
        ("0", 400),
        ("-1", 400),
        ("abc", 400),
        ("", 400),
        ("1.5", 400),
        ("0x10", 400),
        ("%2B5", 400),
        ("10001", 413),
        ("1000000000", 413),
        ("99999999999999999999999", 413),
    ] {
        cases.push(
            asks("T-11", format!("limit={limit}"), format!("/v3.1/users?limit={limit}"))
                .api(status),
        );
    }
    cases.push(asks("T-11", "limit twice", "/v3.1/users?limit=1&limit=10000").api(400));
    cases.push(
        asks("T-11", "parameters that nobody knows", "/v3.1/users?limit=2&offset=5&page=3")
            .expects(Oracle::Data(&[]))
            .then(Then::DataOf("/v3.1/users?limit=2")),
    );
    for cursor in [
        "%27%20OR%201%3D1--",
        "x",
        "last",
        "{north_ana_id}%27",
        "{north_ana_id}0",
        "%00{noor_id}",
        "{noor_id},{noor_role}",
        "FFFFFFFFFFFFFFFFFFFFFFFF",
        "eyJkaXN0cmljdCI6Im5vcnRoIn0",
    ] {
        cases.push(
            asks(
                "T-12",
                format!("starting_after={cursor}"),
                format!("/v3.1/users?starting_after={cursor}"),
            )
            .api(400),
        );
    }
    cases.push(
        asks(
            "T-12",
            "two ends",
            format!("/v3.1/users?starting_after={NOBODY}&ending_before={NOBODY}"),
        )
        .api(400),
    );
    cases.push(
        asks(
            "T-12",
            "another district's id leads to no other district",
            "/v3.1/users?limit=10000&ending_before={north_ana_id}",
        )
        .expects(Oracle::Data(&["\"district\":\"{north}\"", "{noor_id}"])),
    );
    cases
}

/// Tokens of people, and of other applications.
fn of_people() -> Vec<Case> {
    let own = |id,
               what: &str,
               tier: fn(
        &mut firstbell_core::application::Application,
        firstbell_core::time::Timestamp,
    )| {
        case(id, what).after(Scene::Changed(tier)).after(Scene::Code(ana())).after(Scene::Redeemed)
    };
    let synced = |id, what: &str| own(id, what, |it, _| it.tier = AccessTier::SecureSync);
    let mut cases = Vec::new();
    for path in [
        "/v3.1/users/{noah_id}",
        "/v2.1/students/{noah_role}",
        "/v3.1/sections",
        "/v3.1/users",
        "/v3.1/users/{ana_id}/myteachers",
        "/v3.1/users/{ana_id}/sections",
        "/v2.1/students/{noah_role}/sections",
    ] {
        cases.push(
            synced("T-07", &format!("a student asks for {path}"))
                .asks(path, "Bearer {token}")
                .api(403),
        );
    }
    for path in [
        "/v3.0/sections/{closed_section}",
        "/v3.0/sections/{closed_section}/users",
        "/v2.1/sections/{closed_section}/students",
    ] {
        cases.push(
            case("T-07", format!("a teacher asks for {path}"))
                .after(Scene::Changed(|it, _| it.tier = AccessTier::Classroom))
                .after(Scene::Code(teacher()))
                .after(Scene::Redeemed)
                .asks(path, "Bearer {token}")
                .api(403),
        );
    }
    for path in [
        "/v3.1/schools",
        "/v3.1/schools/{closed_school}",
        "/v2.0/schools",
        "/v3.0/terms",
        "/v3.0/events",
        "/v3.0/districts",
    ] {
        cases.push(
            own("T-08", &format!("District SSO asks for {path}"), |_, _| {})
                .asks(path, "Bearer {token}")
                .api(403),
        );
    }
    // Library sees everyone; what it knows opens nothing to FlightSchool.
    for path in [
        "/v3.1/users/{noor_id}",
        "/v3.1/sections/{closed_section}",
        "/v3.1/schools/{closed_school}",
    ] {
        cases.push(
            asks("T-09", format!("what another application knows: {path}"), path)
                .expects(Oracle::NotThere),
        );
    }
    cases.push(
        row("T-09", "a token of a tier that was taken back")
            .after(Scene::Changed(|it, _| it.tier = AccessTier::DistrictSso))
            .asks("/v3.1/users", "Bearer {token}")
            .api(403),
    );
    cases.push(
        row("T-09", "a token of a district that ended it")
            .after(Scene::Later(Duration::from_hours(24)))
            .after(Scene::Stands(firstbell_core::application::ConnectionState::Disconnected))
            .asks("/v3.1/users", "Bearer {token}")
            .api(401),
    );
    cases
}

/// Methods, formats and caches.
fn transport() -> Vec<Case> {
    let mut cases = Vec::new();
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
        for path in ["/v3.1/users/{ana_id}", "/v3.1/users", "/v2.1/students/{ana_role}/contacts"] {
            cases.push(
                row("T-14", format!("{method} {path}"))
                    .sends(
                        get(path)
                            .to(method, path)
                            .with("authorization", "Bearer {token}")
                            .holding("{}"),
                    )
                    .api(405),
            );
        }
    }
    let told = |what: &str, path: &str, header: &'static str, value: &str| {
        let sent = get(path).with("authorization", "Bearer {token}").with(header, value);
        (what.to_owned(), sent)
    };
    for (id, (what, sent)) in [
        ("T-15", told("for a browser", "/v3.1/users/{ana_id}", "accept", "text/html")),
        ("T-15", told("for nothing that there is", "/v3.1/users?limit=1", "accept", "image/png")),
        ("T-15", told("with a callback", "/v3.1/users?limit=1&callback=steal", "accept", "*/*")),
        (
            "T-15",
            told(
                "as JSONP",
                "/v2.1/students?limit=1&jsonp=steal&alt=js",
                "accept",
                "text/javascript",
            ),
        ),
        ("T-16", told("of any tag", "/v3.1/users/{ana_id}", "if-none-match", "*")),
        ("T-16", told("of a tag", "/v3.1/users/{ana_id}", "if-none-match", "\"abc\", W/\"def\"")),
        (
            "T-16",
            told(
                "of a date",
                "/v3.1/users?limit=1",
                "if-modified-since",
                "Fri, 01 Jan 2100 00:00:00 GMT",
            ),
        ),
        ("T-16", told("in part", "/v3.1/users?limit=1", "range", "bytes=0-10")),
    ] {
        cases.push(row(id, what).sends(sent).expects(Oracle::Data(&[])));
    }
    cases
}
