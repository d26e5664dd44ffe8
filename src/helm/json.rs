//! JSON output of the steps.

use serde_json::{Value, json};

use super::{Argv, Stdin, Step};

/// Version of the format of [`steps_json`]. Fields keep their meaning within a version.
pub const STEPS_VERSION: u32 = 1;

/// Formats the steps as JSON: `{"version": 1, "steps": [{"kind", "why", "argv", "unless"?, "stdin"?}]}`.
///
/// The steps must run in this order, each only after all previous steps succeeded or were skipped. A step with
/// `unless` is skipped if that command succeeds. `stdin` is `{"command": argv}`, the output of a command that must
/// succeed, or `{"variable": name}`, the exact text of an environment variable; an empty or unset variable is an
/// error. A step without `stdin` reads nothing.
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
