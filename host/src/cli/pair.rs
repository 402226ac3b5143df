//! `pair`: shows the code that the extension shows, too.

use std::{
    io::{Write as _, stdin, stdout},
    sync::Arc,
    thread,
};

use anyhow::{Context as _, Result, bail};

use super::{forget_what_was_typed, say};
use crate::{
    agent::Opening,
    frame,
    pairing::{FromTerminal, ToTerminal},
    pipe::Pipe,
    place::Place,
    relay,
};

/// Waits for an extension until it is paired, or is not.
pub(super) fn wait(place: &Place) -> Result<()> {
    let agent = relay::reach(place, &Opening::Terminal {})?;
    loop {
        let told = frame::read_json::<ToTerminal>(&mut &*agent)?;
        match told.context("the agent has ended; start this command again")? {
            ToTerminal::Waiting {} => say(
                "Waiting for the extension: open Pearvault in your browser, Settings, This computer, and choose Connect.",
            )?,
            ToTerminal::Taken {} => bail!("another terminal waits already; go on there, or end it"),
            ToTerminal::Code { code, browser } => {
                let browser = browser.unwrap_or_else(|| "A browser".to_owned());
                say(&format!("\n{browser} wants to pair.\n\n    {code}\n"))?;
                // Asked beside: an extension that leaves is told of at once.
                let asked = Arc::clone(&agent);
                thread::spawn(move || ask(&asked));
            }
            ToTerminal::Paired {} => return say("Paired."),
            ToTerminal::Over {} => bail!(
                "nothing was paired: the codes differ, or the extension has ended it. If they differ, somebody stands between: look with `pearvault-host doctor`"
            ),
        }
    }
}

/// Asks whether the codes are the same, and tells the agent. What cannot be asked is no.
fn ask(agent: &Pipe) -> Result<()> {
    forget_what_was_typed();
    write!(stdout(), "Does the extension show the same code? [y/N] ")?;
    stdout().flush()?;
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    let same = matches!(line.trim(), "y" | "Y" | "yes");
    if same {
        say("Now confirm in the extension, if you have not done so.")?;
    }
    let answer = if same {
        FromTerminal::Agreed {}
    } else {
        FromTerminal::Refused {}
    };
    Ok(frame::write_json(&mut &*agent, &answer)?)
}
