//! The tests that `docs/compatibility.md` names exist, and each row of its tables that has a column
//! `Test` names one, or the `cargo xtask` proof that shows it.
//!
//! A test is named as `` `path.rs::name` ``, where the path is the end of that of one file of the tree.
//! A row of the abuse catalogue is named by its number: `` `abuse/a_authorize.rs::A-05` ``.

use std::path::Path;

use anyhow::{Context, Result};

use super::sources::Source;

const DOCUMENT: &str = "docs/compatibility.md";

/// What is named and is not there, and rows that name nothing.
pub fn check(root: &Path, files: &[Source]) -> Result<Vec<String>> {
    let document = std::fs::read_to_string(root.join(DOCUMENT)).context(DOCUMENT)?;
    let mut breaches = unknown(&document, files);
    breaches.extend(unproved(&document));
    if names(&document).next().is_none() {
        breaches.push(format!("{DOCUMENT} names no test"));
    }
    Ok(breaches)
}

/// The tests that the text names: line, path and name.
fn names(document: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    document.lines().enumerate().flat_map(|(index, line)| {
        let quoted = line.split('`').skip(1).step_by(2);
        quoted.filter_map(move |text| {
            let (path, name) = text.split_once("::")?;
            let is_source = Path::new(path).extension().is_some_and(|it| it == "rs");
            is_source.then_some((index + 1, path, name))
        })
    })
}

fn unknown(document: &str, files: &[Source]) -> Vec<String> {
    let mut breaches = Vec::new();
    for (line, path, name) in names(document) {
        let mut found = files.iter().filter(|file| is_end(path, &file.path));
        let what = match (found.next(), found.next()) {
            (Some(file), None) if has_test(file, name) => continue,
            (Some(file), None) => format!("{} has no test {name}", file.path),
            (Some(one), Some(other)) => format!("{path} is {} or {}", one.path, other.path),
            (None, _) => format!("there is no {path}"),
        };
        breaches.push(format!("{DOCUMENT}:{line}: {what}"));
    }
    breaches
}

/// Whether a path ends in this one, whole names only.
fn is_end(end: &str, path: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// Whether the file has a test of this name, a promise that is kept on each database, a group of the
/// abuse catalogue, or a row of it.
fn has_test(file: &Source, name: &str) -> bool {
    if name.contains('-') {
        return file.path.contains("/abuse/") && file.text.contains(&format!("\"{name}\""));
    }
    let lines: Vec<&str> = file.text.lines().map(str::trim_start).collect();
    let group = format!("{name} = \"");
    let is_test = |index: usize, line: &str| {
        let is_marked = || {
            let above = lines[..index].iter().rev();
            above.take_while(|line| line.starts_with("#[")).any(|line| line.ends_with("test]"))
        };
        is_function(line, name) && (is_marked() || line.contains("(bench: Bench)"))
    };
    lines.iter().enumerate().any(|(index, line)| {
        is_test(index, line) || (line.starts_with(&group) && line.ends_with("::cases;"))
    })
}

fn is_function(line: &str, name: &str) -> bool {
    let after = line.split_once("fn ").and_then(|(_, rest)| rest.strip_prefix(name));
    after.is_some_and(|rest| rest.starts_with('('))
}

/// The rows below a head that ends in `Test` whose last cell names neither a test nor a proof.
fn unproved(document: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut is_below = false;
    for (index, line) in document.lines().enumerate() {
        let Some(cells) = line.trim().strip_prefix('|').and_then(|row| row.strip_suffix('|'))
        else {
            is_below = false;
            continue;
        };
        let last = cells.rsplit('|').next().unwrap_or_default().trim();
        if last == "Test" {
            is_below = true;
        } else if is_below && !last.starts_with("---") {
            let is_proved = last.contains(".rs::") || last.contains("`cargo xtask ");
            if !is_proved {
                breaches.push(format!("{DOCUMENT}:{}: the row names no test", index + 1));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Vec<Source> {
        [
            (
                "crates/a/tests/oauth/tokens.rs",
                "#[tokio::test]\nasync fn a_code_is_spent() {}\nfn helper() {}\n",
            ),
            ("crates/b/tests/promises/logins.rs", "pub async fn once(bench: Bench) {}\n"),
            ("crates/a/tests/abuse.rs", "groups! {\n    b_tokens = \"B\" b_tokens::cases;\n}\n"),
            ("crates/a/tests/abuse/b_tokens.rs", "row(\"B-01\", \"nothing\")\n"),
            ("crates/a/src/tokens.rs", "#[test]\n#[expect(x)]\nfn marked() {}\n"),
        ]
        .map(|(path, text)| Source { path: path.into(), text: text.into() })
        .into()
    }

    #[test]
    fn tests_promises_groups_and_rows_are_found() {
        let document = "| `oauth/tokens.rs::a_code_is_spent`, `logins.rs::once` |\n\
                        `tests/abuse.rs::b_tokens` `abuse/b_tokens.rs::B-01` `src/tokens.rs::marked`";
        assert_eq!(unknown(document, &tree()), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_test_is_told_with_its_line() {
        let document = "`Type::method`\n`oauth/tokens.rs::a_code_is_spen`\n\
                        `oauth/tokens.rs::helper` `abuse/b_tokens.rs::B-02`\n\
                        `tokens.rs::marked` `oath/tokens.rs::x`";
        assert_eq!(
            unknown(document, &tree()),
            [
                "docs/compatibility.md:2: crates/a/tests/oauth/tokens.rs has no test a_code_is_spen",
                "docs/compatibility.md:3: crates/a/tests/oauth/tokens.rs has no test helper",
                "docs/compatibility.md:3: crates/a/tests/abuse/b_tokens.rs has no test B-02",
                "docs/compatibility.md:4: tokens.rs is crates/a/tests/oauth/tokens.rs or \
                 crates/a/src/tokens.rs",
                "docs/compatibility.md:4: there is no oath/tokens.rs",
            ]
        );
    }

    #[test]
    fn a_row_without_a_test_is_told() {
        let document = "| Promise | Test |\n|---|---|\n| one | `a.rs::b` |\n| two | soon |\n\
                        | three | `cargo xtask peers` |\n\n| What | Shape |\n|---|---|\n| id | hex |";
        assert_eq!(unproved(document), ["docs/compatibility.md:4: the row names no test"]);
    }
}
