//! Passwords that were generated for a page, kept for a while: whoever closes the page before the
//! login is saved has not lost the password.
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
    records::{GENERATED, ItemRecord, decode, put, read, suffix},
    release,
    vault::CHOSEN,
};

/// How long a password is kept, milliseconds: 30 days.
const KEPT_MS: u64 = 30 * 24 * 60 * 60 * 1000;
/// Passwords that are kept; the oldest go.
const KEPT_MAX: usize = 200;
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
    };
    let secrets = ItemSecrets::Login {
        password: password.clone(),
        totp: SecretText::default(),
        fields: Vec::new(),
        notes: SecretText::default(),
    };
    (overview, secrets)
}

impl<P: Platform> Engine<P> {
    /// Keeps a password that was generated for a page, for 30 days; the newest 200 are kept.
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
        let id = GeneratedId::from_bytes(*item.as_bytes());
        let _writing = self.writing().await;
        let mut kept = self.kept_generated().await?;
        let change = self.with_open(|open| {
            let (overview, secrets) = unsaved_login(page, "", value, now);
            let mut random = OsRandom(self.platform());
            let vault = open.keyring.active();
            let sealed = vault.seal_item(&item, VERSION, &overview, &secrets, &mut random)?;
            let record = ItemRecord {
                version: VERSION,
                content: Some(sealed),
            };
            put(key(&id), &record)
        })?;
        kept.sort_by_key(|(_, kept)| std::cmp::Reverse(kept.as_ref().map(|it| it.made_at)));
        let crowded = kept.into_iter().skip(KEPT_MAX - 1);
        let mut changes: Vec<_> = crowded.map(|(key, _)| Change::Remove { key }).collect();
        changes.push(change);
        self.platform().store().commit(changes).await?;
        Ok(id)
    }

    /// The generated passwords that are kept, the newest first, without their values.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Locked`].
    pub async fn generated(&self) -> Result<Vec<GeneratedPassword>, EngineError> {
        self.ensure_open().await?;
        let now = self.platform().now();
        let kept = self.kept_generated().await?.into_iter();
        let mut kept: Vec<_> = kept.filter_map(|(_, kept)| kept).collect();
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
        let record: Option<ItemRecord> = read(self.platform().store(), &key(&id)).await?;
        let record = record.ok_or(EngineError::ItemMissing)?;
        let now = self.platform().now();
        self.with_open(|open| {
            let held = open.hold(item_of(&id), &record)?;
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
        let old = kept.filter(|(_, kept)| kept.as_ref().is_none_or(|kept| is_old(kept, now)));
        let changes: Vec<_> = old.map(|(key, _)| Change::Remove { key }).collect();
        if changes.is_empty() {
            Ok(())
        } else {
            Ok(self.platform().store().commit(changes).await?)
        }
    }

    /// All that is kept, by key; `None` for what cannot be read.
    async fn kept_generated(
        &self,
    ) -> Result<Vec<(String, Option<GeneratedPassword>)>, EngineError> {
        let stored = self.platform().store().read_prefix(GENERATED).await?;
        self.with_open(|open| {
            let read = |(key, value): (String, Vec<u8>)| {
                let kept = || {
                    let id: GeneratedId = suffix(GENERATED, &key).parse().ok()?;
                    let record = decode::<ItemRecord>(&value).ok()?;
                    let overview = open.hold(item_of(&id), &record).ok()?.overview;
                    Some(GeneratedPassword {
                        id,
                        site: overview.title,
                        made_at: overview.created_at,
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
