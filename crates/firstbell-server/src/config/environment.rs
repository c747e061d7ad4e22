//! The environment over the file: `FIRSTBELL__SECTION__KEY=value`.

use anyhow::bail;
use toml::{Table, Value};

const PREFIX: &str = "FIRSTBELL__";

/// Puts the variables that concern us over the table. A value is taken as a number or a truth
/// value where it reads as one, else as text.
///
/// # Errors
/// When a name has no section and key, or names a section that is a plain value in the file.
pub fn overlay(
    table: &mut Table,
    environment: impl Iterator<Item = (String, String)>,
) -> anyhow::Result<()> {
    for (name, text) in environment {
        let Some(rest) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let Some((section, key)) = rest.split_once("__") else {
            bail!("{name}: expected {PREFIX}SECTION__KEY");
        };
        let section =
            table.entry(section.to_ascii_lowercase()).or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(section) = section else {
            bail!("{name}: the file has a plain value where this names a section");
        };
        section.insert(key.to_ascii_lowercase(), value(text));
    }
    Ok(())
}

fn value(text: String) -> Value {
    let number = text.parse().ok().map(Value::Integer);
    let plain = number.or_else(|| text.parse().ok().map(Value::Boolean));
    plain.unwrap_or(Value::String(text))
}
