//! One command of the steps, with its condition.

/// Command with its reason and its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub kind: StepKind,
    /// Reason on one line, without special characters of a shell: users may paste it into a shell that does not
    /// support comments.
    pub why: String,
    pub argv: Argv,
    /// Command that succeeds if the step is not needed. Its output is ignored.
    pub unless: Option<Argv>,
    pub stdin: Option<Stdin>,
}

/// Purpose of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Fails if an object is missing that no step creates.
    Check,
    Repository,
    Namespace,
    Secret,
    Release,
}

impl StepKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Repository => "repository",
            Self::Namespace => "namespace",
            Self::Secret => "secret",
            Self::Release => "release",
        }
    }
}

/// Input of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stdin {
    /// the stdout of a command that has succeeded
    Command(Argv),
    /// the text of an environment variable, without a line end
    Variable(String),
}

/// Words of a command, grouped in lines for display. A flag and its value are on the same line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argv {
    lines: Vec<Vec<String>>,
}

impl Argv {
    /// Builds a command on one line.
    pub fn from_words(words: &[String]) -> Self {
        Self { lines: vec![words.to_vec()] }
    }

    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().flatten().map(String::as_str)
    }

    pub fn lines(&self) -> &[Vec<String>] {
        &self.lines
    }

    /// Starts a command with these words, which need no quotes.
    pub(super) fn new(words: &str) -> Self {
        Self { lines: vec![words.split(' ').map(str::to_owned).collect()] }
    }

    /// Appends words to the last line.
    pub(super) fn with(mut self, words: &[&str]) -> Self {
        let words = words.iter().map(|&word| word.to_owned());
        match self.lines.last_mut() {
            Some(line) => line.extend(words),
            None => self.lines.push(words.collect()),
        }
        self
    }

    /// Appends words as a new line.
    pub(super) fn line(mut self, words: &[&str]) -> Self {
        self.lines.push(words.iter().map(|&word| word.to_owned()).collect());
        self
    }
}
