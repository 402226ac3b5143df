//! `doctor`: what this machine has and lacks.

use anyhow::{Result, bail};

use crate::requirements::{Requirement, Requirements};

/// Prints each requirement, the verbs that use it and what meets it or installs it; an error when one
/// that is not optional is missing.
pub(crate) fn run(requirements: &Requirements) -> Result<()> {
    let mut lacks = Vec::new();
    for requirement in requirements.report() {
        println!("{}", line(&requirement));
        if requirement.state.is_err() && !requirement.is_optional {
            lacks.push(requirement.name);
        }
    }
    if !lacks.is_empty() {
        bail!(
            "missing: {} (the verbs that need them install them or say how)",
            lacks.join(", ")
        );
    }
    println!("All that is needed is there.");
    Ok(())
}

fn line(requirement: &Requirement) -> String {
    let Requirement {
        name,
        used_by,
        is_optional,
        state,
    } = requirement;
    let state = match state {
        Ok(how) => how.clone(),
        Err((what, install)) => {
            let missing = if *is_optional {
                "done without"
            } else {
                "missing:"
            };
            format!("{missing} {what}\n{:39}{install}", "")
        }
    };
    format!("{name:<17} {used_by:<20} {state}")
}
