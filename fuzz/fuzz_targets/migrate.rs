#![no_main]

use libfuzzer_sys::fuzz_target;
use redisgen::chart::{self, Chart};

#[path = "../../tests/support/carried.rs"]
mod carried;
#[path = "../../tests/support/embedded.rs"]
mod embedded;
#[path = "../../tests/support/written.rs"]
mod written;

fuzz_target!(|bytes: &[u8]| {
    // The first bytes select the target version, and the rest the text and its version.
    let Some((to, rest)) = bytes.split_first_chunk() else { return };
    let at = usize::from(u16::from_be_bytes(*to)) % chart::version_numbers().len();
    let to = chart::version_numbers().nth(at).and_then(|version| Chart::at(&version)).expect("a known version");
    let written = written::Written::of(rest);
    carried::any(&written.text, &written.known(), &to);
    carried::elsewhere(&written.text, &written.known(), &to);
});
