#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/held.rs"]
mod held;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        held::read(text);
    }
});
