//! What must happen next before the person may go on. The dispatcher asks this after
//! every step; steps never lead to each other.

pub use firstbell_protocol::vocabulary::State;

use firstbell_protocol::vocabulary::{CodeChallenge, Nonce, RedirectUri};

use super::session::Session;
use crate::application::{Application, Connection};
use crate::id::{ApplicationId, DistrictId, RoleId, UserId};
use crate::roster::{ClassroomPolicy, Role, RoleKind, User};
use crate::secret::SecretHash;
use crate::sharing::{self, Case, SharingRefusal, Ties};
use crate::time::Timestamp;

/// How long a begun login waits for its person.
pub const LOGIN_WAITS: std::time::Duration = std::time::Duration::from_mins(30);

/// A login that was begun and waits for its person.
#[derive(Debug, Clone)]
pub struct PendingLogin {
    /// Where the person wants to be.
    pub destination: Destination,
    /// Whose login page it is, once that is known.
    pub district: Option<DistrictId>,
    /// SHA-256 of the browser's own cookie: a login begun in one browser is not finished in
    /// another (login CSRF).
    pub browser: SecretHash,
    /// When it was begun.
    pub began: Timestamp,
    /// The session that the browser had when the login was begun.
    pub present: Option<SecretHash>,
    /// The session that somebody began, or confirmed to be theirs, on the way of this very login.
    pub vouched: Option<SecretHash>,
}

impl PendingLogin {
    /// Whether its person took too long.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        now.since(self.began) >= LOGIN_WAITS
    }
}

/// Where a person wants to be.
#[derive(Debug, Clone)]
pub enum Destination {
    /// In an application.
    Application {
        /// Which.
        application: ApplicationId,
        /// Where it takes them back. It was verified when the login was begun and is verified
        /// again before the person is sent there: a registration may change in between.
        redirect: RedirectUri,
        /// Its mark; none where the portal starts the login.
        state: Option<State>,
        /// What else it asked for.
        demands: Demands,
    },
    /// At their page of applications.
    Portal,
}

/// What an application asked for beside the person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Demands {
    /// It asked for nothing: the login began at the portal or an Instant Login Link.
    pub unasked: bool,
    /// What it is answered with.
    pub response: ResponseKind,
    /// `confirmed=false`: a student who is logged in already says that it is them.
    pub confirm: bool,
    /// `return_unshared=true`: a person without access comes back.
    pub return_unshared: bool,
    /// `nonce`.
    pub nonce: Option<Nonce>,
    /// `code_challenge`.
    pub challenge: Option<CodeChallenge>,
    /// `prompt=login` or `max_age`: only who proved themselves since then counts as logged in.
    pub fresh_since: Option<Timestamp>,
    /// `id_token_hint`: only this person counts as logged in.
    pub hinted: Option<UserId>,
}

/// What an application is answered with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ResponseKind {
    /// A code (RFC 6749 section 4.1).
    #[default]
    Code,
    /// A token in the fragment (RFC 6749 section 4.2), for applications that may.
    Token,
}

/// Somebody who is logged in on this browser.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Their session.
    pub session: Session,
    /// Who they are in the roster.
    pub user: User,
    /// What they are tied to, as far as [`sharing::Needs`] wants it.
    pub ties: Ties,
}

impl Visitor {
    /// The role they logged in with; their first one if the roster has since taken that away.
    pub fn role(&self) -> Option<&Role> {
        self.user.role_by_id(self.session.role).or_else(|| self.user.roles.first())
    }

    /// The visitor at the door of an application.
    pub fn at<'a>(&'a self, door: Door<'a>) -> Case<'a> {
        door.case(&self.user, self.session.role, &self.ties)
    }
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The person says which district is theirs.
    ChooseDistrict,
    /// The person proves who they are to this district.
    SignIn(DistrictId),
    /// The student says whether it is really them.
    Confirm,
    /// The teacher says which of her sections she shares with the application.
    AskTeacher,
    /// Somebody logged in on this browser after the login was begun: it may not be their login.
    Superseded,
    /// The person may not go where they want to.
    Refuse(SharingRefusal),
    /// A code is issued for this role, and the person goes to the application.
    Issue(RoleId),
    /// The person goes to their portal.
    EnterPortal,
}

/// What is known about the application the person wants to enter.
#[derive(Debug, Clone, Copy)]
pub struct Door<'a> {
    /// The application.
    pub application: &'a Application,
    /// What the visitor's district has said about it.
    pub connection: Option<&'a Connection>,
    /// Whether the visitor's district lets its teachers connect applications.
    pub classroom: ClassroomPolicy,
}

impl<'a> Door<'a> {
    /// A person at this door.
    pub fn case(self, user: &'a User, login_role: RoleId, ties: &'a Ties) -> Case<'a> {
        let Self { application, connection, classroom } = self;
        Case { application, connection, classroom, user, login_role, ties }
    }
}

/// Everything that decides about the next step of a login.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// Whose login page is wanted, where that is known.
    pub district: Option<DistrictId>,
    /// Who is logged in on this browser.
    pub visitor: Option<&'a Visitor>,
    /// The application that the login leads to, and what it asked for; none means the portal.
    pub door: Option<(Door<'a>, &'a Demands)>,
    /// The login, where it waited for its person.
    pub waited: Option<Waited>,
}

/// What a login that waited knows of sessions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Waited {
    /// The one that the browser had when the login was begun.
    pub present: Option<SecretHash>,
    /// The one that was begun or confirmed on its way.
    pub vouched: Option<SecretHash>,
}

/// The next step of a login. The questions stand in the order in which they are asked.
pub fn next(situation: &Situation<'_>) -> Step {
    let Situation { district, visitor, door, waited } = *situation;
    let Some(visitor) = visitor else {
        return district.map_or(Step::ChooseDistrict, Step::SignIn);
    };
    let session = &visitor.session;
    if let Some(wanted) = district.filter(|wanted| *wanted != session.district) {
        return Step::SignIn(wanted);
    }

    let own = Some(session.secret_hash);
    let vouched = waited.is_some_and(|waited| waited.vouched == own);
    if waited.is_some_and(|waited| waited.present != own) && !vouched {
        return Step::Superseded;
    }

    let Some((door, demands)) = door else {
        return match visitor.user.suspended_since {
            Some(_) => Step::Refuse(SharingRefusal::Suspended),
            None => Step::EnterPortal,
        };
    };
    let is_stale = demands.fresh_since.is_some_and(|since| session.began < since);
    let is_another = demands.hinted.is_some_and(|hinted| hinted != visitor.user.id);
    if is_stale || is_another {
        return Step::SignIn(session.district);
    }
    let is_student = visitor.user.role(RoleKind::Student).is_some();
    if demands.confirm && is_student && !vouched && session.impersonator.is_none() {
        return Step::Confirm;
    }
    match sharing::admit(&visitor.at(door)) {
        Ok(entry) => Step::Issue(entry.role.id),
        Err(SharingRefusal::TeacherMayConnect) if session.impersonator.is_none() => {
            Step::AskTeacher
        }
        Err(refusal) => Step::Refuse(refusal),
    }
}

#[cfg(test)]
mod tests;
