//! Passwords that are kept for a while: those that were generated for a page, so that whoever closes
//! it before the login is saved has not lost them, and those that a page's new one took the place of.
//!
//! Each is sealed as a login is, so that its value comes out through the release gate only.

use proto::{
    bridge::popup::{GeneratedPassword, Revealed},
    ids::{GeneratedId, ItemId, ItemVersion, UnixMillis},
    limits::{ITEM_TITLE_MAX_CHARS, PASSWORD_MAX_BYTES},
    origin::Origin,
    vault::{ItemKind, ItemOverview, ItemSecrets, ItemUrl, SecretField, SecretText, UrlMatch},
};

use crate::{
    Engine,
    error::EngineError,
    keyring::OsRandom,
    matching::display_host,
    platform::{Change, Platform, Store},
    records::{GENERATED, GeneratedRecord, ItemRecord, decode, put, read, suffix},
    release,
    site::site_name,
    vault::CHOSEN,
};

/// How long a password is kept, milliseconds: 30 days.
const KEPT_MS: u64 = 30 * 24 * 60 * 60 * 1000;
/// Passwords that are kept; the oldest go.
const KEPT_MAX: usize = 200;
/// Those of one site, so that none can crowd out the others.
const KEPT_OF_SITE_MAX: usize = 20;
/// Version that they are sealed as. No item has it: its first is 1.
const VERSION: ItemVersion = ItemVersion(0);

/// A login that was not saved as one: a password, a page and perhaps a user name.
pub(crate) fn unsaved_login(
    page: &Origin,
    username: &str,
    password: &SecretText,
    now: UnixMillis,
) -> (ItemOverview, ItemSecrets) {
    let url = format!("{page}/");
    let host = display_host(&url).chars().take(ITEM_TITLE_MAX_CHARS);
    let overview = ItemOverview {
        kind: ItemKind::Login,
        title: host.collect(),
        subtitle: username.to_owned(),
        urls: vec![ItemUrl {
            url,
            matching: UrlMatch::Site,
        }],
        has_password: !password.is_empty(),
        has_totp: false,
        created_at: now,
        updated_at: now,
        conflict_of: None,
    };
    let secrets = ItemSecrets::Login {
        password: password.clone(),
        totp: SecretText::default(),
        fields: Vec::new(),
        notes: SecretText::default(),
    };
    (overview, secrets)
}

/// One that is kept.
struct Kept {
    view: GeneratedPassword,
    /// Name of the page's site.
    site: String,
}

impl From<GeneratedRecord> for ItemRecord {
    fn from(record: GeneratedRecord) -> Self {
        Self {
            version: record.version,
            content: record.content,
        }
    }
}

impl<P: Platform> Engine<P> {
    /// Keeps a password that was generated for a page, for 30 days; the newest 200 are kept, and of
    /// one site the newest 20.
    ///
    /// # Errors
    /// [`EngineError::TooLarge`], [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn keep_generated(
        &self,
        page: &Origin,
        value: &SecretText,
    ) -> Result<GeneratedId, EngineError> {
        // EXPOSE: only its length is looked at.
        if value.expose_secret().len() > PASSWORD_MAX_BYTES {
            return Err(EngineError::TooLarge {
                max: PASSWORD_MAX_BYTES,
            });
        }
        self.ensure_open().await?;
        let now = self.platform().now();
        let item = self.make_item_id(now);
        let _writing = self.writing().await;
        let record = self.with_open(|open| {
            let (overview, secrets) = unsaved_login(page, "", value, now);
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            let sealed = vault.seal_item(&item, VERSION, &overview, &secrets, &mut random)?;
            Ok(GeneratedRecord {
                version: VERSION,
                content: Some(sealed),
                replaced: false,
            })
        })?;
        let id = GeneratedId::from_bytes(*item.as_bytes());
        let changes = self.with_room(page, put(key(&id), &record)?).await?;
        self.platform().store().commit(changes).await?;
        Ok(id)
    }

    /// The changes that keep the password of a login which gets another one from a page; none where
    /// it has none. Whoever calls this holds the right to write.
    pub(crate) async fn keep_replaced(
        &self,
        page: &Origin,
        login: ItemId,
        record: &ItemRecord,
    ) -> Result<Vec<Change>, EngineError> {
        let now = self.platform().now();
        let item = self.make_item_id(now);
        let record = self.with_open(|open| {
            let held = open.hold(login, record)?;
            if !held.overview.has_password {
                return Ok(None);
            }
            let (overview, _) = unsaved_login(page, "", &SecretText::default(), now);
            let overview = ItemOverview {
                has_password: true,
                ..overview
            };
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            let sealed =
                release::reseal_password(held, &item, VERSION, &overview, vault, &mut random)?;
            Ok(Some(GeneratedRecord {
                version: VERSION,
                content: Some(sealed),
                replaced: true,
            }))
        })?;
        match record {
            Some(record) => {
                let id = GeneratedId::from_bytes(*item.as_bytes());
                self.with_room(page, put(key(&id), &record)?).await
            }
            None => Ok(Vec::new()),
        }
    }

    /// A change that keeps a password for a page, and those that forget the oldest where there are
    /// too many of its site or of all.
    async fn with_room(&self, page: &Origin, change: Change) -> Result<Vec<Change>, EngineError> {
        let site = site_name(page);
        let mut kept = self.kept_generated().await?;
        kept.sort_by_key(|(_, kept)| std::cmp::Reverse(kept.as_ref().map(|it| it.view.made_at)));
        let (mut room, mut room_of_site) = (KEPT_MAX - 1, KEPT_OF_SITE_MAX - 1);
        kept.retain(|(_, kept)| {
            let of_site = kept.as_ref().is_some_and(|kept| kept.site == site);
            let stays = room > 0 && !(of_site && room_of_site == 0);
            room -= usize::from(stays);
            room_of_site -= usize::from(stays && of_site);
            !stays
        });
        let crowded = kept.into_iter().map(|(key, _)| Change::Remove { key });
        Ok(crowded.chain([change]).collect())
    }

    /// The generated passwords that are kept, the newest first, without their values.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn generated(&self) -> Result<Vec<GeneratedPassword>, EngineError> {
        self.ensure_open().await?;
        let now = self.platform().now();
        let kept = self.kept_generated().await?.into_iter();
        let kept = kept.filter_map(|(_, kept)| Some(kept?.view));
        let mut kept: Vec<_> = kept.collect();
        kept.retain(|kept| !is_old(kept, now));
        kept.sort_by_key(|kept| std::cmp::Reverse((kept.made_at, kept.id)));
        Ok(kept)
    }

    /// A generated password, for the user's eyes or clipboard.
    ///
    /// # Errors
    /// [`EngineError::ItemMissing`] also after 30 days; [`EngineError::Unreadable`],
    /// [`EngineError::Locked`].
    pub async fn reveal_generated(&self, id: GeneratedId) -> Result<Revealed, EngineError> {
        self.ensure_open().await?;
        let record: Option<GeneratedRecord> = read(self.platform().store(), &key(&id)).await?;
        let record = record.ok_or(EngineError::ItemMissing)?;
        let now = self.platform().now();
        self.with_open(|open| {
            let held = open.hold(item_of(&id), &record.into())?;
            if now.0.saturating_sub(held.overview.created_at.0) > KEPT_MS {
                return Err(EngineError::ItemMissing);
            }
            release::reveal(held, &SecretField::Password, CHOSEN, now)
        })
    }

    /// Forgets a generated password.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn forget_generated(&self, id: GeneratedId) -> Result<(), EngineError> {
        self.ensure_open().await?;
        let change = Change::Remove { key: key(&id) };
        Ok(self.platform().store().commit(vec![change]).await?)
    }

    /// Forgets what is old, or cannot be read. Whoever calls this holds the right to write.
    pub(crate) async fn forget_old_generated(&self) -> Result<(), EngineError> {
        let now = self.platform().now();
        let kept = self.kept_generated().await?.into_iter();
        let old = kept.filter(|(_, kept)| kept.as_ref().is_none_or(|kept| is_old(&kept.view, now)));
        let mut changes = Vec::new();
        for (key, kept) in old {
            if kept.is_some() || !self.is_generated_locked(&key).await? {
                changes.push(Change::Remove { key });
            }
        }
        if changes.is_empty() {
            Ok(())
        } else {
            Ok(self.platform().store().commit(changes).await?)
        }
    }

    /// Whether what does not open is of a key that is locked: it does once that is open.
    async fn is_generated_locked(&self, key: &str) -> Result<bool, EngineError> {
        let stored: Result<Option<GeneratedRecord>, _> = read(self.platform().store(), key).await;
        let Ok(Some(record)) = stored else {
            return Ok(false);
        };
        let account = self.account()?;
        let number = record.content.map(|content| content.key_number);
        self.with_open(|open| Ok(number.is_some_and(|it| open.keyring.lacks(it, &account.keys))))
    }

    /// All that is kept, by key; `None` for what cannot be read.
    async fn kept_generated(&self) -> Result<Vec<(String, Option<Kept>)>, EngineError> {
        let stored = self.platform().store().read_prefix(GENERATED).await?;
        self.with_open(|open| {
            let read = |(key, value): (String, Vec<u8>)| {
                let kept = || {
                    let id: GeneratedId = suffix(GENERATED, &key).parse().ok()?;
                    let record = decode::<GeneratedRecord>(&value).ok()?;
                    let replaced = record.replaced;
                    let overview = open.hold(item_of(&id), &record.into()).ok()?.overview;
                    let page: Origin = overview
                        .urls
                        .first()?
                        .url
                        .trim_end_matches('/')
                        .parse()
                        .ok()?;
                    Some(Kept {
                        view: GeneratedPassword {
                            id,
                            site: overview.title,
                            made_at: overview.created_at,
                            replaced,
                        },
                        site: site_name(&page),
                    })
                };
                let kept = kept();
                (key, kept)
            };
            Ok(stored.into_iter().map(read).collect())
        })
    }
}

fn key(id: &GeneratedId) -> String {
    format!("{GENERATED}{id}")
}

fn item_of(id: &GeneratedId) -> ItemId {
    ItemId::from_bytes(*id.as_bytes())
}

fn is_old(kept: &GeneratedPassword, now: UnixMillis) -> bool {
    now.0.saturating_sub(kept.made_at.0) > KEPT_MS
}
