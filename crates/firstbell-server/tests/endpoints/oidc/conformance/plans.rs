//! The modules of the OpenID Foundation's plans for providers, by their names, and which of them its
//! suite skips for us. That every one has its test here is itself tested.

use std::collections::BTreeSet;

/// `oidcc-basic-certification-test-plan`.
const BASIC: [&str; 38] = [
    "oidcc-server",
    "oidcc-response-type-missing",
    "oidcc-idtoken-signature",
    "oidcc-idtoken-unsigned",
    "oidcc-userinfo-get",
    "oidcc-userinfo-post-header",
    "oidcc-userinfo-post-body",
    "oidcc-ensure-request-without-nonce-succeeds-for-code-flow",
    "oidcc-scope-profile",
    "oidcc-scope-email",
    "oidcc-scope-address",
    "oidcc-scope-phone",
    "oidcc-scope-all",
    "oidcc-alternate-happy-flow",
    "oidcc-display-page",
    "oidcc-display-popup",
    "oidcc-prompt-login",
    "oidcc-prompt-none-not-logged-in",
    "oidcc-prompt-none-logged-in",
    "oidcc-max-age-1",
    "oidcc-max-age-10000",
    "oidcc-ensure-request-with-unknown-parameter-succeeds",
    "oidcc-id-token-hint",
    "oidcc-login-hint",
    "oidcc-ui-locales",
    "oidcc-claims-locales",
    "oidcc-ensure-request-with-acr-values-succeeds",
    "oidcc-codereuse",
    "oidcc-codereuse-30seconds",
    "oidcc-ensure-registered-redirect-uri",
    "oidcc-ensure-post-request-succeeds",
    "oidcc-server-client-secret-post",
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
    "oidcc-claims-essential",
    "oidcc-ensure-request-object-with-redirect-uri",
    "oidcc-refresh-token",
    "oidcc-ensure-request-with-valid-pkce-succeeds",
];

/// `oidcc-config-certification-test-plan`.
const CONFIG: [&str; 1] = ["oidcc-discovery-endpoint-verification"];

/// `oidcc-3rdparty-init-login-certification-test-plan`.
const THIRD_PARTY: [&str; 2] = ["oidcc-3rd_party-init-login", "oidcc-3rd_party-init-login-nohttps"];

/// What the real suite skips, and why. Here, the test of that name shows what we do instead.
const EXPECTED_SKIPS: [(&str, &str); 8] = [
    ("oidcc-idtoken-signature", "runs with dynamic registration only, which we do not offer"),
    ("oidcc-idtoken-unsigned", "we sign every ID token"),
    ("oidcc-scope-address", "no roster holds addresses that are shared; the scope is not offered"),
    ("oidcc-scope-phone", "no roster holds numbers that are shared; the scope is not offered"),
    ("oidcc-scope-all", "asks for address and phone, which are not offered"),
    ("oidcc-refresh-token", "tokens of people are never refreshed"),
    ("oidcc-3rd_party-init-login", "runs with dynamic registration only, which we do not offer"),
    (
        "oidcc-3rd_party-init-login-nohttps",
        "runs with dynamic registration only, which we do not offer",
    ),
];

fn tests_of(source: &str) -> BTreeSet<String> {
    let names = source.lines().filter_map(|line| {
        let rest = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))?;
        Some(rest.split('(').next()?.to_owned())
    });
    names.filter(|name| name.starts_with("oidcc_")).collect()
}

fn named(modules: &[&str]) -> BTreeSet<String> {
    modules.iter().map(|module| module.replace('-', "_")).collect()
}

#[test]
fn every_module_has_its_test() {
    assert_eq!(tests_of(include_str!("basic.rs")), named(&BASIC));
    assert_eq!(tests_of(include_str!("config.rs")), named(&CONFIG));
    assert_eq!(tests_of(include_str!("third_party.rs")), named(&THIRD_PARTY));
}

#[test]
fn what_is_skipped_is_in_a_plan_and_in_the_document() {
    let document = include_str!("../../../../../../docs/integrate/openid-conformance.md");
    let modules: Vec<_> = BASIC.iter().chain(&CONFIG).chain(&THIRD_PARTY).collect();
    for (module, reason) in EXPECTED_SKIPS {
        assert!(modules.contains(&&module), "{module} is in no plan");
        assert!(document.contains(module), "{module} ({reason}) is not in the document");
    }
}
