//! redisgen: Helm values for the Bitnami `redis` chart, true for the exact chart version.

pub mod chart;
pub mod commands;
pub mod yaml;
