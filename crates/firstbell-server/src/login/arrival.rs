//! Somebody proved who they are, in whatever way: the session of whoever used this browser before
//! ends, and theirs begins. Every way to sign in ends here.

use firstbell_core::id::{DistrictId, UserId};
use firstbell_core::login::matching::{self, Identity, NoEntry};
use firstbell_core::login::session::Session;
use firstbell_core::login::trace::Hop;
use firstbell_core::roster::{DistrictPolicy, User};
use firstbell_core::secret::{Secret, SecretHash};
use firstbell_core::time::Timestamp;
use firstbell_store::{StoreError, Tx};

use super::visitor;
use crate::entropy::Entropy;

/// Somebody who arrives at a district.
#[derive(Debug)]
pub struct Arrival {
    /// The district.
    pub district: DistrictId,
    /// Who the identity provider says they are.
    pub identity: Identity,
    /// Whom the roster has under that identity.
    pub found: Option<User>,
    /// The session that this browser had until now.
    pub replaced: Option<SecretHash>,
    /// What the district decided about its people's logins.
    pub policy: DistrictPolicy,
    /// The login on whose way they proved who they are.
    pub login: SecretHash,
    /// The time.
    pub now: Timestamp,
}

impl Arrival {
    /// Begins the session; gives back the secret that the browser keeps. Whoever used the browser
    /// before is gone, whatever becomes of who came now.
    ///
    /// # Errors
    /// When the database fails. That somebody may not come in is an outcome, which is recorded.
    pub fn begin_session(self, tx: &mut Tx<'_>) -> Result<Result<Secret, NoEntry>, StoreError> {
        if let Some(replaced) = self.replaced {
            visitor::end(tx, &replaced, self.now)?;
        }

        let (user, role) = match matching::enter(self.identity, self.found) {
            Ok(entered) => entered,
            Err(refusal) => return Ok(Err(refusal)),
        };

        let role = self.policy.first_role(&user, role);
        let person: UserId = user.id;
        let whose = (person, user.generation);
        let (secret, session) = Session::begin(self.district, whose, role, self.now, &mut Entropy);
        tx.begin_session(&session, None)?;
        tx.vouch_for(&self.login, &session.secret_hash)?;
        let hop = Hop::new(self.now, "sign-in", "signed in").with("person", person);
        tx.add_hop(&self.login, &hop)?;
        tracing::info!(district.id = %self.district, "a person signed in");
        Ok(Ok(secret))
    }
}
