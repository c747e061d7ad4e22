//! What the sources must not say, found by reading them as text.

use std::path::Path;

use anyhow::{Context, Result};

/// The folders in which a database is owned, or imitated to be measured against.
const OWN_A_DATABASE: &[&str] = &["crates/firstbell-store/", "apps/flightschool/", "bench/"];

/// The rim: the files that read the clock and the source of randomness for all others.
const RIM: &[&str] = &[
    "crates/firstbell-server/src/clock.rs",
    "crates/firstbell-server/src/entropy.rs",
    "apps/flightschool/src/rim.rs",
    // A signature on an elliptic curve draws its own number, and the library takes no other source.
    "crates/firstbell-protocol/src/jose/",
];

/// The programs beside the product, which may read a clock: they measure and they name files.
const BESIDE_THE_PRODUCT: &[&str] = &["bench/", "fuzz/", "xtask/"];

const LONGEST: usize = 400;

/// One Rust file of the tree.
#[derive(Debug)]
pub struct Source {
    /// Where it is below the root, with forward slashes.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// Reads every Rust file of the workspace.
pub fn read(root: &Path) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    for folder in ["crates", "apps", "bench", "fuzz", "xtask"] {
        walk(root, &root.join(folder), &mut found)?;
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<Source>) -> Result<()> {
    let entries = std::fs::read_dir(folder);
    for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "node_modules" && name != "target" {
            walk(root, &path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let below = path.strip_prefix(root).unwrap_or(&path).to_string_lossy();
            found.push(Source { path: below.replace('\\', "/"), text });
        }
    }
    Ok(())
}

/// SQL in rooms that own no database.
pub fn sql(files: &[Source]) -> Vec<String> {
    lines_that(files, &[OWN_A_DATABASE, &["xtask/"]].concat(), |line| {
        line.contains("INSERT INTO ")
            || line.contains("DELETE FROM ")
            || (line.contains("UPDATE ") && line.contains(" SET "))
            || (line.contains("SELECT ") && (line.contains(" FROM ") || line.contains("\"SELECT ")))
    })
}

/// Readings of the clock and of randomness away from the rim.
pub fn ambient(files: &[Source]) -> Vec<String> {
    let needles = ["SystemTime::now", "Timestamp::now", "Zoned::now", "getrandom::", "rand::"];
    let except = [RIM, BESIDE_THE_PRODUCT].concat();
    lines_that(files, &except, |line| needles.iter().any(|needle| line.contains(needle)))
}

/// Files named `mod.rs`.
pub fn module_files(files: &[Source]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.path.ends_with("/mod.rs"))
        .map(|file| format!("{}: name it after its folder, and put it beside it", file.path))
        .collect()
}

/// Files with more lines than a reader holds, tests not counted.
pub fn long_files(files: &[Source]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !is_test(&file.path))
        .filter_map(|file| {
            let lines = file.text.lines().take_while(|line| *line != "#[cfg(test)]").count();
            (lines > LONGEST).then(|| format!("{} has {lines} lines without tests", file.path))
        })
        .collect()
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

fn lines_that(files: &[Source], except: &[&str], breaks: impl Fn(&str) -> bool) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| !except.iter().any(|start| file.path.starts_with(start)))
    {
        for (index, line) in file.text.lines().enumerate() {
            let code = line.trim();
            if !code.starts_with("//") && breaks(code) {
                breaches.push(format!("{}:{}: {code}", file.path, index + 1));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Vec<Source> {
        vec![Source { path: path.to_owned(), text: text.to_owned() }]
    }

    #[test]
    fn sql_in_a_handler_is_found() {
        let text = "//! Words.\nlet rows = \"SELECT id FROM users\";";
        let found = sql(&source("crates/firstbell-server/src/oauth/tokens.rs", text));
        let expected =
            "crates/firstbell-server/src/oauth/tokens.rs:2: let rows = \"SELECT id FROM users\";";
        assert_eq!(found, [expected]);
        assert!(sql(&source("crates/firstbell-store/src/codes.rs", text)).is_empty());
    }

    #[test]
    fn words_about_sql_are_not_sql() {
        let text = "/// UPDATE x SET y, said in a comment.\nlet what = \"SELECT one\";\n<select>";
        let found = sql(&source("crates/firstbell-core/src/lib.rs", text));
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn a_clock_away_from_the_rim_is_found() {
        let text = "let now = jiff::Timestamp::now();";
        assert_eq!(ambient(&source("crates/firstbell-core/src/login/code.rs", text)).len(), 1);
        assert!(ambient(&source("crates/firstbell-server/src/clock.rs", text)).is_empty());
    }

    #[test]
    fn a_file_is_measured_without_its_tests() {
        let code = "let x = 1;\n".repeat(LONGEST);
        let tests = "#[cfg(test)]\nmod tests {}\n".repeat(9);
        assert!(long_files(&source("crates/a/src/lib.rs", &format!("{code}{tests}"))).is_empty());
        assert_eq!(long_files(&source("crates/a/src/lib.rs", &format!("{code}x\n"))).len(), 1);
    }

    #[test]
    fn a_mod_file_is_found() {
        assert_eq!(module_files(&source("crates/a/src/login/mod.rs", "")).len(), 1);
    }
}
