//! Every page with made-up people in it: what tests, golden files and screenshots look at.

mod staff;

use firstbell_core::error;

use super::{
    Busy, Confirm, ErrorPage, Finder, FoundDistrict, Frame, Home, PageError, Portal, PortalPerson,
    RoleChoice, RoleLabel, Search, SignIn, SignInProblem, SignedOut, Tile, TileNote,
};
use crate::reply::text::{Language, Text, Texts};

/// Each page in each language, as its name (`sign-in.en`) and its HTML.
///
/// # Errors
///
/// Fails when a template does.
pub fn samples(texts: &Texts) -> Result<Vec<(String, String)>, PageError> {
    let mut pages = Vec::new();
    for language in Language::ALL {
        let text = texts.text(language);
        let mut add = |name: &str, html| pages.push((format!("{name}.{}", language.tag()), html));
        add("home", Home::default().render(&text)?);
        for (name, page) in finders() {
            add(name, page.render(&text)?);
        }
        for (name, page) in sign_ins() {
            add(name, page.render(&text)?);
        }
        for (name, page) in confirms() {
            add(name, page.render(&text)?);
        }
        for (name, page) in portals() {
            add(name, page.render(&text)?);
        }
        for (name, html) in staff::pages(&text)? {
            add(name, html);
        }
        for (name, html) in others(&text)? {
            add(name, html);
        }
        for page in errors() {
            add(&page.text_key, page.render(&text)?);
        }
    }
    Ok(pages)
}

/// A name that tries markup, turns the direction around, and does not end.
pub(super) fn hostile_name() -> String {
    format!("<script>alert(\"ñ\")</script> \u{202e}مرحبا & '{}'", "W".repeat(200))
}

fn district(name: &str, place: &str, href: &str) -> FoundDistrict {
    FoundDistrict { name: name.into(), place: Some(place.into()), href: href.into() }
}

fn finders() -> Vec<(&'static str, Finder)> {
    let first = Finder {
        frame: Frame::default(),
        query: String::new(),
        search: Search::NotYet,
        action: "/login".into(),
        remembered: None,
        application_name: None,
    };
    let found = vec![
        district("Lincoln Unified School District", "Stockton, California", "/login/lincoln"),
        district("Lincoln County Schools", "Star City, Arkansas", "/login/lincoln-county"),
        FoundDistrict {
            name: "Escuela Lincoln".into(),
            place: None,
            href: "/login/escuela-lincoln".into(),
        },
    ];
    let searched = |query: &str, found| Finder {
        frame: Frame { query: format!("q={query}"), banner: None },
        query: query.into(),
        search: Search::Done(found),
        ..first.clone()
    };
    vec![
        ("finder-results", searched("lincoln", found.clone())),
        ("finder-nothing", searched("linkun", Vec::new())),
        (
            "finder-remembered",
            Finder {
                remembered: found.into_iter().next(),
                application_name: Some("Robot Reader".into()),
                ..first.clone()
            },
        ),
        ("finder", first),
    ]
}

fn sign_ins() -> Vec<(&'static str, SignIn)> {
    let first = SignIn {
        frame: Frame::default(),
        district_name: "Lincoln Unified School District".into(),
        action: "/login/lincoln".into(),
        username: String::new(),
        problem: None,
        change_district_href: "/login".into(),
        application_name: None,
    };
    let after = |problem, username: &str| SignIn {
        username: username.into(),
        problem: Some(problem),
        ..first.clone()
    };
    vec![
        ("sign-in-empty", after(SignInProblem::Empty, "")),
        ("sign-in-no-password", after(SignInProblem::Empty, "ana.gomez")),
        ("sign-in-mismatch", after(SignInProblem::Mismatch, "ana.gomez")),
        ("sign-in-slow-down", after(SignInProblem::SlowDown { wait_seconds: 30 }, "ana.gomez")),
        ("sign-in-slower", after(SignInProblem::SlowDown { wait_seconds: 61 }, "ana.gomez")),
        (
            "sign-in-application",
            SignIn { application_name: Some("Robot Reader".into()), ..first.clone() },
        ),
        ("sign-in", first),
    ]
}

fn confirms() -> Vec<(&'static str, Confirm)> {
    let first = Confirm {
        frame: Frame::default(),
        first_name: "Ana".into(),
        last_initial: Some("G".into()),
        initials: "AG".into(),
        application_name: Some("Robot Reader".into()),
        action: "/login/lincoln/confirm".into(),
        csrf_token: "sample-token".into(),
    };
    let hostile = Confirm {
        first_name: hostile_name(),
        last_initial: Some("\u{202e}<".into()),
        initials: "<b>".into(),
        application_name: Some(hostile_name()),
        ..first.clone()
    };
    let plain = Confirm {
        first_name: "أمل".into(),
        last_initial: None,
        initials: "أ".into(),
        application_name: None,
        ..first.clone()
    };
    vec![("confirm-plain", plain), ("confirm-hostile", hostile), ("confirm", first)]
}

fn portals() -> Vec<(&'static str, Portal)> {
    let tile = |name: &str| Tile {
        name: name.into(),
        href: format!("/in/lincoln/open/{}", name.to_lowercase().replace(' ', "-")),
        note: None,
    };
    let student = Portal {
        frame: Frame::default(),
        person: PortalPerson {
            first_name: "Ana".into(),
            full_name: "Ana Gómez Núñez".into(),
            initials: "AG".into(),
            role: RoleLabel::Student,
            grade: Some("4".into()),
        },
        district_name: "Lincoln Unified School District".into(),
        tiles: APPLICATIONS.iter().take(7).copied().map(tile).collect(),
        sign_out_action: "/logout".into(),
        csrf_token: "sample-token".into(),
        roles: Vec::new(),
        switch_role_action: "/in/lincoln/role".into(),
        open_as_href: None,
        classroom_href: None,
    };
    let mut teachers_tiles: Vec<Tile> = APPLICATIONS.iter().skip(5).copied().map(tile).collect();
    if let Some(last) = teachers_tiles.last_mut() {
        last.note = Some(TileNote::NotForYourRole);
        last.href = "https://library.example/".into();
    }
    let teacher = PortalPerson {
        first_name: "Amal".into(),
        full_name: "أمل الزهراء".into(),
        initials: "أا".into(),
        role: RoleLabel::Teacher,
        grade: None,
    };
    let hostile = PortalPerson {
        first_name: hostile_name(),
        full_name: hostile_name(),
        initials: "<b>".into(),
        role: RoleLabel::Staff,
        grade: Some("<i>".into()),
    };
    let admin = PortalPerson {
        first_name: "Ruth".into(),
        full_name: "Ruth Okonkwo".into(),
        initials: "RO".into(),
        role: RoleLabel::DistrictAdmin,
        grade: None,
    };
    vec![
        (
            "portal-teacher",
            Portal {
                person: teacher,
                tiles: teachers_tiles.clone(),
                roles: roles(RoleLabel::Teacher, &[RoleLabel::Staff]),
                classroom_href: Some("/in/lincoln/classroom".into()),
                ..student.clone()
            },
        ),
        (
            "portal-admin",
            Portal {
                person: admin,
                tiles: teachers_tiles,
                roles: roles(RoleLabel::DistrictAdmin, &[RoleLabel::Teacher, RoleLabel::Staff]),
                open_as_href: Some("/in/lincoln/open-as".into()),
                classroom_href: Some("/in/lincoln/classroom".into()),
                ..student.clone()
            },
        ),
        (
            "portal-as-student",
            Portal { frame: staff::acting("Ana Gómez Núñez"), ..student.clone() },
        ),
        ("portal-empty", Portal { tiles: Vec::new(), ..student.clone() }),
        (
            "portal-many",
            Portal {
                tiles: (1..=5)
                    .flat_map(|row| APPLICATIONS.iter().map(move |name| tile_of_row(name, row)))
                    .collect(),
                ..student.clone()
            },
        ),
        (
            "portal-hostile",
            Portal {
                frame: staff::acting(&hostile_name()),
                person: hostile,
                district_name: hostile_name(),
                tiles: vec![tile(&hostile_name()), tile("قارئ الروبوت"), tile("—")],
                ..student.clone()
            },
        ),
        ("portal-student", student),
    ]
}

fn roles(current: RoleLabel, others: &[RoleLabel]) -> Vec<RoleChoice> {
    std::iter::once(&current)
        .chain(others)
        .zip(1..)
        .map(|(label, number)| RoleChoice {
            label: *label,
            role_id: format!("role-{number}"),
            is_current: number == 1,
        })
        .collect()
}

fn tile_of_row(name: &str, row: usize) -> Tile {
    Tile { name: format!("{name} {row}"), href: format!("/in/lincoln/open/{row}"), note: None }
}

fn others(text: &Text<'_>) -> Result<Vec<(&'static str, String)>, PageError> {
    let signed_out = SignedOut {
        frame: Frame::default(),
        district_name: Some("Lincoln Unified School District".into()),
        sign_in_href: "/login/lincoln".into(),
    };
    let busy = |retry_after_seconds| Busy {
        frame: Frame::default(),
        retry_after_seconds,
        retry_href: "/login/lincoln".into(),
    };
    Ok(vec![
        ("signed-out", signed_out.render(text)?),
        ("busy", busy(10).render(text)?),
        ("busy-minutes", busy(150).render(text)?),
    ])
}

/// Each text of the registry once, under the first code that uses it, and one text that is not
/// there, which shows the one for trouble on our side.
fn errors() -> impl Iterator<Item = ErrorPage> {
    let mut faces: Vec<(&str, &str)> = Vec::new();
    // Those of syncs are told to programs alone.
    for face in error::ALL.iter().filter(|face| !face.code.starts_with("FB5")) {
        if faces.iter().all(|(_, key)| *key != face.text_key) {
            faces.push((face.code, face.text_key));
        }
    }
    faces.push((error::SERVER_TROUBLE.code, "error-not-written-yet"));
    faces.into_iter().enumerate().map(|(index, (code, text_key))| ErrorPage {
        frame: Frame::default(),
        code: code.to_owned(),
        support_code: "FB-7K3-M9Q".into(),
        text_key: text_key.to_owned(),
        next_href: Some("/".into()),
        application_name: (index % 2 == 0).then(|| "Robot Reader".into()),
        person_name: text_key.starts_with("error-person-").then(|| "Ana Gómez Núñez".into()),
    })
}

const APPLICATIONS: [&str; 12] = [
    "Robot Reader",
    "Number Garden",
    "Story Lantern",
    "Mapas y Mares",
    "Typing Trail",
    "Bird Lab",
    "Chorus",
    "FlightSchool",
    "Grade Book",
    "Interactive Mathematics Practice Companion",
    "Little Coders",
    "Class Library",
];
