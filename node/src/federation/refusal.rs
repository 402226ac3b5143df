//! Why a procedure refuses, in words that help whoever wanted to write.

use axum::http::StatusCode;
use proto::error::ErrorCode;

use super::rpc::Failure;
use crate::{challenge::ChallengeError, error::ApiError, random::RandomError, store::StoreError};

/// A refusal. Its words are shown to the sender, by the sender's own server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0} is no address that messages can come from or go to: name@domain, in lower case.")]
    AddressInvalid(&'static str),
    #[error("There is nobody of this address here.")]
    RecipientUnknown,
    #[error("This server exchanges no messages with {0}.")]
    DomainClosed(String),
    #[error("The recipient takes no messages from you.")]
    SenderBlocked,
    #[error("The recipient has no room for more messages.")]
    RecipientFull,
    #[error(
        "The request is of another time: the clock of the sender's device or of this server is wrong."
    )]
    ClockDiffers,
    #[error("The request was not signed by the key that it names.")]
    SignatureWrong,
    #[error("The sender's server knows no such address.")]
    SenderUnknown,
    #[error(
        "The request was signed by a key that the sender's server does not name as the active one. Try again in a minute if it is new."
    )]
    SenderKeyOther,
    #[error("The sender's server does not answer this one: {0}")]
    SenderUnreachable(String),
    #[error("The proof of work came too late. Ask for a new challenge.")]
    WorkExpired,
    #[error(
        "The proof of work is for no challenge of this server between these two addresses. Ask for a new one."
    )]
    WorkForged,
    #[error("The proof of work is not solved. Ask for a new challenge.")]
    WorkUnsolved,
    #[error("The proof of work was used for another message. Ask for a new challenge.")]
    WorkSpent,
    #[error("The message cannot be taken: {0}.")]
    MessageInvalid(&'static str),
    #[error("No message waits for this token. It was delivered, given up, or never was.")]
    TokenUnknown,
}

impl Refusal {
    /// Its status and the code in its answer.
    pub(super) fn code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::AddressInvalid(_) => (StatusCode::BAD_REQUEST, "ADDRESS_INVALID"),
            Self::RecipientUnknown => (StatusCode::NOT_FOUND, "RECIPIENT_UNKNOWN"),
            Self::DomainClosed(_) => (StatusCode::FORBIDDEN, "DOMAIN_CLOSED"),
            Self::SenderBlocked => (StatusCode::FORBIDDEN, "SENDER_BLOCKED"),
            Self::RecipientFull => (StatusCode::INSUFFICIENT_STORAGE, "RECIPIENT_FULL"),
            Self::ClockDiffers => (StatusCode::FORBIDDEN, "CLOCK_DIFFERS"),
            Self::SignatureWrong => (StatusCode::FORBIDDEN, "SIGNATURE_WRONG"),
            Self::SenderUnknown => (StatusCode::FORBIDDEN, "SENDER_UNKNOWN"),
            Self::SenderKeyOther => (StatusCode::FORBIDDEN, "SENDER_KEY_OTHER"),
            Self::SenderUnreachable(_) => (StatusCode::BAD_GATEWAY, "SENDER_UNREACHABLE"),
            Self::WorkExpired => (StatusCode::FORBIDDEN, "WORK_EXPIRED"),
            Self::WorkForged => (StatusCode::FORBIDDEN, "WORK_FORGED"),
            Self::WorkUnsolved => (StatusCode::FORBIDDEN, "WORK_UNSOLVED"),
            Self::WorkSpent => (StatusCode::CONFLICT, "WORK_SPENT"),
            Self::MessageInvalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "MESSAGE_INVALID"),
            Self::TokenUnknown => (StatusCode::NOT_FOUND, "TOKEN_UNKNOWN"),
        }
    }
}

/// Why there is no answer of a procedure, whoever asked.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It is refused.
    Refused(Refusal),
    /// This node failed.
    Failed(ApiError),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

macro_rules! failures {
    ($($name:ty),*) => {$(
        impl From<$name> for Fault {
            fn from(error: $name) -> Self {
                Self::Failed(error.into())
            }
        }
    )*};
}
failures!(ApiError, StoreError, RandomError);

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(refusal) => refusal.into(),
            Fault::Failed(error) => error.into(),
        }
    }
}

impl From<Fault> for ApiError {
    /// As the sender's own client is told.
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Failed(error) => error,
            Fault::Refused(Refusal::RecipientUnknown) => ErrorCode::RecipientUnknown.into(),
            Fault::Refused(Refusal::SenderBlocked) => ErrorCode::SenderBlocked.into(),
            Fault::Refused(Refusal::ClockDiffers) => ErrorCode::ClockWrong.into(),
            Fault::Refused(other) => Self::new(ErrorCode::PeerRefused).with("reason", other),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = refusal.code();
        Self::refused(status, code, &refusal.to_string())
    }
}

impl From<ChallengeError> for Refusal {
    fn from(error: ChallengeError) -> Self {
        match error {
            ChallengeError::Expired => Self::WorkExpired,
            ChallengeError::Unsolved => Self::WorkUnsolved,
            ChallengeError::Foreign | ChallengeError::Forged => Self::WorkForged,
        }
    }
}
