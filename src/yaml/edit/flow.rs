//! Maps and lists in brackets: split into members, and edited.

use super::{
    block::{Cursor, UnsupportedText, empty_member, is_explicit, is_missing, name},
    tree::{Member, Node, TextKind},
};
use crate::yaml::{Kind, NodeId, Style};

const ODD: &str = "redisgen does not edit this form of brackets: write them as lines first";

/// Splits the node into members. Syntax that cannot be split becomes one text, which is not editable.
pub(super) fn flow(cursor: &Cursor<'_>, id: NodeId) -> Node {
    let span = cursor.document.node(id).span;
    match parts(cursor, id) {
        Ok(node) => node,
        Err(UnsupportedText(..)) => {
            Node::Text { text: cursor.slice(span.start, span.end).to_owned(), what: TextKind::Odd(ODD) }
        }
    }
}

fn parts(cursor: &Cursor<'_>, id: NodeId) -> Result<Node, UnsupportedText> {
    let document = cursor.document;
    let node = document.node(id);
    let close = node.span.end.saturating_sub(1);
    let mut at = node.span.start + 1;
    let mut members = Vec::new();
    let (map, open) = match node.kind {
        Kind::Map { entries, flow: true } => {
            for entry in entries {
                let key = document.node(entry.key);
                let mut member = start(cursor, &mut at, &members)?;
                let token = at;
                member.token = cursor.slice(token, key.span.end).to_owned();
                member.key_at = key.span.start.checked_sub(token).ok_or(UnsupportedText(at, ODD))?;
                member.name = name(document, entry.key, token)?;
                if is_explicit(&member.token) || is_missing(document, entry.key) {
                    return Err(UnsupportedText(token, ODD));
                }
                let rest = cursor.slice(key.span.end, close);
                let colon = key.span.end + rest.len() - rest.trim_start().len();
                let behind = if cursor.slice(colon, close).starts_with(':') { colon + 1 } else { key.span.end };
                value(cursor, &mut member, entry.value, key.span.end, behind, &mut at)?;
                members.push(member);
            }
            (true, "{")
        }
        Kind::List { items, flow: true } => {
            for item in items {
                let mut member = start(cursor, &mut at, &members)?;
                let token = at;
                value(cursor, &mut member, *item, token, token, &mut at)?;
                members.push(member);
            }
            (false, "[")
        }
        _ => return Err(UnsupportedText(at, ODD)),
    };
    let end = cursor.slice(at, close);
    let closed = cursor.slice(close, node.span.end) == if map { "}" } else { "]" };
    let only_comma = end.is_empty() || members.is_empty() || end.starts_with(',');
    let rest = cursor.skip_comments(at + usize::from(end.starts_with(',')));
    if !closed || !only_comma || rest != close || !cursor.slice(node.span.start, at).starts_with(open) {
        return Err(UnsupportedText(close, ODD));
    }
    Ok(Node::Flow { map, members, end: end.to_owned() })
}

/// Starts a member: skips the comma, and reads up to the first token.
fn start(cursor: &Cursor<'_>, at: &mut usize, members: &[Member]) -> Result<Member, UnsupportedText> {
    let mut member = empty_member();
    if !members.is_empty() {
        if !cursor.slice(*at, cursor.text.len()).starts_with(',') {
            return Err(UnsupportedText(*at, ODD));
        }
        *at += 1;
    }
    let token = cursor.skip_comments(*at);
    member.lead = cursor.slice(*at, token).to_owned();
    member.origin = Some(token);
    *at = token;
    Ok(member)
}

/// Reads the value of a member, and the text up to the comma or bracket.
fn value(
    cursor: &Cursor<'_>,
    member: &mut Member,
    id: NodeId,
    from: usize,
    behind: usize,
    at: &mut usize,
) -> Result<(), UnsupportedText> {
    let node = cursor.document.node(id);
    let missing = is_missing(cursor.document, id);
    if missing && (node.anchor.is_some() || node.tag.is_some()) {
        return Err(UnsupportedText(from, ODD));
    }
    let start = if missing { behind } else { cursor.skip(behind) };
    let end = if missing { behind } else { node.span.end };
    if !missing && start != node.span.start {
        return Err(UnsupportedText(start, ODD));
    }
    member.middle = cursor.slice(from, start).to_owned();
    let text = || cursor.slice(start, end).to_owned();
    member.value = match node.kind {
        Kind::Scalar { style, .. } => {
            let null = style == Style::Plain && cursor.document.value(id) == Ok(crate::yaml::Value::Null);
            Node::Text { text: text(), what: if null { TextKind::Null } else { TextKind::Scalar(style) } }
        }
        Kind::Alias { .. } => Node::Text { text: text(), what: TextKind::Alias },
        Kind::Map { .. } | Kind::List { .. } => flow(cursor, id),
    };
    let next = cursor.skip_comments(end);
    if !cursor.slice(next, cursor.text.len()).starts_with([',', '}', ']']) {
        return Err(UnsupportedText(next, ODD));
    }
    // A trailing comma belongs to the closing bracket.
    member.tail = cursor.slice(end, next).to_owned();
    *at = next;
    Ok(())
}

/// Removes a member from brackets. The spaces inside the brackets stay.
pub(super) fn remove(members: &mut Vec<Member>, at: usize, end: &mut String) -> Member {
    let member = members.remove(at);
    let followed = members.len() > at;
    match (at.checked_sub(1).and_then(|before| members.get_mut(before)), followed) {
        (None, true) => {
            if let Some(next) = members.first_mut() {
                next.lead.clone_from(&member.lead);
            }
        }
        (Some(before), false) => before.tail.clone_from(&member.tail),
        (None, false) => end.clear(),
        (Some(_), true) => {}
    }
    member
}

/// Inserts a member at index `at`, with the spacing of its neighbours.
pub(super) fn insert(members: &mut Vec<Member>, at: usize, mut member: Member) {
    let at = at.min(members.len());
    member.inline = true;
    member.lead.clear();
    member.tail.clear();
    match at.checked_sub(1) {
        Some(before) => {
            let last = at == members.len();
            let pattern = members.get(1).or(members.first()).map(|member| member.lead.clone()).unwrap_or_default();
            member.lead = if members.len() > 1 || pattern.contains('\n') { pattern } else { " ".to_owned() };
            if let Some(before) = members.get_mut(before).filter(|_| last) {
                member.tail = std::mem::take(&mut before.tail);
            }
        }
        None => {
            if let Some(next) = members.first_mut() {
                member.lead = std::mem::replace(&mut next.lead, " ".to_owned());
            }
        }
    }
    members.insert(at, member);
}
