//! What gives a secret away: the name of its key, or what stands ahead of it in a text.

use std::ops::Range;

/// Whether a key, or a variable, of this name holds a secret, not the name of one.
pub(super) fn is_secret_name(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    if name.starts_with("existing") || name.ends_with("secretname") || name.ends_with("passwordkey") {
        return false;
    }
    ["password", "passwd", "passphrase", "requirepass", "masterauth", "token", "credential", "rediscliauth"]
        .iter()
        .any(|word| name.contains(word))
        || ["secret", "secretkey", "accesskey", "privatekey", "apikey", "pass", "pwd"]
            .iter()
            .any(|word| name.ends_with(word))
        || is_misspelt_password(&name)
}

/// Whether a key says the name of a Secret, which is none itself, wherever it stands: `secret: {secretName: redis-tls}`
/// is how a volume is told.
pub(super) fn says_a_name(key: &str) -> bool {
    key == "secretName"
}

/// Whether a name ends with the word, one letter too many, too few, wrong or out of place: what is misspelt is shown
/// for just that.
fn is_misspelt_password(name: &str) -> bool {
    let word = "password";
    // One mistake leaves one of them whole.
    if !name.contains("pas") && !name.contains("ord") {
        return false;
    }
    let ends = (word.len() - 1..=word.len() + 1).filter_map(|length| name.get(name.len().checked_sub(length)?..));
    ends.into_iter().any(|end| strsim::osa_distance(end, word) == 1)
}

/// What a password follows, in a configuration, a command line or a script.
const WORDS: [&str; 9] = [
    "requirepass",
    "masterauth",
    "auth-pass",
    "sentinel-pass",
    "key-file-pass",
    "--pass",
    "password",
    "passwd",
    "rediscli_auth",
];

/// Hides the passwords in a line that starts at byte `at`.
pub(super) fn in_line(line: &str, at: usize, found: &mut Vec<Range<usize>>) {
    let line = line.trim_end();
    // What gives a secret away holds one of these, and most lines hold none.
    let says = |word: &[u8]| line.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    if !(says(b"pass") || says(b"auth") || says(b"user ") || line.contains("://")) {
        return;
    }
    let lower = line.to_ascii_lowercase();
    for word in WORDS {
        for (place, _) in lower.match_indices(word) {
            let behind = place + word.len();
            let rest = &line[behind..];
            let directive = !matches!(word, "password" | "passwd" | "rediscli_auth");
            // Prose speaks of passwords too; a script or a commented key gives one.
            let gives = if directive {
                rest.starts_with(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            } else {
                rest.trim_start_matches(['"', '\'', ' ']).starts_with(['=', ':'])
            };
            if gives {
                let value = rest.trim_start_matches([' ', '\t', '=', ':', '"', '\'', ',']);
                push(at + line.len() - value.len(), value, found);
            }
        }
    }
    if lower.contains("user ") {
        let mut from = 0;
        for token in line.split([' ', '\t']) {
            if token.starts_with(['>', '<', '#', '!']) {
                push(at + from + 1, &token[1..], found);
            }
            from += token.len() + 1;
        }
    }
    for (place, _) in line.match_indices("://") {
        let behind = place + 3;
        let host = line[behind..].split(['/', ' ', '\t', '"', '\'']).next().unwrap_or_default();
        if let Some(end) = host.rfind('@') {
            let start = host.find(':').map_or(0, |colon| colon + 1).min(end);
            push(at + behind + start, &host[start..end], found);
        }
    }
}

fn push(at: usize, value: &str, found: &mut Vec<Range<usize>>) {
    if !value.is_empty() {
        found.push(at..at + value.len());
    }
}

/// Whether a password is to follow behind the end of this line.
pub(super) fn ends_open(line: &str) -> bool {
    let line = line.trim_end().trim_end_matches('\\').trim_end().to_ascii_lowercase();
    WORDS.iter().any(|word| line.ends_with(word))
}

/// Whether a password stands behind this argument of a command, as an argument of its own.
pub(super) fn asks_for_one(argument: &str) -> bool {
    let argument = argument.trim().to_ascii_lowercase();
    argument == "-a" || argument.starts_with('-') && WORDS.iter().any(|word| argument.ends_with(word))
}
