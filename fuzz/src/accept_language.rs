//! Which language to answer in. The input is what the person chose, a line end, and the value of
//! `Accept-Language`.

use firstbell_server::reply::text::Language;

/// Takes a choice and a header.
///
/// # Panics
/// When a promise is broken.
pub fn examine(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (explicit, header) = text.split_once('\n').unwrap_or(("", text));
    let explicit = Some(explicit).filter(|tag| !tag.is_empty());
    let chosen = Language::choose(explicit, Some(header));

    if chosen == Language::Es {
        let all = text.to_ascii_lowercase();
        assert!(all.contains("es"), "nobody asked for Spanish: {text:?}");
    }
    assert_eq!(Language::choose(Some(chosen.tag()), Some(header)), chosen, "a choice stays");
    let more = format!("{header},fr;q=1");
    assert_eq!(Language::choose(explicit, Some(&more)), chosen, "French says nothing");
    for language in Language::ALL {
        let named = format!("{}-MX;q=0.001", language.tag());
        let only = Language::choose(None, Some(&named));
        assert_eq!(only, language);
    }
    if Language::choose(None, Some(header)) != Language::choose(explicit, Some(header)) {
        let tag = explicit.unwrap_or_default().trim_start().to_ascii_lowercase();
        assert!(tag.starts_with(chosen.tag()), "{text:?}");
    }
}
