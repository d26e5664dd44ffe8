//! Everything that the standard harness can run. A module is a subject: `cargo test --test it MODULE::` runs one, and
//! `tests/README.md` describes each module.

mod advice_laws;
mod allocations;
mod catalogue_rows;
mod chart_import;
mod cli;
mod completions;
mod diff_command;
mod diff_laws;
mod diff_oracle;
mod docs;
mod encrypted_files;
mod environment;
mod fix_laws;
mod hostile;
mod layers;
mod lint_corpus;
mod lint_defaults;
mod lint_files;
mod lint_laws;
mod lint_oracle;
mod lint_silence;
mod man;
mod measure;
mod migrate;
mod migrate_command;
mod migrate_law;
mod plan_laws;
mod plan_live;
mod profile_laws;
mod releases;
mod reports;
mod rules;
mod secrets;
#[cfg(target_os = "linux")]
mod strange_servers;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
mod told_laws;
