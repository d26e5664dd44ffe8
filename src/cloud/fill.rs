//! Fills placeholders such as `${subnet}` in the texts of the recipes.

use super::LoadBalancerRequest;

/// The values for the placeholders of a text.
pub(super) struct Placeholders<'a> {
    pub(super) wish: &'a LoadBalancerRequest<'a>,
    /// The current port.
    pub(super) port: Option<u16>,
}

/// Whether a text has a placeholder for a port.
pub(super) fn needs_ports(text: &str) -> bool {
    ["${port}", "${each-port}", "${ranges-by-port}"].iter().any(|hole| text.contains(hole))
}

impl Placeholders<'_> {
    /// Fills the placeholders of a text. Values inside of JSON are written as JSON.
    ///
    /// Values of users are never searched for placeholders.
    pub(super) fn text(&self, text: &str) -> String {
        self.fill(text, text.starts_with(['{', '[']))
    }

    fn fill(&self, text: &str, json: bool) -> String {
        let Some((before, rest)) = text.split_once("${") else {
            return text.to_owned();
        };
        let Some((hole, after)) = rest.split_once('}') else {
            return text.to_owned();
        };
        if hole == "each-port"
            && let Some((each, after)) = after.split_once("${end}")
        {
            let turns = self.wish.ports.iter().map(|port| Self { port: Some(*port), ..*self }.fill(each, json));
            let turns: Vec<String> = turns.collect();
            return format!("{before}{}{}", turns.join(","), self.fill(after, json));
        }
        format!("{before}{}{}", self.hole(hole, json), self.fill(after, json))
    }

    fn hole(&self, hole: &str, json: bool) -> String {
        let LoadBalancerRequest { source_ranges, static_address, subnet, idle_timeout, ports, .. } = *self.wish;
        let given = |text: Option<&str>| {
            let text = text.unwrap_or_default().trim();
            let escaped = quoted(text);
            if json { escaped[1..escaped.len() - 1].to_owned() } else { text.to_owned() }
        };
        let seconds = u64::from(idle_timeout.unwrap_or_default());
        match hole {
            "subnet" => given(subnet),
            "address" => given(static_address),
            "seconds" => seconds.to_string(),
            "minutes" => seconds.div_ceil(60).to_string(),
            "milliseconds" => (seconds * 1000).to_string(),
            "port" => self.port.map_or_else(String::new, |port| port.to_string()),
            "ranges-json" => listed(source_ranges.iter()),
            "ranges-by-family" => by_family(source_ranges),
            "ranges-by-port" => {
                let rules = ports.iter().flat_map(|port| source_ranges.iter().map(move |range| (range, port)));
                let rules: Vec<String> = rules.map(|(range, port)| format!("{range},{port}")).collect();
                rules.join(";")
            }
            _ => String::new(),
        }
    }
}

/// `"ipv4":["10.0.0.0/8"],"ipv6":["fd00::/8"]`, without an address family that has no range.
fn by_family(ranges: &[String]) -> String {
    let (ipv6, ipv4): (Vec<&String>, Vec<&String>) = ranges.iter().partition(|range| range.contains(':'));
    let families = [("ipv4", ipv4), ("ipv6", ipv6)].into_iter().filter(|(_, ranges)| !ranges.is_empty());
    let families = families.map(|(name, ranges)| format!("\"{name}\":[{}]", listed(ranges.into_iter())));
    families.collect::<Vec<String>>().join(",")
}

fn listed<'a>(texts: impl Iterator<Item = &'a String>) -> String {
    texts.map(|text| quoted(text)).collect::<Vec<String>>().join(",")
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
