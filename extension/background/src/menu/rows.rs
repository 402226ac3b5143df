//! What stands in a menu.

use forms::{Analysis, FieldLabel, FormKind};
use proto::{
    bridge::{
        content::{MenuChoice, MenuRow},
        endpoint::FrameSender,
        popup::AppStatus,
    },
    vault::ItemSummary,
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
        },
        AppStatus::Empty { .. } | AppStatus::Working { .. } => Vec::new(),
    }
}

/// What a field asks for.
enum Wanted {
    Login,
}

fn wanted(analysis: &Analysis, field: u32) -> Option<Wanted> {
    let group = analysis
        .groups
        .iter()
        .find(|group| group.fields.iter().any(|it| it.index == field))?;
    let label = group.fields.iter().find(|it| it.index == field)?.label;
    let login = matches!(
        label,
        FieldLabel::Username | FieldLabel::CurrentPassword | FieldLabel::OneTimeCode
    );
    let kind = matches!(
        group.kind,
        FormKind::Login | FormKind::UsernameFirst | FormKind::Otp | FormKind::ChangePassword
    );
    (login && kind).then_some(Wanted::Login)
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
    let mut rows = Vec::new();
    for item in items.into_iter().take(ROWS_MAX) {
        if may_fill(engine, item.id, sender).await.is_ok() {
            rows.push(row(item));
        }
    }
    rows
}

fn row(item: ItemSummary) -> MenuRow {
    let (title, subtitle) = if item.subtitle.is_empty() {
        (item.title, String::new())
    } else {
        (item.subtitle, item.title)
    };
    MenuRow {
        choice: MenuChoice::Item(item.id),
        title,
        subtitle,
    }
}
