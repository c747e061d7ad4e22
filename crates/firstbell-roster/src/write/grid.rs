//! A CSV file by the names of its columns.

use std::collections::HashMap;
use std::io::{self, Write};

use crate::sheet::Sheet;

/// A CSV file that is being written, row after row.
pub(super) struct Grid<'w> {
    sheet: Sheet<'w>,
    positions: HashMap<String, usize>,
    row: Vec<String>,
}

impl<'w> Grid<'w> {
    /// Writes the header.
    pub fn begin(out: &'w mut dyn Write, names: Vec<String>) -> io::Result<Self> {
        let mut sheet = Sheet::new(out);
        sheet.row(&names)?;
        let row = vec![String::new(); names.len()];
        let positions = names.into_iter().enumerate().map(|(at, name)| (name, at)).collect();
        Ok(Self { sheet, positions, row })
    }

    /// Fills a cell of the row at hand; a column that the file has not is nowhere to be filled.
    pub fn put(&mut self, name: &str, value: &str) {
        if let Some(cell) = self.positions.get(name).and_then(|at| self.row.get_mut(*at)) {
            value.clone_into(cell);
        }
    }

    /// Writes the row at hand, and begins an empty one.
    pub fn end_row(&mut self) -> io::Result<()> {
        self.sheet.row(&self.row)?;
        self.row.iter_mut().for_each(String::clear);
        Ok(())
    }
}
