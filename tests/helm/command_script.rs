//! What real shells, and real kubectl, make of the script.
//!
//! Scripts replace kubectl, helm and redisgen. They record their arguments and read their stdin.
#![allow(clippy::unwrap_used)] // as in the tests of the standard harness

use std::{
    env, fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use redisgen::{
    helm::{DryRun, KeySource, Prerequisite, Release, Repository, SecretStep, Step, Values, steps},
    shell,
    templates::command_script,
    yaml,
};

use crate::Check;

type ShellCheck = fn(&str);

const CHECKS: [(&str, ShellCheck); 7] = [
    ("reads back every word", reads_back_every_word),
    ("parses every script", parses_every_script),
    ("makes what is missing", makes_what_is_missing),
    ("leaves what is there", leaves_what_is_there),
    ("stops without a password", stops_without_a_password),
    ("stops at the first failure", stops_at_the_first_failure),
    ("takes a paste", takes_a_paste),
];

const SHELLS: [&str; 4] = ["sh", "dash", "bash", "zsh"];

/// Nothing of it may be read by a shell, lost at an end or shown.
const PASSWORD: &str = " p'a\"$x`y`\\n%s\\!{a,b}~*\n\t#ö ";

pub fn checks() -> Vec<Check> {
    let mut checks = Vec::new();
    for shell in SHELLS {
        let is_missing = shell != "sh" && find(shell).is_none();
        for (name, check) in CHECKS {
            checks.push(Check::panicking(format!("{shell} {name}"), move || check(shell)).ignored_if(is_missing));
        }
    }
    let kubectl = Check::panicking("kubectl makes the Secret", kubectl_makes_the_secret);
    checks.push(kubectl.ignored_if(find("kubectl").is_none()));
    checks
}

fn find(program: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A folder whose programs note their calls in `calls`, a line each.
struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let stage = Self { folder: tempfile::tempdir().unwrap() };
        let note = "#!/bin/sh\n{ printf %s \"${0##*/}\"; printf ' <%s>' \"$@\"; echo; } >> \"$STAGE/calls\"\n";
        // `get` says what `GET` tells it, and the program that `FAIL` names fails.
        stage.program(
            "kubectl",
            &format!(
                "{note}cat > \"$STAGE/kubectl-$1-$2\"\n[ \"$1\" != get ] || exit \"$GET\"\n[ \"$FAIL\" != kubectl ]\n"
            ),
        );
        stage.program("helm", &format!("{note}cat > \"$STAGE/helm-$1\"\n[ \"$FAIL\" != helm ]\n"));
        stage.program(
            "redisgen",
            &format!("{note}cat >/dev/null\nprintf 'a: 1\\n\\nb: \"%%s\\\\n\"\\n'\n[ \"$FAIL\" != redisgen ]\n"),
        );
        stage
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Pipes `script` into the shell; `settings` are environment variables.
    fn pipe(&self, shell: &str, options: &[&str], script: &str, settings: &[(&str, &str)]) -> Output {
        let path =
            env::join_paths([self.path().into()].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap())))
                .unwrap();
        let mut child = Command::new(shell)
            .args(options)
            .env("PATH", path)
            .env("HOME", self.path())
            .env("STAGE", self.path())
            .env("GET", "1")
            .env("FAIL", "")
            .env_remove("REDIS_PASSWORD")
            .env_remove("ENV")
            .envs(settings.iter().copied())
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A shell that has given up reads no further.
        drop(child.stdin.take().map(|mut pipe| pipe.write_all(script.as_bytes())));
        child.wait_with_output().unwrap()
    }

    /// The calls, each as program and first two words.
    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path().join("calls")).unwrap_or_default();
        assert!(!calls.contains("p'a"), "the password is on a command line: {calls}");
        calls
            .lines()
            .map(|line| line.replace(['<', '>'], "").split(' ').take(3).collect::<Vec<_>>().join(" "))
            .collect()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }
}

const RELEASE: Release = Release {
    name: "backend-redis",
    namespace: "backend",
    create_namespace: true,
    repository: Repository::Oci,
    chart: "redis",
    version: "23.1.1",
    values: Values::File("redis opts.yaml"),
    helm: yaml::Helm::Four,
    atomic: true,
    wait: true,
    timeout: Some("10m"),
    dry_run: None,
    secret: None,
    needed: Vec::new(),
    set: Vec::new(),
};

fn with_secret<'a>(values: Values<'a>) -> Release<'a> {
    let keys = vec![("redis-password", KeySource::Variable("REDIS_PASSWORD"))];
    Release { secret: Some(SecretStep { name: "redis-auth", keys }), values, ..RELEASE }
}

fn script(release: &Release) -> String {
    command_script(&steps(release).unwrap()).unwrap()
}

fn from() -> Vec<String> {
    ["redisgen", "values", "--set", "a='b'"].map(str::to_owned).to_vec()
}

fn reads_back_every_word(shell: &str) {
    let mut words: Vec<String> = [
        "",
        " ",
        "a b",
        "it's",
        "\"",
        "\\",
        "\\\\n",
        "$x",
        "$(id)",
        "`id`",
        "a\nb",
        "\n",
        "\t",
        "*",
        "?",
        "[a]",
        "{a,b}",
        "{1..3}",
        "~",
        "~root",
        "#",
        "a#b",
        "!",
        "!!",
        "^a^b",
        "a^b",
        "&&",
        "|",
        ";",
        ">x",
        "<",
        "%s",
        "=ls",
        "a=b",
        "a=~",
        "--a=b",
        "--a=",
        "--a=~:~",
        "-",
        "--",
        "-n",
        "-e",
        "ö漢🦀",
        "\u{a0}",
        "\u{1b}[31m",
        "'\"'\"'",
        "\\'",
        "a\\",
        "\r",
    ]
    .map(str::to_owned)
    .to_vec();
    words.extend((1..=0x7f_u8).map(|byte| char::from(byte).to_string()));
    let line = shell::join(["printf", "%s\\0"].into_iter().chain(words.iter().map(String::as_str))).unwrap();
    let output = Stage::new().pipe(shell, &[], &format!("{line}\n"), &[]);
    let read = String::from_utf8(output.stdout).unwrap();
    assert_eq!(read.split_terminator('\0').collect::<Vec<_>>(), words);
}

fn parses_every_script(shell: &str) {
    let from = from();
    let mut all = String::new();
    for bits in 0..32_u8 {
        let on = |bit: u8| bits & (1 << bit) != 0;
        let release = Release {
            create_namespace: on(0),
            repository: if on(1) { Repository::Classic } else { Repository::Path("./it's {a,b}".to_owned()) },
            needed: if on(2) { vec![Prerequisite::MonitoringNamespace("m"), Prerequisite::TlsSecret("t")] } else { Vec::new() },
            dry_run: on(3).then_some(DryRun::Server),
            ..with_secret(if on(4) { Values::Command(&from) } else { Values::File("o'n\"e $x.yaml") })
        };
        all += &script(&release);
    }
    let output = Stage::new().pipe(shell, &["-n"], &all, &[]);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn makes_what_is_missing(shell: &str) {
    let (stage, from) = (Stage::new(), from());
    let release = Release { repository: Repository::Classic, ..with_secret(Values::Command(&from)) };
    let output = stage.pipe(shell, &[], &script(&release), &[("REDIS_PASSWORD", PASSWORD)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        stage.calls(),
        [
            "helm repo add",
            "helm repo update",
            "kubectl get namespace",
            "kubectl create namespace",
            "kubectl get secret",
            "kubectl create secret",
            "redisgen values --set",
            "helm upgrade --install",
        ]
    );
    assert_eq!(stage.read("kubectl-create-secret"), PASSWORD);
    assert_eq!(stage.read("helm-upgrade"), "a: 1\n\nb: \"%s\\n\"\n");
    assert!(stage.read("calls").contains("\nredisgen <values> <--set> <a='b'>\n"));
    let shown = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&shown).contains("p'a"), "the password is shown");
}

fn leaves_what_is_there(shell: &str) {
    let stage = Stage::new();
    let output = stage.pipe(shell, &[], &script(&with_secret(Values::File("redis opts.yaml"))), &[("GET", "0")]);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(stage.calls(), ["kubectl get namespace", "kubectl get secret", "helm upgrade --install"]);
    assert!(stage.read("calls").contains(" <-f> <redis opts.yaml> "));
}

fn stops_without_a_password(shell: &str) {
    for settings in [&[][..], &[("REDIS_PASSWORD", "")]] {
        let stage = Stage::new();
        let output = stage.pipe(shell, &[], &script(&with_secret(Values::File("v"))), settings);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("REDIS_PASSWORD: is empty or not set"), "{said}");
        assert_eq!(stage.calls(), ["kubectl get namespace", "kubectl create namespace", "kubectl get secret"]);
    }
}

fn stops_at_the_first_failure(shell: &str) {
    let from = from();
    let release = Release { repository: Repository::Classic, ..with_secret(Values::Command(&from)) };
    let missing = Release { needed: vec![Prerequisite::TlsSecret("redis-tls")], ..release.clone() };
    for (release, fails, last) in [
        (&release, "helm", "helm repo add"),
        (&release, "kubectl", "kubectl create namespace"),
        (&release, "redisgen", "redisgen values --set"),
        (&missing, "", "kubectl get secret"),
    ] {
        let stage = Stage::new();
        let output = stage.pipe(shell, &[], &script(release), &[("REDIS_PASSWORD", PASSWORD), ("FAIL", fails)]);
        assert!(!output.status.success());
        assert_eq!(stage.calls().last().map(String::as_str), Some(last));
    }
}

/// A person's shell reads on after a failure, and is still there.
fn takes_a_paste(shell: &str) {
    let stage = Stage::new();
    let script = script(&with_secret(Values::File("v"))) + "echo still here; echo \"$values\"\n";
    // What reads the terminal would eat the paste, as it would any.
    stage.program("kubectl", "#!/bin/sh\necho kubectl $1 $2 >> \"$STAGE/calls\"\nexit \"$GET\"\n");
    stage.program("helm", "#!/bin/sh\necho helm $1 $2 >> \"$STAGE/calls\"\n");
    let output = stage.pipe(shell, &["-i"], &script, &[]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("still here\n\n"));
    assert!(stage.calls().iter().all(|call| !call.starts_with("helm")), "{:?}", stage.calls());
    assert!(!stage.calls().is_empty());

    let output = stage.pipe(shell, &["-i"], &script, &[("GET", "0")]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("still here\n\n"));
    assert_eq!(stage.calls().last().map(String::as_str), Some("helm upgrade --install"));
}

fn kubectl_makes_the_secret() {
    let stage = Stage::new();
    fs::remove_file(stage.path().join("kubectl")).unwrap();
    fs::write(stage.path().join("a,\"b.crt"), "certificate\n").unwrap();
    let keys =
        vec![("redis-password", KeySource::Variable("REDIS_PASSWORD")), ("ca.crt", KeySource::File("a,\"b.crt"))];
    let release = Release { secret: Some(SecretStep { name: "redis.auth", keys }), create_namespace: false, ..RELEASE };
    let step: Step = steps(&release).unwrap().remove(0);
    let shown = "go-template={{.metadata.name}}|{{index .data \"redis-password\" | base64decode}}|{{index .data \"ca.crt\" | base64decode}}";
    let asked = step.argv.words().chain(["--dry-run=client", "--output", shown]);
    let line = format!("printf %s \"$REDIS_PASSWORD\" | {}\n", shell::join(asked).unwrap());
    let output = stage.pipe("sh", &[], &line, &[("REDIS_PASSWORD", PASSWORD)]);
    let made = String::from_utf8_lossy(&output.stdout);
    assert_eq!(made, format!("redis.auth|{PASSWORD}|certificate\n"), "{}", String::from_utf8_lossy(&output.stderr));
}
