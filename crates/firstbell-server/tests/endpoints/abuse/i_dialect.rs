//! I: what only this dialect has: `return_unshared`, `district_id`, and administrators who open the
//! portal as somebody else.

use std::time::Duration;

use firstbell_roster::sandbox::people;

use super::case::{Case, Scene, Sent, Then, case, form, get};
use super::oracle::Oracle;
use super::stage::OPEN_AS_ANA;
use crate::world::{ana, teacher, unshared};

const UNAUTHORIZED: &str = "unauthorized-user";

pub fn cases() -> Vec<Case> {
    let back = "{authorize}&state=s&return_unshared=true";
    let told = Oracle::Told { error: UNAUTHORIZED, state: Some("s") };
    let mut cases = vec![
        case("I-01", "a person without access").by(unshared()).get(back).expects(told),
        case("I-01", "a person of a type that is not served")
            .by(ana())
            .after(Scene::Changed(|application, _| {
                application
                    .user_types
                    .retain(|it| *it == firstbell_protocol::vocabulary::RoleKind::Teacher);
            }))
            .get(back)
            .expects(told),
        case("I-02", "to an address that is not registered")
            .by(unshared())
            .get(
                "/oauth/authorize?response_type=code&client_id={client}&return_unshared=true\
                 &redirect_uri=https%3A%2F%2Fevil.test%2F",
            )
            .page(400, "FB1002"),
        case("I-03", "for the sixth time in a minute")
            .by(unshared())
            .after(Scene::Sent(get(back), 5))
            .get(back)
            .page(400, "FB1013"),
        case("I-04", "nobody is signed in: nothing is told").get(back).signs_in_again(),
        case("I-04", "a suspended person with a session learns nothing by it")
            .by(ana())
            .after(Scene::Suspended(ana()))
            .get(back)
            .signs_in_again(),
        case("I-06", "the mark of an administrator in the request")
            .by(ana())
            .get("{authorize}&loginas_by_admin=true")
            .code_without_state(),
        case("I-11", "another district's id chooses that district's login page")
            .by(ana())
            .get("/oauth/authorize?response_type=code&client_id={library}&district_id={north}")
            .signs_in_again(),
    ];
    for value in ["TRUE", "1", "yes", "true&return_unshared=true", "true+", "false"] {
        cases.push(
            case("I-05", format!("return_unshared={value}"))
                .by(unshared())
                .get(format!("{{authorize}}&state=s&return_unshared={value}"))
                .page(403, "FB2002"),
        );
    }
    cases.extend(acting());
    cases
}

fn open_as(body: &str) -> Sent {
    form("/in/ada/open-as", format!("csrf={{csrf}}&{body}"))
}

/// Administrators who act as somebody else.
fn acting() -> Vec<Case> {
    let admin = &people::LIN_ZHOU;
    let reason = "reason=She+sees+no+tiles+at+all";
    let refused = (403, "FB2010");
    let mut cases = Vec::new();
    for (who, person) in [
        ("a student", ana()),
        ("a teacher", teacher()),
        ("staff", &people::SAM_RIVERS),
        ("an administrator of a school", &people::ROSA_DELGADO),
    ] {
        cases.push(
            case("I-07", format!("{who} asks for the page"))
                .by(person)
                .get("/in/ada/open-as")
                .page(refused.0, refused.1),
        );
        cases.push(
            case("I-07", format!("{who} asks for somebody"))
                .by(person)
                .get("/in/ada/open-as?person={noah_id}&q=a")
                .page(refused.0, refused.1),
        );
        for person_id in ["noah_id", "north_ana_id", "admin_id"] {
            cases.push(
                case("I-07", format!("{who} opens the portal as {person_id}"))
                    .by(person)
                    .sends(open_as(&format!("person={{{person_id}}}&{reason}")))
                    .page(refused.0, refused.1)
                    .then(Then::SessionStays),
            );
        }
    }
    cases.extend([
        case("I-07", "a person of another district")
            .by(admin)
            .sends(open_as(&format!("person={{north_ana_id}}&{reason}")))
            .page(403, "FB2004"),
        case("I-07", "at another district")
            .by(admin)
            .sends(form(
                "/in/north/open-as",
                format!("csrf={{csrf}}&person={{north_ana_id}}&{reason}"),
            ))
            .expects(Oracle::Onward("/in/north")),
        case("I-07", "an administrator as an administrator")
            .by(admin)
            .sends(open_as(&format!("person={{admin_id}}&{reason}")))
            .page(refused.0, refused.1)
            .changing(&["audit"]),
        case("I-07", "as a suspended person")
            .by(admin)
            .sends(open_as(&format!("person={{suspended_id}}&{reason}")))
            .page(refused.0, refused.1)
            .changing(&["audit"]),
        case("I-07", "as nobody")
            .by(admin)
            .sends(open_as(&format!("person=000000000000000000000000&{reason}")))
            .page(403, "FB2004"),
        case("I-07", "as what is no id")
            .by(admin)
            .sends(open_as(&format!("person=%27+OR+1&{reason}")))
            .page(400, "FB1005"),
        case("I-07", "without a reason")
            .by(admin)
            .sends(open_as("person={ana_id}&reason=x"))
            .expects(Oracle::Form(422)),
        case("I-07", "with a reason of 201 letters")
            .by(admin)
            .sends(open_as(&format!("person={{ana_id}}&reason={}", "x".repeat(201))))
            .expects(Oracle::Form(422)),
        case("I-08", "as a third")
            .after(Scene::OpenedAsAna)
            .sends(open_as(&format!("person={{noah_id}}&{reason}")))
            .page(403, "FB2011")
            .then(Then::SessionStays),
        case("I-08", "as themselves, to look further")
            .after(Scene::OpenedAsAna)
            .get("/in/ada/open-as")
            .page(403, "FB2011"),
        case("I-08", "at another district")
            .after(Scene::OpenedAsAna)
            .get("/in/north")
            .signs_in_again(),
        case("I-09", "the mark at an application that wants it")
            .after(Scene::Changed(|application, _| application.switches.impersonation_mark = true))
            .after(Scene::OpenedAsAna)
            .get("{authorize}&loginas_by_admin=false")
            .expects(Oracle::CodeByAdmin)
            .changing(&["codes", "audit"])
            .then(Then::CodeIsOf(ana())),
        case("I-09", "the mark on a tile")
            .after(Scene::Changed(|application, _| application.switches.impersonation_mark = true))
            .after(Scene::OpenedAsAna)
            .get("/in/ada/launch/{app}")
            .expects(Oracle::CodeByAdmin)
            .changing(&["codes", "audit"]),
        case("I-10", "after 15 minutes")
            .after(Scene::OpenedAsAna)
            .after(Scene::Later(Duration::from_mins(15)))
            .get("/in/ada")
            .signs_in_again()
            .then(Then::SessionDead),
        case("I-10", "a code after 15 minutes")
            .after(Scene::OpenedAsAna)
            .after(Scene::Later(Duration::from_secs(15 * 60 + 1)))
            .get("{authorize}")
            .signs_in_again(),
        case("I-10", "the administrator is suspended meanwhile")
            .after(Scene::OpenedAsAna)
            .after(Scene::Suspended(admin))
            .get("{authorize}")
            .signs_in_again(),
        case("I-10", "the person is suspended meanwhile")
            .after(Scene::OpenedAsAna)
            .after(Scene::Suspended(ana()))
            .get("{authorize}")
            .signs_in_again(),
        case("I-10", "the cookie that the administrator had before")
            .by(admin)
            .sends(form("/in/ada/open-as", OPEN_AS_ANA))
            .expects(Oracle::Onward("/in/ada"))
            .changing(&["sessions", "audit"])
            .then(Then::SessionDead),
    ]);
    cases
}
