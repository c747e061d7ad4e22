use super::*;
use crate::application::tests::flightschool;

const GOOD: &str = "response_type=code&client_id=c0ffee";

/// The outcome in words: `page …`, `redirect … state`, or where an admitted one goes.
fn outcome(query: &str) -> String {
    outcome_for(&flightschool(), query)
}

const NOW: Timestamp = Timestamp::from_milliseconds(1_000_000_000);

fn outcome_for(application: &Application, query: &str) -> String {
    let request = AuthorizeRequest::parse(query).expect("short enough");
    let find = |id: &ClientId| (*id == application.client_id).then_some(application);
    let state = |state: Option<State>| state.map_or("-".to_owned(), |s| s.as_str().to_owned());
    match admit(&request, NOW, find) {
        Ok(admitted) => format!("{} {}", admitted.redirect.uri(), state(admitted.state)),
        Err(AuthorizeRefusal::Page(cause)) => format!("page {}", cause.face().code),
        Err(AuthorizeRefusal::Redirect { state: mark, cause, .. }) => {
            format!("redirect {} {}", cause.face().oauth_name, state(mark))
        }
    }
}

#[test]
fn the_checks_and_their_outcomes() {
    for (query, expected) in [
        (GOOD.to_owned(), "https://fly.example/cb -"),
        (format!("{GOOD}&state=s&scope=x&foo=bar"), "https://fly.example/cb s"),
        (format!("{GOOD}&state="), "https://fly.example/cb -"),
        (format!("{GOOD}&redirect_uri=https://fly.example/other"), "https://fly.example/other -"),
        ("response_type=code".into(), "page FB1001"),
        ("response_type=code&client_id=nobody".into(), "page FB1001"),
        (format!("{GOOD}&client_id=c0ffee"), "page FB1001"),
        (format!("{GOOD}&redirect_uri=https://evil.example/"), "page FB1002"),
        (format!("{GOOD}&redirect_uri=/cb"), "page FB1002"),
        ("client_id=c0ffee&state=s".into(), "page FB1003"),
        (
            "client_id=c0ffee&response_type=token&state=s".into(),
            "redirect unsupported_response_type s",
        ),
        (format!("{GOOD}&response_type=code&state=s"), "redirect invalid_request s"),
        (format!("{GOOD}&state=a&state=b"), "redirect invalid_request -"),
    ] {
        assert_eq!(outcome(&query), expected, "{query}");
    }
}

fn demands(application: &Application, query: &str) -> Demands {
    let request = AuthorizeRequest::parse(query).expect("short enough");
    admit(&request, NOW, |_| Some(application)).expect(query).demands
}

#[test]
fn what_the_dialect_asks_for() {
    let application = flightschool();
    for (more, confirm, return_unshared) in [
        ("", false, false),
        ("&confirmed=false", true, false),
        ("&confirmed=FALSE", true, false),
        ("&confirmed=true&confirmed=false", true, false),
        ("&confirmed=true", false, false),
        ("&return_unshared=true", false, true),
        ("&return_unshared=TRUE", false, false),
        ("&return_unshared=1", false, false),
        ("&return_unshared=true&return_unshared=true", false, false),
        ("&prompt=login&max_age=1&id_token_hint=x", false, false),
    ] {
        let demands = demands(&application, &format!("{GOOD}{more}"));
        let expected = Demands { confirm, return_unshared, ..Demands::default() };
        assert_eq!(demands, expected, "{more}");
    }
}

#[test]
fn terms_that_are_refused() {
    let challenge = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let plain = flightschool();
    let mut strict = flightschool();
    strict.switches.pkce_required = true;
    let mut implicit = flightschool();
    implicit.switches.implicit = true;
    let mut oidc = flightschool();
    oidc.switches.oidc = true;
    let mut off = flightschool();
    off.disabled = Some(NOW);
    let good = "https://fly.example/cb s";
    let invalid = "redirect invalid_request s";
    let token = GOOD.replace("=code", "=token");
    for (application, query, expected) in [
        (&plain, format!("{GOOD}&{challenge}&code_challenge_method=S256"), good),
        (&plain, format!("{GOOD}&{challenge}"), invalid),
        (&plain, format!("{GOOD}&{challenge}&code_challenge_method=plain"), invalid),
        (&plain, format!("{GOOD}&code_challenge=x&code_challenge_method=S256"), invalid),
        (&plain, format!("{GOOD}&code_challenge_method=S256"), invalid),
        (&strict, GOOD.to_owned(), invalid),
        (&strict, format!("{GOOD}&{challenge}&code_challenge_method=S256"), good),
        (&plain, token.clone(), "redirect unsupported_response_type s"),
        (&implicit, token.clone(), good),
        (&implicit, format!("{token}&response_mode=fragment"), good),
        (&implicit, format!("{token}&response_mode=query"), invalid),
        (&plain, format!("{GOOD}&response_mode=query"), good),
        (&plain, format!("{GOOD}&response_mode=fragment"), invalid),
        (&plain, format!("{GOOD}&response_mode=form_post.jwt"), invalid),
        (&plain, format!("{GOOD}&scope=a&scope=b"), invalid),
        (&plain, format!("{GOOD}&request=x.y."), "redirect request_not_supported s"),
        (
            &plain,
            format!("{GOOD}&request_uri=https://x.example/"),
            "redirect request_uri_not_supported s",
        ),
        (&oidc, format!("{GOOD}&prompt=none"), good),
        (&oidc, format!("{GOOD}&prompt=none+login"), invalid),
        (&oidc, format!("{GOOD}&max_age=-1"), invalid),
        (&oidc, format!("{GOOD}&max_age=1e99"), invalid),
        (&plain, format!("{GOOD}&max_age=-1&prompt=none+login"), good),
        (&off, GOOD.to_owned(), "page FB1001"),
    ] {
        let query = format!("{query}&state=s");
        assert_eq!(outcome_for(application, &query), expected, "{query}");
    }
}

#[test]
fn how_fresh_a_session_must_be() {
    let mut oidc = flightschool();
    oidc.switches.oidc = true;
    let ago = |seconds| NOW.earlier_by(Duration::from_secs(seconds));
    for (more, since) in [
        ("", None),
        ("&prompt=login", Some(NOW)),
        ("&max_age=10", Some(ago(10))),
        ("&max_age=0", Some(NOW)),
        ("&prompt=login&max_age=10", Some(NOW)),
        ("&prompt=consent", None),
        ("&max_age=4294967295", Some(ago(4_294_967_295))),
    ] {
        assert_eq!(demands(&oidc, &format!("{GOOD}{more}")).fresh_since, since, "{more}");
    }
}

#[test]
fn a_district_that_is_no_id_leaves_the_choice_to_the_person() {
    let application = flightschool();
    for (text, expected) in [("62817af12d430f5d54001f99", true), ("nonsense", false), ("", false)] {
        let request = AuthorizeRequest::parse(&format!("{GOOD}&district_id={text}"));
        let admitted = admit(&request.expect("short"), NOW, |_| Some(&application));
        assert_eq!(admitted.expect("admitted").district.is_some(), expected, "{text}");
    }
}
