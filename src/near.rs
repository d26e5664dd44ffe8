//! Which word was probably meant by one that is not known.

/// How alike two words are when the one was probably meant by the other, of 1.
const ENOUGH: f64 = 0.68;

/// The candidate that was probably meant.
pub(crate) fn near<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let text = text.to_lowercase().replace('_', "-");
    // What only repeats a part of the word, as `lru` for `allkeys-lru`, is further than a misspelling.
    let score = |candidate: &str| {
        let part = text.len() >= 3 && candidate.contains(&text);
        strsim::normalized_damerau_levenshtein(&text, candidate).max(if part { ENOUGH } else { 0.0 })
    };
    let scored = candidates.into_iter().map(|candidate| (score(candidate), candidate));
    let best = scored.filter(|(score, _)| *score >= ENOUGH).reduce(|a, b| if b.0 > a.0 { b } else { a })?;
    Some(best.1.to_owned())
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
