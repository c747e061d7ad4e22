//! How SQL is written down: as named constants, in the part of the language that both databases
//! share, with `$1` placeholders that first appear in order (SQLite numbers them by appearance).
//! Every constant is listed, and `tests/promises/sql.rs` prepares them all on both databases.

/// Declares SQL constants and the list of them, `QUERIES`.
macro_rules! queries {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* pub(crate) const $name: &str = $sql;)*

        /// All of this file's statements.
        #[cfg(feature = "testing")]
        pub(crate) const QUERIES: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

/// The `until` of a row that still holds.
macro_rules! still {
    () => {
        "9223372036854775807"
    };
}

pub(crate) use {queries, still};

/// The `until` of a row that still holds.
pub(crate) const STILL: i64 = i64::MAX;
