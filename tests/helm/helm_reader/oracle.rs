//! The real Helm, asked what it makes of values and texts.

use std::{fs, path::Path};

use redisgen::yaml::{Helm, Map, Value};
use tempfile::TempDir;

use crate::support;

pub struct Oracle {
    helm: support::Helm,
    files: TempDir,
}

impl Oracle {
    pub fn new(helm: support::Helm) -> Self {
        Self { helm, files: TempDir::new().expect("a temporary folder") }
    }

    pub fn major(&self) -> u8 {
        self.helm.major
    }

    /// The same Helm in our words.
    pub fn which(&self) -> Helm {
        if self.major() == 3 { Helm::Three } else { Helm::Four }
    }

    /// Writes a file that lives as long as the oracle; `name` is the caller's own.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.files.path().join(name);
        fs::write(&path, text).expect("a file in a temporary folder");
        path.to_str().expect("a temporary folder with a plain name").to_owned()
    }

    /// Our chart with defaults of its own.
    pub fn chart(&self, name: &str, defaults: &str) -> String {
        let chart = self.files.path().join(name);
        fs::create_dir_all(chart.join("templates")).expect("a folder in a temporary folder");
        for file in ["Chart.yaml", "templates/values.yaml"] {
            fs::copy(Path::new(CHART).join(file), chart.join(file)).expect("a file of our chart");
        }
        fs::write(chart.join("values.yaml"), defaults).expect("a file in a temporary folder");
        chart.to_str().expect("a temporary folder with a plain name").to_owned()
    }

    /// The values that the templates see, or what Helm says against it.
    pub fn values(&self, args: &[&str]) -> Result<Map, String> {
        self.values_of(CHART, args)
    }

    pub fn values_of(&self, chart: &str, args: &[&str]) -> Result<Map, String> {
        match self.printed("values: ", chart, args)? {
            Value::Map(map) => Ok(map),
            other => panic!("Helm's values are no map: {other:?}"),
        }
    }

    /// What Helm's reader makes of each text, or its error.
    pub fn read(&self, name: &str, texts: &[String]) -> Vec<Result<Map, String>> {
        let coded: Vec<String> = texts.iter().map(|text| base64(text)).collect();
        let file = self.file(name, &format!("texts: [{}]\n", coded.join(", ")));
        let Ok(Value::List(results)) = self.printed("read: ", CHART, &["-f", &file]) else {
            panic!("Helm reads no texts")
        };
        assert_eq!(results.len(), texts.len());
        let refused = |map: &Map| {
            let error = map.get("Error").and_then(Value::as_str).filter(|error| error.starts_with("error "));
            error.filter(|_| map.len() == 1).map(str::to_owned)
        };
        let results = results.into_iter().map(|result| match result {
            Value::Map(map) => refused(&map).map_or(Ok(map), Err),
            Value::Null => Ok(Map::new()),
            other => panic!("Helm read {other:?}"),
        });
        results.collect()
    }

    fn printed(&self, line: &str, chart: &str, args: &[&str]) -> Result<Value, String> {
        let output = self.helm.run(["template", "proof", chart].into_iter().chain(args.iter().copied()));
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let text = String::from_utf8(output.stdout).expect("Helm prints text");
        let coded = text.lines().find_map(|printed| printed.strip_prefix(line)).expect("the line of our template");
        Ok(from_json(serde_json::from_slice(&from_base64(coded)).expect("JSON from our template")))
    }
}

const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/helm_reader/chart");

pub fn from_json(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(bool),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::Float(number.as_f64().expect("a number of 64 bits")), Value::Int)
        }
        Json::String(text) => Value::String(text),
        Json::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        Json::Object(entries) => Value::Map(entries.into_iter().map(|(key, value)| (key, from_json(value))).collect()),
    }
}

const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(text: &str) -> String {
    let mut coded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            coded.push(if at <= chunk.len() { char::from(SYMBOLS[bits >> (18 - 6 * at) & 63]) } else { '=' });
        }
    }
    // In quotes, for one that is empty or could be a number.
    format!("\"{coded}\"")
}

fn from_base64(coded: &str) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for symbol in coded.bytes().filter(|symbol| *symbol != b'=') {
        let six = SYMBOLS.iter().position(|known| *known == symbol).expect("a symbol of base64");
        bits = bits << 6 | u32::try_from(six).expect("six bits");
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    bytes
}
