//! Checks files of test vectors against our code and prints passed and failed for each list:
//! `cargo xtask vectors FILE…`.

use std::{env, error::Error, fs, process::ExitCode};

use wasm_core::vectors::{ListReport, check_file};

/// How many skipped entries of a list are named.
const SHOWN: usize = 5;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut holds = true;
    for path in env::args().skip(1) {
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let report = check_file(&text).map_err(|error| format!("{path}: {error}"))?;
        println!("{path}");
        println!(
            "  {:<24} {:>7} {:>7} {:>8}",
            "list", "passed", "failed", "skipped"
        );
        for list in &report.lists {
            print(list);
        }
        if !report.holds() {
            holds = false;
            println!("  does not hold");
        }
    }
    Ok(if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print(list: &ListReport) {
    println!(
        "  {:<24} {:>7} {:>7} {:>8}",
        list.name,
        list.passed,
        list.failed.len(),
        list.skipped.len()
    );
    for failure in &list.failed {
        println!("    {failure}");
    }
    for skipped in list.skipped.iter().take(SHOWN) {
        println!("    skipped: {skipped}");
    }
    if list.skipped.len() > SHOWN {
        println!("    and {} more", list.skipped.len() - SHOWN);
    }
}
