//! What the formats share: pairs of texts, rendered.

use super::*;
use crate::{
    chart::Chart,
    diff::{Mode, diff},
    effective::EffectiveValues,
    yaml::{Document, read_values},
};

pub(super) fn options(format: Format) -> RenderOptions {
    RenderOptions { format, context: 3, by_risk: false, secrets: false, raw: false, color: Color::Off }
}

pub(super) fn compared(old: (&str, &str), new: (&str, &str), raw: bool) -> Diff {
    let side = |(text, version): (&str, &str)| {
        EffectiveValues::of(read_values(text).unwrap(), &Chart::at(&version.parse().unwrap()).unwrap())
    };
    diff(&side(old), &side(new), Mode { raw, ..Mode::default() })
}

/// The report of two texts with the versions of their charts.
pub(super) fn rendered(old: (&str, &str), new: (&str, &str), options: &RenderOptions) -> String {
    let diff = compared(old, new, options.raw);
    let document = |text: &str| Document::parse(text).unwrap();
    let (of_old, of_new) = (document(old.0), document(new.0));
    let line = |document: &Document, path: &Path| {
        document.find(path).map(|found| document.node(found.key.unwrap_or(found.value)).span.line)
    };
    let pair = Pair {
        old: SideSource { name: "a.yaml", by: "", text: old.0, line: &|path| line(&of_old, path) },
        new: SideSource { name: "b.yaml", by: "", text: new.0, line: &|path| line(&of_new, path) },
        diff: &diff,
        release: None,
        namespace: None,
    };
    render(&[pair], options)
}

/// One change of each kind that a reader of one version meets.
pub(super) const OLD: &str = "\
architecture: replication
sentinel: {enabled: true, quorum: 2}
auth:
  password: hunter2
master:
  service: {type: NodePort}
commonConfiguration: |-
  appendonly yes
  save 1
replica:
  extraFlags: [a, b, c]
";

pub(super) const NEW: &str = "\
architecture: replication
sentinel: {enabled: true, quorum: 1, service: {type: LoadBalancer, annotations: {a.b/c: x, d: e}}}
auth:
  password: hunter3
commonConfiguration: |-
  appendonly no
  maxmemory 1gb
replica:
  extraFlags: [c, a, d]
foo: 1
";

/// The two of them in a version that has all their keys.
pub(super) fn sample(options: &RenderOptions) -> String {
    rendered((OLD, "23.1.1"), (NEW, "23.1.1"), options)
}
