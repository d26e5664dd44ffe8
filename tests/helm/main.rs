//! The tests of programs that may be missing, such as Helm: without its program a test counts as ignored, which the
//! standard harness cannot decide at run time.
//!
//! A module is a subject: `cargo test --test helm MODULE::` runs one, and `tests/README.md` describes each module.

#[path = "../support/mod.rs"]
mod support;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

/// A test of a module, without the name of the module.
struct Check {
    name: String,
    is_ignored: bool,
    run: Box<dyn FnOnce() -> Result<(), Failed> + Send>,
}

impl Check {
    fn new(name: impl Into<String>, run: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Self {
        Self { name: name.into(), is_ignored: false, run: Box::new(run) }
    }

    /// A test that panics where it fails.
    fn panicking(name: impl Into<String>, run: impl FnOnce() + Send + 'static) -> Self {
        Self::new(name, move || {
            run();
            Ok(())
        })
    }

    /// A test that cannot run, with the reason.
    fn missing(name: &str, reason: &str) -> Self {
        Self::new(format!("{name}: {reason}"), || Ok(())).ignored_if(true)
    }

    fn ignored_if(self, is_ignored: bool) -> Self {
        Self { is_ignored, ..self }
    }
}

/// Declares the modules, and collects their checks under their names.
macro_rules! modules {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        fn trials() -> Vec<Trial> {
            let mut trials = Vec::new();
            $(trials.extend($module::checks().into_iter().map(|check| {
                let name = format!("{}::{}", stringify!($module), check.name);
                Trial::test(name, check.run).with_ignored_flag(check.is_ignored)
            }));)*
            trials
        }
    };
}

modules! {
    alerts,
    catalogue_charts,
    chart_pull,
    command_script,
    conformance,
    diff_renders,
    helm_command,
    helm_reader,
    images,
    objects,
    pictures,
    report_readers,
    set_numbers,
    verify,
}

fn main() -> ExitCode {
    libtest_mimic::run(&Arguments::from_args(), trials()).exit_code()
}
