//! What the background holds while it lives, and where each event goes.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use engine::{Engine, UserAct};
use futures_util::lock::Mutex;
use proto::{
    bridge::{
        content::ContentRequest,
        endpoint::TabId,
        event::Event,
        frame::RequestFrame,
        popup::{AppStatus, PopupRequest},
        solver::SolverRequest,
    },
    error::{ErrorCode, WireError},
    limits::{BRIDGE_FRAME_MAX_BYTES, CONTENT_FRAME_MAX_BYTES},
};
use webext::{
    event::{BrowserEvent, PortId},
    locks,
    sender::{ContentFrame, Peer},
    time::{self, spawn},
};
use zeroize::Zeroizing;

use crate::{
    account::Account,
    badge,
    capture::{self, Captures},
    chosen::{Chosen, Wanted},
    connection::{Connections, read},
    context_menu,
    filling::Fills,
    host::{self, Host},
    keeping,
    listening::{self, Listener},
    menu::{self, Menus},
    messaging::Messaging,
    notices::{self, Notices},
    platform::Browser,
    preview::Previews,
    router,
    sign_in::{self, SignIns},
    solving::{self, Solving},
    undo::Undos,
};

/// Web Lock of the one engine of this profile.
const ENGINE_LOCK: &str = "pearvault-engine";
/// How long a dying background may hold that lock, milliseconds.
const LOCK_WAIT_MS: u32 = 5000;
/// Messages of one tab's content scripts that are worked on at once.
const SCRIPTS_SERVED_MAX: usize = 8;

/// The engine in a browser.
pub(crate) type BrowserEngine = Engine<Browser>;

/// All there is; one for each life of the background.
#[derive(Default)]
pub(crate) struct App {
    engine: Mutex<Option<BrowserEngine>>,
    pub(crate) connections: RefCell<Connections>,
    pub(crate) fills: RefCell<Fills>,
    pub(crate) menus: RefCell<Menus>,
    pub(crate) chosen: RefCell<Chosen>,
    pub(crate) undos: RefCell<Undos>,
    pub(crate) previews: RefCell<Previews>,
    pub(crate) sign_ins: SignIns,
    pub(crate) captures: Captures,
    pub(crate) solving: Solving,
    pub(crate) messaging: Messaging,
    pub(crate) notices: Notices,
    pub(crate) keeper: keeping::Keeper,
    pub(crate) listener: Listener,
    pub(crate) host: Host,
    /// The status that the pages were told last.
    pub(crate) told: RefCell<Option<AppStatus>>,
    tickets: Cell<u64>,
    /// Requests of pages that are being answered.
    pub(crate) served: Cell<u32>,
    /// Whether the account is changing its place: nobody may write meanwhile.
    pub(crate) switching: Cell<bool>,
    /// Messages of content scripts that are being worked on, by tab: none starves another.
    scripts_served: RefCell<BTreeMap<TabId, usize>>,
    /// Kind of item that the user wants to choose in the popup, by what field of which tab.
    pub(crate) wanted: Wanted,
}

thread_local! {
    static APP: Rc<App> = Rc::default();
}

/// Takes an event: ports at once and in order, work beside.
pub(crate) fn take(event: BrowserEvent) {
    let app = APP.with(Rc::clone);
    match event {
        BrowserEvent::Connected(id, port) => {
            app.connections.borrow_mut().add(id, port);
            let crowd = app.connections.borrow().crowd(id);
            for old in crowd {
                app.hang_up(old);
            }
        }
        BrowserEvent::Disconnected(id) => app.ended(id),
        // What was typed into a page may be in it.
        BrowserEvent::Message(id, text) => app.heard(id, &Zeroizing::new(text)),
        BrowserEvent::Alarm(name) => spawn(async move { keeping::on_alarm(&app, &name).await }),
        BrowserEvent::Idle(state) => spawn(async move { keeping::on_idle(&app, state).await }),
        BrowserEvent::Command(name, tab) => spawn(async move { app.command(&name, tab).await }),
        BrowserEvent::MenuEntry(entry) => {
            spawn(async move { context_menu::chosen(&app, entry).await });
        }
        BrowserEvent::Notification(id) => spawn(async move { notices::clicked(&id).await }),
        BrowserEvent::FormSeen(tab, origin) => {
            spawn(async move { badge::show(&app, tab, origin.as_ref()).await });
        }
        BrowserEvent::Acted(tab, frame) => {
            spawn(async move { menu::on_act(&app, tab, frame).await });
        }
        BrowserEvent::AuthRequired(request) => {
            spawn(async move { sign_in::required(&app, request).await });
        }
        BrowserEvent::Installed | BrowserEvent::Started => spawn(async move {
            context_menu::set().await;
            app.settle().await;
        }),
    }
}

impl App {
    /// The engine, opened at its first use in this life.
    ///
    /// # Errors
    /// [`ErrorCode::StoreFailed`], or what the engine says of a store that it cannot read.
    pub(crate) async fn engine(&self) -> Result<BrowserEngine, WireError> {
        let mut place = self.engine.lock().await;
        if let Some(engine) = place.as_ref() {
            return Ok(engine.clone());
        }
        let held = time::within(LOCK_WAIT_MS, "locks.request", locks::hold(ENGINE_LOCK)).await;
        if !matches!(held, Ok(Ok(()))) {
            return Err(ErrorCode::Busy.into());
        }
        let browser = Browser::open()
            .await
            .map_err(|_| WireError::new(ErrorCode::StoreFailed))?;
        let engine = Engine::open(browser).await?;
        host::tidy(self, &engine).await;
        *place = Some(engine.clone());
        // Whatever woke this background: what others wrote while it slept is to be there before the user looks.
        if listening::is_time(Some(&engine.status().await)) {
            listening::listen(&APP.with(Rc::clone), &engine);
        }
        Ok(engine)
    }

    /// Who owns the account.
    ///
    /// # Errors
    /// As [`Self::engine`]; [`ErrorCode::Moving`] while the account changes its place.
    pub(crate) async fn account(&self) -> Result<Account, WireError> {
        if self.switching.get() {
            return Err(ErrorCode::Moving.into());
        }
        self.account_to_look_at().await
    }

    /// The same for what writes nothing.
    pub(crate) async fn account_to_look_at(&self) -> Result<Account, WireError> {
        if host::is_owner(self).await? {
            return Ok(Account::Host);
        }
        Ok(Account::Here(self.engine().await?))
    }

    /// A number that was not given before in this life.
    pub(crate) fn ticket(&self) -> u64 {
        // Not from 1 in every life: a script of an earlier one may still answer.
        let ticket = self.tickets.get().max(time::now().0) + 1;
        self.tickets.set(ticket);
        ticket
    }

    /// After anything that may have changed how things stand: tells the pages, sets the alarms, and
    /// sees that a solver runs where there is work.
    pub(crate) async fn settle(&self) {
        self.tell_status().await;
        // Where the host owns the account, the engine here has nothing to do but to come back.
        let Ok(engine) = self.engine().await else {
            return;
        };
        if listening::is_time(Some(&engine.status().await)) {
            listening::listen(&APP.with(Rc::clone), &engine);
        }
        keeping::set_alarms(self, &engine).await;
        solving::settle(self, &engine).await;
    }

    /// Tells the pages how things stand, if they do not know.
    pub(crate) async fn tell_status(&self) {
        let Ok(account) = self.account_to_look_at().await else {
            return;
        };
        let status = account.status().await;
        if self.told.borrow().as_ref() != Some(&status) {
            self.connections
                .borrow()
                .tell_pages(&Event::Status(status.clone()));
            let open = matches!(status, AppStatus::Unlocked { .. });
            let told = self.told.borrow_mut().replace(status.clone());
            // A background that has just come to life does not know what the last one showed.
            if !open && matches!(told, None | Some(AppStatus::Unlocked { .. })) {
                host::clear_copied(self);
                self.captures.forget();
                *self.menus.borrow_mut() = Menus::default();
                self.connections.borrow().hush_scripts();
                self.listener.interrupt();
                badge::clear().await;
            }
            notices::settle(self, &status).await;
        }
    }

    /// Tells the pages that lists are to be asked for again.
    pub(crate) fn tell_vault_changed(&self) {
        self.connections
            .borrow()
            .tell_pages(&Event::VaultChanged {});
    }

    /// The same of messages and conversations.
    pub(crate) fn tell_messages_changed(&self) {
        self.connections
            .borrow()
            .tell_pages(&Event::MessagesChanged {});
    }

    /// The one there is, for what goes on beside everything else.
    pub(crate) fn here() -> Rc<Self> {
        APP.with(Rc::clone)
    }

    fn heard(self: &Rc<Self>, id: PortId, text: &str) {
        let Some(peer) = self.connections.borrow().peer(id).cloned() else {
            return;
        };
        let max = match peer {
            Peer::Content(_) => CONTENT_FRAME_MAX_BYTES,
            Peer::Page | Peer::Solver => BRIDGE_FRAME_MAX_BYTES,
        };
        if !self.connections.borrow().is_greeted(id) {
            if self.connections.borrow_mut().greet(id, text, max) {
                self.greeted(id, &peer);
            }
            return;
        }
        match peer {
            Peer::Page => self.page_said(id, text, max),
            Peer::Solver => match read::<SolverRequest>(text, max) {
                Ok(frame) => solving::heard(self, id, frame),
                Err(_) => self.connections.borrow_mut().close(id),
            },
            Peer::Content(frame) => {
                let said = read::<ContentRequest>(text, max).map(|RequestFrame { body, .. }| body);
                if let Some(body) = said.ok().filter(|body| body.check().is_ok()) {
                    self.content_said(id, frame, body);
                } else {
                    self.hang_up(id);
                }
            }
        }
    }

    fn greeted(self: &Rc<Self>, id: PortId, peer: &Peer) {
        match peer {
            Peer::Page => {
                let app = Rc::clone(self);
                spawn(async move {
                    let Ok(account) = app.account_to_look_at().await else {
                        return;
                    };
                    if matches!(account, Account::Host) {
                        // Its user sees how it stands, or within a second that it is away.
                        let _ = host::reach(&app).await;
                    }
                    let status = Event::Status(account.status().await);
                    app.connections.borrow().tell(id, &status);
                    app.settle().await;
                    if let Account::Here(engine) = account {
                        keeping::watch_while_open(&app, &engine);
                    }
                });
            }
            Peer::Solver => solving::greeted(self, id),
            Peer::Content(frame) => {
                if let Some(command) = self.fills.borrow().collecting(frame.tab) {
                    self.connections.borrow().tell(id, &command);
                }
            }
        }
    }

    fn content_said(self: &Rc<Self>, id: PortId, frame: ContentFrame, said: ContentRequest) {
        let app = Rc::clone(self);
        if matches!(
            said,
            ContentRequest::PageFacts(_) | ContentRequest::Filled(_)
        ) {
            return self.fills.borrow_mut().heard(id, frame.tab, said);
        }
        // Nobody clicks that fast: a storm costs what it holds in memory and no more.
        let tab = frame.tab;
        {
            let mut served = self.scripts_served.borrow_mut();
            let count = served.entry(tab).or_default();
            if *count >= SCRIPTS_SERVED_MAX {
                return;
            }
            *count += 1;
        }
        spawn(async move {
            match said {
                ContentRequest::PageFacts(_) | ContentRequest::Filled(_) => {}
                ContentRequest::Attend(it) => menu::attend(&app, id, &frame, it).await,
                ContentRequest::Choose(it) => menu::choose(&app, id, &frame, &it).await,
                ContentRequest::Submitted(it) => capture::submitted(&app, id, &frame, it).await,
                ContentRequest::Outcome(it) => capture::outcome(&app, &frame, it).await,
                ContentRequest::Answered(it) => capture::answered(&app, &frame, it).await,
            }
            let mut served = app.scripts_served.borrow_mut();
            if let Some(count) = served.get_mut(&tab) {
                *count -= 1;
            }
            served.retain(|_, count| *count > 0);
        });
    }

    /// Closes the port of a script from here.
    pub(crate) fn hang_up(&self, id: PortId) {
        let peer = self.connections.borrow().peer(id).cloned();
        self.dismiss(id);
        if let Some(Peer::Content(frame)) = peer {
            self.fills.borrow_mut().lost(id, frame.tab);
        }
    }

    /// The same where a fill makes room for its own scripts: nobody waits for those that go.
    pub(crate) fn dismiss(&self, id: PortId) {
        self.connections.borrow_mut().close(id);
        self.menus.borrow_mut().close(id);
    }

    fn page_said(self: &Rc<Self>, id: PortId, text: &str, max: usize) {
        let (request, body) = match read::<PopupRequest>(text, max) {
            Ok(frame) => (frame.id, frame.body),
            Err((Some(request), error)) => {
                return self.connections.borrow().answer(id, request, Err(error));
            }
            Err((None, _)) => return self.connections.borrow_mut().close(id),
        };
        if let PopupRequest::LookAtMessages(said) = &body {
            let mut connections = self.connections.borrow_mut();
            connections.set_looking(id, said.looks);
            if said.looks {
                spawn(notices::take_back());
            }
        }
        let app = Rc::clone(self);
        spawn(async move {
            let before = app.told.borrow().clone();
            app.served.set(app.served.get() + 1);
            let answer = router::answer(&app, body).await;
            app.served.set(app.served.get().saturating_sub(1));
            app.connections.borrow().answer(id, request, answer);
            // The answer may have a status in it that was told to be over while it was on its way.
            let told = app
                .told
                .borrow()
                .clone()
                .filter(|_| *app.told.borrow() != before);
            if let Some(told) = told {
                app.connections.borrow().tell(id, &Event::Status(told));
            }
        });
    }

    fn ended(self: &Rc<Self>, id: PortId) {
        let peer = self.connections.borrow_mut().remove(id);
        match peer {
            Some(Peer::Content(frame)) => {
                capture::gone(self, &frame);
                self.fills.borrow_mut().lost(id, frame.tab);
                self.menus.borrow_mut().close(id);
            }
            // Where there is still work, the document is opened again.
            Some(Peer::Solver) => {
                let app = Rc::clone(self);
                spawn(async move { app.settle().await });
            }
            Some(Peer::Page) => host::rest_soon(self),
            None => {}
        }
    }

    async fn command(self: &Rc<Self>, name: &str, tab: Option<TabId>) {
        if name == "fill-login" {
            crate::filling::by_shortcut(self, tab, UserAct::Shortcut).await;
        }
    }
}
