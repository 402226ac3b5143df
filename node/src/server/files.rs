//! Open files of this process: each connection is one.

/// Raises the bound of open files as far as the system lets this process. Many systems start a
/// program with 1 024, fewer than a busy node has connections.
#[cfg(unix)]
pub fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let bound = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: bound.maximum,
        maximum: bound.maximum,
    };
    // Where the system says no, the node has fewer connections.
    if bound.current != bound.maximum && setrlimit(Resource::Nofile, raised).is_err() {
        tracing::debug!("the bound of open files stays as it is");
    }
}

/// Other systems have no such bound.
#[cfg(not(unix))]
pub fn allow_many_files() {}
