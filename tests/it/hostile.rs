//! Any text: bytes, files made of real keys, and what a fuzzer has found. See `fuzz/README.md`.

use std::{fs, path::Path};

use proptest::{prelude::*, test_runner::RngSeed};
use redisgen::{
    chart::{self, Chart},
    source::Hints,
};
use semver::Version;

use crate::support::{carried, held, written};
use written::Written;

fn at(version: &Version) -> Chart {
    Chart::at(version).expect("a known version")
}

/// What made something fall once.
#[test]
fn what_was_found_stays_mended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/hostile/found");
    let mut files: Vec<_> =
        fs::read_dir(&folder).expect("the folder").map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        println!("{}", file.display());
        let text = fs::read_to_string(&file).expect("a text");
        held::read(&text);
        for version in [None, Some("10.5.6"), Some("18.6.1"), Some("23.1.1")] {
            let known = Hints { version: version.and_then(|version| version.parse().ok()), ..Hints::default() };
            held::lint(&text, &known);
            held::fix(&text, &known);
            carried::any(&text, &known, &at(&chart::newest()));
            carried::any(&text, &known, &at(&chart::oldest()));
            carried::elsewhere(&text, &known, &at(&chart::newest()));
        }
    }
}

proptest! {
    // The same texts each time: what is new is looked for by the fuzz targets.
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(11),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        held::read(&text);
        held::lint(&text, &Hints::default());
    }

    #[test]
    fn files_of_real_keys_are_judged_and_fixed(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let written = Written::of(&bytes);
        held::read(&written.text);
        held::lint(&written.text, &written.known());
        held::fix(&written.text, &written.known());
        carried::any(&written.text, &written.known(), &at(&chart::newest()));
        // A whole file takes longer than its values: the fuzzer asks it of each.
        if bytes.len().is_multiple_of(4) {
            carried::elsewhere(&written.text, &written.known(), &at(&chart::newest()));
        }
    }
}
