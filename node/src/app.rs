//! What every request can reach, and the way that it takes to its route.
//!
//! ```text
//! connection → observe (id, log, metrics, headers) → panic → rate → guard (sizes, time) → route
//! ```

use std::{
    any::Any,
    collections::HashSet,
    net::SocketAddr,
    num::NonZeroU32,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{Router, middleware, response::IntoResponse as _, response::Response};
use governor::{DefaultKeyedRateLimiter, Quota};
use metrics_exporter_prometheus::PrometheusHandle;
use proto::{
    address::Address,
    error::ErrorCode,
    ids::{AccountId, SessionId, UnixMillis},
};
use tokio::sync::{Notify, Semaphore, watch};
use tower_http::catch_panic::CatchPanicLayer;
use wasm_core::{
    kp1,
    secret::{ChallengeKey, NodeSecret},
};

use crate::{
    clock::Clock,
    config::{Config, DomainStanding, Registration},
    error::ApiError,
    federation::{out::Peers, refusal::Refusal},
    hosting,
    kdf::KdfPool,
    limit::{Limits, guard},
    news::News,
    observe::observe,
    random::Random,
    routes,
    secret::DecoyKey,
    store::{HostedDomain, Store, StoreError},
};

/// Tries an hour to confirm the password, of one session.
const CONFIRMATIONS_PER_HOUR: NonZeroU32 = match NonZeroU32::new(10) {
    Some(number) => number,
    None => NonZeroU32::MIN,
};

/// Tries an hour to renew one session: a device needs one in twenty days, or one a day.
const RENEWALS_PER_HOUR: NonZeroU32 = CONFIRMATIONS_PER_HOUR;

/// Tries a minute to claim a domain, of one account: each asks that domain.
const CLAIMS_PER_MINUTE: NonZeroU32 = match NonZeroU32::new(20) {
    Some(number) => number,
    None => NonZeroU32::MIN,
};

/// Times a minute that a domain which speaks to this node makes it try what waits for it.
const HURRIES_PER_MINUTE: NonZeroU32 = match NonZeroU32::new(6) {
    Some(number) => number,
    None => NonZeroU32::MIN,
};

/// What a node is made of.
pub struct Parts {
    /// What it was told.
    pub config: Config,
    /// Where it listens.
    pub listening: SocketAddr,
    /// Its secret.
    pub secret: NodeSecret,
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// Its random bytes.
    pub random: Arc<dyn Random>,
    /// Its memory.
    pub store: Arc<dyn Store>,
    /// Domains that were claimed here.
    pub(crate) claimed: Vec<HostedDomain>,
    /// Its password checks.
    pub kdf: KdfPool,
    /// What it has counted.
    pub metrics: PrometheusHandle,
    /// Who waits for news.
    pub(crate) news: News,
    /// Other servers.
    pub(crate) peers: Peers,
}

/// The state that all requests share.
pub struct App {
    pub(crate) config: Config,
    pub(crate) api_domain: String,
    /// Domains that are known to be claimed here and to name this node; others may be, by another process.
    claimed: RwLock<HashSet<String>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) kdf: KdfPool,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) challenge_key: ChallengeKey,
    /// Of challenges for messages.
    pub(crate) message_key: ChallengeKey,
    /// Other servers.
    pub(crate) peers: Peers,
    pub(crate) decoy_key: DecoyKey,
    /// Who holds a stolen session must not try passwords: these tries cost no proof of work.
    pub(crate) confirmations: DefaultKeyedRateLimiter<SessionId>,
    /// Nor renew a session again and again.
    pub(crate) renewals: DefaultKeyedRateLimiter<SessionId>,
    /// How often an account may claim a domain.
    pub(crate) claims: DefaultKeyedRateLimiter<AccountId>,
    /// How often a one-time code may be shown for its use.
    pub(crate) redeems: DefaultKeyedRateLimiter<[u8; 32]>,
    /// How often what waits for a domain may be hurried.
    pub(crate) hurries: DefaultKeyedRateLimiter<String>,
    pub(crate) limits: Option<Limits>,
    /// Who waits for writes of an account.
    pub(crate) news: News,
    /// That a message may be due.
    pub(crate) deliver: Notify,
    /// Places of feeds.
    pub(crate) feeds: Arc<Semaphore>,
    /// Places of those that keep an HTTP connection meanwhile: half of all, so that there is always
    /// one for a request.
    pub(crate) waiting: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

/// Whether a claimed domain is one of this node now.
fn is_here(config: &Config, found: &HostedDomain) -> bool {
    found.claimed_at.is_some() && found.away_since.is_none() && !config.is_closed(&found.name)
}

impl App {
    /// Puts a node together.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            config,
            listening,
            secret,
            clock,
            random,
            store,
            claimed,
            kdf,
            metrics,
            news,
            peers,
        } = parts;
        let here = claimed.into_iter().filter(|found| is_here(&config, found));
        let here = here.map(|found| found.name).collect();
        Self {
            api_domain: config.api_domain(listening),
            claimed: RwLock::new(here),
            challenge_key: ChallengeKey::derive(&secret),
            message_key: kp1::pow::challenge_key(&secret),
            peers,
            decoy_key: DecoyKey::derive(&secret),
            confirmations: DefaultKeyedRateLimiter::keyed(Quota::per_hour(CONFIRMATIONS_PER_HOUR)),
            renewals: DefaultKeyedRateLimiter::keyed(Quota::per_hour(RENEWALS_PER_HOUR)),
            claims: DefaultKeyedRateLimiter::keyed(Quota::per_minute(CLAIMS_PER_MINUTE)),
            redeems: DefaultKeyedRateLimiter::keyed(Quota::per_hour(CONFIRMATIONS_PER_HOUR)),
            hurries: DefaultKeyedRateLimiter::keyed(Quota::per_minute(HURRIES_PER_MINUTE)),
            limits: config
                .rate
                .map(|rate| Limits::new(rate, &config.trusted_proxies)),
            news,
            deliver: Notify::new(),
            feeds: Arc::new(Semaphore::new(config.max_feeds)),
            waiting: Arc::new(Semaphore::new(config.max_connections / 2)),
            stopping: watch::Sender::new(false),
            config,
            clock,
            random,
            store,
            kdf,
            metrics,
        }
    }

    /// All routes with everything around them.
    pub fn router(self: &Arc<Self>) -> Router {
        let routes = routes::all().with_state(Arc::clone(self));
        let mut router = routes.layer(middleware::from_fn_with_state(Arc::clone(self), guard));
        if let Some(limits) = &self.limits {
            router = router.layer(limits.layer());
        }
        router
            .layer(CatchPanicLayer::custom(panicked))
            .layer(middleware::from_fn(observe))
    }

    /// From now on `/ready` says no, and feeds end.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether it is shutting down.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Ready when it shuts down.
    pub(crate) fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.stopping.subscribe();
        async move { drop(stopping.wait_for(|stops| *stops).await) }
    }

    /// The time.
    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// Whether addresses like this one are known to live here. Where another process has just taken their domain in,
    /// they may without that: see [`App::finds`].
    pub(crate) fn serves(&self, address: &Address) -> bool {
        let domain = address.domain();
        let claimed = self.claimed.read().unwrap_or_else(PoisonError::into_inner);
        self.config.domains.iter().any(|own| own == domain) || claimed.contains(domain)
    }

    /// Whether addresses like this one live here.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn finds(&self, address: &Address) -> Result<bool, StoreError> {
        if self.serves(address) {
            return Ok(true);
        }
        let found = self.store.domain(address.domain()).await?;
        let is_here = found.is_some_and(|found| is_here(&self.config, &found));
        if is_here {
            self.host(address.domain());
        }
        Ok(is_here)
    }

    /// Whether accounts of an address like this one are kept here: also where its domain has gone elsewhere meanwhile, for
    /// whoever has left a vault behind.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn keeps(&self, address: &Address) -> Result<bool, StoreError> {
        if self.serves(address) {
            return Ok(true);
        }
        let found = self.store.domain(address.domain()).await?;
        let was_claimed = found.is_some_and(|found| found.claimed_at.is_some());
        Ok(was_claimed && !self.config.is_closed(address.domain()))
    }

    /// From now on the addresses of a domain live here.
    pub(crate) fn host(&self, domain: &str) {
        let claimed = self.claimed.write();
        claimed
            .unwrap_or_else(PoisonError::into_inner)
            .insert(domain.to_owned());
    }

    /// From now on exactly those of these domains that are here, beside the node's own.
    pub(crate) fn host_only(&self, claimed: Vec<HostedDomain>) {
        let here = claimed
            .into_iter()
            .filter(|found| is_here(&self.config, found));
        let here = here.map(|found| found.name).collect();
        *self.claimed.write().unwrap_or_else(PoisonError::into_inner) = here;
    }

    /// Whether anybody may register under a domain: where neither the operator nor its administrator has closed it.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn takes_accounts(&self, domain: &str) -> Result<bool, StoreError> {
        if self.config.registration == Registration::Closed {
            return Ok(false);
        }
        let found = self.store.domain(domain).await?;
        if self.config.domains.iter().any(|own| own == domain) {
            return Ok(found.is_none_or(|found| found.registration_open));
        }
        let Some((found, admin)) = found.and_then(|found| found.admin.map(|admin| (found, admin)))
        else {
            return Ok(false);
        };
        // Who opened it is asked for only as long as the domain says that it is theirs to open.
        Ok(found.registration_open && hosting::administrator(self, admin, domain).await.is_ok())
    }

    /// How the domain of an address stands.
    pub(crate) fn domain_standing(&self, address: &Address) -> DomainStanding {
        if self.serves(address) {
            DomainStanding::Open
        } else {
            self.config.federation.standing(address.domain())
        }
    }

    /// Refuses an address with whose domain nothing is exchanged.
    pub(crate) fn check_open(&self, address: &Address) -> Result<(), Refusal> {
        match self.domain_standing(address) {
            DomainStanding::Closed => Err(Refusal::DomainClosed(address.domain().to_owned())),
            DomainStanding::Open | DomainStanding::Grey => Ok(()),
        }
    }

    /// Refuses an address of another domain.
    pub(crate) async fn check_served(&self, address: &Address) -> Result<(), ApiError> {
        if self.keeps(address).await? {
            Ok(())
        } else {
            Err(ErrorCode::DomainNotServed.into())
        }
    }
}

/// The description of every route, as `/api/openapi.json` has it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    routes::described().split_for_parts().1
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    // The panic's own text may hold anything; the hook of the process has printed where it was.
    ApiError::new(ErrorCode::Internal).into_response()
}
