//! `redisgen completions` and the manual page.

use std::io::Write;

use crate::cli::{self, ExitStatus};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Shell to complete in
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    // The generator panics when its writer fails; memory does not.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(), "redisgen", &mut script);
    out.write_all(&script)?;
    Ok(ExitStatus::Success)
}

pub fn man(out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    clap_mangen::Man::new(cli::command()).render(&mut &mut *out)?;
    Ok(ExitStatus::Success)
}
