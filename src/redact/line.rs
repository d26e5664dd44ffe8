//! Secrets in one line of free text: redis.conf directives, ACLs, command lines, scripts and URLs.

use std::ops::Range;

use super::{REDACTED, key::is_secret_key};

/// Keywords that are followed by white space or punctuation, and then by a password.
const DIRECTIVES: [&str; 8] =
    ["requirepass", "masterauth", "primaryauth", "auth-pass", "sentinel-pass", "key-file-pass", "--pass", "--password"];

/// Words at the end of a line or argument that are followed by a password on the next line or in the next argument.
const OPENERS: [&str; 3] = ["password", "passwd", "rediscli_auth"];

/// Directives of redis.conf that people misspell, with the maximum number of wrong letters.
const MISSPELT: [(&str, usize); 2] = [("requirepass", 2), ("masterauth", 1)];

/// Marker for the start of a private key in a text.
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// Finds the passwords in a line. `at` is the offset of the line.
pub(super) fn secrets(line: &str, at: usize, found: &mut Vec<Range<usize>>) {
    let line = line.trim_end();
    if !may_hold_password(line) {
        return;
    }
    let lower = line.to_ascii_lowercase();
    let mut holes = Vec::new();
    directives(line, &lower, &mut holes);
    assignments(line, &mut holes);
    redis_cli(line, &lower, &mut holes);
    acl_rules(line, &lower, &mut holes);
    urls(line, &mut holes);
    bearer(line, &lower, &mut holes);
    let secret_ranges = holes.into_iter().filter(|hole| !hole.is_empty() && !is_reference(&line[hole.clone()]));
    found.extend(secret_ranges.map(|hole| hole.start + at..hole.end + at));
}

/// Whether a line has a part of what the searches of [`secrets`] look for. Most lines have none.
fn may_hold_password(line: &str) -> bool {
    let line = line.as_bytes();
    if line.iter().any(|byte| matches!(byte, b':' | b'=')) {
        return true;
    }
    // A single word contains no keyword with a password.
    let has_words = line.iter().any(|byte| matches!(byte, b' ' | b'\t'));
    has_words && (has_part_of_keyword(line) || line.split(is_sign).any(may_be_misspelt))
}

/// Whether a line has three letters of each keyword: of the passwords and `auth`, the clients, `user` and `bearer`.
fn has_part_of_keyword(line: &[u8]) -> bool {
    let is_part = |letters: &[u8]| {
        let lower = [letters[0], letters[1], letters[2]].map(|letter| letter.to_ascii_lowercase());
        matches!(&lower, b"pas" | b"aut" | b"cli" | b"ser" | b"rer")
    };
    line.windows(3).any(is_part)
}

/// Whether a word has the first letter and about the length of one of [`MISSPELT`].
fn may_be_misspelt(word: &[u8]) -> bool {
    let first = word.first().map(u8::to_ascii_lowercase);
    MISSPELT
        .iter()
        .any(|(right, most)| first == right.as_bytes().first().copied() && word.len().abs_diff(right.len()) <= *most)
}

/// Whether a byte separates words.
fn is_sign(byte: &u8) -> bool {
    !byte.is_ascii_alphanumeric() && *byte != b'_'
}

/// Hides everything after a keyword: `requirepass X`, `--requirepass=X`, `sentinel auth-pass mymaster X`.
fn directives(line: &str, lower: &str, holes: &mut Vec<Range<usize>>) {
    for word in DIRECTIVES {
        for (place, _) in lower.match_indices(word) {
            let rest = &line[place + word.len()..];
            if rest.starts_with(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_') {
                holes.push(rest_after_punctuation(line, rest));
            }
        }
    }
    let is_sign = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let mut start = 0;
    for part in lower.split_inclusive(is_sign) {
        let word = part.trim_end_matches(is_sign);
        if MISSPELT.iter().any(|(right, most)| is_near(word, right, *most)) {
            holes.push(rest_after_punctuation(line, &line[start + word.len()..]));
        }
        start += part.len();
    }
}

/// Whether two words start with the same letter and differ by at most `most` letters.
fn is_near(word: &str, right: &str, most: usize) -> bool {
    word.len().abs_diff(right.len()) <= most
        && word.as_bytes().first() == right.as_bytes().first()
        && strsim::osa_distance(word, right) <= most
}

/// Hides everything after the name of a secret and `=` or `:`, as in `PASSWORD=X`, `"password": X`, `auth.apiKey=X`.
///
/// Prose mentions passwords without such a sign. A script, or a key in a comment, contains a real password.
fn assignments(line: &str, holes: &mut Vec<Range<usize>>) {
    for (sign, _) in line.match_indices([':', '=']) {
        let ahead = line[..sign].trim_end_matches([' ', '\t', '"', '\'']);
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let name = &ahead[ahead.trim_end_matches(is_part).len()..];
        let rest = &line[sign + 1..];
        if is_secret_key(name) && !rest.starts_with("//") {
            let value = rest_after_punctuation(line, rest);
            // `secret:` and `token:` may also end a phrase in prose. Only values that are no ordinary words are
            // hidden.
            if !is_empty_or_boolean(&line[value.clone()]) {
                holes.push(value);
            }
        }
    }
}

/// Whether a value is empty or a boolean. Many keys that enable a password are named like the key of a password.
fn is_empty_or_boolean(value: &str) -> bool {
    let word = value.trim().trim_end_matches(['"', '\'', ',', '}', ']', ';']);
    matches!(word, "" | "true" | "false" | "null" | "~" | "{" | "[" | "|" | "|-" | ">" | ">-" | "|+" | ">+")
}

/// Range after white space, punctuation and quotes, up to the end of the line.
fn rest_after_punctuation(line: &str, rest: &str) -> Range<usize> {
    let value = rest.trim_start_matches([' ', '\t', '=', ':', '"', '\'', ',']);
    line.len() - value.len()..line.len()
}

/// Hides passwords in `redis-cli -a X` and `redis-cli AUTH USER X`.
fn redis_cli(line: &str, lower: &str, holes: &mut Vec<Range<usize>>) {
    let Some(program) = ["redis-cli", "valkey-cli"].iter().find_map(|name| lower.find(name)) else { return };
    let mut is_next = false;
    for word in words(line, program) {
        let text = &lower[word.clone()];
        let bare = text.trim_matches(['"', '\'', ',']);
        if is_next {
            let inside = line[word.clone()].trim_matches(['"', '\'']);
            let start = word.start + line[word.clone()].find(inside).unwrap_or_default();
            holes.push(start..start + inside.len());
        }
        is_next = bare == "-a";
        if bare == "auth" {
            let rest = &line[word.end..];
            holes.push(rest_after_punctuation(line, rest));
        }
    }
}

/// Hides passwords in `user NAME on >X #HASH` and `ACL SETUSER NAME >X`.
fn acl_rules(line: &str, lower: &str, holes: &mut Vec<Range<usize>>) {
    if !["user ", "user\t"].iter().any(|word| lower.contains(word)) {
        return;
    }
    holes.extend(rules_with_password(line, 0));
}

/// Passwords in the rules of an ACL: `>X`, and `#X` with a hash.
fn rules_with_password(line: &str, from: usize) -> impl Iterator<Item = Range<usize>> {
    words(line, from).filter_map(|word| {
        let text = line[word.clone()].trim_start_matches(['"', '\'']);
        text.starts_with(['>', '<', '#', '!']).then(|| word.end - text.len() + 1..word.end)
    })
}

/// Redacts an ACL user in the form `NAME=RULES`.
pub fn acl_user(text: &str) -> String {
    let rules = text.find('=').map_or(0, |at| at + 1);
    let mut redacted = text.to_owned();
    for hole in rules_with_password(text, rules).collect::<Vec<_>>().into_iter().rev() {
        redacted.replace_range(hole, REDACTED);
    }
    redacted
}

/// Hides passwords in `scheme://user:X@host` and `scheme://X@host`. A password may contain a slash, although that is
/// not valid in a URL.
fn urls(line: &str, holes: &mut Vec<Range<usize>>) {
    for (place, _) in line.match_indices("://") {
        let start = place + 3;
        let word = line[start..].split([' ', '\t', '"', '\'']).next().unwrap_or_default();
        let host = word.split('/').next().unwrap_or_default();
        let part = match host.rfind('@') {
            Some(end) => Some((host, end)),
            // In `host:6379/a@b`, the text after the colon is a port.
            None => host
                .split_once(':')
                .filter(|(_, port)| !port.is_empty() && !port.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|_| Some((word, word.rfind('@')?))),
        };
        if let Some((text, end)) = part {
            let from = text[..end].find(':').map_or(0, |colon| colon + 1);
            holes.push(start + from..start + end);
        }
    }
}

/// Hides the token in `Authorization: Bearer X`, anywhere in the line.
fn bearer(line: &str, lower: &str, holes: &mut Vec<Range<usize>>) {
    for (place, word) in lower.match_indices("bearer ") {
        let rest = line[place + word.len()..].split([' ', '"', '\'', ',']).next().unwrap_or_default();
        // A token has digits and is long. Ordinary words are not.
        if rest.len() >= 8 && rest.bytes().any(|b| b.is_ascii_digit()) {
            holes.push(place + word.len()..place + word.len() + rest.len());
        }
    }
}

/// Ranges of the words of a line, starting at an offset.
fn words(line: &str, from: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = from;
    line[from..].split([' ', '\t']).filter_map(move |word| {
        let start = at;
        at += word.len() + 1;
        (!word.is_empty()).then_some(start..start + word.len())
    })
}

/// Whether the text only names the source of its value: `{{ .Values.redis.password }}`, `${REDIS_PASSWORD}`,
/// `$(REDIS_PASSWORD)` or `$REDIS_PASSWORD`.
pub(super) fn is_reference(text: &str) -> bool {
    if !text.bytes().any(|byte| matches!(byte, b'{' | b'$')) {
        return false;
    }
    // `--set` needs a backslash before a brace.
    let text = text.trim().trim_matches(['"', '\'']).trim_start_matches('\\');
    if let Some(inside) = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) {
        let inside = inside.strip_prefix('-').unwrap_or(inside);
        let inside = inside.strip_suffix('-').unwrap_or(inside).trim();
        return !inside.contains("}}") && inside.split('|').enumerate().all(|(nth, part)| is_step(part.trim(), nth));
    }
    for (open, close) in [("${", "}"), ("$(", ")")] {
        if let Some(inside) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return is_variable(inside);
        }
    }
    text.strip_prefix('$').is_some_and(|name| is_variable(name) && is_secret_key(name))
}

/// Whether a step of a template pipeline contains no literal: a path of values as the first step, a known function in
/// later steps.
fn is_step(part: &str, nth: usize) -> bool {
    const FUNCTIONS: [&str; 6] = ["quote", "squote", "b64enc", "b64dec", "toString", "trim"];
    if nth > 0 {
        return FUNCTIONS.contains(&part);
    }
    let path = part.strip_prefix('$').unwrap_or(part);
    let known = [".Values.", ".Release.", ".Chart.", ".Environment.", ".StateValues."];
    known.iter().any(|root| path.starts_with(root))
        && path.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c))
}

fn is_variable(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.len() >= 2 && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_') && name.chars().all(letters)
}

/// Whether a password follows on the next line.
pub(super) fn ends_open(line: &str) -> bool {
    let line = line.trim_end().trim_end_matches('\\').trim_end();
    // Most lines end with another letter.
    let last = line.bytes().next_back().map(|byte| byte.to_ascii_lowercase());
    DIRECTIVES.iter().chain(&OPENERS).any(|word| word.bytes().next_back() == last && ends_with(line, word))
}

/// Whether a text ends with a word in lower case, in letters of any case.
fn ends_with(text: &str, word: &str) -> bool {
    let end = text.len().checked_sub(word.len()).and_then(|start| text.as_bytes().get(start..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether the next argument of the command is a password.
pub(super) fn asks_for_one(argument: &str) -> bool {
    let argument = argument.trim();
    if !argument.starts_with('-') {
        return false;
    }
    let argument = argument.to_ascii_lowercase();
    argument == "-a" || DIRECTIVES.iter().chain(&OPENERS).any(|word| argument.ends_with(word))
}

/// Sorts ranges and merges overlapping ones.
pub(super) fn in_order(mut holes: Vec<Range<usize>>) -> Vec<Range<usize>> {
    holes.sort_by_key(|at| (at.start, at.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for at in holes {
        match merged.last_mut() {
            Some(last) if at.start < last.end => last.end = last.end.max(at.end),
            _ => merged.push(at),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        let mut holes = Vec::new();
        secrets(line, 0, &mut holes);
        let mut shown = line.to_owned();
        for hole in in_order(holes).into_iter().rev() {
            shown.replace_range(hole, "*");
        }
        shown
    }

    #[test]
    fn a_password_is_hidden() {
        for (line, wanted) in [
            ("requirepass hunter2", "requirepass *"),
            ("REQUIREPASS hunter2", "REQUIREPASS *"),
            ("requirepas hunter2", "requirepas *"),
            ("a.value=requirepas hunter2", "a.value=requirepas *"),
            ("redis-server --requirpass hunter2", "redis-server --requirpass *"),
            ("MasterAuth \"hunter2 x\"", "MasterAuth \"*"),
            ("--requirepass=hunter2", "--requirepass=*"),
            ("user app on >hunter2 #hunter2 ~* +@all", "user app on >* #* ~* +@all"),
            ("USER\tapp\ton\t>hunter2", "USER\tapp\ton\t>*"),
            ("ACL SETUSER app \">hunter2\"", "ACL SETUSER app \">*"),
            ("sentinel auth-pass mymaster hunter2", "sentinel auth-pass *"),
            ("SENTINEL SENTINEL-PASS hunter2", "SENTINEL SENTINEL-PASS *"),
            ("tls-key-file-pass hunter2", "tls-key-file-pass *"),
            ("tls-client-key-file-pass hunter2", "tls-client-key-file-pass *"),
            ("redis-cli -h a -a 'hunter2' ping", "redis-cli -h a -a '*' ping"),
            ("redis-cli AUTH hunter2", "redis-cli AUTH *"),
            ("redis-cli --pass hunter2 ping", "redis-cli --pass *"),
            ("export REDISCLI_AUTH=hunter2", "export REDISCLI_AUTH=*"),
            ("auth.apiKey=hunter2", "auth.apiKey=*"),
            ("# auth.pasword: hunter2", "# auth.pasword: *"),
            ("redis://a:hunter2@h:6379/0", "redis://a:*@h:6379/0"),
            ("redis://:hun/ter2@h", "redis://:*@h"),
            ("https://hunter2@h/a", "https://*@h/a"),
            ("rediss://h/0?password=hunter2", "rediss://h/0?password=*"),
            ("h:6379,password=hunter2,ssl=True", "h:6379,password=*"),
            ("Authorization: Bearer hunter2hunter2", "Authorization: *"),
            ("curl -H 'X: Bearer hunter2hunter2'", "curl -H 'X: Bearer *'"),
        ] {
            assert_eq!(shown(line), wanted, "{line}");
        }
    }

    #[test]
    fn what_is_no_password_is_shown() {
        for line in [
            "appendonly yes",
            "maxmemory 1gb",
            "masteruser replica-user",
            "aclfile /etc/redis/users.acl",
            "the password comes from the vault",
            "redis://host:6379/0",
            "https://host:8080/a@b",
            "oci://registry-1.docker.io/bitnamicharts/redis",
            "image@sha256:abc",
            "requirepass ${REDIS_PASSWORD}",
            "requirepass $(REDIS_PASSWORD)",
            "redis-cli -a \"$REDIS_PASSWORD\" ping",
            "requirepass {{ .Values.auth.password }}",
            "PASSWORD: {{ .Values.global.redis.password | quote }}",
            "existingSecret: redis",
            "automountServiceAccountToken: true",
            "usePasswordFiles: false",
            "password:",
            "bearer of the news",
        ] {
            assert_eq!(shown(line), line);
        }
    }

    #[test]
    fn a_literal_is_no_reference() {
        for text in [
            "{{ hunter2 }}",
            "{{ .Values.a | default \"hunter2\" }}",
            "$hunter2",
            "$HUNTER",
            "${hunter2}",
            "{{ \"a\" }}",
        ] {
            assert!(!is_reference(text), "{text}");
        }
    }
}
