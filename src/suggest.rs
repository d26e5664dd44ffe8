//! Suggestions for unknown words.

/// Maximum length of a text that is compared, in characters. Comparisons of long texts are slow, and a longer text is
/// not a misspelled word.
const LONGEST: usize = 200;

/// Minimum similarity of a suggestion, from 0 to 1.
const ENOUGH: f64 = 0.68;

/// The candidate that was probably meant.
pub(crate) fn near<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if is_long(text) {
        return None;
    }
    let text = text.to_lowercase().replace('_', "-");
    let letters = text.chars().count();
    let counts = LetterCounts::of(&text);
    // The distance is at least the number of letters that only one of them has, and many candidates need no comparison.
    let may_be = |candidate: &&str| {
        let others = candidate.chars().count();
        let least = ENOUGH * letters.max(others) as f64;
        letters.min(others) as f64 >= least && counts.in_common(candidate) as f64 >= least.floor()
            || candidate.contains(&text)
    };
    // A part of a word, such as `lru` of `allkeys-lru`, counts as less similar than a misspelling.
    let score = |candidate: &str| {
        let part = text.len() >= 3 && candidate.contains(&text);
        strsim::normalized_damerau_levenshtein(&text, candidate).max(if part { ENOUGH } else { 0.0 })
    };
    let scored = candidates.into_iter().filter(may_be).map(|candidate| (score(candidate), candidate));
    let best = scored.filter(|(score, _)| *score >= ENOUGH).reduce(|a, b| if b.0 > a.0 { b } else { a })?;
    Some(best.1.to_owned())
}

/// How often a word has each letter.
struct LetterCounts([u8; 256]);

impl LetterCounts {
    /// Counts the bytes of a word that is not [long](is_long).
    fn of(word: &str) -> Self {
        let mut counts = [0_u8; 256];
        word.bytes().for_each(|byte| counts[usize::from(byte)] = counts[usize::from(byte)].saturating_add(1));
        Self(counts)
    }

    /// The most bytes that both words can have at the same places.
    fn in_common(&self, other: &str) -> usize {
        let mut left = self.0;
        let is_common = |byte: &u8| {
            let left = &mut left[usize::from(*byte)];
            let is_left = *left > 0;
            *left -= u8::from(is_left);
            is_left
        };
        other.bytes().filter(is_common).count()
    }
}

/// Whether a text is too long to be a misspelled word.
pub(crate) fn is_long(text: &str) -> bool {
    text.chars().nth(LONGEST).is_some()
}

/// Number of letters by which two words differ. `None` for more than `most` letters.
pub(crate) fn apart(one: &str, other: &str, most: usize) -> Option<usize> {
    // A character has at most four bytes. Words whose lengths differ by more need no comparison.
    let bytes = if one.is_ascii() && other.is_ascii() { 1 } else { 4 };
    let may_be = one.len().abs_diff(other.len()) <= most.saturating_mul(bytes);
    may_be.then(|| strsim::osa_distance(one, other)).filter(|apart| *apart <= most)
}

/// A name with the parts by which it is compared, made once for many comparisons.
#[derive(Debug)]
pub(crate) struct Name {
    /// The name in lower case, without `-` and `_`.
    bare: String,
    /// Number of characters of `bare`.
    letters: usize,
    words: Vec<String>,
    is_long: bool,
}

impl Name {
    /// A name that is too long to be compared has no parts.
    pub fn of(name: &str) -> Self {
        if is_long(name) {
            return Self { bare: String::new(), letters: 0, words: Vec::new(), is_long: true };
        }
        let bare = name.to_lowercase().replace(['-', '_'], "");
        Self { letters: bare.chars().count(), bare, words: words(name), is_long: false }
    }
}

/// Minimum share of letters that a name must have in common with a name of more words.
const SHARED: f64 = 0.6;

/// Number of letters that a name has in addition to another name whose words it contains in the same order. `None` if
/// the other name has one word only, or too few of the letters.
pub(crate) fn in_part(few: &Name, many: &Name) -> Option<usize> {
    let letters = |name: &Name| name.words.iter().map(String::len).sum::<usize>();
    let is_part = few.words.len() > 1 && is_in_words(&few.words, &many.words);
    let (few, many) = (letters(few), letters(many));
    (is_part && few as f64 >= SHARED * many as f64).then(|| many - few)
}

/// Number of wrong letters in a misspelled name. `None` if the names differ too much for a typing slip.
///
/// Case, `-` and `_` are ignored. Names with opposite meanings never match, even if only one letter differs.
pub(crate) fn slip(written: &Name, meant: &Name) -> Option<usize> {
    if written.is_long {
        return None;
    }
    let most = match written.letters.max(meant.letters) {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    // Few names are so near that their words count.
    let apart = apart(&written.bare, &meant.bare, most)?;
    let (one, other) = (&written.words, &meant.words);
    let is_other = are_opposite(one, other) || is_in_words(one, other) || is_in_words(other, one);
    (!is_other).then_some(apart)
}

/// Whether a name has the words of another name in the same order, and more, as `existingSecretKey` has those of
/// `existingSecret`. Such names are different keys.
fn is_in_words(few: &[String], many: &[String]) -> bool {
    let mut rest = many.iter();
    few.len() < many.len() && few.iter().all(|word| rest.any(|other| other == word))
}

/// Words of a name in camel case, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut was_upper = true;
    for c in name.chars() {
        let starts = c.is_uppercase() && !was_upper;
        was_upper = c.is_uppercase();
        match words.last_mut().filter(|_| !starts && c.is_alphanumeric()) {
            Some(word) => word.extend(c.to_lowercase()),
            None if c.is_alphanumeric() => words.push(c.to_lowercase().collect()),
            None => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Words with similar spelling or position and opposite meaning.
const OPPOSITES: [(&str, &str); 10] = [
    ("min", "max"),
    ("internal", "external"),
    ("allow", "deny"),
    ("enabled", "disabled"),
    ("enable", "disable"),
    ("add", "remove"),
    ("master", "slave"),
    ("master", "replica"),
    ("ingress", "egress"),
    ("pre", "post"),
];

fn are_opposite(one: &[String], other: &[String]) -> bool {
    let holds = |words: &[String], word: &str| words.iter().any(|other| other == word);
    OPPOSITES.iter().any(|(a, b)| {
        let turned =
            |one: &[String], other: &[String]| holds(one, a) && holds(other, b) && !holds(one, b) && !holds(other, a);
        turned(one, other) || turned(other, one)
    })
}

/// Start of a hint with the suggestion, or an empty text.
pub(crate) fn did_you_mean(near: &Option<String>) -> String {
    near.as_ref().map(|near| format!("did you mean `{near}`? ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_slip(written: &str, meant: &str) -> Option<usize> {
        slip(&Name::of(written), &Name::of(meant))
    }

    #[test]
    fn a_slip_is_a_few_letters_of_many() {
        for (written, meant) in [
            ("pasword", "password"),
            ("passwd", "password"),
            ("namepsace", "namespace"),
            ("storage_class", "storageClass"),
            ("Enabled", "enabled"),
            ("rabc", "rbac"),
            ("replicaCuont", "replicaCount"),
        ] {
            assert!(of_slip(written, meant).is_some(), "{written}");
        }
        for (written, meant) in [
            ("replicas", "replicaSyncCheck"),
            ("service", "serviceAccount"),
            ("tls", "tags"),
            ("minReplicas", "maxReplicas"),
            ("externalTrafficPolicy", "internalTrafficPolicy"),
            ("host", "port"),
            ("mini", "micro"),
            ("existingSecretKey", "existingSecret"),
            ("loadBalancer", "loadBalancerIP"),
        ] {
            assert_eq!(of_slip(written, meant), None, "{written}");
        }
        assert_eq!(words("existingSecretPasswordKey"), ["existing", "secret", "password", "key"]);
        assert_eq!(words("extraEnvVarsCM"), ["extra", "env", "vars", "cm"]);
    }

    #[test]
    fn a_near_miss_is_near() {
        let words = ["allkeys-lru", "volatile-lru", "noeviction"];
        assert_eq!(near("allkeys_lru", words).as_deref(), Some("allkeys-lru"));
        assert_eq!(near("NoEviction", words).as_deref(), Some("noeviction"));
        assert_eq!(near("lru", words).as_deref(), Some("allkeys-lru"));
        assert_eq!(near("fifo", words), None);
        assert_eq!(near("", words), None);
    }
}
