//! An offer in a page: shown by the script there, and on the extension's button.

use std::rc::Rc;

use engine::{ActivityKind, same_site};
use proto::{
    bridge::{
        content::{Answered, ContentCommand, Offer, OfferAnswer},
        endpoint::{FrameId, TabId},
        popup::{OfferKind, OfferView},
    },
    error::{ErrorCode, WireError},
    ids::OfferId,
    origin::Origin,
};
use webext::{
    action,
    event::PortId,
    scripting,
    sender::ContentFrame,
    time::{self, sleep, spawn},
};

use super::Waiting;
use crate::{account::Account, app::App, badge, filling::SCRIPT, keeping, menu};

/// How long the page in view may take to hear of an offer, milliseconds.
const SHOWN_MS: u32 = 4000;
/// How long a page may take to come after the one that showed it, milliseconds.
const LOOK_MS: u32 = 600;
/// What the button says meanwhile.
const BADGE: &str = "+";

/// Shows the offer of a tab in its page and on the button, where the page is of the form's site:
/// any other page has no business to know of it. The popup lists it wherever the user is.
pub(super) async fn show(app: &App, tab: TabId) {
    let Some((waiting, offer)) = waiting(app, tab).await else {
        return;
    };
    let Ok(engine) = app.account().await else {
        return;
    };
    let sent = scripting::run_in_frame(tab, FrameId(0), SCRIPT);
    if !matches!(
        time::within(SHOWN_MS, "executeScript", sent).await,
        Ok(Ok(()))
    ) {
        return;
    }
    let until = time::now().plus(SHOWN_MS.into());
    while time::now() < until {
        if let Some((port, frame)) = top(app, tab) {
            if !frame
                .origin
                .is_some_and(|it| same_site(&it, &waiting.origin))
            {
                return;
            }
            // The tab may be gone by now.
            let _ = action::set_badge(Some(tab), Some(BADGE), badge::COLOR).await;
            app.connections
                .borrow()
                .tell(port, &ContentCommand::Offer(offer));
            let _ = engine.offer_shown(waiting.id).await;
            return;
        }
        sleep(20).await;
    }
}

/// A page is gone: where it showed an offer, the next one shows it.
pub(crate) fn gone(app: &Rc<App>, frame: &ContentFrame) {
    let tab = frame.tab;
    if frame.frame == FrameId(0) && app.captures.offer_of(tab).is_some() {
        let app = Rc::clone(app);
        spawn(async move {
            sleep(LOOK_MS).await;
            // Another page of the same chain may have taken it over.
            if top(&app, tab).is_none() {
                show(&app, tab).await;
            }
        });
    }
}

/// The user has answered an offer in the popup: page and button show it no longer.
pub(crate) async fn answered_elsewhere(app: &App, id: OfferId) {
    let Some(tab) = app.captures.answered(id) else {
        return;
    };
    badge::take_back(tab).await;
    if let Some((port, frame)) = top(app, tab) {
        let hide = ContentCommand::HideOffer {};
        app.connections.borrow().tell(port, &hide);
        badge::show(app, tab, frame.origin.as_ref()).await;
    }
}

/// The user has answered an offer in the page. The script's word is good for its own site only; and
/// where a login changes, its user name stays.
pub(crate) async fn answered(app: &Rc<App>, frame: &ContentFrame, said: Answered) {
    if frame.frame != FrameId(0) {
        return;
    }
    let Ok(account) = app.account().await else {
        return;
    };
    let done = carry_out(app, &account, frame, &said).await;
    match done {
        Ok(()) => {}
        // It is over, or none of this page's: nothing to be told, and no popup for who forges that.
        Err(error) if matches!(error.code, ErrorCode::NotFound | ErrorCode::SiteMismatch) => return,
        Err(_) => {
            // The popup says why, and still has the offer.
            menu::open_popup(frame.tab).await;
            return;
        }
    }
    app.captures.answered(said.id);
    badge::show(app, frame.tab, frame.origin.as_ref()).await;
    app.tell_vault_changed();
    app.settle().await;
    // The host sends what is written there by itself.
    if let (OfferAnswer::Save, Account::Here(engine)) = (said.answer, account) {
        let app = Rc::clone(app);
        spawn(async move {
            keeping::sync_soon(&app, &engine).await;
        });
    }
}

async fn carry_out(
    app: &App,
    engine: &Account,
    frame: &ContentFrame,
    said: &Answered,
) -> Result<(), WireError> {
    engine.touch(ActivityKind::Background).await;
    let offers = engine.offers().await?;
    let offer = offers.into_iter().find(|offer| offer.id == said.id);
    let offer = offer.ok_or(ErrorCode::NotFound)?;
    let made = app.captures.offer_of(frame.tab);
    let home = match made.filter(|made| made.id == offer.id) {
        Some(made) => Some(made.origin),
        // From an earlier life of this program.
        None => format!("https://{}", offer.site).parse().ok(),
    };
    let own = |home: &Origin| frame.origin.as_ref().is_some_and(|it| same_site(it, home));
    if !home.as_ref().is_some_and(own) {
        return Err(ErrorCode::SiteMismatch.into());
    }
    let name = match offer.kind {
        OfferKind::Save => &said.username,
        OfferKind::Update { .. } => "",
    };
    match said.answer {
        OfferAnswer::Save => engine.accept_offer(said.id, name).await.map(drop)?,
        OfferAnswer::Dismiss => engine.dismiss_offer(said.id).await?,
        OfferAnswer::Never => engine.never_offer(said.id).await?,
    }
    Ok(())
}

/// The tab's offer, as a page shows it.
async fn waiting(app: &App, tab: TabId) -> Option<(Waiting, Offer)> {
    let made = app.captures.offer_of(tab)?;
    let engine = app.account().await.ok()?;
    let offers = engine.offers().await.ok()?;
    let found = offers.into_iter().find(|offer| offer.id == made.id);
    if found.is_none() {
        // Answered in the popup, or over.
        app.captures.answered(made.id);
    }
    Some((made, shown(found?)))
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
