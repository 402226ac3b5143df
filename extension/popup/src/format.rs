//! Figures as people read them.

use proto::{
    api::DEFAULT_PORT,
    error::{ErrorCode, WireError},
    ids::UnixMillis,
};

/// A server as people know it: its host, with the port where it has one of its own.
pub(crate) fn server(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().to_owned()
}

/// Why the server of an address could not be asked. `typed`: the server that was named by hand.
pub(crate) fn unasked(error: &WireError, address: &str, typed: Option<&str>) -> String {
    if error.code != ErrorCode::NodeUnreachable {
        return error.message.clone();
    }
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    match typed.map(str::trim) {
        None if domain == "localhost" => format!(
            "Nothing answers at http://localhost:{DEFAULT_PORT}. Start the server (`pearvault-node serve`), or give its address under Server."
        ),
        None => format!(
            "No server answers for {domain}. Check the address and your connection, or give its server's address under Server."
        ),
        Some(typed) => {
            let tried = if typed.contains("://") {
                typed.to_owned()
            } else {
                format!("https://{typed}")
            };
            let start = if is_here(&tried) {
                "start it (`pearvault-node serve`)"
            } else {
                "start it"
            };
            format!("Nothing answers at {tried}. Check the address of the server, or {start}.")
        }
    }
}

/// Whether a URL is one of this computer.
fn is_here(url: &str) -> bool {
    let host = server(url);
    host.starts_with("[::1]")
        || host.starts_with("127.")
        || host.split(':').next() == Some("localhost")
}

/// Bytes as begun megabytes: `12 MB`.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", count(bytes.div_ceil(1 << 20)))
}

/// A whole number with its thousands set apart: `5 012` becomes `5,012`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 item`, `2 items`: a noun that takes an *s*.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// Tries a second, to three digits.
pub(crate) fn rate(per_second: f64) -> String {
    if !per_second.is_finite() || per_second <= 0.0 {
        return "measuring…".to_owned();
    }
    let (value, unit) = match per_second {
        r if r >= 1e9 => (r / 1e9, " G"),
        r if r >= 1e6 => (r / 1e6, " M"),
        r if r >= 1e3 => (r / 1e3, " k"),
        r => (r, " "),
    };
    let decimals = match value {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}{unit} tries/s").replace("  ", " ")
}

/// A time to wait, seconds, told no finer than anybody could know it.
pub(crate) fn wait(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "unknown".to_owned();
    }
    let (value, unit) = match seconds {
        s if s < 5.0 => return "a few seconds".to_owned(),
        s if s < 55.0 => ((s / 5.0).round() * 5.0, "s"),
        s if s < 3300.0 => ((s / 60.0).round().max(1.0), "min"),
        s if s < 48.0 * 3600.0 => ((s / 3600.0).round().max(1.0), "h"),
        s => ((s / 86400.0).round(), "days"),
    };
    format!("about {value:.0} {unit}")
}

/// A share between 0 and 1 in whole percent; 100 only where it is all.
pub(crate) fn percent(share: f64) -> String {
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let whole = (share * 100.0).round();
    if whole >= 100.0 && share < 1.0 {
        "99 %".to_owned()
    } else {
        format!("{whole:.0} %")
    }
}

/// How long ago, at `now`, something was; a time to come counts as now.
pub(crate) fn ago(then: UnixMillis, now: UnixMillis) -> String {
    let minutes = now.0.saturating_sub(then.0) / 60_000;
    match minutes {
        0 | 1 => "just now".to_owned(),
        m if m < 60 => format!("{m} min ago"),
        m if m < 24 * 60 => format!("{} h ago", m / 60),
        m if m < 48 * 60 => "yesterday".to_owned(),
        m => format!("{} days ago", m / (24 * 60)),
    }
}

/// The same, to the second within the first minute.
pub(crate) fn seconds_ago(then: UnixMillis, now: UnixMillis) -> String {
    match now.0.saturating_sub(then.0) / 1_000 {
        0 | 1 => "just now".to_owned(),
        s if s < 60 => format!("{s} s ago"),
        s if s < 120 => "1 min ago".to_owned(),
        _ => ago(then, now),
    }
}

/// A day as people write it, UTC: `22 November 2026`.
pub(crate) fn date(at: UnixMillis) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    // Days since 1 March of year 0, in eras of 400 years: the leap day is the last of its year.
    let days = at.0 / (24 * 60 * 60 * 1000) + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    // From 0: January.
    let month = (month + 2) % 12;
    let year = year + era * 400 + u64::from(month < 2);
    let name = usize::try_from(month)
        .ok()
        .and_then(|month| MONTHS.get(month));
    format!("{of_month} {} {year}", name.copied().unwrap_or_default())
}

/// Hours as a setting names them.
pub(crate) fn hours(hours: u32) -> String {
    match hours {
        h if h >= 48 => counted((h / 24).into(), "day"),
        h => counted(h.into(), "hour"),
    }
}

/// The time until then, at least one minute.
pub(crate) fn left(then: UnixMillis, now: UnixMillis) -> String {
    let minutes = then.0.saturating_sub(now.0).div_ceil(60_000).max(1);
    match minutes {
        m if m < 120 => counted(m, "minute"),
        m => hours(u32::try_from(m.div_ceil(60)).unwrap_or(u32::MAX)),
    }
}

/// A span of minutes as a setting names it.
pub(crate) fn minutes(minutes: u32) -> String {
    match minutes {
        1 => "1 minute".to_owned(),
        60 => "1 hour".to_owned(),
        m if m.is_multiple_of(60) => format!("{} hours", m / 60),
        m => format!("{m} minutes"),
    }
}

/// A one-time code in two groups: `123456` becomes `123 456`.
pub(crate) fn code(digits: &str) -> String {
    if !digits.is_ascii() || digits.len() < 6 {
        return digits.to_owned();
    }
    let (left, right) = digits.split_at(digits.len() / 2);
    format!("{left} {right}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_known_by_their_names() {
        for (url, name) in [
            ("https://pears.example/api/v1", "pears.example"),
            ("https://pears.example:8443/api/v1", "pears.example:8443"),
            ("http://localhost:37423/api/v1", "localhost:37423"),
            ("https://pears.example", "pears.example"),
        ] {
            assert_eq!(server(url), name);
        }
    }

    #[test]
    fn a_server_that_is_away_is_named_with_what_to_do() {
        let away = WireError::new(ErrorCode::NodeUnreachable);
        for (address, typed, beginning, advice) in [
            (
                "ada@localhost",
                None,
                "Nothing answers at http://localhost:8787.",
                "pearvault-node serve",
            ),
            (
                "ada@pears.example",
                None,
                "No server answers for pears.example.",
                "under Server",
            ),
            (
                "ada@pears.example",
                Some("kp.pears.example"),
                "Nothing answers at https://kp.pears.example.",
                "or start it.",
            ),
            (
                "ada@localhost",
                Some(" http://127.0.0.1:9000"),
                "Nothing answers at http://127.0.0.1:9000.",
                "pearvault-node serve",
            ),
        ] {
            let told = unasked(&away, address, typed);
            assert!(told.starts_with(beginning), "{told}");
            assert!(told.contains(advice), "{told}");
        }
        let busy = WireError::new(ErrorCode::Busy);
        assert_eq!(unasked(&busy, "ada@localhost", None), busy.message);
    }

    #[test]
    fn this_computer_is_told_from_others() {
        for (url, here) in [
            ("http://localhost:8787", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:9000/", true),
            ("https://localhost.example.com", false),
            ("https://kp.example.com", false),
        ] {
            assert_eq!(is_here(url), here, "{url}");
        }
    }

    #[test]
    fn counts_have_commas() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (5012, "5,012"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(count(number), text);
        }
        assert_eq!(counted(1, "item"), "1 item");
        assert_eq!(counted(2000, "change"), "2,000 changes");
    }

    #[test]
    fn rates_have_three_digits() {
        for (value, text) in [
            (0.0, "measuring…"),
            (f64::NAN, "measuring…"),
            (12.0, "12.0 tries/s"),
            (1_234.0, "1.23 k tries/s"),
            (12_340.0, "12.3 k tries/s"),
            (1_234_000.0, "1.23 M tries/s"),
            (123_400_000.0, "123 M tries/s"),
        ] {
            assert_eq!(rate(value), text);
        }
    }

    #[test]
    fn waits_are_rounded() {
        for (seconds, text) in [
            (0.2, "a few seconds"),
            (12.0, "about 10 s"),
            (58.0, "about 1 min"),
            (95.0, "about 2 min"),
            (7_300.0, "about 2 h"),
            (400_000.0, "about 5 days"),
            (f64::INFINITY, "unknown"),
        ] {
            assert_eq!(wait(seconds), text);
        }
    }

    #[test]
    fn a_chance_is_never_told_as_certain() {
        assert_eq!(percent(0.634), "63 %");
        assert_eq!(percent(0.9999), "99 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(f64::NAN), "0 %");
    }

    #[test]
    fn time_that_is_left_is_told_in_its_own_unit() {
        let minute = 60_000;
        for (millis, expected) in [
            (0, "1 minute"),
            (minute + 1, "2 minutes"),
            (60 * minute, "60 minutes"),
            (8 * 60 * minute, "8 hours"),
            (30 * 24 * 60 * minute, "30 days"),
        ] {
            let now = UnixMillis(1_000);
            assert_eq!(left(UnixMillis(1_000 + millis), now), expected);
        }
        assert_eq!(hours(1), "1 hour");
        assert_eq!(hours(24), "24 hours");
    }

    #[test]
    fn past_times_are_told_in_their_own_unit() {
        let now = UnixMillis(10_000_000_000);
        let minutes_ago = |minutes: u64| ago(UnixMillis(now.0 - minutes * 60_000), now);
        assert_eq!(minutes_ago(0), "just now");
        assert_eq!(minutes_ago(59), "59 min ago");
        assert_eq!(minutes_ago(120), "2 h ago");
        assert_eq!(minutes_ago(30 * 60), "yesterday");
        assert_eq!(minutes_ago(3 * 24 * 60), "3 days ago");
        assert_eq!(ago(now.plus(5_000), now), "just now");
    }

    #[test]
    fn seconds_are_told_within_the_first_minute() {
        let now = UnixMillis(10_000_000_000);
        for (seconds, text) in [
            (0, "just now"),
            (1, "just now"),
            (2, "2 s ago"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (119, "1 min ago"),
            (120, "2 min ago"),
            (7_200, "2 h ago"),
        ] {
            assert_eq!(seconds_ago(UnixMillis(now.0 - seconds * 1_000), now), text);
        }
        assert_eq!(seconds_ago(now.plus(5_000), now), "just now");
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (millis, expect) in [
            (0, "1 January 1970"),
            (951_782_400_000, "29 February 2000"),
            (951_868_800_000, "1 March 2000"),
            (1_795_226_516_049, "21 November 2026"),
            (4_102_444_799_999, "31 December 2099"),
        ] {
            assert_eq!(date(UnixMillis(millis)), expect, "{millis}");
        }
    }

    #[test]
    fn codes_are_grouped() {
        assert_eq!(code("123456"), "123 456");
        assert_eq!(code("12345678"), "1234 5678");
        assert_eq!(code("ab"), "ab");
    }
}
