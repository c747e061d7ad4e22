use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::verify::{Expected, Time};
use super::*;

static RSA: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Rs256).expect("a key"));
static P256: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Es256).expect("a key"));

fn keys() -> JwkSet {
    JwkSet { keys: vec![RSA.public().clone(), P256.public().clone()] }
}

fn claims() -> Value {
    json!({"iss": "https://login.example", "sub": "a", "aud": "fly", "iat": 1000, "exp": 4600})
}

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// What the verifier says of a token with this header and these claims, signed by the RSA key.
fn verdict(header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = {
        // The key signs what it is given, whatever the header says.
        let pkcs8 = RSA.to_pkcs8().expect("PKCS #8");
        let pair = aws_lc_rs::rsa::KeyPair::from_pkcs8(&pkcs8).expect("a pair");
        let mut bytes = vec![0; pair.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        pair.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut bytes)
            .expect("a signature");
        bytes
    };
    judge(&format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn judge(token: &str) -> String {
    let token = match UnverifiedToken::parse(token) {
        Ok(token) => token,
        Err(refusal) => return format!("{refusal:?}"),
    };
    let expected = Expected {
        issuer: "https://login.example",
        audience: "fly",
        time: Time::Now { seconds: 2000 },
    };
    match token.verify(&keys()).and_then(|claims| claims.expect(expected)) {
        Ok(()) => "holds".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

fn good_header() -> String {
    format!(r#"{{"alg":"RS256","kid":"{}"}}"#, RSA.public().id)
}

#[test]
fn a_token_of_either_algorithm_verifies_with_its_key_alone() {
    for (key, other) in [(&RSA, &P256), (&P256, &RSA)] {
        let token = key.sign(&claims()).expect("signed");
        assert_eq!(judge(&token), "holds", "{key:?}");
        let unverified = UnverifiedToken::parse(&token).expect("a token");
        assert_eq!(unverified.unverified_issuer(), Some("https://login.example"));
        let others = JwkSet { keys: vec![other.public().clone()] };
        assert_eq!(unverified.verify(&others), Err(VerifyError::UnknownKey));
    }
}

#[test]
fn a_key_reads_back_from_what_is_stored_of_it() {
    for key in [&RSA, &P256] {
        let algorithm = key.algorithm();
        let again = SigningKey::from_pkcs8(algorithm, &key.to_pkcs8().expect("PKCS #8"));
        assert_eq!(again.expect("a key").public(), key.public());
        let der = key.public().key.to_der().expect("DER");
        assert_eq!(PublicKey::from_der(algorithm, &der).as_ref(), Ok(&key.public().key));
        for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            assert_eq!(PublicKey::from_der(other, &der), Err(MalformedKey));
            assert!(SigningKey::from_pkcs8(other, &key.to_pkcs8().expect("PKCS #8")).is_err());
        }
    }
}

#[test]
fn any_changed_byte_breaks_a_token() {
    for key in [&RSA, &P256] {
        let token = key.sign(&claims()).expect("signed");
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            // The last character of a part may hold bits that mean nothing; they must be zero.
            assert_ne!(judge(&changed), "holds", "at {at}");
        }
        for end in 0..token.len() {
            assert_ne!(judge(&token[..end]), "holds", "cut at {end}");
        }
    }
}

#[test]
fn a_set_prints_public_members_only_and_reads_back() {
    let printed = serde_json::to_value(keys()).expect("JSON");
    let names = |at: usize| {
        let mut names: Vec<_> = printed["keys"][at].as_object().expect("a key").keys().collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(0), ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!(names(1), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    assert_eq!(printed["keys"][0]["e"], "AQAB");
    assert_eq!(JwkSet::parse(printed.to_string().as_bytes()), Ok(keys()));
}

#[test]
fn keys_that_are_none_of_ours_are_left_out_of_a_set() {
    let small = URL_SAFE_NO_PAD.encode([0xc1; 128]);
    let rsa = serde_json::to_value(RSA.public()).expect("JSON");
    let mut for_encryption = rsa.clone();
    for_encryption["use"] = "enc".into();
    let mut for_another = rsa;
    for_another["alg"] = "RS512".into();
    let set = json!({"keys": [
        {"kty": "oct", "kid": "a", "k": "AAAA"},
        {"kty": "RSA", "kid": "b", "n": small, "e": "AQAB"},
        {"kty": "EC", "crv": "P-256", "kid": "c", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "crv": "P-521", "kid": "d", "x": "AAAA", "y": "AAAA"},
        for_encryption, for_another, 7, {"kid": "e"},
        P256.public(),
    ]});
    let read = JwkSet::parse(set.to_string().as_bytes()).expect("a set");
    assert_eq!(read.keys, [P256.public().clone()]);
    assert!(JwkSet::parse(b"[]").is_err() && JwkSet::parse(&[b' '; 70_000]).is_err());
}

/// RFC 7638 section 3.1 prints the key and its thumbprint.
#[test]
fn a_key_is_named_by_its_thumbprint() {
    let set = br#"{"keys":[{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}]}"#;
    let set = JwkSet::parse(set).expect("a set");
    assert_eq!(set.keys[0].key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn what_a_header_may_not_say() {
    let kid = &RSA.public().id;
    let claims = claims().to_string();
    let with = |more: &str| format!(r#"{{"alg":"RS256","kid":"{kid}",{more}}}"#);
    let jwk = serde_json::to_string(RSA.public()).expect("JSON");
    assert_eq!(verdict(&good_header(), &claims), "holds", "else nothing below means anything");
    for (header, expected) in [
        (with(r#""typ":"jwt","cty":"x","unknown":1"#), "holds".to_owned()),
        (r#"{"alg":"none"}"#.to_owned(), "Algorithm".to_owned()),
        (format!(r#"{{"alg":"none","kid":"{kid}"}}"#), "Algorithm".to_owned()),
        (format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#), "Algorithm".to_owned()),
        (format!(r#"{{"alg":"rs256","kid":"{kid}"}}"#), "Algorithm".to_owned()),
        (format!(r#"{{"alg":"RS384","kid":"{kid}"}}"#), "Algorithm".to_owned()),
        (format!(r#"{{"alg":["RS256"],"kid":"{kid}"}}"#), "Algorithm".to_owned()),
        (format!(r#"{{"kid":"{kid}"}}"#), "Algorithm".to_owned()),
        (format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#), "OtherAlgorithm".to_owned()),
        (
            format!(r#"{{"alg":"PBES2-HS256+A128KW","p2c":2000000000,"kid":"{kid}"}}"#),
            r#"Header("p2c")"#.to_owned(),
        ),
        (
            format!(r#"{{"alg":"RSA-OAEP","enc":"A128GCM","zip":"DEF","kid":"{kid}"}}"#),
            r#"Header("zip")"#.to_owned(),
        ),
        (with(r#""crit":["exp"]"#), r#"Header("crit")"#.to_owned()),
        (with(r#""b64":false"#), r#"Header("b64")"#.to_owned()),
        (with(r#""jku":"https://evil.example/keys""#), r#"Header("jku")"#.to_owned()),
        (with(r#""x5u":"https://evil.example/chain""#), r#"Header("x5u")"#.to_owned()),
        (with(&format!(r#""jwk":{jwk}"#)), r#"Header("jwk")"#.to_owned()),
        (with(r#""typ":"logout+jwt""#), "Type".to_owned()),
        (with(r#""typ":7"#), "Type".to_owned()),
        (with(r#""alg":"RS256""#), "Malformed".to_owned()),
        (r#"{"alg":"RS256"}"#.to_owned(), "UnknownKey".to_owned()),
        (r#"{"alg":"RS256","kid":"../../etc/passwd"}"#.to_owned(), "UnknownKey".to_owned()),
        (r#"{"alg":"RS256","kid":"' OR 1=1 --"}"#.to_owned(), "UnknownKey".to_owned()),
        (r#"{"alg":"RS256","kid":7}"#.to_owned(), "KeyId".to_owned()),
        (format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "k".repeat(129)), "KeyId".to_owned()),
        ("[]".to_owned(), "Malformed".to_owned()),
    ] {
        assert_eq!(verdict(&header, &claims), expected, "{header}");
    }
}

#[test]
fn what_claims_must_say() {
    let with = |changes: Value| {
        let mut claims = claims();
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        claims.to_string()
    };
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().expect("an object").remove(name);
        claims.to_string()
    };
    let nested = r#"{"iss":"https://login.example","aud":"fly","iat":1,"exp":9999,"act":{"sub":"a","sub":"b"}}"#;
    let twice = r#"{"iss":"https://login.example","aud":"fly","iat":1,"exp":9999,"exp":9999}"#;
    let deep = format!("{}{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    for (claims, expected) in [
        (with(json!({"aud": ["fly"]})), "holds"),
        (with(json!({"aud": ["fly", "b"], "azp": "fly"})), "holds"),
        (with(json!({"exp": 1941})), "holds"),
        (with(json!({"iat": 2060})), "holds"),
        (with(json!({"aud": ["fly", "b"]})), "Audience"),
        (with(json!({"aud": ["fly", "b"], "azp": "b"})), "Audience"),
        (with(json!({"azp": "b"})), "Audience"),
        (with(json!({"aud": "b"})), "Audience"),
        (with(json!({"aud": []})), "Audience"),
        (with(json!({"aud": ["fly", 7], "azp": "fly"})), r#"Claim("aud")"#),
        (with(json!({"aud": null})), r#"Claim("aud")"#),
        (without("aud"), r#"Claim("aud")"#),
        (with(json!({"iss": "https://login.example/"})), "Issuer"),
        (with(json!({"iss": "https://login.example.evil.example"})), "Issuer"),
        (without("iss"), r#"Claim("iss")"#),
        (with(json!({"exp": 1940})), "Time"),
        (with(json!({"exp": "4600"})), r#"Claim("exp")"#),
        (with(json!({"exp": 4600.5})), r#"Claim("exp")"#),
        (with(json!({"exp": 1e308})), r#"Claim("exp")"#),
        (with(json!({"exp": u64::MAX})), r#"Claim("exp")"#),
        (without("exp"), r#"Claim("exp")"#),
        (with(json!({"nbf": 2061})), "Time"),
        (with(json!({"iat": 2061})), "Time"),
        (with(json!({"iat": true})), r#"Claim("iat")"#),
        (without("iat"), r#"Claim("iat")"#),
        (twice.to_owned(), "Malformed"),
        (nested.to_owned(), "Malformed"),
        (deep, "Malformed"),
        ("\"text\"".to_owned(), "Malformed"),
        (String::new(), "Malformed"),
    ] {
        assert_eq!(verdict(&good_header(), &claims), expected, "{claims}");
    }
}

#[test]
fn a_public_key_is_no_password() {
    let der = RSA.public().key.to_der().expect("DER");
    let header = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, RSA.public().id);
    let signed = format!("{}.{}", encode(&header), encode(&claims().to_string()));
    for secret in [der.as_slice(), b""] {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
        let tag = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag));
        assert_eq!(judge(&token), "Algorithm");
    }
}

#[test]
fn texts_that_are_no_tokens() {
    let token = RSA.sign(&claims()).expect("signed");
    let unsigned = format!("{}.", token.rsplit_once('.').expect("parts").0);
    let padded = format!("{token}=");
    for (text, expected) in [
        ("", "Malformed"),
        ("a.b", "Malformed"),
        ("..", "Malformed"),
        (&*format!("{token}.x"), "Malformed"),
        (&*format!("{token}.x.y"), "Malformed"),
        (&*padded, "Malformed"),
        (&*unsigned, "Signature"),
        (&*"a".repeat(16 * 1024 + 1), "TooLong"),
    ] {
        assert_eq!(judge(text), expected, "{}", &text[..text.len().min(20)]);
    }
}

#[test]
fn nothing_private_is_printed() {
    let printed = format!("{:?} {:?}", *RSA, *P256);
    assert_eq!(
        printed,
        format!(
            "SigningKey(RS256 {}, …) SigningKey(ES256 {}, …)",
            RSA.public().id,
            P256.public().id
        )
    );
}
