//! The Redis version that a release runs.

use super::Subject;
use crate::{
    effective::images::ImageSource,
    redis::{Running, directives::Program},
};

/// The version of the image of this program. A moving tag is the version of the day when the chart was published, or a
/// newer one.
pub(super) fn running(subject: &Subject, program: Program) -> Running {
    let path = match program {
        Program::Redis => "image",
        Program::Sentinel => "sentinel.image",
    };
    let Some(pulled) = subject.pulled().iter().find(|pulled| pulled.image.path == path) else {
        return Running::Unknown;
    };
    if let Some(version) = pulled.redis() {
        return Running::Exactly(version);
    }
    let is_charts = pulled.repository == pulled.image.repository || pulled.from == ImageSource::Mirror;
    match subject.chart.app_version().parse() {
        Ok(version) if is_charts && pulled.is_moving() => Running::AtLeast(version),
        _ => Running::Unknown,
    }
}
