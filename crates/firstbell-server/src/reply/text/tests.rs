use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{Language, Texts, sources};

/// Each key (`message` or `message.attribute`) of a locale with the variables in its text.
fn variables_by_key(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut message = String::new();
    let mut key = String::new();
    for line in sources(language).iter().flat_map(|source| source.lines()) {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if let Some((name, _)) = line.split_once(" =")
            && !name.contains(' ')
        {
            name.clone_into(&mut message);
            key.clone_from(&message);
            // A message that has only attributes has no text of its own.
            if line.trim_end().ends_with('=') {
                continue;
            }
        } else if let Some((name, _)) =
            line.trim_start().strip_prefix('.').and_then(|rest| rest.split_once(" ="))
        {
            key = format!("{message}.{name}");
        }
        let variables = line.split('$').skip(1).map(|rest| {
            rest.chars().take_while(|letter| letter.is_alphanumeric()).collect::<String>()
        });
        found.entry(key.clone()).or_default().extend(variables);
    }
    found
}

fn files_under(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|it| it == ending) {
            files.push(path);
        }
    }
    files
}

/// The keys that templates and page code ask for, as far as they are written out.
fn keys_in_use() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut files = files_under("templates", "html");
    files.extend(files_under("src/reply/page", "rs"));
    for file in files {
        let source = fs::read_to_string(file).unwrap();
        for call in ["text.get(\"", "text.with(\"", "text.count(\""] {
            let arguments = source.split(call).skip(1);
            keys.extend(arguments.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
    keys
}

#[test]
fn texts_are_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Texts::embedded().unwrap());
}

#[test]
fn both_locales_say_the_same_things_with_the_same_variables() {
    assert_eq!(variables_by_key(Language::En), variables_by_key(Language::Es));
}

#[test]
fn every_key_that_is_listed_can_be_read() {
    let texts = Texts::embedded().unwrap();
    for language in Language::ALL {
        let bundle = texts.bundle(language);
        let keys = variables_by_key(language);
        assert!(keys.len() > 100, "only {} keys were found", keys.len());
        for key in keys.keys() {
            assert!(super::formatted(bundle, key, None).is_some(), "{language:?} has no {key}");
        }
    }
}

#[test]
fn every_key_that_a_page_uses_exists() {
    let known = variables_by_key(Language::En);
    let used = keys_in_use();
    assert!(used.len() > 40, "only {} uses were found", used.len());
    for key in used {
        assert!(known.contains_key(&key), "a page uses the unknown text {key}");
    }
}

#[test]
fn every_key_is_used() {
    let used = keys_in_use();
    // These are put together from data: a grade, a role, a month, the name of a failure.
    let composed = ["grade-", "role-", "month-", "error-"];
    for key in variables_by_key(Language::En).keys() {
        let is_composed = composed.iter().any(|prefix| key.starts_with(prefix));
        assert!(is_composed || used.contains(key), "nobody uses the text {key}");
    }
}

#[test]
fn an_error_has_all_its_parts() {
    let keys = variables_by_key(Language::En);
    let parts = ["action", "next", "title", "what", "who"];
    let mut errors: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (message, part) in keys.keys().filter_map(|key| key.split_once('.')) {
        errors.entry(message).or_default().push(part);
    }
    assert!(errors.contains_key("error-server-trouble"));
    for (message, found) in errors {
        assert_eq!(found, parts, "{message}");
    }
}

#[test]
fn numbers_take_the_plural_of_their_language() {
    let texts = Texts::embedded().unwrap();
    let cases = [
        (Language::En, 1, "Wait 1 minute. Then press the button."),
        (Language::En, 5, "Wait 5 minutes. Then press the button."),
        (Language::Es, 1, "Espera 1 minuto. Luego presiona el botón."),
        (Language::Es, 5, "Espera 5 minutos. Luego presiona el botón."),
    ];
    for (language, count, expected) in cases {
        assert_eq!(texts.text(language).count("busy-next-minutes", count), expected);
    }
}

#[test]
fn a_value_cannot_turn_its_sentence_around() {
    let texts = Texts::embedded().unwrap();
    let text = texts.text(Language::En);
    let greeting = |name| text.with("portal-greeting", &[("name", name)]);

    assert_eq!(greeting("Ana"), "Hi, Ana!");
    assert_eq!(greeting("007"), "Hi, 007!");
    assert_eq!(greeting("أمل"), "Hi, \u{2068}أمل\u{2069}!");
    assert_eq!(greeting("a\u{2069}\u{202e}b"), "Hi, \u{2068}a\u{202e}b\u{2069}!");
}

#[test]
fn an_unknown_key_is_shown_as_it_is() {
    let texts = Texts::embedded().unwrap();
    let text = texts.text(Language::Es);
    assert!(!text.has("no-such-text"));
    assert!(!text.has("error-server-trouble"), "a message of attributes has no text itself");
    assert_eq!(text.get("no-such-text"), "no-such-text");
    assert_eq!(text.get("portal-done.no-such-attribute"), "portal-done.no-such-attribute");
}

/// Who reads a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reader {
    /// A child: every page on which a student can end.
    Child,
    /// Who works at a school.
    Staff,
}

/// The reader of a text; nothing for names of roles, grades and months, which are what they are.
fn reader(key: &str) -> Option<Reader> {
    let names = ["role-", "grade-", "month-"];
    if names.iter().any(|start| key.starts_with(start)) {
        return None;
    }
    let of_staff = [
        "open-as-",
        "classroom-",
        "banner-",
        "portal-open-as",
        "portal-classroom",
        "error-classroom-",
        "error-impersonation-refused",
        "error-not-while-impersonating",
    ];
    // What the helper reads, not the child, may be written in the helper's words.
    let is_for_helpers = key.split_once('.').is_some_and(|(_, part)| part == "who");
    let is_of_staff = is_for_helpers || of_staff.iter().any(|start| key.starts_with(start));
    Some(if is_of_staff { Reader::Staff } else { Reader::Child })
}

/// The texts of a reader, as sentences, under the part of the key before the dot.
fn sentences(language: Language, wanted: Reader) -> BTreeMap<String, String> {
    let texts = Texts::embedded().unwrap();
    let text = texts.text(language);
    let application = text.get("frame-app-unnamed");
    let variables = [("application", application.as_str()), ("count", "2"), ("name", "Ana")];
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for key in variables_by_key(Language::En).into_keys() {
        if reader(&key) != Some(wanted) {
            continue;
        }
        let filled = text.with(&key, &variables);
        let end = if filled.ends_with(['.', '!', '?']) { " " } else { ". " };
        let message = key.split('.').next().unwrap().to_owned();
        found.entry(message).or_default().push_str(&(filled + end));
    }
    found
}

#[test]
fn pages_of_children_read_at_grade_three() {
    for language in Language::ALL {
        let texts = sentences(language, Reader::Child);
        let whole = texts.into_values().collect::<String>();
        let grade = reading_grade(language, &whole);
        assert!(grade <= 3.0, "the reading grade of the pages in {language:?} is {grade:.1}");
    }
}

#[test]
fn each_error_that_a_child_meets_reads_at_grade_three() {
    for language in Language::ALL {
        for (key, said) in sentences(language, Reader::Child) {
            let grade = reading_grade(language, &said);
            let is_error = key.starts_with("error-") && !key.starts_with("error-label");
            assert!(!is_error || grade <= 3.0, "{language:?} {key} is of grade {grade:.1}: {said}");
        }
    }
}

#[test]
fn pages_of_staff_read_at_grade_eight() {
    for language in Language::ALL {
        let whole = sentences(language, Reader::Staff).into_values().collect::<String>();
        let grade = reading_grade(language, &whole);
        assert!(grade <= 8.0, "the reading grade of the pages in {language:?} is {grade:.1}");
    }
}

/// The school grade whose readers can read a text: for English by Flesch and Kincaid (1975), for
/// Spanish by Crawford (1984), whose formula was made for the texts of primary schools.
fn reading_grade(language: Language, text: &str) -> f64 {
    let sentences = text.split(['.', '!', '?']).filter(|it| it.contains(char::is_alphabetic));
    let words: Vec<&str> = text
        .split(|letter: char| !letter.is_alphabetic() && letter != '’')
        .filter(|word| !word.is_empty())
        .collect();
    let syllables: usize = match language {
        Language::En => words.iter().map(|word| english_syllables(word)).sum(),
        Language::Es => words.iter().map(|word| spanish_syllables(word)).sum(),
    };
    let count = |number: usize| f64::from(u32::try_from(number).unwrap());
    let words_a_sentence = count(words.len()) / count(sentences.count());
    let syllables_a_word = count(syllables) / count(words.len());
    match language {
        Language::En => 0.39 * words_a_sentence + 11.8 * syllables_a_word - 15.59,
        Language::Es => -20.5 / words_a_sentence + 4.9 * syllables_a_word - 3.407,
    }
}

/// Groups of vowels, without a silent e at the end.
fn english_syllables(word: &str) -> usize {
    let word = word.to_lowercase();
    let is_vowel = |letter: char| "aeiouy".contains(letter);
    let mut groups = 0;
    let mut inside = false;
    for letter in word.chars() {
        groups += usize::from(is_vowel(letter) && !inside);
        inside = is_vowel(letter);
    }
    let silent = groups > 1 && word.ends_with('e') && !word.ends_with("le");
    (groups - usize::from(silent)).max(1)
}

/// Vowels, less those that share a syllable with the one before: two of which one is a weak one
/// (i, u) without an accent. The u of que, qui, gue and gui is silent.
fn spanish_syllables(word: &str) -> usize {
    let word = word.to_lowercase();
    let sounded = ["que", "qui", "qué", "quí", "gue", "gui", "gué", "guí"]
        .iter()
        .fold(word, |word, silent| word.replace(silent, &silent.replace('u', "")));
    let (strong, weak) = ("aeoáéíóú", "iuü");
    let mut count = 0;
    let mut before = None;
    for letter in sounded.chars() {
        let is_weak = weak.contains(letter) || (letter == 'y' && before.is_none());
        let is_vowel = is_weak || strong.contains(letter);
        let stressed = |one: char| "íú".contains(one);
        let joins = before.is_some_and(|other: char| {
            (is_weak && !stressed(other)) || (weak.contains(other) && !stressed(letter))
        });
        count += usize::from(is_vowel && !joins);
        before = is_vowel.then_some(letter);
    }
    count.max(1)
}

#[test]
fn syllables_are_counted_as_people_speak() {
    for (word, expected) in [("teacher", 2), ("app", 1), ("time", 1), ("table", 2), ("school", 1)] {
        assert_eq!(english_syllables(word), expected, "{word}");
    }
    for (word, expected) in
        [("escuela", 3), ("maestra", 3), ("todavía", 4), ("quién", 1), ("y", 1), ("código", 3)]
    {
        assert_eq!(spanish_syllables(word), expected, "{word}");
    }
}
