#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/held.rs"]
mod held;
#[path = "../../tests/support/written.rs"]
mod written;

fuzz_target!(|bytes: &[u8]| {
    let written = written::Written::of(bytes);
    held::fix(&written.text, &written.known());
});
