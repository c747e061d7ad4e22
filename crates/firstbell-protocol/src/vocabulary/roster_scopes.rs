//! The scopes of OneRoster's rostering service (OneRoster 1.2, security framework): what of a roster
//! a token reads.

use std::fmt;

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RosterScopes(u8);

impl RosterScopes {
    /// The six kinds of objects of which everything else is a view.
    pub const CORE: Self = Self(1);
    /// Everything but demographics.
    pub const ROSTER: Self = Self(2);
    /// Demographics.
    pub const DEMOGRAPHICS: Self = Self(4);
    /// All of them.
    pub const ALL: Self = Self(7);

    const WORDS: [(Self, &'static str); 3] = [
        (Self::CORE, "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly"),
        (Self::ROSTER, "https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly"),
        (
            Self::DEMOGRAPHICS,
            "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-demographics.readonly",
        ),
    ];

    /// Those of the scopes that stand here, with spaces between, that there are; None where there is
    /// not one (RFC 6749 section 3.3: less than was asked for may be granted).
    pub fn parse(text: &str) -> Option<Self> {
        let words = || text.split(' ');
        let asked = Self::WORDS.iter().filter(|(_, uri)| words().any(|word| word == *uri));
        Self::from_bits(asked.fold(0, |bits, (scope, _)| bits | scope.0))
    }

    /// The set as a number from 1 to 7.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set with this number; None for any other.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits {
            1..=7 => Some(Self(bits)),
            _ => None,
        }
    }

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether one of those is among these.
    pub const fn has_any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }
}

/// As `scope` has them, with spaces between.
impl fmt::Display for RosterScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut space = "";
        for (scope, uri) in Self::WORDS {
            if self.has_any(scope) {
                write!(f, "{space}{uri}")?;
                space = " ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written_and_strange_ones_left_out() {
        for bits in 1..=7 {
            let scopes = RosterScopes::from_bits(bits).expect("scopes");
            assert_eq!(RosterScopes::parse(&scopes.to_string()), Some(scopes));
            assert_eq!(RosterScopes::parse(&format!("openid {scopes} x")), Some(scopes));
        }
        let core = RosterScopes::CORE.to_string();
        for none in ["", "openid", &core[1..], &core.to_uppercase()] {
            assert_eq!(RosterScopes::parse(none), None, "{none}");
        }
        assert_eq!((RosterScopes::from_bits(0), RosterScopes::from_bits(8)), (None, None));
    }
}
