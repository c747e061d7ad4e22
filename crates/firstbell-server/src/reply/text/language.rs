//! Which language a person reads: what they chose, else what their browser asks for
//! (RFC 9110 section 12.5.4), else English.

/// A language that Firstbell speaks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Language {
    /// English.
    En,
    /// Spanish.
    Es,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::En, Self::Es];

    /// The language to answer in. `explicit` is what the person chose (`?lang=`, a cookie),
    /// `accept_language` the header of that name; what names no language of ours is passed over.
    pub fn choose(explicit: Option<&str>, accept_language: Option<&str>) -> Self {
        explicit
            .and_then(Self::named)
            .or_else(|| accept_language.and_then(Self::accepted))
            .unwrap_or(Self::En)
    }

    /// The language tag (BCP 47), for `lang`, `hreflang` and `?lang=`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// The direction of writing, for `dir`.
    #[must_use]
    pub fn direction(self) -> &'static str {
        match self {
            Self::En | Self::Es => "ltr",
        }
    }

    /// What the language calls itself.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Es => "Español",
        }
    }

    /// The language of a tag such as `es`, `es-MX` or `ES_us`.
    fn named(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The wanted language with the highest weight; of equals, the first.
    fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for range in header.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let language = if tag == "*" { Some(Self::En) } else { Self::named(tag) };
            let weight = parts.find_map(weight).unwrap_or(1000);
            if let Some(language) = language
                && weight > best.map_or(0, |(weight, _)| weight)
            {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

/// Reads `q=0.8` as 800. A weight that is none counts as nothing: the range is passed over.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits_only = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = match (whole, digits_only) {
        ("1", true) => 1000,
        ("0", true) => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    };
    Some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::Language::{self, En, Es};

    #[test]
    fn the_choice_of_the_person_comes_before_the_browser() {
        let cases: &[(Option<&str>, Option<&str>, Language)] = &[
            (None, None, En),
            (Some("es"), Some("en"), Es),
            (Some("es-MX"), None, Es),
            (Some("fr"), Some("es"), Es),
            (Some("fr"), None, En),
            (None, Some("es-US,es;q=0.9,en;q=0.8"), Es),
            (None, Some("en;q=0.8, es;q=0.9"), Es),
            (None, Some("en, es"), En),
            (None, Some("fr-CA, es;q=0.3, en;q=0.25"), Es),
            (None, Some("es;q=0, en;q=0.1"), En),
            (None, Some("es;q=0"), En),
            (None, Some("*, es;q=0.5"), En),
            (None, Some("es;q=nonsense, en;q=0.001"), En),
            (None, Some(";;;,,q=1,es;level=1;q=1.000"), Es),
            (None, Some("español"), En),
        ];
        for (explicit, header, expected) in cases {
            assert_eq!(Language::choose(*explicit, *header), *expected, "{explicit:?} {header:?}");
        }
    }
}
