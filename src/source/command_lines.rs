//! The releases that `helm` commands install: in scripts, Makefiles, CI workflows and Dockerfiles, and in a Tiltfile.

mod assigned;
mod helm;
mod script;
mod tilt;
mod values;
mod variables;
mod words;

use self::{
    assigned::Values,
    helm::{Alias, Call, Command},
    script::{Script, end_of_quote, helms},
    values::{add_sets, file_layer, path_of, place_of_version},
    words::{Language, Word},
};
use super::{
    Delivery, Hints, Origin,
    declaration::{Base, ChartReference, Declaration, Layer, StatedVersion, version_in_name},
    declare::origin_of,
    embedded::EmbeddedText,
    search::{Words, holds},
};
use crate::yaml::{Document, Kind, Lines, Span, Value};

/// The most commands of one text.
const MOST_COMMANDS: usize = 1_000;

/// The most places of a text that may begin a command.
const MOST_PLACES: usize = 2_000;

/// The longest text that is read in bytes.
const LONGEST: usize = 1024 * 1024;

/// The forms, for people.
const COMMAND: &str = "helm command";
const TILT: &str = "Tilt";

/// A kind of file with commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileKind {
    Script(Language),
    /// Commands in the scalars of YAML.
    Yaml,
    Tilt,
}

impl FileKind {
    fn of(name: &str, text: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
        Some(match ending {
            "sh" | "bash" | "zsh" | "ksh" | "bats" | "envrc" | "dockerfile" | "groovy" | "fish" => {
                Self::Script(Language::Shell)
            }
            "ps1" | "psm1" => Self::Script(Language::PowerShell),
            "bat" | "cmd" => Self::Script(Language::Batch),
            "mk" | "mak" => Self::Script(Language::Make),
            "yml" | "yaml" => Self::Yaml,
            _ if lower.starts_with("makefile") || lower == "gnumakefile" => Self::Script(Language::Make),
            _ if lower.starts_with("dockerfile") || lower.starts_with("containerfile") => Self::Script(Language::Shell),
            _ if lower.starts_with("jenkinsfile") || lower == "justfile" || lower == ".justfile" => {
                Self::Script(Language::Shell)
            }
            _ if lower == "tiltfile" || lower.ends_with(".tiltfile") || lower.starts_with("tiltfile.") => Self::Tilt,
            _ if ending == "just" => Self::Script(Language::Shell),
            // A script without an ending.
            "" if text.starts_with("#!") && text.lines().next().is_some_and(|line| line.contains("sh")) => {
                Self::Script(Language::Shell)
            }
            _ => return None,
        })
    }
}

/// Whether a text may hold commands that install releases: a cheap test.
pub(super) fn may_be_in(text: &str, file_name: Option<&str>) -> bool {
    let kind = file_name.and_then(|name| FileKind::of(name, text));
    // Most manifests that Helm renders have the label `helm.sh/chart`.
    let is_named = || {
        let mut found = text.match_indices("helm").map(|(at, _)| &text[at..]);
        found.any(|rest| !rest.starts_with("helm.sh/")) || holds(text, "HELM")
    };
    match kind {
        Some(FileKind::Tilt) => text.contains("helm"),
        Some(_) => has_verb(text) && is_named(),
        None => false,
    }
}

/// Whether a YAML text surely has no command that installs a release, without reading it: only the comments in front of it
/// hold a verb, and no text in it can be put together from escapes or variables.
pub(super) fn has_no_command(text: &str) -> bool {
    let read = behind_comments(text);
    !has_verb(read) && !read.contains(['\\', '$'])
}

/// The text behind the comments and the empty lines that it begins with.
fn behind_comments(text: &str) -> &str {
    let mut rest = text;
    while let Some((line, below)) = rest.split_once('\n') {
        if !line.is_empty() && !line.starts_with('#') {
            break;
        }
        rest = below;
    }
    rest
}

fn has_verb(text: &str) -> bool {
    static VERBS: Words = Words::of(&helm::VERBS);
    VERBS.any_in(text)
}

/// The limit that a text exceeds, which is not read then.
pub(super) fn exceeded_limit(text: &str) -> Option<String> {
    (text.len() > LONGEST).then(|| format!("it is larger than {} MiB", LONGEST >> 20))
}

/// The releases of all charts that the commands of a text install.
pub(super) fn declarations(text: &str, hints: &Hints) -> Vec<Declaration> {
    let Some(kind) = hints.file_name().and_then(|name| FileKind::of(name, text)) else { return Vec::new() };
    if exceeded_limit(text).is_some() || kind == FileKind::Yaml && has_no_command(text) {
        return Vec::new();
    }
    let lines = Lines::of(text);
    let span = |start: usize, end: usize| {
        let (line, column) = lines.position(text, start);
        Span { start, end, line, column }
    };
    let mut reader = Reader { hints, calls: Vec::new(), values: Values::default() };
    match kind {
        FileKind::Script(language) => {
            reader.values.add_script(text, language);
            reader.read(text, language, &|start, end| span(start, end));
        }
        FileKind::Yaml => match Document::parse(text) {
            Ok(document) => reader.read_document(&document),
            // A template around YAML: its lines are searched as they are.
            Err(_) => {
                reader.values.add_script(text, Language::Shell);
                reader.read(text, Language::Shell, &|start, end| span(start, end));
            }
        },
        FileKind::Tilt => {
            tilt::read(text, &mut reader.calls, &|start, end| span(start, end));
            // `local("helm upgrade ...")`
            reader.read(text, Language::Shell, &|start, end| span(start, end));
        }
    }
    reader.declarations(text)
}

/// A call with the places of its words in the whole text.
struct PlacedCall {
    form: &'static str,
    call: Call,
    /// The place of the command.
    span: Span,
    /// The places of the words, by their start in the script.
    places: Vec<(usize, Span)>,
    /// The folder that the line changes to.
    folder: Option<String>,
}

struct Reader<'a> {
    hints: &'a Hints,
    calls: Vec<PlacedCall>,
    values: Values,
}

/// The place in the whole text of a range of a script.
type Outer<'a> = &'a dyn Fn(usize, usize) -> Span;

impl Reader<'_> {
    /// Reads the commands in the scalars of a document.
    fn read_document(&mut self, document: &Document) {
        self.values.add_document(document);
        let mut scripts = Vec::new();
        for top in document.documents() {
            document.walk(*top, |path, node| {
                let is_prose = path.last().is_some_and(|step| match step {
                    crate::yaml::Segment::Key(key) => PROSE.contains(&key.as_str()),
                    crate::yaml::Segment::Index(_) => false,
                });
                match document.node(node.value).kind {
                    Kind::Scalar { text, .. } if !is_prose && may_hold_command(text) => scripts.push(node.value),
                    Kind::List { .. } if !is_prose => scripts.push(node.value),
                    _ => {}
                }
            });
        }
        for node in &scripts {
            if let Some(inset) = EmbeddedText::scalar(document, *node) {
                self.values.add_script(&inset.text, Language::Shell);
            }
        }
        for node in scripts {
            match EmbeddedText::scalar(document, node) {
                Some(inset) => self.read(&inset.text.clone(), Language::Shell, &|start, end| {
                    inset.outer(document, Span { start, end, ..Span::default() })
                }),
                None => self.read_list(document, node),
            }
        }
    }

    /// Reads the arguments of a command in a list of texts.
    fn read_list(&mut self, document: &Document, node: crate::yaml::NodeId) {
        let Kind::List { items, .. } = document.node(document.target(node)).kind else { return };
        let mut words = Vec::new();
        for item in items {
            let place = document.node(*item).span;
            let Ok(Value::String(text)) = document.value(*item) else { continue };
            let inner = words::value(&format!("'{}'", text.replace('\'', "")), Language::Shell, &self.values);
            words.push(Word { text: inner.unwrap_or(text), place: place.start..place.end });
        }
        let skipped =
            usize::from(words.first().is_some_and(|word| word.text == "helm" || word.text.ends_with("/helm")));
        let words = &words[skipped..];
        if !words.first().is_some_and(|word| helm::VERBS.contains(&&*word.text)) || self.calls.len() >= MOST_COMMANDS {
            return;
        }
        let span = document.node(document.target(node)).span;
        let places = words.iter().map(|word| {
            let (line, column) = document.position(word.place.start);
            (word.place.start, Span { start: word.place.start, end: word.place.end, line, column })
        });
        let places = places.collect();
        if let Some(call) = helm::call(words) {
            self.calls.push(PlacedCall { form: COMMAND, call, span, places, folder: None });
        }
    }

    /// Reads the commands of a script.
    fn read(&mut self, text: &str, language: Language, outer: Outer) {
        let mut lines = Script::new(text, language);
        for found in helms(text).take(MOST_PLACES) {
            if self.calls.len() >= MOST_COMMANDS {
                return;
            }
            let Some(context) = lines.context(found.start) else { continue };
            let inside = match context.quote {
                Some(quote) => match end_of_quote(&text[found.end..], quote) {
                    Some(length) => &text[..found.end + length],
                    None => text,
                },
                None => text,
            };
            let Some(words) = words::command(inside, found.end, language, &self.values) else { continue };
            let end = words.last().map_or(found.end, |word| word.place.end);
            let Some(call) = helm::call(&words) else { continue };
            let places = words.iter().map(|word| (word.place.start, outer(word.place.start, word.place.end))).collect();
            let folder = context.folder.and_then(|folder| words::value(&folder, language, &self.values));
            self.calls.push(PlacedCall { form: COMMAND, call, span: outer(found.start, end), places, folder });
        }
    }

    fn declarations(self, text: &str) -> Vec<Declaration> {
        let aliases: Vec<&Alias> = self
            .calls
            .iter()
            .filter_map(|placed| match &placed.call {
                Call::Repository(alias) => Some(alias),
                Call::Release(_) => None,
            })
            .collect();
        let mut found: Vec<Declaration> = Vec::new();
        for placed in &self.calls {
            let Call::Release(command) = &placed.call else { continue };
            let Some(declaration) = self.declaration(text, placed, command, &aliases) else { continue };
            match found.iter_mut().find(|before| is_same(before, &declaration)) {
                Some(before) => join(before, declaration),
                None => found.push(declaration),
            }
        }
        found
    }

    fn declaration(
        &self,
        text: &str,
        placed: &PlacedCall,
        command: &Command,
        aliases: &[&Alias],
    ) -> Option<Declaration> {
        let chart = command.chart.as_ref()?;
        let (path, base) = path_of(&chart.text, placed.folder.as_deref());
        let is_folder = chart.text.starts_with(['.', '/', '~', '$']) && path != chart.text;
        let mut reference = match is_folder || path == "." || path == ".." {
            true => {
                let path = if path.starts_with(['.', '/']) { path } else { format!("./{path}") };
                ChartReference::named(&path, base, placed.place(chart))
            }
            false => ChartReference::named(&chart.text, Base::HereOrAbove, placed.place(chart)),
        };
        if let Some(alias) = aliases.iter().rev().find(|alias| alias.name == reference.repository) {
            reference.repository.clone_from(&alias.address);
        }
        if let Some(repository) = command.repository.as_ref().filter(|it| !it.text.is_empty()) {
            reference.repository.clone_from(&repository.text);
        }
        let in_name = chart.text.rsplit('/').next().and_then(version_in_name);
        let version = match (&command.version, in_name) {
            (Some(version), _) if !version.text.is_empty() => StatedVersion {
                at: place_of_version(text, &version.text, placed.place(version)),
                ..StatedVersion::of(&version.text, "--version", placed.place(version).line)
            },
            (_, Some((_, version))) => StatedVersion::of(version, "helm", placed.place(chart).line),
            _ => StatedVersion::default(),
        };
        let release = command.release.as_ref().map(|word| word.text.clone());
        let namespace = command.namespace.as_ref().map(|word| word.text.clone());
        let origin = Origin {
            delivery: Delivery::Helm,
            release: release.clone(),
            namespace: namespace.clone(),
            ..origin_of(self.hints)
        };
        let mut layers = Vec::new();
        for file in &command.files {
            layers.push(file_layer(&file.text, placed.folder.as_deref(), placed.place(file)));
        }
        add_sets(command, placed, &origin, &version, &mut layers);
        Some(Declaration {
            form: placed.form,
            delivery: Delivery::Helm,
            chart: reference,
            version,
            release,
            namespace,
            layers,
            off: None,
            span: placed.span,
            object: None,
            call: None,
        })
    }
}

impl PlacedCall {
    fn place(&self, word: &Word) -> Span {
        let found = self.places.iter().find(|(start, _)| *start == word.place.start);
        found.map_or(self.span, |(_, span)| *span)
    }
}

/// Whether two commands are about the same release: one installs and the other one upgrades it.
fn is_same(a: &Declaration, b: &Declaration) -> bool {
    let agree = |a: &Option<String>, b: &Option<String>| a == b || a.is_none() || b.is_none();
    a.release.is_some()
        && a.release == b.release
        && a.chart.name == b.chart.name
        && agree(&a.namespace, &b.namespace)
        && agree(&a.version.text, &b.version.text)
        && (a.layers.is_empty() || b.layers.is_empty() || layers_of(a) == layers_of(b))
}

/// The layers, as far as they decide whether two releases are one.
fn layers_of(declaration: &Declaration) -> Vec<&str> {
    let layers = declaration.layers.iter().map(|layer| match layer {
        Layer::Block(block) => &*block.inset.text,
        Layer::File(file) => &file.path,
        Layer::Unknown { what, .. } => what,
        Layer::Object(_) | Layer::Extension => "",
    });
    layers.collect()
}

/// Adds the facts of a second command about the same release.
fn join(first: &mut Declaration, second: Declaration) {
    if first.version.text.is_none() {
        first.version = second.version;
    }
    if first.chart.repository.is_empty() {
        first.chart = second.chart;
    }
    first.namespace = first.namespace.take().or(second.namespace);
    if first.layers.is_empty() {
        first.layers = second.layers;
    }
    for layer in &mut first.layers {
        if let Layer::Block(block) = layer {
            block.claims.clone_from(&first.version.claims);
            block.origin.namespace.clone_from(&first.namespace);
        }
    }
}

/// Keys of YAML whose texts are for people.
const PROSE: [&str; 8] = ["description", "name", "title", "summary", "message", "help", "documentation", "desc"];

fn may_hold_command(text: &str) -> bool {
    has_verb(text) && (text.contains("helm") || text.contains("HELM"))
}

#[cfg(test)]
mod tests;
