//! Recognition of a chart by its templates.
//!
//! `versions.tsv` has a digest for each measured chart. The digest covers everything except the values that
//! determines how the chart renders: its templates, the templates of its library chart, and its schema. A chart with
//! the same digest has the same facts, whatever its version, images and defaults are.
//!
//! Different texts of a template always count as different. A changed comment gives another digest.

use std::collections::BTreeSet;

use super::{catalogue, pack, release};
use semver::Version;

/// File of a chart: its path in the folder of the chart, and its bytes.
pub type File = (String, Vec<u8>);

/// The schema counts, because it determines which values the chart accepts.
const SCHEMA: &str = "values.schema.json";

/// Folder name of the library chart in the digests of the catalogue. A mirror may rename the folder, and no template
/// reads the name.
const LIBRARY: &str = "common";

/// FNV-1a digest (64 bits) of the paths and bytes of all templates and of the schema, in the order of their paths.
/// `None` for a chart without templates.
///
/// `templatesDigest` in `tools/oracle/enter.go` makes the column `templates` of `versions.tsv` in the same way.
pub(super) fn digest(files: &[File]) -> Option<u64> {
    let library = library(files);
    let mut hashed: Vec<(String, &[u8])> = files
        .iter()
        .filter(|(path, _)| is_template(path) || path == SCHEMA)
        .map(|(path, bytes)| (catalogue_path(path, library), bytes.as_slice()))
        .collect();
    if !hashed.iter().any(|(path, _)| is_template(path)) {
        return None;
    }
    hashed.sort();
    let hash = hashed.iter().fold(pack::EMPTY_DIGEST, |hash, (path, bytes)| {
        [path.as_bytes(), &[0], bytes, &[0]].into_iter().fold(hash, pack::digest_on)
    });
    Some(hash)
}

/// Whether a file is a template of the chart or of a chart in `charts/`.
pub(super) fn is_template(path: &str) -> bool {
    let mut parts = path.split('/');
    match parts.next() {
        Some("templates") => parts.next().is_some(),
        Some("charts") => parts.nth(1) == Some("templates") && parts.next().is_some(),
        _ => false,
    }
}

/// Folder of the library chart. `None` unless `charts/` has exactly one chart with templates.
fn library(files: &[File]) -> Option<&str> {
    let folders =
        files.iter().filter(|(path, _)| is_template(path)).filter_map(|(path, _)| path.strip_prefix("charts/"));
    let folders: BTreeSet<&str> = folders.filter_map(|path| path.split('/').next()).collect();
    match folders.len() {
        1 => folders.into_iter().next(),
        _ => None,
    }
}

fn catalogue_path(path: &str, library: Option<&str>) -> String {
    let within = library.and_then(|library| path.strip_prefix("charts/")?.strip_prefix(library));
    within.map_or_else(|| path.to_owned(), |within| format!("charts/{LIBRARY}{within}"))
}

/// Annotations of `Chart.yaml` that the templates read, sorted.
pub(super) fn annotations(files: &[File]) -> BTreeSet<String> {
    const READ: &str = "Chart.Annotations.";
    let texts = files.iter().filter(|(path, _)| is_template(path)).filter_map(|(_, bytes)| str::from_utf8(bytes).ok());
    let names = texts
        .flat_map(|text| text.split(READ).skip(1))
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>());
    names.filter(|name| !name.is_empty()).collect()
}

/// Position of a measured version with these templates: the nearest that is not newer, otherwise the nearest newer
/// one.
pub(super) fn position(digest: u64, version: &Version) -> Option<u16> {
    let same = |at: &u16| catalogue::version_row(*at).templates == Some(digest);
    let next = catalogue::position_at_or_before(&release::number(version)).map_or(0, |at| at + 1);
    (0..next).rev().find(same).or_else(|| (next..catalogue::version_count()).find(same))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Vec<File> {
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    const CHART: [(&str, &str); 5] = [
        ("values.yaml", "a: 1\n"),
        ("templates/service.yaml", "kind: Service\n"),
        ("charts/common/templates/_names.tpl", "{{- define \"common.names\" -}}{{ end }}\n"),
        ("values.schema.json", "{}\n"),
        ("templates/master/application.yaml", "kind: StatefulSet\n"),
    ];

    #[test]
    fn the_digest_is_that_of_the_oracle() {
        // Computed by an independent Python program, and by `templatesDigest` of the oracle.
        assert_eq!(digest(&files(&CHART)), Some(0x0b30_a366_7e49_ab11));
        assert_eq!(digest(&files(&[("templates/a", "")])), Some(0xc4c2_e69f_009d_a52c));
    }

    #[test]
    fn the_name_of_the_library_chart_does_not_matter() {
        let mut renamed = files(&CHART);
        renamed[2].0 = "charts/our-common/templates/_names.tpl".to_owned();
        renamed.reverse();
        assert_eq!(digest(&renamed), digest(&files(&CHART)));
        // With two charts, the library chart cannot be determined.
        renamed.push(("charts/zeta/templates/_more.tpl".to_owned(), Vec::new()));
        assert_ne!(digest(&renamed), digest(&files(&CHART)));
    }

    #[test]
    fn every_byte_of_a_template_matters_and_nothing_else() {
        let known = digest(&files(&CHART));
        for (at, (path, text)) in CHART.iter().enumerate() {
            let mut changed = files(&CHART);
            changed[at].1 = format!("{text} ").into_bytes();
            assert_eq!(digest(&changed) != known, *path != "values.yaml", "{path}");
        }
        let mut more = files(&CHART);
        more.extend(files(&[("README.md", "x"), ("charts/common/values.yaml", "x"), ("Chart.lock", "x")]));
        assert_eq!(digest(&more), known);
        more.extend(files(&[("templates/new.yaml", "")]));
        assert_ne!(digest(&more), known);
        assert_eq!(digest(&files(&[("values.yaml", "a: 1"), ("values.schema.json", "{}")])), None);
    }

    #[test]
    fn a_measured_version_is_found_by_its_templates() {
        let v = |text: &str| text.parse::<Version>().unwrap();
        let digest = |version: &str| {
            let at = catalogue::position(&v(version)).unwrap();
            catalogue::version_row(at).templates.unwrap()
        };
        let found = |digest, version: &str| position(digest, &v(version)).map(|at| catalogue::version(at).to_string());
        let published = digest("28.0.7");
        assert_eq!(found(published, "99.0.0").as_deref(), Some("28.0.7"));
        assert_eq!(found(published, "28.0.6").as_deref(), Some("28.0.6"));
        // A mirror adds a suffix, which semver sorts before the version itself.
        assert_eq!(found(published, "28.0.7-mirror.r3").as_deref(), Some("28.0.7"));
        // The version is that of an older chart, and the templates are those of a newer one.
        assert_eq!(found(published, "11.0.4"), found(published, "27.0.13"));
        assert_eq!(found(published ^ 1, "28.0.7"), None);
    }

    #[test]
    fn annotations_are_those_that_templates_read() {
        let read = annotations(&files(&[
            ("templates/a", "{{ .Chart.Annotations.fips }} {{ $c.Chart.Annotations.images}}"),
            ("charts/common/templates/b", "{{ .context.Chart.Annotations.images | quote }}"),
            ("README.md", ".Chart.Annotations.other"),
        ]));
        assert_eq!(read.into_iter().collect::<Vec<_>>(), ["fips", "images"]);
    }
}
