//! Writing CSV: quotes where they are needed, LF line ends.

use std::io::{self, Write};

/// A CSV file that is being written.
pub(super) struct Sheet<'w> {
    out: &'w mut dyn Write,
}

impl<'w> Sheet<'w> {
    pub fn new(out: &'w mut dyn Write) -> Self {
        Self { out }
    }

    /// Writes a row.
    pub fn row(&mut self, cells: &[&str]) -> io::Result<()> {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.out.write_all(b",")?;
            }
            if cell.contains([',', '"', '\n', '\r']) {
                write!(self.out, "\"{}\"", cell.replace('"', "\"\""))?;
            } else {
                self.out.write_all(cell.as_bytes())?;
            }
        }
        self.out.write_all(b"\n")
    }
}
