//! `redisgen man`: the manual page of a command, or of redisgen.

use std::io::Write;

use anyhow::bail;
use clap_mangen::roff::{Roff, bold, roman};

use super::pages::{self, VARIABLES};
use crate::commands::context::ExitStatus;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Command whose page is printed, as `lint` or `chart import`; without it the page of redisgen
    command: Vec<String>,
}

/// Prints the page of one of the commands of `all`.
///
/// # Errors
///
/// When the command does not exist, or standard output is not writable.
pub fn run(args: &Args, mut all: clap::Command, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    all.build();
    let mut command = &all;
    for name in &args.command {
        command = match command.find_subcommand(name) {
            Some(inner) => inner,
            None => bail!("unknown command `{name}`: `redisgen --help` shows all commands"),
        };
    }
    let page = pages::page(&args.command.join(" "));
    let man = clap_mangen::Man::new(command.clone()).source(concat!("redisgen ", env!("CARGO_PKG_VERSION")));
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if command.has_subcommands() {
        man.render_subcommands_section(out)?;
    }
    let mut more = Roff::new();
    if let Some(page) = page {
        section(&mut more, "EXIT STATUS", pages::exit_codes(page));
        section(&mut more, "FILES", page.files.iter().copied());
    }
    let of_options = command.get_arguments().filter_map(|arg| {
        let (variable, long) = (arg.get_env()?.to_str()?, arg.get_long()?);
        Some((variable.to_owned(), format!("The value of `--{long}`, where the option is not given.")))
    });
    let others = VARIABLES.iter().map(|(name, what)| ((*name).to_owned(), (*what).to_owned()));
    let variables: Vec<(String, String)> = of_options.chain(others).collect();
    section(&mut more, "ENVIRONMENT", variables.iter().map(|(name, what)| (name.as_str(), what.as_str())));
    if let Some(page) = page {
        more.control("SH", ["EXAMPLES"]);
        for (what, line) in page.examples {
            more.control("PP", []);
            more.text([roman(format!("{what}:"))]);
            more.control("PP", []);
            more.control("RS", ["4"]);
            more.control("nf", []);
            more.text([roman(*line)]);
            more.control("fi", []);
            more.control("RE", []);
        }
    }
    more.control("SH", ["SEE ALSO"]);
    let others: Vec<String> = all
        .get_subcommands()
        .filter(|sub| !["help", "man"].contains(&sub.get_name()))
        .map(|sub| format!("redisgen-{}(1)", sub.get_name()))
        .collect();
    more.text([roman(format!("redisgen(1), {}", others.join(", ")))]);
    more.to_writer(out)?;
    Ok(ExitStatus::Success)
}

fn section<'a>(page: &mut Roff, title: &str, rows: impl IntoIterator<Item = (&'a str, &'a str)>) {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return;
    }
    page.control("SH", [title]);
    for (name, what) in rows {
        page.control("TP", []);
        page.text([bold(name)]);
        page.text([roman(what)]);
    }
}
