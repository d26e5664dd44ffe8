//! The names that a release gives to its objects.

use super::{Chart, Topology};

/// The longest full name that the chart makes.
const LONGEST: usize = 63;

/// What stands for the symbols in the names and identities of [`Object`](super::Object)s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// `{release}`
    pub release: String,
    /// `{name}`: that of the chart, or `nameOverride`.
    pub name: String,
    /// `{f}`: what the name of almost every object begins with.
    pub full: String,
}

impl Names {
    /// The names as the chart makes them. `chart_name` is `redis`, or the alias of the dependency where the chart
    /// is one; the overrides are the values of these names, of which an empty one counts as none.
    ///
    /// It does not look at whether Kubernetes takes the names. Source: `_helpers.tpl` of 10.5.6 to 13.0.2, and
    /// `_names.tpl` of the library chart after that.
    pub fn new(
        chart: &Chart,
        release: &str,
        chart_name: &str,
        name_override: Option<&str>,
        fullname_override: Option<&str>,
    ) -> Self {
        let said = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let name = said(name_override).unwrap_or_else(|| chart_name.to_owned());
        let full = said(fullname_override).unwrap_or_else(|| {
            // Of what Helm takes as the name of a release, only dots may not stand in that of a Service.
            let dashes = !chart.places("@release-dashes", Topology::Standalone).is_empty();
            let release = if dashes { release.replace('.', "-") } else { release.to_owned() };
            if release.contains(&name) { release } else { format!("{release}-{name}") }
        });
        Self { release: release.to_owned(), name: cut(&name).to_owned(), full: cut(&full).to_owned() }
    }

    /// The text with the names of this release.
    pub fn fill(&self, text: &str) -> String {
        let Self { release, name, full } = self;
        text.replace("{f}", full).replace("{release}", release).replace("{name}", name)
    }
}

/// At most as long as the chart lets it be, without the dash that may then be last.
fn cut(name: &str) -> &str {
    let short = name.get(..LONGEST).unwrap_or(name);
    short.strip_suffix('-').unwrap_or(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(version: &str, release: &str, name: Option<&str>, fullname: Option<&str>) -> String {
        Names::new(&Chart::at(&version.parse().unwrap()).unwrap(), release, "redis", name, fullname).full
    }

    /// Each is what `helm template` names the StatefulSet of the primary, without `-master`.
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
