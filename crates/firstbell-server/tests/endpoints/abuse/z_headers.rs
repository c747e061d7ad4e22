//! Z: headers and paths that a request may carry and that must not matter. What only a socket can
//! send is in [`super::wire`].

use super::b_tokens::REDEEM;
use super::case::{Case, Scene, Then, case, exchange, form, get};
use super::oracle::Oracle;
use crate::world::{ana, encoded};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let foreign = [
        ("host", "evil.test"),
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-port", "1"),
        ("forwarded", "for=127.0.0.1;host=evil.test;proto=http"),
        ("x-original-url", "/metrics"),
        ("x-rewrite-url", "/in/north"),
        ("x_forwarded_for", "127.0.0.1"),
        ("x-http-method-override", "DELETE"),
        ("x-real-ip", "127.0.0.1"),
        ("via", "1.1 evil.test"),
    ];
    for (header, value) in foreign {
        let id = match header {
            "host" => "Z-01",
            "x_forwarded_for" | "x-original-url" | "x-rewrite-url" | "x-http-method-override" => {
                "Z-03"
            }
            _ => "Z-02",
        };
        cases.push(
            case(id, format!("a login with {header}: {value}"))
                .sends(get("{authorize}").with(header, value))
                .signs_in_again(),
        );
        cases.push(
            case(id, format!("a code with {header}: {value}"))
                .by(ana())
                .sends(get("{authorize}").with(header, value))
                .code_without_state(),
        );
        cases.push(
            case(id, format!("the Data API without a token, with {header}: {value}"))
                .sends(get("/v3.0/me").with(header, value))
                .api(401),
        );
    }
    for agent in ["kube-probe/1.30", "ELB-HealthChecker/2.0", "GoogleHC/1.0", "Firstbell"] {
        cases.push(
            case("Z-04", format!("the portal for {agent}"))
                .sends(get("/in/ada").with("user-agent", agent))
                .signs_in_again(),
        );
        cases.push(
            case("Z-04", format!("the Data API for {agent}"))
                .sends(get("/v3.0/me").with("user-agent", agent))
                .api(401),
        );
    }
    cases.push(
        case("Z-04", "/healthz in front of a path").get("/healthz/../v3.0/me").page(404, "FB1010"),
    );
    for (path, oracle) in [
        ("/v3.0/me", Oracle::Api(401)),
        ("/oauth/tokens", Oracle::Token(401, "invalid_client")),
        ("/in/nowhere", Oracle::Page(404, "FB1006")),
    ] {
        cases.push(
            case("Z-08", format!("{path} asked by a foreign page"))
                .sends(get(path).with("origin", "https://evil.test"))
                .expects(oracle),
        );
    }
    cases.push(
        case("Z-08", "a code exchanged by a foreign page that knows no secret")
            .after(Scene::Code(ana()))
            .sends(exchange(REDEEM).without("authorization").with("origin", "https://evil.test"))
            .token_refused(401, "invalid_client")
            .then(Then::CodeKept),
    );
    cases.extend(paths());
    cases.extend(reflected());
    cases.extend(methods());
    cases
}

fn paths() -> Vec<Case> {
    let on_assets = [
        "/assets/x/..%2f..%2fCargo.toml",
        "/assets/..%2f..%2f/etc/passwd",
        "/assets/x/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/assets/x/..;/firstbell.css",
        "/assets/x/firstbell.css%00.png",
        "/assets/x/%252e%252e%252fpasswd",
        "/assets/x/firstbell.css",
        "/assets/%00/%00",
    ];
    let elsewhere = [
        "/assets/",
        "/assets/../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/.git/config",
        "/.env",
        "/firstbell.toml",
        "/master.key",
        "/debug/pprof",
        "/server-status",
        "/actuator/env",
    ];
    let assets = on_assets
        .into_iter()
        .map(|path| case("Z-09", format!("GET {path}")).get(path).expects(Oracle::Bare(404)));
    let others = elsewhere
        .into_iter()
        .map(|path| case("Z-09", format!("GET {path}")).get(path).page(404, "FB1010"));
    assets.chain(others).collect()
}

/// Every parameter of every page, with what would run if it came back as it is.
fn reflected() -> Vec<Case> {
    let mut cases = Vec::new();
    for polyglot in [
        "\"><script>abuse-mark()</script>",
        "'-alert(1)-'<img src=x onerror=abuse-mark>",
        "javascript:/*--></title></style></textarea></script><svg/onload='+/\"/+/onmouseover=1/+/[*/[]/+abuse-mark()//'>",
        "{{constructor.constructor('abuse-mark')()}}<script>",
    ] {
        let value = encoded(polyglot);
        for parameter in ["q", "choose", "lang", "error", "error_description", "next"] {
            let id = if parameter.starts_with("error") { "Z-11" } else { "Z-10" };
            cases.push(
                case(id, format!("/login?{parameter}={polyglot}"))
                    .get(format!("/login?{parameter}={value}"))
                    .expects(Oracle::PageHolding(polyglot)),
            );
        }
        for path in ["/", "/in/ada"] {
            cases.push(
                case("Z-10", format!("{path}?lang={polyglot}"))
                    .by(ana())
                    .get(format!("{path}?lang={value}&x={value}"))
                    .expects(Oracle::PageHolding(polyglot)),
            );
        }
        for parameter in ["client_id", "redirect_uri"] {
            cases.push(
                case("Z-10", format!("authorize with {parameter}={polyglot}"))
                    .by(ana())
                    .get(format!("/oauth/authorize?response_type=code&{parameter}={value}"))
                    .page(400, "FB1001"),
            );
        }
        cases.push(
            case("Z-10", format!("a path: {polyglot}"))
                .get(format!("/{}", value.replace('+', "%20")))
                .page(404, "FB1010"),
        );
        cases.push(
            case("Z-10", format!("a name that is typed: {polyglot}"))
                .after(Scene::LoginBegun)
                .sends(form("/login/{login}/password", format!("username={value}&password=x")))
                .expects(Oracle::LoginHolding(polyglot))
                .changing(&["tries", "strangers_tries"]),
        );
    }
    cases
}

fn methods() -> Vec<Case> {
    let mut cases = Vec::new();
    for method in ["TRACE", "CONNECT", "PROPFIND", "DEBUG", "FOO"] {
        // CONNECT names a host and no path; as a method of a path it is as unknown as the others.
        for path in ["/", "/login", "/in/ada", "/healthz"] {
            cases.push(
                case("Z-17", format!("{method} {path}"))
                    .by(ana())
                    .sends(get(path).to(method, path).with("max-forwards", "0"))
                    .page(405, "FB1011"),
            );
        }
        cases.push(
            case("Z-17", format!("{method} of the Data API"))
                .sends(get("/v3.0/me").to(method, "/v3.0/me"))
                .api(405),
        );
    }
    cases
}
