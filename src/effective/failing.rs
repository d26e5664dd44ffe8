//! Values with which a chart does not render.

use super::{Effective, said_in};
use crate::chart::{Fail, Topology, condition};

impl Effective<'_> {
    /// What keeps the chart from rendering, of that which these values say something about; each condition once. Types
    /// that the schema refuses are not among it: those are told key by key.
    pub fn failing(&self) -> Vec<Fail> {
        let mut fails = self.chart.fails(self.topology);
        if self.on("sentinel.enabled") {
            fails.extend(self.chart.fails(Topology::Sentinel));
        }
        let mut found: Vec<Fail> = Vec::new();
        for fail in fails {
            // Where nothing is said, it renders.
            let mut keys = condition::terms(fail.condition).flat_map(|term| term.keys());
            let is_said = keys.any(|key| self.is_near(key) && said_in(&self.written, key).is_some());
            if is_said && !found.contains(&fail) && self.holds(fail.condition) == Some(true) {
                found.push(fail);
            }
        }
        found
    }

    /// Whether something is said at the top above a key: cheaper to know than what holds.
    fn is_near(&self, key: &str) -> bool {
        self.written.contains_key(key.split(['.', '[']).next().unwrap_or(key))
    }
}
