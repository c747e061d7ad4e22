//! The way out of a login into an application: a code, a token, or, for an application that wants to
//! begin every login itself, a request to do so.

use axum::response::Response;
use firstbell_core::application::{Application, VerifiedRedirect};
use firstbell_core::error;
use firstbell_core::id::RoleId;
use firstbell_core::login::authorize::RedirectRefusal;
use firstbell_core::login::code::{self, Grant, Order};
use firstbell_core::login::step::{Demands, ResponseKind, State, Visitor};
use firstbell_core::login::token;
use firstbell_core::secret::{Secret, SecretHash};
use firstbell_store::{AuditEntry, StoreError, Tx};

use super::{begun, dispatch};
use crate::app::App;
use crate::entropy::Entropy;
use crate::extract::Visit;
use crate::reply::redirect::{Answer, Launch, Marks};
use crate::reply::{Fault, redirect};

/// A person who may enter an application.
#[derive(Clone, Copy)]
pub struct Passage<'a> {
    /// The application.
    pub application: &'a Application,
    /// The person.
    pub visitor: &'a Visitor,
    /// The role in which they enter.
    pub role: RoleId,
    /// Where to.
    pub redirect: &'a VerifiedRedirect,
    /// The application's mark.
    pub state: Option<&'a State>,
    /// What else it asked for.
    pub demands: &'a Demands,
    /// The login, where it waited.
    pub waiting: Option<SecretHash>,
}

impl Passage<'_> {
    /// Sends the person in.
    ///
    /// # Errors
    /// When the login was finished meanwhile, or the database fails.
    pub async fn take(self, app: &App, visit: &Visit) -> Result<Response, Fault> {
        if let Some(initiate) = &self.application.initiate_login_uri
            && self.demands.unasked
        {
            // The link's own redirect URI, where it named another than the primary one.
            let is_primary = self.application.redirect_uris.first() == Some(self.redirect.uri());
            let about = self.application.about().filter(|_| is_primary);
            let target = about.unwrap_or_else(|| self.redirect.uri().to_string());
            self.record(app, visit, self.grant(), |_| Ok(())).await?;
            let launch = Launch {
                issuer: app.urls().auth_base(),
                login_hint: &self.visitor.user.id.to_string(),
                target: &target,
                by_admin: self.is_marked(),
            };
            return Ok(redirect::to_initiate(initiate, launch));
        }
        // A registration may have changed while the login waited.
        let switches = self.application.switches;
        let is_token = self.demands.response == ResponseKind::Token;
        let lacks_challenge = switches.pkce_required && self.demands.challenge.is_none();
        let answer = self.answer(app);
        if is_token && !switches.implicit {
            return Ok(answer.refusal(RedirectRefusal::ResponseTypeUnsupported.face().oauth_name));
        }
        if lacks_challenge && !self.demands.unasked {
            return Ok(answer.refusal(RedirectRefusal::ChallengeRequired.face().oauth_name));
        }

        let grant = self.grant();
        let kind = self.visitor.user.role_by_id(self.role).map(|role| role.kind);
        let marks = Marks { by_admin: self.is_marked(), role: kind.filter(|_| switches.role_hint) };
        let scope = self.application.tier.scope();
        match self.demands.response {
            ResponseKind::Code => {
                let code = self.issue(app, visit, grant).await?;
                Ok(answer.code(&code, scope, marks))
            }
            ResponseKind::Token => {
                let token = self.mint(app, visit, grant).await?;
                Ok(answer.token(&token, scope, marks))
            }
        }
    }

    fn answer<'s>(&'s self, app: &'s App) -> Answer<'s> {
        Answer {
            redirect: self.redirect,
            state: self.state,
            issuer: dispatch::issuer(app, self.application),
            kind: self.demands.response,
        }
    }

    /// Whether the application is told that an administrator acts as the person.
    fn is_marked(&self) -> bool {
        let acting = self.visitor.session.impersonator.is_some();
        acting && self.application.switches.impersonation_mark
    }

    fn grant(&self) -> Grant {
        let session = &self.visitor.session;
        Grant {
            application: self.application.id,
            district: session.district,
            user: self.visitor.user.id,
            generation: session.generation,
            role: self.role,
            impersonator: session.impersonator,
        }
    }

    /// Records a new code. A login that waited is finished in the same transaction: it gives one
    /// code however often its address is opened.
    async fn issue(&self, app: &App, visit: &Visit, grant: Grant) -> Result<Secret, Fault> {
        let order = Order {
            grant,
            redirect_uri: self.redirect.uri().clone(),
            challenge: self.demands.challenge,
            nonce: self.demands.nonce.clone(),
            authenticated: self.visitor.session.began,
        };
        let (secret, code) = code::issue(order, app.now(), &mut Entropy);
        self.record(app, visit, grant, move |tx| tx.record_code(&code)).await?;
        metrics::counter!("firstbell_codes_issued_total").increment(1);
        Ok(secret)
    }

    /// Records a new token, which no code has to buy.
    async fn mint(&self, app: &App, visit: &Visit, grant: Grant) -> Result<Secret, Fault> {
        let (secret, token) = token::mint(grant, app.now(), &mut Entropy);
        self.record(app, visit, grant, move |tx| tx.record_token(&token)).await?;
        Ok(secret)
    }

    /// Records what the person takes along. That it is taken in somebody else's name stands in the
    /// audit log of the same transaction.
    async fn record(
        &self,
        app: &App,
        visit: &Visit,
        grant: Grant,
        record: impl Fn(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), Fault> {
        let (waiting, now) = (self.waiting, app.now());
        let is_recorded = app
            .store()
            .write(move |tx| {
                if let Some(login) = waiting
                    && tx.finish_pending_login(&login)?.is_none()
                {
                    return Ok(false);
                }
                record(tx)?;
                if let Some(admin) = grant.impersonator {
                    let entry = AuditEntry {
                        action: "impersonation.login",
                        actor: Some(admin.user),
                        subject: Some(grant.user),
                        application: Some(grant.application),
                        detail: String::new(),
                    };
                    tx.district(grant.district).audit(&entry, now)?;
                }
                Ok::<_, StoreError>(true)
            })
            .await?;
        if is_recorded {
            Ok(())
        } else {
            Err(Fault::from(&error::LOGIN_EXPIRED).then(begun::home(visit)))
        }
    }
}
