//! A support code as somebody typed it.

use firstbell_core::login::trace::read_support_code;

/// Takes a text.
///
/// # Panics
/// When a promise is broken.
pub fn examine(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(code) = read_support_code(text) else { return };

    let [b'F', b'B', b'-', letters @ ..] = code.as_bytes() else { panic!("{code:?}") };
    let [first @ .., b'-', _, _, _] = letters else { panic!("{code:?}") };
    assert_eq!((first.len(), letters.len()), (3, 7), "{code:?}");
    let is_shown = |byte: &u8| *byte == b'-' || byte.is_ascii_digit() || byte.is_ascii_uppercase();
    assert!(letters.iter().all(is_shown), "{code:?}");
    assert_eq!(read_support_code(&code).as_ref(), Some(&code), "what is shown is read again");
    assert_eq!(read_support_code(&code.to_lowercase()).as_ref(), Some(&code));
    if text.is_ascii() {
        let said = text.bytes().filter(u8::is_ascii_alphanumeric);
        let shown = code.bytes().filter(|byte| *byte != b'-');
        assert!(said.map(|byte| byte.to_ascii_uppercase()).eq(shown), "{text:?} is not {code}");
    }
}
