//! The account, wherever its engine runs: here, or in the native host.
//!
//! What is about tabs asks this, and does not know which it is. In the host's case no key is here, and the
//! gate stands there.

use engine::{ActivityKind, Offer, Submission, UserAct, requests::Deeds};
use proto::{
    bridge::{
        account::{
            AskAccount, CardValues, Consider, Considered, Credential, FrameSeen, IdentityValues,
            KeepGenerated, LoginsFor, NoteOffer, NoteUse, ReleaseBasicAuth, ReleaseCard,
            ReleaseIdentity, ReleaseLogin, TouchAccount,
        },
        endpoint::FrameSender,
        popup::{
            AcceptOffer, AppStatus, DismissOffer, Generate, GeneratedFor, GetItem, ItemList,
            ListCards, ListIdentities, ListOffers, NeverOffer, OfferView, Offers,
            PasswordConstraints, PopupRequest, Saved, Settings,
        },
    },
    error::{ErrorCode, WireError},
    ids::{ItemId, OfferId},
    origin::Origin,
    vault::{ItemSummary, ItemView, SecretText},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use webext::crypto;

use crate::{
    app::{App, BrowserEngine},
    host,
};

/// Who owns the account of this browser.
#[derive(Clone)]
pub(crate) enum Account {
    /// The engine here.
    Here(BrowserEngine),
    /// The host's.
    Host,
}

impl Account {
    /// How it stands.
    pub(crate) async fn status(&self) -> AppStatus {
        match self {
            Self::Here(engine) => engine.status().await,
            Self::Host => host::account_status(&App::here()),
        }
    }

    /// Makes sure that it has told how it stands, as far as it answers within a second.
    pub(crate) async fn wake(&self) {
        if matches!(self, Self::Host) {
            let _ = host::reach(&App::here()).await;
        }
    }

    /// What the user has set; of a host that has not told yet, what they begin with.
    pub(crate) fn settings(&self) -> Settings {
        match self {
            Self::Here(engine) => engine.settings(),
            Self::Host => host::account_settings(&App::here()),
        }
    }

    /// Answers what a page asks, and what came of it besides; a host tells that itself.
    ///
    /// # Errors
    /// What the page is told.
    pub(crate) async fn answer(
        &self,
        request: &PopupRequest,
        deeds: &mut Deeds,
    ) -> Result<Value, WireError> {
        match self {
            Self::Here(engine) => {
                let answer = engine.answer(request, &device(), deeds).await?;
                answer.ok_or_else(|| ErrorCode::Internal.into())
            }
            Self::Host => {
                host::ask(AskAccount {
                    request: request.clone(),
                    device: device(),
                })
                .await
            }
        }
    }

    pub(crate) async fn touch(&self, kind: ActivityKind) {
        match self {
            Self::Here(engine) => engine.touch(kind).await,
            // What happens by itself keeps nothing open there, either.
            Self::Host if kind == ActivityKind::Background => {}
            Self::Host => drop(host::ask(TouchAccount {}).await),
        }
    }

    /// The system's screen was locked, or the user went away.
    pub(crate) async fn rests(&self, locked: bool) {
        match self {
            Self::Here(engine) if locked => drop(engine.on_system_lock().await),
            Self::Here(engine) => drop(engine.lock_if_due().await),
            // It looks at its own clock.
            Self::Host if locked => host::lock_for_system().await,
            Self::Host => {}
        }
    }

    pub(crate) async fn item(&self, id: ItemId) -> Result<ItemView, WireError> {
        match self {
            Self::Here(engine) => Ok(engine.item(id).await?),
            Self::Host => page(GetItem { id }).await,
        }
    }

    pub(crate) async fn logins_for(&self, origin: &Origin) -> Result<Vec<ItemSummary>, WireError> {
        match self {
            Self::Here(engine) => Ok(engine.logins_for(origin).await?),
            Self::Host => {
                let origin = origin.clone();
                Ok(host::ask(LoginsFor { origin }).await?.items)
            }
        }
    }

    pub(crate) async fn cards(&self) -> Result<Vec<ItemSummary>, WireError> {
        match self {
            Self::Here(engine) => Ok(engine.cards().await?),
            Self::Host => Ok(page::<_, ItemList>(ListCards {}).await?.items),
        }
    }

    pub(crate) async fn identities(&self) -> Result<Vec<ItemSummary>, WireError> {
        match self {
            Self::Here(engine) => Ok(engine.identities().await?),
            Self::Host => Ok(page::<_, ItemList>(ListIdentities {}).await?.items),
        }
    }

    pub(crate) async fn release(
        &self,
        item: ItemId,
        frame: &FrameSender,
        act: UserAct,
    ) -> Result<Credential, WireError> {
        match self {
            Self::Here(engine) => Ok(engine.release(item, frame, act).await?),
            Self::Host => {
                let frame = FrameSeen::from(frame);
                host::ask(ReleaseLogin { item, frame, act }).await
            }
        }
    }

    pub(crate) async fn release_card(
        &self,
        item: ItemId,
        frame: &FrameSender,
        act: UserAct,
    ) -> Result<CardValues, WireError> {
        match self {
            Self::Here(engine) => Ok(engine.release_card(item, frame, act).await?),
            Self::Host => {
                let frame = FrameSeen::from(frame);
                host::ask(ReleaseCard { item, frame, act }).await
            }
        }
    }

    pub(crate) async fn release_identity(
        &self,
        item: ItemId,
        frame: &FrameSender,
        act: UserAct,
    ) -> Result<IdentityValues, WireError> {
        match self {
            Self::Here(engine) => Ok(engine.release_identity(item, frame, act).await?),
            Self::Host => {
                let frame = FrameSeen::from(frame);
                host::ask(ReleaseIdentity { item, frame, act }).await
            }
        }
    }

    pub(crate) async fn release_basic_auth(
        &self,
        item: ItemId,
        challenger: &Origin,
        frame: &FrameSender,
    ) -> Result<Credential, WireError> {
        match self {
            Self::Here(engine) => Ok(engine.release_basic_auth(item, challenger, frame).await?),
            Self::Host => {
                host::ask(ReleaseBasicAuth {
                    item,
                    challenger: challenger.clone(),
                    frame: FrameSeen::from(frame),
                })
                .await
            }
        }
    }

    pub(crate) async fn used(&self, item: ItemId) -> Result<(), WireError> {
        match self {
            Self::Here(engine) => Ok(engine.used(item).await?),
            Self::Host => host::ask(NoteUse { item }).await.map(drop),
        }
    }

    /// Whether something that was sent off in a page is to be offered.
    pub(crate) async fn consider(
        &self,
        submission: Submission,
    ) -> Result<Option<OfferId>, WireError> {
        match self {
            Self::Here(engine) => Ok(match engine.consider(submission).await? {
                Offer::Save { id, .. } | Offer::Update { id, .. } => Some(id),
                Offer::None(_) => None,
            }),
            Self::Host => {
                let Submission {
                    origin,
                    username,
                    password,
                    new_password,
                } = submission;
                let Considered { offer } = host::ask(Consider {
                    origin,
                    username,
                    password,
                    new_password,
                })
                .await?;
                Ok(offer)
            }
        }
    }

    pub(crate) async fn offers(&self) -> Result<Vec<OfferView>, WireError> {
        match self {
            Self::Here(engine) => Ok(engine.offers().await?),
            Self::Host => Ok(page::<_, Offers>(ListOffers {}).await?.offers),
        }
    }

    pub(crate) async fn offer_shown(&self, offer: OfferId) -> Result<(), WireError> {
        match self {
            Self::Here(engine) => Ok(engine.offer_shown(offer).await?),
            Self::Host => host::ask(NoteOffer { offer }).await.map(drop),
        }
    }

    pub(crate) async fn accept_offer(
        &self,
        id: OfferId,
        username: &str,
    ) -> Result<Saved, WireError> {
        match self {
            Self::Here(engine) => Ok(engine.accept_offer(id, username).await?),
            Self::Host => {
                let username = username.to_owned();
                page(AcceptOffer { id, username }).await
            }
        }
    }

    pub(crate) async fn dismiss_offer(&self, id: OfferId) -> Result<(), WireError> {
        match self {
            Self::Here(engine) => Ok(engine.dismiss_offer(id).await?),
            Self::Host => page::<_, Offers>(DismissOffer { id }).await.map(drop),
        }
    }

    pub(crate) async fn never_offer(&self, id: OfferId) -> Result<(), WireError> {
        match self {
            Self::Here(engine) => Ok(engine.never_offer(id).await?),
            Self::Host => page::<_, Offers>(NeverOffer { id }).await.map(drop),
        }
    }

    pub(crate) async fn keep_generated(
        &self,
        origin: &Origin,
        value: &SecretText,
    ) -> Result<(), WireError> {
        match self {
            Self::Here(engine) => Ok(engine.keep_generated(origin, value).await.map(drop)?),
            Self::Host => {
                let (origin, value) = (origin.clone(), value.clone());
                host::ask(KeepGenerated { origin, value }).await.map(drop)
            }
        }
    }
}

/// Makes a password that a site takes. It is of no account yet, so it is made here.
pub(crate) fn generate_for(
    constraints: &PasswordConstraints,
    recipe: &Generate,
) -> Result<GeneratedFor, WireError> {
    let made = engine::generate_for(constraints, recipe, &|out| crypto::random(out));
    Ok(made.map_err(engine::EngineError::from)?)
}

/// A page's request to the host, whose answer is of that request's type.
async fn page<R, A>(request: R) -> Result<A, WireError>
where
    R: proto::bridge::Request<Port = PopupRequest, Response = A>,
    A: DeserializeOwned,
{
    let request = request.into_port();
    let answer: Value = host::ask(AskAccount {
        request,
        device: device(),
    })
    .await?;
    serde_json::from_value(answer).map_err(|_| ErrorCode::Internal.into())
}

/// What the list of devices calls this one: browser and system.
fn device() -> String {
    webext::page::describe()
}
