//! Filling the page in front, and taking that back.

use leptos::prelude::*;
use proto::{
    bridge::popup::{Fill, FillPreviewed, GetPage, PreviewFill, Reveal, Settings, UndoFill},
    error::ErrorCode,
    ids::ItemId,
    vault::{ItemKind, SecretField},
};
use webext::{page, time};

use crate::{
    app::App,
    components::{fill_preview::Previewed, toast::Toast},
    dom::focus,
    form, format,
};

impl App {
    /// Fills an item into the page and closes the popup.
    pub(crate) fn fill(self, item: ItemId) {
        time::spawn(async move {
            if let Some(report) = self.ask_or_tell(Fill { item }).await {
                let text = match (report.username, report.password) {
                    (true, true) => "Filled",
                    (true, false) => "Filled the user name. Go on to the password and fill again.",
                    (false, true) => "Filled the password",
                    (false, false) if report.totp => "Filled the one-time code",
                    (false, false) => "Nothing was filled",
                };
                self.toast.set(Some(Toast::done(text)));
                self.read_page();
                if report.password && !report.totp {
                    self.copy_code(item).await;
                }
                page::close();
            }
        });
    }

    /// Copies the one-time code that the site will ask for next, where the login has one.
    async fn copy_code(self, id: ItemId) {
        let wanted = |settings: &Option<Settings>| settings.as_ref().is_none_or(|s| s.copy_codes);
        if !self.settings.with_untracked(wanted) {
            return;
        }
        let field = SecretField::TotpCode;
        if let Ok(code) = self.ask(Reveal { id, field }).await {
            self.copy_text(code.value).await;
        }
    }

    /// Asks how the page in the active tab stands.
    pub(crate) fn read_page(self) {
        time::spawn(async move {
            // What cannot be asked cannot be taken back either.
            let page = self.ask(GetPage {}).await;
            self.can_undo.set(page.is_ok_and(|page| page.can_undo));
        });
    }

    /// Takes the last fill of the page in the active tab back.
    pub(crate) fn undo_fill(self) {
        focus("search");
        time::spawn(async move {
            let told = match self.ask(UndoFill {}).await {
                Ok(undone) => Toast::done(&format!(
                    "{} put back",
                    format::counted(u64::from(undone.fields), "field")
                )),
                Err(error) if error.code == ErrorCode::NothingToFill => Toast::failed(
                    "Nothing was put back: the page or what stands in its fields has changed.",
                ),
                Err(error) => Toast::error(&error),
            };
            self.toast.set(Some(told));
            self.read_page();
        });
    }

    /// Shows what of a card or an identity would go where on the page.
    pub(crate) fn preview(
        self,
        item: ItemId,
        kind: ItemKind,
        title: String,
        into: RwSignal<Option<Previewed>>,
    ) {
        time::spawn(async move {
            match self.ask(PreviewFill { item }).await {
                Ok(preview) if !preview.parts.is_empty() => {
                    // The screen may be gone meanwhile.
                    into.try_set(Some(Previewed {
                        item,
                        kind,
                        title,
                        preview,
                    }));
                }
                Err(error) if error.code == ErrorCode::Locked => {}
                Err(error) if error.code != ErrorCode::NothingToFill => {
                    self.toast.set(Some(Toast::error(&error)));
                }
                Ok(_) | Err(_) => {
                    let kind = form::kind_word(kind);
                    let text = format!("No field on this page asks for this {kind}.");
                    self.toast.set(Some(Toast::failed(&text)));
                }
            }
        });
    }

    /// Fills what was shown before, where it was shown, and closes the popup. Where the page is
    /// another by now, shows what would go where in that one.
    pub(crate) fn fill_previewed(self, shown: Previewed, into: RwSignal<Option<Previewed>>) {
        let id = shown.preview.id;
        time::spawn(async move {
            match self.ask(FillPreviewed { id }).await {
                Ok(_) => {
                    self.toast.set(Some(Toast::done("Filled")));
                    self.read_page();
                    page::close();
                }
                Err(error) => {
                    if error.code == ErrorCode::PageGone {
                        self.preview(shown.item, shown.kind, shown.title, into);
                    }
                    if error.code != ErrorCode::Locked {
                        self.toast.set(Some(Toast::error(&error)));
                    }
                }
            }
        });
    }
}
