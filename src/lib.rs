//! redisgen: Helm values for the Bitnami `redis` chart, true for the exact chart version.
//!
//! What the person *wants* ([`intent`], from flags and [`profile`]s) is settled into a [`plan`], said in the words of
//! one [`chart`] version ([`values`]), and written as [`yaml`]. [`helm`] is the command that installs it, [`text`]
//! what stands around both. What the person *has* is found in a text ([`source`]), read as [`yaml`], taken as its chart
//! takes it ([`effective`]), and judged by [`lint`], as the project's [`config`]
//! wants it, compared by [`diff`], or carried to another version by [`migrate`]; [`report`] shows it. [`mirror`] lists
//! the images that it pulls.
//! [`explain`] tells the life of a key, and [`measure`] finds which keys a chart reads by rendering it. [`redact`] alone
//! knows what a secret is, [`encryption`] which files and values
//! are encrypted.

#![forbid(unsafe_code)]

pub mod chart;
pub mod cli;
pub mod cloud;
pub mod commands;
pub mod config;
pub mod diff;
pub mod effective;
pub mod encryption;
mod escape;
pub mod explain;
mod fold;
pub mod helm;
pub mod intent;
mod kubernetes;
pub mod lint;
pub mod measure;
pub mod migrate;
pub mod mirror;
pub mod plan;
pub mod profile;
pub mod redact;
pub mod report;
pub mod shell;
pub mod source;
mod suggest;
mod table;
pub mod templates;
pub mod values;
pub mod yaml;
