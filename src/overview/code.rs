//! Code that connects to a release, for common clients: by Sentinel, and without Sentinel.

use serde::Serialize;

use super::clients::{Clients, Endpoint};
use crate::templates::{self, Connection};

/// How a client finds the primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// It asks Sentinel.
    Sentinel,
    /// It connects to one address.
    Plain,
}

/// Code of one client for one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Code {
    /// The name of the library: `redis-py`.
    pub client: &'static str,
    pub way: Way,
    /// The name of the language in blocks of Markdown: `py`.
    pub language: &'static str,
    pub text: String,
}

impl Clients {
    /// The code of all clients, for each way that the release has.
    ///
    /// Without a Service that follows the primary, the plain way is the one for reads.
    pub fn code(&self) -> Vec<Code> {
        let plain = self.primary.as_ref().or(self.reads.as_ref());
        let sentinel = self.sentinel.as_ref().map(|sentinel| (Way::Sentinel, &sentinel.endpoint));
        let ways: Vec<(Way, &Endpoint)> = sentinel.into_iter().chain(plain.map(|plain| (Way::Plain, plain))).collect();
        let mut all = Vec::new();
        for (client, language) in templates::clients() {
            for (way, endpoint) in &ways {
                // A name with a zero byte, which no Kubernetes accepts, has no code.
                let Ok(text) = templates::client_code(client, &self.connection(*way, endpoint)) else { continue };
                all.push(Code { client, way: *way, language, text });
            }
        }
        all
    }

    fn connection<'a>(&'a self, way: Way, endpoint: &'a Endpoint) -> Connection<'a> {
        let sentinel = self.sentinel.as_ref();
        Connection {
            host: &endpoint.host,
            port: endpoint.port,
            sentinel: way == Way::Sentinel,
            set: sentinel.map_or("", |sentinel| &sentinel.master_set),
            auth: self.auth.is_on,
            sentinel_auth: sentinel.is_some_and(|sentinel| sentinel.needs_password),
            tls: self.tls.is_some(),
            mutual: self.tls.as_ref().is_some_and(|tls| tls.requires_client_certificate),
        }
    }
}
