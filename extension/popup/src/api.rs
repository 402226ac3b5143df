//! Requests to the background, and what comes of them.

use futures_util::future::join4;
use leptos::prelude::*;
use proto::{
    bridge::{
        Request,
        event::Event,
        popup::{
            AppStatus, ClipboardUsed, CopyByHost, Follow, GetDraft, GetSettings, GetSolver,
            KeepDraft, KeepLetter, Letter, ListLetters, Lock, PopupRequest, Reveal, RevealMessage,
            SetSettings, Settings, Status, SyncNow, UndeleteItem,
        },
    },
    error::{ErrorCode, WireError},
    ids::{ItemId, MessageId, UnixMillis},
    vault::{SecretField, SecretText},
};
use webext::{crypto, page, time};

use crate::{
    app::App,
    components::toast::Toast,
    draft::{Deletion, Kept, Start, Unfinished, Way},
    letters::Letters,
    routes::{self, Back, Editing, Route, Step},
    sync::Standing,
};

impl App {
    /// Asks the background.
    pub(crate) async fn ask<R>(self, request: R) -> Result<R::Response, WireError>
    where
        R: Request<Port = PopupRequest> + 'static,
        R::Response: 'static,
    {
        let client = self.client.with_value(Clone::clone);
        client.request(request).await
    }

    /// Asks the background; a failure is told at the bottom. That the vault was locked meanwhile, or that the
    /// host is away, is none: its screen says so.
    pub(crate) async fn ask_or_tell<R>(self, request: R) -> Option<R::Response>
    where
        R: Request<Port = PopupRequest> + 'static,
        R::Response: 'static,
    {
        match self.ask(request).await {
            Ok(answer) => Some(answer),
            Err(error) if matches!(error.code, ErrorCode::Locked | ErrorCode::HostAway) => None,
            Err(error) => {
                self.toast.set(Some(Toast::error(&error)));
                None
            }
        }
    }

    /// Asks for the first status and listens for news.
    pub(crate) fn begin(self) {
        time::spawn(async move {
            let start = async { self.draft::<Start>().await };
            let unfinished = async { self.draft::<Unfinished>().await };
            match join4(self.ask(Status {}), start, unfinished, self.letters()).await {
                (Ok(status), start, unfinished, letters) => {
                    self.start.set(start.unwrap_or_default());
                    self.unfinished.set(unfinished);
                    self.letters.set(letters);
                    self.arrive(status);
                    self.listen();
                }
                (Err(error), ..) => {
                    self.failure.set(Some(error));
                    self.go(Route::Failed);
                }
            }
        });
    }

    fn listen(self) {
        self.client.with_value(|client| {
            client.events(move |event| match event {
                Event::Status(status) => self.arrive(status),
                Event::Work(work) => self.status.update(|status| {
                    if let Some(AppStatus::Working { progress, .. }) = status {
                        *progress = Some(work);
                    }
                }),
                Event::Solver(view) => self.solver.set(Some(view)),
                Event::Host(status) => self.host.set(Some(status)),
                Event::VaultChanged {} => self.vault_news.update(|news| *news += 1),
                Event::MessagesChanged {} => self.message_news.update(|news| *news += 1),
            });
        });
    }

    /// Takes a new status and goes where it calls.
    pub(crate) fn arrive(self, status: AppStatus) {
        let before = self.status.get_untracked();
        if before.as_ref() == Some(&status) {
            return;
        }
        let current = self.route.get_untracked();
        let way = self.start.with_untracked(|start| start.way);
        let step = routes::step(&current, before.as_ref(), &status, way);
        let first = before.is_none();
        if !matches!(status, AppStatus::Unlocked { .. }) {
            self.forget_vault();
        }
        self.status.set(Some(status));
        match step {
            Step::Stay => {}
            Step::Go(route) => {
                let enters = matches!(route, Route::Ready | Route::Keys);
                if enters {
                    self.settle();
                }
                let by_reset = route == Route::Keys;
                self.go(route);
                if by_reset {
                    let text = "New password set. The password from before opens the older keys.";
                    self.toast.set(Some(Toast::done(text)));
                }
            }
            Step::Enter if first => self.enter(),
            Step::Enter => time::spawn(async move {
                self.unfinished.set(self.draft().await);
                self.letters.set(self.letters().await);
                // Another status came meanwhile, and led there first.
                if !self.route.with_untracked(Route::needs_vault) {
                    self.enter();
                }
            }),
        }
    }

    /// Asks how things stand, where a request changed it and told nothing.
    pub(crate) async fn refresh(self) {
        if let Ok(status) = self.ask(Status {}).await {
            self.arrive(status);
        }
    }

    /// Synchronises, and tells what came of it.
    pub(crate) async fn sync_now(self) {
        if let Some(status) = self.ask_or_tell(SyncNow {}).await {
            let outcome = Standing::of(Some(&status)).map(|standing| standing.outcome());
            self.arrive(status);
            if outcome.is_some() {
                self.toast.set(outcome);
            }
        }
    }

    /// Shows the vault, what was being written, or what the page's URL asks for.
    fn enter(self) {
        self.settle();
        let hash = location().hash().unwrap_or_default();
        let Some(id) = routes::landing_id(&hash) else {
            return self.land(self.landing(&hash));
        };
        time::spawn(async move {
            let answer = self.ask(Follow { id }).await;
            let is_locked = matches!(&answer, Err(error) if error.code == ErrorCode::Locked);
            // Locked meanwhile, it is asked again once the vault is open; asked twice, it was told the other time.
            if is_locked || self.route.with_untracked(Route::needs_vault) {
                return;
            }
            page::forget_route();
            let landing = answer.ok().and_then(|followed| followed.landing);
            self.land(landing.map_or(Route::Home, Route::of_landing));
        });
    }

    /// Shows a screen, or in place of the vault what was being written.
    fn land(self, landing: Route) {
        let fresh = self
            .unfinished
            .with_untracked(|draft| draft.as_ref().is_some_and(|d| d.reopens(time::now())));
        if fresh && landing == Route::Home {
            self.go(Route::Editor(Editing::Draft));
        } else if landing == Route::Home
            && let Some(address) = self.letters.with_untracked(|it| it.reopens(time::now()))
        {
            self.go(Route::Conversation(address));
        } else {
            self.go(landing);
        }
        time::spawn(async move {
            let deletion = self.draft::<Deletion>().await;
            if let Some(deletion) = deletion.filter(|d| d.is_offered(time::now())) {
                self.toast
                    .set(Some(Toast::deleted(deletion.id, &deletion.title)));
            }
        });
    }

    /// The screen that the page's URL asks for. It is followed once: who unlocks later did not ask again. Only a
    /// server that waits for a login goes on waiting.
    fn landing(self, hash: &str) -> Route {
        let landing = Route::from_hash(hash);
        let is_over = self
            .landed
            .try_update_value(|landed| std::mem::replace(landed, true));
        if is_over == Some(true) && !matches!(landing, Route::SignIn(_)) {
            return Route::Home;
        }
        landing
    }

    /// What is done once the vault is open, whichever screen follows.
    fn settle(self) {
        if self
            .start
            .with_untracked(|start| *start != Start::default())
        {
            self.start.set(Start::default());
            self.forget::<Start>();
        }
        self.words.set(String::new());
        self.read_settings();
    }

    /// Reads the settings.
    pub(crate) fn read_settings(self) {
        time::spawn(async move {
            self.settings.set(self.ask(GetSettings {}).await.ok());
        });
    }

    /// Asks what works on proofs here; what changes later is told by events.
    pub(crate) async fn read_solver(self) {
        // Screens do without it: no reason to disturb.
        if let Ok(view) = self.ask(GetSolver {}).await {
            self.solver.set(Some(view));
        }
    }

    /// Forgets on this page what only an open vault may show.
    fn forget_vault(self) {
        self.unfinished.set(None);
        self.letters.set(Letters::default());
        self.message_query.set(String::new());
        self.query.set(String::new());
        self.results.set(routes::home::model::Results::default());
        self.site.set(None);
        self.can_undo.set(false);
        self.toast.set(None);
    }

    /// Sets out to make an account or to log in, or back to the welcome screen.
    pub(crate) fn set_out(self, way: Option<Way>) {
        self.start.update(|start| start.way = way);
        self.keep(&self.start.get_untracked());
        self.go(match way {
            None => Route::Welcome,
            Some(Way::Create) => Route::Address,
            Some(Way::LogIn) => Route::LogIn,
            Some(Way::Recover) => Route::Recover(Back::LogIn),
            Some(Way::Code | Way::Invited | Way::Reset) => Route::Code,
        });
    }

    /// Reads a draft; one of another version of Pearvault counts as none.
    pub(crate) async fn draft<T: Kept>(self) -> Option<T> {
        let draft = self
            .ask(GetDraft {
                screen: T::SCREEN.to_owned(),
            })
            .await
            .ok()?;
        // EXPOSE: the draft's own screen shows it again.
        serde_json::from_str(draft.content.expose_secret()).ok()
    }

    /// Keeps a draft.
    pub(crate) fn keep<T: Kept>(self, draft: &T) {
        if let Ok(text) = serde_json::to_string(draft) {
            self.keep_text(T::SCREEN, SecretText::new(text));
        }
    }

    /// Forgets a draft.
    pub(crate) fn forget<T: Kept>(self) {
        self.keep_text(T::SCREEN, SecretText::default());
    }

    fn keep_text(self, screen: &'static str, content: SecretText) {
        time::spawn(async move {
            // A draft that cannot be kept (vault locked meanwhile) is no reason to disturb.
            drop(
                self.ask(KeepDraft {
                    screen: screen.to_owned(),
                    content,
                })
                .await,
            );
        });
    }

    /// Reads the messages being written; of a locked vault there are none.
    async fn letters(self) -> Letters {
        let letters = self.ask(ListLetters {}).await.ok();
        letters.map(Letters::of).unwrap_or_default()
    }

    /// Reads the messages being written anew: another page may have written since.
    pub(crate) async fn read_letters(self) {
        if let Ok(letters) = self.ask(ListLetters {}).await {
            self.letters.set(Letters::of(letters));
        }
    }

    /// Keeps a message being written, and tells whether it was done. One that cannot be kept (vault locked meanwhile) is no
    /// reason to disturb.
    pub(crate) async fn keep_letter(self, letter: Letter) -> bool {
        self.ask(KeepLetter { letter }).await.is_ok()
    }

    /// Keeps the item being written.
    pub(crate) fn keep_unfinished(self, draft: Option<Unfinished>) {
        match &draft {
            Some(draft) => self.keep(draft),
            None => self.forget::<Unfinished>(),
        }
        self.unfinished.set(draft);
    }

    /// Copies a text that is no secret.
    pub(crate) fn copy_plain(self, text: String, what: &'static str) {
        time::spawn(async move {
            let told = match page::write_clipboard(&text).await {
                Ok(()) => Toast::done(&format!("{what} copied")),
                Err(error) => Toast::error(&error),
            };
            self.toast.set(Some(told));
        });
    }

    /// Copies a secret field; the background clears the clipboard later.
    pub(crate) fn copy_secret(self, id: ItemId, field: SecretField) {
        time::spawn(async move {
            if let Some(revealed) = self.ask_or_tell(Reveal { id, field }).await {
                self.copy_text(revealed.value).await;
            }
        });
    }

    /// Copies a field of what was shared in a message; the background clears the clipboard later.
    pub(crate) fn copy_message(self, field: RevealMessage) {
        time::spawn(async move {
            if let Some(revealed) = self.ask_or_tell(field).await {
                self.copy_text(revealed.value).await;
            }
        });
    }

    /// Copies a secret that is already on the screen. Returns whether it is on the clipboard.
    pub(crate) async fn copy_text(self, secret: SecretText) -> bool {
        let value = secret.clone();
        let by_host = self.ask(CopyByHost { value }).await;
        let by_host = by_host.is_ok_and(|copied| copied.done);
        if !by_host {
            // EXPOSE: the user asked for it on the clipboard.
            if let Err(error) = page::write_clipboard(secret.expose_secret()).await {
                self.toast.set(Some(Toast::error(&error)));
                return false;
            }
        }
        let seconds = self
            .settings
            .with_untracked(|s| s.as_ref().map(|s| s.clear_clipboard_seconds));
        let text = match seconds {
            Some(0) => "Copied".to_owned(),
            Some(seconds) => format!("Copied · clears in {seconds} s"),
            None => "Copied · clears soon".to_owned(),
        };
        self.toast.set(Some(Toast::done(&text)));
        if !by_host {
            self.ask_or_tell(ClipboardUsed {}).await;
        }
        true
    }

    /// Changes some of the settings; before they are read, nothing.
    pub(crate) fn change_settings(self, change: impl FnOnce(&mut Settings)) {
        let Some(mut settings) = self.settings.get_untracked() else {
            return;
        };
        change(&mut settings);
        // Before the answer: another change may follow at once, and is not to undo this one.
        self.settings.set(Some(settings.clone()));
        time::spawn(async move {
            if !self.set_settings(settings).await {
                self.read_settings();
            }
        });
    }

    /// Writes the settings and tells whether it was done.
    pub(crate) async fn set_settings(self, settings: Settings) -> bool {
        let written = self.ask_or_tell(SetSettings { settings }).await;
        let done = written.is_some();
        if done {
            self.settings.set(written);
        }
        done
    }

    /// Locks the vault.
    pub(crate) fn lock(self) {
        time::spawn(async move {
            if let Some(status) = self.ask_or_tell(Lock {}).await {
                self.arrive(status);
            }
        });
    }

    /// Remembers a deletion, so that it can be undone even after the popup was closed.
    pub(crate) fn offer_undo(self, id: ItemId, title: &str) {
        self.keep(&Deletion {
            id,
            title: title.to_owned(),
            at: time::now(),
        });
        self.toast.set(Some(Toast::deleted(id, title)));
    }

    /// Brings the deleted item back.
    pub(crate) fn undelete(self, id: ItemId) {
        self.forget::<Deletion>();
        time::spawn(async move {
            if self.ask_or_tell(UndeleteItem { id }).await.is_some() {
                self.vault_news.update(|news| *news += 1);
                self.toast.set(Some(Toast::done("Brought back")));
            }
        });
    }
}

/// A new message's id.
pub(crate) fn new_message_id() -> MessageId {
    let mut random = [0; 10];
    crypto::random(&mut random);
    MessageId::make(now(), random)
}

/// What the clock on the wall shows at a time.
pub(crate) fn wall(at: UnixMillis) -> UnixMillis {
    time::wall(at)
}

/// The wall clock.
pub(crate) fn now() -> UnixMillis {
    time::now()
}
