//! Whether a form comes from one of our own pages: by Fetch Metadata where the browser sends it,
//! by `Origin` else. A request with neither comes from no browser that could be tricked; such a
//! form still needs the secret that our page put into it.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};

/// Whether the headers of a POST allow that it comes from our own page.
pub fn is_from_our_page(headers: &HeaderMap, uri_host: Option<&str>) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).or(uri_host);
    let origin_host =
        origin.to_str().ok().and_then(|text| text.split_once("://")).map(|(_, rest)| rest);
    origin_host.is_some() && origin_host == host
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, http::HeaderValue::from_static(value));
        }
        is_from_our_page(&headers, None)
    }

    #[test]
    fn forms_from_elsewhere_are_told_by_their_headers() {
        for (expected, headers) in [
            (true, &[("sec-fetch-site", "same-origin")][..]),
            (true, &[("sec-fetch-site", "none")]),
            (false, &[("sec-fetch-site", "cross-site")]),
            (false, &[("sec-fetch-site", "same-site")]),
            (true, &[("origin", "https://a.example"), ("host", "a.example")]),
            (false, &[("origin", "https://b.example"), ("host", "a.example")]),
            (false, &[("origin", "null"), ("host", "a.example")]),
            (
                false,
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://a.example"),
                    ("host", "a.example"),
                ],
            ),
            (true, &[("host", "a.example")]),
        ] {
            assert_eq!(judged(headers), expected, "{headers:?}");
        }
    }
}
