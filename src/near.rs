//! Which word was probably meant by one that is not known.

/// Longer texts are no misspelling of any word, in characters: what they are compared by takes its time with them.
const LONGEST: usize = 200;

/// How alike two words are when the one was probably meant by the other, of 1.
const ENOUGH: f64 = 0.68;

/// The candidate that was probably meant.
pub(crate) fn near<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if is_long(text) {
        return None;
    }
    let text = text.to_lowercase().replace('_', "-");
    let letters = text.chars().count();
    // As far apart as their lengths they are at least.
    let may_be = |candidate: &&str| {
        let others = candidate.chars().count();
        letters.min(others) as f64 >= ENOUGH * letters.max(others) as f64 || candidate.contains(&text)
    };
    // What only repeats a part of the word, as `lru` for `allkeys-lru`, is further than a misspelling.
    let score = |candidate: &str| {
        let part = text.len() >= 3 && candidate.contains(&text);
        strsim::normalized_damerau_levenshtein(&text, candidate).max(if part { ENOUGH } else { 0.0 })
    };
    let scored = candidates.into_iter().filter(may_be).map(|candidate| (score(candidate), candidate));
    let best = scored.filter(|(score, _)| *score >= ENOUGH).reduce(|a, b| if b.0 > a.0 { b } else { a })?;
    Some(best.1.to_owned())
}

/// Whether a text is too long to be a misspelt word.
pub(crate) fn is_long(text: &str) -> bool {
    text.chars().nth(LONGEST).is_some()
}

/// How many letters two words are apart; none for more than `most`.
pub(crate) fn apart(one: &str, other: &str, most: usize) -> Option<usize> {
    // No letter has more bytes than four: what differs more in its length need not be compared.
    let may_be = one.len().abs_diff(other.len()) <= 4 * most;
    may_be.then(|| strsim::osa_distance(one, other)).filter(|apart| *apart <= most)
}

/// The beginning of what to do next, where a word was probably meant.
pub(crate) fn did_you_mean(near: &Option<String>) -> String {
    near.as_ref().map(|near| format!("did you mean `{near}`? ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

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
