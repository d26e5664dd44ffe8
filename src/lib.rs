//! redisgen: Helm values for the Bitnami `redis` chart, true for the exact chart version.
//!
//! What the person *wants* ([`intent`], from flags and profiles) is settled into a [`plan`], said in the words of
//! one [`chart`] version ([`values`]), and written as [`yaml`].

pub mod chart;
pub mod cli;
pub mod cloud;
pub mod commands;
pub mod intent;
pub mod plan;
pub mod values;
pub mod yaml;
