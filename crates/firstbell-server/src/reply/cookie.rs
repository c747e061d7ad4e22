//! Cookies we set (RFC 6265): for the whole host, out of reach of scripts, sent along when
//! somebody comes from an application by a link (`SameSite=Lax`), never with a foreign form.

use std::time::Duration;

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

/// Whether browsers reach us over HTTPS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// They do: cookies never travel in the clear.
    Https,
    /// Development on a laptop.
    Http,
}

/// How long a browser keeps a cookie.
#[derive(Debug, Clone, Copy)]
pub enum Kept {
    /// Until the browser is closed.
    WhileOpen,
    /// For this long.
    For(Duration),
    /// Not at all: the cookie is taken back.
    Not,
}

/// Adds a cookie to a reply. What cannot stand in a cookie is not set; all our values can.
pub fn set(headers: &mut HeaderMap, transport: Transport, name: &str, value: &str, kept: Kept) {
    let lifetime = match kept {
        Kept::WhileOpen => String::new(),
        Kept::For(span) => format!("; Max-Age={}", span.as_secs()),
        Kept::Not => "; Max-Age=0".to_owned(),
    };
    let secure = match transport {
        Transport::Https => "; Secure",
        Transport::Http => "",
    };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{lifetime}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.append(SET_COOKIE, value);
    }
}
