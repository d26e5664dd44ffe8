//! The annotation that requests a name from ExternalDNS. The facts are in `external_dns.tsv`.

use crate::table::{filled, optional, table, word};
use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// The prefix of the annotations of ExternalDNS. One instance of ExternalDNS reads only one prefix.
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

/// The facts about a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExternalDns {
    pub name: ExternalDnsPrefix,
    pub prefix: &'static str,
    /// The first version of ExternalDNS with this default; none for the very first version.
    pub from: Option<&'static str>,
    /// The last version of ExternalDNS with this default; none for the newest version.
    pub to: Option<&'static str>,
    pub source: &'static str,
}

/// The annotation that requests `hostname`: key and value.
pub fn external_dns(hostname: &str, prefix: ExternalDnsPrefix) -> (String, String) {
    (format!("{}/hostname", prefix.as_str()), hostname.to_owned())
}

/// All prefixes, oldest first.
pub fn external_dns_prefixes() -> &'static [ExternalDns] {
    static ROWS: LazyLock<Vec<ExternalDns>> =
        LazyLock::new(|| table!("src/cloud/external_dns.tsv", ["name", "prefix", "from", "to", "source"]).read(read));
    &ROWS
}

fn read([name, prefix, from, to, source]: [&'static str; 5]) -> Result<ExternalDns, String> {
    let (name, prefix) = (word(name)?, filled(prefix)?);
    Ok(ExternalDns { name, prefix, from: optional(from), to: optional(to), source: filled(source)? })
}
