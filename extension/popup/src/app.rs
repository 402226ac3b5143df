//! State that all screens share, the frame around them, and keys that work everywhere.

use std::rc::Rc;

use leptos::{ev, prelude::*};
use proto::{
    address::Address,
    bridge::popup::{AppStatus, HostStatus, Settings, SiteView, SolverView},
    error::WireError,
    ids::MessageId,
};
use webext::client::Client;

use crate::{
    components::toast::{Toast, Toasts},
    draft::{Start, Unfinished},
    letters::Letters,
    message::list::Shelf,
    routes::{self, Route, home::model::Results},
};

/// State that all screens share. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct App {
    /// Port to the background.
    pub client: StoredValue<Client, LocalStorage>,
    /// The last status; `None` before the first.
    pub status: RwSignal<Option<AppStatus>>,
    /// The screen.
    pub route: RwSignal<Route>,
    /// What is typed before there is an account.
    pub start: RwSignal<Start>,
    /// Recovery words as typed, in the memory of this page alone: an attempt that fails does not cost
    /// typing them again.
    pub words: RwSignal<String>,
    /// Why the background gives no status.
    pub failure: RwSignal<Option<WireError>>,
    /// The settings, once read.
    pub settings: RwSignal<Option<Settings>>,
    /// What works on proofs on this device, once a screen has asked.
    pub solver: RwSignal<Option<SolverView>>,
    /// How it stands with the native host, once a screen has asked.
    pub host: RwSignal<Option<HostStatus>>,
    /// An item that is being written.
    pub unfinished: RwSignal<Option<Unfinished>>,
    /// Messages that are being written.
    pub letters: RwSignal<Letters>,
    /// Counts the changes of messages and conversations.
    pub message_news: RwSignal<u32>,
    /// What is searched for among conversations; stays while one is looked at.
    pub message_query: RwSignal<String>,
    /// The message at which the next conversation is to be shown.
    pub message_sought: RwSignal<Option<MessageId>>,
    /// Counts the changes of the vault.
    pub vault_news: RwSignal<u32>,
    /// What is told at the bottom.
    pub toast: RwSignal<Option<Toast>>,
    /// What the search box holds; stays while an item is looked at.
    pub query: RwSignal<String>,
    /// What was found for it.
    pub results: RwSignal<Results>,
    /// The page in the active tab.
    pub site: RwSignal<Option<SiteView>>,
    /// Whether the last fill of that page can be taken back.
    pub can_undo: RwSignal<bool>,
    /// Whether the screen that the page's URL asks for was shown.
    pub landed: StoredValue<bool>,
    /// What Escape does, the topmost layer last.
    layers: StoredValue<Vec<Layer>, LocalStorage>,
}

/// Something that Escape closes.
#[derive(Clone)]
struct Layer {
    id: u32,
    close: Rc<dyn Fn()>,
}

impl App {
    fn new() -> Self {
        Self {
            client: StoredValue::new_local(Client::connect()),
            status: RwSignal::new(None),
            route: RwSignal::new(Route::Starting),
            start: RwSignal::new(Start::default()),
            words: RwSignal::new(String::new()),
            failure: RwSignal::new(None),
            settings: RwSignal::new(None),
            solver: RwSignal::new(None),
            host: RwSignal::new(None),
            unfinished: RwSignal::new(None),
            letters: RwSignal::new(Letters::default()),
            message_news: RwSignal::new(0),
            message_query: RwSignal::new(String::new()),
            message_sought: RwSignal::new(None),
            vault_news: RwSignal::new(0),
            toast: RwSignal::new(None),
            query: RwSignal::new(String::new()),
            results: RwSignal::new(Results::default()),
            site: RwSignal::new(None),
            can_undo: RwSignal::new(false),
            landed: StoredValue::new(false),
            layers: StoredValue::new_local(Vec::new()),
        }
    }

    /// The state, from inside a component.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Shows a screen. What was told as done goes with the one before; what the new one is to tell
    /// is told after this.
    pub(crate) fn go(self, route: Route) {
        if self.route.with_untracked(|current| *current != route) {
            let told =
                |toast: &Option<Toast>| toast.as_ref().is_some_and(Toast::goes_with_its_screen);
            if self.toast.with_untracked(told) {
                self.toast.set(None);
            }
            self.route.set(route);
        }
    }

    /// Goes to the screen that this one came from.
    pub(crate) fn back(self) {
        if let Some(parent) = self.route.with_untracked(Route::parent) {
            self.go(parent);
        }
    }

    /// Whose account this is, where there is one.
    pub(crate) fn address(self) -> Option<Address> {
        self.status.with(|status| match status {
            Some(
                AppStatus::Working { address, .. }
                | AppStatus::Away { address, .. }
                | AppStatus::Locked { address, .. }
                | AppStatus::Unlocked { address, .. },
            ) => Some(address.clone()),
            Some(AppStatus::Empty { .. }) | None => None,
        })
    }

    /// Lets Escape close something for as long as the calling component lives.
    pub(crate) fn on_escape(self, close: impl Fn() + 'static) {
        let id = self
            .layers
            .with_value(|layers| layers.last().map_or(0, |layer| layer.id + 1));
        self.layers.update_value(|layers| {
            layers.push(Layer {
                id,
                close: Rc::new(close),
            });
        });
        on_cleanup(move || {
            self.layers
                .try_update_value(|layers| layers.retain(|layer| layer.id != id));
        });
    }

    fn escape(self) -> bool {
        let top = self.layers.with_value(|layers| layers.last().cloned());
        if let Some(layer) = top {
            (layer.close)();
            return true;
        }
        let parent = self.route.with_untracked(Route::parent);
        parent.map(|parent| self.go(parent)).is_some()
    }
}

/// The whole application.
#[component]
pub(crate) fn Root() -> impl IntoView {
    let app = App::new();
    provide_context(app);
    app.begin();
    watch_keys(app);
    crate::activity::watch(app);
    crate::activity::watch_messages(app);
    set_layout();
    Effect::new(move || {
        if app.route.with(|route| *route != Route::Starting) {
            remove_skeleton();
        }
    });

    let slow = Memo::new(move |_| {
        app.host
            .with(|status| status.as_ref().is_some_and(|it| it.lives_there && it.slow))
    });
    let slow = move || slow.get();
    view! {
        <div id="app" class="app" data-screen=move || app.route.with(Route::name)>
            {move || slow().then(|| view! {
                <p class="host-slow" role="status" data-test="host-slow">
                    "Pearvault's host takes its time to answer. Nothing is lost."
                </p>
            })}
            {move || screen(app.route.get())}
            <Toasts/>
        </div>
    }
}

fn screen(route: Route) -> AnyView {
    use routes as r;
    match route {
        Route::Starting => ().into_any(),
        Route::Failed => view! { <r::failed::Failed/> }.into_any(),
        Route::Welcome => view! { <r::welcome::Welcome/> }.into_any(),
        Route::Address => view! { <r::address::ChooseAddress/> }.into_any(),
        Route::Password => view! { <r::password::ChoosePassword/> }.into_any(),
        Route::LogIn => view! { <r::login::LogInForm/> }.into_any(),
        Route::Code => view! { <r::code::CodeScreen/> }.into_any(),
        Route::Recover(_) => view! { <r::recover::RecoverForm/> }.into_any(),
        Route::Work => view! { <r::work::Working/> }.into_any(),
        Route::Recovery(_) => view! { <r::recovery::RecoveryScreen/> }.into_any(),
        Route::ChangePassword => view! { <r::change_password::ChangePasswordForm/> }.into_any(),
        Route::Pin(_) => view! { <r::pin::PinScreen/> }.into_any(),
        Route::Ready => view! { <r::ready::Ready/> }.into_any(),
        Route::Unlock => view! { <r::unlock::UnlockForm/> }.into_any(),
        Route::Home => view! { <r::home::Home/> }.into_any(),
        Route::Item(id) => view! { <r::item::ItemScreen id/> }.into_any(),
        Route::History(id) => view! { <r::history::HistoryScreen id/> }.into_any(),
        Route::Choice(copy) => view! { <r::choice::ChoiceScreen copy/> }.into_any(),
        Route::Trash => view! { <r::trash::TrashScreen/> }.into_any(),
        Route::Editor(editing) => view! { <r::editor::Editor editing/> }.into_any(),
        Route::Messages(shelf) => view! { <r::messages::MessagesScreen shelf/> }.into_any(),
        Route::NewMessage(to) => view! { <r::new_message::NewMessage to/> }.into_any(),
        Route::Conversation(address) => {
            view! { <r::conversation::ConversationScreen address/> }.into_any()
        }
        Route::Contact(address) => view! { <r::contact::ContactScreen address/> }.into_any(),
        Route::Share(item) => view! { <r::share::ShareScreen item/> }.into_any(),
        Route::Generator => view! { <r::generator::GeneratorScreen/> }.into_any(),
        Route::Settings => view! { <r::settings::SettingsScreen/> }.into_any(),
        Route::Devices => view! { <r::devices::DevicesScreen/> }.into_any(),
        Route::Keys => view! { <r::keys::KeysScreen/> }.into_any(),
        Route::Domains => view! { <r::domains::DomainsScreen/> }.into_any(),
        Route::Domain(domain) => view! { <r::domain::DomainScreen domain/> }.into_any(),
        Route::Prices => view! { <r::prices::PricesScreen/> }.into_any(),
        Route::Host(_) => view! { <r::host::HostScreen/> }.into_any(),
        Route::Away => view! { <r::away::Away/> }.into_any(),
        Route::Import => view! { <r::import::Import/> }.into_any(),
        Route::Export => view! { <r::export::Export/> }.into_any(),
        Route::SignIn(id) => view! { <r::sign_in::SignIn id/> }.into_any(),
        Route::Why => view! { <r::why::Why/> }.into_any(),
    }
}

/// Escape goes back one layer or screen; `/` goes to the search.
fn watch_keys(app: App) {
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || event.is_composing() {
            return;
        }
        match event.key().as_str() {
            "Escape" if app.escape() => event.prevent_default(),
            "/" if !crate::dom::typing() => {
                if app.route.with_untracked(|route| {
                    matches!(
                        route,
                        Route::Item(_)
                            | Route::History(_)
                            | Route::Trash
                            | Route::Generator
                            | Route::Settings
                            | Route::Devices
                            | Route::Keys
                            | Route::Domains
                            | Route::Domain(_)
                            | Route::Recovery(_)
                            | Route::Share(_)
                            | Route::Why
                    )
                }) {
                    event.prevent_default();
                    app.go(Route::Home);
                } else if app.route.with_untracked(|route| *route == Route::Home) {
                    event.prevent_default();
                    crate::dom::focus("search");
                } else if app.route.with_untracked(Route::is_of_messages) {
                    event.prevent_default();
                    app.go(Route::Messages(Shelf::All));
                    crate::dom::focus("search-messages");
                }
            }
            _ => {}
        }
    });
    on_cleanup(move || listener.remove());
}

/// A page that is not the popup takes the size of its window (`base.css`).
fn set_layout() {
    let query = location().search().unwrap_or_default();
    let hash = location().hash().unwrap_or_default();
    let is_page = ["?full", "?panel"]
        .iter()
        .any(|name| query.starts_with(name));
    if let Some(root) = document()
        .document_element()
        .filter(|_| is_page || !hash.is_empty())
    {
        // Name and value are fixed: setting it cannot fail.
        drop(root.set_attribute("data-layout", "page"));
    }
}

fn remove_skeleton() {
    if let Some(skeleton) = document().get_element_by_id("skeleton") {
        skeleton.remove();
    }
}
