//! When a value that the chart generates changes: at which renders of the release.

use super::{Severity, Subject};
use crate::source::Delivery;

/// When a generated value changes, and how severe that is. `None` if it stays the same.
///
/// `is_kept` is whether the chart version looks up the value that it generated before. Only a render with access to the
/// cluster can do that.
pub(super) fn changes(subject: &Subject, is_kept: bool) -> Option<(&'static str, Severity)> {
    match (subject.origin.delivery, is_kept) {
        (Delivery::ArgoCd, _) => Some(("each time Argo CD renders it", Severity::Error)),
        (Delivery::Flux, false) => Some(("at each upgrade by Flux", Severity::Error)),
        (Delivery::Helm | Delivery::Helmfile, false) => Some(("at each upgrade", Severity::Info)),
        (Delivery::Helmfile | Delivery::Flux, true) => None,
        // Any tool may install a values file.
        (Delivery::Helm, true) => {
            Some(("with `helm template`, Argo CD and other renders outside the cluster", Severity::Info))
        }
    }
}
