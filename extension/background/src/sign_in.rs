//! Servers that want a user name and password by HTTP, before they show any page.
//!
//! The browser would ask in a window of its own, which nobody can fill. Where a login fits, a page
//! of ours asks first; nothing goes to the server before the user has chosen there.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use engine::ActivityKind;
use proto::{
    bridge::{
        endpoint::{FrameId, FrameSender, TabId},
        popup::SignInView,
    },
    error::{ErrorCode, WireError},
    ids::{ItemId, UnixMillis},
    origin::Origin,
    vault::ItemSummary,
};
use webext::{
    auth::{self, AuthRequest},
    time::{self, sleep},
};

use crate::{account::Account, app::App};

/// How long the user may take to answer, milliseconds.
const ANSWER_WITHIN_MS: u32 = 120_000;
/// How many servers may wait at once: a page can make as many as it likes.
const WAITING_MAX: usize = 3;
/// How long a request is remembered, milliseconds: what was given was wrong if it comes again.
const TRIED_MS: u64 = 600_000;

/// The servers that wait.
#[derive(Default)]
pub(crate) struct SignIns(RefCell<Inner>);

#[derive(Default)]
struct Inner {
    last: u32,
    waiting: BTreeMap<u32, AuthRequest>,
    /// Requests that were answered once.
    tried: BTreeMap<String, UnixMillis>,
}

/// A server asks.
pub(crate) async fn required(app: &Rc<App>, request: AuthRequest) {
    if app.sign_ins.is_tried(&request.request) {
        return request.decline();
    }
    let fitting = match app.account().await {
        Ok(engine) => fitting(&engine, &request.origin, request.tab).await,
        Err(error) => Err(error),
    };
    let fitting = fitting.unwrap_or_default();
    if fitting.is_empty() || app.sign_ins.0.borrow().waiting.len() >= WAITING_MAX {
        return request.decline();
    }
    let id = app.sign_ins.wait(request);
    if auth::ask_in_window(&format!("popup.html?window#/sign-in/{id}"))
        .await
        .is_err()
    {
        decline(app, id);
    }
    sleep(ANSWER_WITHIN_MS).await;
    decline(app, id);
}

/// Who waits under that number, and what fits.
///
/// # Errors
/// [`ErrorCode::PageGone`] where nobody does any more.
pub(crate) async fn view(app: &App, engine: &Account, id: u32) -> Result<SignInView, WireError> {
    let (origin, tab) = {
        let inner = app.sign_ins.0.borrow();
        let request = inner.waiting.get(&id).ok_or(ErrorCode::PageGone)?;
        (request.origin.clone(), request.tab)
    };
    Ok(SignInView {
        items: fitting(engine, &origin, tab).await?,
        origin: origin.to_string(),
    })
}

/// The user has answered.
///
/// # Errors
/// Why the login was not given; then the browser asks.
pub(crate) async fn answer(
    app: &App,
    engine: &Account,
    id: u32,
    item: Option<ItemId>,
) -> Result<(), WireError> {
    let request = app.sign_ins.0.borrow_mut().waiting.remove(&id);
    let request = request.ok_or(ErrorCode::PageGone)?;
    let Some(item) = item else {
        request.decline();
        return Ok(());
    };
    engine.touch(ActivityKind::User).await;
    let frame = frame_of(&request.origin, request.tab);
    match engine
        .release_basic_auth(item, &request.origin, &frame)
        .await
    {
        Ok(credential) => {
            app.chosen.borrow_mut().note(request.tab, item);
            request.give(&credential.username, &credential.password);
            // It is given even if its time cannot be written down.
            let _ = engine.used(item).await;
            Ok(())
        }
        Err(error) => {
            request.decline();
            Err(error)
        }
    }
}

fn decline(app: &App, id: u32) {
    let request = app.sign_ins.0.borrow_mut().waiting.remove(&id);
    if let Some(request) = request {
        request.decline();
    }
}

/// The page that the request would become: nothing is around it.
fn frame_of(origin: &Origin, tab: TabId) -> FrameSender {
    FrameSender {
        tab,
        frame: FrameId(0),
        origin: Some(origin.clone()),
        ancestors: Vec::new(),
    }
}

/// The logins that the gate would let go to a server.
///
/// # Errors
/// As [`engine::Engine::logins_for`].
async fn fitting(
    engine: &Account,
    origin: &Origin,
    tab: TabId,
) -> Result<Vec<ItemSummary>, WireError> {
    use engine::release::{Target, may_release};
    let frame = frame_of(origin, tab);
    let target = Target::Request {
        challenger: origin,
        frame: &frame,
    };
    let mut found = Vec::new();
    for login in engine.logins_for(origin).await? {
        let Ok(view) = engine.item(login.id).await else {
            continue;
        };
        if may_release(&view.overview, target, Some(engine::UserAct::BasicAuth)).is_ok() {
            found.push(login);
        }
    }
    Ok(found)
}

impl SignIns {
    fn wait(&self, request: AuthRequest) -> u32 {
        let mut inner = self.0.borrow_mut();
        inner.last += 1;
        let id = inner.last;
        inner.tried.insert(request.request.clone(), time::now());
        inner.waiting.insert(id, request);
        id
    }

    fn is_tried(&self, request: &str) -> bool {
        let now = time::now();
        let mut inner = self.0.borrow_mut();
        inner.tried.retain(|_, at| now.0.abs_diff(at.0) <= TRIED_MS);
        inner.tried.contains_key(request)
    }
}
