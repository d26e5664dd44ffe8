//! Keys whose texts reach a field that Kubernetes decodes as a text: a boolean or a number there is refused.

use super::{
    Chart, Topology, catalogue,
    pack::{Section, TextForm, TypeRow},
};

/// Texts in the value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextField {
    pub form: TextForm,
    pub refuses_booleans: bool,
    pub refuses_numbers: bool,
}

impl Chart {
    /// Texts that Kubernetes expects at a key of this version in this topology. Source: `types.tsv`.
    pub fn text_field(&self, key: &str, topology: Topology) -> Option<TextField> {
        let table = catalogue::table(Section::Types);
        let rows =
            table.named(key).filter(|entry| entry.holds(self.position())).map(|entry| table.row::<TypeRow>(entry));
        let row = rows.into_iter().find(|row| row.topologies & topology.bit() != 0)?;
        let TypeRow { topologies: _, form, refuses_booleans, refuses_numbers } = row;
        Some(TextField { form, refuses_booleans, refuses_numbers })
    }
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

    /// The build script checks the rows.
    #[test]
    fn every_row_is_about_a_key_of_its_first_version() {
        let table = catalogue::table(Section::Types);
        assert!(table.len() > 250);
        for entry in table.entries() {
            let (key, since) = (catalogue::names().name(entry.name), catalogue::version(entry.since));
            assert!(Chart::at(&since).is_some_and(|chart| chart.takes(key)), "{key}: {since}");
        }
    }
}
