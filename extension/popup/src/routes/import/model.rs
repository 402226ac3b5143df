//! What of a file is to be taken, and what came of it: without the page.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
};

use proto::{
    bridge::{
        exchange::{Contents, LeftOut, Listed},
        popup::{ImportedItems, Standing},
    },
    vault::ItemKind,
};

use crate::format::counted;

/// A file that was read, as the preview shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Who wrote it.
    pub(super) format: String,
    /// Its items; their places are their numbers.
    pub(super) rows: Vec<Row>,
    /// What of it cannot be taken.
    pub(super) left_out: Vec<LeftOut>,
}

/// An item of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) listed: Listed,
    pub(super) state: State,
}

/// What the vault has of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum State {
    /// Nothing like it.
    New,
    /// The same name, another secret.
    Differs,
    /// The very same.
    Same,
    /// The file has it twice.
    Repeated,
}

/// Which rows are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Filter {
    All,
    Is(State),
    /// Something of it is not where it was.
    Remarked,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) written: u64,
    /// Items that the vault refused, with what is wrong about each.
    pub(super) refused: Vec<(u32, String)>,
    /// Items that were chosen.
    pub(super) chosen: BTreeSet<u32>,
    /// Chosen items that were gone through.
    pub(super) done: usize,
}

impl File {
    /// Puts together what the file holds and what the vault has of it, in one order.
    pub(super) fn new(contents: Contents, standings: &[Standing]) -> Self {
        let rows = contents.items.into_iter().zip(standings);
        let rows = rows.map(|(listed, standing)| Row {
            state: match standing {
                _ if listed.repeated => State::Repeated,
                Standing::New => State::New,
                Standing::Same(_) => State::Same,
                Standing::Differs(_) => State::Differs,
            },
            listed,
        });
        Self {
            format: contents.format,
            rows: rows.collect(),
            left_out: contents.left_out,
        }
    }

    /// The numbers of all items, or of all that the vault does not have.
    pub(super) fn numbers(&self, duplicates: Duplicates) -> BTreeSet<u32> {
        let wanted = |row: &Row| {
            duplicates == Duplicates::Too || matches!(row.state, State::New | State::Differs)
        };
        (0..)
            .zip(&self.rows)
            .filter(|(_, row)| wanted(row))
            .map(|(number, _)| number)
            .collect()
    }

    /// The numbers of the rows that a filter shows.
    pub(super) fn shown(&self, filter: Filter) -> Vec<u32> {
        (0..)
            .zip(&self.rows)
            .filter(|(_, row)| filter.takes(row))
            .map(|(number, _)| number)
            .collect()
    }

    pub(super) fn row(&self, number: u32) -> Option<&Row> {
        self.rows.get(usize::try_from(number).ok()?)
    }

    /// `12 logins, 3 notes`.
    pub(super) fn kinds(&self) -> String {
        let count = |kind| {
            self.rows
                .iter()
                .filter(|row| row.listed.kind == kind)
                .count()
        };
        let kinds = [
            (ItemKind::Login, "login"),
            (ItemKind::Note, "note"),
            (ItemKind::Card, "card"),
        ];
        let mut told: Vec<String> = kinds
            .into_iter()
            .map(|(kind, noun)| (count(kind), noun))
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| counted(count as u64, noun))
            .collect();
        match count(ItemKind::Identity) {
            0 => {}
            1 => told.push("1 identity".to_owned()),
            many => told.push(format!("{} identities", crate::format::count(many as u64))),
        }
        if told.is_empty() {
            "no items".to_owned()
        } else {
            told.join(", ")
        }
    }

    /// Everything that came of the import, to be kept as a text. No secret is in it.
    pub(super) fn report(&self, outcome: &Outcome) -> String {
        let mut text = String::new();
        line(&mut text, format_args!("Import from {}", self.format));
        line(&mut text, format_args!("{}", outcome.summary()));
        let taken = |number: &u32| outcome.chosen.contains(number);
        let (mut lost, mut moved) = (String::new(), String::new());
        for (_, row) in (0_u32..)
            .zip(&self.rows)
            .filter(|(number, _)| taken(number))
        {
            for remark in &row.listed.remarks {
                let list = if remark.lost { &mut lost } else { &mut moved };
                line(
                    list,
                    format_args!("- {row}: {}: {}", remark.part, remark.fate),
                );
            }
        }
        for left in &self.left_out {
            line(&mut lost, format_args!("- {}: {}", left.name, left.why));
        }
        for (number, field) in &outcome.refused {
            if let Some(row) = self.row(*number) {
                line(&mut lost, format_args!("- {row}: {}", refusal(field)));
            }
        }
        section(&mut text, "Not taken", &lost);
        section(&mut text, "Kept in another place", &moved);
        let mut skipped = String::new();
        for (_, row) in (0_u32..)
            .zip(&self.rows)
            .filter(|(number, _)| !taken(number))
        {
            line(&mut skipped, format_args!("- {row}{}", row.state.suffix()));
        }
        section(&mut text, "Not chosen", &skipped);
        text
    }
}

/// Whether what the vault has already is taken once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duplicates {
    Too,
    Without,
}

impl Row {
    /// How many parts of it are not where they were, and how many are nowhere.
    pub(super) fn remarks(&self) -> (usize, usize) {
        let lost = self.listed.remarks.iter().filter(|remark| remark.lost);
        let lost = lost.count();
        (self.listed.remarks.len() - lost, lost)
    }
}

impl fmt::Display for Row {
    /// A name by which the user knows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = &self.listed;
        let name = match (listed.title.as_str(), listed.host.as_str()) {
            ("", "") => "Without a name",
            ("", host) => host,
            (title, _) => title,
        };
        f.write_str(name)?;
        if listed.subtitle.is_empty() || listed.subtitle == name {
            return Ok(());
        }
        write!(f, " ({})", listed.subtitle)
    }
}

impl State {
    /// What a row says of it; nothing of what is new.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::New => "",
            Self::Differs => "Differs from your vault",
            Self::Same => "In your vault already",
            Self::Repeated => "Twice in the file",
        }
    }

    fn suffix(self) -> String {
        match self.word() {
            "" => String::new(),
            word => format!(": {}", word.to_lowercase()),
        }
    }
}

impl Filter {
    /// All, in the order of the screen, each with its hook and its name.
    pub(super) const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::All, "all", "All"),
        (Self::Is(State::New), "new", "New"),
        (Self::Is(State::Differs), "differs", "Different"),
        (Self::Is(State::Same), "same", "In your vault"),
        (Self::Is(State::Repeated), "repeated", "Twice"),
        (Self::Remarked, "remarked", "Not as it was"),
    ];

    fn takes(self, row: &Row) -> bool {
        match self {
            Self::All => true,
            Self::Is(state) => row.state == state,
            Self::Remarked => !row.listed.remarks.is_empty(),
        }
    }
}

impl Outcome {
    /// Takes the answer to a batch of `asked` items.
    pub(super) fn take(&mut self, asked: usize, answer: ImportedItems) {
        self.done += asked;
        self.written += u64::from(answer.written) + u64::from(answer.already);
        let refused = answer.refused.into_iter();
        self.refused.extend(refused.map(|it| (it.number, it.field)));
    }

    /// Whether it was stopped before its end.
    pub(super) fn stopped(&self) -> bool {
        self.done < self.chosen.len()
    }

    /// In one sentence.
    pub(super) fn summary(&self) -> String {
        let written = counted(self.written, "item");
        match (self.stopped(), self.refused.len() as u64) {
            (true, _) => format!(
                "Stopped: {written} of {} imported.",
                crate::format::count(self.chosen.len() as u64)
            ),
            (false, 0) => format!("{written} imported."),
            (false, refused) => {
                format!("{written} imported, {} not.", crate::format::count(refused))
            }
        }
    }
}

/// Why the vault does not take an item.
pub(super) fn refusal(field: &str) -> &'static str {
    match field {
        "urls" => "not taken: one of its web addresses is none",
        "size" => "not taken: it holds more than an item may",
        "totp" => "not taken: its key for one-time codes is none",
        _ => "not taken: it breaks a rule of the vault",
    }
}

/// Parts by what became of them, for a summary: `Security question`, 12 times.
pub(super) fn remarks_by_part(file: &File) -> BTreeMap<(bool, String, String), usize> {
    let mut parts = BTreeMap::new();
    for remark in file.rows.iter().flat_map(|row| &row.listed.remarks) {
        let part = (!remark.lost, remark.part.clone(), remark.fate.clone());
        *parts.entry(part).or_default() += 1;
    }
    parts
}

fn section(text: &mut String, title: &str, lines: &str) {
    if !lines.is_empty() {
        line(text, format_args!("\n{title}\n{}", lines.trim_end()));
    }
}

fn line(text: &mut String, content: fmt::Arguments<'_>) {
    // Writing into a text cannot fail.
    let _ = writeln!(text, "{content}");
}

#[cfg(test)]
mod tests;
