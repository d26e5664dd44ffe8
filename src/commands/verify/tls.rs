//! TLS of connections by address: which certificates are trusted, and the certificate of the client.

use std::{io, path::PathBuf};

use crate::verify::nodes::NoAnswer;

use super::stream::{Stream, Timed};

/// The files and the name for TLS.
#[derive(Debug, Clone, Default)]
#[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "only TLS reads the fields"))]
pub struct TlsFiles {
    /// The certificates that are trusted. None for those of the system.
    pub ca: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// The name in the certificate, if it is not the host.
    pub server_name: Option<String>,
}

#[cfg(feature = "tls")]
pub use with_tls::{Tls, explain};

#[cfg(not(feature = "tls"))]
pub use without_tls::{Tls, explain};

#[cfg(feature = "tls")]
mod with_tls {
    use std::{fs, path::Path, sync::Arc, time::Instant};

    use anyhow::{Context, anyhow, bail};
    use rustls::{
        CertificateError, ClientConfig, ClientConnection, Error, RootCertStore, StreamOwned,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    };

    use super::{NoAnswer, Stream, Timed, TlsFiles, io};
    use crate::{commands::files::describe_io_error, verify::nodes::Obstacle};

    /// Where systems keep the certificates that they trust.
    const SYSTEM: [&str; 4] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];

    /// How connections are secured.
    pub struct Tls {
        config: Arc<ClientConfig>,
        server_name: Option<String>,
    }

    impl Tls {
        /// Reads the files.
        ///
        /// # Errors
        ///
        /// If a file cannot be read, or has no certificate or key.
        pub fn new(files: &TlsFiles) -> anyhow::Result<Self> {
            let mut roots = RootCertStore::empty();
            let ca = match &files.ca {
                Some(file) => file.clone(),
                None => SYSTEM
                    .iter()
                    .map(Into::into)
                    .find(|file: &std::path::PathBuf| file.is_file())
                    .ok_or_else(|| anyhow!("found no trusted certificates of the system: use `--ca-file`"))?,
            };
            for certificate in certificates(&ca)? {
                // A bundle of the system may have certificates that no library knows.
                let added = roots.add(certificate);
                if files.ca.is_some() {
                    added.with_context(|| format!("`{}`", ca.display()))?;
                }
            }
            let provider = Arc::new(ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .context("TLS")?
                .with_root_certificates(roots);
            let config = match (&files.cert, &files.key) {
                (Some(cert), Some(key)) => {
                    let chain = certificates(cert)?;
                    let key = PrivateKeyDer::from_pem_slice(&read(key)?)
                        .map_err(|_| anyhow!("`{}`: found no private key: expected a PEM file", key.display()))?;
                    config.with_client_auth_cert(chain, key).context("the certificate and the key of the client")?
                }
                (None, None) => config.with_no_client_auth(),
                _ => bail!("`--cert-file` and `--key-file` need each other"),
            };
            Ok(Self { config: Arc::new(config), server_name: files.server_name.clone() })
        }

        /// Secures a stream. The handshake is made with the first command.
        pub fn wrap(&self, host: &str, stream: Timed) -> Result<Box<dyn Stream>, NoAnswer> {
            let failed = |why: String| NoAnswer { obstacle: Obstacle::Tls, why };
            let name = self.server_name.as_deref().unwrap_or(host).to_owned();
            let name = ServerName::try_from(name).map_err(|_| failed("the name is not valid for TLS".to_owned()))?;
            let connection = ClientConnection::new(Arc::clone(&self.config), name);
            let connection = connection.map_err(|error| failed(sentence(&error)))?;
            Ok(Box::new(StreamOwned::new(connection, stream)))
        }
    }

    impl Stream for StreamOwned<ClientConnection, Timed> {
        fn set_deadline(&mut self, deadline: Instant) {
            self.sock.set_deadline(deadline);
        }

        fn is_handshaking(&self) -> bool {
            self.conn.is_handshaking()
        }
    }

    fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
        fs::read(file).map_err(|error| anyhow!("cannot read `{}`: {}", file.display(), describe_io_error(&error)))
    }

    fn certificates(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
        let bytes = read(file)?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
        match found {
            Ok(found) if !found.is_empty() => Ok(found),
            _ => bail!("`{}`: found no certificate: expected a PEM file", file.display()),
        }
    }

    /// Why a handshake failed.
    pub fn explain(error: &io::Error) -> String {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(error) => sentence(error),
            None => "the TLS handshake fails".to_owned(),
        }
    }

    fn sentence(error: &Error) -> String {
        match error {
            Error::InvalidCertificate(CertificateError::NotValidForNameContext { expected, presented }) => format!(
                "the certificate is not valid for the name {}: it is for {}",
                expected.to_str(),
                presented.join(", ")
            ),
            Error::InvalidCertificate(CertificateError::NotValidForName) => {
                "the certificate is not valid for this name: use `--server-name` for another".to_owned()
            }
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
                "the certificate is of an unknown issuer: use `--ca-file`".to_owned()
            }
            Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
                "the certificate has expired".to_owned()
            }
            Error::InvalidMessage(_) => "the server has no TLS".to_owned(),
            Error::AlertReceived(alert) => format!("the server refuses the TLS handshake ({alert:?})"),
            other => format!("the TLS handshake fails: {other}"),
        }
    }
}

#[cfg(not(feature = "tls"))]
mod without_tls {
    use anyhow::bail;

    use super::{NoAnswer, Stream, Timed, TlsFiles, io};

    /// Nothing: this program was built without TLS.
    pub enum Tls {}

    impl Tls {
        /// # Errors
        ///
        /// Always.
        pub fn new(_: &TlsFiles) -> anyhow::Result<Self> {
            bail!("this redisgen was built without TLS: build it with the feature `tls`")
        }

        pub fn wrap(&self, _: &str, _: Timed) -> Result<Box<dyn Stream>, NoAnswer> {
            match *self {}
        }
    }

    pub fn explain(_: &io::Error) -> String {
        "the server does not answer as Redis".to_owned()
    }
}
