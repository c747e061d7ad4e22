//! Forms of pages, as far as a driver must read them: what is sent where.

use std::fmt::Write;

/// A form: where it is posted and the hidden fields it brings.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    /// The path to post to.
    pub action: String,
    /// Names and values of the hidden fields.
    pub hidden: Vec<(String, String)>,
}

/// The first form with a field of that name.
pub fn find(page: &str, field: &str) -> Option<Form> {
    let named = format!("name=\"{field}\"");
    let form = page.split("<form").skip(1).find_map(|rest| {
        let form = rest.split("</form>").next()?;
        form.contains(&named).then_some(form)
    })?;
    let mut tags = form.split('<');
    let action = attribute(tags.next()?, "action").unwrap_or_default();
    let hidden = tags
        .filter(|tag| tag.starts_with("input") && tag.contains("type=\"hidden\""))
        .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)))
        .collect();
    Some(Form { action, hidden })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
    let value = rest.split('"').next()?;
    let plain = value.replace("&quot;", "\"").replace("&#38;", "&").replace("&#x2F;", "/");
    Some(plain.replace("&amp;", "&"))
}

/// Names and values as the body of a form or a query.
pub fn encode<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = fields.into_iter().map(|(name, value)| format!("{name}={}", escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A value with all but unreserved characters escaped (RFC 3986 section 2.3).
pub fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_found_by_its_field() {
        let page = r#"<form action="/find"><input name="q"></form>
            <form class="x" action="/login/1?a&amp;b" method="post">
            <input type="hidden" name="csrf" value="t"><input name="password"></form>"#;
        let hidden = vec![("csrf".to_owned(), "t".to_owned())];
        let expected = Form { action: "/login/1?a&b".to_owned(), hidden };
        assert_eq!(find(page, "password"), Some(expected));
        assert_eq!(find(page, "code"), None);
    }

    #[test]
    fn a_value_is_escaped() {
        assert_eq!(encode([("a", "x y&z"), ("b", "é")]), "a=x%20y%26z&b=%C3%A9");
    }
}
