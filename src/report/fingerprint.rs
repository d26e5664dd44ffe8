//! The text by which a forge knows a finding again after its line has moved.

use std::collections::HashMap;

/// Fingerprints of one text. Findings of the same words are counted, so that no two have the same.
#[derive(Default)]
pub(super) struct Fingerprints(HashMap<u64, usize>);

impl Fingerprints {
    /// 16 hexadecimal digits, a colon and a number from 1: of these words, and which finding of them it is.
    pub(super) fn next(&mut self, words: &[&str]) -> String {
        let hash = fnv(words);
        let nth = self.0.entry(hash).or_default();
        *nth += 1;
        format!("{hash:016x}:{nth}")
    }
}

/// The 64-bit hash FNV-1a: the same in each version of redisgen and of Rust. It is made of nothing that is secret, and
/// holds no place, so that a finding is known again after its line has moved.
pub(super) fn fnv(words: &[&str]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        // From the test vectors of its authors, `foobar` with the zero behind it.
        assert_eq!(fnv(&["foobar"]), 0x34531ca7168b8f38);
        assert_ne!(fnv(&["ab", "c"]), fnv(&["a", "bc"]));
    }
}
