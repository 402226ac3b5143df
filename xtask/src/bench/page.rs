//! What the extension costs web pages. It takes a quarter of an hour for each browser, so it is
//! measured only where a name asks for it: `page` for all pages, `page.NAME…` for one.

use anyhow::Result;

use crate::{
    Browser,
    play::{Play, Programs, Speed},
    process,
    requirements::Requirements,
};

/// The first part of these figures' names.
const PAGE: &str = "page";

/// Pages that `names` ask for, none of them standing for all; `None` where nothing of this kind is
/// asked for.
pub(super) fn asked(names: &[String]) -> Option<Vec<&str>> {
    let parts = names.iter().map(|name| name.split('.').collect::<Vec<_>>());
    let asked: Vec<_> = parts.filter(|parts| parts[0] == PAGE).collect();
    if asked.is_empty() {
        return None;
    }
    let pages: Option<Vec<_>> = asked.iter().map(|parts| parts.get(1).copied()).collect();
    Some(pages.unwrap_or_default())
}

/// Measures in `browser`, in both where none is named; what the programs printed.
pub(super) fn measure(
    pages: &[&str],
    browser: Option<Browser>,
    requirements: &Requirements,
) -> Result<String> {
    let play = Play::prepare(Speed::Release, browser, Programs::ToBuild, requirements)?;
    let browsers = browser.map_or(Browser::ALL.to_vec(), |one| vec![one]);
    let mut output = String::new();
    for browser in browsers {
        let driven = requirements.browser(browser)?;
        let mut program = play.program("bench-page", &driven);
        output.push_str(&process::stdout(program.args(pages))?);
    }
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_measured_only_when_asked_for() {
        let check = |names: &[&str], expect: Option<&[&str]>| {
            let names: Vec<_> = names.iter().map(|&it| it.to_owned()).collect();
            assert_eq!(asked(&names).as_deref(), expect, "{names:?}");
        };
        check(&[], None);
        check(&["browser.bare_page", "pages"], None);
        check(&["page"], Some(&[]));
        check(&["page.empty", "vault"], Some(&["empty"]));
        check(
            &["page.nodes.heap", "page.empty"],
            Some(&["nodes", "empty"]),
        );
        check(&["page.nodes", "page"], Some(&[]));
    }
}
