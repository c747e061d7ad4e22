//! The page of a report.

use std::fmt::Write as _;

use super::{Report, unlisted};
use crate::problem::{Listed, Problem};
use crate::summary::{HOLD_REMOVALS, Summary, SummaryKind, Tally};

/// Everything that the page needs stands in it, and it asks for nothing.
const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<style>
:root { color-scheme: light dark; --line: #8886; --bad: #b00020; --odd: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a8a; --odd: #ffc266; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.25rem; margin-top: 2rem; } h3 { font-size: 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { border-top: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.refusal { color: var(--bad); } .warning { color: var(--odd); }
code { overflow-wrap: anywhere; }
@media print {
  :root { color-scheme: light; --bad: #000; --odd: #000; }
  body { font-size: 10pt; max-width: none; padding: 0; } tr, h2, h3 { break-inside: avoid; break-after: auto; }
  .wide { overflow: visible; }
}
</style>
"#;

pub(super) fn write(report: &Report<'_>) -> String {
    let mut page = String::from(HEAD);
    let district = Text(report.district);
    // Writing into a text does not fail.
    let _ = writeln!(
        page,
        "<title>Roster of {district}</title>\n</head>\n<body>\n<main>\n\
         <h1>Roster of <bdi>{district}</bdi></h1>\n<p>{}. {}</p>",
        Text(report.when),
        report.outcome.sentence(),
    );
    if let Some(summary) = report.summary {
        write_summary(summary, &mut page);
    }
    write_problems("refusal", "What keeps it out", report.refusals, &mut page);
    write_problems("warning", "What else to know", report.warnings, &mut page);
    if report.refusals.total() + report.warnings.total() == 0 {
        page.push_str("<p>Nothing is wrong with the files.</p>\n");
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn write_summary(summary: &Summary, page: &mut String) {
    page.push_str(
        "<h2>What changes</h2>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\"></th>\
         <th scope=\"col\" class=\"number\">new</th><th scope=\"col\" class=\"number\">changed</th>\
         <th scope=\"col\" class=\"number\">removed</th>\
         <th scope=\"col\" class=\"number\">unchanged</th><th scope=\"col\">for example</th></tr>\
         </thead>\n<tbody>\n",
    );
    for kind in SummaryKind::ALL {
        let tally = summary.tally(kind);
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{}</th>{}{}{}{}<td>{}</td></tr>",
            kind.plural(),
            Number(tally.added),
            Number(tally.changed),
            Number(tally.removed),
            Number(tally.unchanged),
            Examples(&tally),
        );
    }
    page.push_str("</tbody>\n</table></div>\n");
    let mut notes: Vec<String> = summary.notes();
    notes.extend(summary.removals_above(HOLD_REMOVALS).iter().map(ToString::to_string));
    if notes.is_empty() {
        return;
    }
    page.push_str("<h3>To look at before anybody agrees</h3>\n<ul>\n");
    for note in notes {
        let _ = writeln!(page, "<li>{}</li>", Text(&note));
    }
    page.push_str("</ul>\n");
}

fn write_problems(severity: &str, title: &str, listed: &Listed, page: &mut String) {
    if listed.total() == 0 {
        return;
    }
    let _ = writeln!(page, "<h2 class=\"{severity}\">{title}: {}</h2>", listed.total());
    let mut files: Vec<&str> = Vec::new();
    let named = listed.problems.iter().map(|problem| problem.file.as_str());
    for file in named.chain(listed.totals.keys().map(|(file, _)| file.as_str())) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    for file in files {
        let _ = writeln!(
            page,
            "<div class=\"wide\"><table>\n<caption><bdi>{}</bdi></caption>\n<thead><tr>\
             <th scope=\"col\" class=\"number\">line</th><th scope=\"col\">column</th>\
             <th scope=\"col\">value</th><th scope=\"col\">why</th>\
             <th scope=\"col\">what to do</th></tr></thead>\n<tbody>",
            Text(file),
        );
        for problem in listed.problems.iter().filter(|problem| problem.file == file) {
            write_problem(problem, page);
        }
        for ((_, fault), count) in unlisted(listed).filter(|((of, _), _)| *of == file) {
            let _ = writeln!(
                page,
                "<tr><td></td><td></td><td></td><td>and {count} more: {} ({})</td><td>{}</td></tr>",
                Text(fault.reason()),
                fault.code(),
                Text(fault.remedy()),
            );
        }
        page.push_str("</tbody>\n</table></div>\n");
    }
}

fn write_problem(problem: &Problem, page: &mut String) {
    let line = problem.line.map(|line| line.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (column, value) = (text(&problem.column), text(&problem.value));
    let _ =
        write!(page, "<tr><td class=\"number\">{line}</td><td><bdi>{}</bdi></td>", Text(&column));
    let _ = write!(page, "<td><code><bdi>{}</bdi></code></td>", Text(&value));
    let _ = writeln!(
        page,
        "<td>{} ({})</td><td>{}</td></tr>",
        Text(&problem.reason),
        problem.fault.code(),
        Text(&problem.remedy),
    );
}

struct Number(usize);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<td class=\"number\">{}</td>", self.0)
    }
}

/// Up to five of each, under their signs.
struct Examples<'t>(&'t Tally);

impl std::fmt::Display for Examples<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Tally { added_examples, changed_examples, removed_examples, .. } = self.0;
        for (word, examples) in
            [("new", added_examples), ("changed", changed_examples), ("removed", removed_examples)]
        {
            if examples.is_empty() {
                continue;
            }
            write!(f, "<div>{word}: ")?;
            for (nth, example) in examples.iter().enumerate() {
                let comma = if nth == 0 { "" } else { ", " };
                write!(f, "{comma}<bdi>{}</bdi>", Text(example))?;
            }
            f.write_str("</div>")?;
        }
        Ok(())
    }
}

/// Text in a page: nothing in it is markup, wherever it stands, and nothing turns the writing.
struct Text<'t>(&'t str);

impl std::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for letter in crate::problem::visible(self.0).chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}
