//! Fingerprints that identify a finding on a forge after its line has moved.

use std::collections::HashMap;

/// The fingerprints of one text. Findings with equal words are counted, which makes each fingerprint unique.
#[derive(Default)]
pub(super) struct Fingerprints(HashMap<u64, usize>);

impl Fingerprints {
    /// The next fingerprint for these words: 16 hexadecimal digits, a colon and a count from 1.
    pub(super) fn next(&mut self, words: &[&str]) -> String {
        let hash = fnv(words);
        let nth = self.0.entry(hash).or_default();
        *nth += 1;
        format!("{hash:016x}:{nth}")
    }
}

/// The 64-bit FNV-1a hash, which is the same in every version of redisgen and Rust.
///
/// It covers no secret and no position, because the fingerprint must survive moved lines.
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
