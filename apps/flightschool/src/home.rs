//! The pages of the school, and the two forms on them.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::browser::Cookie;
use crate::grade::{Grade, GradeLevel};
use crate::login::{end_session, see_other};
use crate::page::{GradeQuestion, HomePage, LandingPage, Notice};
use crate::session::who_is_here;
use crate::trouble::Trouble;

/// `GET /`: the way in; who is in already goes on to `/home`.
pub(crate) async fn landing(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    if who_is_here(&app, &headers).await?.is_some() {
        return Ok(see_other("/home", []));
    }

    let notice = asked(query.as_deref(), "logged-out").map(|_| Notice::LoggedOut);
    Ok(LandingPage { public_base: &app.site.origin, notice }.into_response())
}

/// `GET /home`: who is logged in, and what awaits them. `?view=teacher` shows another of one's own
/// roles, `?change=grade` asks again.
pub(crate) async fn home(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let Some(account) = who_is_here(&app, &headers).await? else {
        return Ok(see_other("/", [app.site.set_cookie(Cookie::Session, "")]));
    };

    let query = query.as_deref();
    let view = asked(query, "view")
        .and_then(|name| account.roles.iter().copied().find(|kind| kind.name() == name))
        .or_else(|| account.roles.first().copied());
    let question = match asked(query, "change").as_deref() {
        Some("grade") => GradeQuestion::Again,
        _ => GradeQuestion::Once,
    };
    Ok(HomePage::new(&account, view, question).into_response())
}

/// The first value of a parameter; whatever else stands in the query does not matter.
fn asked(query: Option<&str>, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query?.as_bytes())
        .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

/// `POST /profile/grade`: the answer of a student, or that there is none.
pub(crate) async fn choose_grade(
    State(app): State<App>,
    headers: HeaderMap,
    form: Result<Form<GradeForm>, FormRejection>,
) -> Result<Response, Trouble> {
    let Form(form) = form.map_err(|_| Trouble::NotAGrade)?;
    let Some(account) = who_is_here(&app, &headers).await? else {
        return Ok(see_other("/", [app.site.set_cookie(Cookie::Session, "")]));
    };

    let grade = match (form.skip, form.grade.as_deref()) {
        (Some(_), _) | (None, None | Some("")) => Grade::Skipped,
        (None, Some(value)) => Grade::In(GradeLevel::from_value(value).ok_or(Trouble::NotAGrade)?),
    };
    app.store.set_grade(account.id, grade).await?;

    Ok(see_other("/home", []))
}

#[derive(Deserialize)]
pub(crate) struct GradeForm {
    grade: Option<String>,
    skip: Option<serde::de::IgnoredAny>,
}

/// `POST /logout`: ends our session. Firstbell's stays: it is the person's way into everything
/// else they use today.
pub(crate) async fn log_out(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    end_session(&app, &headers).await?;
    Ok(see_other("/?logged-out", [app.site.set_cookie(Cookie::Session, "")]))
}
