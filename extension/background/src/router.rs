//! What the extension's own pages ask, and who answers: what is about tabs and this browser is answered
//! here, all else by the account's engine, wherever it runs.

use std::rc::Rc;

use engine::{
    ActivityKind, EngineError, UserAct,
    requests::{self, Deeds},
};
use proto::{
    bridge::{
        Request,
        popup::{CopiedByHost, Empty, Followed, PopupRequest, SiteView},
    },
    error::{ErrorCode, WireError},
    ids::OfferId,
    origin::{Origin, Scheme},
    vault::ItemKind,
};
use serde_json::Value;
use webext::{
    tabs,
    time::{sleep, spawn},
};

use crate::{
    account::Account,
    app::{App, BrowserEngine},
    capture, explain, filling, host, keeping, landing, messaging, preview, sign_in, solving, undo,
};

/// Answers one request.
///
/// # Errors
/// What the page is told.
pub(crate) async fn answer(app: &Rc<App>, request: PopupRequest) -> Result<Value, WireError> {
    let account = match request {
        PopupRequest::Status(_)
        | PopupRequest::GetHost(_)
        | PopupRequest::CancelMove(_)
        | PopupRequest::GetSettings(_)
        | PopupRequest::Lock(_)
        | PopupRequest::Touch(_) => app.account_to_look_at().await?,
        _ => app.account().await?,
    };
    // Pages ask much by themselves (lists after news, the next one-time code): that must not keep
    // the vault open for ever. What the user does they say in a request of its own.
    let kind = if requests::is_of_the_user(&request) {
        ActivityKind::User
    } else {
        ActivityKind::Background
    };
    account.touch(kind).await;
    if let Some(answer) = of_this_browser(app, &account, &request).await {
        return answer;
    }
    match &account {
        Account::Here(engine) => by_engine(app, engine, &account, &request).await,
        // What came of it the host tells itself.
        Account::Host => {
            let answer = account.answer(&request, &mut Deeds::default()).await;
            answered(app, &request, &answer).await;
            answer
        }
    }
}

/// Lets the engine here answer, and sees to what follows.
async fn by_engine(
    app: &Rc<App>,
    engine: &BrowserEngine,
    account: &Account,
    request: &PopupRequest,
) -> Result<Value, WireError> {
    if requests::has_stages(request) {
        tell_stages(app);
    }
    let mut deeds = Deeds::default();
    let answer = match request {
        PopupRequest::SyncNow(r) => sync_now(app, engine, r).await,
        PopupRequest::Repair(r) => repair(engine, r).await,
        request => account.answer(request, &mut deeds).await,
    };
    answered(app, request, &answer).await;
    if deeds.messages_changed {
        app.tell_messages_changed();
    }
    if deeds.messages_wait {
        messaging::go_on_beside(engine);
    }
    if requests::only_reads(request) {
        // Nobody who looks waits for what the answer does not depend on.
        let app = Rc::clone(app);
        spawn(async move { app.settle().await });
        return answer;
    }
    let writes = requests::changes_vault(request);
    if answer.is_ok() && writes {
        app.tell_vault_changed();
    }
    if answer.is_ok() && (writes || requests::unlocks(request)) {
        let (app, engine) = (Rc::clone(app), engine.clone());
        spawn(async move {
            keeping::sync_soon(&app, &engine).await;
        });
    }
    app.settle().await;
    answer
}

/// An offer that was answered here is no more on show in a page.
async fn answered(app: &Rc<App>, request: &PopupRequest, answer: &Result<Value, WireError>) {
    if let (Some(offer), Ok(_)) = (offer_of(request), answer) {
        capture::answered_elsewhere(app, offer).await;
    }
}

fn offer_of(request: &PopupRequest) -> Option<OfferId> {
    match request {
        PopupRequest::AcceptOffer(it) => Some(it.id),
        PopupRequest::DismissOffer(it) => Some(it.id),
        PopupRequest::NeverOffer(it) => Some(it.id),
        _ => None,
    }
}

/// What is about tabs, this browser, and the host; `None` for what an engine answers.
async fn of_this_browser(
    app: &Rc<App>,
    account: &Account,
    request: &PopupRequest,
) -> Option<Result<Value, WireError>> {
    let answer = about_tabs(app, account, request).await.transpose()?;
    let app = Rc::clone(app);
    if requests::only_reads(request) {
        spawn(async move { app.settle().await });
    } else {
        app.settle().await;
    }
    Some(answer)
}

async fn about_tabs(
    app: &Rc<App>,
    account: &Account,
    request: &PopupRequest,
) -> Result<Option<Value>, WireError> {
    let answer = match request {
        PopupRequest::Status(r) => {
            account.wake().await;
            reply(r, account.status().await)
        }
        PopupRequest::ThisSite(r) => reply(r, this_site(app, account).await?),
        PopupRequest::Fill(r) => {
            let report = filling::fill(app, r.item, UserAct::Chosen).await?;
            app.wanted.forget();
            reply(r, report)
        }
        PopupRequest::PreviewFill(r) => reply(r, preview::preview(app, r.item).await?),
        PopupRequest::FillPreviewed(r) => reply(r, preview::fill(app, r.id).await?),
        PopupRequest::UndoFill(r) => reply(r, undo::meant(app).await?),
        PopupRequest::GetPage(r) => reply(r, undo::page(app).await),
        PopupRequest::Explain(r) => reply(r, explain::explain(app).await?),
        PopupRequest::OpenPage(r) => {
            let opened = landing::open(&r.landing).await;
            opened.map_err(|_| WireError::new(ErrorCode::Internal))?;
            reply(r, Empty {})
        }
        PopupRequest::Follow(r) => {
            let landing = landing::follow(account, r.id).await?;
            reply(r, Followed { landing })
        }
        PopupRequest::GetSignIn(r) => reply(r, sign_in::view(app, account, r.id).await?),
        PopupRequest::AnswerSignIn(r) => {
            sign_in::answer(app, account, r.id, r.item).await?;
            reply(r, Empty {})
        }
        // The port that says it is told of where requests come in.
        PopupRequest::LookAtMessages(r) => reply(r, Empty {}),
        PopupRequest::ClipboardUsed(r) => {
            keeping::clipboard_used(app, account.settings().clear_clipboard_seconds);
            reply(r, Empty {})
        }
        PopupRequest::CopyByHost(r) => {
            let seconds = account.settings().clear_clipboard_seconds;
            let done = host::copy(app, r.value.clone(), seconds).await;
            if done {
                keeping::clipboard_left(app).await;
            }
            reply(r, CopiedByHost { done })
        }
        // The host's engines are measured with the browser's own, and what they do is kept here.
        PopupRequest::GetSolver(r) => reply(r, solving::view(app, &app.engine().await?)),
        PopupRequest::MeasureSolver(r) => {
            solving::measure(app, &app.engine().await?).await;
            reply(r, Empty {})
        }
        PopupRequest::GetHost(r) => reply(r, host::status(app).await),
        PopupRequest::PairHost(r) => reply(r, host::meet(app).await),
        PopupRequest::AgreeHost(r) => reply(r, host::agree(app)),
        PopupRequest::LeaveHost(r) => reply(r, host::leave(app).await?),
        PopupRequest::MoveIn(r) => reply(r, host::move_in(app, &r.password).await?),
        PopupRequest::UseHost(r) => reply(r, host::use_its_account(app).await?),
        PopupRequest::MoveBack(r) => reply(r, host::move_back(app, &r.password).await?),
        PopupRequest::CancelMove(r) => reply(r, host::cancel_move(app)),
        PopupRequest::EmptyHost(r) => reply(r, host::empty(app).await?),
        PopupRequest::SetHostRoute(r) => reply(r, host::set_route(r.proxy.clone()).await?),
        PopupRequest::Touch(r) => reply(r, Empty {}),
        _ => return Ok(None),
    };
    answer.map(Some)
}

/// The answer of a request, in the type that belongs to it.
fn reply<R: Request>(_: &R, response: R::Response) -> Result<Value, WireError> {
    serde_json::to_value(response).map_err(|_| ErrorCode::Internal.into())
}

async fn sync_now(
    app: &Rc<App>,
    engine: &BrowserEngine,
    request: &proto::bridge::popup::SyncNow,
) -> Result<Value, WireError> {
    // What waits for another server is tried at once, too.
    let _ = engine.hurry_messages();
    match engine.sync_now().await {
        Ok(_) | Err(EngineError::Locked | EngineError::NoAccount) => {}
        Err(error) => return Err(error.into()),
    }
    keeping::until_synced(engine).await;
    app.tell_vault_changed();
    reply(request, engine.status().await)
}

async fn repair(
    engine: &BrowserEngine,
    request: &proto::bridge::popup::Repair,
) -> Result<Value, WireError> {
    let repaired = engine.repair().await?;
    keeping::until_synced(engine).await;
    reply(request, repaired)
}

async fn this_site(app: &App, account: &Account) -> Result<SiteView, WireError> {
    let tab = tabs::meant().await.ok().flatten();
    let origin = tab.as_ref().and_then(webext::tabs::Tab::origin);
    let wanted = tab.and_then(|tab| app.wanted.recall(tab.id()?));
    let items = match (&origin, wanted) {
        (Some(_), Some(ItemKind::Card)) => account.cards().await?,
        (Some(_), Some(ItemKind::Identity)) => account.identities().await?,
        (Some(origin), _) => account.logins_for(origin).await?,
        (None, _) => Vec::new(),
    };
    let mut https_only = 0;
    if let Some(page) = origin.as_ref().filter(|_| items.is_empty())
        && let Some(encrypted) = encrypted(page)
    {
        let fitting = account.logins_for(&encrypted).await?;
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
pub(crate) fn tell_stages(app: &Rc<App>) {
    let app = Rc::clone(app);
    spawn(async move {
        for pause in [1, 150, 400, 800, 1600] {
            sleep(pause).await;
            app.tell_status().await;
        }
    });
}
