//! The program `pearvault-node`.

use std::{
    io::{Write as _, stdout},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use clap::Parser as _;
use node::{
    clock::SystemClock,
    config::{Cli, Command, Config, ServeArgs},
    log,
    random::SystemRandom,
    server::{Node, allow_many_files},
};

fn main() -> ExitCode {
    let Command::Serve(args) = Cli::parse().command;
    match serve(*args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line for people; the log may not even have started.
            #[expect(clippy::print_stderr)]
            {
                eprintln!("pearvault-node: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
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
