//! For editors, `grep` and people in a hurry: a line for each finding.

use super::{CheckedFile, place::Lines};
use crate::{escape::one_line, lint::Diagnostic};

pub(super) fn part(judged: &CheckedFile) -> String {
    if judged.diagnostics.is_empty() {
        return String::new();
    }
    let (lines, file) = (Lines::of(judged.text), one_line(judged.file));
    let line = |found: &Diagnostic| {
        let place = lines.of_finding(found);
        let (rule, message) = (found.rule, one_line(&found.message));
        format!("{file}:{}:{}: {rule}: {message}\n", place.line, place.column)
    };
    judged.diagnostics.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use crate::report::{
        Format,
        tests::{TEXT, rendered, samples},
    };

    #[test]
    fn it_looks_like_this() {
        let wanted = "\
redis/values.yaml:3:13: plaintext-password: password in the file
redis/values.yaml:5:3: unknown-key: unknown key `master.persistance` (chart 23.1.1)
redis/values.yaml:11:3: too-few: two replicas & <no> more
";
        assert_eq!(rendered(Format::Concise, TEXT, &samples()), wanted);
        assert_eq!(rendered(Format::Concise, TEXT, &[]), "");
    }
}
