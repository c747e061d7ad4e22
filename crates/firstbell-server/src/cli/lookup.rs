//! What commands name, looked up in the transaction that needs it; and the words that they take.

use std::time::Duration;

use anyhow::Context as _;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use firstbell_core::application::Application;
use firstbell_core::id::{ApplicationId, RoleId, UserId};
use firstbell_core::login::credential::fold_login_name;
use firstbell_core::roster::{District, User};
use firstbell_protocol::vocabulary::ClientId;
use firstbell_store::{Settings, Tx};

/// The district with this name in addresses, or this id.
pub(super) fn district<'s>(settings: &'s Settings, named: &str) -> anyhow::Result<&'s District> {
    let mut districts = settings.districts.iter();
    let found = districts.find(|it| it.shortname.as_str() == named || *it.id.to_string() == *named);
    found.with_context(|| {
        format!("there is no district {named:?}; `firstbell import` makes one. Nothing was changed")
    })
}

/// The application with this public identifier.
pub(super) fn application<'s>(
    settings: &'s Settings,
    client_id: &ClientId,
) -> anyhow::Result<&'s Application> {
    let found = settings.applications.iter().find(|it| it.client_id == *client_id);
    found.with_context(|| {
        format!(
            "no application has the client_id {client_id}; `firstbell application list` shows \
             which there are. Nothing was changed"
        )
    })
}

/// The client id and the name of an application, for people.
pub(super) fn shown_application(settings: &Settings, id: ApplicationId) -> String {
    match settings.applications.iter().find(|it| it.id == id) {
        Some(found) => format!("{} ({})", found.name, found.client_id),
        None => id.to_string(),
    }
}

/// The person whom a command names, and the role that goes with the name: a login name belongs to a
/// role, as a role's id does.
pub(super) struct Found {
    pub(super) user: User,
    pub(super) role: RoleId,
}

/// The person with this login name, or this id of the person or of a role.
pub(super) fn person(tx: &mut Tx<'_>, district: &District, named: &str) -> anyhow::Result<Found> {
    let mut within = tx.district(district.id);
    if let Ok(id) = named.parse::<UserId>()
        && let Some(user) = within.user(id)?
        && let Some(role) = user.roles.first().map(|role| role.id)
    {
        return Ok(Found { user, role });
    }
    if let Ok(role) = named.parse::<RoleId>()
        && let Some(user) = within.user_by_role(role)?
    {
        return Ok(Found { user, role });
    }
    let folded = fold_login_name(named);
    let credential = within.credential(&folded)?;
    let user = within.user_by_login_name(&folded)?;
    user.zip(credential)
        .map(|(user, credential)| Found { user, role: credential.role })
        .with_context(|| {
            format!(
                "nobody logs in as {named:?} in {}, and nobody has it as their id; look at the \
                 roster. Nothing was changed",
                district.shortname
            )
        })
}

/// The person's name and kinds of role, for people.
pub(super) fn shown_person(user: &User) -> String {
    let kinds: Vec<_> = user.roles.iter().map(|role| role.kind.name()).collect();
    format!("{} {} ({}, {})", user.name.first, user.name.last, kinds.join(", "), user.id)
}

/// Reads one of `all` by its name.
pub(super) fn named<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().map(|it| name(*it))).try_map(move |text| {
        let found = all.iter().copied().find(|it| name(*it) == text);
        found.ok_or("no such word")
    })
}

/// Reads a span of time: a number and `s`, `m`, `h` or `d`; or `0`.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no span of time; write one like 90s, 10m, 2h or 7d, or 0");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let digits = &text[..text.len() - 1];
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| is_number).ok_or_else(wrong)?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

/// A span of time as [`span`] reads it.
pub(super) fn shown_span(span: Duration) -> String {
    let seconds = span.as_secs();
    for (length, unit) in [(86_400, 'd'), (3_600, 'h'), (60, 'm')] {
        if seconds > 0 && seconds.is_multiple_of(length) {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_read_back() {
        for (text, seconds, shown) in [
            ("0", 0, "0s"),
            ("90s", 90, "90s"),
            ("10m", 600, "10m"),
            ("120m", 7_200, "2h"),
            ("24h", 86_400, "1d"),
            ("7d", 604_800, "7d"),
        ] {
            assert_eq!(span(text), Ok(Duration::from_secs(seconds)), "{text}");
            assert_eq!(shown_span(Duration::from_secs(seconds)), shown);
        }
        for bad in ["", "7", "d", "-1d", "+1d", "1.5h", "7 d", "7w", "7é", "99999999999999999999d"]
        {
            assert!(span(bad).is_err(), "{bad}");
        }
    }
}
