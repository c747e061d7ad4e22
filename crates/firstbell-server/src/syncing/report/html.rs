//! The report as a page that stands by itself: no script, nothing from elsewhere, so that it can be
//! sent on.

use askama::Template;

use super::Report;

/// A report with what is around it.
#[derive(Template)]
#[template(path = "sync_report.html")]
pub struct Page<'r> {
    /// What people call the district.
    pub district: &'r str,
    /// The run's id.
    pub run: String,
    /// Where the roster came from.
    pub source: &'r str,
    /// When the run began.
    pub began: String,
    /// How far it has come, with the version that it made.
    pub state: String,
    /// Why it is held, failed or was discarded.
    pub reasons: Vec<String>,
    /// What it found.
    pub report: &'r Report,
}

/// The page.
///
/// # Errors
/// When the template fails, which it does not.
pub fn page(page: &Page<'_>) -> Result<String, askama::Error> {
    page.render()
}
