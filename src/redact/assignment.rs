//! Redaction of assignments in the form of Helm's `--set`.
//!
//! Assignments are not parsed, because error messages also show texts that Helm cannot parse. After the first secret,
//! the rest of the text is hidden: a password may contain a comma.

use std::{borrow::Cow, collections::BTreeSet};

use super::{REDACTED, is_secret_key, line, text};

/// Flags with an assignment as value.
const FLAGS: [&str; 2] = ["--set", "--set-string"];

/// Redacts a text of `--set`: `auth.password=<redacted>`.
pub fn assignment(text: &str) -> Cow<'_, str> {
    Places::default().redact(text)
}

/// Redacts the texts of all `--set` of one command. One text may name a variable whose value is in another text.
pub fn assignments<'a>(texts: &[&'a str]) -> Vec<Cow<'a, str>> {
    let places = Places::of(texts);
    texts.iter().map(|text| places.redact(text)).collect()
}

/// Redacts the words of a command line.
pub fn command_line(words: &[String]) -> Vec<String> {
    let mut follows = false;
    let is_one: Vec<Option<&str>> = words
        .iter()
        .map(|word| {
            let joined = word.split_once('=').filter(|(flag, _)| FLAGS.contains(flag)).map(|(_, text)| text);
            let text = if follows { Some(word.as_str()) } else { joined };
            follows = !follows && FLAGS.contains(&word.as_str());
            text
        })
        .collect();
    let places = Places::of(&is_one.iter().flatten().copied().collect::<Vec<_>>());
    let shown = words.iter().zip(is_one).map(|(word, assignment)| match assignment {
        Some(text) => format!("{}{}", &word[..word.len() - text.len()], places.redact(text)),
        None => self::text(word).into_owned(),
    });
    shown.collect()
}

/// Redacts a message about a command line: hides the secrets of the words.
pub fn message(text: &str, words: &[String]) -> String {
    let secrets = secrets_in(words);
    let whole = words.iter().zip(command_line(words)).filter(|(word, shown)| *word != shown);
    let text = whole.fold(text.to_owned(), |text, (word, shown)| text.replace(word.as_str(), &shown));
    let text = secrets.iter().fold(text, |text, secret| text.replace(secret, REDACTED));
    quoted(&text).into_owned()
}

/// Redacts the quoted parts of a message. The text outside of backticks stays unchanged.
pub fn quoted(message: &str) -> Cow<'_, str> {
    if message.split('`').skip(1).step_by(2).all(|part| matches!(text(part), Cow::Borrowed(_))) {
        return Cow::Borrowed(message);
    }
    let parts = message.split('`').enumerate();
    let shown: Vec<Cow<str>> = parts.map(|(at, part)| if at % 2 == 1 { text(part) } else { part.into() }).collect();
    Cow::Owned(shown.join("`"))
}

/// Secrets in the words, longest first. Secrets that are too short to differ from ordinary words are left out.
fn secrets_in(words: &[String]) -> Vec<&str> {
    const SHORTEST: usize = 4;
    let shown = command_line(words);
    let hidden = words.iter().zip(&shown).flat_map(|(word, shown)| {
        // The common start and end of both words are not secret.
        let start = shown.split(REDACTED).next().unwrap_or_default().len();
        let end = word.len() - shown.rsplit(REDACTED).next().map_or(0, str::len);
        let hidden = if shown == word { "" } else { word.get(start..end).unwrap_or_default() };
        std::iter::once(hidden).chain(hidden.split([',', '=', '@', '{', '}']))
    });
    let mut secrets: Vec<&str> = hidden.filter(|secret| secret.len() >= SHORTEST).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

/// Places that are secret because of the value at a neighbouring place.
#[derive(Default)]
struct Places {
    /// For example `extraEnvVars[0].value`, if `extraEnvVars[0].name` is `REDIS_PASSWORD`.
    keys: BTreeSet<String>,
    /// For example `extraDeploy[0].stringData.`, if `extraDeploy[0].kind` is `Secret`.
    above: Vec<String>,
}

impl Places {
    fn of(texts: &[&str]) -> Self {
        let mut places = Self::default();
        for (key, value) in texts.iter().flat_map(|text| pairs(text)).map(|pair| (pair.key, pair.value)) {
            if let Some(entry) = key.strip_suffix("name").filter(|_| is_secret_key(value)) {
                places.keys.insert(format!("{entry}value"));
            }
            if let Some(entry) = key.strip_suffix("kind").filter(|_| value == "Secret") {
                places.above.extend(["data.", "stringData."].map(|data| format!("{entry}{data}")));
            }
            if let Some((list, at)) = key.strip_suffix(']').and_then(|key| key.rsplit_once('['))
                && let (true, Ok(at)) = (line::asks_for_one(value), at.parse::<usize>())
            {
                places.keys.insert(format!("{list}[{}]", at.saturating_add(1)));
            }
        }
        places
    }

    fn holds(&self, key: &str) -> bool {
        is_secret_key(key) || self.keys.contains(key) || self.above.iter().any(|above| key.starts_with(above.as_str()))
    }

    fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.secret(text) {
            Some(at) => Cow::Owned(format!("{}{REDACTED}", self::text(&text[..at]))),
            None => self::text(text),
        }
    }

    /// Offset of the first secret in the text.
    fn secret(&self, text: &str) -> Option<usize> {
        let assigned = pairs(text).find_map(|pair| {
            let begins = text.len() - pair.behind.len();
            if self.holds(pair.key) {
                let says_nothing = matches!(pair.value, "" | "null" | "true" | "false");
                let is_none = says_nothing || line::is_reference(pair.value);
                return (!is_none).then_some(begins);
            }
            password_in_list(pair.behind).map(|at| begins + at)
        });
        [assigned, secret_without_equals(text)].into_iter().flatten().min()
    }
}

/// Offset after the name of a secret without `=`: `auth.password:X`, `auth.password[0]X`.
fn secret_without_equals(text: &str) -> Option<usize> {
    let mut start = 0;
    for piece in text.split(',') {
        if !piece.contains('=') {
            let ends = piece.match_indices(['.', '[', ']', ':', ' ', '\t']).map(|(at, _)| at);
            let end = ends.into_iter().find(|end| is_secret_key(&piece[..*end]) && end + 1 < piece.len());
            if let Some(end) = end {
                return Some(start + end + 1);
            }
        }
        start += piece.len() + 1;
    }
    None
}

/// Offset of the password in `{--requirepass,X}`.
fn password_in_list(list: &str) -> Option<usize> {
    let items = list.strip_prefix('{')?;
    let mut at = 1;
    let mut is_next = false;
    for item in items.split(',') {
        if is_next {
            return Some(at);
        }
        is_next = line::asks_for_one(item);
        at += item.len() + 1;
    }
    None
}

struct Pair<'a> {
    key: &'a str,
    /// Value up to the next comma.
    value: &'a str,
    /// Value up to the end of the text.
    behind: &'a str,
}

/// All `=` with the texts around them, whether Helm reads them as assignments or not.
fn pairs(text: &str) -> impl Iterator<Item = Pair<'_>> {
    text.match_indices('=').map(|(at, _)| {
        let ahead = &text[..at];
        let key = ahead.rfind([',', '{', '=']).map_or(ahead, |start| &ahead[start + 1..]);
        let behind = &text[at + 1..];
        Pair { key: key.trim(), value: behind.split(',').next().unwrap_or_default(), behind }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden() {
        for (text, wanted) in [
            ("auth.password=hunter2", "auth.password=<redacted>"),
            ("auth.passwd=hunter2", "auth.passwd=<redacted>"),
            ("auth.apiKey=hunter2", "auth.apiKey=<redacted>"),
            ("auth.pasword=hunter2", "auth.pasword=<redacted>"),
            ("a=1,auth.password=hunt\\,er2,b=c", "a=1,auth.password=<redacted>"),
            ("auth.password=hunt,er=2", "auth.password=<redacted>"),
            ("global.redis.pasword=a{b,hunter2", "global.redis.pasword=<redacted>"),
            ("a={b,auth.password=hunter2", "a={b,auth.password=<redacted>"),
            ("auth\\.password=hunter2", "auth\\.password=<redacted>"),
            ("auth.pwd[x]=hunter2", "auth.pwd[x]=<redacted>"),
            ("auth.password:hunter2", "auth.password:<redacted>"),
            ("auth.password hunter2", "auth.password <redacted>"),
            ("auth.password[0]hunter2", "auth.password[<redacted>"),
            ("a=1,auth.password.hunter2", "a=1,auth.password.<redacted>"),
            ("auth.acl.users[0].password=hunter2", "auth.acl.users[0].password=<redacted>"),
            ("passwords[0]=hunter2", "passwords[0]=<redacted>"),
            ("a[0].value=redis://:hunter2@h", "a[0].value=redis://:<redacted>@h"),
            ("a=redis://h?password=hunter2", "a=redis://h?password=<redacted>"),
            ("a.configuration=requirepass hunter2", "a.configuration=requirepass <redacted>"),
            ("args={--requirepass,hunter2}", "args={--requirepass,<redacted>"),
            ("args[0]=-a,args[1]=hunter2", "args[0]=-a,args[1]=<redacted>"),
            ("e[0].name=REDIS_PASSWORD,e[0].value=hunter2", "e[0].name=REDIS_PASSWORD,e[0].value=<redacted>"),
            ("d.kind=Secret,d.stringData.a=hunter2", "d.kind=Secret,d.stringData.a=<redacted>"),
        ] {
            assert_eq!(assignments(&[text])[0], wanted);
        }
    }

    #[test]
    fn the_rest_is_shown() {
        for text in [
            "auth.enabled=true",
            "auth.existingSecret=redis,auth.existingSecretPasswordKey=redis-password",
            "auth.usePasswordFiles=true",
            "serviceAccount.automountServiceAccountToken=false",
            "v[0].secret.secretName=redis-tls",
            "auth.existingSecret={{ .Release.Name }}-auth",
            "auth.password={{ .Values.redis.password }}",
            "auth.password=",
            "auth.password=\\{{ .Values.redis.password }}",
            "auth.password",
            "a={b,c}",
        ] {
            assert_eq!(assignment(text), text);
        }
    }

    #[test]
    fn one_text_says_what_another_holds() {
        let shown = assignments(&["e[0].value=hunter2", "e[0].name=REDIS_PASSWORD", "e[1].value=a"]);
        assert_eq!(shown, ["e[0].value=<redacted>", "e[0].name=REDIS_PASSWORD", "e[1].value=a"]);
    }

    #[test]
    fn a_message_quotes_no_secret() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let message = |text, given: &[&str]| super::message(text, &words(given));
        assert_eq!(message("`auth.pwd=a` is none", &["--save", "auth.pwd=a"]), "`auth.pwd=<redacted>` is none");
        assert_eq!(message("found `hunter2`", &["--set", "auth.pwd=a{b,hunter2"]), "found `<redacted>`");
        assert_eq!(message("found `redis://:hunter2@`", &["redis://:hunter2@h"]), "found `redis://:<redacted>@`");
        assert_eq!(message("found `true`", &["--set", "auth.enabled=true"]), "found `true`");
    }

    #[test]
    fn the_words_of_a_command_line() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            command_line(&words(&["values", "--set", "auth.pwd=a", "--set-string=auth.pwd=a", "--release", "a"])),
            ["values", "--set", "auth.pwd=<redacted>", "--set-string=auth.pwd=<redacted>", "--release", "a"]
        );
        assert_eq!(command_line(&words(&["--password-env", "REDIS_PASSWORD"])), ["--password-env", "REDIS_PASSWORD"]);
    }
}
