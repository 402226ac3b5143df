//! An X server without a screen, and another program on it: `xclip`.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
};

/// What to install where there is none, as Debian calls it.
pub const PACKAGES: &str = "xvfb and xclip";

/// The server. Dropping it ends it.
#[derive(Debug)]
pub struct Display {
    server: Child,
    name: String,
    /// The program that has copied something, which it serves for as long as it runs.
    other: Option<Child>,
}

impl Display {
    /// Whether the programs are there.
    pub fn is_there() -> bool {
        let is_there = |program: &str, argument: &str| {
            let asked = Command::new(program).arg(argument).output();
            asked.is_ok()
        };
        is_there("Xvfb", "-version") && is_there("xclip", "-version")
    }

    /// Starts one.
    ///
    /// # Errors
    /// Where a program for it is not there, or ends.
    pub fn start() -> io::Result<Self> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp"])
            .args(["-screen", "0", "320x240x24"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let says = server.stdout.take();
        let mut display = Self {
            server,
            name: String::new(),
            other: None,
        };
        // It says its number once it is there.
        let mut number = String::new();
        BufReader::new(says.ok_or(io::ErrorKind::BrokenPipe)?).read_line(&mut number)?;
        if number.trim().is_empty() {
            return Err(io::Error::other("the X server has ended"));
        }
        display.name = format!(":{}", number.trim());
        Ok(display)
    }

    /// Value of `DISPLAY`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is on the clipboard, as another program gets it; `None` where it gets nothing.
    pub fn pasted(&self) -> Option<String> {
        self.pasted_as("UTF8_STRING")
    }

    /// The same in another form, by the name of its target.
    pub fn pasted_as(&self, form: &str) -> Option<String> {
        let said = self.xclip().args(["-o", "-t", form]).output().ok()?;
        let text = String::from_utf8(said.stdout).ok()?;
        said.status.success().then_some(text)
    }

    /// The user copies something in another program; a moment later [`Self::pasted`] is that.
    ///
    /// # Errors
    /// As of starting a program.
    pub fn copies(&mut self, text: &str) -> io::Result<()> {
        self.let_go();
        let mut other = self
            .xclip()
            .args(["-i", "-quiet"])
            .stdin(Stdio::piped())
            .spawn()?;
        let to = other.stdin.take();
        self.other = Some(other);
        to.ok_or(io::ErrorKind::BrokenPipe)?
            .write_all(text.as_bytes())
    }

    /// That program hangs from now on: who asks it for what it has copied gets no answer.
    ///
    /// # Errors
    /// Where nothing was copied in it.
    pub fn hangs(&self) -> io::Result<()> {
        let other = self.other.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let number = other.id().to_string();
        let stopped = Command::new("kill").args(["-STOP", &number]).status()?;
        if stopped.success() {
            Ok(())
        } else {
            Err(io::Error::other("it has ended"))
        }
    }

    fn xclip(&self) -> Command {
        let mut command = Command::new("xclip");
        command
            .args(["-selection", "clipboard"])
            .env("DISPLAY", &self.name)
            .stderr(Stdio::null());
        command
    }

    fn let_go(&mut self) {
        if let Some(mut other) = self.other.take() {
            // It may have ended by itself.
            let _ = other.kill();
            let _ = other.wait();
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.let_go();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
