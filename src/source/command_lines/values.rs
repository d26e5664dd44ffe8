//! The values of a command: its files, and the flags of the family `--set`.

use std::sync::Arc;

use super::{
    super::{
        Origin,
        declaration::{Base, FileReference, Layer, StatedVersion},
        embedded::EmbeddedText,
        sets::{self, Escape, SetWord},
    },
    PlacedCall,
    helm::{Command, Set},
    words::Word,
};
use crate::placeholder;
use crate::yaml::{Document, Map, Notes, Path, Span, Value, emit, read_values};

/// The place of a version that a word holds as it is. `None` if a variable holds the version.
pub(super) fn place_of_version(text: &str, version: &str, place: Span) -> Option<(EmbeddedText, Path)> {
    let word = text.get(place.start..place.end)?;
    let mut found = word.match_indices(version);
    let (at, _) = found.next().filter(|_| found.next().is_none())?;
    let start = place.start + at;
    Some((EmbeddedText::slice(text, start, start + version.len()), Path::root()))
}

/// Adds the values of the flags of the family `--set`, after all files.
pub(super) fn add_sets(
    command: &Command,
    placed: &PlacedCall,
    origin: &Origin,
    version: &StatedVersion,
    layers: &mut Vec<Layer>,
) {
    let mut sets: Vec<&(Set, Word)> = command.sets.iter().collect();
    sets.sort_by_key(|(set, _)| *set);
    let mut words = Vec::new();
    for (set, word) in sets {
        let span = placed.place(word);
        let (name, value) = word.text.split_once('=').unwrap_or((&word.text, ""));
        if placeholder::of(name).is_some() {
            layers.push(Layer::Unknown { what: format!("`{name}` is not known yet"), span });
            continue;
        }
        match set {
            Set::Json => match json_block(&word.text, span) {
                Some((inset, document)) => layers.push(Layer::block(inset, document, origin, version)),
                None => layers.push(Layer::Unknown { what: format!("the JSON of `{name}` cannot be read"), span }),
            },
            Set::Plain => words.push(SetWord { word: word.text.clone(), is_text: false, span }),
            Set::Text => words.push(SetWord { word: word.text.clone(), is_text: true, span }),
            Set::File => {
                let names = word.text.split(',').filter_map(|part| part.split_once('='));
                words.extend(names.map(|(name, _)| SetWord::new(name, "${file}", Escape::Nothing, true, span)));
            }
            Set::Literal => {
                let value = value.replace('\\', "\\\\").replace(',', "\\,");
                let value = if value.starts_with('{') { format!("\\{value}") } else { value };
                words.push(SetWord::new(name, &value, Escape::Nothing, true, span));
            }
        }
    }
    if let Some((inset, document)) = sets::text_of(&words) {
        layers.push(Layer::block(inset, document, origin, version));
    }
    if let Some(word) = words.get(sets::MOST_WORDS) {
        let what = format!("more than {} values that are set one by one", sets::MOST_WORDS);
        layers.push(Layer::Unknown { what, span: word.span });
    }
}

/// The values of `--set-json`: one object, or `name=json`.
fn json_block(text: &str, span: Span) -> Option<(EmbeddedText, Arc<Document>)> {
    let values = if text.trim_start().starts_with('{') {
        read_values(text).ok()?
    } else {
        let (name, json) = text.split_once('=')?;
        let value = match placeholder::of(json) {
            Some(_) => Value::String(json.to_owned()),
            None => read_values(&format!("{{\"value\": {json}}}")).ok()?.remove("value")?,
        };
        let path: Path = name.parse().ok()?;
        let mut map = Map::new();
        map.insert_at(&path, value).ok()?;
        map
    };
    let text = emit(&values, &Notes::default());
    let document = Document::parse(&text).ok()?;
    Some((EmbeddedText::derived(text, vec![(0, span)]), Arc::new(document)))
}

/// A values file of a command.
pub(super) fn file_layer(written: &str, folder: Option<&str>, span: Span) -> Layer {
    // helm-secrets decrypts the file.
    let written = written.strip_prefix("secrets://").unwrap_or(written);
    if written.contains("://") || written == "-" || written.starts_with("<(") || written.starts_with("/dev/") {
        return Layer::Unknown { what: format!("`{written}` is elsewhere"), span };
    }
    let (path, base) = path_of(written, folder);
    match placeholder::of(&path) {
        Some(_) => Layer::Unknown { what: format!("the name `{path}` is not known yet"), span },
        None => Layer::File(FileReference::new(path, base, span)),
    }
}

/// The names that scripts have for their folder, for the repository, and for the folder where they run.
const FOLDERS: [(&str, Base); 14] = [
    ("$(dirname)", Base::Here),
    ("${PSScriptRoot}", Base::Here),
    ("%~dp0", Base::Here),
    ("${SCRIPT_DIR}", Base::Here),
    ("${BASEDIR}", Base::Here),
    ("$(root)", Base::Root),
    ("${GITHUB_WORKSPACE}", Base::Root),
    ("${CI_PROJECT_DIR}", Base::Root),
    ("${WORKSPACE}", Base::Root),
    ("${PROJECT_ROOT}", Base::Root),
    ("${REPO_ROOT}", Base::Root),
    ("$(pwd)", Base::HereOrAbove),
    ("${PWD}", Base::HereOrAbove),
    ("$(CURDIR)", Base::HereOrAbove),
];

/// The path of a file, and the folder that it starts at.
pub(super) fn path_of(written: &str, folder: Option<&str>) -> (String, Base) {
    for (start, base) in FOLDERS {
        if let Some(rest) = written.strip_prefix(start) {
            return (rest.trim_start_matches(['/', '\\']).replace('\\', "/"), base);
        }
    }
    match folder {
        Some(folder) if !written.starts_with('/') => {
            let (folder, base) = path_of(folder, None);
            let folder = folder.trim_end_matches('/');
            let path = if folder.is_empty() { written.to_owned() } else { format!("{folder}/{written}") };
            (path, base)
        }
        _ => (written.to_owned(), Base::HereOrAbove),
    }
}
