//! The authorization code. It lives one minute, is spent once, and only by the
//! application it was made for, at the redirect URI it was sent to (RFC 6749 section 4.1.3).

use std::time::Duration;

use firstbell_protocol::vocabulary::RedirectUri;

use crate::error::{self, Face};
use crate::id::{ApplicationId, DistrictId, RoleId, UserId};
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
    /// The role they came in.
    pub role: RoleId,
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

/// Makes a code and the secret that the browser carries.
pub fn issue(
    grant: Grant,
    redirect_uri: RedirectUri,
    now: Timestamp,
    random: &mut dyn Random,
) -> (Secret, AuthorizationCode) {
    let secret = Secret::generate("", random);
    let hash = secret.hash();
    (secret, AuthorizationCode { hash, grant, redirect_uri, issued: now, redeemed: None })
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
}

impl RedeemRefusal {
    /// How the refusal is told. Unknown, expired and spent look alike from outside.
    pub const fn face(self) -> &'static Face {
        match self {
            Self::Unknown | Self::Expired | Self::Spent | Self::NoEntry => &error::CODE_INVALID,
            Self::RedirectMismatch => &error::CODE_REDIRECT_MISMATCH,
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
    Redemption::Spend(code.grant)
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
        let grant = Grant { application: id('b'), district: id('d'), user: id('a'), role: id('1') };
        let start = Timestamp::from_milliseconds(1_000_000);
        let (_, fresh) = issue(grant, uri.clone(), start, &mut Counting(0));
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
            assert_eq!(redeem(code, application, uri, now), expected, "{name}");
        }
    }
}
