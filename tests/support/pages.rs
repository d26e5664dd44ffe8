//! The pages of the rules: the values files in them.

use redisgen::{
    chart::{self, Chart, ChosenVersion, Requirement},
    lint::Rule,
};

/// The values files in a section of a page.
pub fn examples(rule: &Rule, section: &str) -> Vec<String> {
    let part = rule.docs.split(&format!("\n## {section}\n")).nth(1).unwrap_or_default();
    let part = part.split("\n## ").next().unwrap();
    part.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The embedded chart that an example names.
pub fn charts(wanted: &Requirement) -> Result<Chart, String> {
    match wanted.choose(&chart::version_numbers().collect::<Vec<_>>()) {
        Ok(ChosenVersion::Known(version) | ChosenVersion::Alike { measured: version, .. }) => {
            Chart::at(&version).ok_or_else(|| version.to_string())
        }
        other => Err(format!("{other:?}")),
    }
}
