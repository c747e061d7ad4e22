//! Everything that decides about the next step of a login, gathered from the database and the
//! settings; `firstbell_core::login::step::next` decides.

use std::sync::Arc;

use firstbell_core::application::Application;
use firstbell_core::error;
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::login::step::{self, Destination, Door, PendingLogin, Step, Visitor, Waited};
use firstbell_core::login::trace::Hop;
use firstbell_core::roster::ClassroomPolicy;
use firstbell_core::time::Timestamp;

use super::visitor;
use crate::app::App;
use crate::extract::Visit;
use crate::reply::Fault;
use crate::settings::Settings;

/// Everything that decides about the next step of a login.
pub(super) struct Situation {
    pub(super) settings: Arc<Settings>,
    pub(super) district: Option<DistrictId>,
    pub(super) visitor: Option<Visitor>,
    application: Option<ApplicationId>,
}

impl Situation {
    /// Gathers it.
    ///
    /// # Errors
    /// When there is no such application, or the database cannot be read.
    pub(super) async fn load(
        app: &App,
        visit: &Visit,
        mut settings: Arc<Settings>,
        destination: &Destination,
        district: Option<DistrictId>,
    ) -> Result<Self, Fault> {
        let wanted = match destination {
            Destination::Application { application, .. } => Some(*application),
            Destination::Portal => None,
        };
        let visitor = visitor::load(app, visit, &mut settings, wanted).await?;
        let is_open = |it: &Application| it.disabled.is_none();
        if wanted.is_some_and(|wanted| !settings.application(wanted).is_some_and(is_open)) {
            return Err((&error::UNKNOWN_APPLICATION).into());
        }
        // A district that is not there is one to choose anew.
        let district = district.filter(|id| settings.district(*id).is_some());
        let district = match &visitor {
            Some(_) => district,
            None => district.or_else(|| settings.only_district().map(|district| district.id)),
        };
        Ok(Self { settings, district, visitor, application: wanted })
    }

    /// The application that the person wants to enter.
    pub(super) fn application(&self) -> Option<&Application> {
        self.settings.application(self.application?)
    }

    /// What happens next.
    pub(super) fn step(&self, destination: &Destination, pending: Option<&PendingLogin>) -> Step {
        let demands = match destination {
            Destination::Application { demands, .. } => Some(demands),
            Destination::Portal => None,
        };
        step::next(&step::Situation {
            district: self.district,
            visitor: self.visitor.as_ref(),
            door: self.door().zip(demands),
            waited: pending
                .map(|pending| Waited { present: pending.present, vouched: pending.vouched }),
        })
    }

    /// The application as the visitor meets it; somebody who is nobody yet meets it closed.
    pub(super) fn door(&self) -> Option<Door<'_>> {
        let application = self.application()?;
        let district = self.visitor.as_ref().map(|visitor| visitor.session.district);
        let open = district.and_then(|district| self.settings.door(application.id, district));
        Some(open.unwrap_or(Door {
            application,
            connection: None,
            classroom: ClassroomPolicy::Off,
        }))
    }

    /// What a trace says of a login that begins.
    pub(super) fn first_hop(
        &self,
        at: Timestamp,
        door: &'static str,
        destination: &Destination,
    ) -> Hop {
        let mut hop = Hop::new(at, door, "waits for the person");
        if let Some(application) = self.application() {
            hop = hop.with("client_id", &application.client_id);
        }
        if let Destination::Application { redirect, state, demands, .. } = destination {
            hop = hop.with("redirect host", redirect.host());
            hop = hop.with("state", if state.is_some() { "sent" } else { "none" });
            for (name, asked) in [
                ("confirmed=false", demands.confirm),
                ("return_unshared=true", demands.return_unshared),
                ("nonce", demands.nonce.is_some()),
                ("code_challenge", demands.challenge.is_some()),
                ("fresh sign-in", demands.fresh_since.is_some()),
            ] {
                if asked {
                    hop = hop.with(name, "asked for");
                }
            }
        }
        self.visitor.iter().fold(hop, |hop, visitor| hop.with("logged in", visitor.user.id))
    }
}
