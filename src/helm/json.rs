//! The steps as JSON, for programs.

use serde_json::{Value, json};

use super::{Argv, Stdin, Step};

/// The version of the format of [`steps_json`], which changes only with incompatible changes.
pub const STEPS_VERSION: u32 = 1;

/// Formats the steps as JSON: `{"version": 1, "steps": [{"kind", "reason", "argv", "unless"?, "stdin"?}]}`.
///
/// A reader runs the steps in this order, each only after all earlier steps succeeded or were not needed. A step with
/// `unless` is not needed if that command succeeds. `stdin` is `{"command": argv}`, the stdout of a command, or
/// `{"variable": name}`, the text of an environment variable. A failed command and an empty or unset variable are
/// errors. A step without `stdin` reads nothing.
pub fn steps_json(steps: &[Step]) -> String {
    let steps: Vec<Value> = steps.iter().map(step).collect();
    format!("{:#}\n", json!({ "version": STEPS_VERSION, "steps": steps }))
}

fn step(step: &Step) -> Value {
    let Step { kind, why, argv, unless, stdin } = step;
    let mut object = json!({ "kind": kind.as_str(), "reason": why, "argv": words(argv) });
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
