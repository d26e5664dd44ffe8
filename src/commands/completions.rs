//! `redisgen completions` and the manual page.

use std::io::Write;

use anyhow::bail;

use super::context::ExitStatus;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Shell to complete in
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub fn run(args: &Args, mut command: clap::Command, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    // The generator panics when its writer fails; memory does not.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "redisgen", &mut script);
    out.write_all(&script)?;
    Ok(ExitStatus::Success)
}

#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Command that the page is of
    command: Option<String>,
}

pub fn man(args: &ManArgs, mut command: clap::Command, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    command.build();
    let page = match &args.command {
        None => command,
        Some(name) => match command.find_subcommand(name) {
            Some(found) => found.clone(),
            None => bail!("found `{name}`, which is no command of `redisgen`: `redisgen --help` shows all commands"),
        },
    };
    clap_mangen::Man::new(page).render(&mut &mut *out)?;
    Ok(ExitStatus::Success)
}
