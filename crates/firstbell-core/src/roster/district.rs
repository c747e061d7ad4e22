//! The district: the tenant that everything else belongs to.

use std::fmt;
use std::str::FromStr;

use crate::id::DistrictId;

/// A school district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct District {
    /// Its identifier.
    pub id: DistrictId,
    /// Its name in addresses: `/in/<shortname>`.
    pub shortname: Shortname,
    /// What people call it.
    pub name: String,
    /// Where it is, as the finder shows it: "Springfield, OR".
    pub place: Option<String>,
}

/// A district's name in addresses: 1 to 40 of `a-z`, `0-9` and `-`, not starting or ending in `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shortname(String);

/// A text that cannot be a shortname.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a shortname is 1 to 40 of a-z, 0-9 and -, and starts and ends with a letter or digit")]
pub struct MalformedShortname;

impl Shortname {
    /// The shortname as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Shortname {
    type Err = MalformedShortname;

    fn from_str(text: &str) -> Result<Self, MalformedShortname> {
        let characters_fit =
            text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        let ends_fit = !text.starts_with('-') && !text.ends_with('-');
        if (1..=40).contains(&text.len()) && characters_fit && ends_fit {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedShortname)
        }
    }
}

impl fmt::Display for Shortname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortnames_are_plain() {
        for good in ["a", "ada", "north-4", &"x".repeat(40)] {
            assert!(good.parse::<Shortname>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "Ada", "a b", "ñ", "a/b", &"x".repeat(41)] {
            assert_eq!(bad.parse::<Shortname>(), Err(MalformedShortname), "{bad}");
        }
    }
}
