//! Child processes: a clean environment, echoed command lines, bounded waits.

use std::{
    ffi::OsStr,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::workspace;

/// A command that runs in the checkout's root without what cargo set for xtask itself: those
/// variables would make build scripts run again, and its library path would give Debian's rustc
/// the libraries of another one. Flags for rustc are dropped too: each set of them builds std
/// anew, and some do not link for wasm32.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace::root());
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let of_xtask = name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || name.starts_with("CARGO_BIN_")
            || matches!(
                name,
                "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR"
            );
        let flags = matches!(
            name,
            "RUSTFLAGS" | "CARGO_ENCODED_RUSTFLAGS" | "RUSTDOCFLAGS" | "CARGO_BUILD_RUSTFLAGS"
        );
        if of_xtask || flags {
            command.env_remove(name);
        }
    }
    if let Some(path) = std::env::var_os("LD_LIBRARY_PATH") {
        let kept = std::env::split_paths(&path).filter(|folder| !set_by_cargo(folder));
        match std::env::join_paths(kept) {
            Ok(kept) if !kept.is_empty() => command.env("LD_LIBRARY_PATH", kept),
            _ => command.env_remove("LD_LIBRARY_PATH"),
        };
    }
    command
}

/// Folders that `cargo run` puts before the user's own in the library path.
fn set_by_cargo(folder: &Path) -> bool {
    let toolchain = folder.to_str().is_some_and(|text| text.contains("rustlib"))
        || folder
            .components()
            .any(|part| part.as_os_str() == "toolchains");
    toolchain || folder.starts_with(workspace::root())
}

/// The cargo that runs xtask.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs to the end with the terminal's own output; an error unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    echo(command);
    let status = command
        .status()
        .with_context(|| format!("{} did not start", line(command)))?;
    succeeded(command, status)
}

/// As [`run`], for `limit` at most; then the child is ended and that is an error.
pub(crate) fn run_for(command: &mut Command, limit: Duration) -> Result<()> {
    echo(command);
    let mut child = command
        .spawn()
        .with_context(|| format!("{} did not start", line(command)))?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return succeeded(command, status);
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("{} had no end within {} s", line(command), limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Runs to the end, shows each line of its standard output and hands all of them back.
pub(crate) fn run_and_read(command: &mut Command) -> Result<(ExitStatus, String)> {
    echo(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} did not start", line(command)))?;
    let mut text = String::new();
    if let Some(output) = child.stdout.take() {
        let mut reader = BufReader::new(output);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes)? > 0 {
            let piece = String::from_utf8_lossy(&bytes);
            print!("{piece}");
            text.push_str(&piece);
            bytes.clear();
        }
        std::io::stdout().flush()?;
    }
    Ok((child.wait()?, text))
}

/// The standard output of a command that must succeed; nothing of it is shown.
pub(crate) fn stdout(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{} did not start", line(command)))?;
    succeeded(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The trimmed standard output of a probe, or nothing where it cannot run or fails.
pub(crate) fn probe(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = command(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// The first of `names` that the search path has.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let candidates = names.iter().flat_map(|name| {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        folders.iter().map(move |folder| folder.join(&file))
    });
    candidates.into_iter().find(|file| file.is_file())
}

/// A command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program
        .file_stem()
        .unwrap_or(program.as_os_str())
        .to_string_lossy();
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy());
    std::iter::once(name)
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Says what is run. A program that was built here is told where it finds all it needs by variables that are not
/// shown: its line is no command to type.
fn echo(command: &Command) {
    let mark = if is_built_here(command) { "--" } else { "$" };
    eprintln!("{mark} {}", line(command));
}

fn is_built_here(command: &Command) -> bool {
    let own = std::env::current_exe().unwrap_or_default();
    let target = own.ancestors().nth(2);
    target.is_some_and(|target| Path::new(command.get_program()).starts_with(target))
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("{} failed ({status})", line(command));
    }
    Ok(())
}
