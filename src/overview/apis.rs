//! The APIs that a release needs.

use semver::Version;
use serde::Serialize;

use crate::{effective::EffectiveValues, objects::Objects};

/// A version of Kubernetes after all others: every removed API is gone there.
const LAST: Version = Version::new(u64::MAX, 0, 0);

/// An API, and the kinds of objects that use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Api {
    /// `policy/v1beta1`
    pub api_version: String,
    /// The kinds of objects with this API, each once, in alphabetical order.
    pub kinds: Vec<String>,
    /// The first version of Kubernetes without it: `1.25`. None if no version removed it.
    pub gone_from: Option<String>,
}

/// The APIs of the objects, in alphabetical order.
pub(super) fn of(objects: &Objects, values: &EffectiveValues) -> Vec<Api> {
    let gone = values.chart.gone_apis(values.topology, &LAST);
    let mut apis: Vec<Api> = Vec::new();
    for object in objects.rendered() {
        let removed = gone.iter().find(|gone| gone.kind == object.kind && gone.api == object.api_version);
        let gone_from = removed.map(|gone| gone.removed.to_owned());
        match apis.iter_mut().find(|api| api.api_version == object.api_version && api.gone_from == gone_from) {
            Some(api) => api.kinds.push(object.kind.clone()),
            None => {
                let (api_version, kinds) = (object.api_version.clone(), vec![object.kind.clone()]);
                apis.push(Api { api_version, kinds, gone_from });
            }
        }
    }
    for api in &mut apis {
        api.kinds.sort();
        api.kinds.dedup();
    }
    apis.sort_by(|a, b| (&a.api_version, &a.gone_from).cmp(&(&b.api_version, &b.gone_from)));
    apis
}
