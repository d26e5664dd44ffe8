//! The command line: the list of subcommands, and the exit code of a run.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Write},
    process::ExitCode,
};

use clap::{
    Args, CommandFactory, FromArgMatches, Parser, Subcommand,
    builder::{BoolishValueParser, Resettable},
    error::ErrorKind,
};

use crate::{
    commands::{
        self,
        context::{ExitStatus, Streams},
        talk::Talk,
        terminal::Terminal,
    },
    redact,
};

#[cfg(unix)]
pub use stdout::look_at_stdout;

mod help;
mod one;
mod stdout;
mod usage;

/// Prefix of the environment variables of redisgen.
const OURS: &str = "REDISGEN_";

/// Helm values for the Bitnami `redis` chart that match the exact chart version
#[derive(Debug, Parser)]
#[command(name = "redisgen", version, max_term_width = 110, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    task: Task,
    #[command(flatten)]
    shared: Shared,
}

/// The options that each command takes.
#[derive(Debug, Args)]
#[group(skip)]
struct Shared {
    /// Print only errors on stderr
    #[arg(long, short, global = true, env = "REDISGEN_QUIET", hide_env_values = true, value_parser = BoolishValueParser::new())]
    quiet: bool,
    /// When to use colors
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto, env = "REDISGEN_COLOR", hide_env_values = true)]
    color: Color,
    /// Print long reports to the terminal without a pager
    #[arg(long, global = true)]
    no_pager: bool,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Generate a values file from options
    Values(Box<commands::values::Args>),
    /// Print the helm commands that install a release
    Command(Box<commands::command::Args>),
    /// List and show profiles: named sets of options
    Profiles(commands::profiles::Args),
    /// Show what a release will be, before the install
    Plan(Box<commands::plan::Args>),
    /// List the images that a release pulls, or print the commands that copy them
    Images(Box<commands::images::Args>),
    /// List the releases of the chart in a repository
    Releases(commands::releases::Args),
    /// Check values files against the chart
    Lint(Box<commands::lint::Args>),
    /// Compare values files, and show the impact of each change
    Diff(Box<commands::diff::Args>),
    /// Migrate a values file to another chart version, and keep its meaning and comments
    Migrate(Box<commands::migrate::Args>),
    /// Check an installed release: its servers, passwords, replication, Sentinels and configuration
    Verify(Box<commands::verify::Args>),
    /// Explain a rule, or the history of a key of the chart
    Explain(commands::explain::Args),
    /// List the rules of `lint`
    Rules(commands::rules::Args),
    /// List the known chart versions, and import others
    Chart(commands::chart::Args),
    /// Print a completion script for a shell
    Completions(commands::completions::Args),
    /// Print the manual page of a command, or that of redisgen
    Man(commands::man::Args),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// The whole command line, with the opposites of switches in its help.
pub fn command() -> clap::Command {
    commands::options::tell_opposites(Cli::command())
}

/// A command line for the parser. An empty environment variable counts as unset.
fn plain(command: clap::Command) -> clap::Command {
    let is_empty = |(name, value): (OsString, OsString)| value.is_empty() && name.to_string_lossy().starts_with(OURS);
    match env::vars_os().any(is_empty) {
        true => without_empty_variables(command),
        false => command,
    }
}

fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
    let command = command.mut_args(|arg| match arg.get_env().is_some_and(is_empty) {
        true => arg.env(Resettable::Reset),
        false => arg,
    });
    command.mut_subcommands(without_empty_variables)
}

/// Replaces the help of clap by the full help, which is built only on request.
fn with_help(error: clap::Error, args: &[OsString]) -> clap::Error {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            help::command(plain(Cli::command())).try_get_matches_from(args).err().unwrap_or(error)
        }
        _ => error,
    }
}

/// Parses the arguments. Only what the small parser of one command refuses needs the whole command line, which is slow to
/// build and knows the errors and the help.
fn parse(args: &[OsString]) -> clap::error::Result<Cli> {
    let matches = match plain(one::command(args)).try_get_matches_from(args) {
        Err(error) if error.kind() != ErrorKind::DisplayVersion => plain(Cli::command()).try_get_matches_from(args),
        parsed => parsed,
    };
    matches.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(|error| with_help(error, args))
}

/// Parses the arguments, runs the command, and prints its error.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let given: Vec<_> = args.into_iter().collect();
    let argv: Vec<String> = given.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let args = commands::options::spell_out_opposites(given);
    if commands::completions::is_asked() {
        let answered = commands::completions::answer(args, Cli::command);
        return finish(answered.map(|()| ExitStatus::Success).map_err(Into::into), &argv);
    }
    let Cli { task, shared } = match parse(&args) {
        Ok(cli) => cli,
        Err(error) => {
            match usage::message(&error, &args) {
                Some(message) => complain(&message, &argv),
                None if error.use_stderr() => drop(error.print()),
                // Help or the version is printed.
                None => {
                    let printed = stdout::is_open().and_then(|()| error.print()).and_then(|()| io::stdout().flush());
                    return finish(printed.map(|()| ExitStatus::Success).map_err(Into::into), &argv);
                }
            }
            return ExitStatus::Failure.into();
        }
    };
    match shared.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::AlwaysAnsi.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let terminal = Terminal::detect(shared.no_pager, shared.quiet);
    let to: Box<dyn Write> = if shared.quiet { Box::new(io::sink()) } else { Box::new(anstream::stderr()) };
    let mut talk = Talk::new(to, terminal.error_width());
    let mut out = io::BufWriter::new(stdout::Checked(stdout::stream()));
    let mut streams = Streams { out: &mut out, err: &mut talk, terminal, argv: argv.clone() };
    let done = task.run(&mut streams).and_then(|status| {
        out.flush()?;
        Ok(status)
    });
    drop(talk);
    finish(done, &argv)
}

/// The exit code of a run with the arguments `argv`. Prints its error.
fn finish(done: anyhow::Result<ExitStatus>, argv: &[String]) -> ExitCode {
    match done {
        // A closed pipe is not an error, because its reader has read enough.
        Ok(status) => status.into(),
        Err(error) if broken_pipe(&error) => ExitStatus::Success.into(),
        Err(error) => {
            let bare = error.downcast_ref::<io::Error>().filter(|_| error.chain().count() == 1);
            let message = match bare {
                // Only the streams return an error without a context.
                Some(bare) => format!("cannot write to standard output: {}", commands::files::describe_io_error(bare)),
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
    let mut talk = Talk::new(Box::new(anstream::stderr()), Terminal::detect(true, true).error_width());
    drop(writeln!(talk, "{} {message}", commands::style::error("error:")));
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
            Self::Profiles(args) => commands::profiles::run(&args, streams),
            Self::Plan(args) => commands::plan::run(*args, streams),
            Self::Images(args) => commands::images::run(*args, streams),
            Self::Lint(args) => commands::lint::run(*args, streams),
            Self::Diff(args) => commands::diff::run(*args, streams),
            Self::Migrate(args) => commands::migrate::run(*args, streams),
            Self::Verify(args) => commands::verify::run(*args, streams),
            Self::Explain(args) => commands::explain::run(&args, streams).map(|()| ExitStatus::Success),
            Self::Releases(args) => commands::releases::run(args, streams),
            Self::Rules(args) => commands::rules::run(&args, streams).map(|()| ExitStatus::Success),
            Self::Chart(args) => commands::chart::run(args, streams),
            Self::Completions(args) => commands::completions::run(&args, streams.out),
            Self::Man(args) => commands::man::run(&args, command(), streams.out),
        }
    }
}
