//! The commands in the lines of a script: where one begins, and what is in front of it.

use super::words::Language;

/// The longest part of a line in front of a command in bytes.
const LONGEST_BEFORE: usize = 4 * 1024;

/// The places of `helm` as a command, with the end of the word.
pub(super) fn helms(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(3)).filter_map(move |at| {
        if !bytes[at..at + 4].eq_ignore_ascii_case(b"helm") {
            return None;
        }
        let before = text[..at].chars().next_back();
        let is_word = |c: char| c.is_alphanumeric() || "_-.".contains(c);
        // `./helm` and `/usr/bin/helm` are commands, `charts/helm` may be a folder: a verb must follow.
        if before.is_some_and(is_word) {
            return None;
        }
        let mut end = at + 4;
        for more in ["3", "2", "_BIN", "_CMD", ".exe", "}", ")", "\""] {
            if text[end..].starts_with(more) {
                end += more.len();
            }
        }
        let behind = &text[end..];
        let separates = behind.starts_with([' ', '\t']) || behind.starts_with("\\\n") || behind.starts_with("`\n");
        separates.then_some(at..end)
    })
}

/// The length of a text up to a quote.
pub(super) fn end_of_quote(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().take(8 * 1024) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}

/// The lines of a script, read once from the top.
pub(super) struct Script<'a> {
    text: &'a str,
    language: Language,
    /// The start of the line that is next.
    next: usize,
    /// The end of the text for `cat` that is open.
    heredoc: Option<String>,
    /// Whether the line that is read last is part of such a text.
    is_text: bool,
    /// The start of the line that is read last.
    line: usize,
}

/// The part of a line in front of a command.
pub(super) struct Context {
    pub quote: Option<char>,
    /// The folder that the line changes to.
    pub folder: Option<String>,
}

impl<'a> Script<'a> {
    pub fn new(text: &'a str, language: Language) -> Self {
        Self { text, language, next: 0, heredoc: None, is_text: false, line: 0 }
    }

    /// The context of a byte in its line. `None` in comments and in texts that are shown.
    pub fn context(&mut self, byte: usize) -> Option<Context> {
        while self.next <= byte && self.next < self.text.len() {
            let rest = &self.text[self.next..];
            let line = rest.split_inclusive('\n').next().unwrap_or(rest);
            self.line = self.next;
            self.next += line.len();
            self.is_text = self.heredoc.is_some();
            match &self.heredoc {
                Some(end) if line.trim() == end => self.heredoc = None,
                Some(_) => {}
                None => {
                    let command = line.trim_start();
                    if let Some((_, end)) = line.split_once("<<").filter(|_| command.starts_with("cat ")) {
                        let end = end.trim_start_matches('-').trim_start();
                        let end = end.split_whitespace().next().unwrap_or_default();
                        self.heredoc = Some(end.trim_matches(['"', '\'']).to_owned());
                    }
                }
            }
        }
        if self.is_text || byte - self.line > LONGEST_BEFORE {
            return None;
        }
        let before = self.text.get(self.line..byte)?;
        self.before(before)
    }

    fn before(&self, before: &str) -> Option<Context> {
        let trimmed = before.trim_start();
        if trimmed.starts_with('#') || trimmed.starts_with("//") || trimmed.starts_with("::") {
            return None;
        }
        if self.language == Language::Batch && trimmed.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("rem ")) {
            return None;
        }
        let (mut quote, mut is_escaped, mut start, mut last) = (None, false, 0, ' ');
        let mut folder = None;
        for (at, c) in before.char_indices() {
            match (c, quote) {
                _ if is_escaped => is_escaped = false,
                ('\\', _) if self.language == Language::Shell || self.language == Language::Make => is_escaped = true,
                (_, Some(open)) if c == open => quote = None,
                (_, Some(_)) => {}
                ('`', None) if self.language == Language::PowerShell => {}
                ('"' | '\'' | '`', None) => quote = Some(c),
                ('#', None) if last.is_whitespace() => return None,
                (';' | '&' | '|' | '(' | '{', None) => {
                    folder = folder_of(&before[start..at]).or(folder);
                    start = at + 1;
                }
                _ => {}
            }
            last = c;
        }
        // `"$HELM" upgrade`: the quote is around the command alone.
        let quote =
            quote.filter(|quote| !before.ends_with(&format!("{quote}$")) && !before.ends_with(&format!("{quote}${{")));
        let command = before[start..].trim_start().trim_start_matches(['@', '-', '+']).trim_start();
        let first = command.split(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap_or_default();
        (!SHOWING.contains(&first)).then_some(Context { quote, folder })
    }
}

/// The folder that `cd` changes to.
fn folder_of(command: &str) -> Option<String> {
    let command = command.trim().trim_start_matches('@');
    let folder = ["cd ", "pushd ", "Set-Location "].iter().find_map(|start| command.strip_prefix(start))?.trim();
    (!folder.is_empty()).then(|| folder.to_owned())
}

/// Commands that show a text.
const SHOWING: [&str; 9] =
    ["echo", "printf", "print", "println", "Write-Host", "Write-Output", "info", "log", "logger"];
