//! One command and its condition.

/// One step: a command, its reason, and its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub kind: StepKind,
    /// The reason in one line, valid as shell words too: a user may paste it into a shell without comments.
    pub why: String,
    pub argv: Argv,
    /// The step is not needed if this command succeeds; its output is ignored.
    pub unless: Option<Argv>,
    pub stdin: Option<Stdin>,
}

/// The purpose of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Fails if a required object is missing that no step creates.
    Check,
    Repository,
    Namespace,
    Secret,
    Release,
    /// Checks the installed release.
    Verify,
}

impl StepKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Repository => "repository",
            Self::Namespace => "namespace",
            Self::Secret => "secret",
            Self::Release => "release",
            Self::Verify => "verify",
        }
    }
}

/// The input of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stdin {
    /// the stdout of a successful command
    Command(Argv),
    /// the text of an environment variable, without a line feed
    Variable(String),
}

/// The arguments of a command, grouped in lines for a reader: a flag and its value share a line.
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

    /// Starts with these arguments, which need no quotes.
    pub(super) fn new(words: &str) -> Self {
        Self { lines: vec![words.split(' ').map(str::to_owned).collect()] }
    }

    /// Adds arguments to the same line.
    pub(super) fn with(mut self, words: &[&str]) -> Self {
        let words = words.iter().map(|&word| word.to_owned());
        match self.lines.last_mut() {
            Some(line) => line.extend(words),
            None => self.lines.push(words.collect()),
        }
        self
    }

    /// Adds arguments on a new line.
    pub(super) fn line(mut self, words: &[&str]) -> Self {
        self.lines.push(words.iter().map(|&word| word.to_owned()).collect());
        self
    }
}
