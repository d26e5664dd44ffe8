//! Messages about an invalid command line, in the style of all messages of redisgen. clap finds the error.

use std::{env, error::Error as _, ffi::OsString};

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use crate::{
    commands::options,
    redact,
    table::{Table, table},
};

/// The message for an error of clap. None for help and the version.
pub(super) fn message(error: &Error, args: &[OsString]) -> Option<String> {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        return None;
    }
    Some(explain(error, args, &super::command()))
}

/// What is wrong with the arguments of a command line.
fn explain(error: &Error, args: &[OsString], command: &clap::Command) -> String {
    let called = called(args, command);
    let named = text(error, ContextKind::InvalidArg).unwrap_or_default();
    let flag = bare(&named);
    let flag = variable(&flag, args, command).unwrap_or(flag);
    let more = format!("`{called} --help` shows all flags");
    match error.kind() {
        ErrorKind::UnknownArgument => unknown(error, &flag, &called, args) + &more,
        ErrorKind::InvalidSubcommand => {
            let word = text(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            // Of several suggestions, clap lists the best one last.
            let near = near(texts(error, ContextKind::SuggestedSubcommand).pop());
            let word = quote_word(&word);
            format!("unknown command `{word}`: {near}`{called} --help` shows all commands")
        }
        ErrorKind::MissingSubcommand => {
            let within = within(args, command);
            let known =
                within.get_subcommands().filter(|sub| !sub.is_hide_set()).map(|sub| format!("`{}`", sub.get_name()));
            format!("missing command after `{called}`: expected one of {}", known.collect::<Vec<_>>().join(", "))
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = texts(error, ContextKind::InvalidArg).join(" ");
            // Earlier versions had `--live NAME`.
            let name = value_of(args, "--live").filter(|word| !word.ends_with(".yaml") && !word.ends_with(".yml"));
            if let Some(name) = name.filter(|_| missing.starts_with("--release")) {
                return format!("`--live` takes no value: name the release with `--release {name}`. {more}");
            }
            format!("missing `{missing}` after `{called}`: `{called} --help` shows all arguments")
        }
        ErrorKind::ArgumentConflict => {
            let other = text(error, ContextKind::PriorArg).map(|other| bare(&other)).unwrap_or_default();
            if other == flag {
                format!("found `{flag}` twice: expected it once")
            } else {
                format!("found `{flag}` and `{other}`: expected only one of them")
            }
        }
        ErrorKind::InvalidValue | ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            invalid(error, &named, &flag) + &more_unless_listed(error, &more)
        }
        ErrorKind::ValueValidation => refused(error, &flag),
        ErrorKind::InvalidUtf8 => "found an argument that is not valid UTF-8".to_owned(),
        _ => error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    }
}

/// The message about an unknown flag or argument, without the last sentence about the help.
fn unknown(error: &Error, flag: &str, called: &str, args: &[OsString]) -> String {
    if !flag.starts_with('-') {
        // Earlier versions had `--check values.yaml`.
        let before = args.windows(2).find(|pair| pair[1] == *flag).map(|pair| pair[0].to_string_lossy());
        if called.ends_with(" values") && before.is_some_and(|before| before == "--check") {
            return format!("`--check` takes no value: name the file with `--output-file {}`. ", quote_word(flag));
        }
        // A value of a flag without a value can be a secret: `--password-stdin secret`.
        let is_behind = |pair: &[OsString]| pair[1] == *flag && redact::is_about_a_secret(&pair[0].to_string_lossy());
        let found = if args.windows(2).any(is_behind) { "without a flag" } else { &format!("`{}`", quote_word(flag)) };
        return format!("unexpected argument {found}: ");
    }
    // A negative number after a flag looks like a flag.
    let before = args.windows(2).find(|pair| pair[1] == *flag).map(|pair| pair[0].to_string_lossy());
    if let (Ok(_), Some(before)) = (flag.parse::<f64>(), before.filter(|before| before.starts_with("--"))) {
        return format!("found `{flag}` for `{before}`: expected a number that is not negative. ");
    }
    if let Some(now) = renamed(called, flag) {
        return format!("`{flag}` of `{called}` is now `{now}`. ");
    }
    let opposite = flag.strip_prefix("--no-");
    if opposite.is_some_and(|name| options::switches().any(|switch| switch == name)) {
        return format!("found a value for `{flag}`: expected no value. ");
    }
    let nearest = opposite.and_then(|name| {
        let ranked = options::switches().map(|switch| (strsim::jaro_winkler(name, switch), switch));
        ranked
            .filter(|(near, _)| *near > 0.8)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, switch)| format!("--no-{switch}"))
    });
    let suggested = nearest.or_else(|| text(error, ContextKind::SuggestedArg).map(|arg| bare(&arg)));
    format!("unknown flag `{flag}`: {}", near(suggested))
}

/// Renamed flags of earlier versions.
const RENAMED: Table<3> = table!("src/cli/renamed.tsv", ["command", "old", "now"]);

/// The new name of a renamed flag.
fn renamed(called: &str, flag: &str) -> Option<&'static str> {
    let is_it = |command: &str, old: &str| called.strip_prefix("redisgen ") == Some(command) && flag == old;
    RENAMED.rows().find(|[command, old, _]| is_it(command, old)).map(|[.., now]| now)
}

fn invalid(error: &Error, named: &str, flag: &str) -> String {
    let known = list(error, ContextKind::ValidValue);
    let expected = if known.is_empty() { format!("`{named}`") } else { format!("one of {known}") };
    match text(error, ContextKind::InvalidValue) {
        _ if flag == "--password-stdin" => {
            "found a value for `--password-stdin`: expected the password on standard input. ".to_owned()
        }
        None => format!("found no value for `{flag}`: expected {expected}"),
        Some(value) if value.is_empty() => format!("found no value for `{flag}`: expected {expected}"),
        Some(value) => match (quote_word(&value), text(error, ContextKind::SuggestedValue)) {
            (value, Some(suggested)) => format!("found `{value}` for `{flag}`: did you mean `{suggested}`? "),
            (value, None) => format!("found `{value}` for `{flag}`: expected {expected}"),
        },
    }
}

/// Adds a sentence about the help, unless the message already lists the values.
fn more_unless_listed(error: &Error, more: &str) -> String {
    let password = text(error, ContextKind::InvalidArg).is_some_and(|arg| bare(&arg) == "--password-stdin");
    let suggested = text(error, ContextKind::SuggestedValue).is_some();
    if password || suggested { more.to_owned() } else { String::new() }
}

/// The message about an invalid value. Its type gives the reason.
fn refused(error: &Error, flag: &str) -> String {
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    let mut reason = error.source().map(ToString::to_string).unwrap_or_default();
    if flag == "--acl-user" && redact::acl_user(&value) != value {
        let user = redact::acl_user(&value);
        return format!(
            "`{flag} {user}`: found a password in the rules: expected the password in the Secret of `--acl-secret`"
        );
    }
    let hidden = quote_word(&value);
    if hidden != value {
        reason = reason.replace(&value, &hidden);
    }
    let value = hidden;
    if value.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit()) && reason.contains(" is not in ") {
        let bounds = reason.rsplit(' ').next().and_then(|range| range.split_once("..="));
        let (least, most) = bounds.unwrap_or_default();
        return format!("found `{value}` for `{flag}`: expected a number from {least} to {most}");
    }
    if reason.contains("invalid digit") {
        return format!("found `{value}` for `{flag}`: expected a whole number");
    }
    if flag.starts_with(['<', '[']) { reason } else { format!("`{flag} {value}`: {reason}") }
}

/// The environment variable of a value. None if the flag is on the command line.
fn variable(flag: &str, args: &[OsString], command: &clap::Command) -> Option<String> {
    let long = flag.strip_prefix("--")?;
    let mut known = within(args, command).get_arguments().chain(command.get_arguments());
    let arg = known.find(|arg| arg.get_long() == Some(long))?;
    let is_it = |word: &OsString| {
        let word = word.to_string_lossy();
        let is_short = |short| word.strip_prefix('-').is_some_and(|rest| rest.starts_with(short));
        word.split('=').next() == Some(flag) || arg.get_short().is_some_and(is_short)
    };
    let name = arg.get_env()?.to_str()?;
    (!args.iter().any(is_it) && env::var_os(name).is_some()).then(|| name.to_owned())
}

/// The word after a flag without a value, redacted for a message.
fn value_of(args: &[OsString], flag: &str) -> Option<String> {
    let behind = args.windows(2).find(|pair| pair[0] == *flag).map(|pair| pair[1].to_string_lossy());
    behind.filter(|word| !word.starts_with('-')).map(|word| quote_word(&word))
}

/// A word of the command line, redacted for a message.
fn quote_word(word: &str) -> String {
    redact::assignment(word).into_owned()
}

/// The called command: `redisgen chart list`.
fn called(args: &[OsString], command: &clap::Command) -> String {
    let inner = path(args, command);
    std::iter::once(command).chain(inner).map(clap::Command::get_name).collect::<Vec<_>>().join(" ")
}

/// The innermost called command.
fn within<'a>(args: &[OsString], command: &'a clap::Command) -> &'a clap::Command {
    path(args, command).pop().unwrap_or(command)
}

fn path<'a>(args: &[OsString], mut within: &'a clap::Command) -> Vec<&'a clap::Command> {
    let mut path = Vec::new();
    for arg in args.iter().skip(1) {
        if let Some(inner) = arg.to_str().and_then(|name| within.find_subcommand(name)) {
            path.push(inner);
            within = inner;
        }
    }
    path
}

/// A flag without the placeholder of its value. A positional argument stays unchanged.
fn bare(arg: &str) -> String {
    if arg.starts_with('-') { arg.split([' ', '[', '=']).next().unwrap_or_default().to_owned() } else { arg.to_owned() }
}

fn near(suggested: Option<String>) -> String {
    suggested.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default()
}

fn text(error: &Error, kind: ContextKind) -> Option<String> {
    texts(error, kind).into_iter().next()
}

fn texts(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

fn list(error: &Error, kind: ContextKind) -> String {
    texts(error, kind).iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ")
}
