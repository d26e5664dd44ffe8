//! redisgen: Helm values for the Bitnami `redis` chart, true for the exact chart version.

pub mod chart;
pub mod cloud;
pub mod commands;
pub mod intent;
pub mod profile;
pub mod yaml;
