//! What a release will be: who reaches which pods and why, what clients need, what fails when, and the sums of it all.
//!
//! The objects come from [`objects`](crate::objects), and the judgements are made here. The cluster is not asked: the
//! addresses of load balancers and the state of the pods are not known.

mod apis;
mod clients;
mod code;
mod commands;
mod failures;
mod names;
mod reach;
#[cfg(test)]
pub(crate) mod tests;
mod totals;

use serde::Serialize;

use crate::{chart::Topology, cloud::Cloud, effective::EffectiveValues, objects::Objects};
pub use apis::Api;
pub use clients::{Auth, Clients, Endpoint, SentinelWay, Tls};
pub use code::{Code, Way};
pub use commands::Command;
pub use failures::{Event, Failover, Failures};
pub use reach::{Access, Reach, Writes};
pub use totals::{ClaimSum, ResourceSum, Totals};

/// What is known about a release before the install.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// The version of the chart: `28.0.7`.
    pub chart_version: String,
    /// The Redis version of the chart's own images.
    pub app_version: String,
    pub topology: Topology,
    pub objects: Objects,
    /// One for each Service of the objects, in the same order.
    pub reach: Vec<Reach>,
    pub apis: Vec<Api>,
    pub totals: Totals,
    pub clients: Clients,
    /// Commands that try the ways of the clients, for a shell with kubectl.
    pub commands: Vec<Command>,
    pub failures: Failures,
}

impl Overview {
    /// The overview of these objects, which the chart makes of these values. Without a cloud, the annotations decide
    /// whether a load balancer is internal.
    pub fn of(objects: Objects, values: &EffectiveValues, cloud: Option<Cloud>) -> Self {
        let reach: Vec<Reach> =
            objects.services.iter().map(|service| Reach::of(service, &objects, values, cloud)).collect();
        let clients = Clients::of(&objects, values, &reach);
        Self {
            chart_version: values.chart.version().to_string(),
            app_version: values.chart.app_version().to_owned(),
            topology: values.topology,
            apis: apis::of(&objects, values),
            totals: Totals::of(&objects),
            commands: commands::of(&clients, &objects, &reach),
            clients,
            failures: Failures::of(&objects, values),
            reach,
            objects,
        }
    }
}
