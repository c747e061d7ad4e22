//! What a roster says of somebody or something beyond names and ids, and which groups of it an
//! application is told.

/// Pairs of wire name and value, sorted by name: `("ext.bus", "7")`, `("grade", "4")`,
/// `("location.city", "Ada")`. Names are those under which rosters are imported, and
/// `credentials.district_username`; only what the application may see is among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts<'a>(&'a [(&'a str, &'a str)]);

impl<'a> Facts<'a> {
    /// Nothing is known, or nothing told.
    pub const NONE: Facts<'static> = Facts(&[]);

    /// These pairs, which must be sorted by name: what stands out of order may not be found.
    pub const fn sorted(pairs: &'a [(&'a str, &'a str)]) -> Self {
        Self(pairs)
    }

    /// The value under this name; an empty one is none.
    pub fn get(self, name: &str) -> Option<&'a str> {
        let at = self.0.binary_search_by_key(&name, |(known, _)| known).ok()?;
        self.0.get(at).map(|&(_, value)| value).filter(|value| !value.is_empty())
    }

    /// The pairs whose names begin with `prefix`, without it, in order of their names.
    pub fn under(self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let from = self.0.partition_point(|(name, _)| *name < prefix);
        let behind = self.0.get(from..).unwrap_or_default();
        behind.iter().map_while(move |&(name, value)| Some((name.strip_prefix(prefix)?, value)))
    }
}

/// Groups of fields that an application is told. A field of a told group is printed even where
/// nothing is known (as the dialect has it: `null`, `""`, `{}` or not at all); of any other group
/// nothing is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told(u8);

impl Told {
    /// No group: only the members that a printed struct names itself.
    pub const NOTHING: Self = Self(0);
    /// Ids and numbers of the roster, schools, grade, year of graduation, titles, credentials.
    pub const ROSTER: Self = Self(1);
    /// Date of birth, gender, race, Hispanic ethnicity, address.
    pub const DEMOGRAPHICS: Self = Self(1 << 1);
    /// English learning, lunch, IEP, section 504, giftedness, disability, language at home.
    pub const SENSITIVE: Self = Self(1 << 2);
    /// Extension fields.
    pub const EXT: Self = Self(1 << 3);
    /// That students have contacts, and who they are.
    pub const CONTACTS: Self = Self(1 << 4);

    /// These groups and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of those groups are among these.
    pub const fn includes(self, groups: Self) -> bool {
        self.0 & groups.0 == groups.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: &[(&str, &str)] =
        &[("ext.bus", "7"), ("ext.lunch", ""), ("extra", "1"), ("grade", "4"), ("state_id", "")];

    #[test]
    fn a_fact_is_found_by_its_name_and_an_empty_one_is_none() {
        let facts = Facts::sorted(PAIRS);
        assert_eq!(facts.get("grade"), Some("4"));
        assert_eq!(facts.get("state_id"), None);
        assert_eq!(facts.get("grad"), None);
        assert_eq!(Facts::NONE.get("grade"), None);
    }

    #[test]
    fn facts_under_a_prefix_are_all_and_no_others() {
        let under: Vec<_> = Facts::sorted(PAIRS).under("ext.").collect();
        assert_eq!(under, [("bus", "7"), ("lunch", "")]);
        assert_eq!(Facts::sorted(PAIRS).under("location.").count(), 0);
    }

    #[test]
    fn groups_add_up() {
        let told = Told::ROSTER.and(Told::EXT);
        assert!(told.includes(Told::EXT) && told.includes(Told::NOTHING));
        assert!(!told.includes(Told::SENSITIVE) && !told.includes(Told::EXT.and(Told::SENSITIVE)));
    }
}
