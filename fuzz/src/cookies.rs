//! The `Cookie` headers of a request: a line of the input each.

use firstbell_server::extract::visit::{CookieNames, cookies};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// Takes headers.
///
/// # Panics
/// When a promise is broken.
pub fn examine(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(64) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(COOKIE, value);
        }
    }
    let lines: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    let read: Vec<(&str, &str)> = cookies(&headers).collect();

    for (name, value) in &read {
        let written = format!("{name}={value}");
        let stands = |line: &&[u8]| line.windows(written.len()).any(|it| it == written.as_bytes());
        assert!(lines.iter().any(stands), "{written:?} was sent by nobody");
        assert!(!name.contains(['=', ';']) && !value.contains(';'), "{written:?}");
        assert!(!written.contains(|letter: char| letter.is_control() && letter != '\t'));
        assert_eq!(*name, name.trim_start());
        assert_eq!(*value, value.trim_end());
    }
    // What a browser sends is found, whatever stands around it.
    let mine = format!("{}=0123456789abcdef", CookieNames::HTTPS.session);
    for line in lines.iter().filter(|line| line.iter().all(|byte| (32..127).contains(byte))) {
        let more = [line, b"; ".as_slice(), mine.as_bytes()].concat();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_bytes(&more).expect("a header"));
        let last = cookies(&headers).last();
        assert_eq!(last, Some((CookieNames::HTTPS.session, "0123456789abcdef")));
    }
}
