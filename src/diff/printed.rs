//! Keys with an empty value that reaches the manifests although the templates' `if` takes it for false.

use crate::{
    chart::{self, Chart},
    table::{Table, table},
};

/// Keys that are printed even if they are empty, with the source. The file explains how they were found.
const PRINTED: Table<2> = table!("src/diff/printed.tsv", ["key", "source"]);

/// Whether an empty value at a path reaches the manifests, as far as is known.
///
/// An unknown child of an open map is printed with the map. The known children of such a map are printed too.
pub(super) fn is_printed(chart: &Chart, path: &str) -> bool {
    if chart.key(path).is_none() {
        return chart.takes(path);
    }
    let above = chart::above(path).and_then(|above| chart.key(above));
    above.is_some_and(|above| above.open) || PRINTED.row(path).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_a_key_and_sorted() {
        let rows = || PRINTED.rows().map(|[key, _]| key);
        assert!(rows().is_sorted() && rows().count() > 10);
        let known = chart::key_paths();
        for row in rows() {
            assert!(known.contains(&row), "{row} is no key of any version");
        }
    }

    #[test]
    fn open_maps_are_printed_with_empty_values() {
        let chart = Chart::at(&chart::newest()).unwrap();
        assert!(is_printed(&chart, "master.podSecurityContext.sysctls"));
        assert!(is_printed(&chart, "master.service.annotations.a"));
        assert!(is_printed(&chart, "metrics.serviceMonitor.relabelings"));
        assert!(!is_printed(&chart, "master.nodeSelector") && !is_printed(&chart, "nonsense"));
    }
}
