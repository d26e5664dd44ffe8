//! No secret is shown: secrets are planted under many names, in many forms and in every way in, every command is run in
//! every format, its errors included, and no stream holds one, but for the values that were asked for.
//!
//! A slice runs always; `REDISGEN_MATRIX=full` runs every name in every way.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    env, fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use redisgen::yaml::Document;
use tempfile::TempDir;

/// Prefix of every planted secret. A number follows, to identify a leak.
const MARK: &str = "s3cr3tx";

/// Keys of secrets: right, misspelt, of other tools.
const NAMES: [&str; 24] = [
    "password",
    "passwd",
    "pasword",
    "passwrod",
    "passwod",
    "passw0rd",
    "Password",
    "PASSWORD",
    "pass_word",
    "redisPassword",
    "pwd",
    "redis_pw",
    "pass",
    "passphrase",
    "requirepass",
    "masterauth",
    "REDISCLI_AUTH",
    "apiKey",
    "api_key",
    "token",
    "authToken",
    "clientSecret",
    "secretKey",
    "credentials",
];

/// Lines of redis.conf, of an ACL, of scripts and URLs that hold a secret; `@` is its place.
const LINES: [&str; 26] = [
    "requirepass @",
    "REQUIREPASS @",
    "requirepas @",
    "RequirePass \"@\"",
    "masterauth @",
    "MASTERAUTH '@'",
    "primaryauth @",
    "user app on >@ ~* +@all",
    "USER app on #@ ~*",
    "sentinel auth-pass mymaster @",
    "SENTINEL SENTINEL-PASS @",
    "sentinel sentinel-pass @",
    "tls-key-file-pass @",
    "TLS-CLIENT-KEY-FILE-PASS @",
    "# requirepass @",
    "# password: @",
    "redis-cli -a @ ping",
    "redis-cli -h h --pass @ ping",
    "redis-cli AUTH @",
    "export REDISCLI_AUTH=@",
    "REDIS_PASSWORD='@'",
    "redis://:@@h:6379/0",
    "rediss://app:@@h",
    "redis://h?password=@",
    "h:6379,password=@,ssl=True",
    "curl -H 'Authorization: Bearer @' http://h",
];

/// What looks like a secret and is none, with the text that has to be shown.
const OPEN: [(&str, &str); 14] = [
    ("auth.existingSecret", "shown-secret-name"),
    ("auth.existingSecretPasswordKey", "shown-secret-key"),
    ("auth.usePasswordFiles", "shown-switch"),
    ("auth.existngSecret", "shown-misspelt"),
    ("auth.acl.userSecret", "shown-user-secret"),
    ("tls.certificatesSecret", "shown-certificates"),
    ("master.extraEnvVarsSecret", "shown-variables"),
    ("global.imagePullSecrets[0]", "shown-pull-secret"),
    ("automountServiceAccountToken", "shown-account-token"),
    ("master.extraVolumes[0].name", "shown-password-volume"),
    ("master.extraVolumes[0].secret.secretName", "shown-secret-of-volume"),
    ("master.extraVolumes[0].secret.items[0].key", "shown-item-of-volume"),
    ("replica.extraEnvVars[0].valueFrom.secretKeyRef.key", "shown-key-of-ref"),
    ("auth.passwordX.secretName", "shown-name-in-secret"),
];

/// One run of the program: its words, what it reads from standard input, and how many lines of output are asked for.
#[derive(Clone)]
struct Run {
    args: Vec<String>,
    stdin: String,
    /// Whether the values on stdout were asked for, with the secrets in them.
    asked_for: bool,
}

fn run(args: &[&str]) -> Run {
    Run { args: args.iter().map(|arg| (*arg).to_owned()).collect(), stdin: String::new(), asked_for: false }
}

impl Run {
    fn reading(self, stdin: &str) -> Self {
        Self { stdin: stdin.to_owned(), ..self }
    }

    fn asking_for_values(self) -> Self {
        Self { asked_for: true, ..self }
    }

    fn output(&self, folder: &Path) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_redisgen"))
            .args(&self.args)
            .current_dir(folder)
            .env("REDISGEN_DATA_DIR", folder.join("nobody"))
            .env("REDISGEN_CONFIG_DIR", folder.join("nobody"))
            .env("PLANTED", secret(9001))
            .env("PLANTED_LINES", format!("{}\n{}", secret(9002), secret(9003)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The program may have ended without a look at it.
        drop(child.stdin.take().unwrap().write_all(self.stdin.as_bytes()));
        child.wait_with_output().unwrap()
    }

    /// What of the planted is shown that should not be.
    fn leaks(&self, folder: &Path) -> Vec<String> {
        let output = self.output(folder);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.code().is_some_and(|code| code < 3), "{:?}: {err}", self.args);
        let mut streams = vec![err];
        if !self.asked_for {
            streams.push(out);
        } else {
            // Comments are no values, where they are not the person's own.
            let document = Document::parse(&out).unwrap_or_else(|error| panic!("{error}: {:?}", self.args));
            let comments = document.comments().iter().filter(|_| self.args[0] != "migrate");
            streams.push(
                comments.map(|comment| format!("{}\n", document.source(comment.span))).collect::<String>().into(),
            );
        }
        let lines = streams.iter().flat_map(|stream| stream.lines()).filter(|line| line.contains(MARK));
        lines.map(|line| format!("redisgen {}\n    {line}", self.args.join(" "))).collect()
    }
}

fn secret(number: usize) -> String {
    format!("{MARK}{number}y")
}

/// Numbers the places `@` of a text, from `first` on. `@@` is a secret and the sign behind it.
struct Planter(usize);

impl Planter {
    fn plant(&mut self, form: &str) -> String {
        let mut text = String::new();
        let mut rest = form;
        while let Some(at) = rest.find('@') {
            let is_rule = rest[..at].ends_with('+');
            text += &rest[..at];
            rest = &rest[at + 1..];
            text += &if is_rule {
                "@".to_owned()
            } else {
                self.0 += 1;
                secret(self.0)
            };
            if !is_rule && rest.starts_with('@') {
                text.push('@');
                rest = &rest[1..];
            }
        }
        text + rest
    }
}

/// A values file with a secret under every name and in every form.
fn values(planter: &mut Planter) -> String {
    let mut text = "architecture: standalone\nauth:\n  enabled: true\n".to_owned();
    for name in NAMES {
        text += &planter.plant(&format!("  {name}: @ # {name}: @\n"));
    }
    text += "  acl:\n    enabled: true\n    users:\n";
    for name in NAMES {
        text += &planter.plant(&format!("      - username: app\n        {name}: \"@\"\n"));
    }
    text += "global:\n  redis:\n";
    for name in NAMES {
        text += &planter.plant(&format!("    {name}: '@'\n"));
    }
    for name in NAMES {
        text += &planter.plant(&format!("auth.{name}: @\nmetrics.redis.{name}: [@, {{a: @}}]\n"));
    }
    for key in ["commonConfiguration", "sentinel.configuration"] {
        text += &format!("{key}: |-\n");
        for line in LINES {
            text += &planter.plant(&format!("  {line}\n"));
        }
    }
    text += "master:\n  configuration: |\n";
    for line in LINES {
        text += &planter.plant(&format!("    {line}\n"));
    }
    text += "  extraEnvVars:\n";
    for name in NAMES {
        text += &planter.plant(&format!("    - name: REDIS_{name}\n      value: @\n"));
    }
    for line in LINES.iter().filter(|line| !line.starts_with('#')) {
        let line = planter.plant(line).replace('\\', "\\\\").replace('"', "\\\"");
        text += &format!("    - {{name: X, value: \"{line}\"}}\n");
    }
    text += &planter.plant("  args: [--requirepass, @]\n  command:\n    - redis-cli\n    - -a\n    - @\n");
    text += &planter.plant("redis://:@@h: 1\n\"requirepass @\": 1\nmetrics:\n  \"auth.password=@\": {a: 1}\n");
    text += &planter.plant("x: &pw @\ny:\n  password: *pw\nz: *pw\n");
    text += &planter.plant("passwords:\n  - @\n  - {a: @, b: [@]}\n");
    text += &planter.plant(
        "tls:\n  key: |\n    -----BEGIN RSA PRIVATE KEY-----\n    @\n    @\n    -----END RSA PRIVATE KEY-----\n",
    );
    text += &planter
        .plant("extraDeploy:\n  - kind: Secret\n    stringData:\n      a: @\n      secretName: @\n    data: {b: @}\n");
    text
}

/// Values with fixes, each with a secret in the moved or rewritten part.
const FIXABLE: [&str; 15] = [
    "architecture: standalone\nauth:\n  password: [@]\n",
    "architecture: standalone\nauth:\n  password: {a: @}\n  enabled: {password: @}\n",
    "architecture: standalone\nmaster:\n  service:\n    password: @\n    type: {password: @}\n",
    "architecture: standalone\nauth.password: @\n",
    "architecture: standalone\nredis.password: @\n",
    "architecture: standalone\nauth:\n  enabled: true\n  pasword: @\n",
    "architecture: standalone\nauth:\n  password: @\n  password: @\n",
    "usePassword: true\npassword: @ # password: @\n",
    "architecture: standalone\nmaster:\n  auth:\n    password: @\n",
    "architecture: standalone\nglobal:\n  redis:\n    pasword: @\n",
    "architecture: standalone\nglobal.redis.password: @\n",
    "architecture: standalone\nauth:\n\tpassword: @\n",
    "architecture: standalone\nmaster.configuration: requirepass @\n",
    "slave:\n  extraEnvVars:\n    - name: REDIS_PASSWORD\n      value: @\n",
    "architecture: standalone\ncommonConfiguration: |\n  requirepas @\n  requirepass @ # x\n  maxmemory_policy x\n",
];

/// Texts that are no values, or none that can be read.
const BROKEN: [&str; 10] = [
    "auth:\n  password: @\n a: [\n",
    "auth:\n  password: \"@\n",
    "auth: {password: @\n",
    "auth:\n  password: @: @\n",
    "auth:\n  password: %@\n",
    "auth:\n  password: *@\n",
    "auth:\n  password: !!binary @\n",
    "password: @",
    "- password: @\n",
    "@\n",
];

const MANIFESTS: [&str; 5] = [
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  chart:\n    spec:\n      chart: redis\n      version: 21.2.6\n      sourceRef: {kind: HelmRepository, name: bitnami}\n  values:\n    auth:\n      pasword: @\n      password: @\n    auth.passwd: @\n",
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    repoURL: https://u:@@charts.bitnami.com/bitnami\n    chart: redis\n    targetRevision: 21.2.6\n    helm:\n      parameters:\n        - name: auth.password\n          value: @\n        - name: auth.pasword\n          value: @\n      values: |\n        auth:\n          passwd: @\n          password: @\n",
    "releases:\n  - name: a\n    chart: bitnami/redis\n    version: 21.2.6\n    set:\n      - name: auth.password\n        value: @\n      - name: auth.pasword\n        value: @\n    values:\n      - auth:\n          pasword: @\n",
    "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: a}\nspec:\n  repo: https://u:@@charts.bitnami.com/bitnami\n  chart: redis\n  version: 21.2.6\n  set:\n    auth.password: @\n  valuesContent: |\n    auth:\n      password: @\n      pasword: @\n",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  a: @\n  values.yaml: |\n    auth:\n      password: @\n",
];

const PROFILES: [&str; 8] = [
    "description: a\npassword: @\n",
    "description: a\nauth-password: @\n",
    "description: a\npasswd: @\n",
    "description: a\npasword: @\n",
    "description: a\ntoken: @\n",
    "description: a\nprefer:\n  password: @\n",
    "description: a\nacl-users: [\"app=~* >@\"]\nacl-secret: b\n",
    "description: a\nauth: {password: @}\n",
];

const FORMATS: [&str; 8] = ["text", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown"];
const DIFFS: [&str; 6] = ["text", "unified", "json", "markdown", "stat", "name-only"];

/// The runs over the files of a folder: all of them over the first, which holds everything; in a slice some over each other.
fn runs_over_files(folder: &Path, files: &[String]) -> Vec<Run> {
    const SLICES: usize = 7;
    fs::write(folder.join("empty.yaml"), "architecture: standalone\n").unwrap();
    let some = |(at, file): (usize, &String)| {
        let runs = runs_over_file(file, &fs::read_to_string(folder.join(file)).unwrap());
        let is_one = move |nth: usize| is_full() || at == 0 || nth % SLICES == at % SLICES;
        runs.into_iter().enumerate().filter(move |(nth, _)| is_one(*nth)).map(|(_, run)| run)
    };
    files.iter().enumerate().flat_map(some).collect()
}

fn runs_over_file(file: &str, text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    for format in FORMATS {
        runs.push(run(&["lint", "--no-config", "--min-severity", "info", "-o", format, file]));
    }
    for format in DIFFS {
        runs.push(run(&["diff", "--no-pager", "-o", format, "empty.yaml", file]));
    }
    for format in ["text", "markdown", "json"] {
        runs.push(run(&["migrate", "--to", "23.1.1", "--from", "13.0.2", "--output", format, file]));
    }
    for words in [
        &["lint", "--no-config", "--fix", "--unsafe-fixes", "--diff", file][..],
        &["lint", "--no-config", "--fix", "--diff", file],
        &["lint", "--no-config", "--explain-version", file],
        &["lint", "--no-config", "--baseline", "/dev/stdout", "--update-baseline", file],
        &["lint", "--no-config", "--output-file", "json=/dev/stdout", file],
        &["values", "--diff", "--output-file", file],
        &["command", "-f", file],
        &["plan", file],
        &["plan", "-f", file, "-o", "json"],
        &["plan", "-f", file, "-o", "markdown"],
        &["plan", "-f", file, "-o", "svg"],
        &["images", file],
        &["images", "-f", file, "-o", "json"],
        &["images", "-f", file, "-o", "skopeo", "--copy-to", "registry.example.com"],
        &["diff", "--no-pager", "--raw", "-o", "unified", file, "empty.yaml"],
        &["diff", "--no-pager", file, "--topology", "standalone"],
        &["migrate", "--to", "23.1.1", "--from", "17.0.0", "--check", file],
        &["migrate", "--to", "23.1.1", "--from", "13.0.2", "--diff", file],
    ] {
        runs.push(run(words));
    }
    runs.push(run(&["migrate", "--to", "23.1.1", "--from", "17.0.0", "--keep-unused", file]).asking_for_values());
    runs.push(run(&["values", "-f", file]).asking_for_values());
    runs.push(run(&["values", "-f", "-"]).reading(text).asking_for_values());
    runs.push(run(&["migrate", "--to", "23.1.1", "-"]).reading(text).asking_for_values());
    runs.push(run(&["lint", "--no-config", "-"]).reading(text));
    runs.push(run(&["values", "--diff", "--output-file", "-"]).reading(text));
    runs.push(run(&["diff", "--no-pager", "-", "empty.yaml"]).reading(text));
    runs.push(run(&["command", "-f", "-"]).reading(text));
    runs
}

/// Every run over assignments, from which all secrets of one text go into one command where the program reads them.
fn runs_over_flags(planter: &mut Planter, full: bool) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut right = Vec::new();
    for name in NAMES {
        for form in [
            "auth.NAME=@",
            "NAME=@",
            "global.redis.NAME=@",
            "auth.acl.users[0].NAME=@",
            "NAMEs[0].a=@",
            "auth\\.NAME=@",
        ] {
            right.push(planter.plant(&form.replace("NAME", name)));
        }
        right.push(planter.plant(&format!("x{}.name=REDIS_{name},x{}.value=@", right.len(), right.len())));
    }
    for line in LINES {
        let line = planter.plant(line).replace(',', "\\,");
        right.push(format!("master.extraEnvVars[{}].value={line}", right.len()));
    }
    for form in ["d.kind=Secret,d.stringData.a=@", "args={--requirepass,@}", "a.password=x\\,@", "password={@,b}"] {
        right.push(planter.plant(form));
    }
    for flag in ["--set", "--set-string"] {
        let mut words = vec!["values"];
        words.extend(right.iter().flat_map(|text| [flag, text.as_str()]));
        runs.push(run(&words).asking_for_values());
        words[0] = "diff";
        words.extend(["--no-pager", "empty.yaml"]);
        runs.push(run(&words));
        for text in right.iter().step_by(if full { 1 } else { 23 }) {
            runs.push(run(&["command", flag, text]));
            runs.push(run(&["command", "--output", "json", &format!("{flag}={text}")]));
            runs.push(run(&["values", &format!("{flag}={text}")]).asking_for_values());
        }
    }
    let mut broken = Vec::new();
    for name in NAMES {
        for form in [
            "auth.NAME=a{b,@",
            "auth.NAME=@,@",
            "a={b,auth.NAME=@",
            "auth.NAME[x]=@",
            "auth.NAME:@",
            "auth.NAME @",
            "auth[0.NAME=@",
        ] {
            broken.push(planter.plant(&form.replace("NAME", name)));
        }
    }
    broken.extend(
        ["global.redis.pasword=a{b,@", "a=redis://:@@h,b", "a[x]=requirepass @"].map(|form| planter.plant(form)),
    );
    for (at, text) in broken.iter().enumerate().step_by(if full { 1 } else { 31 }) {
        let flag = if at % 2 == 0 { "--set" } else { "--set-string" };
        for command in ["values", "command", "diff"] {
            runs.push(run(&[command, flag, text]));
        }
    }
    let (a, b) = (planter.plant("auth.password=@"), planter.plant("redis://:@@h"));
    let user = planter.plant("app=~* >@");
    for words in [
        vec!["values", a.as_str()],
        vec!["values", "--password-stdin", a.as_str()],
        vec!["values", "--sett", a.as_str()],
        vec!["values", "--acl-user", user.as_str()],
        vec!["values", "--topology", a.as_str()],
        vec!["values", "--replicas", a.as_str()],
        vec!["values", "--save", a.as_str()],
        vec!["values", "--maxmemory", b.as_str()],
        vec!["command", "--repo", b.as_str()],
        vec!["command", "--timeout", a.as_str()],
        vec!["explain", a.as_str()],
        vec!["explain", b.as_str()],
        vec![a.as_str()],
        vec!["profiles", a.as_str()],
        vec!["lint", "-o", a.as_str()],
        vec!["diff", "-o", b.as_str()],
        vec!["migrate", "--to", b.as_str(), "empty.yaml"],
        vec!["values", "--chart-version", b.as_str()],
        vec!["values", "--password-env", "PLANTED_LINES"],
        vec!["values", "--password-env", "PLANTED", "--auth=false"],
        vec!["values", "--password-env", "PLANTED", "--existing-secret", "x"],
        vec!["values", "--password-env", "PLANTED", "--password-file", "empty.yaml"],
        vec!["command", "--password-env", "PLANTED"],
        vec!["diff", "--no-pager", "--password-env", "PLANTED", "empty.yaml"],
    ] {
        runs.push(run(&words));
    }
    let word = secret(9004);
    runs.push(run(&["values", &format!("--password-stdin={word}")]));
    runs.push(run(&["values", "--password-stdin", &word]));
    runs.push(run(&["values", "--password-env", &format!("{word}!")]));
    runs.push(run(&["values", &format!("--password={word}")]));
    runs.push(run(&["values", "--password-stdin"]).reading(&format!("{word}\n")).asking_for_values());
    runs.push(run(&["values", "--password-stdin"]).reading(&format!("{word}\n{word}\n")));
    runs.push(run(&["values", "--password-stdin", "--auth=false"]).reading(&word));
    runs.push(run(&["values", "--password-env", "PLANTED", "--comments", "full"]).asking_for_values());
    runs.push(run(&["command", "--password-stdin"]).reading(&word));
    runs.push(run(&["diff", "--no-pager", "--password-stdin", "empty.yaml"]).reading(&word));
    runs
}

fn runs_over_profiles(names: &[String]) -> Vec<Run> {
    let over = |name: &String| {
        [
            run(&["profiles", "show", name]),
            run(&["profiles", "show", "-o", "json", name]),
            run(&["values", "--profile", name]),
            run(&["command", "--profile", name]),
            run(&["diff", "--no-pager", "empty.yaml", "--profile", name]),
        ]
    };
    let lists = [run(&["profiles", "list", "--profile-dir", "profiles"])];
    names.iter().flat_map(over).chain(lists).collect()
}

/// Errors in the configuration or in a baseline contain none of their text.
const SETTINGS: [&str; 4] =
    ["password = \"@\"\n", "[lint]\npassword = \"@\"\n", "token = \"@\n", "[lint]\nignore = [\"auth.password=@\"]\n"];

fn runs_over_settings(folder: &Path, planter: &mut Planter) -> Vec<Run> {
    let settings = plant_files(folder, planter, "settings", &SETTINGS);
    let lint = |flag: &str, file: &String| run(&["lint", flag, file, "empty.yaml"]);
    settings.iter().flat_map(|file| [lint("--config", file), lint("--baseline", file)]).collect()
}

/// The files of a folder that the forms are planted in, named by what they are.
fn plant_files(folder: &Path, planter: &mut Planter, what: &str, forms: &[&str]) -> Vec<String> {
    let each = forms.iter().enumerate().map(|(at, form)| {
        let name = format!("{what}-{at}.yaml");
        fs::write(folder.join(&name), planter.plant(form)).unwrap();
        name
    });
    each.collect()
}

/// Runs them all, on every processor; gives back what was shown, each once.
fn leaks(runs: &[Run], folder: &Path) -> Vec<String> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    found.lock().unwrap().extend(run.leaks(folder));
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort();
    found.dedup();
    found
}

fn is_full() -> bool {
    env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full")
}

#[test]
fn no_secret_is_shown() {
    let folder = TempDir::new().unwrap();
    let (here, mut planter) = (folder.path(), Planter(0));
    let full = is_full();
    let mut files = vec!["values.yaml".to_owned()];
    fs::write(here.join("values.yaml"), values(&mut planter)).unwrap();
    for (what, forms) in [("fixable", &FIXABLE[..]), ("broken", &BROKEN), ("manifest", &MANIFESTS)] {
        files.extend(plant_files(here, &mut planter, what, forms));
    }
    let mut runs = runs_over_files(here, &files);
    runs.extend(runs_over_flags(&mut planter, full));
    fs::create_dir(here.join("profiles")).unwrap();
    let profiles = plant_files(here, &mut planter, "profiles/p", &PROFILES);
    runs.extend(runs_over_profiles(&profiles.iter().map(|name| format!("./{name}")).collect::<Vec<_>>()));
    runs.extend(runs_over_settings(here, &mut planter));
    // The planted file is read and judged, and its secrets are in the lines that are shown.
    let lint = run(&["lint", "--no-config", "--min-severity", "info", "values.yaml"]).output(here);
    let report = String::from_utf8(lint.stdout).unwrap();
    assert!(report.contains("unknown-key") && report.matches("<redacted>").count() > NAMES.len(), "{report}");
    let found = leaks(&runs, here);
    assert!(found.is_empty(), "{} of {} runs:\n{}", found.len(), runs.len(), found.join("\n"));
}

/// Values that only name the place of a secret; each is shown.
const REFERENCES: [(&str, &str); 5] = [
    ("tls.existingSecret", "{{ .Release.Name }}-shown-name"),
    ("auth.password", "{{ .Values.redis.shownPassword }}"),
    ("global.redis.password", "${SHOWN_REDIS_PASSWORD}"),
    ("master.args[0]", "--requirepass $(SHOWN_VARIABLE)"),
    ("replica.command[0]", "redis-cli -a \"$SHOWN_PASSWORD\" ping"),
];

#[test]
fn what_is_no_secret_is_shown() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("empty.yaml"), "{}\n").unwrap();
    let all: Vec<(&str, &str)> = OPEN.into_iter().chain(REFERENCES).collect();
    let words = |command: &[&str]| {
        // Where a value begins with a bracket, Helm takes it for a list.
        let sets = all
            .iter()
            .flat_map(|(key, value)| ["--set-string".to_owned(), format!("{key}={}", value.replace("{{", "\\{{"))]);
        Run { args: command.iter().map(|word| (*word).to_owned()).chain(sets).collect(), ..run(&[]) }
    };
    let written = words(&["values", "--output-file", "written.yaml"]).output(folder.path());
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let mut runs = vec![words(&["values"]), words(&["command"]), words(&["command", "--output", "json"])];
    for format in ["unified", "json"] {
        runs.push(run(&["diff", "--no-pager", "--raw", "-o", format, "empty.yaml", "written.yaml"]));
    }
    for run in runs {
        let output = run.output(folder.path());
        let out =
            String::from_utf8(output.stdout).unwrap().replace("\\\"", "\"").replace("\\\\", "").replace("\\{", "{");
        for (key, value) in &all {
            assert!(
                out.contains(value),
                "{key}: {value} is not in the output of redisgen {}:\n{out}",
                run.args[..3].join(" ")
            );
        }
    }
    let header = String::from_utf8(words(&["values"]).output(folder.path()).stdout).unwrap();
    assert!(!header.contains("<redacted>"), "{header}");
}

#[test]
fn a_command_that_would_hold_a_secret_is_refused() {
    let folder = TempDir::new().unwrap();
    let mut planter = Planter(0);
    let keys = NAMES.iter().map(|name| format!("auth.{name}=@")).chain([
        "a=redis://:@@h".to_owned(),
        "a.configuration=requirepass @".to_owned(),
        "e.name=REDIS_PASSWORD,e.value=@".to_owned(),
    ]);
    for text in keys.map(|form| planter.plant(&form)).collect::<Vec<_>>() {
        let output = run(&["command", "--set", &text]).output(folder.path());
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]), "{text}: {err}");
        for way in ["--existing-secret", "--password-env", "--password-file", "--values", "<redacted>"] {
            assert!(err.contains(way), "{text}: no `{way}` in {err}");
        }
    }
    let output = run(&["command", "--set", "auth.usePasswordFiles=true,auth.existingSecret=a"]).output(folder.path());
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && out.contains("auth.existingSecret=a") && !out.contains("<redacted>"), "{out}");
}

#[test]
fn a_password_that_is_set_is_treated_as_one() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("own.yaml"), format!("auth:\n  password: {}\n", secret(1))).unwrap();
    let set = format!("auth.password={}", secret(1));
    let global = format!("global.redis.password={}", secret(1));
    for words in [["--set", &set], ["--set-string", &set], ["--set", &global], ["-f", "own.yaml"]] {
        let output = run(&["values", words[0], words[1], "--output-file", "written.yaml"]).output(folder.path());
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && !err.contains("no password is set") && !err.contains(MARK), "{err}");
        let text = fs::read_to_string(folder.path().join("written.yaml")).unwrap();
        assert!(text.contains("# password in clear text: keep this file out of git\n"), "{text}");
        assert_eq!(text.matches(MARK).count(), 1, "{text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join("written.yaml")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{words:?}");
        }
        fs::remove_file(folder.path().join("written.yaml")).unwrap();
    }
    let ignored = run(&["values", "--existing-secret", "a", "--set", &set]).output(folder.path());
    let err = String::from_utf8(ignored.stderr).unwrap();
    assert!(
        err.contains("the chart ignores it because `auth.existingSecret` names a Secret") && !err.contains(MARK),
        "{err}"
    );
    let named = run(&["values", "--set", "auth.existingSecret=a"]).output(folder.path());
    let err = String::from_utf8(named.stderr).unwrap();
    assert!(!err.contains("no password is set"), "{err}");
    let none = run(&["values", "--set", "auth.password="]).output(folder.path());
    assert!(String::from_utf8(none.stderr).unwrap().contains("no password is set"));
}
