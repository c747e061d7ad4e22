//! What a support code finds: each hop of a login with its decision and its reason. Nothing of it
//! may tell a secret or what an application sent; people are named by their id.

use crate::time::Timestamp;

/// How long a trace is kept.
pub const KEPT_FOR: std::time::Duration = std::time::Duration::from_hours(24 * 30);

/// One step of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// When.
    pub at: Timestamp,
    /// Where: `authorize`, `portal`, `sign-in`, …
    pub place: String,
    /// What was decided: `waits`, `signed in`, `refused`, …
    pub decision: String,
    /// Why, and what it was decided about: names and values that may be shown to support.
    pub facts: Vec<(String, String)>,
}

impl Hop {
    /// A hop without facts.
    pub fn new(at: Timestamp, place: &str, decision: &str) -> Self {
        Self { at, place: place.to_owned(), decision: decision.to_owned(), facts: Vec::new() }
    }

    /// The hop with one more fact.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "facts are numbers, ids and texts alike")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.facts.push((name.to_owned(), value.to_string()));
        self
    }
}

/// A login that was refused, from where it began to the refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The code that the person was shown: `FB-7K3-M9Q`.
    pub support_code: String,
    /// When it was refused.
    pub at: Timestamp,
    /// The hops, the oldest first.
    pub hops: Vec<Hop>,
}

/// A support code as people say it: without regard for case, blanks and dashes. None where the text
/// is no support code.
pub fn read_support_code(text: &str) -> Option<String> {
    let letters: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let rest = letters
        .strip_prefix("FB")
        .filter(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
    Some(format!("FB-{}-{}", &rest[..3], &rest[3..]))
}

#[cfg(test)]
mod tests {
    use super::read_support_code;

    #[test]
    fn a_support_code_is_read_as_people_say_it() {
        for said in ["FB-7K3-M9Q", "fb-7k3-m9q", "FB7K3M9Q", " fb 7k3 m9q "] {
            assert_eq!(read_support_code(said).as_deref(), Some("FB-7K3-M9Q"), "{said}");
        }
        for other in
            ["", "FB", "FB1003", "FB-7K3-M9", "FB-7K3-M9QQ", "XX-7K3-M9Q", "FB-7K3-Mé", "FB7K3Mß"]
        {
            assert_eq!(read_support_code(other), None, "{other}");
        }
    }
}
