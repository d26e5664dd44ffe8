//! redisgen: Helm values for the Bitnami `redis` chart, true for the exact chart version.

pub mod helm;
mod line;
pub mod shell;
pub mod text;
pub mod yaml;
