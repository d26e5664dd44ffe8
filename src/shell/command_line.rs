//! A command line of several programs, put together without a chance to forget a quote.

use std::{borrow::Borrow, fmt, ops::Deref};

use serde::Serialize;

use super::quote;

/// A command line for a POSIX shell.
///
/// Only text that is part of the program (`&'static str`) reaches the shell as it is. A word that comes from anywhere
/// else is quoted by [`arg`](Self::arg), and a script that is a word of another command by [`script`](Self::script).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CommandLine(String);

impl CommandLine {
    /// Begins with words that are written here.
    pub fn new(words: &'static str) -> Self {
        Self(words.to_owned())
    }

    /// A single word, quoted.
    pub fn word(word: &str) -> Self {
        Self::default().arg(word)
    }

    /// The words of one program.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        words.into_iter().fold(Self::default(), Self::arg)
    }

    /// Adds words that are written here.
    #[must_use]
    pub fn with(self, words: &'static str) -> Self {
        self.push(words)
    }

    /// Adds a word, quoted where a shell would read it as anything but itself.
    ///
    /// A word with a zero byte, which no command line can carry, becomes the empty word: Kubernetes and Helm know no
    /// such name either.
    #[must_use]
    pub fn arg(self, word: &str) -> Self {
        match quote(word) {
            Ok(word) => self.push(&word),
            Err(_) => self.push("''"),
        }
    }

    /// Adds the words of another command line.
    #[must_use]
    pub fn words_of(self, other: &Self) -> Self {
        if other.0.is_empty() { self } else { self.push(&other.0) }
    }

    /// Adds a script as one word, as `sh -c` takes it.
    #[must_use]
    pub fn script(self, script: &Self) -> Self {
        self.arg(&script.0)
    }

    /// Adds the output of a command as one word.
    #[must_use]
    pub fn output_of(self, command: &Self) -> Self {
        self.push(&format!("\"$({command})\""))
    }

    /// Writes the output of this command to a file.
    #[must_use]
    pub fn to_file(self, file: &str) -> Self {
        self.with(">").arg(file)
    }

    /// Gives the output of this command to another one.
    #[must_use]
    pub fn pipe(self, to: &Self) -> Self {
        self.with("|").push(&to.0)
    }

    /// Runs another command after this one, on the same line.
    #[must_use]
    pub fn then(self, next: &Self) -> Self {
        Self(format!("{self}; {next}"))
    }

    /// Runs a command until it succeeds, and another one before each new try.
    pub fn until(condition: &Self, body: &Self) -> Self {
        Self(format!("until {condition}; do {body}; done"))
    }

    /// Runs a command with a variable that has one of these words after the other.
    pub fn for_each(variable: &'static str, words: &Self, body: &Self) -> Self {
        Self(format!("for {variable} in {words}; do {body}; done"))
    }

    /// The words that a command prints, as [`for_each`](Self::for_each) takes them.
    pub fn words_printed_by(command: &Self) -> Self {
        Self(format!("$({command})"))
    }

    /// One command on each line.
    pub fn lines(lines: &[Self]) -> Self {
        Self(lines.join("\n"))
    }

    fn push(mut self, words: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(words);
        self
    }
}

impl Deref for CommandLine {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for CommandLine {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_written_here_reaches_the_shell() {
        let bad = "x'; rm -rf ~; '";
        let line = CommandLine::new("kubectl get pod").arg(bad).with("--output name");
        assert_eq!(line.to_string(), r#"kubectl get pod "x'; rm -rf ~; '" --output name"#);
        let inner = CommandLine::new("echo").arg(bad);
        let outer = CommandLine::new("sh -c").script(&inner).to_file(bad);
        let words = shlex::split(&outer).unwrap();
        assert_eq!(words, ["sh", "-c", &*inner, ">", bad]);
        assert_eq!(shlex::split(&words[2]).unwrap(), ["echo", bad]);
        assert_eq!(CommandLine::of(["a", "b c", "\0"]).to_string(), "a 'b c' ''");
    }

    #[test]
    fn commands_are_put_together_as_a_shell_reads_them() {
        let list = CommandLine::new("ls");
        let line = CommandLine::for_each(
            "file",
            &CommandLine::words_printed_by(&list),
            &CommandLine::new("cat \"$file\"").pipe(&CommandLine::new("wc -l")).then(&CommandLine::new("sleep 1")),
        );
        assert_eq!(line.to_string(), "for file in $(ls); do cat \"$file\" | wc -l; sleep 1; done");
        let wait = CommandLine::until(&CommandLine::new("test -e").arg("a b"), &CommandLine::new("sleep 1"));
        assert_eq!(wait.to_string(), "until test -e 'a b'; do sleep 1; done");
        assert_eq!(CommandLine::new("echo").output_of(&list).to_string(), "echo \"$(ls)\"");
        assert_eq!(CommandLine::lines(&[list.clone(), wait.clone()]).lines().count(), 2);
        assert_eq!(list.clone().words_of(&CommandLine::default()), list);
    }
}
