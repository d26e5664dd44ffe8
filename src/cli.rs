//! The command line: the list of subcommands, and what a run ends with.

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{
    commands::{
        self,
        context::{ExitStatus, Streams},
    },
    redact,
};

#[cfg(unix)]
pub use stdout::look_at_stdout;

mod stdout;
mod usage;

/// Helm values for the Bitnami `redis` chart, true for the exact chart version
#[derive(Debug, Parser)]
#[command(name = "redisgen", version, max_term_width = 110, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    task: Task,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true)]
    quiet: bool,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Write a values file for what is wanted
    Values(Box<commands::values::Args>),
    /// Print the helm commands that install what is wanted
    Command(Box<commands::command::Args>),
    /// List, show and describe profiles
    Profiles(commands::profiles::Args),
    /// List the images that a release pulls, or print the commands that copy them
    Images(Box<commands::images::Args>),
    /// Judge values files: what the chart will make of what is written
    Lint(Box<commands::lint::Args>),
    /// Compare values files: what a change of the values will do
    Diff(Box<commands::diff::Args>),
    /// Carry a values file to another chart version, with its meaning and its comments
    Migrate(Box<commands::migrate::Args>),
    /// Say what a rule finds, or what the life of a key of the chart is
    Explain(commands::explain::Args),
    /// List the rules that values files are judged by
    Rules(commands::rules::Args),
    /// List the chart versions that are known, and teach it others
    Chart(commands::chart::Args),
    /// Print a completion script for a shell
    Completions(commands::completions::Args),
    /// Print a manual page: that of a command, or that of redisgen
    #[command(hide = true)]
    Man(commands::completions::ManArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// The whole command line, with the opposites of switches told of in its help.
pub fn command() -> clap::Command {
    commands::wishes::tell_opposites(Cli::command())
}

/// Parses, runs, prints the error.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let given: Vec<_> = args.into_iter().collect();
    let argv: Vec<String> = given.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let args = commands::wishes::spell_out_opposites(given);
    let parsed = command().try_get_matches_from(&args).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            match usage::told(&error, &args, &command(), &commands::wishes::switches().collect::<Vec<_>>()) {
                Some(told) => complain(&told, &argv),
                None if error.use_stderr() => drop(error.print()),
                // Help, or the version.
                None => {
                    let printed = stdout::is_open().and_then(|()| error.print()).and_then(|()| io::stdout().flush());
                    return finish(printed.map(|()| ExitStatus::Success).map_err(Into::into), &argv);
                }
            }
            return ExitStatus::Failure.into();
        }
    };
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::AlwaysAnsi.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let mut talk: Box<dyn Write> =
        if cli.quiet { Box::new(io::sink()) } else { Box::new(io::LineWriter::new(anstream::stderr())) };
    let mut out = io::BufWriter::new(stdout::Checked(anstream::stdout()));
    let done = cli.task.run(&mut Streams { out: &mut out, err: &mut *talk, argv: argv.clone() }).and_then(|status| {
        out.flush()?;
        Ok(status)
    });
    finish(done, &argv)
}

/// The exit code of the run that `argv` asked for; prints the error.
fn finish(done: anyhow::Result<ExitStatus>, argv: &[String]) -> ExitCode {
    match done {
        // A reader that has gone away has read enough.
        Ok(status) => status.into(),
        Err(error) if broken_pipe(&error) => ExitStatus::Success.into(),
        Err(error) => {
            let bare = error.downcast_ref::<io::Error>().filter(|_| error.chain().count() == 1);
            let message = match bare {
                // Nothing but the streams fails without a word about what it was.
                Some(bare) => format!("cannot write to standard output: {}", commands::files::told(bare)),
                None => format!("{error:#}"),
            };
            complain(&message, argv);
            ExitStatus::Failure.into()
        }
    }
}

/// Prints an error about the command line `argv`, without its secrets.
fn complain(message: &str, argv: &[String]) {
    let message = redact::message(message, argv);
    drop(writeln!(anstream::stderr(), "{} {message}", commands::style::error("error:")));
}

fn broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

impl Task {
    fn run(self, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
        match self {
            Self::Values(args) => commands::values::run(*args, streams),
            Self::Command(args) => commands::command::run(*args, streams),
            Self::Profiles(args) => commands::profiles::run(&args, streams.out),
            Self::Images(args) => commands::images::run(*args, streams),
            Self::Lint(args) => commands::lint::run(*args, streams),
            Self::Diff(args) => commands::diff::run(*args, streams),
            Self::Migrate(args) => commands::migrate::run(*args, streams),
            Self::Explain(args) => commands::explain::run(&args, streams).map(|()| ExitStatus::Success),
            Self::Rules(args) => commands::rules::run(&args, streams.out).map(|()| ExitStatus::Success),
            Self::Chart(args) => commands::chart::run(args, streams),
            Self::Completions(args) => commands::completions::run(&args, command(), streams.out),
            Self::Man(args) => commands::completions::man(&args, command(), streams.out),
        }
    }
}
