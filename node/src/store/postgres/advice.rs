//! Why a database cannot be used, and what to do about it.

use sqlx::postgres::PgConnectOptions;

use super::{super::StoreError, failed};

/// A database that cannot be opened.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("there is no database \"{name}\"; make it: createdb --owner={user} {name}")]
    DatabaseMissing {
        name: String,
        user: String,
        source: sqlx::Error,
    },
    #[error(
        "it does not let \"{user}\" in; mend user and password in --database, or its pg_hba.conf"
    )]
    NotLetIn { user: String, source: sqlx::Error },
    #[error(
        "no TLS with it; mend sslmode and sslrootcert in --database, such as ?sslmode=verify-full"
    )]
    NoTls { source: sqlx::Error },
    #[error(
        "\"{user}\" may make no tables in \"{name}\"; make it its owner: ALTER DATABASE {name} OWNER TO {user}"
    )]
    NotOwner {
        name: String,
        user: String,
        source: StoreError,
    },
    #[error(
        "no answer from {place}; is PostgreSQL running there, and does --database say the right place?"
    )]
    NotThere { place: String, source: sqlx::Error },
}

/// A failure to connect.
pub(super) fn unusable(options: &PgConnectOptions, error: sqlx::Error) -> StoreError {
    let user = options.get_username().to_owned();
    let code = match &error {
        sqlx::Error::Database(said) => said.code().map(std::borrow::Cow::into_owned),
        _ => None,
    };
    StoreError::database(match (&error, code.as_deref()) {
        (_, Some("3D000")) => Unusable::DatabaseMissing {
            name: options.get_database().unwrap_or(&user).to_owned(),
            user,
            source: error,
        },
        (_, Some("28000" | "28P01")) => Unusable::NotLetIn {
            user,
            source: error,
        },
        (sqlx::Error::Tls(_), _) => Unusable::NoTls { source: error },
        // A certificate that is not believed comes as what was read.
        (sqlx::Error::Io(io), _) if io.kind() == std::io::ErrorKind::InvalidData => {
            Unusable::NoTls { source: error }
        }
        (sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut, _) => Unusable::NotThere {
            place: place(options),
            source: error,
        },
        _ => return failed(error),
    })
}

/// A failure to bring the schema up to date.
pub(super) fn migration_failed(options: &PgConnectOptions, error: StoreError) -> StoreError {
    if !says(&error, "42501") {
        return error;
    }
    let user = options.get_username().to_owned();
    StoreError::database(Unusable::NotOwner {
        name: options.get_database().unwrap_or(&user).to_owned(),
        user,
        source: error,
    })
}

/// Whether the server gave this code (`SQLSTATE`) for a failure.
fn says(error: &StoreError, code: &str) -> bool {
    let mut reason: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = reason {
        if let Some(sqlx::Error::Database(said)) = error.downcast_ref() {
            return said.code().as_deref() == Some(code);
        }
        reason = error.source();
    }
    false
}

/// Where a server listens.
fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}
