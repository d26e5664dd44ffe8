//! Variables of the environment for options: each is in the documentation and the help, and works as its option.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

/// Each variable with the commands and the option that read it; the command is empty for an option of all.
fn variables() -> BTreeMap<String, Vec<(String, String)>> {
    let root = redisgen::cli::command();
    let mut found: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for command in [&root].into_iter().chain(root.get_subcommands()) {
        for arg in command.get_arguments() {
            let Some(variable) = arg.get_env() else { continue };
            let name = if command.get_name() == "redisgen" { "" } else { command.get_name() };
            let option = (name.to_owned(), arg.get_long().unwrap().to_owned());
            found.entry(variable.to_str().unwrap().to_owned()).or_default().push(option);
        }
    }
    found
}

fn redisgen(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
    for variable in self::variables().keys() {
        command.env_remove(variable);
    }
    command.current_dir(folder).args(args).envs(variables.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn each_variable_is_documented_and_none_else() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md")).unwrap();
    let known = variables();
    assert!(known.len() > 6, "{known:?}");
    for (variable, options) in &known {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{variable}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/configuration.md has no row for `{variable}`"));
        for (command, option) in options {
            assert!(row.contains(&format!("`--{option}`")), "{row}");
            assert!(command.is_empty() || row.contains(&format!("`{command}`")), "{row}");
        }
    }
    // Variables that no option names.
    let others = ["REDISGEN_CONFIG_DIR", "REDISGEN_DATA_DIR", "REDISGEN_PAGER"];
    for name in page.split('`').filter(|word| word.starts_with("REDISGEN_")) {
        assert!(known.contains_key(name) || others.contains(&name), "`{name}` is no variable of redisgen");
    }
}

#[test]
fn the_help_names_each_variable() {
    let folder = TempDir::new().unwrap();
    for (variable, options) in variables() {
        for (command, _) in options {
            let args: Vec<&str> = [command.as_str(), "--help"].into_iter().filter(|word| !word.is_empty()).collect();
            let output = redisgen(folder.path(), &args, &[]);
            assert!(text(&output.stdout).contains(&format!("[env: {variable}]")), "{command} --help: {variable}");
        }
    }
}

/// Options that shape a values file have no variable: the head of the file records the command line alone.
#[test]
fn no_variable_shapes_a_values_file() {
    let shape: Vec<_> = variables().into_values().flatten().filter(|(command, _)| command == "values").collect();
    assert!(shape.is_empty(), "{shape:?}");
}

#[test]
fn a_variable_works_as_its_option_and_the_option_comes_first() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.yaml"), "architecture: replication\nauth: {enabled: false}\n").unwrap();
    let lint = |more: &[&str], variables: &[(&str, &str)]| {
        let args: Vec<&str> = ["lint", "a.yaml"].iter().chain(more).copied().collect();
        redisgen(folder.path(), &args, variables)
    };
    assert_eq!(lint(&[], &[]).status.code(), Some(1));
    assert_eq!(lint(&[], &[("REDISGEN_LINT_FAIL_ON", "error")]).status.code(), Some(0));
    assert_eq!(lint(&["--fail-on", "warning"], &[("REDISGEN_LINT_FAIL_ON", "error")]).status.code(), Some(1));
    assert!(text(&lint(&[], &[("REDISGEN_LINT_OUTPUT", "json")]).stdout).starts_with('{'));
    assert!(lint(&[], &[("REDISGEN_QUIET", "1")]).stderr.is_empty());
    assert!(text(&lint(&[], &[("REDISGEN_COLOR", "always")]).stdout).contains("\u{1b}["));
    let hidden = |output: &Output| text(&output.stderr).contains("below the severity to report");
    assert!(hidden(&lint(&[], &[])) && !hidden(&lint(&[], &[("REDISGEN_LINT_MIN_SEVERITY", "info")])));
    // An empty variable is one that is not set.
    assert_eq!(lint(&[], &[("REDISGEN_LINT_FAIL_ON", ""), ("REDISGEN_QUIET", "")]).status.code(), Some(1));
    fs::write(folder.path().join("other.toml"), "[lint]\nfail-on = \"never\"\n").unwrap();
    let config = ("REDISGEN_LINT_CONFIG", "other.toml");
    assert_eq!(lint(&[], &[config]).status.code(), Some(0));
    assert_eq!(lint(&["--no-config"], &[config]).status.code(), Some(1));
}

#[test]
fn an_error_names_the_variable() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.yaml"), "{}\n").unwrap();
    for (variable, value, args) in [
        ("REDISGEN_LINT_FAIL_ON", "often", ["lint", "a.yaml"]),
        ("REDISGEN_LINT_OUTPUT", "xml", ["lint", "a.yaml"]),
        ("REDISGEN_COLOR", "blue", ["lint", "a.yaml"]),
        ("REDISGEN_QUIET", "perhaps", ["lint", "a.yaml"]),
        ("REDISGEN_HELM", "5", ["lint", "a.yaml"]),
    ] {
        let output = redisgen(folder.path(), &args, &[(variable, value)]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{variable}: {said}");
        assert!(said.contains(&format!("`{variable}")) && said.lines().count() == 1, "{variable}: {said}");
    }
}
