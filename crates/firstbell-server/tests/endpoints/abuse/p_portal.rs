//! P: tiles and addresses of the portal.

use super::case::{Case, Scene, Then, case, form, get};
use super::oracle::Oracle;
use crate::world::{ana, unshared};

pub fn cases() -> Vec<Case> {
    let mut cases = vec![
        case("P-01", "a tile of an application that the district has not connected")
            .by(ana())
            .get("/in/ada/launch/{loner_id}")
            .page(403, "FB2001"),
        case("P-01", "a tile that the person does not have")
            .by(unshared())
            .get("/in/ada/launch/{app}")
            .page(403, "FB2002"),
        case("P-03", "another district's portal").by(ana()).get("/in/north").signs_in_again(),
        case("P-03", "another district's tile")
            .by(ana())
            .get("/in/north/launch/{library_id}")
            .signs_in_again(),
        case("P-03", "another district's tile of an application that it has not connected")
            .by(ana())
            .get("/in/north/launch/{app}")
            .signs_in_again(),
        case("P-03", "\"I'm done\" at another district's address")
            .by(ana())
            .sends(form("/in/north/sign-out", "csrf=guess"))
            .page(403, "FB1009")
            .then(Then::SessionStays),
        case("P-04", "a tile for teachers")
            .by(ana())
            .get("/in/ada/launch/{chalk_id}")
            .page(403, "FB2003"),
        case("P-08", "the portal, fetched by nobody").get("/in/ada").signs_in_again(),
        case("P-08", "the portal, fetched by a program that looks like a search engine")
            .sends(get("/in/ada").with("user-agent", "Googlebot/2.1"))
            .signs_in_again(),
        case("P-09", "a tile 50 times")
            .by(ana())
            .after(Scene::Sent(get("/in/ada/launch/{app}"), 49))
            .get("/in/ada/launch/{app}")
            .expects(Oracle::Code { state: None })
            .changing(&["codes"]),
    ];
    for (link, status, code) in [
        ("client_id=c0ffee00c0ffee00c0f0&district_id={district}", 400, "FB1001"),
        ("client_id=C0FFEE00C0FFEE00C0FF&district_id={district}", 400, "FB1001"),
        ("client_id=&district_id={district}", 400, "FB1001"),
        ("district_id={district}", 400, "FB1001"),
        ("client_id={client}&client_id={library}&district_id={district}", 400, "FB1005"),
        ("client_id={client}&district_id=000000000000000000000000", 404, "FB1006"),
        ("client_id={client}&district_id=ada", 404, "FB1006"),
        ("client_id={client}&district_id={district}x", 404, "FB1006"),
        ("client_id={client}", 404, "FB1006"),
        ("client_id={client}&district_id={district}&district_id={north}", 400, "FB1005"),
    ] {
        cases.push(
            case("P-02", format!("a link of {link}"))
                .by(ana())
                .get(format!("/oauth/instant-login?{link}"))
                .page(status, code),
        );
    }
    for path in ["/oauth/instant-login/x", "/oauth/Instant-Login", "/oauth/instant_login"] {
        cases.push(case("P-02", path).by(ana()).get(path).page(404, "FB1010"));
    }
    cases.push(
        case("P-03", "another district's link")
            .by(ana())
            .get("/oauth/instant-login?client_id={library}&district_id={north}")
            .signs_in_again(),
    );
    cases.push(
        case("P-04", "a link for teachers")
            .by(ana())
            .get("/oauth/instant-login?client_id={chalk}&district_id={district}")
            .page(403, "FB2003"),
    );
    for id in ["000000000000000000000000", "nonsense", "..", "%00", "{client}", "' OR 1=1"] {
        let id = id.replace(' ', "%20");
        cases.push(
            case("P-01", format!("a tile of {id}"))
                .by(ana())
                .get(format!("/in/ada/launch/{id}"))
                .page(400, "FB1001"),
        );
    }
    for name in ["nowhere", "ADA", "ada%00", "ada%20", "%61da%2f", "аda", "..", "%F0%9F%94%94"] {
        let name: String = url::form_urlencoded::byte_serialize(name.as_bytes())
            .collect::<String>()
            .replace("%25", "%");
        cases.push(
            case("P-01", format!("the portal of {name}"))
                .by(ana())
                .get(format!("/in/{name}"))
                .page(404, "FB1006"),
        );
    }
    cases
}
