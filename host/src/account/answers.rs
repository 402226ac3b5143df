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
use tokio::{
    task::spawn_local,
    time::{Instant, sleep, timeout},
};

use super::{
    desk::{Desk, HostEngine},
    keeping,
};

/// Pauses between two looks at how far a login is, while its keys are derived.
const STAGES_MS: [u64; 5] = [1, 150, 400, 800, 1600];
/// How long nobody writes here from a handed-over part on: by then the next owner has all, or has given up.
const HANDS_OVER: Duration = Duration::from_mins(1);
/// How long the node has to hear that a session is over.
const SIGN_OUT: Duration = Duration::from_secs(5);
/// Characters of what the list of devices calls this machine.
const DEVICE_MAX_CHARS: usize = 100;

impl Desk {
    /// Answers a request.
    ///
    /// # Errors
    /// What the extension is told.
    pub(super) async fn answer(
        self: &Rc<Self>,
        extension: usize,
        request: AccountRequest,
    ) -> Result<Value, WireError> {
        self.look_again().await;
        match request {
            AccountRequest::DescribeAccount(r) => reply(&r, self.now().await),
            AccountRequest::AskAccount(r) => {
                self.used_by(extension);
                self.page(r).await
            }
            AccountRequest::SystemLocked(r) => {
                self.locks_with_system().await;
                self.settle().await;
                reply(&r, Empty {})
            }
            AccountRequest::SetRoute(r) => reply(&r, self.set_route(r.proxy.as_deref()).await?),
            AccountRequest::LeaveAccount(r) => {
                self.leave_account(extension, r.used_by_others).await?;
                reply(&r, Empty {})
            }
            request => {
                let engine = self.opened()?;
                if request_writes(&request) && !self.is_writable() {
                    return Err(ErrorCode::Moving.into());
                }
                let fresh = !self.is_used_beside(extension) && !self.is_settled_in();
                let answer = self.about_tabs(&engine, request, fresh).await;
                self.settle().await;
                answer
            }
        }
    }

    async fn about_tabs(
        self: &Rc<Self>,
        engine: &HostEngine,
        request: AccountRequest,
        from_owner: bool,
    ) -> Result<Value, WireError> {
        match request {
            AccountRequest::TouchAccount(r) => {
                engine.touch(ActivityKind::User).await;
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
                engine.carry_in(&r.carried, from_owner).await?;
                self.tell(&HostEvent::VaultChanged {});
                self.tell(&HostEvent::MessagesChanged {});
                reply(&r, Empty {})
            }
            AccountRequest::CarryOut(r) => {
                self.hand_over_settled(engine)?;
                reply(&r, engine.carry_out(&r.after).await?)
            }
            AccountRequest::CheckPassword(r) => {
                engine.check_password(&r.password).await?;
                reply(&r, Empty {})
            }
            AccountRequest::DescribeAccount(_)
            | AccountRequest::AskAccount(_)
            | AccountRequest::SystemLocked(_)
            | AccountRequest::SetRoute(_)
            | AccountRequest::LeaveAccount(_) => Err(ErrorCode::Internal.into()),
        }
    }

    /// Writes nothing from now on, for a while; as before where something waits here, or it is locked.
    fn hand_over_settled(&self, engine: &HostEngine) -> Result<(), WireError> {
        self.hand_over(Some(Instant::now() + HANDS_OVER));
        let settled = engine
            .is_settled()
            .map_err(WireError::from)
            .and_then(|settled| {
                let unsent = WireError::new(ErrorCode::Unsent);
                settled.then_some(()).ok_or(unsent)
            });
        settled.inspect_err(|_| self.hand_over(None))
    }

    /// The next owner has all: forgets the account, where nothing waits here and nobody else uses it.
    async fn leave_account(
        self: &Rc<Self>,
        extension: usize,
        used_by_others: bool,
    ) -> Result<(), WireError> {
        let engine = self.opened()?;
        if !used_by_others && self.is_used_beside(extension) {
            return Err(ErrorCode::HostInUse.into());
        }
        if engine.work().is_some() {
            engine.cancel_work().await;
        }
        if engine.account_view().is_ok() {
            // Nothing is written between this look and the end.
            self.hand_over_settled(&engine)?;
            sign_out(&engine).await;
        }
        engine.remove_account().await?;
        drop(engine);
        self.remove().await?;
        self.settle().await;
        Ok(())
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
        if matches!(request, PopupRequest::LogInAgain(_)) && self.is_sealed() {
            return Err(ErrorCode::HostSealed.into());
        }
        if let PopupRequest::RemoveAccount(r) = &request
            && self.engine().is_none()
        {
            self.remove().await?;
            self.settle().await;
            return reply(r, self.status().await);
        }
        if requests::writes(&request) && !self.is_writable() {
            return Err(ErrorCode::Moving.into());
        }
        let was_sealed = self.is_sealed();
        if matches!(request, PopupRequest::Lock(_)) {
            self.count_lock();
        }
        let locks = self.locks();
        let engine = self.engine_of_request(&request).await?;
        let begins =
            requests::has_stages(&request) || matches!(request, PopupRequest::RedeemCode(_));
        self.deriving.set(begins || self.deriving.get());
        if let PopupRequest::LogInAgain(r) = &request {
            self.typed(&r.password);
        }
        if let PopupRequest::RemoveAccount(_) = &request {
            sign_out(&engine).await;
        }
        engine.touch(ActivityKind::Background).await;
        if requests::has_stages(&request) {
            self.tell_stages();
        }
        if !belongs_to_move(&request) {
            self.settles_in()?;
        }
        let mut deeds = Deeds::default();
        let answer = match &request {
            PopupRequest::SyncNow(r) => self.sync_now(&engine, r).await,
            PopupRequest::Repair(r) => repair(&engine, r).await,
            PopupRequest::SetByKeyring(r) => {
                match self.set_by_keyring(r.hours, r.password.as_ref()).await {
                    Ok(()) => reply(r, Empty {}),
                    Err(error) => Err(error),
                }
            }
            PopupRequest::UnlockByKeyring(r) => match self.unlock_by_keyring().await {
                Ok(status) => reply(r, status),
                Err(error) => Err(error),
            },
            request => {
                let answer = engine.answer(request, &device, &mut deeds).await;
                // What is about tabs is not asked here.
                answer.and_then(|answer| answer.ok_or_else(|| ErrorCode::NotFound.into()))
            }
        };
        if begins {
            self.deriving.set(false);
        }
        let opened_late = answer.is_ok() && requests::unlocks(&request) && self.locks() != locks;
        let answer = if opened_late {
            engine.lock().await;
            Err(ErrorCode::Locked.into())
        } else {
            answer
        };
        self.follow(engine, &request, (deeds, was_sealed), &answer)
            .await?;
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
        engine: HostEngine,
        request: &PopupRequest,
        (deeds, was_sealed): (Deeds, bool),
        answer: &Result<Value, WireError>,
    ) -> Result<(), WireError> {
        if deeds.messages_changed {
            self.tell(&HostEvent::MessagesChanged {});
        }
        if deeds.messages_wait {
            keeping::go_on_beside(self);
        }
        if let (PopupRequest::Unlock(_), Err(error)) = (request, answer)
            && error.code == ErrorCode::PasswordWrong
            && was_sealed
        {
            self.is_outdated();
        }
        if answer.is_ok() {
            match request {
                PopupRequest::Unlock(r) => self.opened_with(&r.password).await,
                PopupRequest::RemoveAccount(_) | PopupRequest::DeleteAccount(_) => {
                    // Windows removes no file that somebody has open.
                    drop(engine);
                    self.remove().await?;
                    self.settle().await;
                    return Ok(());
                }
                // What seals the database's key on a system without a keyring.
                PopupRequest::ChangePassword(r) => {
                    self.typed(&r.password);
                    self.password_may_be_new().await;
                }
                _ => {}
            }
            let writes = requests::changes_vault(request);
            if writes {
                self.tell(&HostEvent::VaultChanged {});
            }
            if writes || requests::unlocks(request) {
                let desk = Rc::clone(self);
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

/// Whether a browser asks it also before what it had of its own has come.
fn belongs_to_move(request: &PopupRequest) -> bool {
    matches!(
        request,
        PopupRequest::LogIn(_)
            | PopupRequest::Unlock(_)
            | PopupRequest::UnlockByKeyring(_)
            | PopupRequest::CancelWork(_)
            | PopupRequest::RemoveAccount(_)
            | PopupRequest::DeleteAccount(_)
    )
}

/// Whether it writes something that only this engine has.
fn request_writes(request: &AccountRequest) -> bool {
    matches!(
        request,
        AccountRequest::Consider(_)
            | AccountRequest::NoteOffer(_)
            | AccountRequest::KeepGenerated(_)
            | AccountRequest::NoteUse(_)
            | AccountRequest::CarryIn(_)
    )
}

/// Ends the session at the node, too, where that can be told in a few seconds.
async fn sign_out(engine: &HostEngine) {
    let told = timeout(SIGN_OUT, async {
        if let Ok(sessions) = engine.sessions().await
            && let Some(own) = sessions.devices.iter().find(|device| device.current)
        {
            let _ = engine.revoke_session(&own.id).await;
        }
    });
    // It ends by itself a day after its last use.
    let _ = told.await;
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
