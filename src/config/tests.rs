use std::{env, fs, path::Path as FilePath};

use super::*;
use crate::lint::Level;

const ALL: &str = r#"
chart-version = "28.0.7"
[[files]]
glob = "redis/prod/*.yaml"
chart-version = "18.6.1"
at = "redis.redis"
cloud = "aws"

[[files]]
glob = ["redis/*.yaml", "**/cache.yml"]
chart-version = ">=16, <17"

[[files]]
glob = "*.yaml"

[rules]
redundant-default = "off"
auth-off = "error"

[lint]
include = ["*.yaml"]
exclude = "vendor"
fail-on = "warning"
chart-version = "18"
cloud = "gcp"
"#;

#[test]
fn every_field_is_read() {
    let config = Config::parse(ALL, "redisgen.toml").unwrap();
    assert_eq!(config.chart_version.as_ref().map(ToString::to_string).as_deref(), Some("28.0.7"));
    let file = |path: &str| config.for_file(FilePath::new(path));
    let version = |path: &str| file(path).and_then(|rule| Some(rule.chart_version.as_ref()?.to_string()));
    let prod = file("redis/prod/a.yaml").unwrap();
    assert_eq!((prod.at.clone(), prod.cloud), (Some(Path::of(["redis", "redis"])), Some(Cloud::Aws)));
    assert_eq!(version("redis/prod/a.yaml").as_deref(), Some("18.6.1"));
    assert_eq!(version("redis/a.yaml").as_deref(), Some(">=16, <17"));
    assert_eq!(version("b/cache.yml").as_deref(), Some(">=16, <17"));
    assert!(file("b/a.yaml").is_some_and(|rule| rule.chart_version.is_none()));
    assert!(file("b/a.yml").is_none());
    assert_eq!(config.levels.of("redundant-default"), Some(Level::Off));
    assert_eq!(config.levels.of("auth-off"), Some(Level::Error));
    assert_eq!(config.levels.of("null-value"), None);
    let Lint { include, exclude, fail_on, chart_version, cloud } = &config.lint;
    assert!(include.as_ref().is_some_and(|globs| globs.matches(FilePath::new("a.yaml"))));
    assert!(exclude.matches(FilePath::new("vendor/a.yaml")));
    assert_eq!((*fail_on, *cloud), (Some(FailOn::Warning), Some(Cloud::Gcp)));
    assert_eq!(chart_version.as_ref().map(ToString::to_string).as_deref(), Some("18"));
}

#[test]
fn nothing_need_be_said() {
    for text in ["", "# nothing\n", "[lint]\n[rules]\n", "\u{feff}[lint]\n"] {
        let config = Config::parse(text, "redisgen.toml").unwrap();
        assert!(
            config.files.is_empty() && config.chart_version.is_none() && config.levels == Levels::default(),
            "{text}"
        );
        assert!(config.lint.include.is_none() && config.lint.fail_on.is_none(), "{text}");
    }
}

/// Compares the error of each invalid file with the text file next to it, which `REDISGEN_UPDATE=1` writes.
#[test]
fn what_is_wrong_is_said() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/config/bad");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() > 15, "{folder} has lost its files");
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let error = Config::parse(&fs::read_to_string(&file).unwrap(), name).expect_err(name);
        let (message, expected) = (format!("{error}\n"), file.with_extension("txt"));
        if env::var_os("REDISGEN_UPDATE").is_some() {
            fs::write(&expected, &message).unwrap();
        }
        assert_eq!(message, fs::read_to_string(&expected).unwrap_or_default(), "{name}");
    }
}
