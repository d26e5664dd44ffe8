//! What we read, merge, set and write, held against the real Helm 3 and 4.

fn main() {
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), Vec::new()).exit();
}
