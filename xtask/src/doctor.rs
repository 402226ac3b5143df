//! `doctor`: what this machine has and lacks.

use anyhow::{Result, bail};

use crate::requirements::Requirements;

/// Prints one line for each requirement; an error when one that is not optional is missing.
pub(crate) fn run(requirements: &Requirements) -> Result<()> {
    let mut lacks = Vec::new();
    for (name, state) in requirements.report() {
        match state {
            Ok(how) => println!("{name:<24} {how}"),
            Err(what) => {
                println!("{name:<24} missing: {what}");
                if !name.contains("optional") {
                    lacks.push(name);
                }
            }
        }
    }
    if !lacks.is_empty() {
        bail!(
            "missing: {} (the verbs that need them install them or say how)",
            lacks.join(", ")
        );
    }
    Ok(())
}
