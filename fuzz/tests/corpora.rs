//! The kept inputs, once each: what a fuzzer ever found stays found, without one.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

const TARGETS: [&str; 10] = [
    "accept_language",
    "authorize_query",
    "cookies",
    "csv",
    "jwt",
    "list_query",
    "oneroster_query",
    "redirect_uri",
    "support_code",
    "token_body",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn replay(target: &str, examine: fn(&[u8])) {
    let inputs = entries(&folder().join(target));
    assert!(inputs.len() >= 10, "{target} has {} inputs", inputs.len());
    for path in inputs {
        // Shown when the next line panics.
        println!("{}", path.display());
        examine(&fs::read(&path).expect("an input"));
    }
}

#[test]
fn every_folder_belongs_to_a_target() {
    let names: Vec<_> = entries(&folder())
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    assert_eq!(names, TARGETS);
}

#[test]
fn accept_language() {
    replay("accept_language", firstbell_fuzz::accept_language::examine);
}

#[test]
fn authorize_query() {
    replay("authorize_query", firstbell_fuzz::authorize_query::examine);
}

#[test]
fn cookies() {
    replay("cookies", firstbell_fuzz::cookies::examine);
}

#[test]
fn csv() {
    replay("csv", firstbell_fuzz::csv::examine);
}

#[test]
fn jwt() {
    replay("jwt", firstbell_fuzz::jwt::examine);
}

#[test]
fn list_query() {
    replay("list_query", firstbell_fuzz::list_query::examine);
}

#[test]
fn oneroster_query() {
    replay("oneroster_query", firstbell_fuzz::oneroster_query::examine);
}

#[test]
fn redirect_uri() {
    replay("redirect_uri", firstbell_fuzz::redirect_uri::examine);
}

#[test]
fn support_code() {
    replay("support_code", firstbell_fuzz::support_code::examine);
}

#[test]
fn token_body() {
    replay("token_body", firstbell_fuzz::token_body::examine);
}
