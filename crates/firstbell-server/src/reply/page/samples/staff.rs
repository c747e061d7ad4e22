//! The pages of those who work in a district: opening the portal as somebody else, and classes
//! shared with applications.

use firstbell_core::error;
use jiff::civil::date;

use super::super::{
    ChosenPerson, ClassroomApplication, ClassroomApplications, ClassroomConsent, ClassroomProblem,
    ErrorPage, FoundPerson, Frame, ImpersonationBanner, OpenAs, OpenAsProblem, OpenAsStage,
    PageError, RoleLabel, SectionChoice,
};
use super::hostile_name;
use crate::reply::text::Text;

pub(super) fn pages(text: &Text<'_>) -> Result<Vec<(&'static str, String)>, PageError> {
    let mut pages = Vec::new();
    for (name, page) in open_as() {
        pages.push((name, page.render(text)?));
    }
    for (name, page) in consents() {
        pages.push((name, page.render(text)?));
    }
    for (name, page) in connected() {
        pages.push((name, page.render(text)?));
    }
    let error = ErrorPage {
        frame: acting("Ana Gómez Núñez"),
        code: error::PERSON_NOT_SHARED.code.to_owned(),
        support_code: "FB-7K3-M9Q".into(),
        text_key: error::PERSON_NOT_SHARED.text_key.to_owned(),
        next_href: Some("/in/lincoln".into()),
        application_name: Some("Robot Reader".into()),
        person_name: Some("Ana Gómez Núñez".into()),
    };
    pages.push(("error-as-student", error.render(text)?));
    Ok(pages)
}

/// The surroundings of a page that an administrator sees as `person`.
pub(super) fn acting(person: &str) -> Frame {
    let banner = ImpersonationBanner {
        person_name: person.to_owned(),
        admin_name: "Ruth Okonkwo".into(),
        minutes_left: 14,
        stop_action: "/in/lincoln/open-as/stop".into(),
        csrf_token: "sample-token".into(),
    };
    Frame { query: String::new(), banner: Some(banner) }
}

fn person(name: &str, role: RoleLabel, grade: Option<&str>, school: Option<&str>) -> FoundPerson {
    FoundPerson {
        name: name.into(),
        role,
        grade: grade.map(str::to_owned),
        school: school.map(str::to_owned),
        href: "/in/lincoln/open-as?person=58da8c63d7dc0ca0680003b6".into(),
    }
}

fn open_as() -> Vec<(&'static str, OpenAs)> {
    let first = OpenAs {
        frame: Frame::default(),
        district_name: "Lincoln Unified School District".into(),
        stage: OpenAsStage::Search,
        search_action: "/in/lincoln/open-as".into(),
        portal_href: "/in/lincoln".into(),
    };
    let ana = person("Ana Gómez Núñez", RoleLabel::Student, Some("4"), Some("Lincoln Elementary"));
    let found = |query: &str, people, has_more| OpenAs {
        frame: Frame { query: format!("q={query}"), banner: None },
        stage: OpenAsStage::Found { query: query.into(), people, has_more },
        ..first.clone()
    };
    let chosen = |person: &FoundPerson, reason: &str, problem| OpenAs {
        stage: OpenAsStage::Chosen(ChosenPerson {
            person: FoundPerson { href: "/in/lincoln/open-as".into(), ..person.clone() },
            person_id: "58da8c63d7dc0ca0680003b6".into(),
            action: "/in/lincoln/open-as".into(),
            csrf_token: "sample-token".into(),
            reason: reason.into(),
            problem,
        }),
        ..first.clone()
    };
    let people = vec![
        ana.clone(),
        person("Ana Gómez", RoleLabel::Student, Some("Kindergarten"), Some("Escuela del Mar")),
        person("أنا غوميز", RoleLabel::Teacher, None, Some("Lincoln Elementary")),
        person(&hostile_name(), RoleLabel::Staff, Some("<i>"), None),
    ];
    let too_long = "A reason without an end. ".repeat(9);
    vec![
        ("open-as-found", found("ana", people, true)),
        ("open-as-nothing", found("anna gomes", Vec::new(), false)),
        ("open-as-chosen", chosen(&ana, "", None)),
        ("open-as-too-short", chosen(&ana, "to help", Some(OpenAsProblem::ReasonTooShort))),
        ("open-as-too-long", chosen(&ana, &too_long, Some(OpenAsProblem::ReasonTooLong))),
        (
            "open-as-hostile",
            chosen(
                &person(&hostile_name(), RoleLabel::Student, None, Some(&hostile_name())),
                &format!("</textarea>{}", hostile_name()),
                Some(OpenAsProblem::ReasonTooLong),
            ),
        ),
        ("open-as", first),
    ]
}

fn section(name: &str, detail: Option<&str>, students: u32) -> SectionChoice {
    SectionChoice {
        id: format!("section-of-{students}"),
        name: name.into(),
        detail: detail.map(str::to_owned),
        students,
        is_checked: true,
    }
}

fn consents() -> Vec<(&'static str, ClassroomConsent)> {
    let first = ClassroomConsent {
        frame: Frame::default(),
        application_name: "Number Garden".into(),
        teacher_name: "Amal Zahra".into(),
        sections: vec![
            section("Math 4A", Some("Period 1"), 24),
            section("Ciencias y Robótica", Some("Period 3 · Escuela del Mar"), 1),
            SectionChoice { is_checked: false, ..section("Homeroom", None, 27) },
        ],
        action: "/login/lincoln/classes".into(),
        csrf_token: "sample-token".into(),
        decline_href: "/in/lincoln".into(),
        problem: None,
    };
    let mut nothing_chosen =
        ClassroomConsent { problem: Some(ClassroomProblem::NothingChosen), ..first.clone() };
    for section in &mut nothing_chosen.sections {
        section.is_checked = false;
    }
    let hostile = ClassroomConsent {
        application_name: hostile_name(),
        teacher_name: hostile_name(),
        sections: vec![section(&hostile_name(), Some(&hostile_name()), 0)],
        ..first.clone()
    };
    vec![
        ("classroom-nothing-chosen", nothing_chosen),
        ("classroom-no-classes", ClassroomConsent { sections: Vec::new(), ..first.clone() }),
        ("classroom-hostile", hostile),
        ("classroom", first),
    ]
}

fn connected() -> Vec<(&'static str, ClassroomApplications)> {
    let application = |id: &str, name: &str, since, classes: &[&str]| ClassroomApplication {
        id: id.into(),
        name: name.into(),
        since,
        classes: classes.iter().map(|&name| name.to_owned()).collect(),
    };
    let first = ClassroomApplications {
        frame: Frame::default(),
        applications: vec![
            application("a1", "Number Garden", date(2027, 3, 4), &["Math 4A", "Homeroom"]),
            application("a2", "Bird Lab", date(2026, 9, 21), &["Ciencias y Robótica"]),
        ],
        stop_action: "/in/lincoln/classroom/stop".into(),
        csrf_token: "sample-token".into(),
        portal_href: "/in/lincoln".into(),
    };
    let long = hostile_name();
    let hostile = vec![application("a3", &long, date(2027, 12, 31), &[&long])];
    vec![
        ("classroom-apps-none", ClassroomApplications { applications: vec![], ..first.clone() }),
        (
            "classroom-apps-hostile",
            ClassroomApplications { applications: hostile, ..first.clone() },
        ),
        ("classroom-apps", first),
    ]
}
