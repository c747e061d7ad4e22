//! Webhooks: an application may be told that there are new events for it to read
//! (`docs/decisions/0012-webhooks.md`). Where to ([`reach`]), when again, and what an answer means
//! ([`judge`]). What is said and how it is signed: [`firstbell_protocol::webhook`].

mod delivery;

pub use crate::reach::{AddressRefusal, Reach, reach};
pub use delivery::{
    Answer, Delivery, DeliveryState, ENDED_KEPT_FOR, GIVEN_UP_AFTER, LEASE, MOST_RETRY_AFTER,
    RETRIED_AFTER, TIMEOUT, Try, Verdict, judge, message_id, retry_after,
};

use std::time::Duration;

use crate::application::WebAddress;
use crate::lanes::Rules;
use crate::time::Timestamp;

/// How many messages a node sends at a time. A receiver that is not known to be slow yet costs others
/// [`TIMEOUT`] at most.
pub const LANES: Rules =
    Rules { all: 32, of_one: 4, of_troubled: 16, prompt: Duration::from_secs(2) };

/// How long the secret before still signs after a new one was made.
pub const SECRET_OVERLAP: Duration = Duration::from_hours(24);

/// What is known of an application's webhook, but for its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Where messages go.
    pub address: WebAddress,
    /// When it was set for the first time.
    pub since: Timestamp,
    /// Until when the secret before signs too.
    pub old_secret_until: Option<Timestamp>,
    /// Since when nothing is sent, because the receiver said that it is gone.
    pub turned_off: Option<Timestamp>,
    /// Since when no message has arrived, where the last one did not.
    pub failing_since: Option<Timestamp>,
    /// The receiver asked to be left alone until then.
    pub quiet_until: Timestamp,
}
