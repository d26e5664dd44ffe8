//! For GitHub Actions: a workflow command for each finding, which the runner makes into an annotation of the lines.
//!
//! The commands are those of the page "Workflow commands for GitHub Actions" of GitHub's documentation; what they
//! escape is in `packages/core/src/command.ts` of `github.com/actions/toolkit`.

use super::{
    CheckedFile,
    place::{Lines, Place},
};
use crate::{
    escape::one_line,
    lint::{Diagnostic, Severity},
};

pub(super) fn part(judged: &CheckedFile) -> String {
    if judged.diagnostics.is_empty() {
        return String::new();
    }
    let lines = Lines::of(judged.text);
    judged.diagnostics.iter().map(|found| command(judged.file, found, lines.of_finding(found))).collect()
}

fn command(file: &str, found: &Diagnostic, place: Place) -> String {
    let level = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let Place { line, column, end_line, end_column } = place;
    // The runner takes columns only within one line.
    let columns = if line == end_line { format!(",col={column},endColumn={end_column}") } else { String::new() };
    let (file, title) = (property(&one_line(super::short(file))), property(found.rule));
    let message = data(&super::message_lines(found).join("\n"));
    format!("::{level} file={file},line={line},endLine={end_line}{columns},title={title}::{message}\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{
        Format,
        tests::{TEXT, found, mark, rendered, samples},
    };

    #[test]
    fn it_looks_like_this() {
        let wanted = "\
::warning file=redis/values.yaml,line=3,endLine=3,col=13,endColumn=20,title=plaintext-password::password in the file
::error file=redis/values.yaml,line=5,endLine=5,col=3,endColumn=14,title=unknown-key::unknown key `master.persistance` \
(chart 23.1.1)%0Adid you mean `master.persistence`?%0Afix available (unsafe): rename the key to `master.persistence`
::notice file=redis/values.yaml,line=11,endLine=11,col=3,endColumn=15,title=too-few::two replicas & <no> more
";
        assert_eq!(rendered(Format::Github, TEXT, &samples()), wanted);
    }

    #[test]
    fn what_would_end_a_property_is_escaped() {
        let odd = found("a", Severity::Error, "50%\r\n::error::x", vec![mark(TEXT, "auth:\n  password", "")]);
        let judged = CheckedFile { file: "./a,b:c%\n.yaml", text: TEXT, chart: None, diagnostics: &[odd] };
        let wanted = "::error file=a%2Cb%3Ac%25\\n.yaml,line=2,endLine=3,title=a::50%25\\r\\n::error::x\n";
        assert_eq!(part(&judged), wanted);
    }
}
