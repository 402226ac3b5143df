//! The menu at a field: what stands in it, and what becomes of a choice.
//!
//! ```text
//! user at a field ─▶ facts ─ forms ─▶ what the field is ─▶ items that fit ─▶ menu
//!                                                                              │ chosen, and seen for long enough
//!                                        filled ◀─ one command ◀─ the gate ◀───┘
//! ```
//!
//! A frame is told titles and user names of the logins that fit its own site, and no secret before
//! the choice. What was not surely seen is not chosen: then the popup asks. It always asks for cards
//! and identities, which belong to no site: no page's script hears what there is of them.

mod rows;

use std::{collections::BTreeMap, rc::Rc};

use engine::{
    ActivityKind, UserAct,
    release::{Target, may_release},
};
use forms::Analysis;
use proto::{
    bridge::{
        content::{Attend, Choose, ContentCommand, Menu, MenuChoice, MenuRow, PageFacts},
        endpoint::{FrameId, FrameSender, Sender, TabId},
        popup::{GeneratedFor, PasswordConstraints},
    },
    error::{ErrorCode, WireError},
    ids::{ItemId, UnixMillis},
};
use webext::{action, event::PortId, frames, scripting, sender::ContentFrame, tabs, time};

use crate::{
    account::{self, Account},
    app::App,
    filling::{self, Goods, SCRIPT},
};

/// How long the scripts of the frames around one may take to greet, milliseconds.
const AROUND_WITHIN_MS: u32 = 500;
/// How often they are looked for meanwhile, milliseconds.
const AROUND_LOOK_MS: u32 = 25;
/// How old a menu may be to be chosen from, milliseconds.
const MENU_FRESH_MS: u64 = 300_000;

/// The menus that are shown, one at most for each script.
#[derive(Default)]
pub(crate) struct Menus(BTreeMap<PortId, Shown>);

/// A menu, and what it rests on.
struct Shown {
    facts: PageFacts,
    analysis: Analysis,
    field: u32,
    rows: Vec<MenuRow>,
    at: UnixMillis,
}

impl Menus {
    /// The script of a menu is gone.
    pub(crate) fn close(&mut self, id: PortId) {
        self.0.remove(&id);
    }

    /// Takes the menu that a choice was made from; `None` where there is no such choice.
    fn take(&mut self, id: PortId, chosen: &Choose, now: UnixMillis) -> Option<Shown> {
        let shown = self.0.remove(&id)?;
        let fits = shown.facts.ticket == chosen.ticket
            && now.0.abs_diff(shown.at.0) <= MENU_FRESH_MS
            && shown.rows.iter().any(|row| row.choice == chosen.choice);
        fits.then_some(shown)
    }
}

/// The user is at a field of a frame for the first time: sends what looks closer.
pub(crate) async fn on_act(app: &App, tab: TabId, frame: FrameId) {
    let Ok(engine) = app.account().await else {
        return;
    };
    if rows::is_wanted(&engine).await {
        // The frame may be gone by now, or be none that lets extensions in.
        let _ = scripting::run_in_frame(tab, frame, SCRIPT).await;
    }
}

/// The user is at a field: shows what could be filled there.
pub(crate) async fn attend(app: &App, id: PortId, frame: &ContentFrame, said: Attend) {
    app.menus.borrow_mut().close(id);
    let Ok(engine) = app.account().await else {
        return;
    };
    engine.touch(ActivityKind::Background).await;
    app.tell_status().await;
    let analysis = forms::analyze(&said.facts);
    let Some(sender) = sender(app, frame).await else {
        return;
    };
    let at = rows::At {
        sender: &sender,
        facts: &said.facts,
        analysis: &analysis,
        field: said.field,
    };
    let rows = rows::of(app, &engine, &at).await;
    if rows.is_empty() || app.connections.borrow().peer(id).is_none() {
        return;
    }
    let command = ContentCommand::Menu(Menu {
        ticket: said.facts.ticket,
        field: said.field,
        rows: rows.clone(),
    });
    let shown = Shown {
        facts: said.facts,
        analysis,
        field: said.field,
        rows,
        at: time::now(),
    };
    app.menus.borrow_mut().0.insert(id, shown);
    app.connections.borrow().tell(id, &command);
}

/// The user chose.
pub(crate) async fn choose(app: &Rc<App>, id: PortId, frame: &ContentFrame, said: &Choose) {
    let asked = time::now();
    let Some(shown) = app.menus.borrow_mut().take(id, said, asked) else {
        return;
    };
    let Ok(engine) = app.account().await else {
        return;
    };
    // Whatever was done to a menu that was not surely seen, the popup is out of the page's reach.
    let done = if said.seen {
        carry_out(app, &engine, id, frame, &shown, &said.choice, asked).await
    } else {
        Err(ErrorCode::NoUserAct.into())
    };
    app.settle().await;
    // A page that goes on to the next one during its fill needs no help.
    if done.is_err_and(|error| error.code != ErrorCode::PageGone) {
        match rows::kind_of_form(&shown.analysis, shown.field) {
            Some(kind) => app.wanted.note(frame.tab, kind),
            None => app.wanted.forget(),
        }
        open_popup(frame.tab).await;
    }
}

/// Opens the popup for a tab that is in view; over any other it is nobody's business.
pub(crate) async fn open_popup(tab: TabId) {
    if in_view(tab).await {
        // Not every browser opens it without a click; the button is there.
        let _ = action::open_popup().await;
    }
}

async fn in_view(tab: TabId) -> bool {
    let meant = tabs::meant().await.ok().flatten();
    meant.and_then(|meant| meant.id()) == Some(tab)
}

/// Does what was chosen, or says that the popup has to.
async fn carry_out(
    app: &App,
    engine: &Account,
    id: PortId,
    frame: &ContentFrame,
    shown: &Shown,
    choice: &MenuChoice,
    asked: UnixMillis,
) -> Result<(), WireError> {
    let goods = match choice {
        MenuChoice::Item(item) => Goods::item(engine, *item).await?,
        MenuChoice::NewPassword => new_password(app, engine, frame, shown).await?,
        MenuChoice::Popup => return Err(ErrorCode::NoUserAct.into()),
    };
    let place = place(id, frame, shown);
    filling::fill_place(app, &place, goods, UserAct::Inline, asked).await?;
    // The choice is a script's word: it keeps the vault open only where the user may be looking.
    let act = if in_view(frame.tab).await {
        ActivityKind::User
    } else {
        ActivityKind::Background
    };
    engine.touch(act).await;
    Ok(())
}

fn place<'a>(port: PortId, frame: &'a ContentFrame, shown: &'a Shown) -> filling::Place<'a> {
    filling::Place {
        port,
        frame,
        facts: &shown.facts,
        analysis: &shown.analysis,
        field: shown.field,
    }
}

/// A password as the page wants it, kept in case that nothing comes of the form; of a private window
/// nothing is kept.
async fn new_password(
    app: &App,
    engine: &Account,
    frame: &ContentFrame,
    shown: &Shown,
) -> Result<Goods, WireError> {
    let sender = sender(app, frame).await.ok_or(ErrorCode::PageGone)?;
    let made = generate(engine, &shown.facts, &shown.analysis)?;
    let goods = Goods::NewPassword(made.value.clone());
    goods.may_go(&sender, UserAct::Inline)?;
    let origin = frame.origin.as_ref().ok_or(ErrorCode::OpaqueFrame)?;
    if !frame.incognito {
        engine.keep_generated(origin, &made.value).await?;
    }
    Ok(goods)
}

/// Makes a password as the page wants it.
fn generate(
    engine: &Account,
    facts: &PageFacts,
    analysis: &Analysis,
) -> Result<GeneratedFor, WireError> {
    let plan = forms::plan_new_password(analysis).ok_or(ErrorCode::NothingToFill)?;
    let wanted = forms::new_password_constraints(facts, &plan);
    let constraints = PasswordConstraints {
        min: wanted.min_length,
        max: wanted.max_length.unwrap_or(0),
        pattern: wanted.pattern,
        rules: wanted.rules,
    };
    account::generate_for(&constraints, &engine.settings().generator)
}

/// Who the frame is for the gate. The origins around it are what the browser says of the scripts
/// there: they are sent where they are not yet.
pub(crate) async fn sender(app: &App, frame: &ContentFrame) -> Option<FrameSender> {
    let mut waited = 0;
    if frame.frame != FrameId(0)
        && told(app, frame)
            .await?
            .ancestors
            .iter()
            .any(Option::is_none)
    {
        let sent = scripting::run_in_all_frames(frame.tab, SCRIPT);
        let _ = time::within(AROUND_WITHIN_MS, "executeScript", sent).await;
        while told(app, frame)
            .await?
            .ancestors
            .iter()
            .any(Option::is_none)
            && waited < AROUND_WITHIN_MS
        {
            time::sleep(AROUND_LOOK_MS).await;
            waited += AROUND_LOOK_MS;
        }
    }
    told(app, frame).await
}

async fn told(app: &App, frame: &ContentFrame) -> Option<FrameSender> {
    let tree = frames::list(frame.tab).await.ok()?;
    let scripts: Vec<_> = app
        .connections
        .borrow()
        .scripts(frame.tab)
        .into_iter()
        .map(|(_, frame)| frame)
        .collect();
    match frames::sender(frame, &tree, &scripts)? {
        Sender::Frame(sender) => Some(sender),
        Sender::Extension => None,
    }
}

/// Whether the gate would let an item into a frame.
async fn may_fill(engine: &Account, item: ItemId, sender: &FrameSender) -> Result<(), ErrorCode> {
    let view = engine.item(item).await.map_err(|error| error.code)?;
    may_release(&view.overview, Target::Page(sender), Some(UserAct::Inline))
        .map_err(ErrorCode::from)
}
