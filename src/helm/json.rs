//! The steps for another program.

use serde_json::{Value, json};

use super::{Argv, Stdin, Step};

/// Version of the shape of [`steps_json`]; a reader may rely on what it knows as long as this stays.
pub const STEPS_VERSION: u32 = 1;

/// The steps as JSON: `{"version": 1, "steps": [{"kind", "why", "argv", "unless"?, "stdin"?}]}`.
///
/// They are to be run in this order, each only when those before it have succeeded or were not needed. A step with
/// `unless` is not needed where that command succeeds. `stdin` is `{"command": argv}`, the stdout of a command that has
/// succeeded, or `{"variable": name}`, the text of an environment variable to the last byte; one that is empty or unset
/// is an error. A step without `stdin` reads nothing.
pub fn steps_json(steps: &[Step]) -> String {
    let steps: Vec<Value> = steps.iter().map(step).collect();
    format!("{:#}\n", json!({ "version": STEPS_VERSION, "steps": steps }))
}

fn step(step: &Step) -> Value {
    let Step { kind, why, argv, unless, stdin } = step;
    let mut object = json!({ "kind": kind.as_str(), "why": why, "argv": words(argv) });
    if let Some(unless) = unless {
        object["unless"] = words(unless);
    }
    if let Some(stdin) = stdin {
        object["stdin"] = match stdin {
            Stdin::Command(argv) => json!({ "command": words(argv) }),
            Stdin::Variable(name) => json!({ "variable": name }),
        };
    }
    object
}

fn words(argv: &Argv) -> Value {
    argv.words().collect()
}
