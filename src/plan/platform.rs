//! What the platform of the cluster requires from the pods: who runs the containers, and with which rights.

use semver::Version;

use super::{Draft, Refusal, metrics};
use crate::{
    chart::{self, Setting, Topology},
    intent::{Field, Intent, Platform},
    yaml::{Map, Value},
};

const OPTIONS: &[Field] = &[Field::Platform];

pub(super) fn settle(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    let Some(platform) = intent.platform else { return Ok(()) };
    if intent.master_service == Some(true) && draft.can(Setting::RootContainer) {
        let text = "in this chart version, root runs the container that labels the primary, and the platform refuses \
                    root. Remove one of the two options";
        return Err(Refusal::new(&[Field::MasterService, Field::Platform], text));
    }
    match platform {
        Platform::Openshift => openshift(intent, draft),
        Platform::PodSecurityRestricted => restricted(intent, draft),
    }
}

/// OpenShift chooses the user and the groups of a pod, and refuses others.
fn openshift(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if draft.can(Setting::Openshift) {
        // Without a connection to the cluster, the chart cannot find out that it is OpenShift.
        let why = "OpenShift chooses the user and the groups of the pods";
        return draft.say(Setting::Openshift, "force", OPTIONS, why);
    }
    let why = "OpenShift chooses the user and the rights of the pods";
    draft.say(Setting::OpenshiftPods, false, OPTIONS, why)?;
    if draft.can(Setting::OpenshiftContainers) {
        draft.say(Setting::OpenshiftContainers, false, OPTIONS, why)?;
    }
    if metrics::is_on(intent) && draft.can(Setting::OpenshiftMetrics) {
        draft.say(Setting::OpenshiftMetrics, false, OPTIONS, why)?;
    }
    Ok(())
}

/// The Pod Security Standard `restricted` accepts only containers with these rights (kubernetes.io, Pod Security
/// Standards).
fn restricted(intent: &Intent, draft: &mut Draft) -> Result<(), Refusal> {
    if draft.can(Setting::RestrictedByDefault) {
        return Ok(());
    }
    let has_metrics = metrics::is_on(intent);
    if has_metrics && draft.can(Setting::MetricsWithoutContext) {
        let since = until(Setting::MetricsWithoutContext, draft);
        let later = since.as_ref().map(|since| format!(". Chart {since} or later does")).unwrap_or_default();
        let text = format!("this chart version sets no rights for the metrics exporter{later}");
        return Err(Refusal { since, ..Refusal::new(&[Field::Metrics, Field::Platform], text) });
    }
    let why = "rights of the Pod Security Standard `restricted`";
    draft.say(Setting::RestrictedContainers, rights(), OPTIONS, why)?;
    if has_metrics && draft.can(Setting::RestrictedMetrics) {
        draft.say(Setting::RestrictedMetrics, rights(), OPTIONS, why)?;
    }
    Ok(())
}

fn rights() -> Map {
    let map = |entries: Vec<(&str, Value)>| -> Map {
        entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    };
    map(vec![
        ("runAsNonRoot", Value::Bool(true)),
        ("allowPrivilegeEscalation", Value::Bool(false)),
        ("capabilities", Value::Map(map(vec![("drop", Value::from(vec!["ALL"]))]))),
        ("seccompProfile", Value::Map(map(vec![("type", Value::from("RuntimeDefault"))]))),
    ])
}

/// The first version without a fact that holds for this chart version.
fn until(fact: Setting, draft: &Draft) -> Option<Version> {
    let version = draft.chart.version();
    chart::setting_intervals(fact, draft.topology)
        .into_iter()
        .find_map(|(_, until)| until.filter(|until| until > version))
}

/// The label of a node with its architecture.
pub(super) const ARCHITECTURE: &str = "kubernetes.io/arch";

/// Refuses arm64 if an image of this chart version exists for amd64 only.
pub(super) fn has_images_for_arm64(intent: &Intent, draft: &Draft) -> Result<(), Refusal> {
    let used = |image: &str| match image {
        "image" => true,
        "sentinel.image" => draft.topology == Topology::Sentinel,
        "metrics.image" => metrics::is_on(intent),
        _ => false,
    };
    let is_pinned = |name: &str| intent.digests.iter().flatten().any(|digest| digest.image == name);
    let images = draft.chart.images();
    let amd64_only = images.iter().find(|image| {
        used(&image.path)
            && !is_pinned(image.name())
            && draft.chart.is_amd64_only(&image.path, &image.tag) == Some(true)
    });
    let Some(image) = amd64_only else { return Ok(()) };
    let since = until(Setting::Amd64Only, draft);
    let advice =
        since.as_ref().map(|since| format!("; chart {since} or later has images for arm64")).unwrap_or_default();
    let reason = format!("`{}:{}` is built for amd64 only{advice}", image.repository, image.tag);
    Err(Refusal { since, ..Refusal::new(&[Field::Arch], reason) })
}
