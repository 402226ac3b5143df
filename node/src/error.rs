//! From faults to answers: every refusal is a [`WireError`] with the status of its code.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use proto::{
    address::AddressError,
    error::{ErrorCode, WireError},
};

use crate::{
    challenge::ChallengeError, kdf::KdfError, observe::request_id, random::RandomError,
    store::StoreError,
};

/// Seconds after which a refused request may be worth another try, where nothing better is known.
const RETRY_AFTER_SECONDS: u64 = 1;

/// An answer that refuses.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    error: WireError,
}

impl ApiError {
    /// The refusal of a code, with its status and standard text.
    pub fn new(code: ErrorCode) -> Self {
        Self::from(WireError::new(code))
    }

    /// The same with one more figure.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.error = self.error.with(name, value);
        self
    }

    /// The same with another status, where an older protocol wants one.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// What is said of it, where there is no status to say it with.
    pub(crate) fn into_wire(self) -> WireError {
        self.error
    }

    /// What happened.
    pub fn code(&self) -> ErrorCode {
        self.error.code
    }

    /// A fault of ours: the log gets the reason, the answer only an error code.
    pub(crate) fn internal(reason: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = reason, "a request failed by a fault of ours");
        let refusal = Self::new(ErrorCode::Internal);
        match request_id() {
            Some(id) => refusal.with("id", id),
            None => refusal,
        }
    }
}

/// The HTTP status of a code.
pub fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::MalformedRequest | ErrorCode::VersionUnsupported => StatusCode::BAD_REQUEST,
        ErrorCode::InvalidField
        | ErrorCode::AddressInvalid
        | ErrorCode::CursorInvalid
        | ErrorCode::DomainNotServed => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::NotFound | ErrorCode::RecipientUnknown => StatusCode::NOT_FOUND,
        ErrorCode::PeerUnreachable | ErrorCode::DomainUnreachable => StatusCode::FAILED_DEPENDENCY,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Busy | ErrorCode::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::AddressTaken
        | ErrorCode::VersionConflict
        | ErrorCode::ChallengeSpent
        | ErrorCode::RecoveryOutdated => StatusCode::CONFLICT,
        ErrorCode::RegistrationClosed
        | ErrorCode::ChallengeForged
        | ErrorCode::ChallengeExpired
        | ErrorCode::ChallengeForeign
        | ErrorCode::ChallengeUnsolved
        | ErrorCode::ClockWrong
        | ErrorCode::PeerRefused
        | ErrorCode::SenderBlocked
        | ErrorCode::DomainUnproven
        | ErrorCode::DomainAdminOther
        | ErrorCode::DomainKeyWrong
        | ErrorCode::DomainNotClaimed
        | ErrorCode::CodeWrong
        | ErrorCode::QuotaExceeded => StatusCode::FORBIDDEN,
        ErrorCode::CredentialsWrong | ErrorCode::RecoveryWrong | ErrorCode::SessionInvalid => {
            StatusCode::UNAUTHORIZED
        }
        // `Internal`, and the codes of engine and pages, which a node never gives.
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<WireError> for ApiError {
    fn from(error: WireError) -> Self {
        Self {
            status: status(error.code),
            error,
        }
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<AddressError> for ApiError {
    fn from(rule: AddressError) -> Self {
        Self::new(ErrorCode::AddressInvalid).with("rule", rule)
    }
}

impl From<ChallengeError> for ApiError {
    fn from(error: ChallengeError) -> Self {
        Self::new(match error {
            ChallengeError::Expired => ErrorCode::ChallengeExpired,
            ChallengeError::Foreign => ErrorCode::ChallengeForeign,
            ChallengeError::Forged => ErrorCode::ChallengeForged,
            ChallengeError::Unsolved => ErrorCode::ChallengeUnsolved,
        })
    }
}

impl From<KdfError> for ApiError {
    fn from(error: KdfError) -> Self {
        match error {
            KdfError::Busy | KdfError::Stopped => {
                Self::new(ErrorCode::Busy).with("retryAfter", RETRY_AFTER_SECONDS)
            }
        }
    }
}

impl From<RandomError> for ApiError {
    fn from(error: RandomError) -> Self {
        Self::internal(&error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            // Only a session's own account is ever asked for: it was deleted meanwhile.
            StoreError::AccountMissing | StoreError::SessionMissing => {
                Self::new(ErrorCode::SessionInvalid)
            }
            StoreError::AddressTaken => Self::new(ErrorCode::AddressTaken),
            StoreError::AlreadySpent => Self::new(ErrorCode::ChallengeSpent),
            StoreError::CodeWrong => Self::new(ErrorCode::CodeWrong),
            StoreError::Closed => {
                Self::new(ErrorCode::Busy).with("retryAfter", RETRY_AFTER_SECONDS)
            }
            StoreError::KeyMissing => Self::new(ErrorCode::InvalidField).with("field", "keys"),
            StoreError::ProofOutdated => Self::new(ErrorCode::CredentialsWrong),
            StoreError::RecoveryOutdated => Self::new(ErrorCode::RecoveryOutdated),
            // Of a blocked sender another server is told in words of its own.
            StoreError::ItemMissing | StoreError::SenderBlocked => Self::new(ErrorCode::NotFound),
            StoreError::QuotaExceeded { max } => {
                Self::new(ErrorCode::QuotaExceeded).with("max", max)
            }
            StoreError::UpdateReused => Self::new(ErrorCode::InvalidField).with("field", "update"),
            StoreError::VersionConflict { actual } => {
                Self::new(ErrorCode::VersionConflict).with("version", actual)
            }
            StoreError::Unreachable(ref reason) => {
                let reason: &(dyn std::error::Error + 'static) = &**reason;
                tracing::warn!(error = reason, "the database cannot be reached");
                Self::new(ErrorCode::Busy).with("retryAfter", RETRY_AFTER_SECONDS)
            }
            StoreError::Database(_) | StoreError::SchemaTooNew { .. } => Self::internal(&error),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let retry_after = self.error.params.get("retryAfter").cloned();
        let code = self.error.code;
        let mut response = (self.status, Json(self.error)).into_response();
        if let Some(value) = retry_after.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        if code == ErrorCode::SessionInvalid {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        response.extensions_mut().insert(code);
        response
    }
}
