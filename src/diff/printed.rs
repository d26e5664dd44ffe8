//! Where an empty value is not the same as none, though it says nothing to the templates' `if`.

use crate::{
    chart::{self, Chart},
    table::{Table, table},
};

/// Keys with the source; in the file how they were found.
const PRINTED: Table<2> = table!("src/diff/printed.tsv", ["key", "source"]);

/// Whether an empty value at a path reaches the manifests, as far as is known: one that the chart has no key for, and
/// takes as a child of a map, is printed with that, as are the children that it names of a map that takes others too.
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
    fn what_is_printed_whole_is_printed_with_what_is_empty() {
        let chart = Chart::at(&chart::newest()).unwrap();
        assert!(is_printed(&chart, "master.podSecurityContext.sysctls"));
        assert!(is_printed(&chart, "master.service.annotations.a"));
        assert!(is_printed(&chart, "metrics.serviceMonitor.relabelings"));
        assert!(!is_printed(&chart, "master.nodeSelector") && !is_printed(&chart, "nonsense"));
    }
}
