//! Manual pages: one for each command, with every option, exit codes, variables and examples.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    io::{ErrorKind, Write},
    process::{Command, Stdio},
};

fn page(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_redisgen")).arg("man").args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// All commands with the words that lead to them; the first is redisgen itself.
fn commands() -> Vec<(Vec<String>, clap::Command)> {
    let mut root = redisgen::cli::command();
    root.build();
    let mut found = vec![(Vec::new(), root.clone())];
    for sub in root.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = sub.get_name().to_owned();
        found.push((vec![name.clone()], sub.clone()));
        let inner = sub.get_subcommands().filter(|inner| inner.get_name() != "help");
        found.extend(inner.map(|inner| (vec![name.clone(), inner.get_name().to_owned()], inner.clone())));
    }
    found
}

#[test]
fn each_command_has_a_page_with_every_option() {
    for (words, command) in commands() {
        let page = page(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let plain = page.replace("\\-", "-");
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            if let Some(long) = arg.get_long() {
                assert!(plain.contains(&format!("--{long}")), "{words:?}: --{long} is missing");
            }
            if let Some(variable) = arg.get_env() {
                let variable = variable.to_str().unwrap();
                assert!(plain.contains(variable), "{words:?}: {variable} is missing");
            }
        }
        let title =
            format!(".TH {} 1", ["redisgen".to_owned()].into_iter().chain(words.clone()).collect::<Vec<_>>().join("-"));
        assert!(
            plain.starts_with(&title) || plain.contains(&title),
            "{words:?}: {}",
            plain.lines().take(5).collect::<String>()
        );
        assert!(plain.contains("SH ENVIRONMENT") && plain.contains("SH \"SEE ALSO\""), "{words:?}");
        if !words.is_empty() && words[0] != "man" {
            assert!(plain.contains("SH \"EXIT STATUS\"") && plain.contains("SH EXAMPLES"), "{words:?}");
        }
    }
}

/// The reader of manual pages finds nothing wrong. It takes part where it is installed.
#[test]
fn mandoc_accepts_each_page() {
    for (words, _) in commands() {
        let page = page(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let mandoc =
            Command::new("mandoc").args(["-Tlint", "-Werror"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut mandoc = match mandoc {
            Ok(mandoc) => mandoc,
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => panic!("{error}"),
        };
        mandoc.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
        let output = mandoc.wait_with_output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn a_page_of_no_command_is_an_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_redisgen")).args(["man", "chart", "lnt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty() && String::from_utf8(output.stderr).unwrap().contains("`lnt`"));
}
