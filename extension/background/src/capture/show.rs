//! An offer in a page: shown by the script there, and on the extension's button.

use std::rc::Rc;

use engine::ActivityKind;
use proto::{
    bridge::{
        content::{Answered, ContentCommand, Offer, OfferAnswer},
        endpoint::{FrameId, TabId},
        popup::{OfferKind, OfferView},
    },
    ids::OfferId,
};
use webext::{
    action,
    event::PortId,
    scripting,
    sender::ContentFrame,
    time::{self, sleep, spawn},
};

use crate::{app::App, badge, filling::SCRIPT, keeping};

/// How long the page in view may take to hear of an offer, milliseconds.
const SHOWN_MS: u64 = 4000;
/// How long a page may take to come after the one that showed it, milliseconds.
const LOOK_MS: u32 = 600;
/// What the button says meanwhile.
const BADGE: &str = "+";

/// Shows the offer of a tab in its page and on the button.
pub(super) async fn show(app: &App, tab: TabId) {
    let Some((id, offer)) = waiting(app, tab).await else {
        return;
    };
    let Ok(engine) = app.engine().await else {
        return;
    };
    // The tab may be gone by now.
    let _ = action::set_badge(Some(tab), BADGE, badge::COLOR).await;
    if scripting::run_in_frame(tab, FrameId(0), SCRIPT)
        .await
        .is_err()
    {
        return;
    }
    let until = time::now().plus(SHOWN_MS);
    while time::now() < until {
        if let Some((port, _)) = top(app, tab) {
            app.connections
                .borrow()
                .tell(port, &ContentCommand::Offer(offer));
            let _ = engine.offer_shown(id).await;
            return;
        }
        sleep(20).await;
    }
}

/// The page that showed the offer is gone: shows it in the next.
pub(super) async fn again(app: &App, tab: TabId) {
    sleep(LOOK_MS).await;
    // Another page of the same chain may have taken it over.
    if top(app, tab).is_none() {
        show(app, tab).await;
    }
}

/// The user has answered an offer in the popup: page and button show it no longer.
pub(crate) async fn answered_elsewhere(app: &App, id: OfferId) {
    let Some(tab) = app.captures.answered_elsewhere(id) else {
        return;
    };
    // The tab may be gone by now.
    let _ = action::set_badge(Some(tab), "", badge::COLOR).await;
    if let Some((port, frame)) = top(app, tab) {
        let hide = ContentCommand::HideOffer {};
        app.connections.borrow().tell(port, &hide);
        badge::show(app, tab, frame.origin.as_ref()).await;
    }
}

/// The user has answered an offer in the page.
pub(crate) async fn answered(app: &Rc<App>, frame: &ContentFrame, said: Answered) {
    let own = {
        let inner = app.captures.0.borrow();
        inner.offers.get(&frame.tab) == Some(&said.id)
    };
    if !own || frame.frame != FrameId(0) {
        return;
    }
    app.captures.0.borrow_mut().offers.remove(&frame.tab);
    let Ok(engine) = app.engine().await else {
        return;
    };
    engine.touch(ActivityKind::User).await;
    let done = match said.answer {
        OfferAnswer::Save => engine.accept_offer(said.id, &said.username).await.map(drop),
        OfferAnswer::Dismiss => engine.dismiss_offer(said.id).await,
        OfferAnswer::Never => engine.never_offer(said.id).await,
    };
    badge::show(app, frame.tab, frame.origin.as_ref()).await;
    if done.is_err() {
        // The popup says why, and still has the offer.
        let _ = action::open_popup().await;
        return;
    }
    app.tell_vault_changed();
    app.settle(&engine).await;
    if said.answer == OfferAnswer::Save {
        let app = Rc::clone(app);
        spawn(async move { keeping::sync_soon(&app, &engine).await });
    }
}

/// The tab's offer, as a page shows it.
async fn waiting(app: &App, tab: TabId) -> Option<(OfferId, Offer)> {
    let id = app.captures.0.borrow().offers.get(&tab).copied()?;
    let engine = app.engine().await.ok()?;
    let offers = engine.offers().await.ok()?;
    let found = offers.into_iter().find(|offer| offer.id == id);
    if found.is_none() {
        // Answered in the popup, or over.
        app.captures.0.borrow_mut().offers.remove(&tab);
    }
    Some((id, shown(found?)))
}

fn shown(offer: OfferView) -> Offer {
    let updates = match offer.kind {
        OfferKind::Save => None,
        OfferKind::Update { title, .. } => Some(title),
    };
    Offer {
        id: offer.id,
        updates,
        site: offer.site,
        username: offer.username,
    }
}

/// The script of the page itself.
fn top(app: &App, tab: TabId) -> Option<(PortId, ContentFrame)> {
    let scripts = app.connections.borrow().scripts(tab);
    scripts
        .into_iter()
        .rev()
        .find(|(_, frame)| frame.frame == FrameId(0))
}
