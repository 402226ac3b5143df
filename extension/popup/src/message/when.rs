//! When something was, in few words. All times are those of the clock on the wall.

use proto::ids::UnixMillis;

use crate::format;

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;

/// The time of day: `14:05`.
pub(crate) fn clock(at: UnixMillis) -> String {
    let minutes = at.0 % DAY / MINUTE;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Which day it is, counted from the beginning of time.
pub(crate) fn day_number(at: UnixMillis) -> u64 {
    at.0 / DAY
}

/// For a list: the time where it was today, else the day.
pub(crate) fn listed(at: UnixMillis, now: UnixMillis) -> String {
    match day_number(now).saturating_sub(day_number(at)) {
        0 => clock(at),
        1 => "Yesterday".to_owned(),
        2..7 => weekday(at).chars().take(3).collect(),
        _ => short(at, now),
    }
}

/// For a line between messages: `Today`, `Monday`, `Monday, 22 November`.
pub(crate) fn day(at: UnixMillis, now: UnixMillis) -> String {
    match day_number(now).saturating_sub(day_number(at)) {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        2..7 => weekday(at).to_owned(),
        _ => format!("{}, {}", weekday(at), without_year(&format::date(at), now)),
    }
}

/// `22 Nov`, with the year where it is another one.
fn short(at: UnixMillis, now: UnixMillis) -> String {
    let date = without_year(&format::date(at), now);
    let word = |(place, word): (usize, &str)| match place {
        1 => word.chars().take(3).collect(),
        _ => word.to_owned(),
    };
    let words: Vec<String> = date.split(' ').enumerate().map(word).collect();
    words.join(" ")
}

/// A date as people say it in its own year.
fn without_year(date: &str, now: UnixMillis) -> String {
    let year = |date: &str| date.rsplit_once(' ').map(|(_, year)| year.to_owned());
    let this_year = year(date) == year(&format::date(now));
    match date.rsplit_once(' ') {
        Some((date, _)) if this_year => date.to_owned(),
        _ => date.to_owned(),
    }
}

fn weekday(at: UnixMillis) -> &'static str {
    // Time began on a Thursday.
    match day_number(at) % 7 {
        0 => "Thursday",
        1 => "Friday",
        2 => "Saturday",
        3 => "Sunday",
        4 => "Monday",
        5 => "Tuesday",
        _ => "Wednesday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sunday, 22 November 2026, 20:45:34.
    const NOW: UnixMillis = UnixMillis(1_795_380_334_000);

    fn before(days: u64) -> UnixMillis {
        UnixMillis(NOW.0 - days * DAY)
    }

    #[test]
    fn a_list_tells_the_time_or_the_day() {
        for (at, text) in [
            (NOW, "20:45"),
            (UnixMillis(NOW.0 - 20 * 60 * MINUTE), "00:45"),
            (UnixMillis(NOW.0 - 21 * 60 * MINUTE), "Yesterday"),
            (before(2), "Fri"),
            (before(6), "Mon"),
            (before(7), "15 Nov"),
            (before(400), "18 Oct 2025"),
            (NOW.plus(DAY), "20:45"),
        ] {
            assert_eq!(listed(at, NOW), text);
        }
    }

    #[test]
    fn days_are_named_by_how_far_they_are() {
        for (at, text) in [
            (NOW, "Today"),
            (before(1), "Yesterday"),
            (before(3), "Thursday"),
            (before(7), "Sunday, 15 November"),
            (before(400), "Saturday, 18 October 2025"),
        ] {
            assert_eq!(day(at, NOW), text);
        }
    }

    #[test]
    fn the_clock_has_two_digits_each() {
        assert_eq!(clock(UnixMillis(0)), "00:00");
        assert_eq!(clock(UnixMillis(9 * 60 * MINUTE + 5 * MINUTE)), "09:05");
    }
}
