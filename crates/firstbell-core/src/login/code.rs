//! The authorization code. It lives one minute, is spent once, and only by the
//! application it was made for, at the redirect URI it was sent to (RFC 6749 section 4.1.3).

use std::time::Duration;

pub use firstbell_protocol::vocabulary::{CodeChallenge, Nonce};

use firstbell_protocol::vocabulary::RedirectUri;

use super::session::Impersonator;
use crate::error::{self, Face};
use crate::id::{ApplicationId, DistrictId, RoleId, UserId};
use crate::roster::Generation;
use crate::secret::{Random, Secret, SecretHash};
use crate::time::Timestamp;

/// A code is good for one minute (seed: "Codes are valid for one minute, and may only be
/// exchanged once").
pub const LIFETIME: Duration = Duration::from_mins(1);

/// A second try by the same application within this time is taken for a double click, later for a
/// theft: then what the code bought is revoked (RFC 6749 section 4.1.2). Apps are known to
/// deliver a code twice when a page is reloaded.
pub const DOUBLE_CLICK: Duration = Duration::from_secs(10);

/// For whom and for what a code or a token was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The application that may use it.
    pub application: ApplicationId,
    /// The person's district.
    pub district: DistrictId,
    /// The person.
    pub user: UserId,
    /// The generation of the session that it comes from.
    pub generation: Generation,
    /// The role they came in.
    pub role: RoleId,
    /// The administrator who acted as the person, if it was not themselves; what the grant buys ends
    /// with that.
    pub impersonator: Option<Impersonator>,
}

/// A code as it is stored.
#[derive(Debug, Clone)]
pub struct AuthorizationCode {
    /// SHA-256 of the code.
    pub hash: SecretHash,
    /// For whom it was made.
    pub grant: Grant,
    /// Where it was sent.
    pub redirect_uri: RedirectUri,
    /// What its redeemer must know the verifier of (RFC 7636 section 4.4).
    pub challenge: Option<CodeChallenge>,
    /// What the application wants to find in the ID token.
    pub nonce: Option<Nonce>,
    /// When the person proved who they are: `auth_time` of the ID token.
    pub authenticated: Timestamp,
    /// When it was made.
    pub issued: Timestamp,
    /// When it was spent, and on which token.
    pub redeemed: Option<Redeemed>,
}

/// That a code was spent.
#[derive(Debug, Clone, Copy)]
pub struct Redeemed {
    /// When.
    pub at: Timestamp,
    /// SHA-256 of the token that it bought; of none where the code was burnt.
    pub token: SecretHash,
}

/// What a code is made for.
#[derive(Debug, Clone)]
pub struct Order {
    /// For whom.
    pub grant: Grant,
    /// Where it is sent.
    pub redirect_uri: RedirectUri,
    /// The code challenge of the authorization request.
    pub challenge: Option<CodeChallenge>,
    /// Its nonce.
    pub nonce: Option<Nonce>,
    /// When the person proved who they are.
    pub authenticated: Timestamp,
}

/// Makes a code and the secret that the browser carries.
pub fn issue(order: Order, now: Timestamp, random: &mut dyn Random) -> (Secret, AuthorizationCode) {
    let Order { grant, redirect_uri, challenge, nonce, authenticated } = order;
    let secret = Secret::generate("", random);
    let code = AuthorizationCode {
        hash: secret.hash(),
        grant,
        redirect_uri,
        challenge,
        nonce,
        authenticated,
        issued: now,
        redeemed: None,
    };
    (secret, code)
}

/// What becomes of a try to redeem a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redemption {
    /// It is spent now, and a token is made for this grant.
    Spend(Grant),
    /// It is refused, and nothing changes.
    Refuse(RedeemRefusal),
    /// It is refused and spent all the same: its own application used it wrongly.
    Burn(RedeemRefusal),
    /// It is refused, and the token that it bought is revoked.
    Revoke {
        /// SHA-256 of that token.
        token: SecretHash,
    },
}

/// Why a code buys nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedeemRefusal {
    /// No such code, or it is another application's: the answer does not tell which.
    #[error("invalid code")]
    Unknown,
    /// It is older than [`LIFETIME`].
    #[error("invalid code")]
    Expired,
    /// It was spent before.
    #[error("invalid code")]
    Spent,
    /// Its person may not enter the application any more.
    #[error("invalid code")]
    NoEntry,
    /// It was sent to another redirect URI.
    #[error("redirect_uri is not the one that the code was sent to")]
    RedirectMismatch,
    /// The code verifier is missing or wrong, or one came where no challenge had been sent
    /// (RFC 9700 section 4.8.2: PKCE downgrade).
    #[error("code_verifier does not fit the code_challenge of the authorization request")]
    VerifierMismatch,
}

impl RedeemRefusal {
    /// How the refusal is told. Unknown, expired and spent look alike from outside.
    pub const fn face(self) -> &'static Face {
        match self {
            Self::Unknown | Self::Expired | Self::Spent | Self::NoEntry => &error::CODE_INVALID,
            Self::RedirectMismatch => &error::CODE_REDIRECT_MISMATCH,
            Self::VerifierMismatch => &error::VERIFIER_MISMATCH,
        }
    }
}

/// What becomes of `code`, presented by `application` for `redirect_uri`.
///
/// The caller spends it with one conditional statement in the transaction that records the token;
/// where that statement finds the code spent by somebody faster, the try is refused as
/// [`RedeemRefusal::Spent`].
pub fn redeem(
    code: Option<&AuthorizationCode>,
    application: ApplicationId,
    redirect_uri: Option<&RedirectUri>,
    verifier: Option<&str>,
    now: Timestamp,
) -> Redemption {
    let Some(code) = code.filter(|code| code.grant.application == application) else {
        return Redemption::Refuse(RedeemRefusal::Unknown);
    };
    if let Some(redeemed) = code.redeemed {
        return if now.since(redeemed.at) < DOUBLE_CLICK {
            Redemption::Refuse(RedeemRefusal::Spent)
        } else {
            Redemption::Revoke { token: redeemed.token }
        };
    }
    if now.since(code.issued) >= LIFETIME {
        return Redemption::Refuse(RedeemRefusal::Expired);
    }
    if redirect_uri != Some(&code.redirect_uri) {
        return Redemption::Burn(RedeemRefusal::RedirectMismatch);
    }
    if !verifier_fits(code.challenge.as_ref(), verifier) {
        return Redemption::Burn(RedeemRefusal::VerifierMismatch);
    }
    Redemption::Spend(code.grant)
}

/// RFC 7636 section 4.6. A verifier is 43 to 128 unreserved characters (section 4.1).
fn verifier_fits(challenge: Option<&CodeChallenge>, verifier: Option<&str>) -> bool {
    let (Some(challenge), Some(verifier)) = (challenge, verifier) else {
        return challenge.is_none() && verifier.is_none();
    };
    let is_unreserved =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(is_unreserved)
        && Secret::from_text(verifier).hash() == SecretHash::from_bytes(*challenge.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use super::{RedeemRefusal as No, Redemption as R};
    use crate::secret::tests::Counting;

    fn id<T: std::str::FromStr>(digit: char) -> T
    where
        T::Err: std::fmt::Debug,
    {
        digit.to_string().repeat(24).parse().expect("an id")
    }

    #[test]
    fn what_becomes_of_a_code() {
        let uri: RedirectUri = "https://fly.example/cb".parse().expect("a URI");
        let other: RedirectUri = "https://fly.example/other".parse().expect("a URI");
        let grant = Grant {
            application: id('b'),
            district: id('d'),
            user: id('a'),
            generation: Generation::default(),
            role: id('1'),
            impersonator: None,
        };
        let start = Timestamp::from_milliseconds(1_000_000);
        let order = Order {
            grant,
            redirect_uri: uri.clone(),
            challenge: None,
            nonce: None,
            authenticated: start,
        };
        let (_, fresh) = issue(order, start, &mut Counting(0));
        let token = Secret::from_text("il1").hash();
        let redeemed = Some(Redeemed { at: start, token });
        let spent = AuthorizationCode { redeemed, ..fresh.clone() };
        let seconds = |n| start + Duration::from_secs(n);
        let (mine, foreign) = (id('b'), id('c'));

        for (name, code, application, uri, now, expected) in [
            ("at once", Some(&fresh), mine, Some(&uri), start, R::Spend(grant)),
            ("after 59 s", Some(&fresh), mine, Some(&uri), seconds(59), R::Spend(grant)),
            ("after 60 s", Some(&fresh), mine, Some(&uri), seconds(60), R::Refuse(No::Expired)),
            ("unknown", None, mine, Some(&uri), start, R::Refuse(No::Unknown)),
            ("another's", Some(&fresh), foreign, Some(&uri), start, R::Refuse(No::Unknown)),
            ("another URI", Some(&fresh), mine, Some(&other), start, R::Burn(No::RedirectMismatch)),
            ("no URI", Some(&fresh), mine, None, start, R::Burn(No::RedirectMismatch)),
            ("double click", Some(&spent), mine, Some(&uri), seconds(9), R::Refuse(No::Spent)),
            ("replayed", Some(&spent), mine, Some(&uri), seconds(10), R::Revoke { token }),
            (
                "replayed by another",
                Some(&spent),
                foreign,
                Some(&uri),
                seconds(20),
                R::Refuse(No::Unknown),
            ),
        ] {
            assert_eq!(redeem(code, application, uri, None, now), expected, "{name}");
        }

        // RFC 7636 appendix B.
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".parse().ok();
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let proved = AuthorizationCode { challenge, ..fresh.clone() };
        let mismatch = R::Burn(No::VerifierMismatch);
        let long = "a".repeat(129);
        for (name, code, verifier, expected) in [
            ("the right verifier", &proved, Some(verifier), R::Spend(grant)),
            ("none", &proved, None, mismatch),
            ("another", &proved, Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"), mismatch),
            (
                "the challenge itself",
                &proved,
                Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                mismatch,
            ),
            ("too short", &proved, Some("dBjftJeZ4CVP"), mismatch),
            ("too long", &proved, Some(long.as_str()), mismatch),
            ("one where no challenge was sent", &fresh, Some(verifier), mismatch),
        ] {
            assert_eq!(redeem(Some(code), mine, Some(&uri), verifier, start), expected, "{name}");
        }
    }
}
