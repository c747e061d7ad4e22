//! Who may depend on whom, read from `cargo metadata`.

use anyhow::{Context, Result};
use serde::Deserialize;

/// The table of the house: a room, and the rooms that it may name. Both kinds of use count: the
/// program may not reach up, and its tests may not either.
const MAY_USE: &[(&str, &[&str])] = &[
    ("firstbell-protocol", &[]),
    ("firstbell-core", &["firstbell-protocol"]),
    ("firstbell-roster", &["firstbell-core"]),
    ("firstbell-store", &["firstbell-core"]),
    ("firstbell-upstream", &["firstbell-protocol", "firstbell-core"]),
    ("firstbell-client", &["firstbell-protocol"]),
    ("firstbell-certify", &["firstbell-protocol"]),
    // FlightSchool is in the server for `firstbell demo`, which starts both in one process.
    (
        "firstbell-server",
        &[
            "firstbell-protocol",
            "firstbell-core",
            "firstbell-roster",
            "firstbell-store",
            "firstbell-upstream",
            "flightschool",
        ],
    ),
    ("flightschool", &["firstbell-client"]),
    // These two meet the product as programs and over HTTP.
    ("bench", &["firstbell-protocol"]),
    // It holds what the rooms promise of their parsers; no room uses it.
    (
        "firstbell-fuzz",
        &["firstbell-protocol", "firstbell-core", "firstbell-roster", "firstbell-server"],
    ),
    ("xtask", &[]),
];

/// What tests may use on top of [`MAY_USE`], and why.
const TESTS_MAY_ALSO_USE: &[(&str, &str, &str)] = &[
    (
        "firstbell-server",
        "firstbell-client",
        "endpoint tests log in with the library that applications use",
    ),
    (
        "firstbell-roster",
        "firstbell-store",
        "what is planned against a store in pages must be what is planned in memory",
    ),
];

const HTTP: &[&str] = &[
    "axum",
    "axum-extra",
    "actix-web",
    "h2",
    "http",
    "http-body-util",
    "hyper",
    "hyper-util",
    "reqwest",
    "tower",
    "tower-http",
    "tungstenite",
    "ureq",
];
const SQL: &[&str] = &[
    "deadpool-postgres",
    "diesel",
    "libsqlite3-sys",
    "postgres",
    "rusqlite",
    "sea-orm",
    "sqlx",
    "tokio-postgres",
];
const ASYNC: &[&str] =
    &["async-std", "async-trait", "futures", "futures-util", "smol", "tokio", "tokio-util"];
const TEMPLATES: &[&str] = &["askama", "handlebars", "maud", "minijinja", "tera"];
const JSON: &[&str] = &["json", "serde_json", "simd-json", "sonic-rs"];
const RANDOMNESS: &[&str] = &["getrandom", "rand", "rand_core", "fastrand"];

/// The rooms that are kept pure, and the families of crates that they must not name.
const PURE: &[(&str, &[&[&str]])] = &[
    ("firstbell-core", &[HTTP, SQL, ASYNC, TEMPLATES, JSON, RANDOMNESS]),
    ("firstbell-protocol", &[HTTP, SQL, ASYNC, TEMPLATES, RANDOMNESS]),
    ("firstbell-roster", &[HTTP, SQL, ASYNC, TEMPLATES]),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// One crate of the workspace.
#[derive(Debug, Deserialize)]
pub struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// Nothing, `dev` or `build`.
    kind: Option<String>,
    /// Where it is, for a crate of the workspace.
    path: Option<String>,
}

/// Reads what `cargo metadata --no-deps` printed.
pub fn read(metadata: &str) -> Result<Vec<Package>> {
    let metadata: Metadata = serde_json::from_str(metadata).context("not the expected JSON")?;
    Ok(metadata.packages)
}

/// Dependencies between rooms that the table does not allow.
pub fn dependencies(packages: &[Package]) -> Vec<String> {
    let mut breaches = Vec::new();
    for package in packages {
        let Some((_, allowed)) = MAY_USE.iter().find(|row| row.0 == package.name) else {
            breaches.push(format!(
                "{} is not in the table of xtask/src/layers/manifests.rs: what may it use?",
                package.name
            ));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|one| one.path.is_some()) {
            let in_tests = dependency.kind.as_deref() == Some("dev");
            // Tests name their own crate to turn on one of its features.
            if in_tests && dependency.name == package.name {
                continue;
            }
            let in_the_table = allowed.contains(&dependency.name.as_str());
            let excused = TESTS_MAY_ALSO_USE
                .iter()
                .any(|row| in_tests && row.0 == package.name && row.1 == dependency.name);
            if !in_the_table && !excused {
                let whose = if in_tests { "'s tests" } else { "" };
                breaches
                    .push(format!("{}{whose} may not depend on {}", package.name, dependency.name));
            }
        }
    }
    breaches
}

/// Foreign crates that a pure room must not name, not even in its tests.
pub fn forbidden_crates(packages: &[Package]) -> Vec<String> {
    let mut breaches = Vec::new();
    for (room, families) in PURE {
        let Some(package) = packages.iter().find(|package| package.name == *room) else {
            breaches.push(format!("{room} is not in the workspace"));
            continue;
        };
        for dependency in &package.dependencies {
            if families.iter().any(|family| family.contains(&dependency.name.as_str())) {
                breaches.push(format!("{room} may not name {}", dependency.name));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>, bool)]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|(name, kind, ours)| Dependency {
                name: (*name).to_owned(),
                kind: kind.map(str::to_owned),
                path: ours.then(|| format!("crates/{name}")),
            })
            .collect();
        Package { name: name.to_owned(), dependencies }
    }

    #[test]
    fn a_room_that_reaches_up_is_found() {
        let core = package("firstbell-core", &[("firstbell-store", None, true)]);
        assert_eq!(dependencies(&[core]), ["firstbell-core may not depend on firstbell-store"]);
    }

    #[test]
    fn a_test_that_reaches_up_is_found() {
        let store = package("firstbell-store", &[("firstbell-server", Some("dev"), true)]);
        let expected = "firstbell-store's tests may not depend on firstbell-server";
        assert_eq!(dependencies(&[store]), [expected]);
    }

    #[test]
    fn only_the_tests_of_the_server_may_use_the_client() {
        let tests = package("firstbell-server", &[("firstbell-client", Some("dev"), true)]);
        assert!(dependencies(&[tests]).is_empty());
        let program = package("firstbell-server", &[("firstbell-client", None, true)]);
        assert_eq!(dependencies(&[program]).len(), 1);
    }

    #[test]
    fn a_room_that_is_not_in_the_table_is_found() {
        let found = dependencies(&[package("firstbell-misc", &[])]);
        assert!(found[0].starts_with("firstbell-misc is not in the table"), "{found:?}");
    }

    #[test]
    fn a_web_server_in_core_is_found() {
        let core = package("firstbell-core", &[("axum", None, false), ("jiff", None, false)]);
        let others = [package("firstbell-protocol", &[]), package("firstbell-roster", &[])];
        let [protocol, roster] = others;
        let expected = ["firstbell-core may not name axum"];
        assert_eq!(forbidden_crates(&[core, protocol, roster]), expected);
    }

    #[test]
    fn a_manifest_that_is_wrong_on_purpose_is_found_from_what_cargo_prints() {
        let metadata = r#"{"packages": [{"name": "firstbell-client", "dependencies": [
            {"name": "firstbell-core", "kind": null, "path": "/tree/crates/firstbell-core"},
            {"name": "url", "kind": null}
        ]}]}"#;
        let packages = read(metadata).unwrap();
        assert_eq!(dependencies(&packages), ["firstbell-client may not depend on firstbell-core"]);
    }
}
