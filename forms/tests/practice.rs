//! What the practice pages of `e2e/sites/patterns` show, as facts: one page each.

#[path = "support/pages.rs"]
mod pages;

use forms::{FieldLabel, Have, analyze, plan, plan_at, submitted};
use pages::page;
use proto::bridge::content::{FillRole, PageFacts};

/// What is planned for a login that has everything.
fn steps(page: &PageFacts) -> Vec<(u32, FillRole)> {
    let have = Have {
        username: true,
        password: true,
        totp: true,
    };
    plan(&analyze(page), have)
        .map(|plan| plan.steps)
        .unwrap_or_default()
}

fn labels(page: &PageFacts) -> Vec<FieldLabel> {
    analyze(page).fields().map(|field| field.label).collect()
}

use FillRole::{Password, Totp, Username};

const STEP: &str = "One more step · Orchard Mail";

#[test]
fn a_code_shown_as_dots_gets_the_code_and_never_the_password() {
    for field in [
        "password code one-time-code | One-time code",
        "password token - | 6-digit code of your authenticator app",
        "password c - | Einmalcode",
        "password c - | One-time password",
        "password c - | Einmalpasswort",
        "password c - | ワンタイムパスワード",
        "text password - | One-time password",
        "password c - | 短信验证码",
    ] {
        let page = page(STEP, &["form One more step", field, "button Verify"]);
        assert_eq!(steps(&page), [(0, Totp)], "{field}");
    }
    // Beside the password, too.
    let both = page(
        "",
        &[
            "form Log in",
            "text user",
            "password pass - | Password",
            "password otp - | Verification code",
            "button Log in",
        ],
    );
    assert_eq!(steps(&both), [(0, Username), (2, Totp), (1, Password)]);
}

#[test]
fn a_hidden_number_that_may_be_another_gets_no_code() {
    for field in [
        "password code - | Security code",
        "password pin - | PIN code",
        "password c - | Access code",
    ] {
        let page = page("", &["form", field, "button Go on"]);
        assert!(
            steps(&page).iter().all(|(_, role)| *role != Totp),
            "{field}"
        );
    }
}

#[test]
fn boxes_for_a_digit_each_are_known_without_their_length() {
    for kind in ["text", "number", "tel"] {
        let boxes: Vec<String> = (1..=6)
            .map(|at| format!("{kind} d{at} - | Digit {at}"))
            .collect();
        let mut lines = vec!["form One more step"];
        lines.extend(boxes.iter().map(String::as_str));
        lines.push("button Verify");
        let page = page(STEP, &lines);
        assert_eq!(steps(&page), [(0, Totp)], "{kind}");
        assert_eq!(labels(&page)[1..], [FieldLabel::Other; 5]);
    }
    // Where only the page speaks of a code.
    let plain = |title: &str| {
        let lines: Vec<String> = (1..=6).map(|at| format!("tel box-{at}")).collect();
        let lines = [vec!["form".to_owned()], lines, vec!["button OK".to_owned()]].concat();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        page(title, &lines)
    };
    assert_eq!(steps(&plain("Two-factor authentication")), [(0, Totp)]);
    assert_eq!(steps(&plain("Order form")), []);
}

#[test]
fn boxes_that_are_not_free_yet_belong_to_the_code() {
    let mut lines = vec!["form One more step", "text d1 - | Digit 1"];
    lines.extend(["~text d2 - | Digit 2", "~text d3 - | Digit 3"]);
    lines.extend(["~text d4 - | Digit 4", "~text d5 - | Digit 5"]);
    lines.extend(["~text d6 - | Digit 6", "button Verify"]);
    let mut page = page(STEP, &lines);
    assert_eq!(steps(&page), [(0, Totp)]);
    for field in &mut page.fields {
        field.max_length = 1;
        field.label.clear();
    }
    assert_eq!(steps(&page), [(0, Totp)]);
}

#[test]
fn the_present_password_may_come_last() {
    let page = page(
        "Security",
        &[
            "form Security",
            "password p1 - | Choose a new password",
            "password p2 - | Once more",
            "password p3 - | To confirm, your current password",
            "button Save",
        ],
    );
    assert_eq!(steps(&page), [(2, Password)]);
    assert_eq!(labels(&page)[..2], [FieldLabel::NewPassword; 2]);
}

#[test]
fn of_two_logins_the_one_that_the_page_is_about_is_filled() {
    let header = [
        "form Quick sign-in",
        "text username username",
        "password password current-password",
        "button Sign in",
    ];
    let main = [
        "form Welcome back",
        "text username username | User name",
        "password password current-password | Password",
        "checkbox remember - | Keep me signed in",
        "link Forgot your password?",
        "button Sign in",
    ];
    let page = page("Sign in", &[&header[..], &main].concat());
    assert_eq!(steps(&page), [(2, Username), (3, Password)]);
}

#[test]
fn a_name_and_a_password_in_two_forms_are_one_login() {
    let split = |first: &[&str], second: &[&str]| {
        page("Sign in", &[first, second, &["button Sign in"]].concat())
    };
    let name = ["form", "text username username | User name"];
    let password = ["form", "password password current-password | Password"];
    let page = split(&name, &password);
    assert_eq!(steps(&page), [(0, Username), (1, Password)]);
    let sent = submitted(&analyze(&page), 1);
    assert_eq!(sent.and_then(|sent| sent.username), Some(0));
    let have = Have {
        username: true,
        password: true,
        totp: false,
    };
    assert!(plan_at(&analyze(&page), 0, have).is_some_and(|plan| plan.steps.len() == 2));
    // What is sent by itself is something else, and so is what says that it is.
    for first in [
        &["form", "email e - | E-mail", "button Subscribe"][..],
        &["form", "email e - | E-mail", "button Send"],
        &["form", "search q - | Search for users"],
        &["form", "email e - | Your e-mail for our newsletter"],
    ] {
        assert_eq!(
            steps(&split(first, &password)),
            [(1, Password)],
            "{first:?}"
        );
    }
}

#[test]
fn the_key_of_a_network_is_no_password() {
    for [name, key] in [
        ["Network name (SSID)", "WPA2 key"],
        ["Wireless network", "Pre-shared key"],
        ["Netzwerkname", "WLAN-Schlüssel"],
        ["Wi-Fi name", "Wi-Fi password"],
    ] {
        let name = format!("text a - | {name}");
        let key = format!("password b - | {key}");
        let page = page("Wireless", &["form", &name, &key, "button Apply"]);
        assert_eq!(steps(&page), [], "{key}");
    }
}

#[test]
fn a_masked_field_that_wants_a_user_name_gets_no_password() {
    let swapped = page(
        "Sign in",
        &[
            "form Welcome back",
            "password username username | User name",
            "text password current-password | Password",
            "button Press",
            "button Sign in",
        ],
    );
    assert_eq!(steps(&swapped), []);
    let by_words = page(
        "Sign in",
        &["form", "password a - | User name", "button Sign in"],
    );
    assert_eq!(steps(&by_words), []);
    // Its name may say anything.
    let named = page("", &["form", "text a", "password user", "button Sign in"]);
    assert_eq!(steps(&named), [(0, Username), (1, Password)]);
}
