//! The secrets in one line of free text: a directive of redis.conf, an ACL, a command line, a script, a URL.

use std::ops::Range;

use super::{REDACTED, key::is_secret_key};

/// What a password follows, behind a blank or a sign.
const DIRECTIVES: [&str; 8] =
    ["requirepass", "masterauth", "primaryauth", "auth-pass", "sentinel-pass", "key-file-pass", "--pass", "--password"];

/// Words at the end of a line, or of an argument, behind which a password follows.
const OPENERS: [&str; 3] = ["password", "passwd", "rediscli_auth"];

/// The directives of redis.conf that people misspell, and by how many letters at most.
const MISSPELT: [(&str, usize); 2] = [("requirepass", 2), ("masterauth", 1)];

/// What marks the begin of a private key in a text.
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// Finds the passwords in a line that starts at byte `at`.
pub(super) fn secrets(line: &str, at: usize, found: &mut Vec<Range<usize>>) {
    let line = line.trim_end();
    // A single word holds nothing else.
    if !line.contains([' ', '\t', ':', '=']) {
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
    let shown = holes.into_iter().filter(|hole| !hole.is_empty() && !is_reference(&line[hole.clone()]));
    found.extend(shown.map(|hole| hole.start + at..hole.end + at));
}

/// `requirepass X`, `--requirepass=X`, `sentinel auth-pass mymaster X`: all behind the word.
fn directives(line: &str, lower: &str, holes: &mut Vec<Range<usize>>) {
    for word in DIRECTIVES {
        for (place, _) in lower.match_indices(word) {
            let rest = &line[place + word.len()..];
            if rest.starts_with(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_') {
                holes.push(behind_signs(line, rest));
            }
        }
    }
    let is_sign = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let mut start = 0;
    for part in lower.split_inclusive(is_sign) {
        let word = part.trim_end_matches(is_sign);
        if MISSPELT.iter().any(|(right, most)| is_near(word, right, *most)) {
            holes.push(behind_signs(line, &line[start + word.len()..]));
        }
        start += part.len();
    }
}

/// Whether the words are no more than `most` letters apart, and begin alike.
fn is_near(word: &str, right: &str, most: usize) -> bool {
    word.len().abs_diff(right.len()) <= most
        && word.as_bytes().first() == right.as_bytes().first()
        && strsim::osa_distance(word, right) <= most
}

/// `PASSWORD=X`, `"password": X`, `auth.apiKey=X`: all behind a sign that follows the name of a secret.
///
/// Prose speaks of passwords too; a script or a key in a comment gives one.
fn assignments(line: &str, holes: &mut Vec<Range<usize>>) {
    for (sign, _) in line.match_indices([':', '=']) {
        let ahead = line[..sign].trim_end_matches([' ', '\t', '"', '\'']);
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let name = &ahead[ahead.trim_end_matches(is_part).len()..];
        let rest = &line[sign + 1..];
        if is_secret_key(name) && !rest.starts_with("//") {
            let value = behind_signs(line, rest);
            // `secret:` and `token:` also end a phrase; only what no sentence says is taken there.
            if !says_nothing(&line[value.clone()]) {
                holes.push(value);
            }
        }
    }
}

/// A switch, or nothing: many keys that turn a password on and off are named like those of one.
fn says_nothing(value: &str) -> bool {
    let word = value.trim().trim_end_matches(['"', '\'', ',', '}', ']', ';']);
    matches!(word, "" | "true" | "false" | "null" | "~" | "{" | "[" | "|" | "|-" | ">" | ">-" | "|+" | ">+")
}

/// What stands behind blanks, signs and quotes, up to the end of the line.
fn behind_signs(line: &str, rest: &str) -> Range<usize> {
    let value = rest.trim_start_matches([' ', '\t', '=', ':', '"', '\'', ',']);
    line.len() - value.len()..line.len()
}

/// `redis-cli -a X`, `redis-cli AUTH USER X`.
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
            holes.push(behind_signs(line, rest));
        }
    }
}

/// `user NAME on >X #HASH`, `ACL SETUSER NAME >X`.
fn acl_rules(line: &str, lower: &str, holes: &mut Vec<Range<usize>>) {
    if !["user ", "user\t"].iter().any(|word| lower.contains(word)) {
        return;
    }
    holes.extend(rules_with_password(line, 0));
}

/// The passwords among the rules of an ACL: `>X`, and the hash of one, `#X`.
fn rules_with_password(line: &str, from: usize) -> impl Iterator<Item = Range<usize>> {
    words(line, from).filter_map(|word| {
        let text = line[word.clone()].trim_start_matches(['"', '\'']);
        text.starts_with(['>', '<', '#', '!']).then(|| word.end - text.len() + 1..word.end)
    })
}

/// A user of an ACL as `NAME=RULES` without the passwords among the rules.
pub fn acl_user(text: &str) -> String {
    let rules = text.find('=').map_or(0, |at| at + 1);
    let mut shown = text.to_owned();
    for hole in rules_with_password(text, rules).collect::<Vec<_>>().into_iter().rev() {
        shown.replace_range(hole, REDACTED);
    }
    shown
}

/// `scheme://user:X@host`, and `scheme://X@host`. A password may hold a slash, where it should not.
fn urls(line: &str, holes: &mut Vec<Range<usize>>) {
    for (place, _) in line.match_indices("://") {
        let start = place + 3;
        let word = line[start..].split([' ', '\t', '"', '\'']).next().unwrap_or_default();
        let host = word.split('/').next().unwrap_or_default();
        let part = match host.rfind('@') {
            Some(end) => Some((host, end)),
            // `host:6379/a@b` has a port there.
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

/// `Authorization: Bearer X`, wherever it stands.
fn bearer(line: &str, lower: &str, holes: &mut Vec<Range<usize>>) {
    for (place, word) in lower.match_indices("bearer ") {
        let rest = line[place + word.len()..].split([' ', '"', '\'', ',']).next().unwrap_or_default();
        // A token is no word of a sentence.
        if rest.len() >= 8 && rest.bytes().any(|b| b.is_ascii_digit()) {
            holes.push(place + word.len()..place + word.len() + rest.len());
        }
    }
}

/// The words of a line from a byte on.
fn words(line: &str, from: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = from;
    line[from..].split([' ', '\t']).filter_map(move |word| {
        let start = at;
        at += word.len() + 1;
        (!word.is_empty()).then_some(start..start + word.len())
    })
}

/// Whether the text only says where its value comes from: `{{ .Values.redis.password }}`, `${REDIS_PASSWORD}`,
/// `$(REDIS_PASSWORD)`, `$REDIS_PASSWORD`.
pub(super) fn is_reference(text: &str) -> bool {
    // In `--set` a bracket has a backslash ahead.
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

/// A step of a template's pipe that holds no literal: a path of values first, functions behind it.
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

/// Whether a password is to follow behind the end of this line.
pub(super) fn ends_open(line: &str) -> bool {
    let line = line.trim_end().trim_end_matches('\\').trim_end().to_ascii_lowercase();
    DIRECTIVES.iter().chain(&OPENERS).any(|word| line.ends_with(word))
}

/// Whether a password stands behind this argument of a command, as an argument of its own.
pub(super) fn asks_for_one(argument: &str) -> bool {
    let argument = argument.trim().to_ascii_lowercase();
    argument == "-a"
        || argument.starts_with('-') && DIRECTIVES.iter().chain(&OPENERS).any(|word| argument.ends_with(word))
}

/// The holes in order, none over another.
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
