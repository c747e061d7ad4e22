//! Every refusal in the registry has its section in `docs/errors.md` and its text in each language.

use std::path::Path;

use anyhow::{Context, Result};

const REGISTRY: &str = "crates/firstbell-core/src/error.rs";
const DOCUMENT: &str = "docs/errors.md";
const LOCALES: &str = "crates/firstbell-server/locales";

/// A row of the registry: the code and the key of its text.
#[derive(Debug, PartialEq, Eq)]
struct Face {
    code: String,
    text_key: String,
}

/// What is missing, or left over.
pub fn check(root: &Path) -> Result<Vec<String>> {
    let registry = std::fs::read_to_string(root.join(REGISTRY)).context(REGISTRY)?;
    let faces = faces_of(&registry);
    let mut breaches = Vec::new();
    if faces.is_empty() {
        breaches.push(format!("{REGISTRY}: no error code found"));
    }
    match std::fs::read_to_string(root.join(DOCUMENT)) {
        Ok(document) => breaches.extend(undocumented(&faces, &document)),
        Err(error) => breaches.push(format!("{DOCUMENT}: {error}")),
    }
    for language in ["en", "es"] {
        let texts = texts_of(&root.join(LOCALES).join(language))?;
        breaches.extend(untranslated(&faces, language, &texts));
    }
    Ok(breaches)
}

/// The rows: three text literals after one another, of which the first is a code.
fn faces_of(registry: &str) -> Vec<Face> {
    let program = registry.split("#[cfg(test)]").next().unwrap_or_default();
    let code_lines = program.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text = code_lines.collect::<Vec<_>>().join("\n");
    let literals: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    literals
        .windows(3)
        .filter(|row| is_code(row[0]))
        .map(|row| Face { code: row[0].to_owned(), text_key: row[2].to_owned() })
        .collect()
}

fn is_code(word: &str) -> bool {
    word.strip_prefix("FB")
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn undocumented(faces: &[Face], document: &str) -> Vec<String> {
    let headings: Vec<&str> = document.lines().filter(|line| line.starts_with("##")).collect();
    let has_section = |code: &str| headings.iter().any(|heading| heading.contains(code));
    let mut breaches: Vec<String> = faces
        .iter()
        .filter(|face| !has_section(&face.code))
        .map(|face| format!("{DOCUMENT} has no section {}", face.code))
        .collect();
    let words = headings.iter().flat_map(|heading| heading.split(|c: char| !c.is_alphanumeric()));
    for word in words.filter(|word| is_code(word)) {
        if !faces.iter().any(|face| face.code == word) {
            breaches.push(format!("{DOCUMENT} has a section {word} that no refusal has"));
        }
    }
    breaches
}

fn untranslated(faces: &[Face], language: &str, texts: &str) -> Vec<String> {
    let has_text = |key: &str| {
        texts
            .lines()
            .filter_map(|line| line.strip_prefix(key))
            .any(|rest| rest.trim_start().starts_with('='))
    };
    faces
        .iter()
        .filter(|face| !has_text(&face.text_key))
        .map(|face| format!("{LOCALES}/{language} has no text {} ({})", face.text_key, face.code))
        .collect()
}

fn texts_of(folder: &Path) -> Result<String> {
    let mut texts = String::new();
    let entries = std::fs::read_dir(folder);
    for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "ftl") {
            texts.push_str(&std::fs::read_to_string(&path)?);
            texts.push('\n');
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY_TEXT: &str = r#"
        //! `FB` and four digits, "FB0000" "not" "a-row".
        faces! {
            /// It is late.
            LATE = "FB1001" "access_denied" "error-late" 400;
            WRONG =
                "FB1002" "invalid_request" "error-wrong" 400;
        }
        #[cfg(test)]
        const X: &str = "FB1003" "in" "tests";
    "#;

    #[test]
    fn rows_are_read_over_line_ends_and_not_from_comments_or_tests() {
        let face = |code: &str, key: &str| Face { code: code.into(), text_key: key.into() };
        let expected = [face("FB1001", "error-late"), face("FB1002", "error-wrong")];
        assert_eq!(faces_of(REGISTRY_TEXT), expected);
    }

    #[test]
    fn a_code_without_its_section_and_a_section_without_its_code_are_found() {
        let document = "# Errors\n## FB1001: late\nFB1002 in the text only\n## FB1009\n";
        assert_eq!(
            undocumented(&faces_of(REGISTRY_TEXT), document),
            [
                "docs/errors.md has no section FB1002",
                "docs/errors.md has a section FB1009 that no refusal has"
            ]
        );
    }

    #[test]
    fn a_text_that_is_missing_is_found() {
        let texts = "error-late = Late\nerror-wrongly = no\n";
        let found = untranslated(&faces_of(REGISTRY_TEXT), "es", texts);
        assert_eq!(found, ["crates/firstbell-server/locales/es has no text error-wrong (FB1002)"]);
    }
}
