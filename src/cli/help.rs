//! The help of commands: their options, with examples and exit codes. A long list of options is shown only once.

use clap::{Arg, Command};

use crate::{
    commands::{
        options,
        pages::{self, Page},
    },
    table::{Table, table},
};

/// Options of `values` that the help of other commands lists too.
const SHARED: [&str; 4] = ["profile", "chart-version", "release", "namespace"];

/// Commands that take the options of `values`.
const TAKE_VALUES_OPTIONS: [&str; 4] = ["command", "diff", "images", "plan"];

/// The command line as its help shows it.
pub(super) fn command(plain: Command) -> Command {
    let of_values: Vec<String> = options(&plain, "values");
    let command = options::tell_opposites(plain);
    let command = command.mut_subcommands(|sub| {
        let sub = match sub.get_name() {
            "values" => short(sub),
            name if TAKE_VALUES_OPTIONS.contains(&name) => without(sub, &of_values),
            _ => sub,
        };
        let name = sub.get_name().to_owned();
        with_page(sub, &name).mut_subcommands(|inner| {
            let name = format!("{name} {}", inner.get_name());
            with_page(inner, &name)
        })
    });
    // One line is enough for the few values.
    let command = command.mut_arg("color", |arg| arg.help("auto, always, never").hide_possible_values(true));
    command.after_help("`redisgen COMMAND --help` shows the options and examples of a command.")
}

/// The long names of the options that a command has in groups other than its output.
fn options(command: &Command, name: &str) -> Vec<String> {
    let args = command.find_subcommand(name).into_iter().flat_map(Command::get_arguments);
    let args = args.filter(|arg| arg.get_help_heading().is_some_and(|heading| heading != "Output"));
    args.filter_map(Arg::get_long).map(str::to_owned).collect()
}

/// Hides most options of `values` in the help of another command.
fn without(command: Command, of_values: &[String]) -> Command {
    command.mut_args(|arg| {
        let is_of_values = arg.get_long().is_some_and(|long| of_values.iter().any(|known| known == long));
        let is_shared = arg.get_long().is_some_and(|long| SHARED.contains(&long));
        if is_of_values && !is_shared { arg.hide(true) } else { arg }
    })
}

const SHORT_HELP: Table<2> = table!("src/cli/short_help.tsv", ["option", "line"]);

/// Shortens the help of common options to one line.
fn short(command: Command) -> Command {
    command.mut_args(|arg| {
        let row = arg.get_long().and_then(|long| SHORT_HELP.row(long));
        let Some([_, line]) = row else { return arg.hide_short_help(true) };
        let mut whole = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
        let values: Vec<String> = match arg.get_action().takes_values() {
            true => arg.get_possible_values().iter().filter(|value| !value.is_hide_set()).map(possible).collect(),
            false => Vec::new(),
        };
        if !values.is_empty() && !arg.is_hide_possible_values_set() {
            whole += &format!("\n\nPossible values:\n{}", values.join("\n"));
        }
        let arg = arg.help(line.to_owned()).long_help(whole);
        if values.is_empty() { arg } else { arg.hide_possible_values(true) }
    })
}

fn possible(value: &clap::builder::PossibleValue) -> String {
    match value.get_help() {
        Some(help) => format!("- {}: {help}", value.get_name()),
        None => format!("- {}", value.get_name()),
    }
}

/// Adds the examples and exit codes of its page to a command.
fn with_page(command: Command, name: &str) -> Command {
    let Some(page) = pages::page(name) else { return command };
    let more = match name {
        "values" => "`--no-OPTION` turns an option with [=<BOOL>] off. `redisgen values --help` shows all options.",
        _ => "",
    };
    let pointer = match TAKE_VALUES_OPTIONS.contains(&name) {
        true => "The options of `redisgen values` select the values here too: see `redisgen values --help`.",
        false => "",
    };
    let short: Vec<&str> = [more, pointer].into_iter().filter(|text| !text.is_empty()).collect();
    let long: Vec<String> =
        [pointer.to_owned(), examples(page), codes(page)].into_iter().filter(|text| !text.is_empty()).collect();
    command.after_help(short.join("\n")).after_long_help(long.join("\n\n"))
}

fn examples(page: &Page) -> String {
    let examples = page.examples.iter().map(|(what, line)| format!("\n  # {what}\n  {line}"));
    format!("Examples:{}", examples.collect::<String>())
}

fn codes(page: &Page) -> String {
    let codes = pages::exit_codes(page);
    format!("Exit codes:{}", codes.iter().map(|(code, what)| format!("\n  {code}  {what}")).collect::<String>())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn each_row_of_the_short_help_is_an_option() {
        let mut plain = super::super::Cli::command();
        plain.build();
        let values = plain.find_subcommand("values").unwrap();
        for [long, line] in SHORT_HELP.rows() {
            let is_known = values.get_arguments().any(|arg| arg.get_long() == Some(long));
            assert!(is_known, "{long}");
            assert!(line.len() < 50, "{line}");
        }
    }

    #[test]
    fn each_command_has_a_page_and_its_examples_are_right() {
        let mut plain = super::super::Cli::command();
        plain.build();
        let mut names = Vec::new();
        for sub in plain.get_subcommands().filter(|sub| !["help", "man"].contains(&sub.get_name())) {
            names.push(sub.get_name().to_owned());
            let inner = sub.get_subcommands().filter(|inner| inner.get_name() != "help");
            names.extend(inner.map(|inner| format!("{} {}", sub.get_name(), inner.get_name())));
        }
        let pages: Vec<_> = pages::PAGES.iter().map(|page| page.command).collect();
        assert_eq!(names, pages);
        for (_, line) in pages::PAGES.iter().flat_map(|page| page.examples) {
            let line = line.trim_start_matches("source <(").trim_end_matches(" | source").trim_end_matches(')');
            let words = shlex::split(line).unwrap();
            if let Err(error) = super::super::Cli::command().try_get_matches_from(words) {
                panic!("{line}: {error}");
            }
        }
    }
}
