//! Checks files of test vectors: those of KeyPears v1, of pow5-64b, and our own beside this crate.
//!
//! A file is a JSON object; each of its lists has a name that says what its entries mean. A name
//! that is not known here is reported as skipped, never as passed. A lone object under a name is a
//! list of one.

mod deterministic;
mod devices;
mod federation;
mod kp1;
mod ours;
mod pin;
mod recovery;
mod safety;

pub use deterministic::{Replay, Stream};
use pow::vectors::{Entry, Fault};
use serde_json::Value;

/// What became of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReport {
    /// Its name in the file.
    pub name: String,
    /// Entries that hold.
    pub passed: usize,
    /// Entries that do not: where, and why.
    pub failed: Vec<String>,
    /// Entries that nothing here can check, all of them for an unknown name: where, and why.
    pub skipped: Vec<String>,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Its lists, in the order of their names.
    pub lists: Vec<ListReport>,
}

/// A text is no file of vectors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is no JSON.
    #[error("the file is no JSON")]
    Json(#[from] serde_json::Error),
    /// It is JSON, but no object.
    #[error("the file is no JSON object with lists")]
    NoObject,
}

impl Report {
    /// Whether nothing failed and something was checked.
    pub fn holds(&self) -> bool {
        self.lists.iter().all(|list| list.failed.is_empty())
            && self.lists.iter().any(|list| list.passed > 0)
    }
}

/// Checks every list of a file.
///
/// # Errors
/// [`FileError`]; entries that do not hold are no error but part of the report.
pub fn check_file(json: &str) -> Result<Report, FileError> {
    let file: Value = serde_json::from_str(json)?;
    let lists = file.as_object().ok_or(FileError::NoObject)?;
    let mut report = Report::default();
    for (name, value) in lists {
        let entries = match value {
            _ if name == "notes" => continue,
            Value::Array(entries) => entries.iter().collect(),
            Value::Object(_) => vec![value],
            // "source", "about".
            _ => continue,
        };
        report.lists.push(check_list(name, &entries, &file));
    }
    Ok(report)
}

fn check_list(name: &str, entries: &[&Value], file: &Value) -> ListReport {
    let mut report = ListReport {
        name: name.to_owned(),
        passed: 0,
        failed: Vec::new(),
        skipped: Vec::new(),
    };
    for (i, entry) in entries.iter().enumerate() {
        match check_entry(name, Entry(entry), file) {
            Ok(()) => report.passed += 1,
            Err(NotPassed::Failed(fault)) => report.failed.push(format!("{name}[{i}]: {fault}")),
            Err(NotPassed::Skipped(why)) => report.skipped.push(format!("{name}[{i}]: {why}")),
        }
    }
    report
}

/// What became of an entry that did not pass.
enum NotPassed {
    /// It does not hold.
    Failed(Fault),
    /// Nothing here can check it.
    Skipped(&'static str),
}

impl From<Fault> for NotPassed {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

fn check_entry(list: &str, entry: Entry<'_>, file: &Value) -> Result<(), NotPassed> {
    if matches!(list, "serverToServer" | "errors") {
        return federation::check_exchange(entry);
    }
    pow::vectors::check_for(list)
        .map(|check| check(entry))
        .or_else(|| ours::check(list, entry))
        .or_else(|| recovery::check(list, entry))
        .or_else(|| pin::check(list, entry))
        .or_else(|| devices::check(list, entry))
        .or_else(|| safety::check(list, entry))
        .or_else(|| kp1::check(list, entry, file))
        .ok_or(NotPassed::Skipped("nothing here knows a list of this name"))?
        .map_err(NotPassed::from)
}

#[cfg(test)]
mod tests;
