//! Defects of the chart version that concern the values.

use super::EffectiveValues;
use crate::chart::Defect;

impl EffectiveValues {
    /// The defects of the chart version whose conditions the effective values meet.
    pub fn defects(&self) -> Vec<Defect> {
        let all = self.chart.defects(self.topology).into_iter();
        all.filter(|defect| self.holds(defect.condition) == Some(true)).collect()
    }
}
