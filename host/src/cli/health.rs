//! `status` and `doctor`: what is there, and what is wrong.

use anyhow::{Result, bail};

use super::{program, say};
use crate::{
    install::{self, Browser, Standing},
    pairs,
    place::Place,
    relay, solving,
};

/// What is registered and paired.
pub(super) fn status(place: &Place) -> Result<()> {
    let program = program()?;
    for browser in install::browsers(false)
        .into_iter()
        .filter(Browser::has_its_place)
    {
        let standing = match browser.standing(&program) {
            Standing::Absent if browser.found => "not registered".to_owned(),
            Standing::Absent => continue,
            Standing::Here => "registered".to_owned(),
            Standing::Other(Some(path)) => format!("registered for {}", path.display()),
            Standing::Other(None) => "its manifest cannot be read".to_owned(),
        };
        say(&format!("{}: {standing}", browser.name))?;
    }
    let pairs = pairs::all(place)?;
    say(&format!("paired extensions: {}", pairs.len()))?;
    for pair in pairs {
        let key = pair.key.to_string();
        let short = key.get(..8).unwrap_or_default();
        say(&format!("  {short} {}", pair.browser.unwrap_or_default()))?;
    }
    Ok(())
}

/// Looks for what is wrong, and says it in words.
pub(super) fn doctor(place: &Place) -> Result<()> {
    let program = program()?;
    let mut wrong = 0;
    let mut registered = 0;
    for browser in install::browsers(false)
        .into_iter()
        .filter(Browser::has_its_place)
    {
        let (is_wrong, said) = match browser.standing(&program) {
            Standing::Here => {
                registered += 1;
                (
                    false,
                    browser.limits.map_or("fine".to_owned(), ToOwned::to_owned),
                )
            }
            Standing::Absent if browser.found => (
                false,
                "not registered; `pearvault-host install` does it".to_owned(),
            ),
            Standing::Absent => continue,
            Standing::Other(Some(path)) if path.exists() => (
                true,
                format!(
                    "starts {}, which is not this program. If that is not one of yours, somebody stands between; `pearvault-host install` sets it right",
                    path.display()
                ),
            ),
            Standing::Other(_) => (
                true,
                "leads nowhere; `pearvault-host repair` sets it right".to_owned(),
            ),
        };
        wrong += usize::from(is_wrong);
        say(&format!("{}: {said}", browser.name))?;
    }
    say(&format!(
        "the folder of the host: {}",
        place.file("").display()
    ))?;
    if registered == 0 {
        say("No browser starts this program yet: run `pearvault-host install`.")?;
    }
    match pairs::own_key(place) {
        Ok(_) => say("the host's key: fine")?,
        Err(error) => {
            wrong += 1;
            say(&format!("the host's key: {error}"))?;
        }
    }
    match relay::look(place) {
        Ok(()) => say("the agent: it answers")?,
        Err(error) => {
            wrong += 1;
            say(&format!("the agent: {error}"))?;
        }
    }
    for engine in solving::measured() {
        let rate = engine.rate.map_or_else(
            || engine.problem.clone().unwrap_or_default(),
            |rate| format!("{:.2} million tries a second", rate / 1e6),
        );
        say(&format!("proof of work: {}: {rate}", engine.name))?;
    }
    if wrong > 0 {
        bail!("{wrong} to set right");
    }
    Ok(())
}
