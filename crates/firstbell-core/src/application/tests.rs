use super::*;
use crate::secret::tests::Counting;

pub(crate) fn flightschool() -> Application {
    Application {
        id: ApplicationId::new(Timestamp::from_milliseconds(0), &mut Counting(1)),
        client_id: "c0ffee".parse().expect("a client id"),
        secrets: vec![ClientSecret { hash: Secret::from_text("secret").hash(), until: None }],
        name: "FlightSchool".into(),
        developer: None,
        website: None,
        initiate_login_uri: None,
        redirect_uris: ["https://fly.example/cb", "https://fly.example/other"]
            .map(|uri| uri.parse().expect("a URI"))
            .to_vec(),
        user_types: vec![RoleKind::Student, RoleKind::Teacher],
        stage: Stage::Production,
        tier: AccessTier::DistrictSso,
        switches: Switches::default(),
        id_token_algorithm: IdTokenAlgorithm::default(),
        disabled: None,
    }
}

fn verified(sent: Option<&str>) -> Result<String, RedirectError> {
    let sent: Option<RedirectUri> = sent.map(|uri| uri.parse().expect("a URI"));
    flightschool().verify_redirect(sent.as_ref()).map(|redirect| redirect.uri().to_string())
}

#[test]
fn the_first_redirect_uri_is_taken_where_none_is_sent() {
    assert_eq!(verified(None), Ok("https://fly.example/cb".into()));
    assert_eq!(verified(Some("https://fly.example/other")), Ok("https://fly.example/other".into()));
}

#[test]
fn a_redirect_uri_matches_byte_for_byte_or_not_at_all() {
    for near in [
        "https://fly.example/cb/",
        "https://fly.example/CB",
        "https://FLY.example/cb",
        "https://fly.example:443/cb",
        "https://fly.example/cb?x=1",
        "https://fly.example/%63b",
        "http://fly.example/cb",
        "https://fly.example.evil.example/cb",
        "https://fly.example/./cb",
    ] {
        assert_eq!(verified(Some(near)), Err(RedirectError::NotRegistered), "{near}");
    }
}

#[test]
fn only_the_secret_proves_an_application() {
    let proved =
        |text: &str| flightschool().is_proved_by(&Secret::from_text(text), Timestamp::default());
    assert!(proved("secret"));
    assert!(!proved("Secret"));
    assert!(!proved(""));
}

#[test]
fn two_secrets_count_while_an_application_goes_over_to_a_new_one() {
    let mut application = flightschool();
    let now = Timestamp::from_milliseconds(1_000);
    let hour = Duration::from_hours(1);
    application.secrets = application.secrets_with(Secret::from_text("new").hash(), hour, now);
    let proved = |application: &Application, text: &str, at| {
        application.is_proved_by(&Secret::from_text(text), at)
    };
    assert!(proved(&application, "new", now) && proved(&application, "secret", now));
    assert!(proved(&application, "new", now + hour));
    assert!(!proved(&application, "secret", now + hour), "its time is over");

    application.secrets = application.secrets_with(Secret::from_text("third").hash(), hour, now);
    assert!(!proved(&application, "secret", now), "there are two at most");
    application.secrets =
        application.secrets_with(Secret::from_text("4th").hash(), Duration::ZERO, now);
    assert!(proved(&application, "4th", now) && !proved(&application, "third", now));
}

#[test]
fn switches_have_names() {
    let mut switches = Switches::default();
    assert_eq!(switches.names().count(), 0);
    for (name, ..) in Switches::ALL {
        assert!(switches.set(name, true), "{name}");
    }
    assert_eq!(switches.names().count(), Switches::ALL.len());
    assert!(!switches.set("everything", true));
}

#[test]
fn what_cannot_be_registered() {
    use RegistrationError as R;
    let refused = |change: &dyn Fn(&mut Application)| {
        let mut application = flightschool();
        change(&mut application);
        check_registration(&application).err()
    };
    let uri = |text: &str| -> RedirectUri { text.parse().expect("a URI") };
    let private = uri("https://192.168.0.1/cb");
    assert_eq!(
        refused(&|it| it.redirect_uris.push(private.clone())),
        Some(R::PrivateHost(private.clone()))
    );
    let first = flightschool().redirect_uris[0].clone();
    assert_eq!(
        refused(&|it| it.redirect_uris.push(first.clone())),
        Some(R::RedirectUriTwice(first.clone()))
    );
    let many = (0..51).map(|n| uri(&format!("https://fly.example/{n}")));
    let many: Vec<_> = many.collect();
    assert_eq!(refused(&|it| it.redirect_uris.clone_from(&many)), Some(R::TooManyRedirectUris));
    let plain = uri("http://fly.example/start");
    assert_eq!(
        refused(&|it| it.initiate_login_uri = Some(plain.clone())),
        Some(R::NotHttps(plain.clone()))
    );
    let classroom_with_id_tokens = |it: &mut Application| {
        it.tier = AccessTier::Classroom;
        it.switches.oidc = true;
    };
    assert_eq!(refused(&classroom_with_id_tokens), Some(R::ClassroomOidc));
    let implicit_with_pkce = |it: &mut Application| {
        it.switches.implicit = true;
        it.switches.pkce_required = true;
    };
    assert_eq!(refused(&implicit_with_pkce), Some(R::ImplicitWithPkce));
}

#[test]
fn a_production_application_registers_https_only() {
    let mut application = flightschool();
    assert_eq!(check_registration(&application), Ok(()));
    let plain: RedirectUri = "http://fly.example/cb".parse().expect("a URI");
    application.redirect_uris.push(plain.clone());
    assert_eq!(check_registration(&application), Err(RegistrationError::NotHttps(plain)));
    application.stage = Stage::Development;
    assert_eq!(check_registration(&application), Ok(()));
    application.redirect_uris.clear();
    assert_eq!(check_registration(&application), Err(RegistrationError::NoRedirectUri));
}
