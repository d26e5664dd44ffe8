//! Checks names, addresses, paths and durations by the rules of Helm, Kubernetes and kubectl.

use std::time::Duration;

use super::Error;
use crate::kubernetes;

/// Maximum length of a release name. Source: helm `pkg/chart/v2/util/validate_name.go` (`pkg/chartutil` in Helm 3),
/// `maxReleaseNameLen`.
pub const RELEASE_NAME_MAX: usize = 53;

/// Units of a duration in nanoseconds. Source: Go `time.ParseDuration`, which reads `--timeout` in Helm 3 and Helm 4.
const TIME_UNITS: [(&str, u128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Checks the name of a release. Source: helm, `validName` and `maxReleaseNameLen`.
pub(super) fn release(name: &str) -> Result<&str, Error> {
    let demand =
        "Helm requires at most 53 of `a-z`, `0-9`, `-` and `.`, with a letter or digit at both ends of each part";
    check(name.len() <= RELEASE_NAME_MAX && kubernetes::is_dns1123_subdomain(name), "release name", name, demand)
}

/// Checks the name of a namespace. Source: Kubernetes, `IsDNS1123Label`.
pub(super) fn namespace(name: &str) -> Result<&str, Error> {
    let demand = "Kubernetes requires at most 63 of `a-z`, `0-9` and `-`, with a letter or digit at both ends";
    check(kubernetes::is_dns1123_label(name), "namespace name", name, demand)
}

/// Checks the name of a Secret. Source: Kubernetes, `IsDNS1123Subdomain`.
pub(super) fn secret(name: &str) -> Result<&str, Error> {
    let demand = "Kubernetes requires at most 253 of `a-z`, `0-9`, `-` and `.`, with a letter or digit at both ends of \
                  each part";
    check(kubernetes::is_dns1123_subdomain(name), "Secret name", name, demand)
}

/// Checks the key of a Secret. Source: Kubernetes, `IsConfigMapKey`, which also applies to Secrets.
pub(super) fn key(key: &str) -> Result<&str, Error> {
    let demand = "Kubernetes requires at most 253 of `A-Z`, `a-z`, `0-9`, `-`, `_` and `.`, neither `.` alone nor `..` at the start";
    check(kubernetes::is_config_map_key(key), "key of a Secret", key, demand)
}

/// Checks the name of an environment variable. Source: POSIX.1, 3.216 Name.
pub(super) fn variable(name: &str) -> Result<&str, Error> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let fits = name.bytes().all(known) && name.starts_with(|c: char| !c.is_ascii_digit());
    let demand = "a shell requires `A-Z`, `a-z`, `0-9` and `_`, with no digit at the start";
    check(fits, "name of an environment variable", name, demand)
}

/// Checks the name of a chart. Source: helm, `pkg/lint/rules/chartfile.go` and `pkg/chart/v2/metadata.go` (a base
/// name).
pub(super) fn chart(name: &str) -> Result<&str, Error> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
    let fits = name.bytes().all(known) && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    check(fits, "chart name", name, "Helm requires `a-z`, `0-9`, `-`, `_` and `.`, with a letter or digit first")
}

/// Accepts one version, although `--version` of Helm also accepts a range.
pub(super) fn version(text: &str) -> Result<&str, Error> {
    let demand = "expected one version such as `23.1.1`. Helm would resolve a range to the newest match of that day";
    check(semver::Version::parse(text).is_ok(), "chart version", text, demand)
}

/// Accepts a duration above zero. Source: Go, `time.ParseDuration`.
pub(super) fn timeout(text: &str) -> Result<&str, Error> {
    time(text).map(|_| text)
}

/// Parses the duration.
pub(super) fn time(text: &str) -> Result<Duration, Error> {
    let demand = "Helm requires a duration above zero, such as `90s`, `10m` or `1h30m`";
    let time = nanoseconds(text).filter(|time| *time > 0).and_then(|time| u64::try_from(time).ok());
    check(time.is_some(), "timeout", text, demand)?;
    Ok(Duration::from_nanos(time.unwrap_or_default()))
}

/// Accepts the text after `oci://`: registry and repository, without chart, tag or digest.
///
/// Source: OCI distribution specification, `<name>` of "Pulling manifests".
pub(super) fn oci(address: &str) -> Result<&str, Error> {
    let (host, path) = address.strip_prefix("oci://").and_then(|rest| rest.split_once('/')).unwrap_or_default();
    let part = |part: &str| {
        let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(ends)
            && part.ends_with(ends)
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b))
    };
    let demand = "expected `oci://HOST/PATH` with a path in lower case, and without a tag or digest";
    check(is_host(host) && path.trim_end_matches('/').split('/').all(part), "chart repository", address, demand)
}

/// Accepts a classic repository: the folder of an `index.yaml`.
pub(super) fn http(address: &str) -> Result<&str, Error> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%:+@!$&'()*,;=".contains(&byte);
    let demand = "expected `https://HOST/PATH` without credentials. Use `helm repo add --username` for them";
    check(is_host(host) && path.bytes().all(known), "chart repository", address, demand)
}

/// Refuses a local path as a repository to fetch a chart from.
pub(super) fn no_address(path: &str) -> Error {
    let demand = "expected `oci`, `classic`, `oci://...` or `https://...`";
    Error::Refused { what: "chart repository", found: path.to_owned(), demand }
}

/// Accepts the path of a local chart. Helm looks for such a path only on the disk.
///
/// Source: helm, `ChartPathOptions.LocateChart`: absolute, or with a `.` at the start.
pub(super) fn chart_path(path: &str) -> Result<&str, Error> {
    let fits = path.starts_with(['.', '/']) && !path.contains(char::is_control);
    let demand = "expected `oci`, `classic`, `oci://...`, `https://...`, or the path of a chart with `/` or `.` at \
                  its start";
    check(fits, "chart repository", path, demand)
}

/// Escapes the path of a values file for `-f`.
///
/// Helm reads the argument as a line of CSV, each field as a URL, and `-` as stdin. Source: helm,
/// `addValueOptionsFlags` (`StringSliceVarP`) and `values.readFile`.
pub(super) fn values_file(path: &str) -> Result<String, Error> {
    let demand = "Helm requires a path without control characters";
    check(!path.is_empty() && !path.contains(char::is_control), "values file", path, demand)?;
    let demand = "Helm reads the path as a URL: expected two hexadecimal digits after `%`";
    check(is_percent_encoded(path), "values file", path, demand)?;
    let plain = path.trim() != "-" && !path.contains(':') && !path.starts_with("//");
    let path = match path.strip_prefix("//") {
        Some(rest) => format!("/{}", rest.trim_start_matches('/')),
        None if plain || path.starts_with(['/', '.']) => path.to_owned(),
        None => format!("./{path}"),
    };
    Ok(csv(path))
}

/// Escapes `KEY=PATH` for `--from-file` of kubectl: a line of CSV, split at every `=`.
///
/// Source: kubectl, `StringSliceVar` of `create secret generic` and `util.ParseFileSource`.
pub(super) fn key_file(key: &str, path: &str) -> Result<String, Error> {
    let demand = "kubectl requires a path without `=` and without control characters";
    check(!path.is_empty() && !path.contains(|c: char| c == '=' || c.is_control()), "file for a key", path, demand)?;
    Ok(csv(format!("{key}={path}")))
}

fn check<'a>(fits: bool, what: &'static str, found: &'a str, demand: &'static str) -> Result<&'a str, Error> {
    if fits { Ok(found) } else { Err(Error::Refused { what, found: found.to_owned(), demand }) }
}

/// Escapes one field of a line of CSV, in the syntax of `encoding/csv` of Go.
fn csv(field: String) -> String {
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "1"));
    kubernetes::is_dns1123_subdomain(&name.to_ascii_lowercase()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_percent_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

fn nanoseconds(text: &str) -> Option<u128> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut total = 0_u128;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len()));
        let (_, size) = TIME_UNITS.into_iter().find(|(name, _)| *name == unit)?;
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && part.is_empty()) || part.contains('.') {
            return None;
        }
        let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole.checked_mul(size)?)?.checked_add(fraction(part, size))?;
        rest = after;
    }
    i64::try_from(total).is_ok().then_some(total)
}

/// `0.part` of `size`, rounded down.
fn fraction(part: &str, size: u128) -> u128 {
    let (mut sum, mut place) = (0, size);
    for digit in part.bytes() {
        place /= 10;
        sum += u128::from(digit - b'0') * place;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let (longest, longer) = ("a".repeat(53), "a".repeat(54));
        for (name, release_fits, namespace_fits) in [
            ("redis", true, true),
            ("1redis", true, true),
            ("my.redis", true, false),
            (longest.as_str(), true, true),
            (longer.as_str(), false, true),
            ("", false, false),
            ("-redis", false, false),
            ("redis-", false, false),
            ("a..b", false, false),
            ("Redis", false, false),
            ("redis_1", false, false),
            ("redis\n", false, false),
            ("größe", false, false),
        ] {
            assert_eq!((release(name).is_ok(), namespace(name).is_ok()), (release_fits, namespace_fits), "{name:?}");
        }
        assert!(namespace(&"a".repeat(63)).is_ok() && namespace(&"a".repeat(64)).is_err());
        assert!(secret(&"a".repeat(253)).is_ok() && secret(&"a".repeat(254)).is_err());
        assert!(secret("redis.auth").is_ok() && secret("redis_auth").is_err());
    }

    #[test]
    fn keys_and_variables() {
        assert!(["redis-password", "A_b.c", ".x", "a".repeat(253).as_str()].into_iter().all(|k| key(k).is_ok()));
        assert!(["", ".", "..", "..x", "a b", "a=b", "a,b", "é"].into_iter().all(|k| key(k).is_err()));
        assert!(["REDIS_PASSWORD", "_x1", "a"].into_iter().all(|v| variable(v).is_ok()));
        assert!(["", "1A", "A-B", "A=B", "A\n", "$(x)"].into_iter().all(|v| variable(v).is_err()));
    }

    #[test]
    fn times() {
        for text in ["10m", "1h30m", "90s", ".5s", "1.5h", "+1m", "1us", "1µs", "1μs", "1ns", "2562047h", "1.s"] {
            assert!(timeout(text).is_ok(), "{text}");
        }
        for text in ["", "0", "0s", "10", "-1m", "m", ".s", "1..5s", "1.2.3s", "10 m", "1d", "10M", "2562048h", "+"] {
            assert!(timeout(text).is_err(), "{text}");
        }
    }

    #[test]
    fn paths_of_values_files() {
        for (path, argument) in [
            ("redis-opts.yaml", "redis-opts.yaml"),
            ("-", "./-"),
            (" - ", "./ - "),
            ("a,b.yaml", "\"a,b.yaml\""),
            ("a\"b.yaml", "\"a\"\"b.yaml\""),
            ("oci://x", "./oci://x"),
            ("/a:b", "/a:b"),
            ("//etc/x", "/etc/x"),
            ("a%20b", "a%20b"),
        ] {
            assert_eq!(values_file(path).as_deref(), Ok(argument));
        }
        for path in ["", "a\nb", "a\0", "50%", "50%.yaml", "%é"] {
            assert!(values_file(path).is_err(), "{path:?}");
        }
    }
}
