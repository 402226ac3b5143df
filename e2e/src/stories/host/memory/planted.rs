//! What is looked for.

use std::{collections::BTreeSet, fmt, ops::Range};

use anyhow::{Result, ensure};
use proto::{
    bridge::popup::{AppStatus, Reveal, SaveItem, Search, SearchResults, Status},
    vault::{CustomField, ItemDraft, ItemSecrets, SecretField, SecretText, UrlMatch},
};

use crate::{
    memory::{Needles, Report},
    pages::user::User,
    patience::{WORK, until},
    stage::login_draft,
};

/// Secrets that nobody looks at in the browser: passwords of logins, keys of one-time codes, added fields, notes,
/// numbers of cards.
const UNSEEN: [usize; 5] = [40, 3, 2, 3, 2];
/// All of these.
const SECRETS: usize = 50;
/// Passwords of further logins that are looked at while the account is in the browser, and when it is in the host.
const SHOWN: [Range<usize>; 2] = [0..5, 5..10];
/// Characters of each.
const CHARS: usize = 32;
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DIGITS: &[u8] = b"0123456789";

/// Texts of which each is somewhere, and nowhere else by chance.
pub(super) struct Planted {
    secrets: Vec<String>,
    shown: Vec<String>,
    /// Of all items, those that are shown first. An open vault has them: a search of it has to find them.
    titles: Vec<String>,
    /// The account's, which is typed in the browser.
    password: String,
    /// Part of the address of a page in the browser, which is there at any time.
    canary: String,
}

/// When somebody looks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shown {
    /// While the account is in the browser.
    InBrowser,
    /// While it is in the host.
    FromHost,
}

/// What was found: which, or how often.
#[derive(Debug, Clone, Default)]
pub(super) struct Count {
    pub(super) secrets: BTreeSet<usize>,
    pub(super) shown: BTreeSet<usize>,
    pub(super) titles: BTreeSet<usize>,
    pub(super) password: usize,
    pub(super) canary: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secrets, shown) = (self.secrets.len(), self.shown.len());
        let (titles, password) = (self.titles.len(), self.password);
        write!(
            f,
            "{secrets} of {SECRETS} secrets, {shown} of those shown, {titles} titles, password {password}×"
        )
    }
}

impl Planted {
    pub(super) fn make() -> Result<Self> {
        let several = |count, alphabet| {
            let texts = (0..count).map(|_| random_text(alphabet));
            texts.collect::<Result<Vec<_>>>()
        };
        let mut secrets = Vec::new();
        for (count, alphabet) in UNSEEN
            .into_iter()
            .zip([LETTERS, BASE32, LETTERS, LETTERS, DIGITS])
        {
            secrets.extend(several(count, alphabet)?);
        }
        ensure!(secrets.len() == SECRETS, "{} secrets", secrets.len());
        let shown = several(SHOWN[1].end, LETTERS)?;
        let [logins, _, _, notes, cards] = UNSEEN;
        Ok(Self {
            secrets,
            titles: several(shown.len() + logins + notes + cards, LETTERS)?,
            shown,
            password: random_text(LETTERS)?,
            canary: random_text(LETTERS)?,
        })
    }

    pub(super) fn titles(&self) -> &[String] {
        &self.titles
    }

    pub(super) fn password(&self) -> &str {
        &self.password
    }

    pub(super) fn canary(&self) -> &str {
        &self.canary
    }

    /// Saves all, and waits until the node has it.
    pub(super) async fn save(&self, user: &User) -> Result<()> {
        for draft in self.drafts() {
            user.ask(SaveItem { draft }).await?;
        }
        until("the node to have it", WORK, async || {
            let sent = matches!(
                user.ask(Status {}).await?,
                AppStatus::Unlocked { pending: 0, .. }
            );
            Ok(sent.then_some(()))
        })
        .await
    }

    /// Somebody looks at passwords, and leaves the last one in sight.
    pub(super) async fn show(&self, user: &User, when: Shown) -> Result<()> {
        for title in &self.titles[SHOWN[when as usize].clone()] {
            let popup = user.open_popup().await?;
            popup.wait_for_screen("home").await?;
            popup.enter("search", title).await?;
            popup.open_item(title).await?;
            popup.show_password(CHARS).await?;
        }
        Ok(())
    }

    /// Has every secret given out, past the screens.
    pub(super) async fn release_all(&self, user: &User) -> Result<()> {
        let query = Search {
            query: String::new(),
            offset: 0,
            limit: 200,
        };
        let SearchResults { items, .. } = user.ask(query).await?;
        let mut released = 0;
        for item in &items {
            for field in [
                SecretField::Password,
                SecretField::Custom(0),
                SecretField::Notes,
                SecretField::CardNumber,
            ] {
                // Not every item has all of them.
                if let Ok(told) = user.ask(Reveal { id: item.id, field }).await {
                    // EXPOSE: a story looks at it.
                    let value = told.value.expose_secret();
                    let known = self.secrets.iter().chain(&self.shown);
                    released += known.filter(|it| *it == value).count();
                }
            }
        }
        // The key of a one-time code is given to nobody.
        let all = self.secrets.len() + self.shown.len() - UNSEEN[1];
        ensure!(released == all, "{released} of {all} were given out");
        Ok(())
    }

    pub(super) fn needles(&self) -> Result<Needles> {
        let texts = [&self.secrets, &self.shown, &self.titles];
        let mut texts: Vec<_> = texts.into_iter().flatten().cloned().collect();
        texts.extend([self.password.clone(), self.canary.clone()]);
        Needles::new(&texts)
    }

    pub(super) fn count(&self, report: &Report) -> Count {
        let mut count = Count::default();
        for found in &report.found {
            let needle = found.needle;
            match self.name(needle) {
                "secret" => drop(count.secrets.insert(needle)),
                "shown" => drop(count.shown.insert(needle)),
                "title" => drop(count.titles.insert(needle)),
                "password" => count.password += 1,
                _ => count.canary += 1,
            }
        }
        count
    }

    /// What the needle of a number is.
    pub(super) fn name(&self, needle: usize) -> &'static str {
        let shown = self.secrets.len();
        let titles = shown + self.shown.len();
        let password = titles + self.titles.len();
        match needle {
            it if it < shown => "secret",
            it if it < titles => "shown",
            it if it < password => "title",
            it if it == password => "password",
            _ => "canary",
        }
    }

    fn drafts(&self) -> Vec<ItemDraft> {
        let mut secrets = self.secrets.iter().map(SecretText::new);
        let [passwords, codes, added, notes, cards] =
            UNSEEN.map(|count| secrets.by_ref().take(count).collect::<Vec<_>>());
        let (mut codes, mut added) = (codes.into_iter(), added.into_iter());
        let shown = self.shown.iter().map(SecretText::new);
        let mut all: Vec<_> = shown.map(|it| login(it, None, None)).collect();
        let logins = passwords.into_iter();
        all.extend(logins.map(|it| login(it, codes.next(), added.next())));
        all.extend(notes.into_iter().map(|text| ItemSecrets::Note { text }));
        all.extend(cards.into_iter().map(|number| ItemSecrets::Card {
            number,
            expiry: SecretText::new("11/39"),
            code: SecretText::default(),
            pin: SecretText::default(),
            notes: SecretText::default(),
        }));
        let titled = self.titles.iter().zip(all);
        let drafts = titled.map(|(title, secrets)| {
            let mut draft = login_draft(title, "https://pear.test", UrlMatch::Site);
            if !matches!(secrets, ItemSecrets::Login { .. }) {
                draft.urls.clear();
            }
            ItemDraft { secrets, ..draft }
        });
        drafts.collect()
    }
}

fn login(password: SecretText, code: Option<SecretText>, added: Option<SecretText>) -> ItemSecrets {
    let fields = added.map(|value| CustomField {
        name: "Answer".to_owned(),
        value,
        concealed: true,
    });
    ItemSecrets::Login {
        password,
        totp: code.unwrap_or_default(),
        fields: fields.into_iter().collect(),
        notes: SecretText::default(),
    }
}

fn random_text(alphabet: &[u8]) -> Result<String> {
    let mut bytes = [0; CHARS];
    getrandom::fill(&mut bytes)?;
    let letters = bytes
        .iter()
        .map(|byte| alphabet[usize::from(*byte) % alphabet.len()]);
    Ok(letters.map(char::from).collect())
}
