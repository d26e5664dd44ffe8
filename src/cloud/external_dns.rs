//! The annotation that asks ExternalDNS for a name. The facts are in `external_dns.tsv`.

use crate::table::{filled, optional, table, word};
use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// How the annotations of ExternalDNS begin. An instance of it reads one prefix only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExternalDnsPrefix {
    /// `external-dns.alpha.kubernetes.io`, the default of older versions
    Alpha,
    /// `external-dns.kubernetes.io`, the default of newer versions
    Current,
}

impl ExternalDnsPrefix {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alpha => "external-dns.alpha.kubernetes.io",
            Self::Current => "external-dns.kubernetes.io",
        }
    }
}

/// What is known of a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExternalDns {
    pub name: ExternalDnsPrefix,
    pub prefix: &'static str,
    /// The first version of ExternalDNS in which it is the default; none for the very first.
    pub from: Option<&'static str>,
    /// The last version of ExternalDNS in which it is the default; none for the newest.
    pub to: Option<&'static str>,
    pub source: &'static str,
}

/// The annotation, key and value, that asks for `hostname`.
pub fn external_dns(hostname: &str, prefix: ExternalDnsPrefix) -> (String, String) {
    (format!("{}/hostname", prefix.as_str()), hostname.to_owned())
}

/// Every prefix, the oldest first.
pub fn external_dns_prefixes() -> &'static [ExternalDns] {
    static ROWS: LazyLock<Vec<ExternalDns>> =
        LazyLock::new(|| table!("src/cloud/external_dns.tsv", ["name", "prefix", "from", "to", "source"]).read(read));
    &ROWS
}

fn read([name, prefix, from, to, source]: [&'static str; 5]) -> Result<ExternalDns, String> {
    let (name, prefix) = (word(name)?, filled(prefix)?);
    Ok(ExternalDns { name, prefix, from: optional(from), to: optional(to), source: filled(source)? })
}
