//! The program `pearvault-node`.

use std::{
    io::{Write as _, stdout},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use clap::Parser as _;
use node::{
    admin,
    backup::{self, Backup},
    clock::SystemClock,
    config::{
        AdminCommand, BackupArgs, Cli, Command, Config, Database, FederationCommand, MigrateArgs,
        ServeArgs,
    },
    federation::why,
    log,
    random::SystemRandom,
    server::{Node, allow_many_files, move_to_postgres},
};
use proto::api::domain::CodePurpose;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(args) => serve(*args),
        Command::Backup(args) => run(backup(args)),
        Command::Restore(args) => run(restore(args)),
        Command::Migrate(args) => run(migrate(args)),
        Command::Federation(ask) => run(look(ask)),
        Command::Admin(ask) => run(administer(ask)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line for people; the log may not even have started.
            #[expect(clippy::print_stderr)]
            {
                eprintln!("pearvault-node: {}", told(&error));
            }
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes, without those that the one before them has told already.
fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.ends_with(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

fn serve(args: ServeArgs) -> anyhow::Result<()> {
    let config = Config::resolve(args)?;
    log::start(&config.log).context("--log")?;
    allow_many_files();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stop = stop_signal()?;
        let node = Node::start(config, Arc::new(SystemClock), Arc::new(SystemRandom)).await?;
        let address = node.address();
        tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
        // Whoever started us reads where we are; the rest goes to the log on standard error.
        let mut out = stdout().lock();
        writeln!(out, "listening on http://{address}")?;
        out.flush()?;
        drop(out);
        node.serve(stop).await?;
        tracing::info!("stopped");
        Ok(())
    })
}

fn run(work: impl Future<Output = anyhow::Result<String>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let said = runtime.block_on(work)?;
    writeln!(stdout().lock(), "{said}")?;
    Ok(())
}

async fn backup(args: BackupArgs) -> anyhow::Result<String> {
    let file = args.file.clone();
    let config = Config::resolve(args.into())?;
    let made = describe(&backup::backup(&config, &file).await?);
    let file = file.display();
    Ok(format!("{made}, in {file} and {file}.sha256"))
}

async fn restore(args: BackupArgs) -> anyhow::Result<String> {
    let file = args.file.clone();
    let config = Config::resolve(args.into())?;
    let restored = backup::restore(&config, &file).await?;
    let ended = restored.ended;
    Ok(format!(
        "{}\n{ended} sessions ended: every device signs in again with its password",
        describe(&restored)
    ))
}

fn describe(backup: &Backup) -> String {
    let Backup {
        contents, checksum, ..
    } = backup;
    let (accounts, items) = (contents.accounts, contents.items);
    format!("{accounts} accounts, {items} items and tombstones, SHA-256 {checksum}")
}

async fn migrate(args: MigrateArgs) -> anyhow::Result<String> {
    let Database::Postgres(to) = args.to.parse()? else {
        anyhow::bail!("--to: expected a database of PostgreSQL");
    };
    let moved = move_to_postgres(&args.from, &to).await?;
    let lines = moved.iter().map(|(table, rows)| format!("{table}: {rows}"));
    let mut lines: Vec<String> = lines.collect();
    lines.push(format!(
        "all in {to}; from now on: pearvault-node serve --data {} --database …",
        args.from.display()
    ));
    Ok(lines.join("\n"))
}

async fn look(ask: FederationCommand) -> anyhow::Result<String> {
    let report = match ask {
        FederationCommand::Why { other, args } => {
            why::why(&Config::resolve(*args)?, &other).await?
        }
        FederationCommand::Doctor { args } => why::doctor(&Config::resolve(*args)?).await?,
    };
    if !report.is_well() {
        writeln!(stdout().lock(), "{report}")?;
        anyhow::bail!("not all is well: see what is marked WRONG");
    }
    Ok(report.to_string())
}

async fn administer(ask: AdminCommand) -> anyhow::Result<String> {
    let (args, address, purpose) = match ask {
        AdminCommand::Users { of, args } => {
            let users = admin::users(&Config::resolve(*args)?, &of).await?;
            if users.is_empty() {
                return Ok("no accounts".to_owned());
            }
            let lines = users.iter().map(|user| user.address.to_string());
            return Ok(lines.collect::<Vec<_>>().join("\n"));
        }
        AdminCommand::Invite { address, args } => (args, address, CodePurpose::Account),
        AdminCommand::Reset { address, args } => (args, address, CodePurpose::Reset),
    };
    let config = Config::resolve(*args)?;
    let given = admin::code(&config, (&SystemClock, &SystemRandom), &address, purpose).await?;
    let for_what = match purpose {
        CodePurpose::Account => "make the account",
        CodePurpose::Reset => "set a new password for",
    };
    // A message that the program was asked for, not a log.
    let code = given.code.0;
    Ok(format!(
        "{code}\nis good for seven days and one use, to {for_what} {address}; whoever has it can do so"
    ))
}

/// Ready when the system or a person asks the program to end.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Where it cannot be waited for, the process ends at once when it is asked to.
        drop(tokio::signal::ctrl_c().await);
    })
}
