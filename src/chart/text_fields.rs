//! Keys whose texts reach a field that Kubernetes decodes as a text: a boolean or a number there is refused.

use super::{Chart, Topology, catalogue, pack};
use crate::table::{Table, listed, optional, table};

const TABLE: Table<6> = table!("src/chart/data/types.tsv", ["key", "topologies", "since", "until", "form", "refused"]);

/// Texts in the value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextField {
    pub form: TextForm,
    pub refuses_booleans: bool,
    pub refuses_numbers: bool,
}

/// Places of the texts in the value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextForm {
    /// The value itself.
    Whole,
    /// Each value of the map: labels, annotations, a node selector.
    MapValues,
    /// Each item of the list: arguments, names, addresses.
    ListItems,
    /// The `value` of each item: variables, tolerations, kernel settings.
    ItemValues,
    /// Each quantity of the limits and requests.
    Quantities,
}

impl Chart {
    /// Texts that Kubernetes expects at a key of this version in this topology. Source: `types.tsv`.
    pub fn text_field(&self, key: &str, topology: Topology) -> Option<TextField> {
        let version = catalogue::version(self.position());
        let is_at_most = |text: &str| text.parse().is_ok_and(|other: semver::Version| other <= version);
        let row = TABLE.rows().find(|[known, topologies, since, until, ..]| {
            let is_here = || pack::topology_bits(topologies).is_some_and(|bits| bits & topology.bit() != 0);
            *known == key && is_here() && is_at_most(since) && !optional(until).is_some_and(is_at_most)
        });
        let [_, _, _, _, form, refused] = row?;
        let refuses = |kind: &str| listed(refused).any(|word| word == kind);
        Some(TextField { form: form_of(form)?, refuses_booleans: refuses("bool"), refuses_numbers: refuses("number") })
    }
}

fn form_of(word: &str) -> Option<TextForm> {
    Some(match word {
        "text" => TextForm::Whole,
        "map" => TextForm::MapValues,
        "list" => TextForm::ListItems,
        "items" => TextForm::ItemValues,
        "resources" => TextForm::Quantities,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_those_of_the_version_and_the_topology() {
        let field = |version: &str, key: &str| {
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            chart.text_field(key, Topology::Standalone).map(|field| (field.form, field.refuses_numbers))
        };
        assert_eq!(field("23.1.1", "master.nodeSelector"), Some((TextForm::MapValues, true)));
        assert_eq!(field("23.1.1", "master.extraEnvVars"), Some((TextForm::ItemValues, true)));
        assert_eq!(field("23.1.1", "master.args"), Some((TextForm::ListItems, true)));
        assert_eq!(field("23.1.1", "master.resources"), Some((TextForm::Quantities, false)));
        assert_eq!(field("23.1.1", "master.count"), None);
        assert_eq!(field("11.0.4", "master.nodeSelector"), Some((TextForm::MapValues, true)));
    }

    #[test]
    fn every_row_can_be_read() {
        for [key, topologies, since, until, form, refused] in TABLE.rows() {
            assert!(form_of(form).is_some() && pack::topology_bits(topologies).is_some(), "{key}");
            assert!(listed(refused).all(|word| ["bool", "number"].contains(&word)), "{key}: {refused}");
            assert!(Chart::at(&since.parse().unwrap()).is_some_and(|chart| chart.takes(key)), "{key}: {since}");
            assert!(optional(until).is_none_or(|until| Chart::at(&until.parse().unwrap()).is_some()), "{key}: {until}");
        }
    }
}
