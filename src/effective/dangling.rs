//! Objects that a render refers to and does not create.

use super::EffectiveValues;
use crate::chart::MissingObject;

impl EffectiveValues {
    /// The objects that the manifests refer to although neither the render nor a value provides them.
    pub fn missing_objects(&self) -> Vec<MissingObject> {
        let all = self.chart.dangling(self.topology).iter();
        all.filter(|dangling| self.all_hold(dangling.terms) == Some(true)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chart::Chart,
        yaml::{merge::Layers, read_values},
    };

    /// Every expected recognition was checked by rendering.
    #[test]
    fn a_service_account_that_is_not_created_is_missing() {
        let shared = "architecture: standalone\nmaster: {serviceAccount: {create: false}}\n";
        for (version, text, by) in [
            ("18.6.3", "sentinel: {enabled: true}\n", &[][..]),
            ("18.6.4", "sentinel: {enabled: true}\n", &["replica"]),
            ("18.8.1", "sentinel: {enabled: true}\n", &["replica"]),
            ("18.8.2", "sentinel: {enabled: true}\n", &[]),
            ("18.8.3", "architecture: standalone\n", &["master"]),
            ("18.9.0", "architecture: standalone\n", &["master"]),
            ("18.9.1", "architecture: standalone\n", &[]),
            ("17.17.1", shared, &[]),
            ("23.1.1", shared, &["master"]),
            (
                "23.1.1",
                "architecture: standalone\nmaster: {serviceAccount: {create: false}}\nserviceAccount: {create: false}\n",
                &[],
            ),
            (
                "23.1.1",
                "architecture: standalone\nmaster: {serviceAccount: {create: false}}\nserviceAccount: {name: mine}\n",
                &[],
            ),
            (
                "23.1.1",
                "master: {serviceAccount: {create: false}}\nreplica: {serviceAccount: {create: false}}\n",
                &["master", "replica"],
            ),
        ] {
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            let values = EffectiveValues::new(read_values(text).unwrap(), Layers::default(), &chart);
            let found: Vec<_> = values.missing_objects().iter().map(|dangling| dangling.by).collect();
            assert_eq!(found, by, "{version}: {text}");
        }
    }
}
