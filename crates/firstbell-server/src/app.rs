//! The application: what all requests share, and all URLs on one page, but for the figures, which
//! have an address of their own.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::routing::{get, post};
use firstbell_core::id::ApplicationId;
use firstbell_core::login::district_token::DistrictTokenKey;
use firstbell_core::time::Timestamp;
use firstbell_protocol::data_api::{Dialect, v2_1};
use firstbell_store::Store;
use firstbell_upstream::password::PasswordPool;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::clock::Clock;
use crate::config::PublicUrls;
use crate::extract::visit::CookieNames;
use crate::login::allowance::{Allowance, WrongSecrets};
use crate::reply::cookie::Transport;
use crate::reply::flow::Backlog;
use crate::reply::protection;
use crate::reply::rate::{LongReads, Windows};
use crate::reply::text::Texts;
use crate::sealing::SealingKey;
use crate::settings::{CurrentSettings, Settings};
use crate::signing::{CurrentKeys, Keyring, KeyringError};
use crate::syncing::Syncing;
use crate::syncing::drop_folder::DropSettings;
use crate::{
    data_api, listen, login, oauth, oneroster, operate, portal, sync, userinfo, well_known,
};

/// No request that we read is larger: forms and token requests are a few hundred bytes.
const MOST_BODY_BYTES: usize = 64 * 1024;

/// All URLs. The authorization server and the Data API answer on one host and on two: every path
/// is served whatever the `Host` (`docs/compatibility.md`, "Hosts, paths, ids").
pub fn router(app: App) -> Router {
    let transport = app.transport();
    let dialects = Dialect::ALL.into_iter();
    let data = dialects.fold(Router::new(), |all, it| all.merge(data_api::routes(&app, it)));
    Router::new()
        .route("/", get(portal::home::show))
        .route("/oauth/authorize", get(oauth::authorize::admit).post(oauth::authorize::admit_form))
        .route("/oauth/instant-login", get(oauth::instant_login::follow))
        .route("/oauth/tokens", get(oauth::district_tokens::list).post(oauth::tokens::redeem))
        .route("/oauth/tokeninfo", get(oauth::token_info::show))
        .route("/oauth/revoke", post(oauth::revoke::revoke))
        .route("/oauth/certs", get(oauth::certs::show))
        .route("/.well-known/openid-configuration", get(well_known::openid_configuration))
        .route("/userinfo", get(userinfo::show).post(userinfo::show_posted))
        .route("/login", get(login::district::find))
        .route("/login/{login}", get(login::dispatch::resume))
        .route("/login/{login}/district", get(login::district::choose))
        .route("/login/{login}/sign-in", get(login::sign_in::show))
        .route(
            "/login/{login}/password",
            get(login::sign_in::show).post(login::sign_in::with_password),
        )
        .route("/login/{login}/confirm", get(login::confirm::ask).post(login::confirm::answer))
        .route("/login/{login}/classes", get(login::classes::ask).post(login::classes::agree))
        .route("/in/{district}", get(portal::show::show))
        .route("/in/{district}/role", get(portal::sign_out::show_portal).post(portal::role::switch))
        .route("/in/{district}/open-as", get(portal::open_as::ask).post(portal::open_as::begin))
        .route(
            "/in/{district}/open-as/stop",
            get(portal::sign_out::show_portal).post(portal::open_as::stop),
        )
        .route("/in/{district}/classes", get(portal::classes::show).post(portal::classes::withdraw))
        .route("/in/{district}/launch/{application}", get(portal::launch::launch))
        .route(
            "/in/{district}/sign-out",
            get(portal::sign_out::show_portal).post(portal::sign_out::sign_out),
        )
        .route("/sync/{district}", post(sync::upload))
        .route("/sync/{district}/runs/{run}", get(sync::show))
        .merge(data_api::unversioned(&app, Dialect::V2(v2_1::DIALECT)))
        .merge(data)
        .merge(oneroster::routes(&app))
        .route("/assets/{hash}/{name}", get(operate::assets::asset))
        .route("/favicon.ico", get(operate::assets::favicon))
        .route("/healthz", get(operate::health::alive))
        .route("/readyz", get(operate::health::ready))
        .fallback(operate::fallback::not_found)
        .method_not_allowed_fallback(operate::fallback::method_not_allowed)
        .layer(DefaultBodyLimit::max(MOST_BODY_BYTES))
        .layer(middleware::from_fn(move |request: Request, next: Next| async move {
            let mut response = if sync::streams(&request) {
                next.run(request).await
            } else {
                listen::whole_body(MOST_BODY_BYTES, request, next).await
            };
            protection::add(response.headers_mut(), transport);
            response
        }))
        .with_state(app)
}

/// What all requests share. Cloning it is cheap.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    store: Store,
    settings: CurrentSettings,
    keys: CurrentKeys,
    district_token_key: DistrictTokenKey,
    passwords: PasswordPool,
    syncing: Syncing,
    drop_folder: Option<DropSettings>,
    texts: Texts,
    clock: Clock,
    urls: PublicUrls,
    metrics: Option<PrometheusHandle>,
    waiting: Allowance,
    traces: Allowance,
    strangers_traces: Allowance,
    wrong_secrets: WrongSecrets,
    rates: Windows,
    long_reads: LongReads,
    backlog: Backlog,
}

/// What an [`App`] is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The keys that sign ID tokens.
    pub keys: CurrentKeys,
    /// What tokens of districts are derived from.
    pub district_token_key: DistrictTokenKey,
    /// Where passwords are checked.
    pub passwords: PasswordPool,
    /// How rosters come in.
    pub syncing: Syncing,
    /// The folder that is looked into for rosters, if any.
    pub drop_folder: Option<DropSettings>,
    /// The words of the pages.
    pub texts: Texts,
    /// The clock.
    pub clock: Clock,
    /// How browsers and applications reach us.
    pub urls: PublicUrls,
    /// What `/metrics` prints; nothing where nobody asks.
    pub metrics: Option<PrometheusHandle>,
}

impl App {
    /// The application with the settings that the database holds now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn start(parts: Parts) -> Result<Self, firstbell_store::StoreError> {
        let settings = CurrentSettings::default();
        settings.refresh(&parts.store).await?;
        let shared = Shared {
            store: parts.store,
            settings,
            keys: parts.keys,
            district_token_key: parts.district_token_key,
            passwords: parts.passwords,
            syncing: parts.syncing,
            drop_folder: parts.drop_folder,
            texts: parts.texts,
            clock: parts.clock,
            urls: parts.urls,
            metrics: parts.metrics,
            waiting: Allowance::of_waiting_logins(),
            traces: Allowance::of_traces(),
            strangers_traces: Allowance::of_strangers_traces(),
            wrong_secrets: WrongSecrets::default(),
            rates: Windows::default(),
            long_reads: LongReads::default(),
            backlog: Backlog::default(),
        };
        Ok(Self(Arc::new(shared)))
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The settings of this moment.
    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        self.0.settings.load()
    }

    /// The settings of at least this version: another node, or this one, may have changed them since
    /// they were read last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn settings_of(
        &self,
        version: i64,
    ) -> Result<Arc<Settings>, firstbell_store::StoreError> {
        loop {
            let settings = self.settings();
            if settings.version() >= version {
                return Ok(settings);
            }
            self.0.settings.refresh_to(&self.0.store, version).await?;
        }
    }

    /// Reads the settings anew if they changed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn refresh_settings(&self) -> Result<(), firstbell_store::StoreError> {
        self.0.settings.refresh(&self.0.store).await
    }

    /// The keys that sign ID tokens, as they are at this moment.
    #[must_use]
    pub fn keys(&self) -> Arc<Keyring> {
        self.0.keys.load()
    }

    /// Reads the keys anew if they changed.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn refresh_keys(&self) -> Result<(), KeyringError> {
        self.0.keys.refresh(&self.0.store).await
    }

    /// Makes, promotes and drops keys as their time comes.
    ///
    /// # Errors
    /// When a key cannot be made, or the database fails.
    pub async fn rotate_keys(&self) -> Result<(), KeyringError> {
        self.0.keys.rotate(&self.0.store, self.now()).await
    }

    /// What seals secrets that we must read again.
    #[must_use]
    pub fn sealing(&self) -> &SealingKey {
        self.0.keys.sealing()
    }

    /// What tokens of districts are derived from.
    #[must_use]
    pub fn district_token_key(&self) -> &DistrictTokenKey {
        &self.0.district_token_key
    }

    /// Where passwords are checked.
    #[must_use]
    pub fn passwords(&self) -> &PasswordPool {
        &self.0.passwords
    }

    /// How rosters come in.
    pub fn syncing(&self) -> &Syncing {
        &self.0.syncing
    }

    /// The folder that is looked into for rosters, if any.
    pub fn drop_folder(&self) -> Option<&DropSettings> {
        self.0.drop_folder.as_ref()
    }

    /// The words of the pages.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.0.texts
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Whether one more login may begin that waits for its person; counts it if so.
    #[must_use]
    pub fn may_begin_waiting(&self) -> bool {
        self.0.waiting.take(self.now())
    }

    /// Whether one more refusal may be written down; counts it if so. Refusals of somebody who logs
    /// in, or has, are counted apart from those that anybody can bring about.
    #[must_use]
    pub fn may_record_trace(&self, is_of_somebody: bool) -> bool {
        let allowance = if is_of_somebody { &self.0.traces } else { &self.0.strangers_traces };
        allowance.take(self.now())
    }

    /// Whether one more wrong secret of this application, or of no application, may be refused in
    /// full; counts it if so.
    #[must_use]
    pub fn may_present_wrong_secret(&self, application: Option<ApplicationId>) -> bool {
        self.0.wrong_secrets.take(application, self.now())
    }

    /// How often tokens have asked the Data API.
    #[must_use]
    pub fn rates(&self) -> &Windows {
        &self.0.rates
    }

    /// Places for lists that are being read.
    #[must_use]
    pub fn long_reads(&self) -> &LongReads {
        &self.0.long_reads
    }

    /// What waits for the clients of long replies.
    #[must_use]
    pub fn backlog(&self) -> &Backlog {
        &self.0.backlog
    }

    /// How browsers and applications reach us.
    #[must_use]
    pub fn urls(&self) -> &PublicUrls {
        &self.0.urls
    }

    /// Whether browsers reach us over HTTPS.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.0.urls.transport()
    }

    /// The names of our cookies.
    #[must_use]
    pub fn cookie_names(&self) -> &'static CookieNames {
        match self.transport() {
            Transport::Https => &CookieNames::HTTPS,
            Transport::Http => &CookieNames::HTTP,
        }
    }

    /// The figures, as Prometheus reads them.
    pub fn figures(&self) -> String {
        self.0.metrics.as_ref().map(PrometheusHandle::render).unwrap_or_default()
    }
}
