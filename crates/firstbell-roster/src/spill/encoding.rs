//! How records are written: numbers in as few bytes as they need, texts behind their length.

/// Something that can be written and read back.
pub(crate) trait Record: Sized {
    fn write(&self, to: &mut Vec<u8>);

    /// None where the bytes are not what [`Record::write`] wrote.
    fn read(from: &mut Bytes<'_>) -> Option<Self>;
}

/// A number, seven bits a byte.
pub(crate) fn put_number(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    to.push(number.to_le_bytes()[0]);
}

pub(crate) fn put_text(to: &mut Vec<u8>, text: &str) {
    put_number(to, text.len() as u64);
    to.extend_from_slice(text.as_bytes());
}

/// A text that may be absent, which is not the same as empty.
pub(crate) fn put_optional(to: &mut Vec<u8>, text: Option<&str>) {
    match text {
        None => to.push(0),
        Some(text) => {
            put_number(to, text.len() as u64 + 1);
            to.extend_from_slice(text.as_bytes());
        }
    }
}

/// What was read; none where the bytes are not what was written.
pub(crate) type Read<T> = Option<T>;

/// Bytes on their way back.
pub(crate) struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// A number of things that are still to come, each of a byte at the least.
    pub fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= self.0.len())
    }

    pub fn text(&mut self) -> Option<&'b str> {
        let length = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    pub fn optional(&mut self) -> Read<Option<&'b str>> {
        match usize::try_from(self.number()?).ok()?.checked_sub(1) {
            None => Some(None),
            Some(length) => std::str::from_utf8(self.take(length)?).ok().map(Some),
        }
    }
}
