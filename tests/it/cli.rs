//! The command line: the commands that README.md, `docs` and `tests/data/cmd` show are run, and every refusal is one error.
//!
//! `TRYCMD=overwrite cargo test --test it cli::` updates the console blocks. `REDISGEN_UPDATE=1 cargo test --test it cli::` updates
//! the blocks that are marked `ignore`, the table in `docs/options.md` and the table in `docs/rules.md`.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    collections::BTreeMap,
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Mutex, PoisonError},
};

use tempfile::TempDir;

/// A password that nothing but the values may show.
const CANARY: &str = "cAnary-s3cret";

/// Held by the tests that may write README.md and the pages of `docs`.
static PAGES: Mutex<()> = Mutex::new(());

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The program, which finds nothing of the person's who runs the tests.
fn redisgen(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
    command
        .current_dir(folder)
        .env("REDISGEN_DATA_DIR", here("tests/nobody"))
        .env("REDISGEN_CONFIG_DIR", here("tests/nobody"))
        .env_remove("REDISGEN_NO_SUCH_VARIABLE")
        .stdin(Stdio::null());
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    redisgen(folder).args(args).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// README.md and the pages of `docs`.
fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(here("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect();
    pages.push(here("README.md"));
    pages.sort();
    pages
}

/// What lies in a folder, with the content of its files.
fn content(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(content(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in content(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
}

/// Holds that a run was refused: one error, nothing on stdout, no panic.
fn refused(output: &Output, what: &str) {
    let said = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{what}: {said}");
    assert!(output.stdout.is_empty(), "{what}: something stands on stdout");
    let errors: Vec<_> = said.lines().filter(|line| !line.starts_with("note: ")).collect();
    assert!(errors.len() == 1 && errors[0].starts_with("error: "), "{what}: {said}");
    assert!(!errors[0].ends_with('.') && !errors[0].contains("os error"), "{what}: {said}");
}

#[test]
fn pages_show_what_is_printed() {
    let _held = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    trycmd::TestCases::new()
        .env("REDISGEN_DATA_DIR", here("tests/nobody").to_str().unwrap())
        .env("REDISGEN_CONFIG_DIR", here("tests/nobody").to_str().unwrap())
        .case("README.md")
        .case("docs/*.md")
        .case("tests/data/cmd/*.md");
}

/// Blocks marked `ignore` are those that trycmd cannot check, because their output has a `\`, which trycmd takes for a
/// `/`, or because they need a file of the page. `? 1` is the exit code, as in other blocks.
#[test]
fn blocks_that_are_marked_show_what_is_printed() {
    let _held = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut count = 0;
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        let mut updated = page.clone();
        let folder = TempDir::new().unwrap();
        write_files(&page, folder.path());
        let blocks = page.split("```console,ignore\n$ redisgen ").skip(1);
        for block in blocks.map(|rest| rest.split("```").next().unwrap()) {
            count += 1;
            let (command, shown) = block.split_once('\n').unwrap();
            let (code, shown) = shown.strip_prefix("? 1\n").map_or((0, shown), |shown| (1, shown));
            let words = shlex::split(command).unwrap();
            let output = redisgen(folder.path()).args(&words).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{}: {command}: {}", path.display(), stderr(&output));
            let printed = String::from_utf8(output.stdout).unwrap();
            if env::var_os("REDISGEN_UPDATE").is_some() {
                updated = updated.replacen(shown.trim_end(), printed.trim_end(), 1);
            } else {
                assert_eq!(shown.trim_end(), printed.trim_end(), "{}: {command}", path.display());
            }
        }
        if updated != page {
            fs::write(&path, updated).unwrap();
        }
    }
    assert!(count > 10, "{count} blocks were found");
}

/// The files of a page: each is a block whose first line has its name.
fn write_files(page: &str, folder: &Path) {
    for language in ["yaml", "toml"] {
        for block in page.split(&format!("```{language}\n# ")).skip(1) {
            let (name, text) = block.split("```").next().unwrap().split_once('\n').unwrap();
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
    }
}

/// The commands of the fenced blocks of a language, each as its words; what follows a pipe is left out.
fn commands(page: &str, language: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut within = false;
    for line in page.lines() {
        if line.starts_with("```") {
            within = line == format!("```{language}");
        } else if let Some(rest) = line.trim_start_matches("$ ").strip_prefix("redisgen ").filter(|_| within) {
            found.push(shlex::split(rest.split(" |").next().unwrap()).unwrap());
        }
    }
    found
}

#[test]
fn every_refusal_is_one_error_and_nothing_else() {
    let mut count = 0;
    for entry in fs::read_dir(here("tests/data/cmd")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.starts_with("bad-") || !name.ends_with(".md") {
            continue;
        }
        let page = fs::read_to_string(&path).unwrap();
        let folder = TempDir::new().unwrap();
        if path.with_extension("in").is_dir() {
            copy(&path.with_extension("in"), folder.path());
        }
        let before = content(folder.path());
        for block in page.split("```console\n").skip(1) {
            let block = block.split("```").next().unwrap();
            for words in commands(&format!("```console\n{block}"), "console") {
                if block.contains("\n? 2\n") {
                    let words: Vec<_> = words.iter().map(String::as_str).collect();
                    refused(&run(folder.path(), &words), &words.join(" "));
                    count += 1;
                }
            }
        }
        assert_eq!(content(folder.path()), before, "{name}: something was written");
    }
    assert!(count > 100, "{count} refusals were found");
    assert!(!here("tests/nobody").exists());
}

/// Shell blocks of the pages run, each command up to its first pipe or redirection.
#[test]
fn shell_blocks_of_the_pages_run() {
    let mut count = 0;
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        let folder = TempDir::new().unwrap();
        write_files(&page, folder.path());
        fs::write(folder.path().join("password.txt"), CANARY).unwrap();
        fs::write(folder.path().join("extra.yaml"), "commonLabels: {team: backend}\n").unwrap();
        let commands = commands(&page, "sh");
        count += commands.len();
        for words in commands.iter().filter(|words| words[0] != "chart" || words[1] == "list") {
            let words: Vec<_> = words.iter().map(String::as_str).take_while(|word| *word != ">").collect();
            let output = redisgen(folder.path()).args(&words).env("REDIS_PASSWORD", CANARY).output().unwrap();
            // What is wrong in a file of the page may be found.
            let finds = ["lint", "diff", "migrate"].contains(&words[0]);
            let fine = output.status.success() || finds && output.status.code() == Some(1);
            assert!(fine, "{}: redisgen {}: {}", path.display(), words.join(" "), stderr(&output));
        }
    }
    assert!(count > 40, "{count} commands were found");
}

/// The table of flags, as the definitions have it.
fn table_of_flags() -> String {
    let command = redisgen::cli::command();
    let mut table = String::new();
    let mut seen: Vec<String> = Vec::new();
    for name in ["", "values", "command", "lint", "diff", "migrate"] {
        // The options of all commands are those of redisgen itself.
        let sub = if name.is_empty() { &command } else { command.find_subcommand(name).unwrap() };
        let mut topics: Vec<(String, Vec<String>)> = Vec::new();
        for arg in sub
            .get_arguments()
            .filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()) && !arg.is_positional())
        {
            let long = arg.get_long().unwrap().to_owned();
            let topic = arg.get_help_heading().unwrap_or("Everywhere").to_owned();
            let short = arg.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
            let taken = arg.get_num_args().is_none_or(|args| args.min_values() > 0);
            let takes = arg.get_action().takes_values() && taken;
            let value =
                arg.get_value_names().filter(|_| takes).map(|names| format!(" {}", names[0])).unwrap_or_default();
            let mut help = arg.get_help().unwrap().to_string();
            let values: Vec<_> =
                arg.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
            if takes && !values.is_empty() {
                help += &format!(": {}", values.join(", "));
            }
            if let Some(variable) = arg.get_env().and_then(|variable| variable.to_str()) {
                help += &format!(" (variable `{variable}`)");
            }
            let row = format!("| {short}`--{long}{}` | {help} |", value.replace('|', "\\|"));
            // A flag of several commands is listed once if its help is the same.
            if seen.contains(&row) {
                continue;
            }
            seen.push(row.clone());
            match topics.iter_mut().find(|(known, _)| *known == topic) {
                Some((_, rows)) => rows.push(row),
                None => topics.push((topic, vec![row])),
            }
        }
        for (topic, rows) in topics {
            let shared = name.is_empty() || name == "values" && topic != "Output";
            let only = if shared { String::new() } else { format!(" (`redisgen {name}` only)") };
            table += &format!("\n**{topic}**{only}\n\n| flag | |\n|---|---|\n{}\n", rows.join("\n"));
        }
    }
    table
}

/// The table of rules, in which each rule links to its page.
fn table_of_rules() -> String {
    let folder = TempDir::new().unwrap();
    let mut table = String::from_utf8(run(folder.path(), &["rules", "--output", "markdown"]).stdout).unwrap();
    for rule in redisgen::lint::rules::all() {
        let cell = format!("\n| `{}` |", rule.id);
        assert!(table.contains(&cell), "{table}");
        let page = format!("src/lint/rules/{}.md", rule.id.replace('-', "_"));
        assert!(here(&page).exists(), "{page}");
        table = table.replace(&cell, &format!("\n| [`{}`](../{page}) |", rule.id));
    }
    table
}

#[test]
fn the_pages_list_every_flag_and_every_rule() {
    let _held = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let tables =
        [("docs/options.md", "flags", table_of_flags()), ("docs/rules.md", "rules", format!("\n{}", table_of_rules()))];
    for (path, name, table) in tables {
        let (start, end) =
            (format!("<!-- {name}: written by tests/it/cli.rs -->\n"), format!("\n<!-- end of {name} -->"));
        let page = fs::read_to_string(here(path)).unwrap();
        let (before, rest) = page.split_once(&start).unwrap();
        let (there, after) = rest.split_once(&end).unwrap();
        if env::var_os("REDISGEN_UPDATE").is_some() {
            fs::write(here(path), format!("{before}{start}{table}{end}{after}")).unwrap();
        } else {
            assert_eq!(there, table, "`REDISGEN_UPDATE=1 cargo test --test it cli::` writes the table of {path} again");
        }
    }
}

/// The rules come and go, so what is printed of them is held against the list and not against a page.
#[test]
fn every_rule_is_listed_and_explained() {
    let folder = TempDir::new().unwrap();
    let of = |args: &[&str]| {
        let output = run(folder.path(), args);
        assert!(output.status.success() && output.stderr.is_empty(), "{args:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let json = |args: &[&str]| serde_json::from_str::<serde_json::Value>(&of(args)).unwrap();
    let rules = redisgen::lint::rules::all();
    let (text, list) = (of(&["rules"]), json(&["rules", "-o", "json"])["rules"].clone());
    let markdown = of(&["rules", "-o", "markdown"]);
    assert_eq!((text.lines().count(), markdown.lines().count()), (rules.len() + 1, rules.len() + 2));
    assert_eq!(list.as_array().unwrap().len(), rules.len());
    for (at, rule) in rules.iter().enumerate() {
        let line = text.lines().nth(at + 1).unwrap();
        assert!(line.starts_with(&format!("{} ", rule.id)) && line.ends_with(rule.summary), "{line}");
        let row = &list[at];
        assert_eq!((row["id"].as_str(), row["summary"].as_str()), (Some(rule.id), Some(rule.summary)));
        assert_eq!(row["severity"], rule.severity.to_string());
        assert_eq!(row["fix"], rule.fix.to_string());
        assert_eq!(of(&["explain", rule.id]), rule.docs, "the page is printed as it is");
        assert_eq!(json(&["explain", rule.id, "-o", "json"])["docs"], rule.docs);
    }
}

#[test]
fn a_password_stands_in_the_values_alone() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    file("password", format!("{CANARY}\n"));
    file("two-lines", format!("{CANARY}\n{CANARY}\n"));
    file("overlay.yaml", format!("auth:\n  password: {CANARY}\n"));
    file("other.yaml", "auth:\n  password: another\n".to_owned());
    file("bare.yaml", CANARY.to_owned());
    for (n, text) in
        ["*", "&", "!", "@", "%", "{", "[", "\"", "'", "? ", "- ", "x: ", "\\", "*é", "&a&"].iter().enumerate()
    {
        file(&format!("broken-{n}.yaml"), format!("auth:\n  password: {text}{CANARY}\n  password: {text}{CANARY}\n"));
    }
    let broken = content(folder.path()).into_keys().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    let mut runs: Vec<Vec<String>> = Vec::new();
    for name in broken.collect::<Vec<_>>() {
        for flag in ["--values", "--password-file", "--profile"] {
            runs.push(vec![flag.to_owned(), name.clone()]);
        }
        let compared = ["--diff", "--output-file", &name].map(str::to_owned);
        runs.push(compared.to_vec());
        runs.push([&compared[..], &["--password-file".to_owned(), "password".to_owned()]].concat());
    }
    let set = [
        "auth.password=",
        "global.redis.password=",
        "a=1,auth.password=",
        "auth.password={",
        "auth.password[=",
        "auth.password[0]",
        "auth.password.",
        "auth.password=a,",
        "auth.password[0]x",
        "auth={password=",
        "commonConfiguration=requirepass ",
    ];
    for text in set {
        for form in ["--set", "--set-string"] {
            runs.push(vec![form.to_owned(), format!("{text}{CANARY}")]);
            runs.push(vec![format!("{form}={text}{CANARY}")]);
        }
    }
    for args in [
        &["--password-env", "REDIS_PASSWORD"][..],
        &["--password-env", CANARY],
        &["--password-file", CANARY, "--no-auth"],
        &["--password", CANARY],
        &["--password-stdin", CANARY],
        &["--acl-user"],
    ] {
        runs.push(args.iter().map(|arg| (*arg).to_owned()).collect());
    }
    runs.push(vec![format!("--password={CANARY}")]);
    runs.push(vec![format!("--password-stdin={CANARY}")]);
    runs.push(vec![format!("--acl-user=app=~* +@all >{CANARY}")]);
    for args in &runs {
        // The name of a file is no password.
        if args[0] == "--password-file" && args[1] == CANARY {
            continue;
        }
        for subcommand in ["values", "command"] {
            let output =
                redisgen(folder.path()).arg(subcommand).args(args).env("REDIS_PASSWORD", CANARY).output().unwrap();
            let said = stderr(&output);
            assert!(!said.contains(CANARY) && !said.contains("panicked"), "{subcommand} {args:?}: {said}");
            let product = String::from_utf8(output.stdout).unwrap();
            if subcommand == "command" || args[0] == "--diff" {
                assert!(!product.contains(CANARY), "{subcommand} {args:?}: {product}");
            } else {
                let comments: Vec<_> = product.lines().filter(|line| line.trim_start().starts_with('#')).collect();
                assert!(!comments.concat().contains(CANARY), "{subcommand} {args:?}: {product}");
            }
        }
    }
}

#[test]
fn a_password_is_taken_from_each_place() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("password"), format!("{CANARY}\n")).unwrap();
    let of = |output: Output| {
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let args = ["values", "--comments", "none"];
    let from_file = of(run(folder.path(), &[&args[..], &["--password-file", "password"]].concat()));
    assert_eq!(from_file, format!("auth:\n  password: {CANARY}\n"));
    let mut command = redisgen(folder.path());
    assert_eq!(of(command.args(args).args(["--password-env", "PW"]).env("PW", CANARY).output().unwrap()), from_file);
    let mut command = redisgen(folder.path());
    command.args(args).arg("--password-stdin").stdin(fs::File::open(folder.path().join("password")).unwrap());
    assert_eq!(of(command.output().unwrap()), from_file);
}

#[test]
fn a_file_is_written_whole_and_checked() {
    let folder = TempDir::new().unwrap();
    let values = ["values", "--profile", "cache", "--existing-secret", "redis-auth"];
    let with = |more: &[&str]| run(folder.path(), &[&values[..], more].concat());
    let written = with(&["--output-file", "values.yaml"]);
    assert!(written.status.success() && written.stdout.is_empty());
    assert_eq!(content(folder.path()).len(), 1, "a temporary file was left");
    let compared = ["--output-file", "values.yaml"];
    for how in ["--check", "--diff"] {
        let same = with(&[&compared[..], &[how]].concat());
        assert!(same.status.success() && same.stdout.is_empty(), "{how}");
    }
    let other = with(&[&compared[..], &["--check", "--maxmemory", "1gb"]].concat());
    assert!(other.status.code() == Some(1) && other.stdout.is_empty());
    let other = with(&[&compared[..], &["--diff", "--maxmemory", "1gb"]].concat());
    assert_eq!(other.status.code(), Some(1));
    let difference = String::from_utf8(other.stdout).unwrap();
    assert!(
        difference.contains("\n-    maxmemory 256mb\n") || difference.contains("\n-  maxmemory 256mb\n"),
        "{difference}"
    );
    let text = fs::read_to_string(folder.path().join("values.yaml")).unwrap();
    let mut command = redisgen(folder.path());
    command
        .args(values)
        .args(["--check", "--output-file", "-"])
        .stdin(fs::File::open(folder.path().join("values.yaml")).unwrap());
    assert_eq!(command.output().unwrap().status.code(), Some(0));
    let standard = String::from_utf8(with(&["--output-file", "-"]).stdout).unwrap();
    let values_of = |text: &str| text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    assert_eq!(values_of(&standard), values_of(&text));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};

    use super::*;

    #[test]
    fn a_file_without_end_is_not_read_to_its_end() {
        let folder = TempDir::new().unwrap();
        for args in [
            ["values", "--quiet", "--values", "/dev/zero"],
            ["values", "--quiet", "--password-file", "/dev/zero"],
            ["values", "--quiet", "--profile", "/dev/zero"],
            ["command", "--quiet", "--values", "/dev/zero"],
            ["chart", "import", "--quiet", "/dev/zero"],
        ] {
            refused(&run(folder.path(), &args), &args.join(" "));
        }
        let args = ["values", "--quiet", "--check", "--output-file", "/dev/zero"];
        refused(&run(folder.path(), &args), &args.join(" "));
    }

    #[test]
    fn a_pipe_is_written_to_as_it_stands() {
        let folder = TempDir::new().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut child = redisgen(folder.path()).args(["values", "-q", "--output-file", "pipe"]).spawn().unwrap();
        let mut text = String::new();
        fs::File::open(&pipe).unwrap().read_to_string(&mut text).unwrap();
        assert!(child.wait().unwrap().success());
        assert!(text.contains("redisgen values"), "{text}");
        assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo(), "the pipe was replaced");
    }

    #[test]
    fn a_file_keeps_its_mode_and_one_with_a_password_is_its_owners() {
        let folder = TempDir::new().unwrap();
        let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().mode() & 0o777;
        fs::write(folder.path().join("password"), CANARY).unwrap();
        fs::write(folder.path().join("there.yaml"), "").unwrap();
        fs::set_permissions(folder.path().join("there.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("there.yaml", folder.path().join("link.yaml")).unwrap();
        for name in ["there.yaml", "link.yaml", "secret.yaml"] {
            let output = run(folder.path(), &["values", "-q", "--password-file", "password", "--output-file", name]);
            assert!(output.status.success(), "{}", stderr(&output));
        }
        assert_eq!((mode("there.yaml"), mode("secret.yaml")), (0o640, 0o600));
        assert!(fs::symlink_metadata(folder.path().join("link.yaml")).unwrap().is_symlink());
    }

    #[test]
    fn a_folder_that_may_not_be_written_stays_empty() {
        let folder = TempDir::new().unwrap();
        let closed = folder.path().join("closed");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
        // Nothing is closed to root.
        if fs::write(closed.join("probe"), "").is_ok() {
            return;
        }
        let output = run(folder.path(), &["values", "--output-file", "closed/values.yaml"]);
        refused(&output, "a closed folder");
        assert!(stderr(&output).contains("cannot write `closed/values.yaml`: permission denied"));
        assert!(content(&closed).is_empty());
    }

    #[test]
    fn a_reader_that_goes_away_is_no_error() {
        let folder = TempDir::new().unwrap();
        for args in [
            &["values"][..],
            &["values", "--comments", "full", "--profile", "production"],
            &["values", "--help"],
            &["command"],
            &["profiles", "list"],
            &["profiles", "schema"],
            &["chart", "list"],
            &["chart", "list", "--output", "json"],
            &["completions", "bash"],
            &["man"],
        ] {
            let mut child =
                redisgen(folder.path()).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            drop(child.stdout.take());
            let output = child.wait_with_output().unwrap();
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(0), "{args:?}: {said}");
            let is_talk = |line: &str| line.starts_with("note: ") || line.starts_with("warning: ");
            assert!(said.lines().all(is_talk), "{args:?}: {said}");
        }
    }

    #[test]
    fn a_full_disk_is_told() {
        if !Path::new("/dev/full").exists() {
            return;
        }
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("values.yaml"), "a: 1\n").unwrap();
        for args in PRODUCTS {
            let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let output = redisgen(folder.path()).args(*args).stdout(full).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{args:?}");
            let said = stderr(&output);
            assert_eq!(said, "error: cannot write to standard output: no space is left on the device\n", "{args:?}");
        }
    }

    /// What every command prints, help and version among it.
    const PRODUCTS: &[&[&str]] = &[
        &["values", "-q"],
        &["command", "-q"],
        &["chart", "list"],
        &["profiles", "list"],
        &["profiles", "show", "dev"],
        &["profiles", "schema"],
        &["lint", "-q", "--chart-version", "23.1.1", "values.yaml"],
        &["diff", "-q", "--chart-version", "23.1.1", "--defaults", "--raw", "values.yaml"],
        &["migrate", "-q", "--from", "23.1.1", "--to", "23.1.1", "values.yaml"],
        &["explain", "auth.password"],
        &["explain", "unknown-key"],
        &["rules"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["-h"],
        &["--version"],
        &["help", "values"],
        &["values", "--help"],
        &["chart", "list", "--help"],
    ];

    #[test]
    fn a_closed_standard_output_is_told() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("values.yaml"), "a: 1\n").unwrap();
        let program = env!("CARGO_BIN_EXE_redisgen");
        for args in PRODUCTS {
            let mut shell = Command::new("sh");
            shell.current_dir(folder.path()).env("REDISGEN_CONFIG_DIR", here("tests/nobody"));
            shell.env("REDISGEN_DATA_DIR", here("tests/nobody"));
            let output = shell.args(["-c", "exec \"$@\" >&-", "sh", program]).args(*args).output().unwrap();
            assert_eq!(stderr(&output), "error: cannot write to standard output: it is closed\n", "{args:?}");
            assert_eq!(output.status.code(), Some(2), "{args:?}");
        }
        // Output to a file, or no output, is not lost.
        let null = fs::OpenOptions::new().read(true).write(true).open("/dev/null").unwrap();
        assert!(redisgen(folder.path()).args(["values", "-q"]).stdout(null).status().unwrap().success());
    }
}
