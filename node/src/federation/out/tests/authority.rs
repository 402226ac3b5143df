//! An authority of the tests, and TLS under it: for unit tests and for those of whole programs.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::TlsAcceptor;

/// An authority, and the file that names it.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pub(crate) file: PathBuf,
    _folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authority.pem");
        std::fs::write(&file, issuer.pem()).unwrap();
        Self {
            issuer,
            file,
            _folder: folder,
        }
    }

    /// TLS with a certificate of `host`.
    pub(crate) fn acceptor(&self, host: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let secret = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(secret),
            );
        TlsAcceptor::from(Arc::new(config.unwrap()))
    }

    /// What a proxy does: TLS in front of a server that speaks without, and may move; where there is none,
    /// connections end.
    pub(crate) async fn before(
        &self,
        host: &str,
        mut moves: watch::Receiver<Option<SocketAddr>>,
    ) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let acceptor = self.acceptor(host);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                let Some(server) = *moves.borrow_and_update() else {
                    continue;
                };
                let mut moves = moves.clone();
                tokio::spawn(async move {
                    let carry = async {
                        let mut outside = acceptor.accept(stream).await?;
                        let mut inside = TcpStream::connect(server).await?;
                        copy_bidirectional(&mut outside, &mut inside).await
                    };
                    // A connection ends with the server that it leads to.
                    tokio::select! {
                        _ = carry => {}
                        Ok(()) = moves.changed() => {}
                    }
                });
            }
        });
        at
    }
}
