//! `redisgen completions`: a script for a shell, which asks redisgen for the words that fit.
//!
//! The script asks when the user presses the key. So it knows the profiles of the project and the imported charts of
//! today, and no word of it is out of date after an upgrade.

use std::{env, ffi::OsString, io::Write};

use clap::{Arg, Command};
use clap_complete::{
    CompleteEnv,
    engine::{ArgValueCandidates, CompletionCandidate},
    env::Shells,
};

use super::context::ExitStatus;
use super::{chart::store, profiles::Folders};
use crate::{chart, lint::rules, profile::Source as _};

/// The variable by which the script of a shell asks.
const ASKED: &str = "REDISGEN_COMPLETE";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Shell for the completions
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Prints the script for a shell.
///
/// # Errors
///
/// Standard output cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    if let Some(shell) = Shells::builtins().completer(&args.shell.to_string()) {
        shell.write_registration(ASKED, "redisgen", "redisgen", "redisgen", out)?;
    }
    Ok(ExitStatus::Success)
}

/// Whether the script of a shell asks for words.
pub fn is_asked() -> bool {
    env::var_os(ASKED).is_some()
}

/// Answers the script of a shell: prints the words that fit to standard output.
///
/// # Errors
///
/// The question is not one of a known shell, or standard output cannot be written.
pub fn answer(args: Vec<OsString>, plain: impl Fn() -> Command) -> clap::error::Result<()> {
    let here = env::current_dir().ok();
    CompleteEnv::with_factory(|| with_words(plain())).var(ASKED).try_complete(args, here.as_deref()).map(drop)
}

/// The command line, with what is known of the values of its options.
fn with_words(command: Command) -> Command {
    command.mut_subcommands(|sub| {
        let name = sub.get_name().to_owned();
        with_words(sub.mut_args(|arg| with_candidates(&name, arg)))
    })
}

fn with_candidates(command: &str, arg: Arg) -> Arg {
    let candidates: fn() -> Vec<CompletionCandidate> = match (command, arg.get_id().as_str()) {
        (_, "profiles") | ("show", "names") => profiles,
        (_, "chart_version") | ("diff" | "migrate", "from" | "to") | ("list", "wanted") => versions,
        ("remove", "versions") => imported,
        ("lint", "select" | "ignore") => rules_and_groups,
        ("explain", "what") => rules_and_keys,
        ("diff", "only" | "ignore") => keys,
        (_, "set" | "set_string") => assignments,
        _ => return arg,
    };
    arg.add(ArgValueCandidates::new(candidates))
}

fn words(words: impl IntoIterator<Item = String>) -> Vec<CompletionCandidate> {
    // The order is that of the list, not that of the alphabet.
    let numbered = words.into_iter().enumerate();
    numbered.map(|(at, word)| CompletionCandidate::new(word).display_order(Some(at))).collect()
}

fn profiles() -> Vec<CompletionCandidate> {
    Folders::nearest_first(&[]).map(|folders| words(folders.names())).unwrap_or_default()
}

/// The newest first.
fn versions() -> Vec<CompletionCandidate> {
    let mut known: Vec<_> = chart::version_numbers().chain(store::versions().unwrap_or_default()).collect();
    known.sort();
    known.dedup();
    words(known.iter().rev().map(ToString::to_string))
}

fn imported() -> Vec<CompletionCandidate> {
    words(store::versions().unwrap_or_default().iter().map(ToString::to_string))
}

fn rules_and_groups() -> Vec<CompletionCandidate> {
    let mut groups: Vec<String> = rules::all().iter().map(|rule| rule.group.to_string()).collect();
    groups.sort();
    groups.dedup();
    words(groups.into_iter().chain(rules::all().iter().map(|rule| rule.id.to_owned())))
}

fn rules_and_keys() -> Vec<CompletionCandidate> {
    words(rules::all().iter().map(|rule| rule.id.to_owned()).chain(chart::key_paths().into_iter().map(str::to_owned)))
}

fn keys() -> Vec<CompletionCandidate> {
    words(chart::key_paths().into_iter().map(str::to_owned))
}

fn assignments() -> Vec<CompletionCandidate> {
    words(chart::key_paths().into_iter().map(|path| format!("{path}=")))
}
