//! One command to run, and when.

/// One command: what, why, and under which condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub kind: StepKind,
    /// One line of words that a shell could read too: a person may paste it into one that takes no comments.
    pub why: String,
    pub argv: Argv,
    /// The step is done already where this command succeeds; what it prints is of no interest.
    pub unless: Option<Argv>,
    pub stdin: Option<Stdin>,
}

/// What a step is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Fails where something is missing that nobody makes on the way.
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

/// What a command reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stdin {
    /// the stdout of a command that has succeeded
    Command(Argv),
    /// the text of an environment variable, without a line end
    Variable(String),
}

/// The words of a command, in the lines in which a reader takes them in: a flag stands beside its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argv {
    lines: Vec<Vec<String>>,
}

impl Argv {
    /// A command on one line.
    pub fn from_words(words: &[String]) -> Self {
        Self { lines: vec![words.to_vec()] }
    }

    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().flatten().map(String::as_str)
    }

    pub fn lines(&self) -> &[Vec<String>] {
        &self.lines
    }

    /// Begins with these words, which need no quotes.
    pub(super) fn new(words: &str) -> Self {
        Self { lines: vec![words.split(' ').map(str::to_owned).collect()] }
    }

    /// Goes on in the same line.
    pub(super) fn with(mut self, words: &[&str]) -> Self {
        let words = words.iter().map(|&word| word.to_owned());
        match self.lines.last_mut() {
            Some(line) => line.extend(words),
            None => self.lines.push(words.collect()),
        }
        self
    }

    /// Goes on in a line of its own.
    pub(super) fn line(mut self, words: &[&str]) -> Self {
        self.lines.push(words.iter().map(|&word| word.to_owned()).collect());
        self
    }
}
