//! See `replicas_without_disruption_budget.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{self, Setting, Topology, setting_intervals},
    lint::{
        locate::{locate, set_value},
        prelude::*,
        replicas::{NodeCount, count_nodes},
    },
    yaml::Value,
};

pub(super) static RULE: Rule = Rule {
    id: "replicas-without-disruption-budget",
    group: Group::Availability,
    severity: Severity::Info,
    summary: "replicas without a working disruption budget; a drain can evict all of them",
    docs: include_str!("replicas_without_disruption_budget.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Release,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    if subject.topology == Topology::Standalone {
        // One pod needs no budget, but a budget can block the drain of its node.
        let budget = Budget::of(subject).filter(|budget| budget.is_made(subject));
        return budget
            .and_then(|budget| budget.refused(subject).or_else(|| budget.check_single(subject)))
            .into_iter()
            .collect();
    }
    let nodes = count_nodes(subject);
    if nodes.as_ref().is_some_and(|nodes| nodes.count < 2) {
        return Vec::new();
    }
    let Some(budget) = Budget::of(subject) else { return vec![unknown(subject, nodes.as_ref())] };
    let found = match (budget.is_made(subject), &nodes) {
        (false, _) => Some(missing(subject, &budget)),
        (true, nodes) => budget.refused(subject).or_else(|| budget.check_evictions(subject, nodes.as_ref()?)),
    };
    found.into_iter().collect()
}

/// The budget of the replicas, or of all pods together.
struct Budget {
    /// The key above all keys of the budget.
    base: String,
    /// The key that enables the budget.
    switch: String,
    /// The key that would set the budget if no other key replaced it.
    replaced: Option<String>,
    /// Whether the primary has its own budget.
    without_primary: bool,
}

impl Budget {
    fn of(subject: &Subject) -> Option<Self> {
        let switches = subject.places(Setting::Budget);
        // The pods of the primary are first.
        let own = switches.last()?;
        let base = chart::above(own)?;
        let name = own.strip_prefix(base)?;
        let without_primary = switches.len() > 1;
        let instead = subject.places(Setting::BudgetInstead).into_iter().find(|key| subject.on(key));
        Some(match instead {
            Some(instead) => Self {
                switch: format!("{instead}{name}"),
                base: instead.to_owned(),
                replaced: Some(base.to_owned()),
                without_primary,
            },
            None => Self { base: base.to_owned(), switch: own.to_owned(), replaced: None, without_primary },
        })
    }

    fn is_made(&self, subject: &Subject) -> bool {
        subject.on(&self.switch)
    }

    fn least(&self) -> String {
        format!("{}.minAvailable", self.base)
    }

    fn most(&self) -> String {
        format!("{}.maxUnavailable", self.base)
    }

    /// Kubernetes accepts only one of the two numbers.
    fn refused(&self, subject: &Subject) -> Option<Finding> {
        let (least, most) = (self.least(), self.most());
        if !subject.on(&least) || !subject.on(&most) {
            return None;
        }
        let message = format!(
            "`{least}` and `{most}` are both set: Kubernetes refuses a disruption budget with both, and the install fails"
        );
        let mut finding = Finding::at(locate(subject, &[&most, &least]), message).severity(Severity::Error);
        finding = match subject.entry(&least) {
            Some(entry) => finding.mark(entry.value, "one of the two keys must be empty"),
            None => finding.help(format!("set `{least}` to `\"\"`: this key has a default")),
        };
        let Some(edit) = set_value(subject, &least, "") else { return Some(finding) };
        Some(finding.fix(Fix::new(Applicability::Unsafe, format!("set `{least}` to `\"\"`"), vec![edit])))
    }

    /// The key that decides how many of `pods` pods the budget lets Kubernetes evict, and that number.
    fn evictions(&self, subject: &Subject, pods: i64) -> Option<(String, i64)> {
        let (least, most) = (self.least(), self.most());
        if subject.on(&least) {
            let available = share(subject.value(&least)?, pods)?;
            return Some((least, pods - available));
        }
        let evicted = subject.value(&most).filter(|value| subject.on(&most) || **value == Value::Int(0))?;
        Some((most, share(evicted, pods)?))
    }

    /// The finding about a budget that lets Kubernetes evict no pod.
    fn blocks(&self, subject: &Subject, key: &str) -> Finding {
        let message = format!("`{key}` allows no eviction: a drain of a node waits forever");
        let at = locate(subject, &[key, &self.switch]);
        Finding::at(at, message).severity(Severity::Warning).help("allow one pod at a time")
    }

    /// The finding about the budget of the only pod.
    fn check_single(&self, subject: &Subject) -> Option<Finding> {
        let (key, evicted) = self.evictions(subject, 1)?;
        (evicted <= 0).then(|| self.blocks(subject, &key))
    }

    /// The finding about the number of pods that the budget lets Kubernetes evict.
    fn check_evictions(&self, subject: &Subject, nodes: &NodeCount) -> Option<Finding> {
        let (pods, majority) = match self.without_primary {
            true => (nodes.count - 1, 0),
            false => (nodes.count, nodes.majority()),
        };
        let (key, evicted) = self.evictions(subject, pods)?;
        let at = locate(subject, &[&key, &self.switch]);
        if evicted <= 0 {
            return Some(self.blocks(subject, &key));
        }
        if evicted >= pods && pods > 1 {
            let message =
                format!("`{key}` allows the eviction of all {pods} pods at once: the budget protects nothing");
            return Some(Finding::at(at, message).severity(Severity::Warning).help("allow one pod at a time"));
        }
        let watched = subject.topology == Topology::Sentinel && pods > 2;
        if watched && pods - evicted < majority {
            let message = format!(
                "`{key}` allows the eviction of {evicted} of {pods} nodes at once: too few Sentinels are left to agree"
            );
            return Some(Finding::at(at, message).help(format!("allow at most {}", pods - majority)));
        }
        None
    }
}

/// Converts a number or a percentage of pods to a number, rounded up as in Kubernetes.
fn share(value: &Value, of: i64) -> Option<i64> {
    match value {
        Value::Int(number) => Some((*number).min(of)),
        Value::String(text) => match text.strip_suffix('%') {
            Some(part) => {
                let part: u32 = part.parse().ok()?;
                Some((of * i64::from(part.min(100)) + 99) / 100)
            }
            None => text.parse::<i64>().ok().map(|number| number.min(of)),
        },
        _ => None,
    }
}

fn missing(subject: &Subject, budget: &Budget) -> Finding {
    let Budget { base, switch, replaced, .. } = budget;
    if let Some(replaced) = replaced.as_ref().filter(|_| subject.entry(switch).is_none()) {
        let message = format!(
            "`{base}` overrides `{replaced}` and does not set `create`: the chart creates no disruption budget"
        );
        let finding = Finding::at(locate(subject, &[base]), message)
            .severity(Severity::Warning)
            .help(format!("set `{switch}: true`, or move the settings to `{replaced}`"));
        let Some(edit) = set_value(subject, switch, true) else { return finding };
        return finding.fix(Fix::new(Applicability::Unsafe, format!("set `{switch}: true`"), vec![edit]));
    }
    Finding::at(locate(subject, &[switch, "sentinel.enabled"]), without())
        .help(format!("set `{switch}: true`, unless another source creates a budget for these pods"))
}

fn without() -> &'static str {
    "there is no disruption budget: a drain of several nodes can evict all replicas at once"
}

/// The finding for a chart version without a disruption budget.
fn unknown(subject: &Subject, nodes: Option<&NodeCount>) -> Finding {
    let keys: Vec<&str> = nodes.map(|nodes| nodes.key.as_str()).into_iter().chain(["sentinel.enabled"]).collect();
    let later = setting_intervals(Setting::Budget, subject.topology).into_iter().map(|(since, _)| since);
    let later = later.into_iter().find(|since| since > subject.chart.version());
    let finding = Finding::at(locate(subject, &keys), without());
    match later {
        Some(since) => {
            finding.help(format!("this chart version cannot create a disruption budget: use chart {since} or later"))
        }
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_rounded_up_as_kubernetes_does() {
        let part = |text: &str| share(&Value::from(text), 3);
        assert_eq!(part("50%"), Some(2));
        assert_eq!(part("1%"), Some(1));
        assert_eq!(part("0%"), Some(0));
        assert_eq!(part("100%"), Some(3));
        assert_eq!(part("2"), Some(2));
        assert_eq!(part("7"), Some(3));
        assert_eq!(part("{{ .Values.most }}"), None);
        assert_eq!(share(&Value::Int(2), 3), Some(2));
    }
}
