//! redisgen: Helm values for the Bitnami `redis` chart that match the exact chart version.
//!
//! - New values: options ([`intent`]) come from flags and [`profile`]s. A [`plan`] decides them for one [`chart`] version,
//!   with the facts about load balancers in [`cloud`]. [`values`] expresses the plan in the keys of the chart, [`templates`]
//!   writes the file, and [`helm`] is the command that installs it.
//! - Existing values: [`source`] finds the values in a text and the releases in a repository, [`yaml`] reads and edits
//!   them, and [`effective`] merges them with the defaults of the chart. [`lint`] checks the values with the [`config`] of
//!   the project, [`diff`] compares them, [`migrate`] moves them to another chart version, and [`mirror`] lists their
//!   images. [`report`] formats the results.
//! - Releases before the install: [`objects`] are what a chart version makes of the values, [`overview`] has who reaches
//!   them and what fails when, and [`preflight`] has what a cluster must have for them.
//! - Installed releases: [`verify`] asks the servers of a release, and compares their answers with the values.
//! - Facts: [`redis`] has what Redis servers accept, [`explain`] shows the history of a key, and [`measure`] finds the keys
//!   that a chart reads.
//! - Secrets: only [`redact`] decides what is secret, and only [`encryption`] detects encrypted files and values.
//!
//! Only [`commands`] and [`cli`] read and write files, streams and the environment.

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
mod lazy;
pub mod lint;
pub mod measure;
pub mod migrate;
pub mod mirror;
pub mod objects;
pub mod overview;
mod placeholder;
pub mod plan;
pub mod preflight;
pub mod profile;
pub mod redact;
pub mod redis;
pub mod report;
pub mod shell;
pub mod source;
mod suggest;
mod table;
pub mod templates;
pub mod values;
pub mod verify;
pub mod yaml;
