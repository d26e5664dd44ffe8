//! Reports for editors and `grep`: one line for each finding.

use super::{CheckedFile, place::Lines};
use crate::{escape::one_line, lint::Diagnostic};

pub(super) fn part(checked: &CheckedFile) -> String {
    if checked.diagnostics.is_empty() {
        return String::new();
    }
    let (lines, file) = (Lines::of(checked.text), one_line(checked.file));
    let line = |diagnostic: &Diagnostic| {
        let place = lines.of_finding(diagnostic);
        let (rule, message) = (diagnostic.rule, one_line(&diagnostic.message));
        format!("{file}:{}:{}: {rule}: {message}\n", place.line, place.column)
    };
    checked.diagnostics.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use crate::report::{
        Format,
        tests::{TEXT, rendered, samples},
    };

    #[test]
    fn it_looks_like_this() {
        let expected = "\
redis/values.yaml:3:13: plaintext-password: password in the file
redis/values.yaml:5:3: unknown-key: unknown key `master.persistance` (chart 23.1.1)
redis/values.yaml:11:3: too-few: two replicas & <no> more
";
        assert_eq!(rendered(Format::Concise, TEXT, &samples()), expected);
        assert_eq!(rendered(Format::Concise, TEXT, &[]), "");
    }
}
