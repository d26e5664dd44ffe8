//! Values files made of bytes: real keys of real chart versions, with values, comments and layouts of all kinds.
//!
//! A short list of bytes decides the whole text, for fuzzers and for tests.

use std::sync::LazyLock;

use redisgen::{
    chart::{self, Chart},
    cloud,
    source::Hints,
    yaml::{Helm, Map, Path, Segment, Value, scalar},
};

/// A file, and what is known of it from elsewhere.
#[derive(Debug)]
pub struct Written {
    pub text: String,
    version: Option<String>,
    helm: Helm,
}

/// What decides; without any left, 0 does.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below this one.
    fn below(&mut self, most: usize) -> usize {
        let high = if most > 256 { usize::from(self.next()) << 8 } else { 0 };
        (high + usize::from(self.next())) % most.max(1)
    }

    /// Holds once in so many times, and never where nothing is left.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

static PATHS: LazyLock<Vec<&str>> = LazyLock::new(chart::key_paths);

/// What readers stumble over, and what rules look for.
const TEXTS: [&str; 34] = [
    "",
    "x",
    "true",
    "yes",
    "0777",
    "1e3",
    "null",
    "~",
    "standalone",
    "replication",
    "LoadBalancer",
    "ClusterIP",
    "NodePort",
    "loadbalancer",
    "internal",
    "0.0.0.0/0",
    "10.0.0.5",
    "8Gi",
    "512mb",
    "{{ .Values.x }}",
    "${x}",
    "p@ss: w0rd # x",
    "*x",
    "ä ö",
    "appendonly yes\nmaxmemory 1gb\nmaxmemory-policy noeviction",
    "# only\nsave \"\"\n",
    "requirepass secret\nrename-command CONFIG \"\"",
    "a\n\n  b\n",
    "- x",
    "docker.io",
    "bitnamilegacy/redis",
    "latest",
    "1.10",
    "a'b\"c",
];

const COMMENTS: [&str; 9] = [
    "why this is so",
    "redisgen: ignore[unknown-key] ours",
    "redisgen: ignore[dead-key, null-value]",
    "redisgen: ignore[unknown-kee]",
    "redisgen: ignore",
    "redisgen ignore[x]",
    "password: hunter2",
    "- name: x",
    "{{ a }}",
];

impl Written {
    pub fn of(bytes: &[u8]) -> Self {
        let mut bytes = Bytes(bytes);
        let helm = if bytes.once_in(4) { Helm::Three } else { Helm::Four };
        let versions = chart::version_numbers().len();
        let version = chart::version_numbers().nth(bytes.below(versions)).map(|version| version.to_string());
        if bytes.once_in(8) {
            let text = String::from_utf8_lossy(bytes.0).into_owned();
            return Self { text, version: version.filter(|_| text_is_even(bytes.0)), helm };
        }
        let known = if bytes.once_in(4) { None } else { version.clone() };
        let mut text = String::new();
        if bytes.once_in(6) {
            text += &format!("# redisgen: chart redis {}\n", version.as_deref().unwrap_or("18"));
        }
        for _ in 0..1 + bytes.below(2) {
            let values = values(version.as_deref(), &mut bytes);
            block(&values, 0, &mut bytes, &mut text);
            if !bytes.once_in(8) {
                break;
            }
            text += "---\n";
        }
        damage(&mut text, &mut bytes);
        let text = around(text, version.as_deref(), &mut bytes);
        let text = match bytes.below(16) {
            14 => text.replace('\n', "\r\n"),
            15 => format!("\u{feff}{text}"),
            _ => text,
        };
        Self { text, version: known, helm }
    }

    /// What the caller of the judge knows.
    pub fn known(&self) -> Hints {
        Hints {
            version: self.version.as_deref().and_then(|version| version.parse().ok()),
            helm: self.helm,
            ..Hints::default()
        }
    }
}

fn text_is_even(bytes: &[u8]) -> bool {
    bytes.len().is_multiple_of(2)
}

fn values(version: Option<&str>, bytes: &mut Bytes) -> Map {
    let chart = version.and_then(|version| Chart::at(&version.parse().ok()?));
    let mut values = Map::new();
    for _ in 0..1 + bytes.below(12) {
        let path = PATHS[bytes.below(PATHS.len())];
        let mut at: Path = path.parse().expect("keys have paths");
        let default = chart.as_ref().and_then(|chart| chart.key(path)).and_then(|key| key.default).cloned();
        if bytes.once_in(6) {
            at = misspelt(at, bytes);
        }
        let value = value(default, bytes);
        // What is in the way of another key stays.
        let _ = values.insert_at(&at, value);
    }
    values
}

fn misspelt(mut path: Path, bytes: &mut Bytes) -> Path {
    if let Some(Segment::Key(key)) = path.pop() {
        let mut letters: Vec<char> = key.chars().collect();
        let at = bytes.below(letters.len());
        match bytes.below(4) {
            0 if letters.len() > 1 => drop(letters.remove(at)),
            1 => letters.insert(at, 's'),
            2 => letters[at] = letters[at].to_ascii_uppercase(),
            _ => letters.reverse(),
        }
        path.push(Segment::Key(letters.into_iter().collect()));
    }
    path
}

fn value(default: Option<Value>, bytes: &mut Bytes) -> Value {
    match bytes.below(12) {
        0 | 1 => default.unwrap_or(Value::Null),
        2 | 3 => Value::Bool(bytes.once_in(2)),
        4 => Value::Int(bytes.of(&[0, 1, 2, 3, 6379, 70_000, -1, i64::MAX])),
        5 => Value::Float(bytes.of(&[0.5, 1e6, 1e21, -0.0])),
        6 => Value::Null,
        7 => Value::List((0..bytes.below(4)).map(|_| value(None, bytes)).collect()),
        8 => {
            let known: Vec<_> = cloud::annotations().collect();
            let entry =
                |bytes: &mut Bytes| (known[bytes.below(known.len())].key.to_owned(), Value::from(bytes.of(&TEXTS)));
            Value::Map((0..1 + bytes.below(3)).map(|_| entry(bytes)).collect())
        }
        9 => Value::Map((0..bytes.below(3)).map(|at| (format!("k{at}"), value(None, bytes))).collect()),
        _ => Value::from(bytes.of(&TEXTS)),
    }
}

fn block(map: &Map, indent: usize, bytes: &mut Bytes, text: &mut String) {
    let blanks = " ".repeat(indent);
    for (key, value) in map.iter() {
        match bytes.below(10) {
            7 => *text += &format!("{blanks}# {}\n", bytes.of(&COMMENTS)),
            8 => *text += &format!("# {}\n", bytes.of(&COMMENTS)),
            9 => *text += "\n",
            _ => {}
        }
        *text += &format!("{blanks}{}:", scalar(key));
        let behind = if bytes.once_in(8) { format!(" # {}\n", bytes.of(&COMMENTS)) } else { "\n".to_owned() };
        match value {
            Value::Map(below) if !below.is_empty() && !bytes.once_in(6) => {
                *text += &behind;
                block(below, indent + bytes.of(&[2, 2, 4]), bytes, text);
            }
            Value::List(items) if !items.is_empty() && !bytes.once_in(6) => {
                *text += &behind;
                let blanks = " ".repeat(indent + bytes.of(&[0, 2]));
                items.iter().for_each(|item| *text += &format!("{blanks}- {}\n", flow(item)));
            }
            Value::String(lines) if lines.contains('\n') && !lines.starts_with([' ', '\n']) && bytes.once_in(2) => {
                *text += &format!(" |{behind}");
                lines.lines().for_each(|line| *text += &format!("{blanks}  {line}\n"));
            }
            _ => *text += &format!(" {}{behind}", flow(value)),
        }
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(on) => on.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::String(text) => quoted(text),
        Value::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let entries: Vec<_> = map.iter().map(|(key, value)| format!("{}: {}", quoted(key), flow(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Writes the value in one line.
fn quoted(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if plain && !text.starts_with(['-', '.']) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// What people and merges leave behind: a line twice, a line less, another indentation, an anchor.
fn damage(text: &mut String, bytes: &mut Bytes) {
    for _ in 0..bytes.below(8).saturating_sub(4) {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if lines.is_empty() {
            return;
        }
        let at = bytes.below(lines.len());
        match bytes.below(7) {
            0 => lines.insert(at, lines[at].clone()),
            1 => drop(lines.remove(at)),
            2 => lines[at].insert_str(0, "  "),
            3 => lines.extend_from_within(at..),
            4 => lines[at] = lines[at].replacen(": ", ": &a ", 1),
            5 => lines.push("aliased: *a".to_owned()),
            _ => lines[at].push_str(" # tail"),
        }
        *text = lines.join("\n") + "\n";
    }
}

/// In a file of another kind.
fn around(text: String, version: Option<&str>, bytes: &mut Bytes) -> String {
    let indented = |by: usize| text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect::<String>();
    let version = version.unwrap_or("18.6.1");
    let application = |field: &str, values: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: redis}}\nspec:\n  source:\n    repoURL: registry-1.docker.io/bitnamicharts\n    chart: redis\n    targetRevision: {version}\n    helm:\n      {field}\n{values}"
        )
    };
    match bytes.below(16) {
        11 => application("valuesObject:", &indented(8)),
        12 => application("values: |", &indented(8)),
        13 => format!("app: {{}}\nredis:\n{}", indented(2)),
        14 => format!(
            "releases:\n  - name: redis\n    chart: bitnami/redis\n    version: {version}\n    values:\n      -\n{}",
            indented(8)
        ),
        15 => application("valuesObject:", &indented(8)) + "---\n" + &application("values: |", &indented(8)),
        _ => text,
    }
}
