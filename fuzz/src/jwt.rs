//! Signed tokens: nothing verifies that its key did not sign, and what was signed holds only if
//! its header and claims say what they must.
//!
//! An input of two or more lines is signed here, the first line as the header and the rest as the
//! claims. Any other is a token as somebody may send it, held against the keys and tokens that RFC
//! 7515 prints in its appendices A.2 and A.3.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use firstbell_protocol::jose::verify::{Expected, LEEWAY_SECONDS, Time};
use firstbell_protocol::jose::{Algorithm, JwkSet, SigningKey, UnverifiedToken};
use serde_json::Value;

/// The public keys of RFC 7515 appendices A.2.1 and A.3.1.
const KEYS: &str = r#"{"keys":[
{"kty":"RSA","kid":"a2","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
{"kty":"EC","kid":"a3","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

/// What those keys signed there.
const SIGNED: [&str; 2] = [
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
];

static PUBLISHED: LazyLock<Vec<JwkSet>> = LazyLock::new(|| {
    let all = JwkSet::parse(KEYS.as_bytes()).expect("keys");
    assert_eq!(all.keys.len(), 2);
    // A token without `kid` is held against a set of one key.
    let single = all.keys.iter().map(|key| JwkSet { keys: vec![key.clone()] });
    single.chain([all.clone()]).collect()
});

static OWN: LazyLock<Own> = LazyLock::new(|| {
    let key = SigningKey::generate(Algorithm::Es256).expect("a key");
    let pkcs8 = key.to_pkcs8().expect("PKCS #8");
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).expect("a pair");
    Own { pair, keys: JwkSet { keys: vec![key.public().clone()] } }
});

/// A key whose private part is here, to get behind the signature.
struct Own {
    pair: EcdsaKeyPair,
    keys: JwkSet,
}

/// Takes a token, or what a token is to say.
///
/// # Panics
/// When a promise is broken.
pub fn examine(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match text.split_once('\n') {
        Some((header, claims)) => signed(header, claims),
        None => sent(text),
    }
    // A `jwks_uri` answers with any bytes, too.
    if let Ok(set) = JwkSet::parse(bytes) {
        let printed = serde_json::to_vec(&set).expect("JSON");
        assert_eq!(JwkSet::parse(&printed), Ok(set));
    }
}

fn sent(token: &str) {
    let Ok(unverified) = UnverifiedToken::parse(token) else { return };
    assert_eq!(token.matches('.').count(), 2);
    for keys in &*PUBLISHED {
        if unverified.clone().verify(keys).is_ok() {
            let (signed, _) = token.rsplit_once('.').expect("parts");
            assert!(SIGNED.contains(&signed), "nobody signed {token}");
        }
    }
}

fn signed(header: &str, claims: &str) {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = OWN.pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    let Ok(unverified) = UnverifiedToken::parse(&token) else { return };
    assert!(PUBLISHED.iter().all(|keys| unverified.clone().verify(keys).is_err()));
    let Ok(verified) = unverified.verify(&OWN.keys) else { return };

    let read: Value = serde_json::from_str(header).expect("JSON");
    assert_eq!(read["alg"], "ES256");
    assert!(read.get("kid").is_none_or(|id| *id == OWN.keys.keys[0].id.as_str()));
    for name in ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"] {
        assert!(read.get(name).is_none(), "{name}");
    }

    let seconds = 1_790_000_000;
    let expected = Expected { issuer: "joe", audience: "fly", time: Time::Now { seconds } };
    if verified.expect(expected).is_ok() {
        let claims: Value = serde_json::from_str(claims).expect("JSON");
        assert_eq!(claims["iss"], "joe");
        let audience = &claims["aud"];
        let named =
            audience.as_array().map_or(audience == "fly", |all| all.contains(&"fly".into()));
        assert!(named && claims.get("azp").is_none_or(|party| party == "fly"), "{claims}");
        assert!(claims["exp"].as_i64().is_some_and(|exp| exp + LEEWAY_SECONDS > seconds));
        assert!(claims["iat"].as_i64().is_some_and(|iat| iat <= seconds + LEEWAY_SECONDS));
    }
}
