use super::*;

#[test]
fn span_of_retries_doubles_up_to_an_hour() {
    let spans = [0, 1, 2, 9, 10, 63, u32::MAX].map(span_ms);
    let hour = 3_600_000;
    assert_eq!(spans, [5_000, 10_000, 20_000, 2_560_000, hour, hour, hour]);
}

#[test]
fn looks_that_take_long_are_few() {
    let ms = Duration::from_millis;
    for (look, is_limited, rest) in [
        (0, false, 5),
        (1, false, 5),
        (20, false, 80),
        (1, true, 25),
        (20, true, 80),
        (60_000, true, 10_000),
    ] {
        assert_eq!(
            rest_after(ms(look), is_limited),
            ms(rest),
            "{look} {is_limited}"
        );
    }
}

#[test]
fn refusal_says_what_is_to_be_done() {
    for (code, works, expected) in [
        ("WORK_SPENT", 4, Verdict::WorkWanted),
        ("WORK_SPENT", 5, Verdict::Failed),
        ("WORK_EXPIRED", 0, Verdict::WorkWanted),
        ("SENDER_BLOCKED", 0, Verdict::Failed),
        ("RECIPIENT_UNKNOWN", 0, Verdict::Failed),
        ("SENDER_UNREACHABLE", 9, Verdict::Again),
        ("RECIPIENT_FULL", 9, Verdict::Again),
        ("INTERNAL_SERVER_ERROR", 0, Verdict::UnexplainedWorkWanted),
        ("INTERNAL_SERVER_ERROR", 2, Verdict::UnexplainedWorkWanted),
        ("INTERNAL_SERVER_ERROR", 3, Verdict::UnexplainedFailed),
        ("", 3, Verdict::UnexplainedFailed),
    ] {
        assert_eq!(verdict(code, works), expected, "{code} {works}");
    }
}

#[test]
fn reason_is_kept_short_whole_characters_at_a_time() {
    assert_eq!(short(&"ä".repeat(400)).chars().count(), REASON_MAX_CHARS);
}
