//! Offers to save or change a login that was typed into a page.
//!
//! ```text
//! consider ─ judge ─▶ offer/<id>, sealed ─▶ offers ─▶ accept · dismiss · never
//! ```
//!
//! What is submitted comes from a hostile page by way of a script in it. It is bounded, compared with
//! the vault behind the release gate, and kept sealed as a login is; nothing is written into the
//! vault before the user says so. While the vault is locked nothing is remembered at all.

use proto::{
    bridge::popup::{OfferKind, OfferView},
    ids::{ItemId, ItemVersion, OfferId, UnixMillis},
    limits::{ITEM_TITLE_MAX_CHARS, PASSWORD_MAX_BYTES},
    origin::{Origin, Scheme},
    vault::SecretText,
};

use self::judge::{Judged, Known, judge};
use crate::{
    Engine,
    error::EngineError,
    generated::unsaved_login,
    keyring::OsRandom,
    matching::is_at,
    platform::{Change, Platform, Store},
    records::OfferRecord,
    release,
    site::{is_loopback, site_name},
};

mod answer;
mod judge;
mod kept;
mod never;

/// Logins of a site that are compared, the last used.
const COMPARED_MAX: usize = 50;
/// Version that what was typed is sealed as. No item has it: its first is 1.
const VERSION: ItemVersion = ItemVersion(0);

/// What was sent off in a page, as the script there says.
#[derive(Debug)]
pub struct Submission {
    /// The frame's origin, as the browser says.
    pub origin: Origin,
    /// User name; may be empty.
    pub username: SecretText,
    /// Password, or the present one where a new one was typed; may be empty.
    pub password: SecretText,
    /// New password; empty where none was asked for.
    pub new_password: SecretText,
}

/// What comes of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// Nothing to offer.
    None(NoOffer),
    /// To save a new login.
    Save {
        /// For the answer.
        id: OfferId,
        /// Its name would be this: the host, with `http://` where that is how it is sent.
        title: String,
        /// User name; may be empty.
        username: String,
        /// Address.
        url: String,
    },
    /// To change the password of a login.
    Update {
        /// For the answer.
        id: OfferId,
        /// Which login.
        item: ItemId,
        /// Its name.
        title: String,
    },
}

/// Why nothing is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoOffer {
    /// The page is http, and the vault has an https login of its host: who sees what is sent there,
    /// or sends it, is not known.
    Insecure,
    /// No vault is open. Nothing of the submission is remembered.
    Locked,
    /// The user wants none for this site.
    NeverHere,
    /// No password was submitted.
    NoPassword,
    /// The user wants none.
    Off,
    /// The vault has it already.
    Unchanged,
    /// Too long, or with control characters.
    Unusable,
}

impl Submission {
    fn is_usable(&self) -> bool {
        let fits = |text: &SecretText| {
            // EXPOSE: only lengths and kinds of characters are looked at.
            let text = text.expose_secret();
            text.len() <= PASSWORD_MAX_BYTES && !text.chars().any(char::is_control)
        };
        // EXPOSE: only its length is looked at.
        let characters = self.username.expose_secret().chars().count();
        characters <= ITEM_TITLE_MAX_CHARS
            && [&self.username, &self.password, &self.new_password]
                .into_iter()
                .all(fits)
    }

    /// The password that holds from now on.
    fn valid_password(&self) -> &SecretText {
        if self.new_password.is_empty() {
            &self.password
        } else {
            &self.new_password
        }
    }
}

impl<P: Platform> Engine<P> {
    /// What to offer for a submission; an offer waits for its answer, sealed, also after the worker's
    /// death. A later submission of the same site and user name takes an earlier one's place.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn consider(&self, submission: Submission) -> Result<Offer, EngineError> {
        match self.judged(&submission).await {
            Ok(Ok(judged)) => self.keep_offer(&submission, judged).await,
            Ok(Err(none)) => Ok(Offer::None(none)),
            Err(error) => Err(error),
        }
        .or_else(|error| match error {
            // Also where it was locked meanwhile.
            EngineError::Locked | EngineError::NoAccount => Ok(Offer::None(NoOffer::Locked)),
            error => Err(error),
        })
    }

    async fn judged(
        &self,
        submission: &Submission,
    ) -> Result<Result<Judged, NoOffer>, EngineError> {
        if !submission.is_usable() {
            return Ok(Err(NoOffer::Unusable));
        }
        if submission.valid_password().is_empty() {
            return Ok(Err(NoOffer::NoPassword));
        }
        if !self.settings().offer_to_save {
            return Ok(Err(NoOffer::Off));
        }
        self.ensure_open().await?;
        if self
            .never_sites()
            .await?
            .contains(&site_name(&submission.origin))
        {
            return Ok(Err(NoOffer::NeverHere));
        }
        if self.with_open(|open| Ok(open.index.is_downgrade(&submission.origin)))? {
            return Ok(Err(NoOffer::Insecure));
        }
        let known = self.known(submission).await?;
        // EXPOSE: compared with user names of the vault.
        match judge(submission.username.expose_secret(), &known) {
            Judged::Unchanged => Ok(Err(NoOffer::Unchanged)),
            judged => Ok(Ok(judged)),
        }
    }

    /// The logins that fit the page, and which of the submitted passwords each has.
    async fn known(&self, submission: &Submission) -> Result<Vec<Known>, EngineError> {
        let mut known = Vec::new();
        let fitting = self.logins_for(&submission.origin).await?;
        for login in fitting.into_iter().take(COMPARED_MAX) {
            let record = self.record(login.id).await?;
            let has = |password: &SecretText| {
                self.with_open(|open| {
                    let held = open.hold(login.id, &record)?;
                    Ok(!password.is_empty() && release::has_password(held, password))
                })
            };
            let valid = has(submission.valid_password())?;
            let present = !submission.new_password.is_empty() && has(&submission.password)?;
            let is_here = self.with_open(|open| {
                let entry = open.index.get(&login.id);
                Ok(entry.is_some_and(|entry| is_at(entry.rules(), &submission.origin)))
            })?;
            known.push(Known {
                id: login.id,
                title: login.title,
                username: login.subtitle,
                has_valid: valid,
                has_present: present,
                is_here,
            });
        }
        Ok(known)
    }

    async fn keep_offer(
        &self,
        submission: &Submission,
        judged: Judged,
    ) -> Result<Offer, EngineError> {
        let now = self.platform().now();
        let (updates, title, username) = match judged {
            Judged::Unchanged => return Ok(Offer::None(NoOffer::Unchanged)),
            Judged::Update(known) => (Some(known.id), known.title, known.username),
            Judged::Save => {
                // EXPOSE: a user name lies in the sealed overview of a login.
                let username = submission.username.expose_secret().trim();
                (None, String::new(), username.to_owned())
            }
        };
        let item = self.make_item_id(now);
        let id = OfferId::from_bytes(*item.as_bytes());
        let _writing = self.writing().await;
        let mut changes = self.crowded_out(submission, updates, &username).await?;
        let (change, overview) = self.with_open(|open| {
            let password = submission.valid_password();
            let (mut overview, secrets) =
                unsaved_login(&submission.origin, &username, password, now);
            if is_open_to_others(&submission.origin) {
                let title = format!("http://{}", overview.title);
                overview.title = title.chars().take(ITEM_TITLE_MAX_CHARS).collect();
            }
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            let content = vault.seal_item(&item, VERSION, &overview, &secrets, &mut random)?;
            let record = OfferRecord {
                made_at: now,
                shown: false,
                updates,
                content,
            };
            Ok((open.seal_offer(&id, &record, &mut random)?, overview))
        })?;
        changes.push(change);
        self.platform().store().commit(changes).await?;
        Ok(match updates {
            Some(item) => Offer::Update { id, item, title },
            None => Offer::Save {
                id,
                title: overview.title,
                username,
                url: overview.urls.into_iter().map(|url| url.url).collect(),
            },
        })
    }

    /// Earlier offers that this one takes the place of, and the oldest where there are too many, of
    /// its site or of all.
    async fn crowded_out(
        &self,
        submission: &Submission,
        updates: Option<ItemId>,
        username: &str,
    ) -> Result<Vec<Change>, EngineError> {
        let site = site_name(&submission.origin);
        let mut waiting = self.waiting_offers().await?;
        waiting.sort_by_key(|offer| std::cmp::Reverse(offer.record.made_at));
        let mut room = kept::OFFERS_MAX - 1;
        let mut room_of_site = kept::OFFERS_OF_SITE_MAX - 1;
        waiting.retain(|offer| {
            let same_login = match (updates, offer.record.updates) {
                (None, None) => judge::same_name(&offer.overview.subtitle, username),
                (one, other) => one == other,
            };
            let of_site = offer.site == site;
            let replaced = same_login && of_site;
            let stays = !replaced && room > 0 && !(of_site && room_of_site == 0);
            room -= usize::from(stays);
            room_of_site -= usize::from(stays && of_site);
            !stays
        });
        let gone = waiting
            .into_iter()
            .map(|offer| Change::Remove { key: offer.key() });
        Ok(gone.collect())
    }

    /// The offers that wait for an answer, the newest first.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn offers(&self) -> Result<Vec<OfferView>, EngineError> {
        self.ensure_open().await?;
        let mut waiting = self.waiting_offers().await?;
        waiting.sort_by_key(|offer| std::cmp::Reverse((offer.record.made_at, offer.id)));
        self.with_open(|open| {
            let view = |offer: kept::Waiting| OfferView {
                id: offer.id,
                kind: offer
                    .record
                    .updates
                    .and_then(|item| {
                        let entry = open.index.get(&item)?;
                        let title = entry.overview.title.clone();
                        offer
                            .would_change(&entry.overview)
                            .then_some(OfferKind::Update { item, title })
                    })
                    .unwrap_or(OfferKind::Save),
                made_at: offer.record.made_at,
                site: offer.overview.title,
                username: offer.overview.subtitle,
            };
            Ok(waiting.into_iter().map(view).collect())
        })
    }
}

/// Whether what is sent to a page can be read on its way.
fn is_open_to_others(page: &Origin) -> bool {
    page.scheme() == Scheme::Http && !is_loopback(page.host())
}

/// How long an offer that nobody was told of waits, milliseconds: 10 minutes.
const UNSEEN_MS: u64 = 10 * 60 * 1000;

/// Whether an offer's time is over.
fn is_over(record: &OfferRecord, now: UnixMillis) -> bool {
    !record.shown && now.0.saturating_sub(record.made_at.0) > UNSEEN_MS
}
