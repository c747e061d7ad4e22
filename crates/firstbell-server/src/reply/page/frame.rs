//! What stands around every page: language, title, header, footer.

use jiff::civil::Date;

use crate::extract::Visit;
use crate::reply::text::{Language, Text};

/// What the surroundings of a page must know of the request.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The query of the address that shows this page again when it is asked for with GET, without
    /// the question mark. The links to the other languages keep it.
    pub query: String,
    /// Whose portal an administrator has opened; without it, people are themselves.
    pub banner: Option<ImpersonationBanner>,
}

/// What stands on top of every page while an administrator is here as somebody else.
#[derive(Clone, Debug)]
pub struct ImpersonationBanner {
    /// The person as whom the administrator is here.
    pub person_name: String,
    /// The administrator.
    pub admin_name: String,
    /// How many minutes are left, rounded up.
    pub minutes_left: u64,
    /// Where the button "Stop" goes with POST and the hidden field `csrf`.
    pub stop_action: String,
    /// The value of `csrf`.
    pub csrf_token: String,
}

/// A link that shows the same page in another language.
pub(super) struct LanguageLink {
    pub(super) language: Language,
    pub(super) href: String,
}

impl ImpersonationBanner {
    /// How much time is left; the last seconds count as a minute.
    pub(super) fn time_left(&self, text: &Text<'_>) -> String {
        text.count("banner-left", self.minutes_left.max(1))
    }
}

impl Frame {
    /// The surroundings of a page that answers this request.
    pub fn of(visit: &Visit) -> Self {
        Self { query: visit.query.clone(), banner: visit.banner.get().cloned() }
    }

    /// The surroundings of a page that is not shown again by asking for its address.
    pub fn without_query(visit: &Visit) -> Self {
        Self { query: String::new(), banner: visit.banner.get().cloned() }
    }

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

/// The same for a page that says what is wrong: a screen reader says the title first, and that is
/// where a problem has to stand.
pub(super) fn title_of_problem(text: &Text<'_>, page: &str) -> String {
    text.with("frame-title-problem", &[("page", page)])
}

/// A day as people write it: `March 4, 2027`, `4 de marzo de 2027`.
pub(super) fn date_in_words(text: &Text<'_>, date: Date) -> String {
    let month = text.get(&format!("month-{}", date.month()));
    let (day, year) = (date.day().to_string(), date.year().to_string());
    text.with("frame-date", &[("month", &month), ("day", &day), ("year", &year)])
}

/// A length as the number in a sentence.
pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The name of an application in a sentence, or `this app` when it is not known.
pub(super) fn application_in_words(text: &Text<'_>, name: Option<&str>) -> String {
    name.map_or_else(|| text.get("frame-app-unnamed"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Frame, ImpersonationBanner, Language, date_in_words};
    use crate::reply::text::Texts;

    #[test]
    fn a_day_is_written_as_its_language_writes_it() {
        let texts = Texts::embedded().unwrap();
        let cases = [
            (Language::En, date(2027, 3, 4), "March 4, 2027"),
            (Language::Es, date(2027, 3, 4), "4 de marzo de 2027"),
            (Language::En, date(2026, 12, 31), "December 31, 2026"),
            (Language::Es, date(2026, 12, 31), "31 de diciembre de 2026"),
        ];
        for (language, day, expected) in cases {
            assert_eq!(date_in_words(&texts.text(language), day), expected);
        }
    }

    #[test]
    fn the_last_seconds_of_an_administrator_count_as_a_minute() {
        let texts = Texts::embedded().unwrap();
        let text = texts.text(Language::En);
        for (minutes_left, expected) in
            [(0, "1 minute left"), (1, "1 minute left"), (15, "15 minutes left")]
        {
            let banner = ImpersonationBanner {
                person_name: String::new(),
                admin_name: String::new(),
                minutes_left,
                stop_action: String::new(),
                csrf_token: String::new(),
            };
            assert_eq!(banner.time_left(&text), expected);
        }
    }

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
            let frame = Frame { query: query.to_owned(), banner: None };
            assert_eq!(frame.href_in(Language::Es), expected);
        }
    }
}
