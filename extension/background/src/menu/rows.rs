//! What stands in a menu.

use engine::UserAct;
use forms::{Analysis, FieldLabel, FormKind};
use proto::{
    bridge::{
        content::{MenuChoice, MenuRow, PageFacts},
        endpoint::FrameSender,
        popup::AppStatus,
    },
    error::WireError,
    vault::{ItemKind, ItemSummary, SecretText},
};

use super::{generate, may_fill};
use crate::{account::Account, app::App, filling::Goods};

/// Entries of a menu, at most.
const ROWS_MAX: usize = 50;

/// Below this a new password is called weak, bits: some 8 letters at random.
const STRONG_BITS: f64 = 40.0;

/// Whether there is anybody to show menus to.
pub(super) async fn is_wanted(engine: &Account) -> bool {
    engine.wake().await;
    let settings = engine.settings();
    let wanted = settings.inline_menu || settings.offer_to_save;
    let there = matches!(
        engine.status().await,
        AppStatus::Locked { .. } | AppStatus::Unlocked { .. } | AppStatus::Away { .. }
    );
    wanted && there
}

/// Where the user is.
pub(super) struct At<'a> {
    pub(super) sender: &'a FrameSender,
    pub(super) facts: &'a PageFacts,
    pub(super) analysis: &'a Analysis,
    pub(super) field: u32,
}

/// The rows for a field; none where nothing fits.
pub(super) async fn of(app: &App, engine: &Account, at: &At<'_>) -> Vec<MenuRow> {
    engine.wake().await;
    let wants = wanted(at.analysis, at.field).filter(|_| engine.settings().inline_menu);
    let Some(wants) = wants else {
        return Vec::new();
    };
    match engine.status().await {
        AppStatus::Locked { .. } => vec![unlock()],
        AppStatus::Unlocked { .. } => match wants {
            Wanted::Login => logins(app, engine, at.sender).await,
            Wanted::NewPassword => new_password(engine, at).into_iter().collect(),
            Wanted::Card => popup("Fill a card…", engine.cards().await),
            Wanted::Identity => popup("Fill your address…", engine.identities().await),
        },
        AppStatus::Away { .. } => vec![away()],
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

/// Kind of item that is chosen in the popup for a field; `None` where it is a login's.
pub(super) fn kind_of_form(analysis: &Analysis, field: u32) -> Option<ItemKind> {
    match wanted(analysis, field)? {
        Wanted::Card => Some(ItemKind::Card),
        Wanted::Identity => Some(ItemKind::Identity),
        Wanted::Login | Wanted::NewPassword => None,
    }
}

/// One is made to see how strong the site lets it be: that is said before the choice.
fn new_password(engine: &Account, at: &At<'_>) -> Option<MenuRow> {
    let goods = Goods::NewPassword(SecretText::default());
    goods.may_go(at.sender, UserAct::Inline).ok()?;
    let subtitle = match generate(engine, at.facts, at.analysis) {
        Ok(made) if made.bits < STRONG_BITS => "A weak one: this site allows no stronger",
        Ok(made) if !made.ignored.is_empty() => "Some rules of this site were not understood",
        Ok(_) => "Made here; you are asked to save it next",
        Err(_) => {
            return Some(MenuRow {
                choice: MenuChoice::Popup,
                title: "Make a password in Pearvault".to_owned(),
                subtitle: "None fits the rules that this site states".to_owned(),
            });
        }
    };
    Some(MenuRow {
        choice: MenuChoice::NewPassword,
        title: "Use a new password".to_owned(),
        subtitle: subtitle.to_owned(),
    })
}

/// What is chosen in the popup, where there is any.
fn popup(title: &str, items: Result<Vec<ItemSummary>, WireError>) -> Vec<MenuRow> {
    let row = MenuRow {
        choice: MenuChoice::Popup,
        title: title.to_owned(),
        subtitle: "Choose in Pearvault".to_owned(),
    };
    let any = items.is_ok_and(|items| !items.is_empty());
    any.then_some(row).into_iter().collect()
}

fn unlock() -> MenuRow {
    MenuRow {
        choice: MenuChoice::Popup,
        title: "Unlock Pearvault".to_owned(),
        subtitle: "Your logins are locked".to_owned(),
    }
}

fn away() -> MenuRow {
    MenuRow {
        choice: MenuChoice::Popup,
        title: "Pearvault's host is away".to_owned(),
        subtitle: "Your logins are there".to_owned(),
    }
}

async fn logins(app: &App, engine: &Account, sender: &FrameSender) -> Vec<MenuRow> {
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
    engine: &Account,
    sender: &FrameSender,
    items: Result<Vec<ItemSummary>, WireError>,
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
    // The user name is what tells the accounts of one site apart.
    let (title, subtitle) = if item.subtitle.is_empty() {
        (item.title, item.subtitle)
    } else {
        (item.subtitle, item.title)
    };
    MenuRow {
        choice: MenuChoice::Item(item.id),
        title,
        subtitle,
    }
}
