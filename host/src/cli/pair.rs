//! `pair`: shows the code that the extension shows, too.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use anyhow::{Context as _, Result, bail};

use super::{say, typed::Typed};
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
    let typed = Arc::new(Mutex::new(Typed::listen()));
    loop {
        let told = frame::read_json::<ToTerminal>(&mut &*agent)?;
        match told.context("the agent has ended; start this command again")? {
            ToTerminal::Waiting {} => say(
                "Waiting for the extension: open Pearvault in your browser, Settings, Pearvault's host, and choose Connect.",
            )?,
            ToTerminal::Taken {} => bail!("another terminal waits already; go on there, or end it"),
            ToTerminal::Code { code, browser } => {
                let browser = browser.unwrap_or_else(|| "A browser".to_owned());
                say(&format!("\n{browser} wants to pair.\n\n    {code}\n"))?;
                // Asked beside: an extension that leaves is told of at once.
                let (asked, typed) = (Arc::clone(&agent), Arc::clone(&typed));
                thread::spawn(move || ask(&asked, &typed));
            }
            ToTerminal::Paired {} => return say("Paired."),
            ToTerminal::Over {} => bail!(
                "nothing was paired: the codes differ, or the extension has ended it. If they differ, somebody stands between: look with `pearvault-host doctor`"
            ),
        }
    }
}

/// Asks whether the codes are the same, and tells the agent. What cannot be asked is no.
fn ask(agent: &Pipe, typed: &Mutex<Typed>) -> Result<()> {
    let typed = typed.lock().unwrap_or_else(PoisonError::into_inner);
    let line = typed.ask("Does the extension show the same code? [y/N] ")?;
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
