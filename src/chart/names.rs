//! Names that a release gives to its objects.

use super::{Chart, Setting, Topology};

/// Maximum length of a full name in the chart.
const LONGEST: usize = 63;

/// Values of the placeholders in names and identities of [`Object`](super::Object)s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// `{release}`
    pub release: String,
    /// `{name}`: the name of the chart, or `nameOverride`.
    pub name: String,
    /// `{f}`: the full name, a prefix of the name of almost every object.
    pub full: String,
}

impl Names {
    /// Builds the names as the chart does.
    ///
    /// `chart_name` is `redis`, or the alias of the dependency in a parent chart. An empty override counts as no
    /// override.
    ///
    /// The names are not checked against the rules of Kubernetes. Source: `_helpers.tpl` of 10.5.6 to 13.0.2, and
    /// `_names.tpl` of the library chart in later versions.
    pub fn new(
        chart: &Chart,
        release: &str,
        chart_name: &str,
        name_override: Option<&str>,
        fullname_override: Option<&str>,
    ) -> Self {
        let non_empty = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let name = non_empty(name_override).unwrap_or_else(|| chart_name.to_owned());
        let full = non_empty(fullname_override).unwrap_or_else(|| {
            // Helm allows dots in release names, and Kubernetes does not in names of Services.
            let dashes = !chart.places(Setting::ReleaseDashes, Topology::Standalone).is_empty();
            let release = if dashes { release.replace('.', "-") } else { release.to_owned() };
            if release.contains(&name) { release } else { format!("{release}-{name}") }
        });
        Self { release: release.to_owned(), name: truncate(&name).to_owned(), full: truncate(&full).to_owned() }
    }

    /// Replaces the placeholders in `text`.
    pub fn fill(&self, text: &str) -> String {
        let Self { release, name, full } = self;
        text.replace("{f}", full).replace("{release}", release).replace("{name}", name)
    }
}

/// Truncates a name to the length limit of the chart, and removes a `-` at its end.
fn truncate(name: &str) -> &str {
    let short = name.get(..LONGEST).unwrap_or(name);
    short.strip_suffix('-').unwrap_or(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(version: &str, release: &str, name: Option<&str>, fullname: Option<&str>) -> String {
        Names::new(&Chart::at(&version.parse().unwrap()).unwrap(), release, "redis", name, fullname).full
    }

    /// Every expected name is that of the StatefulSet of the primary in the output of `helm template`, without
    /// `-master`.
    #[test]
    fn the_full_name_is_the_charts() {
        let long = "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz";
        for version in ["10.5.6", "12.4.0", "13.0.1", "14.0.0", "21.2.16", "21.2.17", "23.1.1"] {
            let full = |release, name, fullname| full(version, release, name, fullname);
            assert_eq!(full("cache", None, None), "cache-redis");
            assert_eq!(full("my-redis", None, None), "my-redis");
            assert_eq!(full("redis", None, Some("")), "redis");
            assert_eq!(full("cache", Some("db"), None), "cache-db");
            assert_eq!(full("my-redis", Some("db"), None), "my-redis-db");
            assert_eq!(full("my-db", Some("db"), None), "my-db");
            assert_eq!(full("cache", Some("db"), Some("other")), "other");
            assert_eq!(full(long, Some("123456789-x"), None), format!("{long}-123456789"));
            assert_eq!(full("cache", None, Some(&"f".repeat(70))), "f".repeat(63));
        }
    }

    #[test]
    fn dots_of_the_release_became_dashes() {
        assert_eq!(full("21.2.16", "a.b", None, None), "a.b-redis");
        assert_eq!(full("21.2.17", "a.b", None, None), "a-b-redis");
        assert_eq!(full("13.0.1", "my.redis", None, None), "my.redis");
        assert_eq!(full("23.1.1", "my.redis", None, None), "my-redis");
        assert_eq!(full("23.1.1", "a.b", None, Some("c.d")), "c.d", "only what the release says is changed");
    }

    #[test]
    fn symbols_are_filled_in() {
        let chart = Chart::at(&super::super::newest()).unwrap();
        let names = Names::new(&chart, "a.b", "redis", None, None);
        let selector = "app.kubernetes.io/instance={release},app.kubernetes.io/name={name}";
        assert_eq!(names.fill(selector), "app.kubernetes.io/instance=a.b,app.kubernetes.io/name=redis");
        assert_eq!(names.fill("redis-data-{f}-master-0"), "redis-data-a-b-redis-master-0");
    }
}
