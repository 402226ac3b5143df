//! Standard input and output, over which a browser speaks.

use std::io::{self, Read, Write};

/// Both, as nothing that this process starts has them: an agent that outlives the relay which started it would
/// hold the browser's line open.
///
/// # Errors
/// As the system has them.
#[cfg(unix)]
pub fn of_our_own() -> io::Result<(impl Read + Send + 'static, impl Write)> {
    Ok((io::stdin(), io::stdout()))
}

/// Both, as nothing that this process starts has them: on Windows whatever it starts gets what it got itself
/// from who started it, an agent included, which outlives it and would hold the browser's line open.
///
/// # Errors
/// As the system has them.
#[cfg(windows)]
pub fn of_our_own() -> io::Result<(impl Read + Send + 'static, impl Write)> {
    use filedescriptor::{FileDescriptor, StdioDescriptor};
    let take = |which| {
        let nothing = std::fs::File::options()
            .read(true)
            .write(true)
            .open("NUL")?;
        let ours = FileDescriptor::redirect_stdio(&nothing, which).map_err(io::Error::other)?;
        // A copy is for this process alone; what it got is closed.
        FileDescriptor::dup(&ours).map_err(io::Error::other)
    };
    Ok((
        take(StdioDescriptor::Stdin)?,
        take(StdioDescriptor::Stdout)?,
    ))
}
