//! A throw-away `PostgreSQL` of this machine's own binaries, and databases in it.
//!
//! One server for each test process, or for all where [`SERVER`] names one, as `cargo xtask test`
//! does. It runs in a temporary folder behind a Unix socket that only its owner reaches, as an
//! unprivileged user where we are root, and ends with the process that asked for it, however that
//! ends: a shell waits for the end of a pipe that this process holds open.
//!
//! Whoever reaches it is let in as anybody, but as `guarded` with the password `right` only.
//!
//! Only the standard library is used: `xtask` has this file too.

use std::{
    env,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::OnceLock,
};

/// Variable with the URL of a database on a server that tests may fill, as a superuser.
pub const SERVER: &str = "PEARVAULT_POSTGRES";
/// What to install where [`binaries`] finds nothing.
pub const PACKAGE: &str = "postgresql";

/// Starts a server on the binaries of `$1` with the options `$2`, says where, and ends it with its own
/// standard input.
#[cfg(unix)]
const SUPERVISOR: &str = r#"
set -u
PATH="$1:$PATH"
cd /
home=$(mktemp -d "${TMPDIR:-/tmp}/pearvault-postgres.XXXXXX") || exit 1
end() {
    pg_ctl -D "$home/data" -m immediate -w stop >/dev/null 2>&1
    rm -rf "$home"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
fail() { cat "$home/log"; exit 1; }
initdb -D "$home/data" -U pearvault -A trust -E UTF8 --locale=C --no-sync >"$home/log" 2>&1 || fail
printf 'local all guarded scram-sha-256\nlocal all all trust\n' >"$home/data/pg_hba.conf"
pg_ctl -D "$home/data" -l "$home/log" -w -t 120 \
    -o "$2 -k '$home' -c listen_addresses='' -c max_connections=300" start >/dev/null 2>&1 || fail
psql -X -q -h "$home" -U pearvault -d postgres \
    -c "CREATE ROLE guarded LOGIN PASSWORD 'right'" >"$home/log" 2>&1 || fail
echo "ready $home"
cat >/dev/null
"#;

/// A running server; it ends when this is dropped, and in any case with this process.
#[derive(Debug)]
pub struct Server {
    url: String,
    supervisor: Child,
    /// Closed at the end: what the supervisor waits for.
    alive: Option<ChildStdin>,
}

impl Server {
    /// Starts one that leaves it to the system when what was committed is on disk: for tests.
    ///
    /// # Errors
    /// What the server or the system said.
    pub fn start(binaries: &Path) -> io::Result<Self> {
        Self::start_with(binaries, "-F")
    }

    /// Starts one whose commits are on disk before they are answered: for figures.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_durable(binaries: &Path) -> io::Result<Self> {
        Self::start_with(binaries, "")
    }

    #[cfg(unix)]
    fn start_with(binaries: &Path, options: &str) -> io::Result<Self> {
        use std::os::unix::process::CommandExt as _;

        let mut command = Command::new("sh");
        command
            .args(["-c", SUPERVISOR, "sh"])
            .arg(binaries)
            .arg(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Not asked to end by the terminal: it ends after us.
            .process_group(0);
        if let Some((user, group)) = unprivileged() {
            command.gid(group).uid(user).env_remove("TMPDIR");
        }
        let mut supervisor = command.spawn()?;
        let alive = supervisor.stdin.take();
        let mut said = String::new();
        if let Some(out) = supervisor.stdout.take() {
            let mut out = BufReader::new(out);
            out.read_line(&mut said)?;
            if !said.starts_with("ready ") {
                out.read_to_string(&mut said)?;
            }
        }
        let home = said.trim_end().strip_prefix("ready ");
        let url =
            home.map(|home| format!("postgres://localhost/postgres?user=pearvault&host={home}"));
        let server = Self {
            url: url.unwrap_or_default(),
            supervisor,
            alive,
        };
        if server.url.is_empty() {
            return Err(io::Error::other(format!("it does not start: {said}")));
        }
        Ok(server)
    }

    /// Other systems have no Unix sockets to keep it private.
    #[cfg(not(unix))]
    fn start_with(_binaries: &Path, _options: &str) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// URL of its first database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// URL of a new, empty database.
    ///
    /// # Errors
    /// What the server said.
    pub fn database(&self) -> io::Result<String> {
        create(&self.url)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.alive.take());
        // It has removed its folder when this returns.
        drop(self.supervisor.wait());
    }
}

/// The URL of a new, empty database, as a superuser; none, with a word on standard error, where
/// this machine has no `PostgreSQL`.
///
/// # Panics
/// Where there is one that does not work.
pub fn database() -> Option<String> {
    static STARTED: OnceLock<Option<Server>> = OnceLock::new();
    let given = env::var(SERVER).ok();
    let server = match &given {
        Some(url) => url,
        None => STARTED.get_or_init(start_found).as_ref()?.url(),
    };
    match create(server) {
        Ok(url) => Some(url),
        #[expect(
            clippy::panic,
            reason = "a test must not pass for want of its database"
        )]
        Err(error) => panic!("no database on {server}: {error}"),
    }
}

fn start_found() -> Option<Server> {
    let Some(binaries) = binaries() else {
        #[expect(clippy::print_stderr, reason = "who runs the tests should know")]
        {
            eprintln!("skipped: no PostgreSQL here (on Debian: apt install {PACKAGE})");
        }
        return None;
    };
    match Server::start(&binaries) {
        Ok(server) => Some(server),
        #[expect(
            clippy::panic,
            reason = "a test must not pass for want of its database"
        )]
        Err(error) => panic!("PostgreSQL in {}: {error}", binaries.display()),
    }
}

/// Makes a database beside the one of `server`.
fn create(server: &str) -> io::Result<String> {
    let name = format!("test_{:016x}", RandomState::new().build_hasher().finish());
    let psql = binaries().map_or_else(|| PathBuf::from("psql"), |folder| folder.join("psql"));
    let made = Command::new(psql)
        .args(["-X", "-q", "-d", server, "-c"])
        .arg(format!("CREATE DATABASE {name}"))
        .output()?;
    if !made.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&made.stderr)));
    }
    let (start, parameters) = server.split_once('?').unwrap_or((server, ""));
    let (host, _) = start.rsplit_once('/').unwrap_or((start, ""));
    Ok(format!("{host}/{name}?{parameters}"))
}

/// The folder with this machine's newest `PostgreSQL`: where distributions put it, else on the
/// search path.
pub fn binaries() -> Option<PathBuf> {
    let mut numbered: Vec<(u32, PathBuf)> = ["/usr/lib/postgresql", "/usr/local/lib/postgresql"]
        .into_iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    numbered.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).collect::<Vec<_>>();
    let candidates = numbered.into_iter().rev().map(|(_, folder)| folder);
    candidates.chain(on_path).find(|folder| {
        ["initdb", "pg_ctl", "postgres", "psql"]
            .iter()
            .all(|name| folder.join(name).is_file())
    })
}

/// User and group to run as where we are root, whom the server refuses: its own, else nobody.
#[cfg(unix)]
fn unprivileged() -> Option<(u32, u32)> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout.trim_ascii() != b"0" {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let find = |wanted: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next() != Some(wanted) {
                return None;
            }
            let user = fields.nth(1)?.parse().ok()?;
            Some((user, fields.next()?.parse().ok()?))
        })
    };
    find("postgres").or_else(|| find("nobody"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_leaves_nothing_behind() -> io::Result<()> {
        let Some(binaries) = binaries() else {
            return Ok(());
        };
        let server = Server::start(&binaries)?;
        let folder = server
            .url()
            .rsplit_once('=')
            .map(|(_, folder)| folder.to_owned());
        let folder = PathBuf::from(folder.unwrap_or_default());
        assert!(folder.join("data").is_dir());
        assert_ne!(create(server.url())?, create(server.url())?);
        drop(server);
        assert!(!folder.exists());
        Ok(())
    }
}
