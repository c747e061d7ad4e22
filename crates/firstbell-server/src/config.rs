//! Configuration: a TOML file, then the environment over it (`FIRSTBELL__SERVER__LISTEN`), both
//! checked as a whole: an unknown key is an error, because a misspelt setting that is ignored
//! protects nobody. `docs/operate/configuration.md` lists all keys.

mod environment;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use firstbell_store::Backend;
use serde::Deserialize;

use crate::reply::cookie::Transport;

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where and as what we are reached.
    pub server: ServerConfig,
    /// Where everything is kept.
    pub store: StoreConfig,
    /// Keys that are not in the database.
    pub secrets: SecretsConfig,
    /// How rosters come in by themselves.
    #[serde(default)]
    pub sync: SyncConfig,
    /// What is logged.
    #[serde(default)]
    pub log: LogConfig,
}

/// `[server]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port to listen on.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Address and port on which `/metrics` is served; nowhere where it is left out.
    pub metrics_listen: Option<SocketAddr>,
    /// How browsers reach the login pages: `https://login.example`.
    pub auth_base_url: String,
    /// How applications reach the Data API; the same as `auth_base_url` where it is left out.
    pub api_base_url: Option<String>,
    /// Certificate chain (PEM), for TLS without a proxy in front.
    pub tls_certificate_file: Option<PathBuf>,
    /// The certificate's private key (PEM).
    pub tls_key_file: Option<PathBuf>,
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

/// `[store]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// `sqlite:<path>` or `postgres://…`.
    pub url: Option<String>,
    /// A file that holds the URL, for URLs with a password in them.
    pub url_file: Option<PathBuf>,
    /// Connections to PostgreSQL, per node.
    #[serde(default = "default_connections")]
    pub connections: usize,
}

fn default_connections() -> usize {
    16
}

/// `[secrets]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretsConfig {
    /// The file of the master key; made where there is none. All nodes need the same one.
    pub key_file: PathBuf,
}

/// `[sync]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncConfig {
    /// Where the files of a sync are kept while they are needed; the folder `spool` beside the
    /// master key where it is left out.
    pub spool: Option<PathBuf>,
    /// A folder with a folder for each district, which is looked into; none where it is left out.
    pub drop_folder: Option<PathBuf>,
    /// Files in the drop folder are taken when they have not changed for so many seconds.
    #[serde(default = "default_settle_seconds")]
    pub settle_seconds: u64,
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self { spool: None, drop_folder: None, settle_seconds: default_settle_seconds() }
    }
}

fn default_settle_seconds() -> u64 {
    300
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// What is logged, in the words of `tracing_subscriber::EnvFilter`.
    #[serde(default = "default_filter")]
    pub filter: String,
    /// For people or for machines.
    #[serde(default)]
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: default_filter(), format: LogFormat::default() }
    }
}

fn default_filter() -> String {
    "info".to_owned()
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    #[default]
    Json,
    /// For a person at a terminal.
    Text,
}

impl Config {
    /// Reads the file, puts the environment over it and checks the whole.
    ///
    /// # Errors
    /// When the file cannot be read, or a value is missing, unknown or makes no sense; the error
    /// says which and where.
    pub fn load(
        file: &Path,
        environment: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("{}: cannot be read", file.display()))?;
        Self::read(&text, environment).with_context(|| file.display().to_string())
    }

    fn read(
        text: &str,
        environment: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let mut table: toml::Table = text.parse()?;
        environment::overlay(&mut table, environment)?;
        let config: Self = table.try_into()?;
        config.urls()?;
        config.backend()?;
        if config.sync.settle_seconds == 0 {
            bail!("sync.settle_seconds is 0: a file would be taken while it is written");
        }
        if config.server.tls_certificate_file.is_some() != config.server.tls_key_file.is_some() {
            bail!("server.tls_certificate_file and server.tls_key_file go together");
        }
        Ok(config)
    }

    /// How browsers and applications reach us.
    ///
    /// # Errors
    /// When one of the two is no base URL.
    pub fn urls(&self) -> anyhow::Result<PublicUrls> {
        let auth = &self.server.auth_base_url;
        let api = self.server.api_base_url.as_ref().unwrap_or(auth);
        PublicUrls::new(auth, api)
    }

    /// Where the files of a sync are kept while they are needed.
    pub fn spool(&self) -> PathBuf {
        let beside = || self.secrets.key_file.with_file_name("spool");
        self.sync.spool.clone().unwrap_or_else(beside)
    }

    /// Where everything is kept.
    ///
    /// # Errors
    /// When `store.url` names no database we know.
    pub fn backend(&self) -> anyhow::Result<Backend> {
        let url = match (&self.store.url, &self.store.url_file) {
            (Some(url), None) => url.clone(),
            (None, Some(file)) => std::fs::read_to_string(file)
                .with_context(|| format!("store.url_file: {}: cannot be read", file.display()))?
                .trim()
                .to_owned(),
            (Some(_), Some(_)) => bail!("store.url and store.url_file: give one of them"),
            (None, None) => bail!("store.url is missing: sqlite:<path> or postgres://…"),
        };
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Backend::Sqlite { path: path.into() });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Backend::Postgres { url, connections: self.store.connections });
        }
        bail!("store.url starts with sqlite: or postgres://")
    }
}

/// How browsers and applications reach us.
#[derive(Debug, Clone)]
pub struct PublicUrls {
    auth_base: String,
    api_base: String,
    transport: Transport,
}

impl PublicUrls {
    /// Takes two base URLs, which may be the same.
    ///
    /// # Errors
    /// When one is not `http://` or `https://` with a host and nothing behind it.
    pub fn new(auth_base: &str, api_base: &str) -> anyhow::Result<Self> {
        let base = |name: &str, text: &str| {
            let parsed = url::Url::parse(text)
                .with_context(|| format!("server.{name}: {text:?} is no URL"))?;
            let plain = matches!(parsed.scheme(), "http" | "https")
                && parsed.has_host()
                && parsed.path() == "/"
                && parsed.query().is_none();
            if !plain {
                bail!("server.{name}: {text:?} should be like https://login.example");
            }
            Ok((parsed.scheme() == "https", text.trim_end_matches('/').to_owned()))
        };
        let (https, auth_base) = base("auth_base_url", auth_base)?;
        let (_, api_base) = base("api_base_url", api_base)?;
        let transport = if https { Transport::Https } else { Transport::Http };
        Ok(Self { auth_base, api_base, transport })
    }

    /// The base of the login pages, without a slash at the end.
    #[must_use]
    pub fn auth_base(&self) -> &str {
        &self.auth_base
    }

    /// The base of the Data API, without a slash at the end.
    #[must_use]
    pub fn api_base(&self) -> &str {
        &self.api_base
    }

    /// Whether browsers reach us over HTTPS.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        [server]
        auth_base_url = "https://login.example/"
        [store]
        url = "sqlite:/var/lib/firstbell/firstbell.sqlite"
        [secrets]
        key_file = "/var/lib/firstbell/master.key"
    "#;

    fn read(text: &str, environment: &[(&str, &str)]) -> anyhow::Result<Config> {
        let pairs = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Config::read(text, pairs)
    }

    #[test]
    fn a_small_file_is_enough() {
        let config = read(SMALL, &[]).unwrap();
        assert_eq!(config.server.listen, default_listen());
        let urls = config.urls().unwrap();
        assert_eq!(
            (urls.auth_base(), urls.api_base()),
            ("https://login.example", "https://login.example")
        );
        assert_eq!(urls.transport(), Transport::Https);
        assert!(matches!(config.backend().unwrap(), Backend::Sqlite { .. }));
        assert_eq!(config.spool(), Path::new("/var/lib/firstbell/spool"));
        assert_eq!((config.sync.settle_seconds, config.sync.drop_folder), (300, None));
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = read(
            SMALL,
            &[
                ("FIRSTBELL__SERVER__LISTEN", "0.0.0.0:9000"),
                ("FIRSTBELL__STORE__CONNECTIONS", "4"),
                ("FIRSTBELL__LOG__FORMAT", "text"),
                ("PATH", "/bin"),
            ],
        )
        .unwrap();
        assert_eq!(config.server.listen.port(), 9000);
        assert_eq!(config.store.connections, 4);
        assert_eq!(config.log.format, LogFormat::Text);
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (text, environment, word) in [
            (SMALL.replace("key_file", "keyfile"), vec![], "keyfile"),
            (SMALL.replace("sqlite:", "mysql:"), vec![], "store.url"),
            (SMALL.replace("https://login.example/", "login.example"), vec![], "auth_base_url"),
            (
                SMALL.replace("https://login.example/", "https://login.example/x"),
                vec![],
                "auth_base_url",
            ),
            (SMALL.into(), vec![("FIRSTBELL__SERVER__LISTENS", "x")], "listens"),
            (SMALL.into(), vec![("FIRSTBELL__SERVER__TLS_KEY_FILE", "k")], "tls_certificate_file"),
            (String::new(), vec![], "server"),
            (format!("{SMALL}\n[sync]\nsettle_seconds = 0"), vec![], "sync.settle_seconds"),
            (format!("{SMALL}\n[sync]\ndrop = 1"), vec![], "drop"),
        ] {
            let error = read(&text, &environment).map(|_| ()).unwrap_err();
            assert!(format!("{error:#}").contains(word), "{error:#} does not name {word}");
        }
    }
}
