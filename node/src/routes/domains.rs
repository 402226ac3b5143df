//! Domains that an account administers: claim, list, registration, users.

use std::sync::Arc;

use axum::extract::State;
use proto::{
    api::domain::{
        ClaimDomainRequest, DomainChallenge, DomainChallengeRequest, DomainList, DomainName,
        DomainUsers, DomainView, SetRegistrationRequest,
    },
    bytes::Hex,
    error::{ErrorCode, WireError},
    limits::{
        ADDRESS_DOMAIN_MAX_BYTES, ADDRESS_NAME_MAX_BYTES, DOMAIN_CHALLENGE_MS, DOMAINS_MAX,
        USERS_PAGE_MAX,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::domain::Given;

use crate::{
    app::App,
    config::Registration,
    error::ApiError,
    extract::{Json, PathParameter, QueryString, SignedIn},
    hosting,
    store::HostedDomain,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(challenge))
        .routes(routes!(claim, list))
        .routes(routes!(users))
        .routes(routes!(registration))
}

/// What the domain's key signs, where its file names one: for an hour, this account, this domain and one use.
#[utoipa::path(
    post,
    path = "/domains/challenge",
    tag = "domains",
    security(("session" = [])),
    request_body = DomainChallengeRequest,
    responses(
        (status = 200, body = DomainChallenge),
        (status = "4XX", description = "`SessionInvalid`", body = WireError)
    )
)]
async fn challenge(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    Json(ask): Json<DomainChallengeRequest>,
) -> Result<axum::Json<DomainChallenge>, ApiError> {
    let admin = hosting::address_of(&app, session.account).await?;
    let given = Given {
        domain: &ask.domain,
        account: session.account,
        challenge: Hex(app.random.bytes()?),
        expires_at: app.now().plus(DOMAIN_CHALLENGE_MS),
    };
    Ok(axum::Json(DomainChallenge {
        text: given.text(&app.api_domain, &admin),
        challenge: given.challenge,
        expires_at: given.expires_at,
        mac: given.mac(&app.challenge_key),
    }))
}

/// Makes the account the administrator of a domain whose `keypears.json` names this node as `apiDomain` and the
/// account's address as `admin`. Its addresses are kept here from then on. Registration is closed at first.
/// Twenty tries a minute.
#[utoipa::path(
    post,
    path = "/domains",
    tag = "domains",
    security(("session" = [])),
    request_body = ClaimDomainRequest,
    responses(
        (status = 200, body = DomainView),
        (
            status = "4XX",
            description = "`SessionInvalid`, `DomainUnproven` and `DomainAdminOther` (`params.file` has what \
                its file should say), `DomainKeyWrong`, `DomainUnreachable`, `DomainNotServed` (the operator \
                does not want it), `ChallengeExpired`, `ChallengeForged`, `ChallengeSpent`, `QuotaExceeded`, \
                `RateLimited`",
            body = WireError
        )
    )
)]
async fn claim(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    Json(ask): Json<ClaimDomainRequest>,
) -> Result<axum::Json<DomainView>, ApiError> {
    let claim = hosting::proved(&app, session.account, &ask).await?;
    app.store.claim_domain(claim, DOMAINS_MAX).await?;
    app.host(ask.domain.as_str());
    tracing::info!("a domain was claimed");
    view_of(&app, &ask.domain).await.map(axum::Json)
}

/// The domains that the account administers. That a domain is named here says nothing of its file: that is looked
/// at with each act.
#[utoipa::path(
    get,
    path = "/domains",
    tag = "domains",
    security(("session" = [])),
    responses(
        (status = 200, body = DomainList),
        (status = "4XX", description = "`SessionInvalid`", body = WireError)
    )
)]
async fn list(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
) -> Result<axum::Json<DomainList>, ApiError> {
    let address = hosting::address_of(&app, session.account).await?;
    let claimed = app.store.domains_of(session.account).await?;
    let mut domains = Vec::new();
    for found in &claimed {
        domains.extend(view(&app, found));
    }
    for own in &app.config.domains {
        let is_new = domains.iter().all(|seen| seen.domain.as_str() != own);
        if is_new && hosting::is_configured(&app, &address, own) {
            let own = own.parse().map_err(|_| ErrorCode::Internal)?;
            domains.push(view_of(&app, &own).await?);
        }
    }
    domains.sort_by(|one, next| one.domain.cmp(&next.domain));
    Ok(axum::Json(DomainList { domains }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UsersQuery {
    /// Address, or beginning of one, after which to begin; none, the default, for the first.
    #[serde(default)]
    after: String,
}

/// The accounts of a domain, for its administrator; at most 200.
#[utoipa::path(
    get,
    path = "/domains/{domain}/users",
    tag = "domains",
    security(("session" = [])),
    params(("domain" = String, Path, description = "Which"), UsersQuery),
    responses(
        (status = 200, body = DomainUsers),
        (
            status = "4XX",
            description = "`SessionInvalid`, `DomainNotClaimed`, `DomainUnproven`, `DomainAdminOther`, \
                `DomainKeyWrong`, `DomainUnreachable`",
            body = WireError
        )
    )
)]
async fn users(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    PathParameter(domain): PathParameter<DomainName>,
    QueryString(query): QueryString<UsersQuery>,
) -> Result<axum::Json<DomainUsers>, ApiError> {
    hosting::administrator(&app, session.account, domain.as_str()).await?;
    // The beginning of an address too: of those that begin so.
    let max = ADDRESS_NAME_MAX_BYTES + 1 + ADDRESS_DOMAIN_MAX_BYTES;
    if query.after.len() > max || !query.after.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ApiError::new(ErrorCode::InvalidField).with("field", "after"));
    }
    let users = app
        .store
        .users(domain.as_str(), &query.after, USERS_PAGE_MAX);
    Ok(axum::Json(users.await?))
}

/// Opens or closes the registration of a domain, for its administrator. Where the node's operator has closed that of
/// all, it stays closed.
#[utoipa::path(
    put,
    path = "/domains/{domain}/registration",
    tag = "domains",
    security(("session" = [])),
    params(("domain" = String, Path, description = "Which")),
    request_body = SetRegistrationRequest,
    responses(
        (status = 200, body = DomainView),
        (status = "4XX", description = "As those of its users", body = WireError)
    )
)]
async fn registration(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    PathParameter(domain): PathParameter<DomainName>,
    Json(ask): Json<SetRegistrationRequest>,
) -> Result<axum::Json<DomainView>, ApiError> {
    hosting::administrator(&app, session.account, domain.as_str()).await?;
    app.store
        .set_registration(domain.as_str(), ask.open)
        .await?;
    view_of(&app, &domain).await.map(axum::Json)
}

/// A domain that is kept here.
async fn view_of(app: &App, domain: &DomainName) -> Result<DomainView, ApiError> {
    let found = app.store.domain(domain.as_str()).await?;
    let found = found.unwrap_or_else(|| HostedDomain::configured(domain.as_str()));
    view(app, &found).ok_or_else(|| ErrorCode::Internal.into())
}

/// The same as its administrator sees it; none where its name is not one.
fn view(app: &App, found: &HostedDomain) -> Option<DomainView> {
    Some(DomainView {
        domain: found.name.parse().ok()?,
        registration_open: found.registration_open,
        takes_accounts: found.registration_open && app.config.registration == Registration::Open,
        claimed_at: found.claimed_at,
        public_key: found.public_key.map(Hex),
    })
}
