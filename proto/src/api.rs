//! REST of a node, under `/api/v1`. JSON with camelCase names; errors are
//! [`WireError`](crate::error::WireError).
//!
//! | method and path | request → answer |
//! | --- | --- |
//! | `GET /info` | → [`info::NodeInfo`] |
//! | `GET /addresses/{address}` | → [`info::AddressStatus`] |
//! | `POST /challenges` | [`challenge::ChallengeRequest`] → [`challenge::Challenge`] |
//! | `POST /accounts` | [`account::CreateAccountRequest`] → [`account::SessionOpened`] |
//! | `POST /account/delete` | [`account::DeleteAccountRequest`] → `{}` |
//! | `POST /sessions` | [`session::LoginRequest`] → [`account::SessionOpened`] |
//! | `GET /sessions` | → [`session::SessionList`] |
//! | `DELETE /sessions/{id}`, `DELETE /sessions/current` | → `{}` |
//! | `POST /sessions/end-others` | [`session::EndOthersRequest`] → [`session::OthersEnded`] |
//! | `PUT /sessions/{id}/name` | [`session::NameDeviceRequest`] → `{}` |
//! | `POST /sessions/current/challenge` | → [`session::RenewalChallenge`] |
//! | `POST /sessions/current/renewal` | [`session::RenewSessionRequest`] → [`session::SessionRenewed`] |
//! | `GET /keys` | → [`account::KeyList`] |
//! | `POST /keys` | [`account::AddKeyRequest`] → [`account::KeyList`] |
//! | `GET /account/recovery` | → [`recovery::RecoveryStatus`] |
//! | `PUT /account/recovery` | [`recovery::SetRecoveryRequest`] → [`recovery::RecoveryStatus`] |
//! | `PUT /account/password` | [`recovery::ChangePasswordRequest`] → [`account::KeyList`] |
//! | `POST /recovery` | [`recovery::RecoverRequest`] → [`recovery::Recovered`] |
//! | `GET /vault?cursor={cursor}&since={revision}&limit={n}` | → [`vault::VaultPage`] |
//! | `GET /vault/feed` (WebSocket) | [`feed::FeedHello`] → [`feed::FeedNews`]… |
//! | `GET /vault/feed/events?cursor={cursor}` (server-sent events) | → [`feed::FeedNews`]… |
//! | `GET /vault/feed/poll?cursor={cursor}&messages={position}` (long poll) | → [`feed::FeedNews`] |
//! | `PUT /vault/{item}` | [`vault::WriteItemRequest`] → [`vault::WriteAccepted`] |
//! | `GET /vault/{item}/versions?before={version}&limit={n}` | → [`vault::ItemVersions`] |
//! | `GET /vault/manifests?after={n}` | → [`manifest::ManifestPage`] |
//! | `PUT /vault/manifest` | [`manifest::VaultManifest`] → `{}` |
//! | `DELETE /vault/{item}` | [`vault::DeleteItemRequest`] → [`vault::WriteAccepted`] |
//! | `GET /addresses/{address}/key` | → [`message::AddressKey`] |
//! | `GET /messages?cursor={cursor}&limit={n}` | → [`message::MessagePage`] |
//! | `POST /messages/challenge` | [`message::MessageChallengeRequest`] → [`message::MessageChallenge`] |
//! | `GET /messages/prices` | → [`message::MessagePrices`] |
//! | `PUT /messages/prices` | [`message::SetPricesRequest`] → [`message::MessagePrices`] |
//! | `PUT /messages/{message}` | [`message::SendMessageRequest`] → [`message::MessageAccepted`] |
//! | `PUT /messages/{message}/work` | [`message::RenewWorkRequest`] → [`message::MessageAccepted`] |
//! | `PUT /correspondents/{address}` | [`message::StandRequest`] → [`message::MessageAccepted`] |
//! | `DELETE /correspondents/{address}/messages` | → [`message::MessageAccepted`] |
//! | `POST /domains/challenge` | [`domain::DomainChallengeRequest`] → [`domain::DomainChallenge`] |
//! | `POST /domains` | [`domain::ClaimDomainRequest`] → [`domain::DomainView`] |
//! | `GET /domains` | → [`domain::DomainList`] |
//! | `GET /domains/{domain}/users?after={name}` | → [`domain::DomainUsers`] |
//! | `PUT /domains/{domain}/registration` | [`domain::SetRegistrationRequest`] → [`domain::DomainView`] |
//! | `POST /domains/{domain}/invitations` | [`domain::GiveCodeRequest`] → [`domain::CodeGiven`] |
//! | `POST /domains/{domain}/resets` | [`domain::GiveCodeRequest`] → [`domain::CodeGiven`] |
//! | `POST /codes` | [`domain::ShowCodeRequest`] → [`domain::CodeStanding`] |
//! | `POST /codes/redeem` | [`domain::RedeemCodeRequest`] → [`account::SessionOpened`] |
//!
//! All but the first four, `POST /sessions`, `POST /recovery` and those of `/codes` want
//! `Authorization: Bearer <64 hex digits>`, the two of a renewal also one that has ended by age;
//! `POST /account/delete` wants both a session and the login key.

pub mod account;
pub mod challenge;
pub mod domain;
pub mod feed;
pub mod info;
pub mod manifest;
pub mod message;
pub mod recovery;
pub mod session;
pub mod vault;

/// Path prefix of every route here.
pub const PREFIX: &str = "/api/v1";
/// Port of a node without configuration, and of `localhost` as an address domain.
pub const DEFAULT_PORT: u16 = 8787;
