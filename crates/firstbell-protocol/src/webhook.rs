//! What is said to an application's webhook: messages signed as Standard Webhooks 1.0.0 has it
//! (standardwebhooks.com), with the symmetric signature `v1`. Nothing but that there is news is said;
//! the news themselves are read from the Data API, with a token.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

/// The header with the message's id, which is the same at every try.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the time of this try, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with the signatures, blanks between.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

const PREFIX: &str = "whsec_";

/// How many bytes a secret has.
const FEWEST_BYTES: usize = 24;
const MOST_BYTES: usize = 64;

/// What is no secret of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook's secret is `whsec_` and 24 to 64 bytes in Base64")]
pub struct MalformedSecret;

/// The key that a sender and a receiver share.
#[derive(Clone)]
pub struct WebhookSecret {
    bytes: Vec<u8>,
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

impl WebhookSecret {
    /// How many bytes a new one has.
    pub const NEW_BYTES: usize = 32;

    /// The secret of these bytes, which must be random.
    ///
    /// # Errors
    /// [`MalformedSecret`] where they are too few or too many.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, MalformedSecret> {
        let fits = (FEWEST_BYTES..=MOST_BYTES).contains(&bytes.len());
        if fits { Ok(Self { bytes }) } else { Err(MalformedSecret) }
    }

    /// Reads `whsec_…`.
    ///
    /// # Errors
    /// [`MalformedSecret`].
    pub fn parse(text: &str) -> Result<Self, MalformedSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(MalformedSecret)?;
        Self::from_bytes(BASE64.decode(encoded).map_err(|_| MalformedSecret)?)
    }

    /// The bytes, to be sealed.
    pub fn expose_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `whsec_…`, for the one place that shows it to its holder.
    pub fn expose_text(&self) -> String {
        format!("{PREFIX}{}", BASE64.encode(&self.bytes))
    }

    /// `v1,…`: HMAC-SHA256 of id, time and body with points between.
    fn sign(&self, message: &Message<'_>) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.bytes);
        let mut signing = hmac::Context::with_key(&key);
        signing.update(format!("{}.{}.", message.id, message.sent_seconds).as_bytes());
        signing.update(message.body.as_bytes());
        format!("v1,{}", BASE64.encode(signing.sign()))
    }
}

/// A message as one try sends it.
#[derive(Debug, Clone, Copy)]
pub struct Message<'m> {
    /// Its id.
    pub id: &'m str,
    /// When it is sent, in seconds since 1970.
    pub sent_seconds: i64,
    /// What it says.
    pub body: &'m str,
}

impl Message<'_> {
    /// The value of [`SIGNATURE_HEADER`]: a signature for each of the secrets, the newest first. A
    /// receiver takes the message if one of them is right.
    pub fn signatures(&self, secrets: &[WebhookSecret]) -> String {
        let all: Vec<_> = secrets.iter().map(|secret| secret.sign(self)).collect();
        all.join(" ")
    }
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice<'n> {
    /// There are new events in the feed of this district (its id).
    NewEvents {
        /// The id.
        district: &'n str,
    },
    /// Nothing: the operator wants to see whether messages arrive.
    Test,
}

impl Notice<'_> {
    /// The body; `since` says when what it tells of happened (ISO 8601).
    pub fn body(&self, since: &str) -> String {
        match self {
            Self::NewEvents { district } => json!({
                "type": "events.created", "timestamp": since, "data": { "district": district },
            }),
            Self::Test => json!({ "type": "webhook.test", "timestamp": since, "data": {} }),
        }
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example with which libraries of Standard Webhooks are tested.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const EXAMPLE: Message<'_> = Message {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        sent_seconds: 1_614_265_330,
        body: r#"{"test": 2432232314}"#,
    };
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn secret(text: &str) -> WebhookSecret {
        WebhookSecret::parse(text).unwrap()
    }

    #[test]
    fn the_example_of_standard_webhooks_is_signed_as_it_stands_there() {
        assert_eq!(EXAMPLE.signatures(&[secret(SECRET)]), SIGNATURE);
    }

    #[test]
    fn each_secret_has_a_signature_of_its_own_over_everything() {
        let other = WebhookSecret::from_bytes(vec![7; 32]).unwrap();
        let both = EXAMPLE.signatures(&[other.clone(), secret(SECRET)]);
        let (first, second) = both.split_once(' ').unwrap();
        assert_eq!((first, second), (&*EXAMPLE.signatures(&[other]), SIGNATURE));
        for changed in [
            Message { id: "msg_p5jXN8AQM9LWM0D4loKWxJeK", ..EXAMPLE },
            Message { sent_seconds: 1_614_265_331, ..EXAMPLE },
            Message { body: r#"{"test": 2432232315}"#, ..EXAMPLE },
        ] {
            assert_ne!(changed.signatures(&[secret(SECRET)]), SIGNATURE, "{changed:?}");
        }
    }

    #[test]
    fn a_secret_reads_back_and_never_prints_itself() {
        let made = secret(SECRET);
        assert_eq!(made.expose_text(), SECRET);
        assert_eq!(secret(&made.expose_text()).expose_bytes(), made.expose_bytes());
        assert_eq!(format!("{made:?}"), "WebhookSecret(…)");
    }

    #[test]
    fn what_is_too_short_or_no_base64_is_no_secret() {
        for bytes in [0, 23, 65] {
            assert!(WebhookSecret::from_bytes(vec![0; bytes]).is_err(), "{bytes}");
        }
        for bytes in [24, 64] {
            assert!(WebhookSecret::from_bytes(vec![0; bytes]).is_ok(), "{bytes}");
        }
        for text in
            ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8I!"]
        {
            assert!(WebhookSecret::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_message_says_which_district_has_news_and_nothing_else() {
        let news = Notice::NewEvents { district: "62817c88dc4dc002ea40b594" };
        let said: serde_json::Value =
            serde_json::from_str(&news.body("2022-05-15T22:20:03.535Z")).unwrap();
        let expected = json!({
            "type": "events.created",
            "timestamp": "2022-05-15T22:20:03.535Z",
            "data": { "district": "62817c88dc4dc002ea40b594" },
        });
        assert_eq!(said, expected);
    }
}
