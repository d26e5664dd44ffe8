//! Names of secrets: keys of values, environment variables, profile fields and flags.

/// A name that contains one of these words is the name of a secret. In front of the words is their common part: most
/// names contain none of these parts, and are not searched for the words.
const CONTAINS: [(&str, &[&str]); 4] = [
    ("pass", &["password", "passwd", "passphrase", "passcode", "requirepass", "sentinelpass"]),
    ("auth", &["masterauth", "primaryauth", "rediscliauth"]),
    ("token", &["token"]),
    ("credential", &["credential"]),
];

/// A name that ends with one of these words is the name of a secret.
const ENDS: [&str; 12] = [
    "secret",
    "secretkey",
    "secretaccesskey",
    "accesskey",
    "privatekey",
    "apikey",
    "authkey",
    "signingkey",
    "encryptionkey",
    "pass",
    "pwd",
    "authorization",
];

/// A name whose last word is one of these is the name of a secret. These words mean nothing inside a longer word.
const LAST_WORDS: [&str; 3] = ["pw", "psw", "pswd"];

/// Words that people misspell. Messages quote a misspelled key, and its value is as secret as with the right key.
const MISSPELT: [&str; 7] =
    ["password", "passphrase", "requirepass", "masterauth", "rediscliauth", "credential", "apikey"];

/// A name that ends with one of these words refers to a secret or describes it, and is not secret itself.
const POINTS_ELSEWHERE: [&str; 22] = [
    "secretname",
    "secretref",
    "secretkeyref",
    "passwordkey",
    "passwordfile",
    "passwordfiles",
    "passwordfilefromsecret",
    "passwordfilepath",
    "passwordpath",
    "passwordmountpath",
    "passwordname",
    "passwordenv",
    "passwordstdin",
    "tokenfile",
    "tokenpath",
    "tokenname",
    "credentialsfile",
    "credentialspath",
    "serviceaccounttoken",
    "pullsecret",
    "pullsecrets",
    "bypass",
];

/// Prefixes of `Secret` in keys that name a Secret, in this chart and in related files.
const NAMES_A_SECRET: [&str; 10] =
    ["existing", "user", "certificates", "certificate", "cert", "tls", "acl", "envvars", "envfrom", "ca"];

/// Whether a key or variable of this name has a secret as value. Names of Secrets and paths to secrets are not
/// secret.
///
/// The parts of a name with dots, such as `auth.password`, are checked one by one.
pub fn is_secret_key(name: &str) -> bool {
    ParentContext::Nothing.key(name) != ParentContext::Nothing
}

/// Effect of the keys above a value on its secrecy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParentContext {
    Nothing,
    /// Everything is secret, except for names of Secrets.
    Secret,
    /// Everything is secret, except for the fields with which a volume refers to a Secret.
    Volume,
    /// Everything is secret, whatever the keys are.
    Data,
}

impl ParentContext {
    /// State below the key `name`.
    pub(super) fn key(self, name: &str) -> Self {
        name.split('.').fold(self, Self::part)
    }

    fn part(self, part: &str) -> Self {
        // Volumes refer to a Secret with `secret: {secretName: redis-tls}`.
        let of_volume = matches!(part, "secretName" | "defaultMode" | "optional");
        match self {
            Self::Data => Self::Data,
            Self::Secret | Self::Volume if of_volume => Self::Nothing,
            Self::Volume if part == "name" || part.starts_with("items") => Self::Nothing,
            Self::Secret | Self::Volume => Self::Secret,
            Self::Nothing if part == "secret" => Self::Volume,
            Self::Nothing if is_secret_word(part) => Self::Secret,
            Self::Nothing => Self::Nothing,
        }
    }
}

fn is_secret_word(part: &str) -> bool {
    // This check comes first because most keys are no secrets.
    if !has_part_of_word(part) {
        return false;
    }
    let part = without_number(part);
    let plain = normalize(part);
    match plain.len() {
        0..3 => LAST_WORDS.contains(&plain.as_str()),
        _ => holds_word(part, &plain) && !points_elsewhere(&plain),
    }
}

/// Removes an index or number at the end of a name, because numbered variants have the same meaning.
fn without_number(name: &str) -> &str {
    let name = name.split('[').next().unwrap_or(name);
    name.trim_end_matches(|c: char| c.is_ascii_digit() || c == ']')
}

/// Name in lower case with letters and digits only.
fn normalize(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// Whether a name has to do with a secret: its value is a secret or the source of one.
pub fn is_about_a_secret(name: &str) -> bool {
    has_part_of_word(name) && holds_word(name, &normalize(name))
}

/// Whether a name has two or three letters that each name of a secret has, also a misspelled one. Other signs between
/// the letters do not count.
fn has_part_of_word(name: &str) -> bool {
    let mut last = [0; 3];
    name.bytes().filter(u8::is_ascii_alphanumeric).any(|letter| {
        last = [last[1], last[2], letter.to_ascii_lowercase()];
        let [_, before, letter] = last;
        matches!(&[before, letter], b"pw" | b"sw")
            || matches!(
                &last,
                b"api"
                    | b"ase"
                    | b"ass"
                    | b"cre"
                    | b"ial"
                    | b"key"
                    | b"mas"
                    | b"ord"
                    | b"pas"
                    | b"red"
                    | b"req"
                    | b"tok"
                    | b"uth"
            )
    })
}

/// Whether a name contains one of the words for secrets. `plain` is the name in lower case without punctuation.
fn holds_word(name: &str, plain: &str) -> bool {
    // Plural names end with `s`.
    let last = last_word(name);
    let (one, last) = (plain.strip_suffix('s').unwrap_or(plain), last.strip_suffix('s').unwrap_or(&last));
    CONTAINS.iter().any(|(part, words)| plain.contains(part) && words.iter().any(|word| plain.contains(word)))
        || ENDS.iter().any(|word| plain.ends_with(word) || one.ends_with(word))
        || LAST_WORDS.contains(&last)
        || is_misspelt(plain)
}

fn points_elsewhere(name: &str) -> bool {
    let names_one = name.starts_with("existing") && name.contains("secret") && !name.ends_with("password");
    if names_one || name.starts_with("usepassword") {
        return true;
    }
    if POINTS_ELSEWHERE.iter().any(|end| name.ends_with(end)) {
        return true;
    }
    let Some(ahead) = name.strip_suffix("secret").or_else(|| name.strip_suffix("secrets")) else { return false };
    NAMES_A_SECRET.iter().any(|word| ahead.ends_with(word)) || strsim::osa_distance(ahead, "existing") <= 2
}

/// Last word of `redisPw`, `redis_pw` or `redis-pw`, in lower case.
fn last_word(name: &str) -> String {
    let mut word = String::new();
    let mut was_lower = false;
    for letter in name.chars() {
        let is_letter = letter.is_ascii_alphanumeric();
        if !is_letter || (letter.is_ascii_uppercase() && was_lower) {
            word.clear();
        }
        if is_letter {
            word.push(letter.to_ascii_lowercase());
        }
        was_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    word
}

/// Whether a part of the name is one of the words with one letter added, missing, wrong or swapped, or the whole name
/// is one of the words with two such mistakes.
fn is_misspelt(name: &str) -> bool {
    MISSPELT.iter().any(|word| {
        if name.len() + 2 < word.len() {
            return false;
        }
        // One mistake leaves the first or the last three letters of the word intact.
        let (first, second) = (&word[..3], &word[word.len() - 3..]);
        if !name.contains(first) && !name.contains(second) {
            return false;
        }
        let has_two_mistakes = word.len() >= 8
            && name.len() <= word.len() + 2
            && name.starts_with(&word[..1])
            && strsim::osa_distance(name, word) <= 2;
        let lengths = word.len() - 1..=word.len() + 1;
        has_two_mistakes || lengths.flat_map(|length| windows(name, length)).any(|part| has_one_mistake(part, word))
    })
}

/// Whether two texts differ by one letter that is added, missing or wrong, or by two swapped ones.
fn has_one_mistake(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let same = |(a, b): &(&u8, &u8)| a == b;
    let start = one.iter().zip(other).take_while(same).count();
    let (one, other) = (&one[start..], &other[start..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(same).count();
    match (&one[..one.len() - end], &other[..other.len() - end]) {
        ([_], [_]) | ([_], []) | ([], [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

/// All substrings of an ASCII name with this length.
fn windows(name: &str, length: usize) -> impl Iterator<Item = &str> {
    (0..(name.len() + 1).saturating_sub(length)).map(move |at| &name[at..at + length])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn one_mistake_is_a_distance_of_one(one in "[abc]{0,5}", other in "[abc]{0,5}") {
            prop_assert_eq!(has_one_mistake(&one, &other), strsim::osa_distance(&one, &other) == 1);
        }

        #[test]
        fn each_name_of_a_secret_has_a_part_of_a_word(
            start in "[a-zA-Z._-]{0,3}",
            word in prop::sample::select(
                &[
                    "password", "passphrase", "requirepass", "masterauth", "rediscliauth", "credential", "apiKey", "token",
                    "passwd", "secret", "pw", "psw", "pswd", "pwds", "pwd", "primaryauth", "authorization", "pass", "accessKey",
                ][..],
            ),
            wrong in "[a-zA-Z_]{0,2}",
            at in 0..12usize,
            gone in 0..2usize,
            end in "[a-z0-9_-]{0,2}",
        ) {
            let at = at.min(word.len());
            let name = format!("{start}{}{wrong}{}{end}", &word[..at], &word[(at + gone).min(word.len())..]);
            if holds_word(&name, &normalize(&name)) {
                prop_assert!(has_part_of_word(&name), "{}", name);
            }
        }
    }

    #[test]
    fn names_of_secrets() {
        for name in [
            "password",
            "auth.password",
            "auth.passwd",
            "auth.apiKey",
            "auth.pasword",
            "global.redis.pasword",
            "redisPassowrd",
            "passwrod",
            "pasword1",
            "paswordHash",
            "paswrod",
            "passw0rd",
            "pssword",
            "PASSWORD",
            "REDIS_PASSWORD",
            "redis_pw",
            "redisPw",
            "pwd",
            "db_pass",
            "requirePass",
            "requirpass",
            "masterAuth",
            "REDISCLI_AUTH",
            "sentinel-pass",
            "clientSecret",
            "clientSecrets",
            "secrets",
            "secretKeys",
            "pwds",
            "redis_pws",
            "passs",
            "clientSecrets[0]",
            "apiKey2",
            "secret",
            "secretKey",
            "AWS_SECRET_ACCESS_KEY",
            "token",
            "authToken",
            "credentials",
            "passphrase",
            "privateKey",
            "passwords",
            "passwords.a",
            "userPassword",
            "existingPassword",
            "existingSecretPassword",
        ] {
            assert!(is_secret_key(name), "{name}");
        }
    }

    #[test]
    fn names_of_what_is_no_secret() {
        for name in [
            "auth",
            "auth.enabled",
            "existingSecret",
            "existngSecret",
            "existingSecert",
            "auth.existingSecret",
            "auth.existingSecretPasswordKey",
            "existingSecretPasswordKey",
            "usePassword",
            "usePasswordFile",
            "usePasswordFiles",
            "usePasswordFileFromSecret",
            "automountServiceAccountToken",
            "serviceAccountToken",
            "secretName",
            "secret.secretName",
            "tls.certificatesSecret",
            "auth.acl.userSecret",
            "master.extraEnvVarsSecret",
            "secretAnnotations",
            "global.imagePullSecrets",
            "REDIS_PASSWORD_FILE",
            "password-env",
            "password-file",
            "userPasswordKey",
            "secretKeyRef",
            "keyword",
            "password-stdin",
            "bypass",
            "key",
            "crossword",
            "annotationKey",
            "certKeyFilename",
            "pa",
            "ord",
            "acl-secrets",
            "global.imagePullSecrets[0]",
            "pull-secret",
        ] {
            assert!(!is_secret_key(name), "{name}");
        }
    }
}
