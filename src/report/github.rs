//! Reports for GitHub Actions: a workflow command for each finding, which becomes an annotation of its lines.
//!
//! Source of the commands: the page "Workflow commands for GitHub Actions" of GitHub's documentation. Source of their
//! escapes: `packages/core/src/command.ts` of `github.com/actions/toolkit`.

use super::{
    CheckedFile,
    place::{Lines, Place},
};
use crate::{
    escape::one_line,
    lint::{Diagnostic, Severity},
};

pub(super) fn part(checked: &CheckedFile) -> String {
    if checked.diagnostics.is_empty() {
        return String::new();
    }
    let lines = Lines::of(checked.text);
    checked
        .diagnostics
        .iter()
        .map(|diagnostic| command(checked.file, diagnostic, lines.of_finding(diagnostic)))
        .collect()
}

fn command(file: &str, diagnostic: &Diagnostic, place: Place) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let Place { line, column, end_line, end_column } = place;
    // The runner accepts columns only if the finding is in one line.
    let columns = if line == end_line { format!(",col={column},endColumn={end_column}") } else { String::new() };
    let (file, title) = (property(&one_line(super::without_dot_slash(file))), property(diagnostic.rule));
    let message = data(&super::message_lines(diagnostic).join("\n"));
    format!("::{level} file={file},line={line},endLine={end_line}{columns},title={title}::{message}\n")
}

pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

pub(super) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{
        Format,
        tests::{TEXT, diagnostic, mark, rendered, samples},
    };

    #[test]
    fn it_looks_like_this() {
        let expected = "\
::warning file=redis/values.yaml,line=3,endLine=3,col=13,endColumn=20,title=plaintext-password::password in the file
::error file=redis/values.yaml,line=5,endLine=5,col=3,endColumn=14,title=unknown-key::unknown key `master.persistance` \
(chart 23.1.1)%0Adid you mean `master.persistence`?%0Afix available (unsafe): rename the key to `master.persistence`
::notice file=redis/values.yaml,line=11,endLine=11,col=3,endColumn=15,title=too-few::two replicas & <no> more
";
        assert_eq!(rendered(Format::Github, TEXT, &samples()), expected);
    }

    #[test]
    fn separators_of_properties_are_escaped() {
        let odd = diagnostic("a", Severity::Error, "50%\r\n::error::x", vec![mark(TEXT, "auth:\n  password", "")]);
        let checked =
            CheckedFile { file: "./a,b:c%\n.yaml", text: TEXT, document: None, chart: None, diagnostics: &[odd] };
        let expected = "::error file=a%2Cb%3Ac%25\\n.yaml,line=2,endLine=3,title=a::50%25\\r\\n::error::x\n";
        assert_eq!(part(&checked), expected);
    }
}
