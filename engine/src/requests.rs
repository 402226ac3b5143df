//! What pages of the extension ask of an engine, wherever it runs.
//!
//! One table for all places: the background of the extension, and the native host. What is about tabs,
//! clipboards, solvers and the host itself is no engine's, and is left to whoever calls.

use proto::{
    bridge::{
        Request,
        popup::{
            CheckedImport, Empty, GeneratedList, ItemList, NeverList, Offers, PopupRequest,
            RemovedUnreadable,
        },
    },
    error::{ErrorCode, WireError},
};
use serde_json::Value;

use crate::{Engine, error::EngineError, platform::Platform};

/// What a request has brought about besides its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deeds {
    /// Messages or conversations changed.
    pub messages_changed: bool,
    /// Messages wait that can be sent, or read, now.
    pub messages_wait: bool,
}

impl Deeds {
    fn wrote(&mut self, done: Result<(), EngineError>) -> Result<Empty, EngineError> {
        done?;
        self.messages_changed = true;
        self.messages_wait = true;
        Ok(Empty {})
    }
}

/// Whether a request only reads what lists and items are drawn from.
pub fn only_reads(request: &PopupRequest) -> bool {
    matches!(
        request,
        PopupRequest::Search(_)
            | PopupRequest::ThisSite(_)
            | PopupRequest::GetItem(_)
            | PopupRequest::GetPage(_)
            | PopupRequest::GetSettings(_)
            | PopupRequest::ListConversations(_)
            | PopupRequest::GetConversation(_)
            | PopupRequest::GetConversationAt(_)
            | PopupRequest::SearchMessages(_)
            | PopupRequest::LookAtMessages(_)
            | PopupRequest::ListLetters(_)
            | PopupRequest::GetSolver(_)
            | PopupRequest::GetHost(_)
    )
}

/// Whether it changes the vault: lists are to be asked for again, and the node told.
pub fn changes_vault(request: &PopupRequest) -> bool {
    matches!(
        request,
        PopupRequest::AcceptOffer(_)
            | PopupRequest::ImportItems(_)
            | PopupRequest::SaveItem(_)
            | PopupRequest::DeleteItem(_)
            | PopupRequest::UndeleteItem(_)
            | PopupRequest::RestoreVersion(_)
            | PopupRequest::Choose(_)
            | PopupRequest::Repair(_)
            | PopupRequest::RemoveUnreadable(_)
            | PopupRequest::MakeKey(_)
            | PopupRequest::OpenKeys(_)
            | PopupRequest::SaveMessage(_)
    )
}

/// Whether it writes something that only this engine has until the node does: not while the account is handed
/// over.
pub fn writes(request: &PopupRequest) -> bool {
    changes_vault(request)
        || matches!(
            request,
            PopupRequest::SendMessage(_)
                | PopupRequest::ShareItem(_)
                | PopupRequest::WithdrawMessage(_)
                | PopupRequest::SetStanding(_)
                | PopupRequest::ClearConversation(_)
                | PopupRequest::TrustKey(_)
                | PopupRequest::KeepDraft(_)
                | PopupRequest::KeepLetter(_)
                | PopupRequest::DismissOffer(_)
                | PopupRequest::NeverOffer(_)
                | PopupRequest::AddNever(_)
                | PopupRequest::ForgetNever(_)
                | PopupRequest::ForgetGenerated(_)
                | PopupRequest::SetSettings(_)
                | PopupRequest::ChangePassword(_)
                | PopupRequest::LogInAgain(_)
                | PopupRequest::ConfirmRecovery(_)
        )
}

/// Whether it opens a vault: what came meanwhile is to be asked for.
pub fn unlocks(request: &PopupRequest) -> bool {
    matches!(
        request,
        PopupRequest::Unlock(_)
            | PopupRequest::UnlockWithPin(_)
            | PopupRequest::UnlockByKeyring(_)
            | PopupRequest::RedeemCode(_)
    )
}

/// Whether keys are derived for it, in stages that its user is to see.
pub fn has_stages(request: &PopupRequest) -> bool {
    matches!(
        request,
        PopupRequest::CreateAccount(_)
            | PopupRequest::LogIn(_)
            | PopupRequest::Recover(_)
            | PopupRequest::LogInAgain(_)
    )
}

/// Whether the user does it, with the vault open: pages ask much by themselves, which must not keep it open
/// for ever.
pub fn is_of_the_user(request: &PopupRequest) -> bool {
    matches!(
        request,
        PopupRequest::Touch(_) | PopupRequest::ImportItems(_)
    )
}

impl<P: Platform> Engine<P> {
    /// Answers a request; `None` for one that is no engine's. `device`: what the list of devices calls this
    /// one, should it log in.
    ///
    /// # Errors
    /// What the page is told.
    #[expect(
        clippy::too_many_lines,
        reason = "an arm for each request: what misses one does not compile"
    )]
    pub async fn answer(
        &self,
        request: &PopupRequest,
        device: &str,
        deeds: &mut Deeds,
    ) -> Result<Option<Value>, WireError> {
        let answer = match request {
            PopupRequest::Status(r) => reply(r, self.status().await),
            PopupRequest::CheckAddress(r) => {
                let checked = self.check_address(&r.address, r.server.as_deref()).await;
                reply(r, checked)
            }
            PopupRequest::CreateAccount(r) => {
                self.begin_create(&r.address, r.server.as_deref(), &r.password, device)
                    .await?;
                reply(r, Empty {})
            }
            PopupRequest::LogIn(r) => {
                self.begin_log_in(&r.address, r.server.as_deref(), &r.password, device)
                    .await?;
                reply(r, Empty {})
            }
            PopupRequest::CheckCode(r) => {
                let server = r.server.as_deref();
                let found = self.check_code(&r.address, server, &r.code).await?;
                reply(r, found)
            }
            PopupRequest::RedeemCode(r) => {
                let server = r.server.as_deref();
                let status = self
                    .redeem_code(&r.address, server, &r.code, r.purpose, &r.password, device)
                    .await?;
                reply(r, status)
            }
            PopupRequest::CancelWork(r) => {
                self.cancel_work().await;
                reply(r, Empty {})
            }
            PopupRequest::Unlock(r) => reply(r, self.unlock(&r.password).await?),
            PopupRequest::UnlockWithPin(r) => reply(r, self.unlock_with_pin(&r.pin).await?),
            PopupRequest::SetPin(r) => reply(r, self.set_pin(&r.pin).await?),
            PopupRequest::RemovePin(r) => reply(r, self.remove_pin().await?),
            PopupRequest::Lock(r) => reply(r, self.lock().await),
            PopupRequest::ListCards(r) => {
                let items = self.cards().await?;
                reply(r, ItemList { items })
            }
            PopupRequest::ListIdentities(r) => {
                let items = self.identities().await?;
                reply(r, ItemList { items })
            }
            PopupRequest::Search(r) => reply(r, self.search(&r.query, r.offset, r.limit).await?),
            PopupRequest::GetItem(r) => reply(r, self.item(r.id).await?),
            PopupRequest::Reveal(r) => {
                let revealed = self.reveal(r.id, &r.field).await?;
                reply(r, revealed)
            }
            PopupRequest::EditItem(r) => reply(r, self.edit(r.id).await?),
            PopupRequest::SaveItem(r) => {
                let saved = self.save(r.draft.clone()).await?;
                reply(r, saved)
            }
            PopupRequest::DeleteItem(r) => reply(r, self.delete(r.id).await?),
            PopupRequest::UndeleteItem(r) => reply(r, self.undelete(r.id).await?),
            PopupRequest::ListTrash(r) => reply(r, self.trash().await?),
            PopupRequest::GetHistory(r) => reply(r, self.history(r.id, r.before).await?),
            PopupRequest::RevealVersion(r) => {
                let revealed = self.reveal_version(r.id, r.version, &r.part).await?;
                reply(r, revealed)
            }
            PopupRequest::RestoreVersion(r) => {
                let saved = self
                    .restore_version(r.id, r.version, r.parts.as_deref())
                    .await?;
                reply(r, saved)
            }
            PopupRequest::CompareVersions(r) => reply(r, self.compare(r.copy).await?),
            PopupRequest::RemoveUnreadable(r) => {
                let removed = self.remove_unreadable().await?;
                reply(r, RemovedUnreadable { removed })
            }
            PopupRequest::Choose(r) => reply(r, self.choose(r.copy, r.compared, r.keep).await?),
            PopupRequest::CheckImport(r) => {
                let standings = self.check_import(r.items.clone()).await?;
                reply(r, CheckedImport { standings })
            }
            PopupRequest::ImportItems(r) => {
                let written = self.import(r.import, r.items.clone()).await?;
                reply(r, written)
            }
            PopupRequest::BeginExport(r) => {
                let started = self.begin_export(&r.password, &r.file_password).await?;
                reply(r, started)
            }
            PopupRequest::GetExportPart(r) => reply(r, self.export_part(r.export, r.number).await?),
            PopupRequest::BeginPlainExport(r) => {
                let started = self.begin_plain_export(&r.password).await?;
                reply(r, started)
            }
            PopupRequest::GetPlainPart(r) => reply(r, self.plain_part(r.export, r.number).await?),
            PopupRequest::Generate(r) => {
                let made = self.generate(r).map_err(WireError::from)?;
                reply(r, made)
            }
            PopupRequest::ListGenerated(r) => reply(r, listed_generated(self).await?),
            PopupRequest::RevealGenerated(r) => reply(r, self.reveal_generated(r.id).await?),
            PopupRequest::ForgetGenerated(r) => {
                self.forget_generated(r.id).await?;
                reply(r, listed_generated(self).await?)
            }
            PopupRequest::ListOffers(r) => reply(r, listed_offers(self).await?),
            PopupRequest::AcceptOffer(r) => {
                let saved = self.accept_offer(r.id, &r.username).await?;
                reply(r, saved)
            }
            PopupRequest::DismissOffer(r) => {
                self.dismiss_offer(r.id).await?;
                reply(r, listed_offers(self).await?)
            }
            PopupRequest::NeverOffer(r) => {
                self.never_offer(r.id).await?;
                reply(r, listed_offers(self).await?)
            }
            PopupRequest::ListNever(r) => reply(r, listed_never(self).await?),
            PopupRequest::AddNever(r) => {
                self.add_never(&r.site).await?;
                reply(r, listed_never(self).await?)
            }
            PopupRequest::ForgetNever(r) => {
                self.forget_never(&r.site).await?;
                reply(r, listed_never(self).await?)
            }
            PopupRequest::ListConversations(r) => reply(r, self.conversations().await?),
            PopupRequest::GetConversation(r) => {
                let found = self.conversation(&r.address, r.before).await?;
                reply(r, found)
            }
            PopupRequest::GetConversationAt(r) => {
                let found = self.conversation_at(&r.address, r.id).await?;
                reply(r, found)
            }
            PopupRequest::SearchMessages(r) => reply(r, self.search_messages(&r.query).await?),
            PopupRequest::SendMessage(r) => {
                let kept = self.send_message(r.id, &r.address, &r.text).await;
                reply(r, deeds.wrote(kept)?)
            }
            PopupRequest::ShareItem(r) => {
                let kept = self.share_item(r.id, &r.address, r.item).await;
                reply(r, deeds.wrote(kept)?)
            }
            PopupRequest::WithdrawMessage(r) => {
                let withdrawn = self.withdraw_message(r.id).await;
                reply(r, deeds.wrote(withdrawn)?)
            }
            PopupRequest::MarkRead(r) => {
                // Whoever looks at news of it asks this again: nothing new is no news.
                if self.mark_read(&r.address).await? {
                    deeds.messages_changed = true;
                }
                reply(r, Empty {})
            }
            PopupRequest::SetStanding(r) => {
                let stood = self.set_standing(&r.address, r.standing).await;
                reply(r, deeds.wrote(stood)?)
            }
            PopupRequest::ClearConversation(r) => {
                let cleared = self.clear_conversation(&r.address).await;
                reply(r, deeds.wrote(cleared)?)
            }
            PopupRequest::SaveMessage(r) => {
                let saved = self.save_message(&r.address, r.id).await?;
                deeds.messages_changed = true;
                reply(r, saved)
            }
            PopupRequest::RevealMessage(r) => {
                let revealed = self.reveal_message(&r.address, r.id, &r.field).await?;
                reply(r, revealed)
            }
            PopupRequest::GetPrices(r) => reply(r, self.prices().await?),
            PopupRequest::SetPrices(r) => reply(r, self.set_prices(r.first, r.later).await?),
            PopupRequest::GetContact(r) => reply(r, self.contact(&r.address).await?),
            PopupRequest::TrustKey(r) => {
                let contact = self
                    .trust_key(&r.address, r.key, r.compared.as_deref())
                    .await?;
                deeds.wrote(Ok(()))?;
                reply(r, contact)
            }
            PopupRequest::GetSettings(r) => reply(r, self.settings()),
            PopupRequest::SetSettings(r) => {
                let settings = self.set_settings(r.settings.clone()).await?;
                reply(r, settings)
            }
            PopupRequest::ListSessions(r) => reply(r, self.sessions().await?),
            PopupRequest::RevokeSession(r) => {
                let left = self.revoke_session(&r.id).await?;
                reply(r, left)
            }
            PopupRequest::RevokeOthers(r) => reply(r, self.revoke_others().await?),
            PopupRequest::RenameDevice(r) => {
                let devices = self.rename_device(&r.id, &r.name).await?;
                reply(r, devices)
            }
            PopupRequest::GetRecovery(r) => reply(r, self.recovery().await?),
            PopupRequest::GetRecoveryWords(r) => reply(r, self.recovery_words().await?),
            PopupRequest::ConfirmRecovery(r) => {
                let view = self.confirm_recovery(&r.password, &r.words).await?;
                reply(r, view)
            }
            PopupRequest::CheckWords(r) => reply(r, self.check_words(&r.words)),
            PopupRequest::Recover(r) => {
                let server = r.server.as_deref();
                self.begin_recover(&r.address, server, &r.words, &r.password, device)
                    .await?;
                reply(r, Empty {})
            }
            PopupRequest::ChangePassword(r) => {
                let status = self.change_password(&r.current, &r.password).await?;
                reply(r, status)
            }
            PopupRequest::LogInAgain(r) => {
                self.begin_log_in_again(r.server.as_deref(), &r.password, device)
                    .await?;
                reply(r, Empty {})
            }
            PopupRequest::ListKeys(r) => reply(r, self.keys().await?),
            PopupRequest::MakeKey(r) => {
                let keys = self.make_key(&r.password, r.number).await?;
                deeds.wrote(Ok(()))?;
                reply(r, keys)
            }
            PopupRequest::OpenKeys(r) => {
                let keys = self.open_keys(&r.password, r.other.as_ref()).await?;
                // What came for them is read now, and what waited for them is sent.
                deeds.wrote(Ok(()))?;
                reply(r, keys)
            }
            PopupRequest::ListDomains(r) => reply(r, self.domains().await?),
            PopupRequest::ClaimDomain(r) => reply(r, self.claim_domain(&r.domain).await?),
            PopupRequest::OpenRegistration(r) => {
                let domains = self.open_registration(&r.domain, r.open).await?;
                reply(r, domains)
            }
            PopupRequest::ListUsers(r) => reply(r, self.domain_users(&r.domain, &r.after).await?),
            PopupRequest::GiveCode(r) => {
                let given = self.give_code(&r.domain, &r.name, r.purpose).await?;
                reply(r, given)
            }
            PopupRequest::RemoveAccount(r) => reply(r, self.remove_account().await?),
            PopupRequest::DeleteAccount(r) => {
                let status = self.delete_account(&r.password).await?;
                reply(r, status)
            }
            PopupRequest::KeepDraft(r) => {
                self.keep_draft(&r.screen, &r.content).await?;
                reply(r, Empty {})
            }
            PopupRequest::GetDraft(r) => {
                let draft = self.draft(&r.screen).await?;
                reply(r, draft)
            }
            PopupRequest::KeepLetter(r) => {
                self.keep_letter(r.letter.clone()).await?;
                reply(r, Empty {})
            }
            PopupRequest::ListLetters(r) => reply(r, self.letters().await?),
            PopupRequest::GetAccount(r) => reply(r, self.account_view()?),
            PopupRequest::ThisSite(_)
            | PopupRequest::Fill(_)
            | PopupRequest::PreviewFill(_)
            | PopupRequest::FillPreviewed(_)
            | PopupRequest::UndoFill(_)
            | PopupRequest::GetPage(_)
            | PopupRequest::Explain(_)
            | PopupRequest::OpenPage(_)
            | PopupRequest::Follow(_)
            | PopupRequest::GetSignIn(_)
            | PopupRequest::AnswerSignIn(_)
            | PopupRequest::LookAtMessages(_)
            | PopupRequest::ClipboardUsed(_)
            | PopupRequest::CopyByHost(_)
            | PopupRequest::SyncNow(_)
            | PopupRequest::Repair(_)
            | PopupRequest::GetSolver(_)
            | PopupRequest::MeasureSolver(_)
            | PopupRequest::GetHost(_)
            | PopupRequest::PairHost(_)
            | PopupRequest::AgreeHost(_)
            | PopupRequest::LeaveHost(_)
            | PopupRequest::MoveIn(_)
            | PopupRequest::UseHost(_)
            | PopupRequest::MoveBack(_)
            | PopupRequest::CancelMove(_)
            | PopupRequest::EmptyHost(_)
            | PopupRequest::SetHostRoute(_)
            | PopupRequest::SetByKeyring(_)
            | PopupRequest::UnlockByKeyring(_)
            | PopupRequest::Touch(_) => return Ok(None),
        };
        answer.map(Some)
    }
}

/// The answer of a request, in the type that belongs to it.
fn reply<R: Request>(_: &R, response: R::Response) -> Result<Value, WireError> {
    serde_json::to_value(response).map_err(|_| ErrorCode::Internal.into())
}

async fn listed_generated<P: Platform>(engine: &Engine<P>) -> Result<GeneratedList, EngineError> {
    let passwords = engine.generated().await?;
    Ok(GeneratedList { passwords })
}

async fn listed_offers<P: Platform>(engine: &Engine<P>) -> Result<Offers, EngineError> {
    let offers = engine.offers().await?;
    Ok(Offers { offers })
}

async fn listed_never<P: Platform>(engine: &Engine<P>) -> Result<NeverList, EngineError> {
    let sites = engine.never_list().await?;
    Ok(NeverList { sites })
}
