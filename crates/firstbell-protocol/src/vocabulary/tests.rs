use super::*;

#[test]
fn role_kinds_read_back_by_their_name() {
    for kind in RoleKind::ALL {
        assert_eq!(kind.name().parse(), Ok(kind));
    }
    assert_eq!("principal".parse::<RoleKind>(), Err(Malformed::RoleKind));
}

#[test]
fn redirect_uris_are_absolute_and_plain() {
    for good in [
        "https://a.example/cb",
        "https://A.example/cb",
        "http://127.0.0.1:3000/oauth?x=1",
        "https://a.example",
        "https://[2001:db8::1]:8443/cb",
        "https://xn--bcher-kva.example/cb",
    ] {
        assert!(good.parse::<RedirectUri>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "/cb",
        "https:///cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a.example/#f",
        "https://u@a.example/",
        "https://a.example/ x",
        "https://a.example\\@b.example/",
        "https://a.example\"b/",
        "https:443://a.example/",
        "https://0x7f.1/",
        "https://%61.example/",
        "HTTPS://a.example/",
        "https://a.example/{x}",
        "https://a.example/<x>",
        "https://a.example/\n",
        "https://é.example/",
        "myapp://cb",
        "https:a.example/cb",
        "https:/a.example/cb",
        "https:a.example/cb?x=://y",
        "https://a%2eexample/cb",
        "https://127.1/cb",
        "https://0x7f000001/cb",
        "https://2130706433/cb",
        "https://0177.0.0.1/cb",
    ] {
        assert_eq!(bad.parse::<RedirectUri>(), Err(Malformed::RedirectUri), "{bad}");
    }
}

#[test]
fn private_networks_are_known_in_every_spelling() {
    for private in [
        "https://localhost/cb",
        "https://localhost./cb",
        "https://app.localhost/cb",
        "https://intranet/cb",
        "https://printer.local/cb",
        "https://127.0.0.1/cb",
        "https://10.0.0.1/cb",
        "https://100.64.0.1/cb",
        "https://169.254.169.254/cb",
        "https://[::1]/cb",
        "https://[fd00::1]/cb",
        "https://[::ffff:a00:1]/cb",
    ] {
        let uri: RedirectUri = private.parse().expect(private);
        assert!(uri.is_on_a_private_network(), "{private}");
    }
    for public in ["https://app.example/cb", "https://8.8.8.8/cb", "https://[2001:db8::1]/cb"] {
        let uri: RedirectUri = public.parse().expect(public);
        assert!(!uri.is_on_a_private_network(), "{public}");
    }
}

#[test]
fn parameters_follow_those_that_were_registered() {
    for (registered, expected) in [
        ("https://a.example/cb", "https://a.example/cb?code=1&scope=a%20b"),
        ("https://a.example/cb?x=1", "https://a.example/cb?x=1&code=1&scope=a%20b"),
        ("https://a.example/cb?", "https://a.example/cb?code=1&scope=a%20b"),
    ] {
        let uri: RedirectUri = registered.parse().expect(registered);
        assert_eq!(uri.with_query(&[("code", "1"), ("scope", "a b")]), expected);
    }
}

#[test]
fn state_comes_back_byte_for_byte_through_a_form_decoder() {
    let uri: RedirectUri = "https://a.example/cb".parse().expect("a URI");
    let state = "a+b %20&c=d#é\"'<>/?:@!$()*,;~";
    let location = uri.with_query(&[("state", state)]);
    let read = Url::parse(&location).expect("a URL");
    assert_eq!(
        read.query_pairs().next().map(|(_, value)| value.into_owned()).as_deref(),
        Some(state)
    );
}

#[test]
fn a_challenge_is_43_characters_of_base64url() {
    // RFC 7636 appendix B.
    let challenge: CodeChallenge =
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".parse().expect("a challenge");
    assert_eq!(challenge.as_bytes()[..3], [0x13, 0xd3, 0x1e]);
    for bad in [
        "",
        "x",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
    ] {
        assert_eq!(bad.parse::<CodeChallenge>(), Err(Malformed::CodeChallenge), "{bad}");
    }
}

#[test]
fn a_nonce_is_a_text_of_at_most_a_kilobyte() {
    assert!("n-0S6_WzA2Mj".parse::<Nonce>().is_ok());
    for bad in ["", "a\0b", "a\u{FFFD}b", &"x".repeat(1025)] {
        assert_eq!(bad.parse::<Nonce>(), Err(Malformed::Nonce));
    }
}

#[test]
fn an_empty_state_is_none_and_a_huge_one_is_refused() {
    assert!(matches!(State::parse(""), Ok(None)));
    assert!(matches!(State::parse("x"), Ok(Some(_))));
    assert!(matches!(State::parse(&"x".repeat(4097)), Err(Malformed::State)));
    assert!(matches!(State::parse("a\0b"), Err(Malformed::State)));
    assert!(matches!(State::parse("a\u{FFFD}b"), Err(Malformed::State)));
}
