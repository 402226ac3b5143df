//! Whom the client believes: the system's authorities, and those of a file.

use std::{io, path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use super::HttpError;

/// A file with further authorities is of no use.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the certificates in {path}")]
pub struct AuthoritiesError {
    /// Which.
    pub path: String,
    /// Why.
    pub source: io::Error,
}

pub(super) fn config(authorities: Option<&Path>) -> Result<ClientConfig, HttpError> {
    let mut roots = RootCertStore::empty();
    // A certificate of the system's that cannot be read is one fewer to trust.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = authorities {
        add(&mut roots, path).map_err(|source| AuthoritiesError {
            path: path.display().to_string(),
            source,
        })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(HttpError::Tls)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn add(roots: &mut RootCertStore, path: &Path) -> io::Result<()> {
    let pem = std::fs::read(path)?;
    let known = roots.len();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(io::Error::other)?;
        roots.add(certificate).map_err(io::Error::other)?;
    }
    if roots.len() == known {
        return Err(io::Error::other("it has none in PEM form"));
    }
    Ok(())
}
