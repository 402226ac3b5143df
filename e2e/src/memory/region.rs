//! What a process has mapped.

use std::{fmt, fs, io};

/// What two mappings of one file have in common.
pub(super) type Same = (String, u64, u64);

/// A range of addresses, as `/proc/PID/smaps` tells it (proc(5)).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Region {
    /// First address.
    pub(super) start: u64,
    /// The address after the last.
    pub(super) end: u64,
    /// As `rw-p`.
    access: String,
    /// Where it begins in its file.
    offset: u64,
    /// Device and number of its file.
    file: String,
    /// Name of the file, or of what the system uses it for; empty for memory of no file.
    name: String,
    /// Whether any page of it is in memory or in the swap.
    present: bool,
    /// Whether it has pages of its own, not those of a file.
    own_pages: bool,
    /// Whether it is a device's.
    device: bool,
}

impl Region {
    /// Whether anything that a process wrote may be there to read. Memory that several processes share is read also
    /// where this one has not touched it yet.
    pub(super) fn can_hold_something(&self) -> bool {
        let systems = self.name.starts_with("[vvar") || self.name == "[vsyscall]";
        !self.device && !systems && (self.present || self.is_shared())
    }

    /// What it is known by in other processes, where none of them can have anything else there.
    pub(super) fn same(&self) -> Option<Same> {
        let unchanged = self.name.starts_with('/') && (self.is_shared() || !self.own_pages);
        let same = || (self.file.clone(), self.offset, self.end - self.start);
        unchanged.then(same)
    }

    fn is_shared(&self) -> bool {
        self.access.ends_with('s')
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name.is_empty() {
            "memory"
        } else {
            &self.name
        };
        let kib = (self.end - self.start) / 1024;
        write!(f, "{name} {} {kib} KiB at {:x}", self.access, self.start)
    }
}

/// All regions of a process.
pub(super) fn of(process: i32) -> io::Result<Vec<Region>> {
    fs::read_to_string(format!("/proc/{process}/smaps")).map(|text| parse(&text))
}

fn parse(text: &str) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':').filter(|(key, _)| is_key(key)) else {
            regions.extend(head(line));
            continue;
        };
        let Some(region) = regions.last_mut() else {
            continue;
        };
        let some = !value.trim().starts_with("0 kB");
        match key {
            "Rss" | "Swap" => region.present |= some,
            "Anonymous" => region.own_pages |= some,
            "VmFlags" => {
                region.device = value.split_whitespace().any(|it| it == "io" || it == "pf");
            }
            _ => {}
        }
    }
    regions
}

/// A line of addresses has a colon too, in the number of the device.
fn is_key(text: &str) -> bool {
    text.chars()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

fn head(line: &str) -> Option<Region> {
    let mut words = line.split_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let (access, offset) = (words.next()?.to_owned(), words.next()?);
    let file = format!("{} {}", words.next()?, words.next()?);
    Some(Region {
        start: u64::from_str_radix(start, 16).ok()?,
        end: u64::from_str_radix(end, 16).ok()?,
        access,
        offset: u64::from_str_radix(offset, 16).ok()?,
        file,
        name: words.collect::<Vec<_>>().join(" "),
        ..Region::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMAPS: &str = "\
7f00-7f02 r-xp 00001000 fe:01 77   /usr/lib/a program
Rss:                   8 kB
Anonymous:             0 kB
Swap:                  0 kB
VmFlags: rd ex mr mw me
8000-9000 rw-p 00000000 00:00 0
Rss:                   0 kB
Anonymous:             0 kB
Swap:                  4 kB
VmFlags: rd wr mr mw me ac
9000-a000 ---p 00000000 00:00 0
Rss:                   0 kB
Swap:                  0 kB
VmFlags: mr mw me
a000-b000 rw-s 00000000 00:01 9   /memfd:pipe (deleted)
Rss:                   0 kB
Swap:                  0 kB
VmFlags: rd wr sh mr mw me ms
b000-c000 rw-s 00000000 00:05 3   /dev/dri/card0
Rss:                   0 kB
VmFlags: rd wr sh io pf
c000-d000 r--p 00000000 00:00 0   [vvar]
Rss:                   4 kB
VmFlags: rd mr
";

    #[test]
    fn what_can_hold_something_is_told_from_what_cannot() {
        let regions = parse(SMAPS);
        let told: Vec<_> = regions
            .iter()
            .map(|it| (it.start, it.can_hold_something(), it.same().is_some()))
            .collect();
        assert_eq!(
            told,
            [
                (0x7f00, true, true),
                (0x8000, true, false),
                (0x9000, false, false),
                (0xa000, true, true),
                (0xb000, false, true),
                (0xc000, false, false),
            ]
        );
        assert_eq!(regions[0].name, "/usr/lib/a program");
        assert_eq!(regions[0].offset, 0x1000);
    }
}
