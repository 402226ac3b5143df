//! What lies in the memory of running processes, found by looking through all of it.
//!
//! ```text
//! family   whose processes a browser's are
//! region   what a process has mapped, and which of it can hold anything
//! needles  what is looked for: halves of texts, in UTF-8 and UTF-16
//! search   all regions of all these processes, piece by piece
//! ```
//! Linux alone shows it (`/proc/PID/mem`), to root and, where the process lets it, to its own user: a browser's
//! sandboxed processes and the host's agent let nobody.

mod family;
mod needles;
mod region;

use std::{
    collections::BTreeSet,
    fmt,
    fs::File,
    io::{self, ErrorKind},
    ops::Range,
    os::unix::fs::FileExt as _,
};

use anyhow::{Context as _, Result};

pub use self::{family::family, needles::Needles};
use self::{
    needles::{Hit, Scanner},
    region::Same,
};

/// Bytes that are read at once.
const PIECE_BYTES: usize = 4 << 20;
/// What a system maps and gives at once, the least.
const PAGE_BYTES: u64 = 4096;
/// Bytes before and after a hit that are told.
const AROUND_BYTES: usize = 64;

/// Something that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Which text it was, by its place in the list of [`Needles::new`].
    pub needle: usize,
    /// What was found of it.
    pub part: &'static str,
    /// The process.
    pub process: i32,
    /// What the process is, in a word or two.
    pub role: String,
    /// Where in it, as the system describes that.
    pub region: String,
    /// What stands around it, as far as it can be printed.
    pub around: String,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            needle,
            part,
            process,
            role,
            region,
            around,
        } = self;
        write!(
            f,
            "#{needle} ({part}) in {role} {process}, {region}: {around}"
        )
    }
}

/// What came of a search.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Processes that were looked through.
    pub processes: usize,
    /// Bytes of theirs.
    pub bytes: u64,
    /// Everything that was found.
    pub found: Vec<Found>,
}

impl Report {
    /// Which texts were found, each once.
    pub fn texts(&self) -> BTreeSet<usize> {
        self.found.iter().map(|found| found.needle).collect()
    }
}

/// The system keeps a process's memory closed to whoever runs this.
#[derive(Debug)]
pub struct Closed(String);

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(who) = self;
        write!(f, "this user may not read the memory of {who}; root may")
    }
}

impl std::error::Error for Closed {}

/// Looks through all memory of all these processes. One that ends meanwhile is left out.
///
/// # Errors
/// [`Closed`] where one of them may not be read; what a system without `/proc` says.
pub fn search(processes: &[i32], needles: &Needles) -> Result<Report> {
    let (mut report, mut seen) = (Report::default(), BTreeSet::new());
    for process in processes {
        match look_through(*process, needles, &mut seen, &mut report) {
            Ok(()) => report.processes += 1,
            Err(error) if is_over(&error) => {}
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                let who = format!("{} {process}", family::role(*process));
                return Err(Closed(who).into());
            }
            Err(error) => {
                return Err(error).with_context(|| format!("the memory of process {process}"));
            }
        }
    }
    Ok(report)
}

fn look_through(
    process: i32,
    needles: &Needles,
    seen: &mut BTreeSet<Same>,
    report: &mut Report,
) -> io::Result<()> {
    let regions = region::of(process)?;
    let memory = File::open(format!("/proc/{process}/mem"))?;
    let role = family::role(process);
    let read = |at, out: &mut [u8]| memory.read_at(out, at);
    for region in regions {
        // A file that nobody has written to is the same in every process.
        if !region.can_hold_something() || region.same().is_some_and(|same| !seen.insert(same)) {
            continue;
        }
        report.bytes += scan(region.start..region.end, needles, read, |hit, around| {
            report.found.push(Found {
                needle: hit.needle,
                part: hit.part,
                process,
                role: role.clone(),
                region: region.to_string(),
                around,
            });
        })?;
    }
    Ok(())
}

/// Looks through a range of addresses by `read`; bytes that were read.
fn scan(
    range: Range<u64>,
    needles: &Needles,
    read: impl Fn(u64, &mut [u8]) -> io::Result<usize>,
    mut tell: impl FnMut(Hit, String),
) -> io::Result<u64> {
    let mut scanner = Scanner::new(needles);
    let mut piece = vec![0; PIECE_BYTES];
    let (mut at, mut bytes) = (range.start, 0);
    while at < range.end {
        let room = usize::try_from(range.end - at).unwrap_or(PIECE_BYTES);
        let wanted = room.min(PIECE_BYTES);
        match read(at, &mut piece[..wanted]) {
            Ok(0) => break,
            Ok(count) => {
                scanner.take(&piece[..count], &mut tell);
                at += count as u64;
                bytes += count as u64;
            }
            Err(error) if is_over(&error) => return Err(error),
            // A page that is not there, or belongs to a device.
            Err(error) if error.kind() != ErrorKind::PermissionDenied => {
                scanner.gap();
                at = (at / PAGE_BYTES + 1) * PAGE_BYTES;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

/// Whether the process has ended.
fn is_over(error: &io::Error) -> bool {
    error.kind() == ErrorKind::NotFound
        || error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error())
}

/// Bytes as a person can read them.
fn printable(bytes: &[u8]) -> String {
    let shown = bytes.iter().map(|byte| match byte {
        0x20..=0x7e => char::from(*byte),
        0 => '·',
        _ => '¤',
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::patience::{SOON, until};

    const TEXT: &str = "0123456789abcdefghijklmnopqrstuv";

    fn found_in(memory: &[u8]) -> Vec<&'static str> {
        let needles =
            Needles::new(&[TEXT.to_owned()]).unwrap_or_else(|error| unreachable!("{error}"));
        let mut parts = Vec::new();
        // Little at a time: everything lies across a border.
        let read = |at, out: &mut [u8]| {
            let from = usize::try_from(at).unwrap_or(usize::MAX);
            if memory[from] == 0xff {
                return Err(io::Error::from(ErrorKind::InvalidInput));
            }
            let count = out.len().min(memory.len() - from).min(7);
            out[..count].copy_from_slice(&memory[from..from + count]);
            Ok(count)
        };
        let scanned = scan(0..memory.len() as u64, &needles, read, |hit, _| {
            parts.push(hit.part);
        });
        assert!(scanned.is_ok());
        parts
    }

    #[test]
    fn halves_are_found_across_borders_in_both_encodings() {
        let wide: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let half = &TEXT.as_bytes()[16..];
        assert_eq!(
            found_in(&[b"..", TEXT.as_bytes(), b".."].concat()),
            ["first half, UTF-8", "second half, UTF-8"]
        );
        assert_eq!(
            found_in(&[b".", wide.as_slice(), b"."].concat()),
            ["first half, UTF-16", "second half, UTF-16"]
        );
        assert_eq!(found_in(&[b"...", half].concat()), ["second half, UTF-8"]);
        assert_eq!(found_in(&half[1..]), [""; 0]);
        assert_eq!(found_in(&[b'.'; 300]), [""; 0]);
    }

    #[test]
    fn what_cannot_be_read_is_passed_over_and_joins_nothing() {
        let page = usize::try_from(PAGE_BYTES).unwrap_or(0);
        let mut memory = vec![b'.'; 3 * page];
        memory[..32].copy_from_slice(TEXT.as_bytes());
        // Read seven at a time, the page begins where a piece does.
        memory[7 * (page / 7)] = 0xff;
        memory[2 * page..2 * page + 32].copy_from_slice(TEXT.as_bytes());
        assert_eq!(found_in(&memory).len(), 4);
    }

    #[tokio::test]
    async fn a_text_in_another_process_is_found() -> Result<()> {
        let child = Command::new("sleep")
            .arg("60")
            .env("A_TEXT", TEXT)
            .stdout(Stdio::null())
            .spawn();
        let Ok(mut child) = child else { return Ok(()) };
        let process = i32::try_from(child.id())?;
        let needles = Needles::new(&[TEXT.to_owned(), TEXT.chars().rev().collect()])?;
        // Until it is the program that was meant, and no copy of this one.
        let report = until("the text", SOON, async || {
            match search(&[process], &needles) {
                Ok(report) if report.found.is_empty() => Ok(None),
                told => Ok(Some(told)),
            }
        })
        .await;
        child.kill()?;
        child.wait()?;
        match report? {
            Err(error) if error.is::<Closed>() => {}
            report => {
                let report = report?;
                assert_eq!(report.processes, 1);
                assert!(report.texts().contains(&0), "{report:?}");
            }
        }
        Ok(())
    }
}
