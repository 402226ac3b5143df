//! What stands in a menu.

use engine::{
    EngineError, UserAct,
    release::{Released, Target, may_release},
};
use forms::{Analysis, FieldLabel, FormKind};
use proto::{
    bridge::{
        content::{MenuChoice, MenuRow},
        endpoint::FrameSender,
        popup::AppStatus,
    },
    vault::{ItemKind, ItemSummary},
};

use super::may_fill;
use crate::app::{App, BrowserEngine};

/// Entries of a menu, at most.
const ROWS_MAX: usize = 50;

/// Whether there is anybody to show menus to.
pub(super) async fn is_wanted(engine: &BrowserEngine) -> bool {
    let settings = engine.settings();
    let wanted = settings.inline_menu || settings.offer_to_save;
    let there = matches!(
        engine.status().await,
        AppStatus::Locked { .. } | AppStatus::Unlocked { .. }
    );
    wanted && there
}

/// The rows for a field; none where nothing fits.
pub(super) async fn of(
    app: &App,
    engine: &BrowserEngine,
    sender: &FrameSender,
    analysis: &Analysis,
    field: u32,
) -> Vec<MenuRow> {
    let wants = wanted(analysis, field).filter(|_| engine.settings().inline_menu);
    let Some(wants) = wants else {
        return Vec::new();
    };
    match engine.status().await {
        AppStatus::Locked { .. } => vec![unlock()],
        AppStatus::Unlocked { .. } => match wants {
            Wanted::Login => logins(app, engine, sender).await,
            Wanted::NewPassword => new_password(sender),
            Wanted::Card => in_popup(engine.cards().await, "Fill a card"),
            Wanted::Identity => in_popup(engine.identities().await, "Fill an address"),
        },
        AppStatus::Empty { .. } | AppStatus::Working { .. } => Vec::new(),
    }
}

/// What a field asks for.
enum Wanted {
    Login,
    NewPassword,
    Card,
    Identity,
}

fn wanted(analysis: &Analysis, field: u32) -> Option<Wanted> {
    let (label, kind) = forms::label_at(analysis, field)?;
    let login = matches!(
        kind,
        FormKind::Login | FormKind::UsernameFirst | FormKind::Otp | FormKind::ChangePassword
    );
    match label {
        FieldLabel::Username | FieldLabel::CurrentPassword | FieldLabel::OneTimeCode if login => {
            Some(Wanted::Login)
        }
        FieldLabel::NewPassword => Some(Wanted::NewPassword),
        FieldLabel::Card(_) => Some(Wanted::Card),
        FieldLabel::Identity(_) => Some(Wanted::Identity),
        _ => None,
    }
}

fn new_password(sender: &FrameSender) -> Vec<MenuRow> {
    let target = Target::Page(sender);
    let may = may_release(Released::NewPassword, target, Some(UserAct::Inline)).is_ok();
    let row = || MenuRow {
        choice: MenuChoice::NewPassword,
        title: "Use a new password".to_owned(),
        subtitle: "Made here, and kept for 30 days".to_owned(),
    };
    may.then(row).into_iter().collect()
}

/// What is of no site is chosen in the popup, which says what would go where; the page is told no
/// name of it.
fn in_popup(items: Result<Vec<ItemSummary>, EngineError>, title: &str) -> Vec<MenuRow> {
    let row = || MenuRow {
        choice: MenuChoice::Popup,
        title: title.to_owned(),
        subtitle: "Choose it in Pearvault".to_owned(),
    };
    let any = items.is_ok_and(|items| !items.is_empty());
    any.then(row).into_iter().collect()
}

fn unlock() -> MenuRow {
    MenuRow {
        choice: MenuChoice::Popup,
        title: "Unlock Pearvault".to_owned(),
        subtitle: "Your logins are locked".to_owned(),
    }
}

async fn logins(app: &App, engine: &BrowserEngine, sender: &FrameSender) -> Vec<MenuRow> {
    let Some(origin) = &sender.origin else {
        return Vec::new();
    };
    let mut items = engine.logins_for(origin).await.unwrap_or_default();
    if let Some(first) = app.chosen.borrow_mut().recall(sender.tab) {
        items.sort_by_key(|item| item.id != first);
    }
    fitting(engine, sender, Ok(items)).await
}

/// The rows of those that the gate would let into the frame.
async fn fitting(
    engine: &BrowserEngine,
    sender: &FrameSender,
    items: Result<Vec<ItemSummary>, EngineError>,
) -> Vec<MenuRow> {
    let mut rows = Vec::new();
    for item in items.unwrap_or_default().into_iter().take(ROWS_MAX) {
        if may_fill(engine, item.id, sender).await.is_ok() {
            rows.push(row(item));
        }
    }
    rows
}

fn row(item: ItemSummary) -> MenuRow {
    let (title, subtitle) = match item.kind {
        // The user name is what tells the accounts of one site apart.
        ItemKind::Login if !item.subtitle.is_empty() => (item.subtitle, item.title),
        _ => (item.title, item.subtitle),
    };
    MenuRow {
        choice: MenuChoice::Item(item.id),
        title,
        subtitle,
    }
}
