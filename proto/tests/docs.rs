//! `docs/PROTOCOL.md` tells the truth: its tables are made from the types.
//!
//! `PEARVAULT_UPDATE_DOCS=1 cargo test -p pearvault-proto --test docs` writes them anew.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the document has failed"
)]

use std::{fmt::Write as _, fs, path::Path};

use proto::{
    bridge::{content::ContentRequest, popup::PopupRequest},
    error::{ErrorCode, ErrorKind},
};

fn names(names: &[&str]) -> String {
    let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{}\n", list.join(" · "))
}

fn error_codes() -> String {
    let mut table = "| code | name | kind | text |\n| --- | --- | --- | --- |\n".to_owned();
    for code in ErrorCode::ALL {
        let kind = match code.kind() {
            ErrorKind::Fatal => "fatal",
            ErrorKind::Unreachable => "unreachable",
            ErrorKind::Refused => "refused",
            ErrorKind::Retry => "retry",
        };
        writeln!(
            table,
            "| {} | `{}` | {kind} | {} |",
            u16::from(*code),
            code.name(),
            code.message()
        )
        .unwrap();
    }
    table
}

/// Puts `content` between the markers of `section`.
fn replaced(document: &str, section: &str, content: &str) -> String {
    let begin = format!("<!-- generated: {section} -->\n");
    let end = format!("<!-- end: {section} -->");
    let start = document.find(&begin).unwrap() + begin.len();
    let stop = document[start..].find(&end).unwrap() + start;
    format!("{}{content}{}", &document[..start], &document[stop..])
}

#[test]
fn protocol_tables_are_those_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/PROTOCOL.md");
    let document = fs::read_to_string(&path).unwrap();
    let mut fresh = replaced(&document, "popup requests", &names(PopupRequest::NAMES));
    fresh = replaced(&fresh, "content requests", &names(ContentRequest::NAMES));
    fresh = replaced(&fresh, "error codes", &error_codes());
    if std::env::var_os("PEARVAULT_UPDATE_DOCS").is_some() {
        fs::write(&path, fresh).unwrap();
    } else {
        assert!(
            fresh == document,
            "docs/PROTOCOL.md is old: see the head of proto/tests/docs.rs"
        );
    }
}
