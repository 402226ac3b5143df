//! What extensions ask of the account, and the answers.

use std::{rc::Rc, time::Duration};

use engine::{
    ActivityKind, EngineError, Offer, Submission,
    requests::{self, Deeds},
};
use proto::{
    bridge::{
        Request,
        account::{AccountRequest, AskAccount, Considered},
        host::HostEvent,
        popup::{AppStatus, Empty, ItemList, PopupRequest, Repair, SyncNow},
    },
    error::{ErrorCode, WireError},
};
use serde_json::Value;
use tokio::{task::spawn_local, time::sleep};

use super::{
    desk::{Desk, HostEngine},
    keeping,
};

/// Pauses between two looks at how far a login is, while its keys are derived.
const STAGES_MS: [u64; 5] = [1, 150, 400, 800, 1600];
/// Characters of what the list of devices calls this machine.
const DEVICE_MAX_CHARS: usize = 100;

impl Desk {
    /// Answers a request.
    ///
    /// # Errors
    /// What the extension is told.
    pub(super) async fn answer(
        self: &Rc<Self>,
        request: AccountRequest,
    ) -> Result<Value, WireError> {
        self.look_again().await;
        match request {
            AccountRequest::DescribeAccount(r) => reply(&r, self.now().await),
            AccountRequest::AskAccount(r) => self.page(r).await,
            request => {
                let engine = self.opened()?;
                let answer = self.about_tabs(&engine, request).await;
                self.settle().await;
                answer
            }
        }
    }

    async fn about_tabs(
        self: &Rc<Self>,
        engine: &HostEngine,
        request: AccountRequest,
    ) -> Result<Value, WireError> {
        match request {
            AccountRequest::TouchAccount(r) => {
                engine.touch(ActivityKind::User).await;
                reply(&r, Empty {})
            }
            AccountRequest::SystemLocked(r) => {
                engine.on_system_lock().await;
                reply(&r, Empty {})
            }
            AccountRequest::LoginsFor(r) => {
                let items = engine.logins_for(&r.origin).await?;
                reply(&r, ItemList { items })
            }
            AccountRequest::ReleaseLogin(r) => {
                let frame = r.frame.clone().into_sender();
                reply(&r, engine.release(r.item, &frame, r.act).await?)
            }
            AccountRequest::ReleaseCard(r) => {
                let frame = r.frame.clone().into_sender();
                reply(&r, engine.release_card(r.item, &frame, r.act).await?)
            }
            AccountRequest::ReleaseIdentity(r) => {
                let frame = r.frame.clone().into_sender();
                reply(&r, engine.release_identity(r.item, &frame, r.act).await?)
            }
            AccountRequest::ReleaseBasicAuth(r) => {
                let frame = r.frame.clone().into_sender();
                let given = engine.release_basic_auth(r.item, &r.challenger, &frame);
                reply(&r, given.await?)
            }
            AccountRequest::NoteUse(r) => {
                engine.used(r.item).await?;
                reply(&r, Empty {})
            }
            AccountRequest::Consider(r) => {
                let made = engine.consider(Submission {
                    origin: r.origin.clone(),
                    username: r.username.clone(),
                    password: r.password.clone(),
                    new_password: r.new_password.clone(),
                });
                let offer = match made.await? {
                    Offer::Save { id, .. } | Offer::Update { id, .. } => Some(id),
                    Offer::None(_) => None,
                };
                reply(&r, Considered { offer })
            }
            AccountRequest::NoteOffer(r) => {
                engine.offer_shown(r.offer).await?;
                reply(&r, Empty {})
            }
            AccountRequest::KeepGenerated(r) => {
                engine.keep_generated(&r.origin, &r.value).await?;
                reply(&r, Empty {})
            }
            AccountRequest::CarryIn(r) => {
                engine.carry_in(&r.carried).await?;
                self.tell(&HostEvent::VaultChanged {});
                self.tell(&HostEvent::MessagesChanged {});
                reply(&r, Empty {})
            }
            AccountRequest::CarryOut(r) => reply(&r, engine.carry_out(&r.after).await?),
            AccountRequest::DescribeAccount(_) | AccountRequest::AskAccount(_) => {
                Err(ErrorCode::Internal.into())
            }
        }
    }

    /// What a page asks.
    async fn page(self: &Rc<Self>, asked: AskAccount) -> Result<Value, WireError> {
        let AskAccount { request, device } = asked;
        let device: String = device.chars().take(DEVICE_MAX_CHARS).collect();
        if let PopupRequest::Status(r) = &request {
            return reply(r, self.status().await);
        }
        if let PopupRequest::GetSettings(r) = &request {
            return reply(r, self.settings());
        }
        let engine = self.engine_of_request(&request).await?;
        engine.touch(ActivityKind::Background).await;
        if requests::has_stages(&request) {
            self.tell_stages();
        }
        let mut deeds = Deeds::default();
        let answer = match &request {
            PopupRequest::SyncNow(r) => self.sync_now(&engine, r).await,
            PopupRequest::Repair(r) => repair(&engine, r).await,
            request => {
                let answer = engine.answer(request, &device, &mut deeds).await;
                // What is about tabs is not asked here.
                answer.and_then(|answer| answer.ok_or_else(|| ErrorCode::NotFound.into()))
            }
        };
        self.follow(&engine, &request, deeds, &answer).await?;
        answer
    }

    /// The engine that a request is for.
    async fn engine_of_request(&self, request: &PopupRequest) -> Result<HostEngine, WireError> {
        match request {
            PopupRequest::LogIn(r) => self.engine_for(&r.password).await,
            PopupRequest::CreateAccount(r) => self.engine_for(&r.password).await,
            PopupRequest::Recover(r) => self.engine_for(&r.password).await,
            PopupRequest::RedeemCode(r) => self.engine_for(&r.password).await,
            PopupRequest::Unlock(r) => self.unseal(&r.password).await,
            _ => self.opened(),
        }
    }

    /// Sees to what a request brings about besides its answer.
    async fn follow(
        self: &Rc<Self>,
        engine: &HostEngine,
        request: &PopupRequest,
        deeds: Deeds,
        answer: &Result<Value, WireError>,
    ) -> Result<(), WireError> {
        if deeds.messages_changed {
            self.tell(&HostEvent::MessagesChanged {});
        }
        if deeds.messages_wait {
            keeping::go_on_beside(self);
        }
        if answer.is_ok() {
            match request {
                PopupRequest::RemoveAccount(_) | PopupRequest::DeleteAccount(_) => {
                    self.remove().await?;
                }
                // What seals the database's key on a system without a keyring.
                PopupRequest::ChangePassword(r) => self.password_is(&r.password),
                PopupRequest::LogInAgain(r) => self.password_is(&r.password),
                _ => {}
            }
            let writes = requests::changes_vault(request);
            if writes {
                self.tell(&HostEvent::VaultChanged {});
            }
            if writes || requests::unlocks(request) {
                let (desk, engine) = (Rc::clone(self), engine.clone());
                spawn_local(async move {
                    keeping::sync(&desk, &engine).await;
                });
            }
        }
        self.settle().await;
        Ok(())
    }

    async fn sync_now(
        self: &Rc<Self>,
        engine: &HostEngine,
        request: &SyncNow,
    ) -> Result<Value, WireError> {
        // What waits for another server is tried at once, too.
        let _ = engine.hurry_messages();
        match engine.sync_now().await {
            Ok(_) | Err(EngineError::Locked | EngineError::NoAccount) => {}
            Err(error) => return Err(error.into()),
        }
        keeping::until_synced(engine).await;
        self.tell(&HostEvent::VaultChanged {});
        let status: AppStatus = self.status().await;
        reply(request, status)
    }

    /// Tells where a login stands, while its keys are derived.
    fn tell_stages(self: &Rc<Self>) {
        let desk = Rc::clone(self);
        spawn_local(async move {
            for pause in STAGES_MS {
                sleep(Duration::from_millis(pause)).await;
                desk.settle().await;
            }
        });
    }
}

async fn repair(engine: &HostEngine, request: &Repair) -> Result<Value, WireError> {
    let repaired = engine.repair().await?;
    keeping::until_synced(engine).await;
    reply(request, repaired)
}

/// The answer of a request, in the type that belongs to it.
fn reply<R: Request>(_: &R, response: R::Response) -> Result<Value, WireError> {
    serde_json::to_value(response).map_err(|_| ErrorCode::Internal.into())
}
