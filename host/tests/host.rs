//! The real program, as a browser starts it: relay, agent, terminal. The extension's end is the
//! engine's own.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use engine::host::{HostKey, HostLine, HostLineError, HostNews, PairedHost};
use host::{frame, pairs::SystemRandom, place::FOLDER_VARIABLE};
use proto::{
    bridge::{
        frame::{BRIDGE_VERSION, RequestFrame},
        host::{CHROMIUM_ID, DescribeHost, HostRequest, HostWork, Refusal, Unpair},
        solver::{BatteryChoice, EngineChoice, SolverJob, SolverWork},
    },
    bytes::Hex,
    ids::UnixMillis,
};
use serde_json::Value;

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pearvault-host"));
    command
        .env(FOLDER_VARIABLE, folder)
        .env("HOME", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn origin() -> String {
    format!("chrome-extension://{CHROMIUM_ID}/")
}

/// Windows lends an agent the pipes of the terminal that starts it, whose end is waited for here.
#[cfg(windows)]
fn start_agent(folder: &Path) {
    let mut relay = program(folder);
    relay
        .arg(origin())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    assert!(relay.status().unwrap().success());
}

/// What a browser has of its host.
struct Browser {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
    line: HostLine,
}

impl Browser {
    fn start(folder: &Path, key: &HostKey, paired: Option<PairedHost>) -> Self {
        let mut child = program(folder).arg(origin()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let line = HostLine::begin(key, paired, &mut SystemRandom).unwrap();
        let mut browser = Self {
            child,
            to,
            from,
            line,
        };
        browser.send();
        browser
    }

    fn send(&mut self) {
        for text in self.line.frames() {
            frame::write(&mut self.to, &text).unwrap();
        }
    }

    /// Goes on until there is news; `None` where the host has hung up.
    fn next(&mut self) -> Result<Option<HostNews>, HostLineError> {
        while let Some(text) = frame::read(&mut self.from).unwrap() {
            let news = self.line.take(&text)?;
            self.send();
            if news != HostNews::Nothing {
                return Ok(Some(news));
            }
        }
        Ok(None)
    }

    fn ask(&mut self, request: HostRequest) {
        let text = serde_json::to_vec(&RequestFrame {
            v: BRIDGE_VERSION,
            id: 7,
            body: request,
        });
        self.line.say(&text.unwrap()).unwrap();
        self.send();
    }

    /// The next text that has `name` in it.
    fn text_with(&mut self, name: &str) -> Option<Value> {
        while let Ok(Some(HostNews::Text(text))) = self.next() {
            let text: Value = serde_json::from_slice(&text).unwrap();
            if text.to_string().contains(name) {
                return Some(text);
            }
        }
        None
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `pearvault-host pair`, with somebody before it.
struct Terminal {
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Terminal {
    fn start(folder: &Path) -> Self {
        #[cfg(windows)]
        start_agent(folder);
        let mut child = program(folder).arg("pair").spawn().unwrap();
        let mut says = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        says.read_line(&mut line).unwrap();
        assert!(line.starts_with("Waiting"), "{line}");
        Self { child, says }
    }

    /// The code that it shows.
    fn code(&mut self) -> String {
        for line in self.says.by_ref().lines() {
            let line = line.unwrap();
            if line.starts_with("    ") {
                return line.trim().to_owned();
            }
        }
        panic!("no code was shown");
    }

    fn answers(&mut self, answer: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        writeln!(stdin, "{answer}").unwrap();
    }

    /// All that it says, and whether it was content.
    fn end(mut self) -> (String, bool) {
        let mut rest = String::new();
        self.says.read_to_string(&mut rest).unwrap();
        (rest, self.child.wait().unwrap().success())
    }
}

/// Pairs an extension.
fn pair(folder: &Path, key: &HostKey) -> (Browser, PairedHost) {
    let mut terminal = Terminal::start(folder);
    let mut browser = Browser::start(folder, key, None);
    let news = browser.next().unwrap();
    assert_eq!(news, Some(HostNews::Code(terminal.code())));
    terminal.answers("y");
    assert_eq!(browser.next().unwrap(), Some(HostNews::Agreed));
    let HostNews::Paired(host) = browser.line.agree().unwrap() else {
        panic!("not paired");
    };
    browser.send();
    let (said, content) = terminal.end();
    assert!(content && said.contains("Paired."), "{said}");
    (browser, host)
}

fn key() -> HostKey {
    HostKey::make(&mut SystemRandom).unwrap()
}

#[test]
fn extension_is_paired_once_and_known_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let key = key();
    let (mut browser, host) = pair(folder.path(), &key);
    browser.ask(HostRequest::DescribeHost(DescribeHost {}));
    assert!(browser.text_with("machine").is_some());
    drop(browser);
    let mut again = Browser::start(folder.path(), &key, Some(host));
    assert_eq!(again.next().unwrap(), Some(HostNews::Open));
    again.ask(HostRequest::DescribeHost(DescribeHost {}));
    assert!(again.text_with("machine").is_some());
    // Forgotten, it is a stranger.
    again.ask(HostRequest::Unpair(Unpair {}));
    assert!(again.text_with("ok").is_some());
    again.ask(HostRequest::DescribeHost(DescribeHost {}));
    assert!(again.text_with("machine").is_none());
    let mut stranger = Browser::start(folder.path(), &key, Some(host));
    assert_eq!(
        stranger.next(),
        Err(HostLineError::Refused(Refusal::Unknown))
    );
}

#[test]
fn nobody_is_paired_unless_a_terminal_waits_and_both_agree() {
    let folder = tempfile::tempdir().unwrap();
    let key = key();
    let mut browser = Browser::start(folder.path(), &key, None);
    assert_eq!(
        browser.next(),
        Err(HostLineError::Refused(Refusal::NotPairing))
    );
    // The terminal says no.
    let mut terminal = Terminal::start(folder.path());
    let mut browser = Browser::start(folder.path(), &key, None);
    assert_eq!(
        browser.next().unwrap(),
        Some(HostNews::Code(terminal.code()))
    );
    terminal.answers("n");
    assert_eq!(browser.next(), Err(HostLineError::Declined));
    assert!(!terminal.end().1);
    // The extension leaves.
    let mut terminal = Terminal::start(folder.path());
    let mut browser = Browser::start(folder.path(), &key, None);
    assert!(matches!(browser.next().unwrap(), Some(HostNews::Code(_))));
    terminal.code();
    drop(browser);
    let (said, content) = terminal.end();
    assert!(!content, "{said}");
    assert_eq!(known(folder.path()), "");
}

#[test]
fn who_agreed_and_left_has_taken_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let key = key();
    // The extension agrees and leaves; the terminal agrees after that.
    let mut terminal = Terminal::start(folder.path());
    let mut browser = Browser::start(folder.path(), &key, None);
    assert!(matches!(browser.next().unwrap(), Some(HostNews::Code(_))));
    terminal.code();
    assert_eq!(browser.line.agree(), Ok(HostNews::Nothing));
    browser.send();
    drop(browser);
    let (said, content) = terminal.end();
    assert!(!content, "{said}");
    // The terminal agrees and leaves; the extension agrees after that.
    let mut terminal = Terminal::start(folder.path());
    let mut browser = Browser::start(folder.path(), &key, None);
    assert!(matches!(browser.next().unwrap(), Some(HostNews::Code(_))));
    terminal.code();
    terminal.answers("y");
    assert_eq!(browser.next().unwrap(), Some(HostNews::Agreed));
    drop(terminal);
    assert_eq!(browser.next(), Err(HostLineError::Declined));
    assert_eq!(known(folder.path()), "");
}

/// What the host has written down of those that it knows.
fn known(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("paired.json")).unwrap_or_default()
}

#[test]
fn one_that_agrees_before_the_terminal_does_may_ask_once_that_has() {
    let folder = tempfile::tempdir().unwrap();
    let key = key();
    let mut terminal = Terminal::start(folder.path());
    let mut browser = Browser::start(folder.path(), &key, None);
    assert_eq!(
        browser.next().unwrap(),
        Some(HostNews::Code(terminal.code()))
    );
    assert_eq!(browser.line.agree(), Ok(HostNews::Nothing));
    browser.send();
    terminal.answers("y");
    assert!(matches!(browser.next().unwrap(), Some(HostNews::Paired(_))));
    browser.ask(HostRequest::DescribeHost(DescribeHost {}));
    assert!(browser.text_with("machine").is_some());
    assert!(terminal.end().1);
}

#[test]
fn another_extension_and_another_host_are_turned_away() {
    let folder = tempfile::tempdir().unwrap();
    let key = key();
    let (_browser, host) = pair(folder.path(), &key);
    // Another program with the manifest's name in its hands: it has not the key.
    let other = tempfile::tempdir().unwrap();
    let (_elsewhere, _) = pair(other.path(), &key);
    let mut swapped = Browser::start(other.path(), &key, Some(host));
    assert_eq!(swapped.next(), Err(HostLineError::Foreign));
    // A stranger that says the key of the one that is paired.
    let mut thief = Browser::start(folder.path(), &self::key(), Some(host));
    assert_eq!(thief.next(), Err(HostLineError::Refused(Refusal::Unknown)));
    for arguments in [
        vec!["chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh/"],
        vec!["/x/app.pearvault.host.json", "other@example.com"],
    ] {
        let foreign = program(folder.path()).args(arguments).output().unwrap();
        assert!(!foreign.status.success() && foreign.stdout.is_empty());
    }
}

#[test]
fn frames_that_are_none_end_that_connection_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let key = key();
    let (mut browser, host) = pair(folder.path(), &key);
    for garbage in [
        "{}",
        "null",
        "\"\"",
        "{\"type\":\"sealed\",\"payload\":\"AAAA\"}",
    ] {
        let mut other = program(folder.path()).arg(origin()).spawn().unwrap();
        frame::write(other.stdin.as_mut().unwrap(), garbage).unwrap();
        let mut said = Vec::new();
        other.stdout.take().unwrap().read_to_end(&mut said).unwrap();
        assert!(said.is_empty(), "{garbage}");
        other.wait().unwrap();
    }
    let mut torn = program(folder.path()).arg(origin()).spawn().unwrap();
    torn.stdin.take().unwrap().write_all(&[255; 6]).unwrap();
    torn.wait().unwrap();
    // A channel with a message in it that was never sealed.
    let mut bent = Browser::start(folder.path(), &key, Some(host));
    assert_eq!(bent.next().unwrap(), Some(HostNews::Open));
    frame::write(&mut bent.to, "{\"type\":\"sealed\",\"payload\":\"AAAA\"}").unwrap();
    assert_eq!(bent.next(), Ok(None));
    browser.ask(HostRequest::DescribeHost(DescribeHost {}));
    assert!(browser.text_with("machine").is_some());
}

#[test]
fn proof_of_work_is_solved_for_a_paired_extension() {
    let folder = tempfile::tempdir().unwrap();
    let (mut browser, _) = pair(folder.path(), &key());
    let target = pow::Target::from_difficulty(200_000.try_into().unwrap());
    let job = SolverJob {
        job: "log_in".to_owned(),
        header: Hex([9; 64]),
        target: Hex(*target.as_bytes()),
        expires_at: UnixMillis(u64::MAX),
    };
    let work = SolverWork {
        jobs: vec![job],
        engine: EngineChoice::Processor,
        on_battery: BatteryChoice::Full,
        known: Vec::new(),
    };
    browser.ask(HostRequest::HostWork(HostWork { work: work.clone() }));
    let solved = browser.text_with("solved").unwrap();
    let header = solved["event"]["payload"]["payload"]["solvedHeader"].as_str();
    let header = Hex::<64>::parse(header.unwrap()).unwrap();
    assert_eq!(header.0[32..], [9; 32]);
    assert_eq!(pow::verify(&pow::Header::new(header.0), &target), Ok(()));
    // Asked again, it is told again; of more jobs than it may have none is taken.
    browser.ask(HostRequest::HostWork(HostWork { work: work.clone() }));
    assert!(browser.text_with("solved").is_some());
    let many = SolverWork {
        jobs: (0..5)
            .map(|at| SolverJob {
                job: at.to_string(),
                ..work.jobs[0].clone()
            })
            .collect(),
        ..work
    };
    browser.ask(HostRequest::HostWork(HostWork { work: many }));
    assert!(browser.text_with("err").is_some());
}

#[test]
fn account_that_is_not_there_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    let said = program(folder.path())
        .arg("remove-account")
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let wrong = String::from_utf8_lossy(&said.stderr);
    assert!(
        !said.status.success() && wrong.contains("no account"),
        "{wrong}"
    );
}
