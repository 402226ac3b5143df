//! An X server without a screen, and another program on it: `xclip`.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
};

/// The server.
pub(crate) struct Display {
    server: Child,
    name: String,
    /// The program that has copied something, which it serves for as long as it runs.
    other: Option<Child>,
}

impl Display {
    /// Starts one; `None` where a program for it is not there.
    pub(crate) fn start() -> Option<Self> {
        let version = Command::new("xclip").arg("-version").output();
        let server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp"])
            .args(["-screen", "0", "320x240x24"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let (Ok(mut server), Ok(_)) = (server, version) else {
            println!("left out: the programs Xvfb and xclip are not installed");
            return None;
        };
        // It says its number once it is there.
        let mut number = String::new();
        let mut says = BufReader::new(server.stdout.take().unwrap());
        says.read_line(&mut number).unwrap();
        Some(Self {
            server,
            name: format!(":{}", number.trim()),
            other: None,
        })
    }

    /// Value of `DISPLAY`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What is on the clipboard, as another program gets it.
    pub(crate) fn pasted(&self) -> Option<String> {
        self.pasted_as("UTF8_STRING")
    }

    /// The same in another form.
    pub(crate) fn pasted_as(&self, form: &str) -> Option<String> {
        let said = self.xclip().args(["-o", "-t", form]).output().unwrap();
        said.status
            .success()
            .then(|| String::from_utf8(said.stdout).unwrap())
    }

    /// The user copies something in another program.
    pub(crate) fn copies(&mut self, text: &str) {
        self.let_go();
        let mut other = self
            .xclip()
            .args(["-i", "-quiet"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut to = other.stdin.take().unwrap();
        to.write_all(text.as_bytes()).unwrap();
        drop(to);
        self.other = Some(other);
        for _ in 0..600 {
            if self.pasted().as_deref() == Some(text) {
                return;
            }
            host::clock::pause(std::time::Duration::from_millis(50));
        }
        panic!("the other program did not get the clipboard");
    }

    /// That program hangs from now on: who asks it for what it has copied gets no answer.
    pub(crate) fn hangs(&self) {
        let other = self.other.as_ref().unwrap().id().to_string();
        let stopped = Command::new("kill").args(["-STOP", &other]).status();
        assert!(stopped.unwrap().success());
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
