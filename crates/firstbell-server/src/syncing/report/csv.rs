//! The rows with which something is wrong, as a table for a spreadsheet.

use super::{Report, Row};

/// A line a row, under a header; UTF-8 with a mark at the start, which spreadsheets want.
pub fn table(report: &Report) -> String {
    let mut text = "\u{feff}severity,file,line,column,value,reason,to do,code\r\n".to_owned();
    for (severity, problems) in [("refusal", &report.refusals), ("warning", &report.warnings)] {
        for row in &problems.listed {
            let cells = cells(severity, row).map(|cell| quoted(&cell));
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
        for rest in &problems.unlisted {
            let reason = format!("and {} more: {}", rest.count, rest.reason);
            let cells = [severity, &rest.file, "", "", "", &reason, &rest.remedy, &rest.code];
            text.push_str(&cells.map(quoted).join(","));
            text.push_str("\r\n");
        }
    }
    text
}

fn cells(severity: &str, row: &Row) -> [String; 8] {
    [
        severity.to_owned(),
        row.file.clone(),
        row.line.map(|line| line.to_string()).unwrap_or_default(),
        row.column.clone().unwrap_or_default(),
        row.value.clone().unwrap_or_default(),
        row.reason.clone(),
        row.remedy.clone(),
        row.code.clone(),
    ]
}

/// A cell that every program reads as this text: in quotes, and never as a formula, which a roster
/// could smuggle onto the desk of whoever opens the table.
fn quoted(cell: &str) -> String {
    let is_formula = cell
        .trim_start()
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%', '＝', '＋', '－', '＠']);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}
