#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/compared.rs"]
mod compared;
#[path = "../../tests/support/embedded.rs"]
mod embedded;
#[path = "../../tests/support/written.rs"]
mod written;

fuzz_target!(|bytes: &[u8]| {
    // Which way to compare, and then two files, each in half of the bytes.
    let Some((ground, rest)) = bytes.split_first() else { return };
    let ground = compared::GROUNDS[usize::from(*ground) % compared::GROUNDS.len()];
    let (old, new) = rest.split_at(rest.len() / 2);
    let [old, new] = [old, new].map(written::Written::of);
    let held = |new: &str, known: &_| {
        let compared = compared::files_compared((&old.text, &old.known()), (new, known), ground);
        compared.unwrap_or_else(|why| panic!("{why}\n{}\n{new}", old.text));
    };
    held(&new.text, &new.known());
    for place in embedded::embedded(&new.text, &new.known()) {
        held(&place.text, &place.known);
    }
});
