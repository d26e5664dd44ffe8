//! The command that fetches a chart.

use super::{Argv, CLASSIC_REPOSITORY, Error, OCI_REPOSITORY, Repository, validation};

/// Location of a chart that Helm can fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remote {
    /// Chart in a registry: `oci://registry.example.com/charts/redis`
    Oci(String),
    /// Chart in a classic repository.
    InRepository { address: String, chart: String },
    /// Archive: `https://charts.example.com/redis-23.1.1.tgz`
    Archive(String),
}

impl Remote {
    /// Location of the chart with this name in a repository.
    ///
    /// # Errors
    ///
    /// A local path, or an address that Helm refuses.
    pub fn in_repository(repository: &Repository, chart: &str) -> Result<Self, Error> {
        let classic = |address: &str| Self::InRepository { address: address.to_owned(), chart: chart.to_owned() };
        Ok(match repository {
            Repository::Oci => Self::Oci(format!("{OCI_REPOSITORY}/{chart}")),
            Repository::Classic => classic(CLASSIC_REPOSITORY),
            Repository::OciAt(_) => Self::Oci(super::reference(repository, chart)?.0),
            Repository::ClassicAt(address) => classic(validation::http(address)?),
            Repository::Path(path) => return Err(validation::no_address(path)),
        })
    }

    /// Parses an address of `helm pull`, with an optional version after its last `:`. In a classic repository, the
    /// address means the chart of this name.
    ///
    /// # Errors
    ///
    /// If the text is not such an address.
    pub fn at(address: &str, chart: &str) -> Result<(Self, Option<String>), Error> {
        if address.starts_with("oci://") {
            let (folder, name) = address.rsplit_once('/').unwrap_or(("", address));
            let (name, version) = name.split_once(':').map_or((name, None), |(name, tag)| (name, Some(tag.to_owned())));
            let address = format!("{folder}/{name}");
            return Ok((Self::Oci(validation::oci(&address)?.trim_end_matches('/').to_owned()), version));
        }
        let address = validation::http(address)?;
        let is_archive = [".tgz", ".tar.gz"].iter().any(|ending| address.ends_with(ending));
        let remote = match is_archive {
            true => Self::Archive(address.to_owned()),
            false => Self::InRepository { address: address.to_owned(), chart: chart.to_owned() },
        };
        Ok((remote, None))
    }
}

/// The command that fetches a chart into a folder, in the given version or the newest.
///
/// # Errors
///
/// An invalid version.
pub fn pull(remote: &Remote, version: Option<&str>, folder: &str) -> Result<Argv, Error> {
    let argv = Argv::new("helm pull");
    let argv = match remote {
        Remote::Oci(reference) => argv.with(&[reference]),
        Remote::InRepository { address, chart } => argv.with(&[chart, "--repo", address]),
        Remote::Archive(address) => argv.with(&[address]),
    };
    let argv = match version {
        Some(version) => argv.with(&["--version", validation::version(version)?]),
        None => argv,
    };
    Ok(argv.with(&["--destination", folder]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(remote: &Remote, version: Option<&str>) -> String {
        pull(remote, version, "there").unwrap().words().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_version_is_pulled_from_a_repository() {
        let pulled = |repository: &str| {
            let remote = Remote::in_repository(&repository.parse().unwrap(), "redis").unwrap();
            words(&remote, Some("28.4.0"))
        };
        let registry = format!("helm pull {OCI_REPOSITORY}/redis --version 28.4.0 --destination there");
        assert_eq!(pulled("oci"), registry);
        assert_eq!(pulled(OCI_REPOSITORY), registry);
        assert_eq!(pulled(&format!("{OCI_REPOSITORY}/redis")), registry);
        assert_eq!(
            pulled("classic"),
            format!("helm pull redis --repo {CLASSIC_REPOSITORY} --version 28.4.0 --destination there")
        );
        assert_eq!(
            pulled("https://charts.example.com/x"),
            "helm pull redis --repo https://charts.example.com/x --version 28.4.0 --destination there"
        );
        assert!(Remote::in_repository(&Repository::Path("./redis".to_owned()), "redis").is_err());
    }

    #[test]
    fn an_address_is_taken_as_helm_takes_it() {
        let at = |address: &str| Remote::at(address, "redis").unwrap();
        let oci = Remote::Oci("oci://127.0.0.1:5000/charts/redis".to_owned());
        assert_eq!(at("oci://127.0.0.1:5000/charts/redis"), (oci.clone(), None));
        assert_eq!(at("oci://127.0.0.1:5000/charts/redis:28.4.0"), (oci.clone(), Some("28.4.0".to_owned())));
        assert_eq!(words(&oci, None), "helm pull oci://127.0.0.1:5000/charts/redis --destination there");
        let archive = "http://127.0.0.1:8000/redis-28.4.0.tgz";
        assert_eq!(at(archive), (Remote::Archive(archive.to_owned()), None));
        let repository = "https://charts.example.com/bitnami";
        let remote = Remote::InRepository { address: repository.to_owned(), chart: "redis".to_owned() };
        assert_eq!(at(repository), (remote, None));
        for address in
            ["ftp://x/redis.tgz", "https://user:pass@charts.example.com/x", "oci://", "oci://x", "://", "oci://x/R"]
        {
            assert!(Remote::at(address, "redis").is_err(), "{address}");
        }
    }
}
