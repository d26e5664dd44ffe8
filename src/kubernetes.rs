//! Names and address ranges that the API server of Kubernetes accepts, whatever the chart.
//!
//! The functions have the names of Kubernetes' own checks. Source: Kubernetes, `apimachinery/pkg/util/validation`
//! (`validation.go`, `content`, `ip.go`).

pub mod quantity;

use std::{net::IpAddr, ops::RangeInclusive};

use ipnet::IpNet;

/// Longest DNS label. Source: `DNS1123LabelMaxLength`.
const DNS1123_LABEL_MAX: usize = 63;

/// Longest DNS subdomain. Source: `DNS1123SubdomainMaxLength`.
const DNS1123_SUBDOMAIN_MAX: usize = 253;

/// Longest name in a qualified name. Source: `qualifiedNameMaxLength`.
const QUALIFIED_NAME_MAX: usize = 63;

/// Longest value of a label. Source: `LabelValueMaxLength`.
const LABEL_VALUE_MAX: usize = 63;

/// Node ports that the API server accepts by default. Source: kube-apiserver, `--service-node-port-range`
/// (`DefaultServiceNodePortRange` in `pkg/kubeapiserver/options/options.go`).
pub const NODE_PORTS: RangeInclusive<u16> = 30000..=32767;

/// Whether the port is one of [`NODE_PORTS`].
pub fn is_node_port(port: i64) -> bool {
    u16::try_from(port).is_ok_and(|port| NODE_PORTS.contains(&port))
}

/// Whether a namespace or a Service can have the name.
pub fn is_dns1123_label(text: &str) -> bool {
    text.len() <= DNS1123_LABEL_MAX && is_lower_case_label(text)
}

/// Whether a Secret, a StorageClass or most other objects can have the name. Only the whole name has a limit, its
/// parts have none.
pub fn is_dns1123_subdomain(text: &str) -> bool {
    text.len() <= DNS1123_SUBDOMAIN_MAX && text.split('.').all(is_lower_case_label)
}

/// Whether DNS can resolve the name: at least two labels in any case, the first one perhaps a `*`.
///
/// A name server has a limit for each label, unlike [`is_dns1123_subdomain`]. Source: RFC 1123, 2.1, and RFC 4592.
pub fn is_dns_name(text: &str) -> bool {
    let labels = text.strip_prefix("*.").unwrap_or(text).to_ascii_lowercase();
    text.len() <= DNS1123_SUBDOMAIN_MAX && text.contains('.') && labels.split('.').all(is_dns1123_label)
}

/// Whether a label, an annotation or a taint can have the key: a name, perhaps after a subdomain and a slash.
pub fn is_qualified_name(text: &str) -> bool {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    prefix.is_none_or(is_dns1123_subdomain) && name.len() <= QUALIFIED_NAME_MAX && is_name(name)
}

/// Whether a label can have the value, which may be empty.
pub fn is_valid_label_value(text: &str) -> bool {
    text.len() <= LABEL_VALUE_MAX && (text.is_empty() || is_name(text))
}

/// Whether a Secret or a ConfigMap can have the key.
pub fn is_config_map_key(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (1..=DNS1123_SUBDOMAIN_MAX).contains(&text.len())
        && text.bytes().all(known)
        && text != "."
        && !text.starts_with("..")
}

/// Source: `dns1123LabelFmt`.
fn is_lower_case_label(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(is_end) && text.ends_with(is_end) && text.chars().all(|c| is_end(c) || c == '-')
}

/// Source: `qualifiedNameFmt`, which is also `labelValueFmt` but for the empty value.
fn is_name(text: &str) -> bool {
    let is_end = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(is_end) && text.ends_with(is_end) && text.chars().all(|c| is_end(c) || "-_.".contains(c))
}

/// Why a Service cannot have a text in `loadBalancerSourceRanges`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRange {
    #[error("`{0}` is not a range of addresses: expected a CIDR such as `10.0.0.0/8`")]
    Malformed(String),
    /// The API server accepted such a range with a warning, and refuses it where the feature gate
    /// `StrictIPCIDRValidation` is on, which has become the default.
    #[error(
        "`{found}` has bits set after the prefix, and newer versions of Kubernetes refuse it; use `{network}` for the \
         whole range, or `{address}` for one address"
    )]
    HostBits { found: String, network: String, address: String },
}

/// Checks a range as the API server does where it is strict.
///
/// Source: Kubernetes, `IsValidCIDRForLegacyField` with `strictValidation`, and KEP 4858.
pub fn check_range(text: &str) -> Result<(), BadRange> {
    let range = parse_strictly(text).ok_or_else(|| BadRange::Malformed(text.to_owned()))?;
    let network = range.trunc();
    if range == network {
        return Ok(());
    }
    let address = IpNet::from(range.addr()).to_string();
    Err(BadRange::HostBits { found: text.to_owned(), network: network.to_string(), address })
}

/// Parses a range without what `ipnet` allows beyond a strict API server: zeros in front of a number, which some programs
/// read as octal, and addresses of IPv4 that are written as addresses of IPv6.
fn parse_strictly(text: &str) -> Option<IpNet> {
    let (address, prefix) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let is_mapped = matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some());
    let is_number = prefix.bytes().all(|byte| byte.is_ascii_digit()) && (prefix == "0" || !prefix.starts_with('0'));
    if is_mapped || !is_number { None } else { IpNet::new(address, prefix.parse().ok()?).ok() }
}

/// Whether the ranges of a Service together admit each address of IPv4 or of IPv6.
///
/// The API server ignores blanks around a range. An invalid range admits nothing, because the API server refuses it.
pub fn cover_all_addresses<'a>(ranges: impl IntoIterator<Item = &'a str>) -> bool {
    let ranges: Vec<IpNet> = ranges.into_iter().filter_map(|range| range.trim().parse().ok()).collect();
    IpNet::aggregate(&ranges).iter().any(|range| range.prefix_len() == 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    /// A check, the pattern of Kubernetes for the same, and the longest text.
    type Pattern = (fn(&str) -> bool, &'static str, usize);

    const PATTERNS: [Pattern; 4] = [
        (is_dns1123_label, "[a-z0-9]([-a-z0-9]*[a-z0-9])?", 63),
        (is_dns1123_subdomain, r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", 253),
        (is_valid_label_value, "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", 63),
        (is_name, "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", usize::MAX),
    ];

    fn fits(pattern: &str, text: &str) -> bool {
        Regex::new(&format!(r"\A(?:{pattern})\z")).unwrap().is_match(text)
    }

    proptest! {
        #[test]
        fn names_are_those_of_the_patterns(text in "[aZ09._/*A-]{0,8}|[a-z.]{250,256}|a{60,66}|.{0,4}") {
            for (check, pattern, longest) in PATTERNS {
                let wanted = text.len() <= longest && fits(pattern, &text);
                prop_assert_eq!(check(&text), wanted, "{} in {}", text, pattern);
            }
            let is_key = text.len() <= 253 && fits("[-._a-zA-Z0-9]+", &text) && text != "." && !text.starts_with("..");
            prop_assert_eq!(is_config_map_key(&text), is_key, "{}", text);
        }
    }

    #[test]
    fn limits_are_those_of_kubernetes() {
        let a = |count: usize| "a".repeat(count);
        assert!(is_dns1123_label(&a(63)) && !is_dns1123_label(&a(64)));
        assert!(is_dns1123_subdomain(&a(253)) && !is_dns1123_subdomain(&a(254)));
        assert!(is_valid_label_value(&a(63)) && !is_valid_label_value(&a(64)));
        assert!(is_config_map_key(&a(253)) && !is_config_map_key(&a(254)));
        assert!(is_qualified_name(&format!("{}/{}", a(253), a(63))));
        assert!(!is_qualified_name(&format!("{}/a", a(254))) && !is_qualified_name(&format!("a/{}", a(64))));
        assert!(is_dns_name(&format!("{}.com", a(63))) && !is_dns_name(&format!("{}.com", a(64))));
    }

    #[test]
    fn qualified_names_have_one_prefix() {
        for key in ["name", "app.kubernetes.io/name", "A_b.c", "x/y"] {
            assert!(is_qualified_name(key), "{key}");
        }
        for text in ["", "/name", "x/", "a/b/c", "K/x", "-k", "k-", "k y", ".a/b", "a..b/c", "größe"] {
            assert!(!is_qualified_name(text), "{text}");
        }
    }

    #[test]
    fn dns_names_have_a_domain() {
        for name in ["redis.example.com", "*.example.com", "Redis.Example.COM", "1.2"] {
            assert!(is_dns_name(name), "{name}");
        }
        for text in ["", "redis", "*", "*.", ".com", "a..b", "a.b.", "-a.b", "a_b.c", "*.*.c", "a.*.c", "ä.de"] {
            assert!(!is_dns_name(text), "{text}");
        }
    }

    #[test]
    fn ranges_are_those_of_a_strict_api_server() {
        for range in ["10.0.0.0/8", "0.0.0.0/0", "192.0.2.7/32", "::/0", "2001:db8::/32", "2001:DB8:0::/32"] {
            assert_eq!(check_range(range), Ok(()), "{range}");
        }
        for text in [
            "",
            "1.2.3",
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/-1",
            "10.0.0.0/",
            "/8",
            "::/129",
            "10.0.0.0/08",
        ] {
            assert_eq!(check_range(text), Err(BadRange::Malformed(text.to_owned())), "{text}");
        }
        for text in [" 10.0.0.0/8", "10.0.0.0/8 ", "010.0.0.0/8", "10.0.0.0/255.0.0.0", "::ffff:10.0.0.0/104"] {
            assert_eq!(check_range(text), Err(BadRange::Malformed(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_range_with_host_bits_is_one_of_two() {
        for (found, network, address) in [
            ("10.0.0.1/8", "10.0.0.0/8", "10.0.0.1/32"),
            ("10.0.0.0/0", "0.0.0.0/0", "10.0.0.0/32"),
            ("2001:db8::1/32", "2001:db8::/32", "2001:db8::1/128"),
        ] {
            let [found, network, address] = [found, network, address].map(str::to_owned);
            assert_eq!(check_range(&found.clone()), Err(BadRange::HostBits { found, network, address }));
        }
    }

    #[test]
    fn all_addresses_are_recognised_in_any_spelling() {
        for all in ["0.0.0.0/0", "10.0.0.0/0", "::/0", "0::0/0", "2001:db8::/0", " 0.0.0.0/0 "] {
            assert!(cover_all_addresses([all]), "{all}");
            assert!(cover_all_addresses(["192.0.2.0/24", all]), "{all}");
        }
        assert!(cover_all_addresses(["0.0.0.0/1", "128.0.0.0/1"]));
        for some in ["10.0.0.0/8", "0.0.0.0/1", "::/1", "no range", ""] {
            assert!(!cover_all_addresses([some]), "{some}");
        }
        assert!(!cover_all_addresses(["0.0.0.0/1", "::/1"]));
        assert!(!cover_all_addresses([]));
    }
}
