//! Writing CSV: quotes where they are needed, LF line ends.

use std::io::{self, Write};

/// A CSV file that is being written.
pub(crate) struct Sheet<'w> {
    out: &'w mut dyn Write,
}

impl<'w> Sheet<'w> {
    pub fn new(out: &'w mut dyn Write) -> Self {
        Self { out }
    }

    /// Writes a row.
    pub fn row(&mut self, cells: &[impl AsRef<[u8]>]) -> io::Result<()> {
        for (index, cell) in cells.iter().map(AsRef::as_ref).enumerate() {
            if index > 0 {
                self.out.write_all(b",")?;
            }
            self.cell(cell)?;
        }
        self.out.write_all(b"\n")
    }

    fn cell(&mut self, cell: &[u8]) -> io::Result<()> {
        if !cell.iter().any(|byte| b",\"\n\r".contains(byte)) {
            return self.out.write_all(cell);
        }
        self.out.write_all(b"\"")?;
        for part in cell.split_inclusive(|&byte| byte == b'"') {
            self.out.write_all(part)?;
            if part.ends_with(b"\"") {
                self.out.write_all(b"\"")?;
            }
        }
        self.out.write_all(b"\"")
    }
}
