//! What stands around every page: language, title, header, footer.

use crate::reply::text::{Language, Text};

/// What the surroundings of a page must know of the request.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The query of the address that shows this page again when it is asked for with GET, without
    /// the question mark. The links to the other languages keep it.
    pub query: String,
}

/// A link that shows the same page in another language.
pub(super) struct LanguageLink {
    pub(super) language: Language,
    pub(super) href: String,
}

impl Frame {
    /// One link for each language other than that of `text`.
    pub(super) fn language_links(&self, text: &Text<'_>) -> Vec<LanguageLink> {
        Language::ALL
            .into_iter()
            .filter(|language| *language != text.language())
            .map(|language| LanguageLink { language, href: self.href_in(language) })
            .collect()
    }

    fn href_in(&self, language: Language) -> String {
        let mut href = String::from("?");
        let others = self
            .query
            .split('&')
            .filter(|pair| !pair.is_empty() && *pair != "lang" && !pair.starts_with("lang="));
        for pair in others {
            href.push_str(pair);
            href.push('&');
        }
        href.push_str("lang=");
        href.push_str(language.tag());
        href
    }
}

/// The text of `<title>`: what the page is, then whose page it is.
pub(super) fn title(text: &Text<'_>, page: &str) -> String {
    text.with("frame-title", &[("page", page)])
}

/// The name of an application in a sentence, or `this app` when it is not known.
pub(super) fn application_in_words(text: &Text<'_>, name: Option<&str>) -> String {
    name.map_or_else(|| text.get("frame-app-unnamed"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Frame, Language};

    #[test]
    fn the_language_link_keeps_the_rest_of_the_query() {
        let cases = [
            ("", "?lang=es"),
            ("lang=en", "?lang=es"),
            ("q=lin&lang=en", "?q=lin&lang=es"),
            (
                "client_id=a&language=x&lang&state=%26lang=en",
                "?client_id=a&language=x&state=%26lang=en&lang=es",
            ),
        ];
        for (query, expected) in cases {
            let frame = Frame { query: query.to_owned() };
            assert_eq!(frame.href_in(Language::Es), expected);
        }
    }
}
