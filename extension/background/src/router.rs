//! What the extension's own pages ask, and who answers.

use std::rc::Rc;

use engine::{ActivityKind, EngineError, UserAct};
use proto::{
    bridge::{
        Request,
        popup::{
            CheckedImport, Empty, Followed, GeneratedList, ItemList, NeverList, Offers,
            PopupRequest, RemovedUnreadable, SiteView,
        },
    },
    error::{ErrorCode, WireError},
    origin::{Origin, Scheme},
    vault::ItemKind,
};
use serde_json::Value;
use webext::{
    tabs,
    time::{sleep, spawn},
};

use crate::{
    app::{App, BrowserEngine},
    capture, explain, filling, host, keeping, landing, messaging, preview, sign_in, solving, undo,
};

/// Answers one request.
///
/// # Errors
/// What the page is told.
pub(crate) async fn answer(app: &Rc<App>, request: PopupRequest) -> Result<Value, WireError> {
    let engine = app.engine().await?;
    // Pages ask much by themselves (lists after news, the next one-time code): that must not keep
    // the vault open for ever. What the user does they say in a request of its own.
    let kind = match request {
        PopupRequest::Touch(_) | PopupRequest::ImportItems(_) => ActivityKind::User,
        _ => ActivityKind::Background,
    };
    engine.touch(kind).await;
    let (writes, unlocks) = (
        changes_vault(&request),
        matches!(
            request,
            PopupRequest::Unlock(_) | PopupRequest::UnlockWithPin(_) | PopupRequest::RedeemCode(_)
        ),
    );
    let reads = only_reads(&request);
    let answer = route(app, &engine, request).await;
    if reads {
        // Nobody who looks waits for what the answer does not depend on.
        let app = Rc::clone(app);
        spawn(async move { app.settle(&engine).await });
        return answer;
    }
    if answer.is_ok() && writes {
        app.tell_vault_changed();
    }
    if answer.is_ok() && (writes || unlocks) {
        let (app, engine) = (Rc::clone(app), engine.clone());
        spawn(async move {
            keeping::sync_soon(&app, &engine).await;
        });
    }
    app.settle(&engine).await;
    answer
}

/// What lists and items are drawn from.
fn only_reads(request: &PopupRequest) -> bool {
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

fn changes_vault(request: &PopupRequest) -> bool {
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

#[expect(
    clippy::too_many_lines,
    reason = "an arm for each request: what misses one does not compile"
)]
async fn route(
    app: &Rc<App>,
    engine: &BrowserEngine,
    request: PopupRequest,
) -> Result<Value, WireError> {
    match request {
        PopupRequest::Status(r) => reply(&r, engine.status().await),
        PopupRequest::CheckAddress(r) => {
            let checked = engine.check_address(&r.address, r.server.as_deref()).await;
            reply(&r, checked)
        }
        PopupRequest::CreateAccount(r) => {
            tell_stages(app, engine);
            let device = device_description();
            engine
                .begin_create(&r.address, r.server.as_deref(), &r.password, &device)
                .await?;
            reply(&r, Empty {})
        }
        PopupRequest::LogIn(r) => {
            tell_stages(app, engine);
            let device = device_description();
            engine
                .begin_log_in(&r.address, r.server.as_deref(), &r.password, &device)
                .await?;
            reply(&r, Empty {})
        }
        PopupRequest::CheckCode(r) => {
            let server = r.server.as_deref();
            let found = engine.check_code(&r.address, server, &r.code).await?;
            reply(&r, found)
        }
        PopupRequest::RedeemCode(r) => {
            let (server, device) = (r.server.as_deref(), device_description());
            let status = engine
                .redeem_code(&r.address, server, &r.code, r.purpose, &r.password, &device)
                .await?;
            reply(&r, status)
        }
        PopupRequest::CancelWork(r) => {
            engine.cancel_work().await;
            reply(&r, Empty {})
        }
        PopupRequest::Unlock(r) => reply(&r, engine.unlock(&r.password).await?),
        PopupRequest::UnlockWithPin(r) => reply(&r, engine.unlock_with_pin(&r.pin).await?),
        PopupRequest::SetPin(r) => reply(&r, engine.set_pin(&r.pin).await?),
        PopupRequest::RemovePin(r) => reply(&r, engine.remove_pin().await?),
        PopupRequest::Lock(r) => reply(&r, engine.lock().await),
        PopupRequest::ThisSite(r) => reply(&r, this_site(app, engine).await?),
        PopupRequest::ListCards(r) => {
            let items = engine.cards().await?;
            reply(&r, ItemList { items })
        }
        PopupRequest::ListIdentities(r) => {
            let items = engine.identities().await?;
            reply(&r, ItemList { items })
        }
        PopupRequest::Fill(r) => {
            let report = filling::fill(app, r.item, UserAct::Chosen).await?;
            app.wanted.forget();
            reply(&r, report)
        }
        PopupRequest::PreviewFill(r) => reply(&r, preview::preview(app, r.item).await?),
        PopupRequest::FillPreviewed(r) => reply(&r, preview::fill(app, r.id).await?),
        PopupRequest::UndoFill(r) => reply(&r, undo::meant(app).await?),
        PopupRequest::GetPage(r) => reply(&r, undo::page(app).await),
        PopupRequest::Explain(r) => reply(&r, explain::explain(app).await?),
        PopupRequest::OpenPage(r) => {
            let opened = landing::open(&r.landing).await;
            opened.map_err(|_| WireError::new(ErrorCode::Internal))?;
            reply(&r, Empty {})
        }
        PopupRequest::Follow(r) => {
            let landing = landing::follow(engine, r.id).await?;
            reply(&r, Followed { landing })
        }
        PopupRequest::GetSignIn(r) => reply(&r, sign_in::view(app, engine, r.id).await?),
        PopupRequest::AnswerSignIn(r) => {
            sign_in::answer(app, engine, r.id, r.item).await?;
            reply(&r, Empty {})
        }
        PopupRequest::Search(r) => reply(&r, engine.search(&r.query, r.offset, r.limit).await?),
        PopupRequest::GetItem(r) => reply(&r, engine.item(r.id).await?),
        PopupRequest::Reveal(r) => {
            let revealed = engine.reveal(r.id, &r.field).await?;
            reply(&r, revealed)
        }
        PopupRequest::EditItem(r) => reply(&r, engine.edit(r.id).await?),
        PopupRequest::SaveItem(r) => {
            let saved = engine.save(r.draft.clone()).await?;
            reply(&r, saved)
        }
        PopupRequest::DeleteItem(r) => reply(&r, engine.delete(r.id).await?),
        PopupRequest::UndeleteItem(r) => reply(&r, engine.undelete(r.id).await?),
        PopupRequest::ListTrash(r) => reply(&r, engine.trash().await?),
        PopupRequest::GetHistory(r) => reply(&r, engine.history(r.id, r.before).await?),
        PopupRequest::RevealVersion(r) => {
            let revealed = engine.reveal_version(r.id, r.version, &r.part).await?;
            reply(&r, revealed)
        }
        PopupRequest::RestoreVersion(r) => {
            let saved = engine
                .restore_version(r.id, r.version, r.parts.as_deref())
                .await?;
            reply(&r, saved)
        }
        PopupRequest::CompareVersions(r) => reply(&r, engine.compare(r.copy).await?),
        PopupRequest::Repair(r) => {
            let repaired = engine.repair().await?;
            keeping::until_synced(engine).await;
            reply(&r, repaired)
        }
        PopupRequest::RemoveUnreadable(r) => {
            let removed = engine.remove_unreadable().await?;
            reply(&r, RemovedUnreadable { removed })
        }
        PopupRequest::Choose(r) => reply(&r, engine.choose(r.copy, r.compared, r.keep).await?),
        PopupRequest::CheckImport(r) => {
            let standings = engine.check_import(r.items.clone()).await?;
            reply(&r, CheckedImport { standings })
        }
        PopupRequest::ImportItems(r) => {
            let written = engine.import(r.import, r.items.clone()).await?;
            reply(&r, written)
        }
        PopupRequest::BeginExport(r) => {
            let started = engine.begin_export(&r.password, &r.file_password).await?;
            reply(&r, started)
        }
        PopupRequest::GetExportPart(r) => reply(&r, engine.export_part(r.export, r.number).await?),
        PopupRequest::BeginPlainExport(r) => {
            let started = engine.begin_plain_export(&r.password).await?;
            reply(&r, started)
        }
        PopupRequest::GetPlainPart(r) => reply(&r, engine.plain_part(r.export, r.number).await?),
        PopupRequest::Generate(r) => {
            let made = engine.generate(&r).map_err(WireError::from)?;
            reply(&r, made)
        }
        PopupRequest::ListGenerated(r) => reply(&r, generated(engine).await?),
        PopupRequest::RevealGenerated(r) => reply(&r, engine.reveal_generated(r.id).await?),
        PopupRequest::ForgetGenerated(r) => {
            engine.forget_generated(r.id).await?;
            reply(&r, generated(engine).await?)
        }
        PopupRequest::ListOffers(r) => reply(&r, offers(engine).await?),
        PopupRequest::AcceptOffer(r) => {
            let saved = engine.accept_offer(r.id, &r.username).await?;
            capture::answered_elsewhere(app, r.id).await;
            reply(&r, saved)
        }
        PopupRequest::DismissOffer(r) => {
            engine.dismiss_offer(r.id).await?;
            capture::answered_elsewhere(app, r.id).await;
            reply(&r, offers(engine).await?)
        }
        PopupRequest::NeverOffer(r) => {
            engine.never_offer(r.id).await?;
            capture::answered_elsewhere(app, r.id).await;
            reply(&r, offers(engine).await?)
        }
        PopupRequest::ListNever(r) => reply(&r, never(engine).await?),
        PopupRequest::AddNever(r) => {
            engine.add_never(&r.site).await?;
            reply(&r, never(engine).await?)
        }
        PopupRequest::ForgetNever(r) => {
            engine.forget_never(&r.site).await?;
            reply(&r, never(engine).await?)
        }
        PopupRequest::ListConversations(r) => reply(&r, engine.conversations().await?),
        PopupRequest::GetConversation(r) => {
            let found = engine.conversation(&r.address, r.before).await?;
            reply(&r, found)
        }
        PopupRequest::GetConversationAt(r) => {
            let found = engine.conversation_at(&r.address, r.id).await?;
            reply(&r, found)
        }
        PopupRequest::SearchMessages(r) => reply(&r, engine.search_messages(&r.query).await?),
        PopupRequest::SendMessage(r) => {
            let kept = engine.send_message(r.id, &r.address, &r.text).await;
            reply(&r, messaging::done(app, engine, kept)?)
        }
        PopupRequest::ShareItem(r) => {
            let kept = engine.share_item(r.id, &r.address, r.item).await;
            reply(&r, messaging::done(app, engine, kept)?)
        }
        PopupRequest::WithdrawMessage(r) => {
            let withdrawn = engine.withdraw_message(r.id).await;
            reply(&r, messaging::done(app, engine, withdrawn)?)
        }
        PopupRequest::MarkRead(r) => {
            // Whoever looks at news of it asks this again: nothing new is no news.
            if engine.mark_read(&r.address).await? {
                app.tell_messages_changed();
            }
            reply(&r, Empty {})
        }
        // The port that says it is told of where requests come in.
        PopupRequest::LookAtMessages(r) => reply(&r, Empty {}),
        PopupRequest::SetStanding(r) => {
            let stood = engine.set_standing(&r.address, r.standing).await;
            reply(&r, messaging::done(app, engine, stood)?)
        }
        PopupRequest::ClearConversation(r) => {
            let cleared = engine.clear_conversation(&r.address).await;
            reply(&r, messaging::done(app, engine, cleared)?)
        }
        PopupRequest::SaveMessage(r) => {
            let saved = engine.save_message(&r.address, r.id).await?;
            app.tell_messages_changed();
            reply(&r, saved)
        }
        PopupRequest::RevealMessage(r) => {
            let revealed = engine.reveal_message(&r.address, r.id, &r.field).await?;
            reply(&r, revealed)
        }
        PopupRequest::GetPrices(r) => reply(&r, engine.prices().await?),
        PopupRequest::SetPrices(r) => reply(&r, engine.set_prices(r.first, r.later).await?),
        PopupRequest::GetContact(r) => reply(&r, engine.contact(&r.address).await?),
        PopupRequest::TrustKey(r) => {
            let contact = engine
                .trust_key(&r.address, r.key, r.compared.as_deref())
                .await?;
            messaging::done(app, engine, Ok(()))?;
            reply(&r, contact)
        }
        PopupRequest::ClipboardUsed(r) => {
            keeping::clipboard_used(app, engine.settings().clear_clipboard_seconds);
            reply(&r, Empty {})
        }
        PopupRequest::GetSettings(r) => reply(&r, engine.settings()),
        PopupRequest::SetSettings(r) => {
            let settings = engine.set_settings(r.settings.clone()).await?;
            reply(&r, settings)
        }
        PopupRequest::ListSessions(r) => reply(&r, engine.sessions().await?),
        PopupRequest::RevokeSession(r) => {
            let left = engine.revoke_session(&r.id).await?;
            reply(&r, left)
        }
        PopupRequest::RevokeOthers(r) => reply(&r, engine.revoke_others().await?),
        PopupRequest::RenameDevice(r) => {
            let devices = engine.rename_device(&r.id, &r.name).await?;
            reply(&r, devices)
        }
        PopupRequest::GetRecovery(r) => reply(&r, engine.recovery().await?),
        PopupRequest::GetRecoveryWords(r) => reply(&r, engine.recovery_words().await?),
        PopupRequest::ConfirmRecovery(r) => {
            let view = engine.confirm_recovery(&r.password, &r.words).await?;
            reply(&r, view)
        }
        PopupRequest::CheckWords(r) => reply(&r, engine.check_words(&r.words)),
        PopupRequest::Recover(r) => {
            tell_stages(app, engine);
            let (server, device) = (r.server.as_deref(), device_description());
            engine
                .begin_recover(&r.address, server, &r.words, &r.password, &device)
                .await?;
            reply(&r, Empty {})
        }
        PopupRequest::ChangePassword(r) => {
            let status = engine.change_password(&r.current, &r.password).await?;
            reply(&r, status)
        }
        PopupRequest::LogInAgain(r) => {
            tell_stages(app, engine);
            let device = device_description();
            engine
                .begin_log_in_again(r.server.as_deref(), &r.password, &device)
                .await?;
            reply(&r, Empty {})
        }
        PopupRequest::ListKeys(r) => reply(&r, engine.keys().await?),
        PopupRequest::MakeKey(r) => {
            let keys = engine.make_key(&r.password, r.number).await?;
            messaging::done(app, engine, Ok(()))?;
            reply(&r, keys)
        }
        PopupRequest::OpenKeys(r) => {
            let keys = engine.open_keys(&r.password, r.other.as_ref()).await?;
            // What came for them is read now, and what waited for them is sent.
            messaging::done(app, engine, Ok(()))?;
            reply(&r, keys)
        }
        PopupRequest::ListDomains(r) => reply(&r, engine.domains().await?),
        PopupRequest::ClaimDomain(r) => reply(&r, engine.claim_domain(&r.domain).await?),
        PopupRequest::OpenRegistration(r) => {
            let domains = engine.open_registration(&r.domain, r.open).await?;
            reply(&r, domains)
        }
        PopupRequest::ListUsers(r) => reply(&r, engine.domain_users(&r.domain, &r.after).await?),
        PopupRequest::GiveCode(r) => {
            let given = engine.give_code(&r.domain, &r.name, r.purpose).await?;
            reply(&r, given)
        }
        PopupRequest::RemoveAccount(r) => reply(&r, engine.remove_account().await?),
        PopupRequest::DeleteAccount(r) => {
            let status = engine.delete_account(&r.password).await?;
            reply(&r, status)
        }
        PopupRequest::KeepDraft(r) => {
            engine.keep_draft(&r.screen, &r.content).await?;
            reply(&r, Empty {})
        }
        PopupRequest::GetDraft(r) => {
            let draft = engine.draft(&r.screen).await?;
            reply(&r, draft)
        }
        PopupRequest::KeepLetter(r) => {
            engine.keep_letter(r.letter.clone()).await?;
            reply(&r, Empty {})
        }
        PopupRequest::ListLetters(r) => reply(&r, engine.letters().await?),
        PopupRequest::SyncNow(r) => {
            // What waits for another server is tried at once, too.
            let _ = engine.hurry_messages();
            match engine.sync_now().await {
                Ok(_) | Err(EngineError::Locked | EngineError::NoAccount) => {}
                Err(error) => return Err(error.into()),
            }
            keeping::until_synced(engine).await;
            app.tell_vault_changed();
            reply(&r, engine.status().await)
        }
        PopupRequest::GetAccount(r) => reply(&r, engine.account_view()?),
        PopupRequest::GetSolver(r) => reply(&r, solving::view(app, engine)),
        PopupRequest::MeasureSolver(r) => {
            solving::measure(app, engine).await;
            reply(&r, Empty {})
        }
        PopupRequest::GetHost(r) => reply(&r, host::status(app).await),
        PopupRequest::PairHost(r) => reply(&r, host::meet(app).await),
        PopupRequest::AgreeHost(r) => reply(&r, host::agree(app)),
        PopupRequest::LeaveHost(r) => reply(&r, host::leave(app).await),
        PopupRequest::Touch(r) => reply(&r, Empty {}),
    }
}

/// The answer of a request, in the type that belongs to it.
fn reply<R: Request>(_: &R, response: R::Response) -> Result<Value, WireError> {
    serde_json::to_value(response).map_err(|_| ErrorCode::Internal.into())
}

async fn generated(engine: &BrowserEngine) -> Result<GeneratedList, WireError> {
    let passwords = engine.generated().await?;
    Ok(GeneratedList { passwords })
}

async fn offers(engine: &BrowserEngine) -> Result<Offers, WireError> {
    let offers = engine.offers().await?;
    Ok(Offers { offers })
}

async fn never(engine: &BrowserEngine) -> Result<NeverList, WireError> {
    let sites = engine.never_list().await?;
    Ok(NeverList { sites })
}

async fn this_site(app: &App, engine: &BrowserEngine) -> Result<SiteView, WireError> {
    let tab = tabs::meant().await.ok().flatten();
    let origin = tab.as_ref().and_then(webext::tabs::Tab::origin);
    let wanted = tab.and_then(|tab| app.wanted.recall(tab.id()?));
    let items = match (&origin, wanted) {
        (Some(_), Some(ItemKind::Card)) => engine.cards().await?,
        (Some(_), Some(ItemKind::Identity)) => engine.identities().await?,
        (Some(origin), _) => engine.logins_for(origin).await?,
        (None, _) => Vec::new(),
    };
    let mut https_only = 0;
    if let Some(page) = origin.as_ref().filter(|_| items.is_empty())
        && let Some(encrypted) = encrypted(page)
    {
        let fitting = engine.logins_for(&encrypted).await?;
        https_only = u32::try_from(fitting.len()).unwrap_or(u32::MAX);
    }
    Ok(SiteView {
        https_only,
        host: origin.map(|origin| origin.host().to_owned()),
        items,
    })
}

/// The https page of the same host; `None` for what is that already.
fn encrypted(page: &Origin) -> Option<Origin> {
    let http = page.scheme() == Scheme::Http;
    http.then(|| format!("https://{}", page.host()).parse().ok())
        .flatten()
}

/// Tells the pages where making an account or logging in stands, while the keys are derived.
fn tell_stages(app: &Rc<App>, engine: &BrowserEngine) {
    let (app, engine) = (Rc::clone(app), engine.clone());
    spawn(async move {
        for pause in [1, 150, 400, 800, 1600] {
            sleep(pause).await;
            app.tell_status(&engine).await;
        }
    });
}

/// What the list of devices calls this one: browser and system.
fn device_description() -> String {
    webext::page::describe()
}
