//! `remove-account`: for whoever does not get in any more.

use std::io::{Write as _, stdin, stdout};

use anyhow::{Result, bail};

use super::{forget_what_was_typed, say};
use crate::{
    account::{
        database::Database,
        safe::{Found, Safe},
    },
    pipe,
    place::Place,
};

/// Deletes the account's database and its key, where nobody uses them.
pub(super) fn remove(place: &Place) -> Result<()> {
    if pipe::connect(place).is_ok() {
        bail!(
            "a browser uses the account now: close your browsers, wait ten seconds, and start this again"
        );
    }
    let found = Safe::of(place).find();
    let whose = match found {
        Ok(Found::Nothing) => bail!("there is no account here"),
        Ok(Found::Sealed { account }) => account.to_string(),
        _ => "the account that lives here".to_owned(),
    };
    forget_what_was_typed();
    write!(
        stdout(),
        "This deletes {whose} on this computer. What reached its server stays there; what did not is lost.\nType yes to delete it: "
    )?;
    stdout().flush()?;
    let mut line = String::new();
    stdin().read_line(&mut line)?;
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
