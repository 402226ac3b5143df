//! Every bound on the wire, with its unit. Over a limit is an error, never a truncation.

/// Local part of an address, bytes. RFC 5321 § 4.5.3.1.1.
pub const ADDRESS_NAME_MAX_BYTES: usize = 64;
/// Domain of an address, bytes. RFC 5321 § 4.5.3.1.2, less the dot of the root.
pub const ADDRESS_DOMAIN_MAX_BYTES: usize = 253;
/// Password, bytes of UTF-8. Long enough for any passphrase, short enough to hash at once.
pub const PASSWORD_MAX_BYTES: usize = 1024;
/// Password, characters. Below it the popup asks for more.
pub const PASSWORD_MIN_CHARS: usize = 10;
/// PIN, characters.
pub const PIN_MIN_CHARS: usize = 4;
/// PIN, characters.
pub const PIN_MAX_CHARS: usize = 12;
/// Wrong PINs one after the other; with the last of them the PIN ends.
pub const PIN_TRIES: u32 = 5;
/// How long the system's keyring may open a vault in place of the password, hours: 30 days.
pub const BY_KEYRING_MAX_HOURS: u32 = 30 * 24;
/// Body of a REST request, bytes.
pub const API_BODY_MAX_BYTES: usize = 256 * 1024;
/// Headers of a REST request, bytes in all.
pub const API_HEADERS_MAX_BYTES: usize = 16 * 1024;
/// Sealed overview of one vault item, bytes.
pub const ITEM_OVERVIEW_MAX_BYTES: usize = 16 * 1024;
/// Sealed secrets of one vault item, bytes.
pub const ITEM_SECRETS_MAX_BYTES: usize = 64 * 1024;
/// A sealed tombstone: version, nonce, time, tag; bytes.
pub const TOMBSTONE_BYTES: usize = 1 + 12 + 8 + 16;
/// Items in one answer of `GET /api/v1/vault`.
pub const VAULT_PAGE_MAX_ITEMS: u32 = 500;
/// Versions in one answer of `GET /api/v1/vault/{item}/versions`.
pub const VERSIONS_PAGE_MAX: u32 = 50;
/// Versions that a node keeps of one item, the newest with them.
pub const ITEM_VERSIONS_MAX: u32 = 100;
/// How long a node keeps a version after another one came, milliseconds: 365 days.
pub const VERSION_KEPT_MS: u64 = 365 * 24 * 60 * 60 * 1000;
/// How long a node keeps the versions of a deleted item, milliseconds: 30 days.
pub const TRASH_KEPT_MS: u64 = 30 * 24 * 60 * 60 * 1000;
/// Highest version of an item: the last number that JavaScript holds exactly. Nobody writes so often.
pub const ITEM_VERSION_MAX: u64 = (1 << 53) - 2;
/// Live items of one account.
pub const VAULT_MAX_ITEMS: u32 = 50_000;
/// How many items, deleted ones with them, an account may have for each live one.
pub const VAULT_ROWS_PER_ITEM: u32 = 5;
/// Key pairs of one account, as KeyPears v1 has it.
pub const KEYS_MAX: usize = 100;
/// Sealed P-256 private key: version, nonce, scalar, tag.
pub const SEALED_PRIVATE_KEY_BYTES: usize = 1 + 12 + 32 + 16;
/// Words that recover an account: 32 random bytes and a checksum (BIP-39).
pub const RECOVERY_WORDS: usize = 24;
/// Words of them that the user is asked for before they count.
pub const RECOVERY_WORDS_ASKED: usize = 4;
/// How often an account can have other recovery words: the last number that JavaScript holds exactly.
pub const RECOVERY_NUMBER_MAX: u64 = (1 << 53) - 1;
/// Recovery words as typed, bytes of UTF-8: four times what the longest take.
pub const RECOVERY_TEXT_MAX_BYTES: usize = 1024;
/// Devices (sessions) of one account.
pub const SESSIONS_MAX: u32 = 100;
/// What a device calls itself, characters.
pub const DEVICE_DESCRIPTION_MAX_CHARS: usize = 100;
/// What a user calls a device, characters.
pub const DEVICE_NAME_MAX_CHARS: usize = 50;
/// The same sealed: padded, so that every name is as long; bytes.
pub const SEALED_DEVICE_NAME_BYTES: usize = 256;
/// Time a proof-of-work challenge stays good, milliseconds. KeyPears v1: 15 minutes.
pub const CHALLENGE_LIFETIME_MS: u64 = 15 * 60 * 1000;
/// Time a session stays good after its last use, milliseconds: 24 hours.
pub const SESSION_IDLE_MS: u64 = 24 * 60 * 60 * 1000;
/// Time a session stays good however often it is used, milliseconds: 30 days.
pub const SESSION_MAX_MS: u64 = 30 * 24 * 60 * 60 * 1000;
/// Time without use for which a node keeps a device, so that its session can be renewed, milliseconds: 90 days.
pub const DEVICE_KEPT_MS: u64 = 90 * 24 * 60 * 60 * 1000;
/// Time a challenge to renew a session stays good, milliseconds: 5 minutes.
pub const RENEWAL_CHALLENGE_MS: u64 = 5 * 60 * 1000;
/// Data of `POST /api/blake3`, decoded bytes. KeyPears, first generation.
pub const BLAKE3_DATA_MAX_BYTES: usize = 10_240;
/// One frame of an extension port, bytes of JSON.
pub const BRIDGE_FRAME_MAX_BYTES: usize = 4 * 1024 * 1024;
/// One text between extension and native host, bytes: a frame of the popup's goes through it.
pub const HOST_TEXT_MAX_BYTES: usize = BRIDGE_FRAME_MAX_BYTES;
/// One message of native messaging, bytes of JSON, in either direction: what browsers take from a
/// host (Chrome and Firefox: 1 MiB). Longer texts go in several.
pub const HOST_FRAME_MAX_BYTES: usize = 1024 * 1024;

/// Messages that a search tells of.
pub const FOUND_MESSAGES_MAX: usize = 50;
/// How long a search through messages may take, milliseconds: it holds up what else the background does.
pub const MESSAGE_SEARCH_MAX_MS: u64 = 1_000;
/// One frame from a content script, bytes of JSON. A page decides what is in it.
pub const CONTENT_FRAME_MAX_BYTES: usize = 512 * 1024;
/// Fields that a content script reports of one frame of a page.
pub const PAGE_FIELDS_MAX: usize = 500;
/// Buttons and links that it reports.
pub const PAGE_BUTTONS_MAX: usize = 100;
/// Any text that a content script reports of a page, characters.
pub const PAGE_TEXT_MAX_CHARS: usize = 200;
/// Fields of a form that the user sent whose values a content script tells.
pub const TYPED_VALUES_MAX: usize = 20;
/// One of these values, characters.
pub const TYPED_VALUE_MAX_CHARS: usize = 1000;
/// A user name as edited in an offer to save, characters.
pub const OFFER_USERNAME_MAX_CHARS: usize = 320;
/// Title of a vault item, characters.
pub const ITEM_TITLE_MAX_CHARS: usize = 200;
/// Web addresses of one login.
pub const ITEM_URLS_MAX: usize = 50;
/// Custom fields of one item.
pub const ITEM_FIELDS_MAX: usize = 100;
/// A file of another program, bytes; also what it unpacks to.
pub const IMPORT_FILE_MAX_BYTES: usize = 100 * 1024 * 1024;
/// Items of one request of an import: few enough that it can be stopped between two.
pub const IMPORT_BATCH_MAX_ITEMS: usize = 250;
/// Items of one request of an import, bytes of JSON: half of a frame.
pub const IMPORT_BATCH_MAX_BYTES: usize = BRIDGE_FRAME_MAX_BYTES / 2;
/// Results of one search.
pub const SEARCH_RESULTS_MAX: usize = 200;
/// One draft, bytes of JSON: the largest item as it is typed, and as it was sealed before.
pub const DRAFT_MAX_BYTES: usize = 256 * 1024;
/// Ciphertext of one message, bytes, as KeyPears v1 has it.
pub const KP1_MESSAGE_MAX_BYTES: usize = 25_000;
/// How far the time of a request for a message's challenge may be off, milliseconds, as KeyPears v1 has it.
pub const KP1_CLOCK_MAX_MS: u64 = 5 * 60 * 1000;
/// Average tries that a recipient may want for a message at most: minutes of a fast device.
pub const MESSAGE_PRICE_MAX: u64 = 10_000_000_000;
/// Text of one message, bytes of UTF-8: with its JSON and its seal it fits into a message of KeyPears.
pub const MESSAGE_TEXT_MAX_BYTES: usize = 20_000;
/// Messages and correspondents in one page, each.
pub const MESSAGE_PAGE_MAX: u32 = 500;
/// Ciphertext of one message, bytes: nonce, the shortest JSON, tag.
pub const KP1_MESSAGE_MIN_BYTES: usize = 12 + 2 + 16;
/// Time in which a domain's key has to sign a claim, milliseconds: an hour, since that key may lie elsewhere.
pub const DOMAIN_CHALLENGE_MS: u64 = 60 * 60 * 1000;
/// Domains that one account may claim.
pub const DOMAINS_MAX: u32 = 100;
/// Users of a domain in one page.
pub const USERS_PAGE_MAX: u32 = 200;
/// Time a one-time code stays good, milliseconds: 7 days.
pub const CODE_LIFETIME_MS: u64 = 7 * 24 * 60 * 60 * 1000;
/// A one-time code as it is typed, with what stands between its digits, bytes.
pub const CODE_TEXT_MAX_BYTES: usize = 128;
/// One-time codes of one administrator that may be open at once.
pub const CODES_MAX: u32 = 1000;
