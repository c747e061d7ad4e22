//! What an application knows about Firstbell and about itself, read once.

use std::time::Duration;

use firstbell_protocol::vocabulary::{ClientId, RedirectUri};
use url::Url;

use crate::secret::ClientSecret;
use crate::transport::{Transport, http_client};

/// An application's registration with Firstbell.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where `/oauth/authorize` and `/oauth/tokens` are: `https://firstbell.example`.
    pub auth_base: String,
    /// Where `/v3.0/me` is; may equal `auth_base`.
    pub api_base: String,
    /// The public identifier of the application.
    pub client_id: String,
    /// The secret that goes with it.
    pub client_secret: ClientSecret,
    /// The redirect URI, byte for byte as it is registered.
    pub redirect_uri: String,
    /// How long a call may take, from the connection to the last byte.
    /// [`Settings::TIMEOUT`] unless there is a reason.
    pub timeout: Duration,
}

impl Settings {
    /// Ten seconds: a person waits in front of a white page for the whole of it.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
}

/// Which setting is wrong.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A base is an absolute http or https URL without user name, query and fragment.
    #[error("the authorization base is no plain http or https URL")]
    AuthBase,
    /// As above.
    #[error("the API base is no plain http or https URL")]
    ApiBase,
    /// 1 to 128 visible ASCII characters.
    #[error("the client id is not 1 to 128 visible ASCII characters")]
    ClientId,
    /// An empty secret.
    #[error("the client secret is empty")]
    ClientSecret,
    /// An absolute http or https URI without fragment (RFC 6749 section 3.1.2).
    #[error("the redirect URI is no absolute http or https URI without fragment")]
    RedirectUri,
    /// The HTTP client cannot be made, for instance because no root certificates are found.
    #[error("the HTTP client cannot be made")]
    HttpClient(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Firstbell, as one application sees it. Cheap to clone; connections are shared.
#[derive(Debug, Clone)]
pub struct Firstbell {
    pub(crate) authorize: String,
    pub(crate) transport: Transport,
    pub(crate) client_id: ClientId,
    pub(crate) redirect_uri: RedirectUri,
}

impl Firstbell {
    /// Checks the settings and makes the HTTP client: no redirect is followed, no reply longer
    /// than a mebibyte is read, nothing is repeated.
    ///
    /// A `rustls` crypto provider must be installed in the process before; without one the HTTP
    /// client panics.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let auth = base(&settings.auth_base).ok_or(SettingsError::AuthBase)?;
        let api = base(&settings.api_base).ok_or(SettingsError::ApiBase)?;
        if settings.client_secret.reveal().is_empty() {
            return Err(SettingsError::ClientSecret);
        }
        let client_id: ClientId =
            settings.client_id.parse().map_err(|_| SettingsError::ClientId)?;
        let redirect_uri = settings.redirect_uri.parse().map_err(|_| SettingsError::RedirectUri)?;

        Ok(Self {
            authorize: format!("{auth}/oauth/authorize"),
            transport: Transport {
                http: http_client(settings.timeout)?,
                tokens: format!("{auth}/oauth/tokens"),
                api,
                client_secret: settings.client_secret,
            },
            client_id,
            redirect_uri,
        })
    }
}

/// A base URL without the slash at its end.
fn base(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then(|| url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            auth_base: "https://firstbell.example/".into(),
            api_base: "http://127.0.0.1:9/api/".into(),
            client_id: "4c63c1cf623dce82caac".into(),
            client_secret: ClientSecret::new("s3cret"),
            redirect_uri: "https://flightschool.example/oauth/callback".into(),
            timeout: Settings::TIMEOUT,
        }
    }

    fn refused(change: impl FnOnce(&mut Settings)) -> SettingsError {
        let mut settings = settings();
        change(&mut settings);
        Firstbell::new(settings).expect_err("a wrong setting")
    }

    #[test]
    fn bases_lose_their_slash_and_keep_their_path() {
        assert_eq!(
            base("https://firstbell.example/").as_deref(),
            Some("https://firstbell.example")
        );
        assert_eq!(base("http://127.0.0.1:9/api/").as_deref(), Some("http://127.0.0.1:9/api"));
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for bad in
            ["", "firstbell.example", "ftp://a.example", "https://u:p@a.example", "https://a?x"]
        {
            assert!(
                matches!(refused(|s| s.auth_base = bad.into()), SettingsError::AuthBase),
                "{bad}"
            );
            assert!(
                matches!(refused(|s| s.api_base = bad.into()), SettingsError::ApiBase),
                "{bad}"
            );
        }
        assert!(matches!(refused(|s| s.client_id = String::new()), SettingsError::ClientId));
        assert!(matches!(
            refused(|s| s.client_secret = ClientSecret::new("")),
            SettingsError::ClientSecret
        ));
        assert!(matches!(refused(|s| s.redirect_uri = "/cb".into()), SettingsError::RedirectUri));
    }

    #[test]
    fn the_secret_is_not_printed() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let firstbell = Firstbell::new(settings()).expect("good settings");
        assert!(!format!("{:?} {firstbell:?}", settings()).contains("s3cret"));
    }
}
