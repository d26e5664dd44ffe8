//! What real servers accept in `redis.conf`, in `sentinel.conf` and in rules of the access control list, by version.
//!
//! `tools/directives` starts each measured server and records what the server accepts. A version between two measured
//! servers accepts at least what both accept, and refuses only what both refuse. For a newer version, or an unknown one,
//! no refusal is certain.

pub mod acl;
pub mod arguments;
pub mod directives;

use std::sync::OnceLock;

use semver::Version;

use crate::table::{Table, table};

/// The measured servers, oldest first.
const SERVERS: Table<2> = table!("src/redis/servers.tsv", ["redis", "source"]);

/// The version of a running Redis, as far as the values name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Running {
    Exactly(Version),
    /// A moving tag: this version or a newer one.
    AtLeast(Version),
    Unknown,
}

/// The measured servers whose answers decide about one running Redis, as positions in `servers.tsv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deciding {
    pub positions: std::ops::RangeInclusive<usize>,
    /// Whether the running Redis is a measured one, or is between two of them.
    pub is_certain: bool,
}

impl Running {
    /// Whether the version is a measured one, or is between two of them.
    pub fn is_measured(&self) -> bool {
        self.deciding().is_certain
    }

    pub(crate) fn deciding(&self) -> Deciding {
        let servers = servers();
        let last = servers.len() - 1;
        let older = |version: &Version| servers.partition_point(|server| server <= version);
        let (from, to, is_certain) = match self {
            Self::Unknown => (0, last, false),
            Self::AtLeast(version) => (older(version).saturating_sub(1), last, false),
            Self::Exactly(version) => match older(version) {
                0 => (0, 0, false),
                next if servers[next - 1] == *version => (next - 1, next - 1, true),
                next if next > last => (last, last, false),
                next => (next - 1, next, true),
            },
        };
        Deciding { positions: from..=to, is_certain }
    }
}

fn servers() -> &'static [Version] {
    static READ: OnceLock<Vec<Version>> = OnceLock::new();
    let version = |text: &str| text.parse().map_err(|_| format!("`{text}` is not a version"));
    READ.get_or_init(|| SERVERS.read(|[text, _]| version(text)))
}

/// The positions of the servers from `first` to `last`.
///
/// # Errors
///
/// When one of the versions was not measured.
fn span(servers: &[Version], first: &str, last: &str) -> Result<std::ops::RangeInclusive<usize>, String> {
    let at = |version: &str| {
        let found = version.parse::<Version>().ok().and_then(|version| servers.iter().position(|one| *one == version));
        found.ok_or_else(|| format!("no measured server is `{version}`"))
    };
    Ok(at(first)?..=at(last)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(version: &str) -> Running {
        Running::Exactly(version.parse().unwrap())
    }

    #[test]
    fn servers_are_sorted() {
        let servers = servers();
        assert!(servers.len() > 7 && servers.is_sorted(), "{servers:?}");
    }

    #[test]
    fn a_version_between_two_servers_is_certain() {
        let servers = servers();
        let (first, last) = (&servers[0], servers.len() - 1);
        assert_eq!(exactly(&first.to_string()).deciding(), Deciding { positions: 0..=0, is_certain: true });
        assert_eq!(exactly("6.1.0").deciding().positions.count(), 2);
        assert!(exactly("6.1.0").deciding().is_certain);
        assert_eq!(exactly("1.0.0").deciding(), Deciding { positions: 0..=0, is_certain: false });
        assert_eq!(exactly("99.0.0").deciding(), Deciding { positions: last..=last, is_certain: false });
        assert_eq!(Running::Unknown.deciding(), Deciding { positions: 0..=last, is_certain: false });
        let newest = Running::AtLeast("99.0.0".parse().unwrap()).deciding();
        assert_eq!(newest, Deciding { positions: last..=last, is_certain: false });
    }
}
