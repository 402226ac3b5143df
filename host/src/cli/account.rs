//! `remove-account`: for whoever does not get in any more.

use anyhow::{Result, bail};

use super::{say, typed::Typed};
use crate::{
    account::{
        database::Database,
        safe::{Found, Safe},
    },
    agent,
    place::Place,
};

/// Deletes the account's database and its key, where nobody uses them.
pub(super) fn remove(place: &Place) -> Result<()> {
    // No browser starts an agent meanwhile.
    let Some(_lock) = agent::lock(place)? else {
        bail!(
            "a browser uses the account now: close your browsers, wait ten seconds, and start this again"
        );
    };
    let found = Safe::of(place).find();
    let whose = match found {
        Ok(Found::Nothing) => bail!("there is no account here"),
        Ok(Found::Sealed { account }) => account.to_string(),
        _ => "the account that lives here".to_owned(),
    };
    let line = Typed::listen().ask(&format!(
        "This deletes {whose} on this computer. What reached its server stays there; what did not is lost.\nType yes to delete it: "
    ))?;
    if line.trim() != "yes" {
        bail!("nothing was deleted");
    }
    let in_keyring = !Safe::of(place).forget()?;
    Database::remove(place)?;
    if in_keyring {
        say("The keyring did not answer and still has the key, which opens nothing any more.")?;
    }
    say("Deleted. Your browsers ask you to log in anew.")
}
