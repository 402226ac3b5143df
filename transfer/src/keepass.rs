//! `KeePass` 2, XML (File → Export → `KeePass XML (2.x)`; `keepassxc-cli export`).

use proto::vault::SecretText;
use quick_xml::{Reader, events::Event};

use crate::{
    ITEMS_MAX, ImportError,
    entry::{Entry, Kind},
    report::{Format, Import, LeftOut, WhyLeft},
    text::moment,
};

/// Elements within one another, at most.
const DEPTH_MAX: usize = 100;

/// What is being read.
#[derive(Default)]
struct State {
    /// Names of the elements around.
    path: Vec<String>,
    /// Names of the groups around.
    groups: Vec<String>,
    text: String,
    /// Entries around: an older version stands inside its entry.
    open: Vec<Draft>,
    /// Of the string that is being read.
    key: String,
    value: String,
    protected: bool,
    recycle_bin: String,
    group_ids: Vec<String>,
}

#[derive(Default)]
struct Draft {
    strings: Vec<(String, String, bool)>,
    attachments: Vec<String>,
    tags: String,
    created: Option<String>,
    changed: Option<String>,
    older: Vec<(String, String)>,
}

/// Whether it is a sealed database, KDB or KDBX: both begin with the same signature.
pub(crate) fn is_database(file: &[u8]) -> bool {
    file.starts_with(&[0x03, 0xd9, 0xa2, 0x9a])
}

pub(crate) fn read(text: &str) -> Result<Import, ImportError> {
    let mut reader = Reader::from_str(text);
    let mut state = State::default();
    let mut import = Import {
        format: Format::KeePass,
        items: Vec::new(),
        left_out: Vec::new(),
    };
    loop {
        let at = reader.buffer_position();
        let damaged = || {
            let before = usize::try_from(at).unwrap_or(0).min(text.len());
            let line = text.as_bytes()[..before]
                .split(|byte| *byte == b'\n')
                .count();
            ImportError::Damaged { line }
        };
        match reader.read_event().map_err(|_| damaged())? {
            Event::DocType(_) => return Err(ImportError::Refused("a document type")),
            Event::Start(start) => {
                let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
                if state.path.is_empty() && name != "KeePassFile" {
                    return Err(ImportError::Unknown);
                }
                if state.path.len() >= DEPTH_MAX {
                    return Err(ImportError::Refused("elements nested that deep"));
                }
                let is_protected = |name: &[u8]| name == b"ProtectInMemory" || name == b"Protected";
                if name == "Value" {
                    let mut attributes = start.attributes().flatten();
                    state.protected = attributes.any(|it| {
                        is_protected(it.key.as_ref()) && it.value.eq_ignore_ascii_case(b"true")
                    });
                }
                state.begin(name);
            }
            Event::Text(part) => state.text.push_str(&part.decode().map_err(|_| damaged())?),
            Event::CData(part) => state.text.push_str(&part.decode().map_err(|_| damaged())?),
            Event::GeneralRef(part) => match part.resolve_char_ref() {
                Ok(Some(character)) => state.text.push(character),
                _ => state.text.push(entity(&part).ok_or_else(damaged)?),
            },
            Event::End(_) => {
                if let Some(done) = state.end() {
                    if import.items.len() + import.left_out.len() >= ITEMS_MAX {
                        return Err(ImportError::TooMany);
                    }
                    match done.and_then(Entry::finish) {
                        Ok(item) => import.items.push(item),
                        Err(left) => import.left_out.push(left),
                    }
                }
            }
            Event::Eof if state.path.is_empty() => return Ok(import),
            Event::Eof => return Err(damaged()),
            _ => {}
        }
    }
}

/// The five that XML itself has; a file that defines its own is refused.
fn entity(name: &[u8]) -> Option<char> {
    Some(match name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"quot" => '"',
        b"apos" => '\'',
        _ => return None,
    })
}

impl State {
    fn begin(&mut self, name: String) {
        match name.as_str() {
            "Entry" => self.open.push(Draft::default()),
            "Group" => {
                self.groups.push(String::new());
                self.group_ids.push(String::new());
            }
            "String" => {
                self.key.clear();
                self.value.clear();
                self.protected = false;
            }
            _ => {}
        }
        self.text.clear();
        self.path.push(name);
    }

    /// An element ends; an entry that is complete.
    fn end(&mut self) -> Option<Result<Entry, LeftOut>> {
        let name = self.path.pop()?;
        let text = std::mem::take(&mut self.text);
        let parent = self.path.last().map(String::as_str).unwrap_or_default();
        match (parent, name.as_str()) {
            ("Meta", "RecycleBinUUID") => self.recycle_bin = text,
            ("Group", "Name") => {
                if let Some(group) = self.groups.last_mut() {
                    *group = text;
                }
            }
            ("Group", "UUID") => {
                if let Some(id) = self.group_ids.last_mut() {
                    *id = text;
                }
            }
            (_, "Group") => {
                self.groups.pop();
                self.group_ids.pop();
            }
            ("String", "Key") => self.key = text,
            ("String", "Value") => self.value = text,
            ("Binary", "Key") => {
                if let Some(draft) = self.open.last_mut() {
                    draft.attachments.push(text);
                }
            }
            (_, "String") => {
                let (key, value) = (
                    std::mem::take(&mut self.key),
                    std::mem::take(&mut self.value),
                );
                if let Some(draft) = self.open.last_mut() {
                    draft.strings.push((key, value, self.protected));
                }
            }
            ("Entry", "Tags") => {
                if let Some(draft) = self.open.last_mut() {
                    draft.tags = text;
                }
            }
            ("Times", "CreationTime") => self.time(text, |draft| &mut draft.created),
            ("Times", "LastModificationTime") => self.time(text, |draft| &mut draft.changed),
            ("History", "Entry") => self.older(),
            (_, "Entry") => return self.open.pop().map(|draft| self.finish(draft)),
            _ => {}
        }
        None
    }

    fn time(&mut self, text: String, place: fn(&mut Draft) -> &mut Option<String>) {
        // Of an entry, not of a group.
        let within = self.path.iter().rev().nth(1).map(String::as_str);
        if let (Some("Entry"), Some(draft)) = (within, self.open.last_mut()) {
            *place(draft) = Some(text);
        }
    }

    /// An older version of the entry around: only its password is worth keeping.
    fn older(&mut self) {
        let Some(old) = self.open.pop() else { return };
        let password = old.strings.into_iter().find(|(key, ..)| key == "Password");
        if let (Some((_, password, _)), Some(entry)) = (password, self.open.last_mut()) {
            entry
                .older
                .push((old.changed.unwrap_or_default(), password));
        }
    }

    fn finish(&self, draft: Draft) -> Result<Entry, LeftOut> {
        let mut entry = Entry::login("", "", "");
        let mut present = String::new();
        for (key, value, concealed) in draft.strings {
            match (key.as_str(), &mut entry.kind) {
                ("Title", _) => entry.title = value,
                ("UserName", _) => entry.subtitle = value,
                ("Password", Kind::Login { password, .. }) => {
                    present.clone_from(&value);
                    *password = SecretText::new(value);
                }
                ("URL", _) => entry.address(&value),
                ("Notes", _) => entry.notes.push_str(&value),
                ("otp" | "TOTP Seed" | "TimeOtp-Secret-Base32", Kind::Login { totp, .. })
                    if totp.is_empty() =>
                {
                    *totp = SecretText::new(value);
                }
                (name, _) if name.starts_with("KP2A_URL") => entry.address(&value),
                (name, _) if name.starts_with("KPEX_PASSKEY") => {
                    if name.ends_with("PRIVATE_KEY_PEM") {
                        entry.lost("Passkey", WhyLeft::Passkey);
                    }
                }
                (name, _) => entry.field(name, &value, concealed),
            }
        }
        if !self.recycle_bin.is_empty() && self.group_ids.contains(&self.recycle_bin) {
            let (name, why) = (entry.title, WhyLeft::Deleted);
            return Err(LeftOut { name, why });
        }
        // The outermost group is the database itself.
        let folder = self.groups.iter().skip(1).map(String::as_str);
        entry.field("Folder", &folder.collect::<Vec<_>>().join(" / "), false);
        entry.field("Tags", &draft.tags, false);
        let mut last = present;
        for (changed, password) in draft.older.into_iter().rev() {
            if password != last {
                let name = format!("Older password, of {}", changed.get(..10).unwrap_or("?"));
                entry.field(&name, &password, true);
                last = password;
            }
        }
        for name in draft.attachments {
            entry.lost(&name, WhyLeft::Attachment);
        }
        entry.created_at = draft.created.as_deref().and_then(moment);
        entry.updated_at = draft.changed.as_deref().and_then(moment);
        Ok(entry)
    }
}

#[cfg(test)]
mod tests;
