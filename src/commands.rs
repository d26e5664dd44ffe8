//! One file per subcommand: its arguments, its input and output, and one call of the core.

mod advice;
pub mod chart;
pub mod cluster;
pub mod command;
pub mod completions;
pub mod context;
pub mod diff;
pub mod explain;
pub mod files;
pub mod images;
pub mod lint;
mod loaded_file;
pub mod man;
pub mod migrate;
pub mod options;
mod pager;
pub mod pages;
pub mod plan;
mod process;
pub mod profiles;
mod progress;
mod release_input;
pub mod releases;
pub mod rules;
pub mod sources;
pub mod style;
mod table;
pub mod talk;
pub mod terminal;
mod threads;
mod value_tree;
pub mod values;
pub mod verify;

use std::{io::Write, path::PathBuf};

use terminal::Terminal;

/// Output formats of commands for people and programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}

/// Where a command writes what it would print.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct OutputFile {
    /// Write the output to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
}

impl OutputFile {
    /// Writes the output to the file, or shows it on standard output.
    ///
    /// # Errors
    ///
    /// The file, or standard output, cannot be written.
    fn put(&self, text: &str, terminal: &Terminal, out: &mut dyn Write) -> anyhow::Result<()> {
        match self.output_file.as_deref().filter(|file| !files::is_standard(file)) {
            Some(file) => files::write_product(Some(file), text, false, out),
            None => terminal.show(text, out),
        }
    }

    /// Whether the output goes to a file, and not to standard output.
    fn is_file(&self) -> bool {
        self.output_file.as_deref().is_some_and(|file| !files::is_standard(file))
    }

    /// Columns of the terminal that shows the output; none for a file.
    fn width(&self, terminal: &Terminal) -> Option<usize> {
        terminal.width().filter(|_| self.output_file.is_none())
    }
}

/// The variable of the environment for `--helm`.
const HELM: &str = "REDISGEN_HELM";
