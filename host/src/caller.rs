//! Who has started this program: a browser for our extension, or a person.

use std::{ffi::OsString, path::Path};

use proto::bridge::host::{CHROMIUM_ID, FIREFOX_ID};
use serde::{Deserialize, Serialize};

/// Families of browsers, by how they start a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Chromium and its like.
    Chromium,
    /// Firefox and its like.
    Firefox,
}

/// Characters of a program's name.
const LABEL_MAX_CHARS: usize = 40;

/// A browser started us for another extension than ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is the host of Pearvault's extension, and of no other")]
pub struct Foreign;

/// The browser that started us, by its arguments (without the program's name); `None` for a person.
///
/// Chromium says `chrome-extension://<id>/`, and on Windows a window besides; Firefox the path of the
/// manifest and the add-on's id.
///
/// # Errors
/// [`Foreign`].
pub fn of(arguments: &[OsString]) -> Option<Result<Family, Foreign>> {
    let texts: Vec<&str> = arguments.iter().filter_map(|text| text.to_str()).collect();
    match texts.as_slice() {
        [origin, ..] if origin.contains("://") => {
            let ours = format!("chrome-extension://{CHROMIUM_ID}/");
            Some(if *origin == ours {
                Ok(Family::Chromium)
            } else {
                Err(Foreign)
            })
        }
        [manifest, id]
            if Path::new(manifest)
                .extension()
                .is_some_and(|it| it == "json") =>
        {
            Some(if *id == FIREFOX_ID {
                Ok(Family::Firefox)
            } else {
                Err(Foreign)
            })
        }
        _ => None,
    }
}

/// What to call a program before the user: the name of its file. Whoever starts programs chooses their
/// paths: nothing of this may move a terminal's cursor, hide, or be taken for a line of ours.
pub fn label(program: &Path) -> String {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let plain = name.chars().filter(char::is_ascii_graphic);
    plain.take(LABEL_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arguments: &[&str], expected: Option<Result<Family, Foreign>>) {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        assert_eq!(of(&arguments), expected, "{arguments:?}");
    }

    #[test]
    fn browsers_are_known_by_what_they_say_and_others_are_turned_away() {
        let ours = format!("chrome-extension://{CHROMIUM_ID}/");
        check(&[&ours], Some(Ok(Family::Chromium)));
        check(&[&ours, "--parent-window=7"], Some(Ok(Family::Chromium)));
        check(
            &["/x/app.pearvault.host.json", FIREFOX_ID],
            Some(Ok(Family::Firefox)),
        );
        check(
            &["/x/app.pearvault.host.json", "other@example.com"],
            Some(Err(Foreign)),
        );
        check(
            &["chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh/"],
            Some(Err(Foreign)),
        );
        check(&[&ours[..ours.len() - 1]], Some(Err(Foreign)));
        check(&["https://example.com/"], Some(Err(Foreign)));
        check(&["status"], None);
        check(&[], None);
    }

    #[test]
    fn name_of_a_program_draws_nothing_in_a_terminal() {
        assert_eq!(
            label(Path::new("/usr/lib/firefox/firefox-esr")),
            "firefox-esr"
        );
        assert_eq!(
            label(Path::new("/x/fire\n\x1b[8mfox\u{202e} 123 456")),
            "fire[8mfox123456"
        );
        assert_eq!(label(Path::new("/")), "");
        assert_eq!(label(Path::new(&"p".repeat(500))).len(), LABEL_MAX_CHARS);
    }
}
