//! Text for new values: written by [`emit`](crate::yaml::emit), in the layout and quotes of the user's file.

use super::{
    EditError,
    tree::{Layout, Member, MemberKey, Node, TextKind, Tree, shifted},
};
use crate::yaml::{Document, Map, Notes, Path, Style, Value, emit, scalar};

/// Builds the member for an entry of a map, without indentation.
pub(super) fn entry(key: &str, value: &Value, comment: Option<&str>, layout: Layout) -> Result<Member, EditError> {
    let mut notes = Notes::new();
    if let Some(comment) = comment {
        notes.above(&Path::of([key]), comment);
    }
    let map = Map::from_iter([(key.to_owned(), value.clone())]);
    let text = emit(&map, &notes).replace('\n', layout.eol);
    let document = Document::parse(&text)?;
    let mut tree = Tree::of(&document)?;
    let member = tree.documents.first_mut().and_then(|part| part.root.value.members_mut()?.pop());
    let mut member = member.ok_or_else(|| tree.refused(&Path::of([key]), None, "the key cannot be written"))?;
    forget_origin(&mut member);
    lay_out(&mut member, layout);
    Ok(member)
}

/// Converts a member from two spaces for each level to the layout of the user.
fn lay_out(member: &mut Member, layout: Layout) {
    let (column, is_item) = (member.column, member.is_item());
    let Node::Block { map, members } = &mut member.value else {
        if !is_item
            && member.value.is_block_text()
            && let Node::Text { text, .. } = &mut member.value
        {
            *text = shifted(text, layout.step as isize - 2, false);
        }
        return;
    };
    let by = if *map { layout.step } else { layout.list_step };
    for inner in members {
        if !is_item {
            inner.shift((column + by) as isize - inner.column as isize);
        }
        lay_out(inner, layout);
    }
}

/// Writes a value on one line, in a form that is valid inside brackets.
pub(super) fn in_brackets(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::List(items) => format!("[{}]", items.iter().map(in_brackets).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let entries: Vec<_> =
                map.iter().map(|(key, value)| format!("{}: {}", scalar(key), in_brackets(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        leaf => {
            let text = emit(&Map::from_iter([("a".to_owned(), leaf.clone())]), &Notes::new());
            text.trim_start_matches("a:").trim().to_owned()
        }
    }
}

/// Writes a string on one line, in the quotes of the replaced string if these quotes can hold it.
pub(super) fn quoted_like(old: Option<Style>, text: &str) -> String {
    let plain = scalar(text);
    // A string with escapes stays in double quotes.
    let escaped =
        plain.starts_with('"') && plain[1..plain.len() - 1] != text.replace('\\', "\\\\").replace('"', "\\\"");
    match old {
        _ if escaped => plain,
        Some(Style::SingleQuoted) => format!("'{}'", text.replace('\'', "''")),
        Some(Style::DoubleQuoted) if !plain.starts_with('"') => format!("\"{plain}\""),
        _ => plain,
    }
}

/// Writes a key in the quotes of the replaced key.
pub(super) fn key_like(old: &str, key: &str) -> String {
    let style = match old.as_bytes().first() {
        Some(b'\'') => Some(Style::SingleQuoted),
        Some(b'"') => Some(Style::DoubleQuoted),
        _ => None,
    };
    quoted_like(style, key)
}

/// Replaces the value of `member`. `in_flow` is true if the member is in brackets.
pub(super) fn replace(member: &mut Member, value: &Value, in_flow: bool, layout: Layout) -> Result<(), EditError> {
    let style = match &member.value {
        Node::Text { what: TextKind::Scalar(style), .. } => Some(*style),
        _ => None,
    };
    if in_flow {
        let text = match value {
            Value::String(text) => quoted_like(style, text),
            value => in_brackets(value),
        };
        clear(member, layout);
        return one_line(member, &text);
    }
    let new = entry("a", value, None, layout)?;
    let quoted = match (value, &new.value) {
        (Value::String(text), new) if !new.is_block_text() => Some(quoted_like(style, text)),
        _ => None,
    };
    clear(member, layout);
    fill(member, new, layout);
    if let Some(quoted) = quoted {
        one_line(member, &quoted)?;
    }
    Ok(())
}

fn one_line(member: &mut Member, text: &str) -> Result<(), EditError> {
    add_colon_and_space(member);
    member.value = node(text)?;
    Ok(())
}

/// Splits a value that is written on one line.
pub(super) fn node(text: &str) -> Result<Node, EditError> {
    let document = Document::parse(&format!("a: {text}\n"))?;
    let mut tree = Tree::of(&document)?;
    let member = tree.documents.first_mut().and_then(|part| part.root.value.members_mut()?.pop());
    let Some(mut member) = member else { return Ok(Node::empty(true)) };
    forget_origin(&mut member);
    Ok(member.value)
}

fn forget_origin(member: &mut Member) {
    member.origin = None;
    member.value.members_mut().into_iter().flatten().for_each(forget_origin);
}

/// Adds `:` and a space before the value, if they are missing.
pub(super) fn add_colon_and_space(member: &mut Member) {
    let started = !member.token.is_empty() || !member.middle.is_empty();
    if matches!(member.name, MemberKey::Key(_)) && !member.middle.contains(':') {
        member.middle.push(':');
    }
    if started && !member.middle.ends_with([' ', '\t', '\n']) {
        member.middle.push(' ');
    }
}

/// Removes the value. The comment after it stays.
pub(super) fn clear(member: &mut Member, layout: Layout) {
    if let Some(comment) = member.header_comment().filter(|_| member.value.is_block_text()) {
        member.tail = format!("{comment}{}", layout.eol);
    } else if member.value.is_block_text() || matches!(member.value, Node::Block { .. }) && member.tail.is_empty() {
        member.tail = layout.eol.to_owned();
    }
    if member.middle.contains('!') {
        // A tag describes the old value.
        member.middle.truncate(member.middle.find(':').map_or(0, |colon| colon + 1));
    }
    if !member.middle.contains('#') && member.middle.contains('\n') {
        member.middle.truncate(member.middle.trim_end().len());
    }
    member.value = Node::Text { text: String::new(), what: TextKind::Null };
}

/// Gives the value of `new` to a member without a value. `new` has no indentation.
fn fill(member: &mut Member, mut new: Member, layout: Layout) {
    let block = matches!(new.value, Node::Block { .. });
    if member.is_item() && block && is_line_end(&member.tail) && member.middle.trim().is_empty() {
        // The first entry follows the dash on the same line.
        add_colon_and_space(member);
        let column = member.column + 1 + member.middle.len();
        member.tail.clear();
        let first = new.value.members().first().map_or(0, |first| first.column);
        new.shift(column as isize - first as isize);
        member.value = new.value;
        if let Some(first) = member.value.members_mut().and_then(|members| members.first_mut()) {
            first.inline = true;
        }
        return;
    }
    match new.value.members().first() {
        Some(first) if member.is_item() && block => new.shift((member.column + 2) as isize - first.column as isize),
        _ => new.shift(member.column as isize),
    }
    if block {
        member.middle.truncate(member.middle.trim_end().len());
    } else {
        add_colon_and_space(member);
    }
    if let Node::Text { text, .. } = &mut new.value
        && text.contains('\n')
    {
        let tail = std::mem::take(&mut member.tail);
        let line = text.find(['\r', '\n']).unwrap_or(text.len());
        text.replace_range(line..line, tail.trim_end_matches(['\r', '\n']));
    } else if member.tail.is_empty() {
        layout.eol.clone_into(&mut member.tail);
    }
    member.value = new.value;
}

pub(super) fn is_line_end(tail: &str) -> bool {
    tail.trim().is_empty()
}

/// Turns a member without a value, or with empty brackets, into an empty block map or list.
pub(super) fn open(member: &mut Member, map: bool, layout: Layout) {
    let root = member.token.is_empty();
    let missing = matches!(&member.value, Node::Text { text, .. } if text.is_empty());
    if !root {
        if member.tail.is_empty() {
            layout.eol.clone_into(&mut member.tail);
        }
        member.middle.truncate(member.middle.trim_end().len());
    } else if !missing {
        // The comment after `{}` moves above the first entry.
        let tail = std::mem::take(&mut member.tail);
        member.lead.push_str(if is_line_end(&tail) { "" } else { tail.trim_start() });
    }
    member.value = Node::Block { map, members: Vec::new() };
}

/// Builds an entry that contains only the entry `inner`.
pub(super) fn wrap_in_key(key: &str, inner: Member, layout: Layout) -> Member {
    let mut outer = super::block::empty_member();
    outer.inline = false;
    outer.column = inner.column.saturating_sub(layout.step);
    outer.token = scalar(key);
    outer.name = MemberKey::Key(key.to_owned());
    outer.middle = ":".to_owned();
    layout.eol.clone_into(&mut outer.tail);
    outer.value = Node::Block { map: true, members: vec![inner] };
    outer
}
