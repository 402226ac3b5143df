//! Who administers a domain, by what the domain itself says.
//!
//! A domain of the node's configuration is administered by the configuration's `admin`. Any other one, and those too,
//! by the account that has claimed it, as long as the domain's `keypears.json` names this node and that account's
//! address: what it said more than a minute ago counts for nothing.

use governor::clock::{Clock as _, DefaultClock};
use proto::{
    address::Address,
    api::domain::{
        ClaimDomainRequest, CodeGiven, CodePurpose, DomainKeyProof, DomainName, OneTimeCodeHex,
    },
    bytes::Hex,
    error::ErrorCode,
    federation::{ApiPlace, DomainKeyHash, WellKnown},
    ids::{AccountId, UnixMillis},
    limits::CODE_LIFETIME_MS,
};
use wasm_core::{
    domain::{Given, code_hash, key_hash},
    keys::PublicKey,
};

use crate::{
    app::App,
    config::Registration,
    error::ApiError,
    federation::out::{DiscoveryError, Domain},
    random::{Random, RandomError},
    store::{CodeHash, DomainClaim, NewCode, SpentChallenge},
};

/// The address of an account, if it administers `domain` now.
///
/// # Errors
/// [`ErrorCode::DomainNotClaimed`], and what the domain's file is refused with.
pub(crate) async fn administrator(
    app: &App,
    account: AccountId,
    domain: &str,
) -> Result<Address, ApiError> {
    let address = address_of(app, account).await?;
    if is_configured(app, &address, domain) {
        return Ok(address);
    }
    if app.config.is_closed(domain) {
        return Err(ErrorCode::DomainNotServed.into());
    }
    let found = app.store.domain(domain).await?;
    let claimed = found
        .filter(|found| found.admin == Some(account))
        .ok_or(ErrorCode::DomainNotClaimed)?;
    let said = app.peers.domain(domain).await;
    let said = said.map_err(|error| unproven(app, &error, domain, &address))?;
    check_named(app, &said, domain, &address)?;
    // Whoever has taken the file over has not taken the key with it.
    let proved = claimed
        .public_key
        .and_then(|key| PublicKey::parse(&key).ok());
    match said.key {
        DomainKeyHash::Absent => Ok(address),
        DomainKeyHash::Hash(hash) if proved.is_some_and(|key| key_hash(&key) == hash) => {
            Ok(address)
        }
        DomainKeyHash::Hash(_) | DomainKeyHash::Unknown => Err(ErrorCode::DomainKeyWrong.into()),
    }
}

/// Whether the configuration makes an address the administrator of a domain.
pub(crate) fn is_configured(app: &App, address: &Address, domain: &str) -> bool {
    let is_own = |domain: &str| app.config.domains.iter().any(|own| own == domain);
    // An address elsewhere is whoever's its own domain says.
    app.config.admin.as_ref() == Some(address) && is_own(domain) && is_own(address.domain())
}

/// The address of an account.
///
/// # Errors
/// [`ErrorCode::SessionInvalid`]: it was deleted meanwhile.
pub(crate) async fn address_of(app: &App, account: AccountId) -> Result<Address, ApiError> {
    let account = app.store.account(account).await?;
    Ok(account.ok_or(ErrorCode::SessionInvalid)?.address)
}

/// What an account shows for its claim of a domain, looked at; what its key has signed is spent.
///
/// # Errors
/// What the domain's file is refused with, [`ErrorCode::DomainNotServed`], [`ErrorCode::RateLimited`].
pub(crate) async fn proved(
    app: &App,
    account: AccountId,
    ask: &ClaimDomainRequest,
) -> Result<DomainClaim, ApiError> {
    let domain = ask.domain.as_str();
    app.claims.check_key(&account).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        ApiError::new(ErrorCode::RateLimited).with("retryAfter", wait.as_secs() + 1)
    })?;
    let admin = address_of(app, account).await?;
    let is_own = app.config.domains.iter().any(|own| own == domain);
    // Who may bring a domain may bring its users: where strangers are not wanted, they are not wanted by that way.
    let is_wanted =
        app.config.registration == Registration::Open || app.config.admin.as_ref() == Some(&admin);
    if !is_own && (app.config.is_closed(domain) || !is_wanted) {
        return Err(ErrorCode::DomainNotServed.into());
    }
    // Whoever claims has written the file just now.
    let said = app.peers.domain_anew(domain).await;
    let said = said.map_err(|error| unproven(app, &error, domain, &admin))?;
    check_named(app, &said, domain, &admin)?;
    let wanted = |hash: Hex<32>| ApiError::new(ErrorCode::DomainKeyWrong).with("hash", hash);
    let public_key = match (said.key, &ask.proof) {
        (DomainKeyHash::Absent, _) => None,
        (DomainKeyHash::Hash(hash), Some(proof)) => {
            let key = checked(app, (account, &admin), &ask.domain, proof)?;
            if key_hash(&key) != hash {
                return Err(wanted(hash));
            }
            app.store
                .spend(SpentChallenge {
                    challenge: proof.challenge.0,
                    expires_at: proof.expires_at,
                })
                .await?;
            Some(*key.as_bytes())
        }
        (DomainKeyHash::Hash(hash), None) => return Err(wanted(hash)),
        (DomainKeyHash::Unknown, _) => return Err(ErrorCode::DomainKeyWrong.into()),
    };
    Ok(DomainClaim {
        domain: domain.to_owned(),
        admin: account,
        public_key,
        at: app.now(),
        is_open: is_own,
    })
}

/// The key that has signed what this node gave the account for the domain.
fn checked(
    app: &App,
    (account, admin): (AccountId, &Address),
    domain: &DomainName,
    proof: &DomainKeyProof,
) -> Result<PublicKey, ApiError> {
    if app.now() >= proof.expires_at {
        return Err(ErrorCode::ChallengeExpired.into());
    }
    let given = Given {
        domain,
        account,
        challenge: proof.challenge,
        expires_at: proof.expires_at,
    };
    given
        .check(&app.challenge_key, &proof.mac)
        .map_err(|_| ApiError::new(ErrorCode::ChallengeForged))?;
    let wrong = || ApiError::new(ErrorCode::DomainKeyWrong);
    let key = PublicKey::parse(&proof.public_key.0).map_err(|_| wrong())?;
    given
        .verify(&app.api_domain, admin, &key, &proof.signature)
        .map_err(|_| wrong())?;
    Ok(key)
}

/// Whether what a domain says names this node, and the address as its administrator.
fn check_named(app: &App, said: &Domain, domain: &str, admin: &Address) -> Result<(), ApiError> {
    if ApiPlace::of_host(&app.api_domain).ok().as_ref() != Some(&said.place) {
        let reason = format!("it names {}", said.place.url(""));
        return Err(refusal(app, ErrorCode::DomainUnproven, domain, admin).with("reason", reason));
    }
    if said.admin.as_ref() != Some(admin) {
        return Err(refusal(app, ErrorCode::DomainAdminOther, domain, admin));
    }
    Ok(())
}

/// Why a domain says nothing: it has no such file, or cannot be asked now.
fn unproven(app: &App, error: &DiscoveryError, domain: &str, admin: &Address) -> ApiError {
    let code = match error {
        DiscoveryError::Out { .. } => ErrorCode::DomainUnreachable,
        DiscoveryError::Absent { status, .. } if *status >= 500 || *status == 429 => {
            ErrorCode::DomainUnreachable
        }
        DiscoveryError::Absent { .. }
        | DiscoveryError::Invalid { .. }
        | DiscoveryError::Place { .. } => ErrorCode::DomainUnproven,
    };
    refusal(app, code, domain, admin).with("reason", error)
}

/// A refusal that says what the file should say.
fn refusal(app: &App, code: ErrorCode, domain: &str, admin: &Address) -> ApiError {
    let file = WellKnown {
        api_domain: app.api_domain.clone(),
        admin: Some(admin.to_string()),
        domain_pub_key_hash: None,
    };
    let file = serde_json::to_string(&file).unwrap_or_default();
    ApiError::new(code)
        .with("domain", domain)
        .with("file", file)
}

/// A new one-time code, as it is kept and as it is given out; `made_by`: `None` for the node's operator.
///
/// # Errors
/// [`RandomError`].
pub(crate) fn new_code(
    (random, now, made_by): (&dyn Random, UnixMillis, Option<AccountId>),
    address: Address,
    purpose: CodePurpose,
) -> Result<(NewCode, CodeGiven), RandomError> {
    let mut code = OneTimeCodeHex(Hex([0; 16]));
    random.fill(&mut code.0.0)?;
    let expires_at = now.plus(CODE_LIFETIME_MS);
    let kept = NewCode {
        hash: CodeHash(code_hash(&code)),
        address: address.clone(),
        purpose,
        made_by,
        expires_at,
    };
    let given = CodeGiven {
        address,
        code,
        expires_at,
    };
    Ok((kept, given))
}
