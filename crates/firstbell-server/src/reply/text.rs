//! Text for people, in every language we speak. The words live in `locales/<tag>/*.ftl` (Project
//! Fluent) and are part of the binary; a key that a locale lacks is answered in English.

mod language;

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

pub use language::Language;

/// All texts of all languages, read once when the program starts.
pub struct Texts {
    english: Bundle,
    spanish: Bundle,
}

/// The texts of one language.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    texts: &'a Texts,
    language: Language,
}

/// Why the locales inside the binary cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The language tag of a locale is not one (BCP 47).
    #[error("{tag} is not a language tag")]
    Tag {
        /// The tag.
        tag: &'static str,
    },
    /// A file is not valid Fluent.
    #[error("the locale {tag} has a file that is not Fluent: {detail}")]
    Syntax {
        /// The language tag of the locale.
        tag: &'static str,
        /// What the parser found.
        detail: String,
    },
    /// Two messages of one locale have the same key.
    #[error("the locale {tag} says something twice: {detail}")]
    Repeated {
        /// The language tag of the locale.
        tag: &'static str,
        /// Which message it is.
        detail: String,
    },
}

type Bundle = FluentBundle<FluentResource>;

impl Texts {
    /// Reads the locales inside the binary.
    ///
    /// # Errors
    ///
    /// Fails when a locale is not valid Fluent or has a key twice, which the tests rule out.
    pub fn embedded() -> Result<Self, TextError> {
        Ok(Self { english: bundle(Language::En)?, spanish: bundle(Language::Es)? })
    }

    /// The texts in `language`.
    pub fn text(&self, language: Language) -> Text<'_> {
        Text { texts: self, language }
    }

    fn bundle(&self, language: Language) -> &Bundle {
        match language {
            Language::En => &self.english,
            Language::Es => &self.spanish,
        }
    }
}

impl Text<'_> {
    /// The language of these texts.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether there is a text for `key`; an attribute is asked for as `message.attribute`.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.found(key, None).is_some()
    }

    /// The text for `key`; the key itself when no locale has it.
    #[must_use]
    pub fn get(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text for `key` with its variables filled in.
    #[must_use]
    pub fn with(&self, key: &str, variables: &[(&str, &str)]) -> String {
        let mut arguments = FluentArgs::with_capacity(variables.len());
        for (name, value) in variables {
            arguments.set(*name, FluentValue::String(isolated(value)));
        }
        self.format(key, Some(&arguments))
    }

    /// The text for `key` with the number `$count`, in the plural form that the language wants.
    #[must_use]
    pub fn count(&self, key: &str, count: u64) -> String {
        let mut arguments = FluentArgs::with_capacity(1);
        arguments.set("count", count);
        self.format(key, Some(&arguments))
    }

    fn format(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        self.found(key, arguments).unwrap_or_else(|| key.to_owned())
    }

    fn found(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        [self.language, Language::En]
            .into_iter()
            .find_map(|language| formatted(self.texts.bundle(language), key, arguments))
    }
}

/// The text for `key` in one locale. A missing variable prints as its name, which is better than
/// no text at all.
fn formatted(bundle: &Bundle, key: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
    let pattern = match key.split_once('.') {
        None => bundle.get_message(key)?.value()?,
        Some((message, attribute)) => {
            bundle.get_message(message)?.get_attribute(attribute)?.value()
        }
    };
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, arguments, &mut errors).into_owned())
}

fn bundle(language: Language) -> Result<Bundle, TextError> {
    let tag = language.tag();
    let identifier = tag.parse().map_err(|_| TextError::Tag { tag })?;
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // `isolated` does this for the values that need it; marks around each plain name would get
    // into titles and attributes, where people copy them.
    bundle.set_use_isolating(false);
    for source in sources(language) {
        let resource = FluentResource::try_new((*source).to_owned())
            .map_err(|(_, errors)| TextError::Syntax { tag, detail: format!("{errors:?}") })?;
        bundle
            .add_resource(resource)
            .map_err(|errors| TextError::Repeated { tag, detail: format!("{errors:?}") })?;
    }
    Ok(bundle)
}

fn sources(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &[
            include_str!("../../locales/en/frame.ftl"),
            include_str!("../../locales/en/login.ftl"),
            include_str!("../../locales/en/portal.ftl"),
            include_str!("../../locales/en/open_as.ftl"),
            include_str!("../../locales/en/classroom.ftl"),
            include_str!("../../locales/en/errors.ftl"),
        ],
        Language::Es => &[
            include_str!("../../locales/es/frame.ftl"),
            include_str!("../../locales/es/login.ftl"),
            include_str!("../../locales/es/portal.ftl"),
            include_str!("../../locales/es/open_as.ftl"),
            include_str!("../../locales/es/classroom.ftl"),
            include_str!("../../locales/es/errors.ftl"),
        ],
    }
}

/// Fences a value that runs from right to left, or that tries to turn the direction around, so
/// that it cannot reorder the sentence it stands in (Unicode UAX #9, FIRST STRONG ISOLATE).
fn isolated(value: &str) -> Cow<'_, str> {
    let turns_around = |letter: char| {
        matches!(letter,
            '\u{0590}'..='\u{08FF}'
            | '\u{200E}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FB1D}'..='\u{FDFF}'
            | '\u{FE70}'..='\u{FEFF}'
            | '\u{10800}'..='\u{10FFF}'
            | '\u{1E800}'..='\u{1EFFF}')
    };
    if !value.contains(turns_around) {
        return Cow::Borrowed(value);
    }
    // A stray end mark in the value would close our fence early.
    let inside = value.replace('\u{2069}', "");
    Cow::Owned(format!("\u{2068}{inside}\u{2069}"))
}

#[cfg(test)]
mod tests;
