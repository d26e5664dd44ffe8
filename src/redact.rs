//! Secrets: which texts and values are secret, and how they are shown without their secrets.
//!
//! Only this module decides what is secret: by the name of a key or a variable ([`is_secret_key`]), and in any text
//! by the password syntax of redis.conf, ACLs, command lines and URLs. In doubt, a text counts as secret: a line that
//! shows too little is a nuisance, and a leaked password cannot be taken back. A text that only names a secret or its
//! source is shown.
//!
//! - Names: [`is_secret_key`], [`is_secret_path`].
//! - Redaction: [`text`], values ([`hidden`]), pairs of texts ([`masked_pair`]), `--set` ([`assignment`]),
//!   [`command_line`] and [`message`]. [`Mask`] keeps positions.
//!
//! This module knows no chart versions: only the name of a key matters.

mod assignment;
mod key;
mod line;
mod pair;
mod unread;
mod values;

use std::{borrow::Cow, collections::HashSet, ops::Range};

pub use assignment::{assignment, assignments, command_line, message, quoted};
use key::ParentContext;
pub use key::{is_about_a_secret, is_secret_key};
pub use line::acl_user;
use line::{PRIVATE_KEY, asks_for_one, ends_open, in_order, is_reference};
pub use pair::masked_pair;
pub use values::{hidden_path, holds_secret, is_secret_path, redact_value, text};

use crate::yaml::{Document, Entry, FoundNode, Kind, NodeId, Segment, Span, Style};

/// Replacement for a secret. Its length does not depend on the secret.
pub const REDACTED: &str = "<redacted>";

/// Replacement for a secret that differs from the secret at the same place in the other text.
const CHANGED: &str = "<redacted, changed>";

/// Ranges of one text that are replaced when the text is shown.
pub struct Mask {
    /// Sorted, without overlaps.
    holes: Vec<Hole>,
}

struct Hole {
    at: Range<usize>,
    with: Cow<'static, str>,
}

impl Mask {
    /// Mask for a YAML text. `None` if the text cannot be parsed: the places of its secrets are then not known.
    pub fn of(text: &str) -> Option<Self> {
        let document = Document::parse(text).ok()?;
        Some(Self::over(secrets(&document)))
    }

    /// Mask for some ranges of a document. It has not all secrets outside of them.
    pub fn of_ranges(document: &Document, windows: &[Range<usize>]) -> Self {
        // An alias can make a secret of any node.
        let has_alias = document.nodes().any(|node| matches!(node.kind, Kind::Alias { .. }));
        let in_order = in_order(windows.to_vec());
        let windows = if has_alias { Windows::All } else { Windows::Some(&in_order) };
        Self::over(collect_secrets(document, windows).at)
    }

    /// Mask for a text that cannot be parsed, from its lines alone.
    fn of_lines(text: &str) -> Self {
        Self::over(unread::secrets(text))
    }

    fn over(secrets: Vec<Range<usize>>) -> Self {
        let holes = in_order(secrets).into_iter().map(|at| Hole { at, with: Cow::Borrowed(REDACTED) });
        Self { holes: holes.collect() }
    }

    /// Hides more ranges.
    fn with(self, more: impl IntoIterator<Item = Range<usize>>) -> Self {
        Self::over(self.holes.into_iter().map(|hole| hole.at).chain(more).collect())
    }

    /// The holes that start in a range of the text.
    fn within(&self, window: &Range<usize>) -> impl Iterator<Item = &Hole> {
        self.holes[self.begun(window)].iter()
    }

    fn within_mut(&mut self, window: &Range<usize>) -> &mut [Hole] {
        let begun = self.begun(window);
        &mut self.holes[begun]
    }

    fn begun(&self, window: &Range<usize>) -> Range<usize> {
        let before = |end: usize| self.holes.partition_point(|hole| hole.at.start < end);
        before(window.start)..before(window.end)
    }

    /// Redacts a range of the text. `places` are offsets in the text, and are changed to offsets in the result.
    pub fn cut(&self, text: &str, window: Range<usize>, places: &mut [usize]) -> String {
        let mut redacted = String::new();
        let mut moved: Vec<usize> = places.iter().map(|_| 0).collect();
        let mut from = window.start;
        let first = self.holes.partition_point(|hole| hole.at.end <= window.start);
        let inside = self.holes[first..].iter().take_while(|hole| hole.at.start < window.end);
        for hole in inside {
            let start = hole.at.start.max(from);
            redacted.push_str(text.get(from..start).unwrap_or_default());
            let before = redacted.len();
            redacted.push_str(&hole.with);
            for (place, to) in places.iter().zip(&mut moved) {
                if *place <= start && *place >= from {
                    *to = before - (start - place);
                } else if *place > start && *place < hole.at.end {
                    // An offset inside a secret is moved to the end of the replacement: its position must not reveal
                    // anything.
                    *to = redacted.len();
                }
            }
            from = hole.at.end.min(window.end);
        }
        let before = redacted.len();
        redacted.push_str(text.get(from..window.end).unwrap_or_default());
        for (place, to) in places.iter_mut().zip(moved) {
            *place = if *place >= from { before + (*place - from) } else { to }.min(redacted.len());
        }
        redacted
    }
}

/// Texts of the secrets that aliases may repeat under keys with harmless names. Empty if the text has no aliases.
pub fn aliased_secrets(text: &str) -> HashSet<String> {
    let Some(document) = may_anchor(text).then(|| Document::parse(text).ok()).flatten() else {
        return HashSet::new();
    };
    let mut has_alias = false;
    for root in document.documents() {
        document.walk(*root, |_, node| has_alias |= matches!(document.node(node.value).kind, Kind::Alias { .. }));
    }
    let secrets = if has_alias { collect_secrets(&document, Windows::All).hidden } else { HashSet::new() };
    let texts = secrets.into_iter().filter_map(|node| match document.node(node).kind {
        Kind::Scalar { text, .. } if !text.is_empty() => Some(text.to_owned()),
        _ => None,
    });
    texts.collect()
}

/// Whether the text may contain an anchor. Few texts do, and only those need to be parsed again.
fn may_anchor(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins = |at: usize| at == 0 || bytes[at - 1].is_ascii_whitespace() || b"[{,:-".contains(&bytes[at - 1]);
    let named = |at: usize| bytes.get(at + 1).is_some_and(|next| !next.is_ascii_whitespace());
    text.match_indices('&').any(|(at, _)| begins(at) && named(at))
}

/// Ranges of the secrets in the document. Each range is within one line.
fn secrets(document: &Document) -> Vec<Range<usize>> {
    collect_secrets(document, Windows::All).at
}

/// The ranges of a text in which secrets are searched.
#[derive(Debug, Clone, Copy)]
enum Windows<'a> {
    All,
    /// As [`in_order`] returns them.
    Some(&'a [Range<usize>]),
}

impl Windows<'_> {
    /// Whether a range is in one of the windows, or next to it.
    fn touch(self, range: Range<usize>) -> bool {
        match self {
            Self::All => true,
            Self::Some(windows) => {
                let first = windows.partition_point(|window| window.end < range.start);
                windows.get(first).is_some_and(|window| window.start <= range.end.max(range.start))
            }
        }
    }
}

fn collect_secrets<'w>(document: &Document, windows: Windows<'w>) -> Found<'w> {
    let mut found = Found { windows, at: Vec::new(), hidden: HashSet::new() };
    let is_near = |node: FoundNode| {
        let (first, last) = (document.node(node.key.unwrap_or(node.value)).span, document.node(node.value).span);
        windows.touch(first.start..last.end.max(first.end))
    };
    for root in document.documents() {
        find_secrets(document, *root, &mut found);
        in_keys(document, *root, &mut found);
        // Depth of the secret key above the current node. Everything below this key is hidden already.
        let mut inside = None;
        document.walk_some(*root, is_near, |path, node| {
            in_keys(document, node.value, &mut found);
            if inside.is_some_and(|depth| path.len() > depth) {
                return;
            }
            let Some(Segment::Key(key)) = path.last() else {
                inside = None;
                return find_secrets(document, node.value, &mut found);
            };
            let below = ParentContext::Nothing.key(key);
            inside = (below != ParentContext::Nothing).then_some(path.len());
            match below {
                ParentContext::Nothing => find_secrets(document, node.value, &mut found),
                below => found.hide_below(document, node.value, below),
            }
        });
    }
    for comment in document.comments().iter().filter(|comment| windows.touch(comment.span.start..comment.span.end)) {
        line::secrets(document.source(comment.span), comment.span.start, &mut found.at);
    }
    found
}

/// Finds the secrets of a node that is not below a secret key.
fn find_secrets(document: &Document, node: NodeId, found: &mut Found) {
    in_scalar(document, node, found);
    in_environment(document, node, found);
    in_manifest(document, node, found);
    in_arguments(document, node, found);
}

/// Hides passwords inside the keys of a map. An entry with a map or list as key, as in `a: {{ b }}`, is hidden
/// completely.
fn in_keys(document: &Document, node: NodeId, found: &mut Found) {
    let Kind::Map { entries, .. } = document.node(node).kind else { return };
    for entry in entries {
        match document.node(entry.key).kind {
            Kind::Scalar { .. } => in_scalar(document, entry.key, found),
            Kind::Alias { .. } => {}
            Kind::List { .. } | Kind::Map { .. } => {
                for part in [entry.key, entry.value] {
                    if is_reference(document.source(document.node(part).span)) {
                        continue;
                    }
                    lines(document, document.node(part).span, |at, line| found.at.push(at..at + line.len()));
                }
            }
        }
    }
}

/// Secrets that were found so far.
struct Found<'w> {
    windows: Windows<'w>,
    at: Vec<Range<usize>>,
    /// Nodes that are hidden with everything below them. Several aliases may lead to the same node.
    hidden: HashSet<NodeId>,
}

impl Found<'_> {
    /// Hides the values below a node, and follows aliases.
    fn hide_below(&mut self, document: &Document, node: NodeId, inside: ParentContext) {
        let mut next = vec![(node, inside)];
        while let Some((node, inside)) = next.pop() {
            let node = document.target(node);
            if inside == ParentContext::Nothing || !self.hidden.insert(node) {
                continue;
            }
            hide(document, node, &mut self.at);
            match document.node(node).kind {
                Kind::Map { entries, .. } => next.extend(entries.iter().map(|entry| {
                    let below = match document.node(document.target(entry.key)).kind {
                        Kind::Scalar { text, .. } => inside.key(text),
                        _ => inside,
                    };
                    (entry.value, below)
                })),
                Kind::List { items, .. } => next.extend(items.iter().map(|item| (*item, inside))),
                Kind::Scalar { .. } | Kind::Alias { .. } => {}
            }
        }
    }
}

fn hide(document: &Document, node: NodeId, found: &mut Vec<Range<usize>>) {
    let node = document.node(node);
    let Kind::Scalar { text, style } = node.kind else { return };
    // Booleans are no secrets, and many keys with booleans are named like secrets.
    let says_nothing = text.is_empty() || matches!(text, "true" | "false" | "null" | "~");
    let is_none = style == Style::Plain && says_nothing || is_reference(text);
    if !is_none {
        lines(document, node.span, |at, line| found.push(at..at + line.len()));
    }
}

/// Hides the passwords inside a text.
fn in_scalar(document: &Document, node: NodeId, found: &mut Found) {
    let node = document.node(node);
    if !found.windows.touch(node.span.start..node.span.end) {
        return;
    }
    let found = &mut found.at;
    let Kind::Scalar { text, style } = node.kind else { return };
    if text.contains(PRIVATE_KEY) {
        lines(document, node.span, |at, line| found.push(at..at + line.len()));
        return;
    }
    let mut secrets = Vec::new();
    for line in text.lines() {
        line::secrets(line, 0, &mut secrets);
    }
    if secrets.is_empty() && !text.lines().any(ends_open) {
        return;
    }
    let one_line = !document.source(node.span).contains(['\n', '\r']);
    let mut ranges = Vec::new();
    lines(document, node.span, |at, line| line::secrets(line, at, &mut ranges));
    // If escapes or folded lines may separate a keyword from its password, the whole text is hidden.
    if (style == Style::Literal || one_line) && ranges.len() >= secrets.len() {
        found.extend(ranges);
    } else {
        lines(document, node.span, |at, line| found.push(at..at + line.len()));
    }
}

/// Whether a node is a text that `holds` accepts.
fn is_text(document: &Document, node: NodeId, holds: impl Fn(&str) -> bool) -> bool {
    matches!(document.node(document.target(node)).kind, Kind::Scalar { text, .. } if holds(text))
}

fn child(document: &Document, entries: &[Entry], key: &str) -> Option<NodeId> {
    let entry = entries.iter().find(|entry| is_text(document, entry.key, |text| text == key))?;
    Some(document.target(entry.value))
}

/// Hides all values of `data` and `stringData` in a manifest with `kind: Secret`.
fn in_manifest(document: &Document, node: NodeId, found: &mut Found) {
    let Kind::Map { entries, .. } = document.node(node).kind else { return };
    let is_secret =
        child(document, entries, "kind").is_some_and(|kind| is_text(document, kind, |kind| kind == "Secret"));
    for data in SECRET_DATA.iter().filter_map(|key| is_secret.then(|| child(document, entries, key))?) {
        found.hide_below(document, data, ParentContext::Data);
    }
}

/// Keys with the values of a Secret.
const SECRET_DATA: [&str; 2] = ["data", "stringData"];

/// Hides `value: ...` next to `name: REDIS_PASSWORD`.
fn in_environment(document: &Document, node: NodeId, found: &mut Found) {
    let Kind::Map { entries, .. } = document.node(node).kind else { return };
    let (Some(name), Some(value)) = (child(document, entries, "name"), child(document, entries, "value")) else {
        return;
    };
    if matches!(document.node(name).kind, Kind::Scalar { text, .. } if is_secret_key(text)) {
        found.hide_below(document, value, ParentContext::Secret);
    }
}

/// Hides the item after an item such as `- --requirepass`.
fn in_arguments(document: &Document, node: NodeId, found: &mut Found) {
    let Kind::List { items, .. } = document.node(node).kind else { return };
    for pair in items.windows(2) {
        let Kind::Scalar { text, .. } = document.node(document.target(pair[0])).kind else { continue };
        if asks_for_one(text) {
            found.hide_below(document, pair[1], ParentContext::Secret);
        }
    }
}

/// Visits the lines of a span without the white space around them, with the offset of each line.
fn lines(document: &Document, span: Span, mut visit: impl FnMut(usize, &str)) {
    let mut at = span.start;
    for line in document.source(span).split_inclusive(['\n', '\r']) {
        let trimmed = line.trim();
        if !trimmed.is_empty() {
            visit(at + line.len() - line.trim_start().len(), trimmed);
        }
        at += line.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mask = Mask::of(text).expect("a text that is read");
        holds_in_ranges(text, &mask);
        mask.cut(text, 0..text.len(), &mut [])
    }

    /// The mask of some ranges of a document hides the same in them as the mask of the whole text.
    fn holds_in_ranges(text: &str, mask: &Mask) {
        let document = Document::parse(text).expect("a text that is read");
        let starts = || (0..=text.len()).filter(|at| text.is_char_boundary(*at));
        for range in starts().flat_map(|start| starts().filter(move |end| *end > start).map(move |end| start..end)) {
            let of_range = Mask::of_ranges(&document, std::slice::from_ref(&range));
            let cut = |mask: &Mask| {
                let mut places: Vec<usize> = starts().filter(|at| range.start <= *at && *at <= range.end).collect();
                (mask.cut(text, range.clone(), &mut places), places)
            };
            assert_eq!(cut(&of_range), cut(mask), "{range:?} of {text}");
        }
    }

    #[test]
    fn values_of_keys_that_are_named_so() {
        for text in [
            "auth:\n  password: hunter2\n",
            "auth:\n  password: \"hunter2 # x\" # said\n",
            "password: 'hunter2'\n",
            "x: &pw hunter2\nredis:\n  password: *pw\n",
            "auth: {enabled: true, password: hunter2}\n",
            "password: |-\n  hunter2\n  hunter2\n",
            "password: \"hunter2\n  hunter2\"\n",
            "auth:\n  acl:\n    users:\n      - username: a\n        password: hunter2\n",
            "passwords:\n  a: hunter2\n  b: [hunter2]\n",
            "clientSecret: hunter2\n",
            "auth:\n  pasword: hunter2\n  redisPassowrd: hunter2\n  pwd: hunter2\n",
            "password: {{ hunter2 }}\n",
            "? [hunter2, {password: hunter2}]\n: - hunter2\n",
            "extraEnvVars:\n  - name: REDIS_PASSWORD\n    value: hunter2\n",
            "args: [--requirepass, hunter2]\nargs2:\n  - -a\n  - hunter2\n",
        ] {
            let shown = shown(text);
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(shown.contains(REDACTED), "{shown}");
            assert_eq!(shown.lines().count(), text.lines().count(), "{shown}");
        }
    }

    #[test]
    fn passwords_inside_texts() {
        for text in [
            "configuration: |-\n  appendonly yes\n  requirepass hunter2\n  masterauth \"hunter2\"\n",
            "configuration: \"appendonly yes\\nrequirepass hunter2\\nmasterauth hunter2\"\n",
            "configuration: >\n  requirepass\n  hunter2\n",
            "configuration: requirepass\n  hunter2\n",
            "configuration: \"\\x72equirepass hunter2\"\n",
            "configuration: |\n  user a on >hunter2 #hunter2 ~* +@all\n",
            "configuration: |\n  sentinel auth-pass mymaster hunter2\n",
            "command: redis-cli --pass hunter2 ping\n",
            "script: |\n  export REDISCLI_AUTH=hunter2\n  PASSWORD='hunter2'\n",
            "url: redis://a:hunter2@host:6379/0\n",
            "url: redis://:hunter2@host\n",
            "# password: hunter2\na: 1 # requirepass hunter2\n",
            "REQUIREPASS: hunter2\n",
            "redis://:hunter2@host: 1\n\"requirepass hunter2\": 1\n",
        ] {
            let shown = shown(text);
            assert!(!shown.contains("hunter2"), "{shown}");
            assert_eq!(shown.lines().count(), text.lines().count(), "{shown}");
        }
    }

    #[test]
    fn the_rest_is_shown() {
        for text in [
            "auth:\n  enabled: true\n  existingSecret: redis\n  existingSecretPasswordKey: redis-password\n",
            "usePassword: true\nusePasswordFiles: false\n",
            "automountServiceAccountToken: true\n",
            "tls:\n  secretName: redis-tls\n",
            "volumes:\n  - name: a\n    secret:\n      secretName: redis-tls\n",
            "configuration: |-\n  appendonly yes\n  maxmemory 1gb\n",
            "# the password comes from the vault\na: 1\n",
            "url: redis://host:6379/0\npassword:\n",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn places_move_with_the_text() {
        let text = "a: 1\npassword: 'x' # old\nb: 2\n";
        let mask = Mask::of(text).expect("a text that is read");
        let start = text.find("password").expect("it is there");
        let mut places = [start, text.find("'x'").expect("it is there"), text.find(" # old").expect("it is there")];
        let shown = mask.cut(text, start..text.find("b:").expect("it is there"), &mut places);
        assert_eq!(shown, "password: <redacted> # old\n");
        assert_eq!(places, [0, 10, 20]);
        let mut inside = [text.find("x'").expect("it is there")];
        mask.cut(text, 0..text.len(), &mut inside);
        assert_eq!(inside, [25]);
    }

    #[test]
    fn secrets_that_an_alias_copies_are_known() {
        let known = |text: &str| {
            let mut known: Vec<String> = aliased_secrets(text).into_iter().collect();
            known.sort();
            known
        };
        assert_eq!(known("x: &pw hunter2\npassword: *pw\nb: c\n"), ["hunter2"]);
        assert_eq!(known("password: &pw hunter2\nx: *pw\n"), ["hunter2"]);
        assert_eq!(known("x: &m {a: hunter2}\npasswords: *m\n"), ["hunter2"]);
        assert_eq!(known("x: &m [1]\ny: *m\n"), [""; 0]);
        assert_eq!(known("password: hunter2\nx: a & b\n"), [""; 0]);
    }

    #[test]
    fn a_text_that_is_not_read_has_no_mask() {
        assert!(Mask::of("a: [").is_none());
    }
}
