//! The command line with only the command that is called.
//!
//! clap takes longer to build the options of all commands than most commands take to run. What this parser accepts, the
//! parser of all commands accepts alike. What it refuses must go to the parser of all commands, which alone knows the
//! other commands, the help and near misses.

use std::ffi::OsString;

use clap::{Args as _, Command};

use super::Shared;
use crate::commands;

/// Adds the arguments of a command.
type Augment = fn(Command) -> Command;

/// The name of each command, and its arguments.
const COMMANDS: [(&str, Augment); 15] = [
    ("values", commands::values::Args::augment_args),
    ("command", commands::command::Args::augment_args),
    ("profiles", commands::profiles::Args::augment_args),
    ("plan", commands::plan::Args::augment_args),
    ("images", commands::images::Args::augment_args),
    ("releases", commands::releases::Args::augment_args),
    ("lint", commands::lint::Args::augment_args),
    ("diff", commands::diff::Args::augment_args),
    ("migrate", commands::migrate::Args::augment_args),
    ("verify", commands::verify::Args::augment_args),
    ("explain", commands::explain::Args::augment_args),
    ("rules", commands::rules::Args::augment_args),
    ("chart", commands::chart::Args::augment_args),
    ("completions", commands::completions::Args::augment_args),
    ("man", commands::man::Args::augment_args),
];

/// The command line with the first word of `args` that is a command. Another command is an error for the parser, and so is
/// a word that is in truth the value of an option: after such an error, the caller asks the parser of all commands.
pub(super) fn command(args: &[OsString]) -> Command {
    let called = args.iter().skip(1).find_map(|word| COMMANDS.iter().find(|(name, _)| word == name));
    let program = Shared::augment_args(Command::new("redisgen").version(env!("CARGO_PKG_VERSION")));
    match called {
        Some((name, with_arguments)) => program.subcommand(with_arguments(Command::new(*name))),
        None => program.subcommand_required(true),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn each_command_alone_has_the_arguments_that_it_has_among_all() {
        let mut all = Cli::command();
        all.build();
        let names: Vec<_> = all.get_subcommands().map(Command::get_name).filter(|name| *name != "help").collect();
        assert_eq!(names, COMMANDS.map(|(name, _)| name));
        for name in names {
            let mut alone = command(&["redisgen".into(), name.into()]);
            alone.build();
            let arguments = |command: &Command| arguments(command.find_subcommand(name).unwrap());
            assert_eq!(arguments(&alone), arguments(&all), "{name}");
        }
    }

    /// All arguments of a command and of the commands below it, with everything that clap knows of them but their order in
    /// the help.
    fn arguments(command: &Command) -> Vec<String> {
        let own = command.get_arguments().map(|arg| format!("{:?}", arg.clone().display_order(0)));
        let groups = command.get_groups().map(|group| format!("{group:?}"));
        let below = command.get_subcommands().filter(|sub| sub.get_name() != "help");
        own.chain(groups).chain(below.flat_map(arguments)).collect()
    }

    #[test]
    fn the_first_command_is_the_called_one() {
        let called = |line: &str| {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            command(&args).get_subcommands().map(|sub| sub.get_name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(called("redisgen lint values"), ["lint"]);
        assert_eq!(called("redisgen --color never lint values.yaml"), ["lint"]);
        assert!(called("redisgen --version").is_empty());
        assert!(called("redisgen lnt file").is_empty());
    }
}
