//! Tables, as bulk writes see them.

/// A table that is filled in bulk.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    /// The columns of the primary key.
    pub(crate) primary: &'static [&'static str],
    /// The columns by which rows are closed, beside the district; empty where rows never are.
    pub(crate) key: &'static [&'static str],
    /// What to do with a row that is there: nothing said, it is an error.
    pub(crate) conflict: &'static str,
}

/// The kinds of column that bulk inserts know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Bytes,
    Text,
}

impl Table {
    /// The names of the columns, with commas.
    pub(super) fn column_list(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }
}
