//! The sums of a release: pods, containers, resources, claims.

use serde::Serialize;

use crate::{
    kubernetes::quantity::Amount,
    objects::{Claim, Container, Objects, Pods, Resources},
};

/// What all pods of a release need together. Workloads with an autoscaler count with their fewest pods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    pub pods: u32,
    /// The pods that autoscalers may add.
    pub more_pods: u32,
    /// Whether some pods run once on each node of the cluster. They are in no sum.
    pub has_pods_on_each_node: bool,
    /// The containers that run all the time, in all pods.
    pub containers: u32,
    pub requests: ResourceSum,
    pub limits: ResourceSum,
    pub claims: Vec<ClaimSum>,
}

/// A sum over containers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceSum {
    /// `750m`; none if no container sets the amount.
    pub cpu: Option<String>,
    /// `1.5Gi`; none if no container sets the amount.
    pub memory: Option<String>,
    /// The containers without an amount of CPU.
    pub without_cpu: u32,
    /// The containers without an amount of memory.
    pub without_memory: u32,
}

/// Claims of the same name, size and class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimSum {
    pub name: String,
    pub count: u32,
    /// The size of one claim.
    pub size: Option<String>,
    /// The size of all.
    pub sum: Option<String>,
    /// The StorageClass; none for the default of the cluster.
    pub class: Option<String>,
    /// Whether the claim exists before the release.
    pub is_existing: bool,
}

impl Pods {
    /// The fewest pods. None for pods on each node.
    pub fn fewest(self) -> Option<u32> {
        match self {
            Self::Fixed(count) | Self::Between(count, _) => Some(count),
            Self::EachNode => None,
        }
    }

    /// Whether the values decide the number.
    pub fn is_fixed(self) -> bool {
        matches!(self, Self::Fixed(_))
    }
}

impl Totals {
    pub(super) fn of(objects: &Objects) -> Self {
        let mut totals = Self::default();
        let mut containers: Vec<(&Container, u32)> = Vec::new();
        for workload in &objects.workloads {
            if let Pods::Between(least, most) = workload.pods {
                totals.more_pods += most.saturating_sub(least);
            }
            let Some(pods) = workload.pods.fewest() else {
                totals.has_pods_on_each_node = true;
                continue;
            };
            totals.pods = totals.pods.saturating_add(pods);
            let running = workload.containers.iter().filter(|container| !container.is_init);
            containers.extend(running.map(|container| (container, pods)));
            for claim in &workload.claims {
                totals.add_claim(claim, pods);
            }
        }
        totals.containers = containers.iter().fold(0, |sum, (_, pods)| sum.saturating_add(*pods));
        totals.requests = sum(&containers, |container| &container.requests);
        totals.limits = sum(&containers, |container| &container.limits);
        totals
    }

    fn add_claim(&mut self, claim: &Claim, pods: u32) {
        let Claim { name, is_existing, size, class, access_modes: _ } = claim;
        // All pods share an existing claim.
        let count = if *is_existing { 1 } else { pods };
        let is_same = |sum: &&mut ClaimSum| {
            sum.name == *name && sum.size == *size && sum.class == *class && sum.is_existing == *is_existing
        };
        match self.claims.iter_mut().find(is_same) {
            Some(_) if *is_existing => {}
            Some(sum) => sum.count = sum.count.saturating_add(count),
            None => self.claims.push(ClaimSum {
                name: name.clone(),
                count,
                size: size.clone(),
                sum: None,
                class: class.clone(),
                is_existing: *is_existing,
            }),
        }
        for claim in &mut self.claims {
            let size = claim.size.as_deref().and_then(Amount::parse);
            claim.sum = size.map(|size| size.times(claim.count).bytes());
        }
    }
}

fn sum(containers: &[(&Container, u32)], of: impl Fn(&Container) -> &Resources) -> ResourceSum {
    let mut sum = ResourceSum::default();
    let (mut cpu, mut memory) = (None, None);
    for (container, pods) in containers {
        let resources = of(container);
        let add = |text: &Option<String>, total: &mut Option<Amount>, without: &mut u32| match text
            .as_deref()
            .and_then(Amount::parse)
        {
            Some(amount) => *total = Some(total.unwrap_or_default().plus(amount.times(*pods))),
            None => *without = without.saturating_add(*pods),
        };
        add(&resources.cpu, &mut cpu, &mut sum.without_cpu);
        add(&resources.memory, &mut memory, &mut sum.without_memory);
    }
    ResourceSum { cpu: cpu.map(Amount::cores), memory: memory.map(Amount::bytes), ..sum }
}
