//! A secret in each place of a values file, and each report without it.

use redisgen::{
    chart::{self, Chart},
    lint::{CheckedFile, Diagnostic, Mark, Severity, Subject, lint},
    report::{Color, Format, render},
    source::Origin,
    yaml::{Document, Map, Notes, Path, Span, emit},
};

/// No rule, no page and no key holds it.
pub(super) const SECRET: &str = "Tr0ub4dor-x";

/// `SECRET` is the secret.
pub(super) const TEXTS: &[&str] = &[
    "password: SECRET\n",
    "auth:\n  password: \"SECRET\"\n",
    "auth:\n  password: ['SECRET']\n",
    "auth:\n  password: {a: SECRET}\n",
    "auth:\n  password: |-\n    SECRET\n",
    "auth:\n  password: SECRET\n  password: SECRET2\n",
    "auth: {enabled: true, sentinel: true, password: SECRET}\n",
    "x: &pw SECRET\nauth:\n  password: *pw\n",
    "global:\n  redis:\n    password: SECRET\n",
    "auth:\n  acl:\n    enabled: true\n    users:\n      - username: a\n        password: SECRET\n        commands: +@all\n",
    "auth:\n  pasword: SECRET\n",
    "auth:\n  Password: SECRET\n",
    "master:\n  extraFlags:\n    - --requirepass\n    - SECRET\n",
    "master:\n  extraFlags: [--requirepass SECRET, '--masterauth=SECRET']\n",
    "master:\n  extraFlags: --requirepass SECRET\n",
    "replica:\n  extraFlags: ['--user a on >SECRET ~* +@all']\n",
    "master:\n  args: [redis-cli, -a, SECRET]\n",
    "master:\n  command: ['sh', '-c', 'REDISCLI_AUTH=SECRET redis-cli --pass SECRET']\n",
    "master:\n  extraEnvVars:\n    - name: REDIS_PASSWORD\n      value: SECRET\n",
    "commonConfiguration: |-\n  appendonly yes\n  requirepass SECRET\n  masterauth \"SECRET\"\n  maxmemory 1tb\n",
    "commonConfiguration: |-\n  user a on >SECRET #SECRET ~* +@all\n",
    "master:\n  configuration: |-\n    tls-key-file-pass SECRET\n",
    "sentinel:\n  enabled: true\n  configuration: |-\n    sentinel auth-pass mymaster SECRET\n    SENTINEL sentinel-pass SECRET\n",
    "configmap: \"requirepass SECRET\\nmaxmemory 2gb\"\n",
    "# password: SECRET\nauth: {}\n",
    "auth:\n  enabled: false # requirepass SECRET\n",
    "master:\n  service:\n    annotations:\n      url: redis://user:SECRET@host:6379/0\n",
    "metrics:\n  extraArgs:\n    redis.addr: redis://:SECRET@host\n    redis.password: SECRET\n",
    "metrics:\n  extraArgs:\n    redis.user: a\n    redis.passwd: SECRET\n",
    "global:\n  s3:\n    accessKey: SECRET\n    secretKey: SECRET\n    apiKey: SECRET\n    privateKey: SECRET\n",
    "extra:\n  clientSecret: SECRET\n  token: SECRET\n  credentials: {a: SECRET}\n  passphrase: SECRET\n  bindPass: SECRET\n",
    "auth:\n  password: 0777\n---\nauth:\n  password: SECRET\n",
    // Texts that are not YAML.
    "auth:\n  password: [SECRET\n",
    "auth:\n  password: \"SECRET\n",
    "auth:\n\tpassword: SECRET\n",
    "password: SECRET: x\n",
    "password: {{ SECRET }}\n",
    "password: *SECRET\n",
    "password: !SECRET [\n",
    "password: SECRET\n  requirepass SECRET: 1\n",
];

/// The text with what lint finds, and with marks on each line of it; or with what is wrong with it.
fn findings(text: &str, chart: &Chart) -> Vec<Diagnostic> {
    let mut found = match Document::parse(text) {
        Ok(document) => {
            Subject::new(&document, Origin::default(), chart).map(|subject| lint(&subject)).unwrap_or_default()
        }
        Err(error) => vec![of("unreadable", error.message, Vec::new())],
    };
    let mut start = 0;
    let mut marks = Vec::new();
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let span = Span { start, end: start + line.len(), line: at + 1, column: 1 };
        marks.push(Mark { span, label: "here".to_owned() });
        start += line.len();
    }
    found.extend(marks.iter().map(|mark| of("line", "a line".to_owned(), vec![mark.clone()])));
    found.push(of("text", "all of it".to_owned(), marks));
    found
}

fn of(rule: &'static str, message: String, marks: Vec<Mark>) -> Diagnostic {
    Diagnostic { rule, severity: Severity::Error, message, marks, help: Vec::new(), fix: None, facts_of: None }
}

/// The reports that hold the secret, each with the line that does.
fn leaks(text: &str, version: &str) -> Vec<String> {
    let chart = Chart::at(&version.parse().unwrap()).unwrap();
    let found = findings(text, &chart);
    let judged =
        CheckedFile { file: "values.yaml", text, document: None, chart: Some(version.to_owned()), diagnostics: &found };
    let mut leaks = Vec::new();
    for format in Format::ALL {
        let report = render(format, std::slice::from_ref(&judged), Color::Off);
        assert!(report.contains("all of it"), "{format:?}: {report}");
        let holding = report.lines().filter(|line| line.contains(SECRET));
        leaks.extend(holding.map(|line| format!("{version}: {format:?}: {line}\n{text}")));
    }
    leaks
}

const VERSIONS: [&str; 4] = ["10.5.6", "14.8.8", "18.6.1", "23.1.1"];

#[test]
fn no_report_holds_a_secret_wherever_it_stands() {
    let texts = TEXTS.iter().map(|text| text.replace("SECRET", SECRET));
    let leaks: Vec<String> = texts
        .flat_map(|text| VERSIONS.iter().flat_map(move |version| leaks(&text, version)).collect::<Vec<_>>())
        .collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

/// The keys of the chart whose values are secrets, by their names.
pub(super) fn secret_keys() -> Vec<&'static str> {
    let keys = chart::key_paths().into_iter().filter(|path| {
        let name = path.rsplit('.').next().unwrap().to_lowercase();
        let secret = name.contains("password") || ["pass", "token", "secretkey"].iter().any(|end| name.ends_with(end));
        // The names of Secrets and of what is in them, and switches.
        let about = name.starts_with("existing")
            || name.starts_with("use")
            || name.ends_with("key") && name.contains("password");
        secret && !about && !name.contains("files") && !name.starts_with("automount")
    });
    keys.collect()
}

#[test]
fn no_report_holds_the_value_of_a_secret_of_the_chart() {
    let keys = secret_keys();
    assert!(keys.contains(&"auth.password") && keys.contains(&"global.redis.password"), "{keys:?}");
    let mut leaks = Vec::new();
    for key in keys {
        let mut values = Map::new();
        if values.insert_at(&key.parse::<Path>().unwrap(), SECRET.into()).is_ok() {
            let text = emit(&values, &Notes::default());
            leaks.extend(VERSIONS.iter().flat_map(|version| self::leaks(&text, version)));
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}
