//! Diffs in each format: without secrets for any values, and as a patch that `patch` applies.

use std::{fs, path::Path as FilePath, process::Command};

use proptest::{prelude::*, test_runner::RngSeed};
use redisgen::{
    chart::Chart,
    diff::{Diff, Mode, diff},
    effective::EffectiveValues,
    report::{
        Color,
        diff::{Format, Pair, RenderOptions, SideSource, render, texts},
    },
    yaml::{Document, Map, Notes, Path, emit, read_values},
};

use super::{hostile, secrets};

const FORMATS: [Format; 6] =
    [Format::Text, Format::Unified, Format::Json, Format::Markdown, Format::Stat, Format::NameOnly];

/// Every format of what has an effect and of what is written, without colours.
fn looks() -> impl Iterator<Item = RenderOptions> {
    FORMATS.into_iter().flat_map(|format| {
        [false, true].into_iter().map(move |raw| RenderOptions {
            format,
            context: 3,
            by_risk: !raw && format == Format::Markdown,
            secrets: false,
            raw,
            color: Color::Off,
        })
    })
}

/// Two texts with the versions of their charts; none where Helm does not read one of them.
fn compared(old: (&str, &str), new: (&str, &str), raw: bool) -> Option<Diff> {
    let side = |(text, version): (&str, &str)| {
        Some(EffectiveValues::of(read_values(text).ok()?, &Chart::at(&version.parse().unwrap()).unwrap()))
    };
    Some(diff(&side(old)?, &side(new)?, Mode { raw, ..Mode::default() }))
}

fn shown(old: &str, new: &str, diff: &Diff, look: &RenderOptions) -> String {
    let documents = [old, new].map(|text| Document::parse(text).unwrap());
    let line = |document: &Document, path: &Path| {
        let found = document.find(path)?;
        Some(document.node(found.key.unwrap_or(found.value)).span.line)
    };
    let pair = Pair {
        old: SideSource { name: "old.yaml", by: "by its keys", text: old, line: &|path| line(&documents[0], path) },
        new: SideSource { name: "new.yaml", by: "", text: new, line: &|path| line(&documents[1], path) },
        diff,
        release: None,
        namespace: None,
    };
    render(&[pair], look)
}

fn shows_values(look: &RenderOptions) -> bool {
    !matches!(look.format, Format::Stat | Format::NameOnly)
}

/// Markdown as a reader sees it.
fn decoded(report: &str) -> String {
    report.replace("&#60;", "<").replace("&#62;", ">")
}

const SECRETS: [&str; 2] = [secrets::SECRET, "C0rrecth0rse-y"];

/// The reports that hold one of the two secrets, of a text with the one and with the other, and of it and nothing.
fn leaks(text: &str, versions: [&str; 2]) -> Vec<String> {
    let [old, new] = SECRETS.map(|secret| text.replace("SECRET", secret));
    let mut found = Vec::new();
    for (old, new) in [(old.as_str(), new.as_str()), (&old, ""), ("", &new)] {
        for raw in [false, true] {
            let diff = compared((old, versions[0]), (new, versions[1]), raw);
            for look in looks().filter(|look| look.raw == raw) {
                let report = match &diff {
                    Some(diff) => shown(old, new, diff, &look),
                    None => texts(("old", old), ("new", new), &look),
                };
                if SECRETS.iter().any(|secret| report.contains(secret)) {
                    found.push(format!("{versions:?} {look:?}\n{text}\n{report}"));
                }
            }
        }
    }
    found
}

#[test]
fn no_report_holds_a_secret_wherever_it_stands() {
    let mut found = Vec::new();
    for text in secrets::TEXTS {
        for versions in [["23.1.1", "23.1.1"], ["18.6.1", "10.5.6"]] {
            found.extend(leaks(text, versions));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_report_holds_the_value_of_a_secret_of_the_chart() {
    let mut found = Vec::new();
    for key in secrets::secret_keys() {
        let mut values = Map::new();
        if values.insert_at(&key.parse::<Path>().unwrap(), "SECRET".into()).is_ok() {
            let text = emit(&values, &Notes::default());
            found.extend(leaks(&text, ["13.0.2", "23.1.1"]));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn secrets_that_differ_are_said_to() {
    let mut seen = 0;
    for text in secrets::TEXTS {
        let [old, new] = SECRETS.map(|secret| text.replace("SECRET", secret));
        for raw in [false, true] {
            let Some(diff) = compared((&old, "23.1.1"), (&new, "23.1.1"), raw).filter(|diff| !diff.is_empty()) else {
                continue;
            };
            for look in looks().filter(|look| look.raw == raw && shows_values(look)) {
                seen += 1;
                let report = decoded(&shown(&old, &new, &diff, &look));
                assert!(report.contains("<redacted, changed>"), "{look:?}\n{text}\n{report}");
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn secrets_are_shown_where_they_are_asked_for() {
    let [old, new] = SECRETS.map(|secret| format!("auth:\n  password: {secret}\n"));
    for look in looks().filter(shows_values) {
        let diff = compared((&old, "23.1.1"), (&new, "23.1.1"), look.raw).unwrap();
        let report = decoded(&shown(&old, &new, &diff, &RenderOptions { secrets: true, ..look }));
        assert!(SECRETS.iter().all(|secret| report.contains(secret)), "{report}");
    }
}

/// Hands a patch to the program, in a folder of this test's own.
fn patched(name: &str, text: &str, patch: &str) -> String {
    let folder = FilePath::new(env!("CARGO_TARGET_TMPDIR")).join("diff_patch").join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("values"), text).unwrap();
    fs::write(folder.join("patch"), patch).unwrap();
    let mut command = Command::new("patch");
    let output = command.current_dir(&folder).args(["--binary", "values", "patch"]).output().unwrap();
    assert!(output.status.success(), "{}\n{patch}", String::from_utf8_lossy(&output.stdout));
    fs::read_to_string(folder.join("values")).unwrap()
}

#[test]
fn a_patch_of_the_files_makes_the_one_into_the_other() {
    if Command::new("patch").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "there is no `patch`");
        return;
    }
    let old =
        "# one\nreplica:\n  replicaCount: 2\nmaster: {count: 1}\r\na: \"x\ty\"\n\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\ng: 1";
    let news = [
        "replica:\n  replicaCount: 3\nmaster: {count: 2}\r\na: \"x\ty\"\n\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\ng: 2\n",
        "# two\n# three\nreplica:\n  replicaCount: 3\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\nmaster: {count: 2}\ng: 1",
        "a: \"x\tz\"\n",
    ];
    for (at, new) in news.iter().enumerate() {
        for context in [0, 1, 3, usize::MAX] {
            let diff = compared((old, "23.1.1"), (new, "23.1.1"), true).unwrap();
            let look =
                RenderOptions { context, raw: true, ..looks().find(|look| look.format == Format::Unified).unwrap() };
            let patch = shown(old, new, &diff, &look);
            assert_eq!(patched(&format!("raw-{at}-{context}"), old, &patch), *new, "{patch}");
        }
    }
}

#[test]
fn a_patch_of_the_values_makes_the_one_into_the_other() {
    if Command::new("patch").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "there is no `patch`");
        return;
    }
    let old = "replica: {replicaCount: 2, extraFlags: [a, b]}\ncommonConfiguration: |-\n  save 1\n  maxmemory 1gb\n";
    let new =
        "sentinel: {enabled: true}\nreplica: {extraFlags: [b]}\nauth: {password: x}\ncommonConfiguration: save 2\n";
    for (at, versions) in [["23.1.1", "23.1.1"], ["18.6.1", "23.1.1"], ["23.1.1", "18.6.1"]].into_iter().enumerate() {
        let diff = compared((old, versions[0]), (new, versions[1]), false).unwrap();
        let look = RenderOptions { secrets: true, ..looks().find(|look| look.format == Format::Unified).unwrap() };
        // With all lines around them, the changes hold both texts.
        let whole = shown(old, new, &diff, &RenderOptions { context: usize::MAX, ..look });
        let side = |sign: char| -> String {
            let lines = whole.lines().skip(3).filter_map(|line| line.strip_prefix([' ', sign]));
            lines.map(|line| format!("{line}\n")).collect()
        };
        assert_eq!(patched(&format!("values-{at}"), &side('-'), &shown(old, new, &diff, &look)), side('+'));
        assert_eq!(read_values(&side('+')).unwrap(), diff.new.values);
    }
}

/// What breaks the layout of a report, or would.
fn wrong(look: &RenderOptions, report: &str) -> Option<String> {
    assert!(report.is_empty() || report.ends_with('\n'));
    let is_odd = |c: char| match look.format {
        Format::Json => false,
        Format::Unified => c.is_control() && !matches!(c, '\n' | '\t' | '\r') || "\u{2028}\u{202e}".contains(c),
        _ => c.is_control() && c != '\n' || "\u{2028}\u{202e}".contains(c),
    };
    if let Some(odd) = report.chars().find(|c| is_odd(*c)) {
        return Some(format!("holds {odd:?}"));
    }
    match look.format {
        Format::Json => serde_json::from_str::<serde_json::Value>(report).err().map(|error| error.to_string()),
        Format::Unified => report.lines().find_map(|line| {
            let known = ["--- ", "+++ ", "@@ -", "\\ No newline", "# the ", " ", "+", "-"];
            (!known.iter().any(|begin| line.starts_with(begin))).then(|| line.to_owned())
        }),
        Format::Markdown => report.lines().find_map(|line| {
            const TAGS: [&str; 7] = ["<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "<br>"];
            let bare = TAGS.iter().fold(line.to_owned(), |line, tag| line.replace(tag, ""));
            let heads = ["**redisgen diff**: ", "**error**: ", "**note**: "];
            let title = heads.iter().any(|head| bare.starts_with(head));
            let pipes = ![0, 3, 5, 6].contains(&bare.matches('|').count());
            let odd = bare.contains(['<', '>', '`', '[', ']', '\\']) || bare.contains('*') && !title;
            (pipes || odd).then(|| line.to_owned())
        }),
        Format::Text | Format::Stat | Format::NameOnly => {
            report.lines().find(|line| line.trim_start().starts_with("FORGED")).map(str::to_owned)
        }
    }
}

/// A values file with these texts as keys and as values.
fn file() -> impl Strategy<Value = String> {
    let text = || {
        (hostile(), any::<bool>()).prop_map(|(text, forged)| {
            let line = if forged { "\nFORGED: x" } else { "" };
            format!("{text}{line}")
        })
    };
    let place = prop::sample::select(&["", "master.podLabels", "replica.extraFlags", "auth.password", "global"][..]);
    prop::collection::vec((place, text(), text(), 0..4u8), 0..6).prop_map(|entries| {
        let mut values = Map::new();
        for (place, key, value, shape) in entries {
            let place: Path = place.parse().unwrap();
            let entry = place.key(if key.is_empty() { "a".to_owned() } else { key });
            let value = match shape {
                0 => value.into(),
                1 => vec![value.clone(), value].into(),
                2 => value.repeat(200).into(),
                _ => Map::from_iter([(value.clone(), value.into())]).into(),
            };
            drop(values.insert_at(&entry, value));
        }
        emit(&values, &Notes::default())
    })
}

proptest! {
    // The values are the same in each run: a failure then comes from a change.
    #![proptest_config(ProptestConfig {
        cases: 64, rng_seed: RngSeed::Fixed(5), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_values_say_reports_keep_their_layout(old in file(), new in file()) {
        let diffs = [false, true].map(|raw| compared((&old, "23.1.1"), (&new, "23.1.1"), raw).unwrap());
        for look in looks() {
            let diff = &diffs[usize::from(look.raw)];
            let report = shown(&old, &new, diff, &look);
            prop_assert_eq!(wrong(&look, &report), None, "{:?}\n{}", look, report);
            if look.format == Format::Unified && !look.raw {
                prop_assert_eq!(report.is_empty(), diff.is_empty() && !diff.is_refused());
            }
        }
    }

    #[test]
    fn whatever_texts_say_reports_keep_their_layout(old in hostile(), new in hostile(), name in hostile()) {
        for look in looks().filter(|look| look.format != Format::Markdown) {
            let report = texts((&name, &old), (&name, &new), &look);
            // For a person it is a patch too.
            let look = if look.format == Format::Text { RenderOptions { format: Format::Unified, ..look } } else { look };
            prop_assert_eq!(wrong(&look, &report), None, "{:?}\n{}", look, report);
        }
    }
}
