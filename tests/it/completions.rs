//! Completions: a shell completes a command line with the script that `redisgen completions` prints.
//!
//! Bash must be there. Fish and zsh take part where they are installed.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A project with a profile of its own, and the program first on the PATH.
fn shell(name: &str, folder: &TempDir) -> Command {
    let profiles = folder.path().join(".redisgen/profiles");
    fs::create_dir_all(&profiles).unwrap();
    fs::write(profiles.join("our-cache.yaml"), "description: ours\nextends: cache\n").unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_redisgen")).parent().unwrap().to_owned();
    let path = env::join_paths([bin].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap()))).unwrap();
    let mut command = Command::new(name);
    command
        .current_dir(folder.path())
        .env("PATH", path)
        .env("HOME", folder.path())
        .env("REDISGEN_DATA_DIR", folder.path().join("data"))
        .env("REDISGEN_CONFIG_DIR", folder.path().join("config"))
        .stdin(Stdio::null());
    command
}

/// The words that bash offers for the last of these.
fn bash(words: &[&str]) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let script = "source <(redisgen completions bash)\n\
        COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9\n\
        _clap_complete_redisgen redisgen \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"\n\
        printf '%s\\n' \"${COMPREPLY[@]}\"\n";
    let mut command = shell("bash", &folder);
    let output = command.args(["--norc", "-c", script, "bash", "redisgen"]).args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_their_values() {
    let offers = |words: &[&str], wanted: &str| {
        let offered = bash(words);
        assert!(offered.iter().any(|word| word == wanted), "{words:?}: {offered:?}");
    };
    offers(&["mig"], "migrate");
    offers(&["chart", "im"], "import");
    offers(&["values", "--exist"], "--existing-secret");
    offers(&["values", "--topology", "sen"], "sentinel");
    offers(&["values", "--profile", "aws"], "aws-internal");
    // The profiles of the project are read when the key is pressed.
    offers(&["values", "--profile", "our"], "our-cache");
    offers(&["values", "--chart-version", "28.0"], "28.0.7");
    offers(&["migrate", "--to", "23.1"], "23.1.1");
    offers(&["lint", "--select", "unk"], "unknown-key");
    offers(&["lint", "--select", "secu"], "security");
    offers(&["explain", "unk"], "unknown-key");
    offers(&["explain", "master.service.ty"], "master.service.type");
    offers(&["diff", "--only", "master.service.ty"], "master.service.type");
    offers(&["values", "--set", "master.service.ty"], "master.service.type=");
    offers(&["profiles", "show", "ca"], "cache");
}

#[test]
fn the_newest_chart_version_comes_first() {
    let offered = bash(&["values", "--chart-version", "28.0."]);
    let first = offered.first().map(String::as_str);
    let newest = redisgen::chart::version_numbers().filter(|version| version.to_string().starts_with("28.0."));
    assert_eq!(first, newest.max().map(|version| version.to_string()).as_deref(), "{offered:?}");
}

#[test]
fn fish_and_zsh_complete_where_they_are_installed() {
    let fish = "redisgen completions fish | source; complete -C 'redisgen lint --select unk'";
    let zsh = "autoload -U compinit && compinit -u -d ./dump; source <(redisgen completions zsh); \
        print -r -- ${_comps[redisgen]}; words=(redisgen lint --select unk); CURRENT=4; \
        REDISGEN_COMPLETE=zsh _CLAP_IFS=$'\\n' _CLAP_COMPLETE_INDEX=3 redisgen -- \"${words[@]}\"";
    for (name, script) in [("fish", fish), ("zsh", zsh)] {
        let folder = TempDir::new().unwrap();
        let mut command = shell(name, &folder);
        if name == "zsh" {
            command.arg("-f");
        }
        match command.args(["-c", script]).output() {
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                assert!(text.contains("unknown-key"), "{name}: {text}{}", String::from_utf8_lossy(&output.stderr));
            }
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{name}: {error}"),
        }
    }
}

#[test]
fn each_shell_has_a_script() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = Command::new(env!("CARGO_BIN_EXE_redisgen")).args(["completions", shell]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains("REDISGEN_COMPLETE"), "{shell}: {text}");
    }
}
