use std::{env, fs, path::Path as FilePath};

use clap::Parser;

use super::*;
use crate::profile::Embedded;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

/// Runs `profiles`, and returns its output or its error.
fn ran(args: &[&str]) -> Result<String, String> {
    let line = Line::try_parse_from(["profiles"].iter().chain(args)).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    print(&line.args, &Terminal::default(), &mut out).map_err(|error| format!("{error:#}"))?;
    String::from_utf8(out).map_err(|error| error.to_string())
}

fn shown(name: &str, source: &dyn Source) -> Result<String, String> {
    let layers = profile::layers(&[name.to_owned()], source).map_err(|error| error.to_string())?;
    show_text(&layers).map_err(|error| error.to_string())
}

/// Compares the result of each profile in a folder with the text file next to it, which `REDISGEN_UPDATE=1` writes.
fn every_file(folder: &str, outcome: impl Fn(&str, &Folders) -> String) {
    let source = Folders::of(vec![folder.into()]);
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder")
        .filter_map(|entry| {
            entry.expect("an entry").file_name().into_string().expect("a name").strip_suffix(".yaml").map(str::to_owned)
        })
        .collect();
    names.sort();
    assert!(!names.is_empty());
    for name in names {
        let expected = FilePath::new(folder).join(format!("{name}.txt"));
        // The records have the path without `data`.
        let outcome = outcome(&name, &source);
        if env::var_os("REDISGEN_UPDATE").is_some() {
            fs::write(&expected, outcome).expect("is written");
        } else {
            let expected = fs::read_to_string(&expected).unwrap_or_default();
            assert_eq!(outcome, expected, "{name}; `REDISGEN_UPDATE=1 cargo test` writes the file again");
        }
    }
}

#[test]
fn every_bad_profile_is_told_what_is_wrong() {
    every_file("tests/data/profiles/bad", |name, source| {
        let error = shown(name, source).expect_err(name);
        assert_eq!(error.lines().count(), 1, "{name}: {error}");
        assert!(!error.contains("hunter2"), "{name}");
        error + "\n"
    });
}

#[test]
fn every_good_profile_is_shown() {
    every_file("tests/data/profiles/good", |name, source| {
        shown(name, source).unwrap_or_else(|error| panic!("{error}"))
    });
}

/// The output of `profiles show` is a profile with the same options.
#[test]
fn what_is_shown_is_what_is_wished_for() {
    let good = Folders::of(vec!["tests/data/profiles/good".into()]);
    for name in good.names() {
        let wished = profile::layers(std::slice::from_ref(&name), &good).unwrap_or_else(|error| panic!("{error}"));
        let text = show_text(&wished).expect("is shown");
        let found = profile::ProfileText {
            file: name.clone(),
            shelf: 0,
            embedded: false,
            bytes: text.clone().into_bytes().into(),
        };
        let again = Profile::parse(&name, &found).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let (wished, again) = (profile::layer_profiles(&wished), profile::layer_profiles(&[again]));
        assert_eq!(wished.intent, again.intent, "{name}");
        assert!(wished.preferred.keys().eq(again.preferred.keys()), "{name}");
        assert!(wished.origins.keys().eq(again.origins.keys()), "{name}");
    }
}

#[test]
fn the_embedded_profiles_are_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a path");
    fs::write(folder.path().join("ha.yaml"), "description: ours\nextends: ha\nreplicas: 4\n").expect("is written");
    fs::write(folder.path().join("notes.txt"), "no profile").expect("is written");
    fs::write(folder.path().join("a b.yaml"), "no name").expect("is written");

    let list = ran(&["list", "--profile-dir", path]).expect("lists");
    for name in Embedded.names() {
        assert_eq!(list.lines().filter(|line| line.starts_with(&format!("{name} "))).count(), 1, "{name}");
    }
    assert!(
        list.lines().any(|line| line.starts_with("ha ") && line.contains(path) && line.ends_with("ours")),
        "{list}"
    );

    let list = ran(&["list", "--output", "json", "--profile-dir", path]).expect("lists");
    let list: Json = serde_json::from_str(&list).expect("is JSON");
    let ours = list["profiles"].as_array().expect("a list").iter().find(|row| row["name"] == "ha").expect("is listed");
    assert_eq!(ours["from"], format!("{path}/ha.yaml"));
    assert_eq!(ours["extends"], json!(["ha"]));

    let shown: Json = serde_json::from_str(
        &ran(&["show", "aws-internal", "--output", "json", "--profile-dir", path]).expect("is shown"),
    )
    .expect("is JSON");
    assert_eq!(shown["fields"]["replicas"], json!({ "value": 4, "from": "ha", "preferred": false }));
    assert_eq!(shown["fields"]["master-service"], json!({ "value": true, "from": "aws-internal", "preferred": true }));
    assert_eq!(shown["layers"].as_array().map(Vec::len), Some(3));
    assert!(!ran(&["schema"]).expect("a schema").is_empty());
}

#[test]
fn the_nearer_folder_wins() {
    let folder = tempfile::tempdir().expect("a folder");
    let [near, far] = ["near", "far"].map(|name| folder.path().join(name));
    for (path, text) in [(&near, "description: near\n"), (&far, "description: far\n")] {
        fs::create_dir(path).expect("a folder");
        fs::write(path.join("one.yaml"), text).expect("is written");
    }
    let load = |folders: Vec<PathBuf>, name: &str| {
        let layers = profile::layers(&[name.to_owned()], &Folders::of(folders))?;
        Ok::<_, profile::ProfileError>(layers.last().map(|layer| layer.description.clone()))
    };
    assert_eq!(load(vec![near.clone(), far.clone()], "one"), Ok(Some("near".to_owned())));
    assert_eq!(load(vec![far.clone(), near.clone()], "one"), Ok(Some("far".to_owned())));
    let path = far.join("one.yaml").display().to_string();
    assert_eq!(load(vec![near], &path), Ok(Some("far".to_owned())), "a path is a path");
}

#[test]
fn flags_lie_over_profiles() {
    let args = ProfileArgs { profiles: vec!["cache".to_owned(), "ha".to_owned()], ..ProfileArgs::default() };
    let mut options = args.load().expect("loads");
    let flags = crate::intent::Intent { replicas: Some(6), ..Default::default() };
    options.lay(flags, &Origin::Flag);
    assert_eq!(options.intent.replicas, Some(6));
    assert_eq!(options.origins[&Field::Replicas], Origin::Flag);
    assert_eq!(options.origins[&Field::Persistence], Origin::Profile("cache".to_owned()));
    assert_eq!(options.preferred[&Field::AntiAffinity], Origin::Profile("ha".to_owned()));
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_told() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder.yaml")).expect("a folder");
    symlink(at("loop.yaml"), at("loop.yaml")).expect("a link");
    symlink(at("nowhere"), at("dangling.yaml")).expect("a link");
    fs::write(at("ending.yml"), "description: d\n").expect("is written");
    fs::write(at("large.yaml"), vec![b'#'; profile::MOST_BYTES + 9]).expect("is written");
    symlink("/dev/zero", at("endless.yaml")).expect("a link");
    let path = folder.path().to_str().expect("a path");
    let error = |name: &str| ran(&["show", name, "--profile-dir", path]).expect_err(name).replace(path, "DIR");

    assert_eq!(error("folder"), "DIR/folder.yaml: found a folder: expected a file with a profile");
    assert!(error("loop").starts_with("DIR/loop.yaml: cannot read the file: "));
    assert_eq!(error("dangling"), "DIR/dangling.yaml: found a link to a missing file");
    assert_eq!(error("ending"), "DIR/ending.yml: found the ending `.yml`: expected `.yaml`. Rename the file");
    assert_eq!(error("large"), "DIR/large.yaml:1:1: found more than 262144 bytes: a profile is a short file");
    assert_eq!(error("endless"), "DIR/endless.yaml: found a device or a pipe: expected a file with a profile");
    assert_eq!(error("/dev/zero"), "/dev/zero:1:1: found more than 262144 bytes: a profile is a short file");
    assert_eq!(error("./nothing.yaml"), "./nothing.yaml: file not found");
    assert!(error(path).ends_with("found a folder: expected a profile. Use `--profile-dir` for a folder of profiles"));
    for name in ["..", "a b", ".hidden", "é"] {
        assert!(error(name).contains("is not a valid profile name"), "{name}");
    }
    let error = ran(&["list", "--profile-dir", "no/such/folder"]).expect_err("is refused");
    assert!(error.starts_with("cannot read `--profile-dir no/such/folder`: "), "{error}");
    let error = ran(&["list", "--profile-dir", "Cargo.toml"]).expect_err("is refused");
    assert!(error.starts_with("`--profile-dir Cargo.toml` is not a folder"), "{error}");
}
