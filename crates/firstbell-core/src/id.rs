//! Typed identifiers: 24 lower-case hexadecimal digits, whose first four bytes are the creation
//! time in seconds, so that the order of ids is the order of creation (`docs/compatibility.md`,
//! "Hosts, paths, ids").

use std::fmt;
use std::str::FromStr;

use crate::secret::{DrawnAhead, Random};
use crate::time::Timestamp;

/// A text that is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identifier is 24 lower-case hexadecimal digits")]
pub struct MalformedId;

/// The twelve bytes that every identifier is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Bytes([u8; 12]);

impl Bytes {
    fn new(now: Timestamp, random: &mut dyn Random) -> Self {
        let mut bytes = [0; 12];
        random.fill(&mut bytes[4..]);
        bytes[..4].copy_from_slice(&now.seconds_wrapped().to_be_bytes());
        Self(bytes)
    }

    fn parse(text: &str) -> Result<Self, MalformedId> {
        let text: &[u8; 24] = text.as_bytes().try_into().map_err(|_| MalformedId)?;
        let mut bytes = [0; 12];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = (nibble(pair[0])? << 4) | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }

    fn hex(self) -> Hex {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 24];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Hex(text)
    }
}

/// The bytes of identifiers in ascending order, each once.
pub fn distinct(ids: impl IntoIterator<Item = [u8; 12]>) -> Vec<[u8; 12]> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The highest identifier below this one; None where there is none.
pub fn below(id: [u8; 12]) -> Option<[u8; 12]> {
    let mut below = id;
    for byte in below.iter_mut().rev() {
        let (less, borrows) = byte.overflowing_sub(1);
        *byte = less;
        if !borrows {
            return Some(below);
        }
    }
    None
}

/// The lowest identifier above this one; None where there is none.
pub fn above(id: [u8; 12]) -> Option<[u8; 12]> {
    let mut above = id;
    for byte in above.iter_mut().rev() {
        let (more, carries) = byte.overflowing_add(1);
        *byte = more;
        if !carries {
            return Some(above);
        }
    }
    None
}

fn nibble(digit: u8) -> Result<u8, MalformedId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(MalformedId),
    }
}

/// An identifier as text, on the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hex([u8; 24]);

impl Hex {
    /// The 24 digits.
    pub fn as_str(&self) -> &str {
        // The digits are ASCII by construction.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::ops::Deref for Hex {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Ids are the one place for a macro: a newtype each, so that a role's id cannot stand where a
/// person's is wanted.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Bytes);

        impl $name {
            /// A new id, made now.
            pub fn new(now: Timestamp, random: &mut dyn Random) -> Self {
                Self(Bytes::new(now, random))
            }

            /// The id as 24 hexadecimal digits.
            pub fn hex(self) -> Hex {
                self.0.hex()
            }

            /// The twelve bytes of the id.
            pub fn to_bytes(self) -> [u8; 12] {
                self.0.0
            }

            /// The id of these twelve bytes.
            pub fn from_bytes(bytes: [u8; 12]) -> Self {
                Self(Bytes(bytes))
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                Bytes::parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.hex())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.hex())
            }
        }
    )*};
}

ids! {
    /// A district: the tenant.
    DistrictId;
    /// A school of a district.
    SchoolId;
    /// A term (semester, quarter) of a district.
    TermId;
    /// A course, which sections are held of.
    CourseId;
    /// A section: one class that meets.
    SectionId;
    /// A resource, which districts assign to courses.
    ResourceId;
    /// A person, whatever their roles; the `id` of the v3 dialects.
    UserId;
    /// One role of a person; the `legacy_id` of v3 and the `id` of the v2 dialects.
    RoleId;
    /// A registered application.
    ApplicationId;
    /// The record of a token with which an application reads a district.
    DistrictTokenId;
    /// An entry of the feed of changes that an application follows.
    EventId;
    /// A sync run.
    SyncRunId;
    /// A message on its way to an application's webhook.
    DeliveryId;
}

/// `count` ids in ascending order, made now. A roster takes its ids from here so that the order
/// of ids is the order of the file, and rows land side by side in the database.
pub fn ascending(count: usize, now: Timestamp, random: &mut dyn Random) -> Vec<[u8; 12]> {
    let seconds = now.seconds_wrapped().to_be_bytes();
    let mut batch = vec![[0; 12]; count];
    let mut random = DrawnAhead::new(random);
    for id in &mut batch {
        let (of_time, of_chance) = id.split_at_mut(4);
        of_time.copy_from_slice(&seconds);
        random.fill(of_chance);
    }
    batch.sort_unstable();
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::tests::Counting;

    #[test]
    fn an_id_reads_back_as_it_was_printed() {
        let id = UserId::new(Timestamp::from_milliseconds(1_652_650_823_535), &mut Counting(7));
        assert_eq!(id.hex().as_str().len(), 24);
        assert!(id.hex().starts_with("62817347"), "starts with the seconds: {id}");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn the_id_below_is_the_next_lower_one() {
        assert_eq!(below([0; 12]), None);
        let mut id = [0; 12];
        id[0] = 1;
        let mut expected = [255; 12];
        expected[0] = 0;
        assert_eq!(below(id), Some(expected));
        id[11] = 7;
        expected = id;
        expected[11] = 6;
        assert_eq!(below(id), Some(expected));
    }

    #[test]
    fn distinct_ids_ascend() {
        let id = |byte| [byte; 12];
        assert_eq!(distinct([id(3), id(1), id(3), id(2)]), [id(1), id(2), id(3)]);
    }

    #[test]
    fn what_is_not_24_lower_case_digits_is_no_id() {
        let bad = [
            "",
            "62817c88dc4dc002ea40b59",
            "62817c88dc4dc002ea40b5944",
            "62817C88dc4dc002ea40b594",
        ];
        for text in bad.into_iter().chain(["62817c88dc4dc002ea40b59g", "é2817c88dc4dc002ea40b59"])
        {
            assert_eq!(text.parse::<UserId>(), Err(MalformedId), "{text}");
        }
    }

    #[test]
    fn a_batch_of_ids_ascends() {
        let batch = ascending(50, Timestamp::from_milliseconds(0), &mut Counting(1));
        assert!(batch.is_sorted());
        assert_eq!(batch.len(), 50);
    }
}
