//! The arguments of one `helm` command.

use super::words::Word;

/// A command that installs a release, or shows what it would install.
#[derive(Debug, Clone, Default)]
pub(super) struct Command {
    pub release: Option<Word>,
    pub chart: Option<Word>,
    pub version: Option<Word>,
    pub repository: Option<Word>,
    pub namespace: Option<Word>,
    pub files: Vec<Word>,
    pub sets: Vec<(Set, Word)>,
}

/// The flags of the family `--set`, in the order in which Helm applies them: `MergeValues` in
/// `pkg/cli/values/options.go`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Set {
    Json,
    Plain,
    Text,
    File,
    Literal,
}

/// A repository that `helm repo add` names.
pub(super) struct Alias {
    pub name: String,
    pub address: String,
}

/// What a `helm` command does.
pub(super) enum Call {
    Release(Box<Command>),
    Repository(Alias),
}

/// The flags without a value, of Helm 2 to 4 and of the plugin `diff`.
const SWITCHES: [&str; 63] = [
    "--allow-unreleased",
    "--atomic",
    "--cleanup-on-fail",
    "--create-namespace",
    "--debug",
    "--dependency-update",
    "--dep-up",
    "--detailed-exitcode",
    "--devel",
    "--disable-openapi-validation",
    "--disable-validation",
    "--dry-run",
    "--dry-run-validate",
    "--enable-dns",
    "--force",
    "--force-conflicts",
    "--force-replace",
    "--force-update",
    "--generate-name",
    "--help",
    "--hide-notes",
    "--hide-secret",
    "--include-crds",
    "--include-tests",
    "--insecure-skip-tls-verify",
    "--install",
    "--is-upgrade",
    "--kube-insecure-skip-tls-verify",
    "--no-color",
    "--no-hooks",
    "--no-update",
    "--normalize-manifests",
    "--pass-credentials",
    "--plain-http",
    "--purge",
    "--recreate-pods",
    "--release-name",
    "--render-subchart-notes",
    "--replace",
    "--reset-then-reuse-values",
    "--reset-values",
    "--reuse-values",
    "--rollback-on-failure",
    "--server-side",
    "--show-secrets",
    "--show-secrets-decoded",
    "--skip-crds",
    "--skip-refresh",
    "--skip-schema-validation",
    "--skip-tests",
    "--strip-trailing-cr",
    "--suppress-secrets",
    "--take-ownership",
    "--three-way-merge",
    "--tls",
    "--tls-verify",
    "--validate",
    "--verify",
    "--wait",
    "--wait-for-jobs",
    "--color",
    "--no-headers",
    "--untar",
];

/// The letters of flags without a value.
const LETTERS: [char; 4] = ['i', 'g', 'h', 'q'];

/// Reads the words behind `helm`. `None` if the command installs nothing.
pub(super) fn call(words: &[Word]) -> Option<Call> {
    let mut command = Command::default();
    let mut plain: Vec<&Word> = Vec::new();
    let mut at = 0;
    let mut only_plain = false;
    while let Some(word) = words.get(at) {
        at += 1;
        let text = word.text.as_str();
        if only_plain || !text.starts_with('-') || text == "-" {
            plain.push(word);
            continue;
        }
        if text == "--" {
            only_plain = true;
            continue;
        }
        let (flag, value) = match flag_of(text) {
            Some((flag, Some(value))) => (flag, Some(Word { text: value.to_owned(), place: word.place.clone() })),
            Some((flag, None)) if SWITCHES.contains(&flag) => (flag, None),
            Some((flag, None)) => {
                let value = words.get(at).cloned();
                at += 1;
                (flag, value)
            }
            None => continue,
        };
        let Some(value) = value else { continue };
        match flag {
            "--version" => command.version = Some(value),
            "--repo" => command.repository = Some(value),
            "--namespace" | "-n" => command.namespace = Some(value),
            "--name" => command.release = Some(value),
            "--values" | "-f" => {
                let files = value.text.split(',').filter(|file| !file.is_empty());
                command.files.extend(files.map(|file| Word { text: file.to_owned(), place: value.place.clone() }));
            }
            "--set" => command.sets.push((Set::Plain, value)),
            "--set-string" => command.sets.push((Set::Text, value)),
            "--set-json" => command.sets.push((Set::Json, value)),
            "--set-file" => command.sets.push((Set::File, value)),
            "--set-literal" => command.sets.push((Set::Literal, value)),
            _ => {}
        }
    }
    let mut plain = plain.into_iter();
    let mut verb = plain.next()?.text.as_str();
    if verb == "repo" {
        if plain.next()?.text != "add" {
            return None;
        }
        let alias = Alias { name: plain.next()?.text.clone(), address: plain.next()?.text.clone() };
        return Some(Call::Repository(alias));
    }
    while ["secrets", "diff"].contains(&verb) {
        verb = plain.next()?.text.as_str();
    }
    if !VERBS.contains(&verb) {
        return None;
    }
    let rest: Vec<&Word> = plain.collect();
    match rest[..] {
        // Helm 2, a generated name, or a template without a name.
        [chart] if command.release.is_some() || verb != "upgrade" => command.chart = Some(chart.clone()),
        [release, chart, ..] => {
            command.release = Some(release.clone());
            command.chart = Some(chart.clone());
        }
        _ => return None,
    }
    Some(Call::Release(Box::new(command)))
}

/// The subcommands with values of a chart.
pub(super) const VERBS: [&str; 3] = ["install", "upgrade", "template"];

/// A flag, with the value in the same word.
fn flag_of(text: &str) -> Option<(&str, Option<&str>)> {
    if text.starts_with("--") {
        return Some(match text.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (text, None),
        });
    }
    // `-i`, `-if x`, `-nspace`, `-n=space`
    let letters = text.strip_prefix('-')?;
    let at = letters.find(|letter| !LETTERS.contains(&letter))?;
    let letter = letters[at..].chars().next()?;
    let (flag, behind) = (letter, &letters[at + letter.len_utf8()..]);
    let flag = match flag {
        'f' => "-f",
        'n' => "-n",
        _ => "-",
    };
    Some((flag, (!behind.is_empty()).then(|| behind.strip_prefix('=').unwrap_or(behind))))
}
