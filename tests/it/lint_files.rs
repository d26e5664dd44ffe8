//! `redisgen lint` on unreadable, hostile and unusual files: each has an error, and the other files are checked.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// A file with one finding.
const WRONG: &str = "# redisgen: chart redis 28.0.7\nauth:\n  existingSecret: x\n  nonsense: 1\n";

/// Long enough for a slow machine, and far too short for what waits without an end.
const LONGEST: Duration = Duration::from_secs(120);

fn start(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
    command.current_dir(folder).args(["lint", "--no-config"]).args(args).stdin(Stdio::null());
    command
}

/// Runs it, and holds that it ends.
fn run(folder: &Path, args: &[&str]) -> Output {
    let mut child = start(folder, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read = |pipe: &mut dyn std::io::Read| {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    };
    let (stdout, stderr) = thread::scope(|scope| {
        let (out, err) = (scope.spawn(move || read(&mut out)), scope.spawn(move || read(&mut err)));
        let started = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if started.elapsed() > LONGEST {
                child.kill().unwrap();
                panic!("{args:?} does not end");
            }
            thread::sleep(Duration::from_millis(5));
        }
        (out.join().unwrap(), err.join().unwrap())
    });
    let output = Output { status: child.wait().unwrap(), stdout, stderr };
    let said = stderr_of(&output);
    assert!(!said.contains("panicked") && output.status.code().is_some(), "{args:?}: {said}");
    output
}

fn stderr_of(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn stdout_of(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn errors(output: &Output) -> Vec<String> {
    stderr_of(output).lines().filter_map(|line| line.strip_prefix("error: ")).map(str::to_owned).collect()
}

/// A pipe without a writer.
fn pipe(file: &Path) {
    assert!(Command::new("mkfifo").arg(file).status().unwrap().success());
}

/// A file of 1 GiB that takes no room on the disk.
fn huge(file: &Path) {
    File::create(file).unwrap().set_len(1 << 30).unwrap();
}

#[test]
fn a_folder_of_odd_files_is_judged_to_its_end() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a-wrong.yaml"), WRONG).unwrap();
    fs::write(at("binary.yaml"), b"auth: \xff\n").unwrap();
    fs::write(at("bom.yaml"), format!("\u{feff}{WRONG}")).unwrap();
    fs::write(at("broken.yaml"), "auth: [\n").unwrap();
    // Broken files of other programs are no mistakes in values of the chart.
    fs::write(at("broken-other.yaml"), "services:\n  - redis.example.com: [\n").unwrap();
    fs::write(at("broken-template.yaml"), "sources:\n  host: {{ .RedisHost }}\n").unwrap();
    fs::write(at("comments.yaml"), "# nothing\n# at all\n").unwrap();
    fs::write(at("crlf.yaml"), WRONG.replace('\n', "\r\n")).unwrap();
    fs::write(at("empty.yaml"), "").unwrap();
    fs::write(at("nul.yaml"), "auth: \0\n").unwrap();
    fs::create_dir(at("folder.yaml")).unwrap();
    fs::write(at("folder.yaml/z-wrong.yaml"), WRONG).unwrap();
    huge(&at("huge.yaml"));
    pipe(&at("pipe.yaml"));
    symlink("nowhere.yaml", at("dangling.yaml")).unwrap();
    symlink(".", at("loop")).unwrap();
    symlink("self.yaml", at("self.yaml")).unwrap();
    let output = run(folder.path(), &["--ignore", "preset-resources", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        errors(&output),
        [
            "cannot read `binary.yaml`: the file is not UTF-8 text",
            "cannot read `huge.yaml`: the file is larger than 16 MiB"
        ]
    );
    let report = stdout_of(&output);
    let placed = [
        "--> a-wrong.yaml:4:3",
        "--> bom.yaml:4:3",
        "--> broken.yaml:1:7",
        "--> crlf.yaml:4:3",
        "--> folder.yaml/z-wrong.yaml:4:3",
        "--> nul.yaml:1:7",
    ];
    let found: Vec<_> = report.lines().filter_map(|line| line.trim().strip_prefix("--> ")).collect();
    let wanted: Vec<_> = placed.iter().map(|line| line.trim_start_matches("--> ")).collect();
    assert_eq!(found, wanted, "{report}");
    // The folder is the same from anywhere: the loop and the pipe are no files of it. Two files have no values at all.
    assert!(stderr_of(&output).contains("(6 files checked)"), "{}", stderr_of(&output));
}

#[test]
fn what_is_named_and_cannot_be_read_is_told_and_stops_no_other() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("wrong.yaml"), WRONG).unwrap();
    fs::create_dir(at("empty")).unwrap();
    huge(&at("huge.yaml"));
    symlink("nowhere.yaml", at("dangling.yaml")).unwrap();
    symlink("self.yaml", at("self.yaml")).unwrap();
    let names = ["dangling.yaml", "missing.yaml", "self.yaml", "wrong.yaml/x.yaml", "huge.yaml", "/dev/zero"];
    let odd =
        ["dangling.yaml", "missing.yaml", "self.yaml", "wrong.yaml/x.yaml", "huge.yaml", "/dev/zero", "wrong.yaml"];
    for args in [&odd[..], &[&["--explain-version"], &odd[..]].concat()] {
        let output = run(folder.path(), args);
        assert_eq!(output.status.code(), Some(2));
        let errors = errors(&output);
        assert_eq!(errors.len(), names.len(), "{errors:?}");
        for (error, name) in errors.iter().zip(names) {
            assert!(error.starts_with(&format!("cannot read `{name}`: ")), "{error}");
            assert!(!error.contains("os error") && !error.ends_with('.'), "{error}");
        }
        assert!(stdout_of(&output).contains("wrong.yaml"), "{}", stdout_of(&output));
    }
}

#[test]
fn a_pipe_that_is_named_is_read_as_it_is() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("pipe.yaml");
    pipe(&file);
    let writer = thread::spawn(move || fs::write(file, WRONG).unwrap());
    let output = run(folder.path(), &["pipe.yaml"]);
    writer.join().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout_of(&output).contains("pipe.yaml:4:3"));
}

#[test]
fn what_lies_beside_is_not_waited_for() {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("charts/other")).unwrap();
    for name in ["Chart.yaml", "Chart.lock", "charts/other/Chart.yaml"] {
        pipe(&folder.path().join(name));
    }
    symlink("..", folder.path().join("charts/loop")).unwrap();
    fs::write(folder.path().join("values.yaml"), WRONG).unwrap();
    assert_eq!(run(folder.path(), &["values.yaml"]).status.code(), Some(1));
    fs::remove_file(folder.path().join("Chart.yaml")).unwrap();
    fs::write(folder.path().join("Chart.yaml"), "name: app\ndependencies: [{name: redis}]\n").unwrap();
    // Without its templates, the parent chart may read the unknown key.
    fs::create_dir(folder.path().join("templates")).unwrap();
    fs::write(folder.path().join("templates/a.yaml"), "kind: ConfigMap\n").unwrap();
    let block = WRONG
        .replace("auth:\n", "redis:\n  auth:\n")
        .replace("\n  existing", "\n    existing")
        .replace("\n  non", "\n    non");
    fs::write(folder.path().join("values.yaml"), block).unwrap();
    assert_eq!(run(folder.path(), &["."]).status.code(), Some(1));
}

#[test]
fn files_may_vanish_on_the_way() {
    let folder = TempDir::new().unwrap();
    let files: Vec<_> = (0..500).map(|n| folder.path().join(format!("{n}.yaml"))).collect();
    files.iter().for_each(|file| fs::write(file, WRONG).unwrap());
    let vanishing = files.clone();
    let remover = thread::spawn(move || vanishing.iter().rev().for_each(|file| fs::remove_file(file).unwrap()));
    let output = run(folder.path(), &[".", "--fail-on", "never"]);
    remover.join().unwrap();
    for error in errors(&output) {
        assert!(error.starts_with("cannot read `") || error.starts_with("found no YAML file"), "{error}");
    }
}

/// A file without a format takes the report of `--output`, and standard output nothing; a format adds a report.
#[test]
fn a_report_goes_to_a_file() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("values.yaml"), WRONG).unwrap();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    for format in ["text", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown"] {
        let printed = run(folder.path(), &["values.yaml", "--output", format]);
        let written = run(folder.path(), &["values.yaml", "--output", format, "--output-file", "report"]);
        assert_eq!((written.status.code(), stdout_of(&written)), (Some(1), String::new()), "{format}");
        assert_eq!((read("report"), stderr_of(&written)), (stdout_of(&printed), stderr_of(&printed)), "{format}");
        let further = run(folder.path(), &["values.yaml", "--output-file", &format!("{format}=a=b")]);
        assert_eq!((further.status.code(), read("a=b")), (Some(1), stdout_of(&printed)), "{format}");
        let both = ["values.yaml", "--output-file", &format!("{format}=further"), "--output-file", "report"];
        assert_eq!(stdout_of(&run(folder.path(), &both)), "");
        assert_eq!((read("further"), read("report")), (stdout_of(&printed), stdout_of(&further)), "{format}");
        let standard = run(folder.path(), &["values.yaml", "--output", format, "--output-file", "-"]);
        assert_eq!(stdout_of(&standard), stdout_of(&printed), "{format}");
    }
}

/// Those whose fixes could take long.
const FIXED: [&str; 5] = ["annotations", "duplicates", "many-keys", "releases", "secrets"];

/// Each file is reported, and takes little time and memory.
///
/// `REDISGEN_MATRIX=full` makes those larger that take the longest.
#[test]
fn bombs_do_not_go_off() {
    let full = std::env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full");
    let up_to = |count: usize| if full { count } else { count / 3 };
    let aliases: String = (1..12).map(|n| format!("a{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(9))).collect();
    let keys = |count: usize, of: &dyn Fn(usize) -> String| (0..count).map(of).collect::<String>();
    let service = "master:\n  service:\n    type: LoadBalancer\n    annotations:\n";
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    repoURL: x/bitnamicharts\n    chart: redis\n    targetRevision: 18.6.1\n    helm:\n";
    let bombs: Vec<(&str, String)> = vec![
        ("aliases", format!("a0: &a0 [x]\n{aliases}")),
        ("merges", "auth: &m0 {}\n".to_owned() + &keys(3_000, &|n| format!("k{n}: &m{} {{<<: *m{n}}}\n", n + 1))),
        ("brackets", "[".repeat(100_000)),
        ("closed-brackets", "[".repeat(100_000) + &"]".repeat(100_000)),
        ("braces", "{a: ".repeat(100_000)),
        ("dashes", "- ".repeat(100_000)),
        ("steps", keys(2_000, &|n| format!("{}a:\n", " ".repeat(n)))),
        ("nuls", "\0".repeat(1_000_000)),
        ("long-key", format!("auth:\n  {}: 1\n", "k".repeat(4_000_000))),
        // A long key above many others: the paths alone would take gigabytes.
        ("long-paths", format!("? {}\n:\n{}", "k".repeat(300_000), keys(1_000, &|n| format!("  k{n}:\n")))),
        ("long-value", format!("auth:\n  nonsense: \"{}\"\n", "x".repeat(4_000_000))),
        ("long-line", format!("auth: {{{}}}\n", keys(up_to(2_000), &|n| format!("k{n}: \"{}\", ", "x".repeat(1_000))))),
        ("long-text", format!("auth: {{nonsense: 1}}\ncommonConfiguration: |\n{}", "  save 1\n".repeat(up_to(30_000)))),
        ("unclosed-templates", "auth: {{ x\n".to_owned() + &"{{ ".repeat(1_000_000)),
        ("many-keys", "auth:\n".to_owned() + &keys(up_to(10_000), &|n| format!("  k{n}: 1\n"))),
        ("duplicates", "auth: {existingSecret: x}\n".repeat(up_to(10_000))),
        (
            "annotations",
            service.to_owned()
                + &keys(up_to(1_000), &|n| {
                    format!("      service.beta.kubernetes.io/aws-load-balancer-internal-{n}: x\n")
                }),
        ),
        (
            "secrets",
            "auth: &a {nonsense: 1}\n".to_owned() + "extra: {password: [" + &"*a, ".repeat(up_to(20_000)) + "]}\n",
        ),
        (
            "ignores",
            "auth: {nonsense: 1}\n# redisgen: ignore[".to_owned() + &"unknow-key,".repeat(up_to(2_000)) + "]\n",
        ),
        ("versions", format!("# redisgen: chart redis {}\nauth: {{nonsense: 1}}\n", "1".repeat(2_000_000))),
        (
            "parameters",
            application.to_owned()
                + "      parameters:\n"
                + &keys(3_000, &|n| format!("        - {{name: auth.k{n}, value: x}}\n")),
        ),
        (
            "releases",
            "releases:\n".to_owned()
                + &keys(up_to(300), &|n| {
                    format!("  - {{name: r{n}, chart: bitnami/redis, values: [{{auth: {{foo: 1}}}}]}}\n")
                }),
        ),
        ("applications", format!("{application}      valuesObject: {{auth: {{foo: 1}}}}\n---\n").repeat(up_to(300))),
    ];
    let folder = TempDir::new().unwrap();
    for (name, text) in bombs {
        let file = format!("{name}.yaml");
        fs::write(folder.path().join(&file), text).unwrap();
        let judged = run(folder.path(), &[&file, "--chart-version", "23.1.1"]);
        assert_eq!(judged.status.code(), Some(1), "{name}: {}", stderr_of(&judged));
        assert!(stdout_of(&judged).contains(&format!("{file}:")), "{name}");
        if FIXED.contains(&name) {
            let fixed = run(folder.path(), &[&file, "--chart-version", "23.1.1", "--diff", "--unsafe-fixes"]);
            assert_ne!(fixed.status.code(), None, "{name}: {}", stderr_of(&fixed));
        }
    }
}
