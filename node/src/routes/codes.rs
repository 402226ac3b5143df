//! One-time codes: given out by the administrator of a domain, shown by whom they are for.
//!
//! With one, an account is made where registration is closed, or gets a new password: chosen by its owner, known to
//! nobody else. Both are acts of the administrator, so that one who has lost the domain meanwhile has given nothing.

use std::sync::Arc;

use axum::extract::State;
use governor::clock::{Clock as _, DefaultClock};
use proto::{
    address::Address,
    api::{
        account::SessionOpened,
        domain::{
            CodeGiven, CodePurpose, CodeStanding, DomainName, GiveCodeRequest, OneTimeCodeHex,
            RedeemCodeRequest, ShowCodeRequest,
        },
    },
    error::{ErrorCode, ErrorKind, WireError},
    ids::{AccountId, KeyNumber},
    limits::CODES_MAX,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wasm_core::{domain::code_hash, kdf::server::login_key};

use super::{
    keys::{checked_key, sealed_keys},
    sessions::OpenedSession,
};
use crate::{
    app::App,
    error::ApiError,
    extract::{Json, PathParameter, SignedIn},
    hosting,
    store::{
        AccountReset, AddressState, CodeHash, NewAccount, Session, StoreError, StoredCode,
        is_next_key,
    },
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(invite))
        .routes(routes!(reset))
        .routes(routes!(look))
        .routes(routes!(redeem))
}

/// A code with which somebody makes the account of a name, for the administrator of the domain: good for seven days
/// and one use.
#[utoipa::path(
    post,
    path = "/domains/{domain}/invitations",
    tag = "domains",
    security(("session" = [])),
    params(("domain" = String, Path, description = "Which")),
    request_body = GiveCodeRequest,
    responses(
        (status = 200, body = CodeGiven),
        (
            status = "4XX",
            description = "As those of its users; `AddressInvalid`, `AddressTaken`, `QuotaExceeded`",
            body = WireError
        )
    )
)]
async fn invite(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    PathParameter(domain): PathParameter<DomainName>,
    Json(ask): Json<GiveCodeRequest>,
) -> Result<axum::Json<CodeGiven>, ApiError> {
    let wanted = (&domain, ask.name.as_str(), CodePurpose::Account);
    give(&app, &session, wanted).await.map(axum::Json)
}

/// A code with which the owner of an account sets a new password, for the administrator of the domain: good for seven
/// days and one use. Until it is used, nothing changes.
#[utoipa::path(
    post,
    path = "/domains/{domain}/resets",
    tag = "domains",
    security(("session" = [])),
    params(("domain" = String, Path, description = "Which")),
    request_body = GiveCodeRequest,
    responses(
        (status = 200, body = CodeGiven),
        (
            status = "4XX",
            description = "As those of its users; `AddressInvalid`, `NotFound` (nobody has that name), \
                `QuotaExceeded`",
            body = WireError
        )
    )
)]
async fn reset(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
    PathParameter(domain): PathParameter<DomainName>,
    Json(ask): Json<GiveCodeRequest>,
) -> Result<axum::Json<CodeGiven>, ApiError> {
    let wanted = (&domain, ask.name.as_str(), CodePurpose::Reset);
    give(&app, &session, wanted).await.map(axum::Json)
}

async fn give(
    app: &App,
    session: &Session,
    (domain, name, purpose): (&DomainName, &str, CodePurpose),
) -> Result<CodeGiven, ApiError> {
    let address: Address = format!("{name}@{domain}").parse()?;
    hosting::administrator(app, session.account, domain.as_str()).await?;
    let by = (&*app.random, app.now(), Some(session.account));
    let (new, given) = hosting::new_code(by, address, purpose)?;
    app.store.put_code(new, CODES_MAX).await?;
    Ok(given)
}

/// What a code is good for. Wants no session: whoever has the code may know.
#[utoipa::path(
    post,
    path = "/codes",
    tag = "account",
    request_body = ShowCodeRequest,
    responses(
        (status = 200, body = CodeStanding),
        (
            status = "4XX",
            description = "`AddressInvalid`, `DomainNotServed`, `CodeWrong`, `DomainUnreachable`",
            body = WireError
        )
    )
)]
async fn look(
    State(app): State<Arc<App>>,
    Json(ask): Json<ShowCodeRequest>,
) -> Result<axum::Json<CodeStanding>, ApiError> {
    let found = good(&app, &ask.address, &ask.code).await?;
    let newest = match found.purpose {
        CodePurpose::Account => None,
        CodePurpose::Reset => {
            let account = app.store.account_by_address(&ask.address).await?;
            let account = account.ok_or(ErrorCode::CodeWrong)?;
            app.store.keys(account.id).await?.pop()
        }
    };
    Ok(axum::Json(CodeStanding {
        purpose: found.purpose,
        expires_at: found.expires_at,
        next_key: KeyNumber(newest.map_or(1, |key| key.number.0.saturating_add(1))),
    }))
}

/// Makes the account that a code is for, or sets its new password with a new key; opens a session. After a reset all
/// other sessions are over; keys, vault and recovery words are what they were, and the older keys open with the older
/// password. Costs no work: codes cannot be guessed.
#[utoipa::path(
    post,
    path = "/codes/redeem",
    tag = "account",
    request_body = RedeemCodeRequest,
    responses(
        (status = 200, body = SessionOpened),
        (
            status = "4XX",
            description = "`AddressInvalid`, `DomainNotServed`, `CodeWrong`, `DomainUnreachable`, `AddressTaken`, \
                `InvalidField`, `RateLimited`, `VersionConflict` (the key's number is not the next one; `params.version` has the \
                newest), `QuotaExceeded`",
            body = WireError
        )
    )
)]
async fn redeem(
    State(app): State<Arc<App>>,
    Json(ask): Json<RedeemCodeRequest>,
) -> Result<axum::Json<SessionOpened>, ApiError> {
    let found = good(&app, &ask.address, &ask.code).await?;
    if found.purpose != ask.purpose {
        return Err(ErrorCode::CodeWrong.into());
    }
    // No work is wanted, and the password is hashed before the code is spent.
    app.redeems
        .check_key(&code_hash(&ask.code))
        .map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            ApiError::new(ErrorCode::RateLimited).with("retryAfter", wait.as_secs() + 1)
        })?;
    match ask.purpose {
        CodePurpose::Account => make(&app, &ask).await,
        CodePurpose::Reset => set_anew(&app, &ask).await,
    }
    .map(axum::Json)
}

/// A code of an address that is good, and whose giver still administers its domain.
async fn good(app: &App, address: &Address, code: &OneTimeCodeHex) -> Result<StoredCode, ApiError> {
    app.check_served(address).await?;
    let found = app
        .store
        .code(&CodeHash(code_hash(code)), app.now())
        .await?;
    let found = found.filter(|found| found.address == *address);
    let found = found.ok_or(ErrorCode::CodeWrong)?;
    if let Some(giver) = found.made_by {
        let administers = hosting::administrator(app, giver, address.domain()).await;
        administers.map_err(|error| match error.code().kind() {
            ErrorKind::Refused => ErrorCode::CodeWrong.into(),
            ErrorKind::Fatal | ErrorKind::Unreachable | ErrorKind::Retry => error,
        })?;
    }
    Ok(found)
}

async fn make(app: &App, ask: &RedeemCodeRequest) -> Result<SessionOpened, ApiError> {
    if ask.key.number.0 != 1 {
        return Err(ApiError::new(ErrorCode::InvalidField).with("field", "key.number"));
    }
    let key = checked_key(&ask.key)?;
    let now = app.now();
    let id = AccountId::make(now, app.random.bytes()?);
    let opened = OpenedSession::make(app, id, &ask.device, None)?;
    if app.store.address_state(&ask.address).await? != AddressState::Free {
        return Err(ErrorCode::AddressTaken.into());
    }
    let place = app.kdf.reserve()?;
    let login_hash = place.hash(login_key(&ask.login_key), id).await?;
    let new = NewAccount {
        id,
        address: ask.address.clone(),
        login_hash,
        key,
        session: opened.stored(),
        created_at: now,
    };
    let code = CodeHash(code_hash(&ask.code));
    app.store.create_invited(new, code).await?;
    Ok(opened.answer(true, vec![ask.key.clone()], &ask.address))
}

async fn set_anew(app: &App, ask: &RedeemCodeRequest) -> Result<SessionOpened, ApiError> {
    let key = checked_key(&ask.key)?;
    let account = app.store.account_by_address(&ask.address).await?;
    let id = account.ok_or(ErrorCode::CodeWrong)?.id;
    // Before anything that costs: the code stays good where this is wrong.
    let newest = app.store.keys(id).await?.pop();
    if !is_next_key(newest.as_ref(), &key)? {
        return Err(StoreError::KeyMissing.into());
    }
    let opened = OpenedSession::make(app, id, &ask.device, None)?;
    let place = app.kdf.reserve()?;
    let login_hash = place.hash(login_key(&ask.login_key), id).await?;
    let reset = AccountReset {
        account: id,
        address: ask.address.clone(),
        code: CodeHash(code_hash(&ask.code)),
        login_hash,
        key,
        session: opened.stored(),
        at: app.now(),
    };
    app.store.reset_account(reset).await?;
    app.news.session_ended(id);
    let keys = sealed_keys(app.store.keys(id).await?);
    Ok(opened.answer(true, keys, &ask.address))
}
