//! The words of a command, each with its place. Quotes and escapes follow the shell; a variable with a known value is
//! replaced, and an unknown one stays a placeholder.
//!
//! A library that only splits words gives no place of a word, no quotes and no end of the command.

use std::ops::Range;

use super::assigned::Values;

/// The language of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Shell,
    Make,
    PowerShell,
    Batch,
}

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    pub place: Range<usize>,
}

/// The longest command that is read in bytes.
const LONGEST: usize = 8 * 1024;

/// The most variables that lead to each other.
const DEEPEST: usize = 8;

/// The words of the command that a text begins with. `None` if a quote is open at the end.
pub(super) fn command(text: &str, start: usize, language: Language, values: &Values) -> Option<Vec<Word>> {
    let mut reader = Reader { text, at: start, end: start, language, values, depth: 0, is_list: false };
    reader.end = (start + LONGEST).min(text.len());
    while !text.is_char_boundary(reader.end) {
        reader.end -= 1;
    }
    reader.words()
}

/// The value of an assignment: its first word, with the variables in it.
pub(super) fn value(text: &str, language: Language, values: &Values) -> Option<String> {
    let mut reader = Reader { text, at: 0, end: text.len().min(LONGEST), language, values, depth: 1, is_list: false };
    if !text.is_char_boundary(reader.end) {
        return None;
    }
    Some(reader.words()?.into_iter().next().map(|word| word.text).unwrap_or_default())
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    language: Language,
    values: &'a Values,
    /// How many variables led here.
    depth: usize,
    /// Whether a newline only separates words: in a list of the shell.
    is_list: bool,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..self.end]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn starts(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    /// Skips the end of a line that continues on the next one.
    fn skip_continuation(&mut self) -> bool {
        let mark = match self.language {
            Language::PowerShell => '`',
            Language::Batch => '^',
            Language::Shell | Language::Make => '\\',
        };
        let Some(behind) = self.rest().strip_prefix(mark) else { return false };
        let length = match behind {
            _ if behind.starts_with("\r\n") => 3,
            _ if behind.starts_with('\n') => 2,
            _ => return false,
        };
        self.at += length;
        true
    }

    fn words(&mut self) -> Option<Vec<Word>> {
        let mut words = Vec::new();
        loop {
            // Between words.
            while self.skip_continuation()
                || self.peek().is_some_and(|c| c == ' ' || c == '\t' || self.is_list && "\r\n".contains(c))
            {
                if self.peek().is_some_and(|c| c == ' ' || c == '\t' || self.is_list && "\r\n".contains(c)) {
                    self.at += 1;
                }
            }
            let Some(c) = self.peek() else { return Some(words) };
            match c {
                '\n' | '\r' | ';' | '|' | '&' | ')' => return Some(words),
                '#' if self.is_list => {
                    let length = self.rest().find('\n').unwrap_or(self.rest().len());
                    self.at += length;
                }
                '#' => return Some(words),
                '<' | '>' if !self.starts("<(") => {
                    let length = self.rest().len() - self.rest().trim_start_matches(['<', '>', '&', '-']).len();
                    self.at += length;
                    while self.peek() == Some(' ') {
                        self.at += 1;
                    }
                    self.word(&mut Vec::new())?;
                }
                _ => self.word(&mut words)?,
            }
            if words.len() > 1_000 {
                return Some(words);
            }
        }
    }

    /// Reads one word. A variable without quotes may hold several.
    fn word(&mut self, words: &mut Vec<Word>) -> Option<()> {
        let start = self.at;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            if self.skip_continuation() {
                // The shell joins what is on both sides.
                if self.peek().is_some_and(char::is_whitespace) {
                    break;
                }
                continue;
            }
            match c {
                '\'' => {
                    let inside = self.rest().get(1..)?;
                    let length = inside.find('\'')?;
                    let inside = inside[..length].to_owned();
                    self.at += length + 2;
                    // Make and the templates of CI systems know no quotes.
                    text.push_str(&self.in_single_quotes(&inside));
                }
                '"' if text.is_empty() && self.list(words) => return Some(()),
                '"' => {
                    self.at += 1;
                    self.double(&mut text)?;
                }
                '\\' if self.language != Language::PowerShell && self.language != Language::Batch => {
                    self.at += 1;
                    let escaped = self.peek()?;
                    text.push(escaped);
                    self.at += escaped.len_utf8();
                }
                '<' if text.is_empty() && self.starts("<(") => {
                    let length = self.rest().find(')').map_or(self.rest().len(), |end| end + 1);
                    text.push_str("<(command)");
                    self.at += length;
                }
                // `2>&1`
                '>' | '<' if text.chars().all(|c| c.is_ascii_digit()) => return Some(()),
                ' ' | '\t' | '\n' | '\r' | ';' | '|' | '&' | ')' | '<' | '>' => break,
                _ => {
                    let is_first = text.is_empty();
                    if self.expansion(&mut text, is_first, words, start) {
                        continue;
                    }
                    if self.peek() == Some(c) {
                        text.push(c);
                        self.at += c.len_utf8();
                    }
                }
            }
        }
        if self.at > start && (!text.is_empty() || self.text[start..self.at].contains(['"', '\''])) {
            words.push(Word { text, place: start..self.at });
        }
        Some(())
    }

    /// Reads the words of a list: `"${X[@]}"`.
    fn list(&mut self, words: &mut Vec<Word>) -> bool {
        let name = self.rest().strip_prefix("\"${").and_then(|rest| rest.split_once("[@]}\"")).map(|(name, _)| name);
        let Some(name) = name.filter(|name| is_name(name)) else { return false };
        let place = self.at..self.at + "\"${[@]}\"".len() + name.len();
        let Some(known) = self.values.get(name).filter(|known| known.is_list && self.depth < DEEPEST) else {
            return false;
        };
        let mut reader = self.inner(&known.text);
        reader.is_list = true;
        let Some(inner) = reader.words() else { return false };
        words.extend(inner.into_iter().map(|word| Word { text: word.text, place: place.clone() }));
        self.at = place.end;
        true
    }

    fn in_single_quotes(&self, inside: &str) -> String {
        let marks: &[&str] = if self.language == Language::Make { &["$(", "${"] } else { &["${{"] };
        if !marks.iter().any(|mark| inside.contains(mark)) || self.depth > DEEPEST {
            return inside.to_owned();
        }
        let mut reader = Reader { text: inside, at: 0, end: inside.len(), depth: self.depth + 1, ..*self };
        let mut text = String::new();
        while let Some(c) = reader.peek() {
            if !(marks.iter().any(|mark| reader.starts(mark)) && reader.expansion(&mut text, false, &mut Vec::new(), 0))
            {
                text.push(c);
                reader.at += c.len_utf8();
            }
        }
        text
    }

    /// Reads up to the closing double quote.
    fn double(&mut self, text: &mut String) -> Option<()> {
        loop {
            let c = self.peek()?;
            if self.skip_continuation() {
                continue;
            }
            match c {
                '"' => {
                    self.at += 1;
                    return Some(());
                }
                '\\' | '`' if (c == '`') == (self.language == Language::PowerShell) => {
                    self.at += 1;
                    let escaped = self.peek()?;
                    if c == '\\' && !"$`\"\\".contains(escaped) {
                        text.push('\\');
                    }
                    text.push(escaped);
                    self.at += escaped.len_utf8();
                }
                _ => {
                    if !self.expansion(text, false, &mut Vec::new(), self.at) {
                        text.push(c);
                        self.at += c.len_utf8();
                    }
                }
            }
        }
    }

    /// Reads a variable, a command or a template, if one begins here.
    fn expansion(&mut self, text: &mut String, may_split: bool, words: &mut Vec<Word>, start: usize) -> bool {
        let rest = &self.text[self.at..self.end];
        let Some(Expansion { length, name, default, raw }) = Expansion::of(rest, self.language) else { return false };
        self.at += length;
        let known = name.as_deref().and_then(|name| self.values.get(name));
        let known = known.filter(|_| self.depth < DEEPEST);
        let Some(known) = known else {
            // The default of a variable that nothing in the text sets.
            match default {
                Some(default) => text.push_str(&self.expanded(&default)),
                None => text.push_str(&raw),
            }
            return true;
        };
        let is_whole = self.peek().is_none_or(char::is_whitespace) && may_split;
        if is_whole && (known.is_list || known.text.contains(char::is_whitespace)) {
            let mut reader = self.inner(&known.text);
            reader.is_list = true;
            let place = start..self.at;
            if let Some(inner) = reader.words() {
                words.extend(inner.into_iter().map(|word| Word { text: word.text, place: place.clone() }));
            }
            return true;
        }
        text.push_str(&self.expanded(&known.text));
        true
    }

    fn inner<'b>(&'b self, text: &'b str) -> Reader<'b> {
        Reader {
            text,
            at: 0,
            end: text.len(),
            language: self.language,
            values: self.values,
            depth: self.depth + 1,
            is_list: false,
        }
    }

    /// A value with the variables in it.
    fn expanded(&self, value: &str) -> String {
        if self.depth >= DEEPEST || value.len() > LONGEST {
            return "${...}".to_owned();
        }
        let mut reader = self.inner(value);
        let mut text = String::new();
        while let Some(c) = reader.peek() {
            if text.len() > LONGEST {
                break;
            }
            if !reader.expansion(&mut text, false, &mut Vec::new(), 0) {
                text.push(c);
                reader.at += c.len_utf8();
            }
        }
        text
    }
}

/// A variable, a command or a template at the start of a text.
struct Expansion {
    length: usize,
    name: Option<String>,
    default: Option<String>,
    /// What stays if nothing sets the variable.
    raw: String,
}

impl Expansion {
    fn of(text: &str, language: Language) -> Option<Self> {
        if let Some(inside) = text.strip_prefix("${{").or_else(|| text.strip_prefix("{{")) {
            let open = text.len() - inside.len();
            let length = inside.find("}}")?;
            let name = inside[..length].trim();
            let last = name.rsplit('.').next().unwrap_or(name);
            let is_of_text = ["env.", "vars.", "."].iter().any(|start| name.starts_with(start)) || open == 2;
            let name = (is_of_text && is_name(last)).then(|| last.to_owned());
            return Some(Self { length: open + length + 2, name, default: None, raw: "${{ value }}".to_owned() });
        }
        if language == Language::Batch {
            let inside = text.strip_prefix('%')?;
            let length = inside.find('%').filter(|length| is_name(&inside[..*length]))?;
            let name = inside[..length].to_owned();
            return Some(Self { length: length + 2, raw: format!("%{name}%"), name: Some(name), default: None });
        }
        if language != Language::PowerShell && text.starts_with('`') {
            let length = text[1..].find('`')?;
            return Some(Self { length: length + 2, name: None, default: None, raw: of_command(&text[1..=length]) });
        }
        let behind = text.strip_prefix('$')?;
        if language == Language::Make
            && let Some(of_shell) = behind.strip_prefix('$')
        {
            let inner = Self::of(&text[1..], Language::Shell).filter(|_| !of_shell.is_empty())?;
            return Some(Self { length: inner.length + 1, ..inner });
        }
        if behind.starts_with('(') {
            let length = closing(behind, '(', ')')?;
            let inside = behind[1..length - 1].trim();
            let name = is_name(inside).then(|| inside.to_owned());
            let raw =
                if name.is_some() && language == Language::Make { format!("$({inside})") } else { of_command(inside) };
            return Some(Self { length: length + 1, name, default: None, raw });
        }
        if behind.starts_with('{') {
            let length = closing(behind, '{', '}')?;
            let inside = &behind[1..length - 1];
            let inside = inside.strip_prefix("env:").unwrap_or(inside);
            let name: String = inside.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let tail = &inside[name.len()..];
            let default = [":-", ":=", "-", "="].iter().find_map(|mark| tail.strip_prefix(mark)).map(unquoted);
            let is_plain =
                tail.is_empty() || tail == "[@]" || tail == "[*]" || default.is_some() || tail.starts_with(":?");
            let raw = if name.is_empty() { "${value}".to_owned() } else { format!("${{{name}}}") };
            let raw = if tail.starts_with('%') && name == "BASH_SOURCE" { "$(dirname)".to_owned() } else { raw };
            let name = Some(name).filter(|name| is_plain && !name.is_empty());
            return Some(Self { length: length + 1, name, default, raw });
        }
        let scope = if behind.to_ascii_lowercase().starts_with("env:") { 4 } else { 0 };
        let name: String = behind[scope..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if name.is_empty() {
            // `$@`, `$#`, `$1`
            let special = behind.chars().next().filter(|c| "@*#?!".contains(*c))?;
            return Some(Self {
                length: 1 + special.len_utf8(),
                name: None,
                default: None,
                raw: "${value}".to_owned(),
            });
        }
        let length = 1 + scope + name.len();
        Some(Self { length, raw: format!("${{{name}}}"), name: Some(name), default: None })
    }
}

/// A placeholder for a command. The folder of the script and the root of the repository have placeholders of their own.
fn of_command(command: &str) -> String {
    match command {
        _ if command.contains("--show-toplevel") => "$(root)",
        _ if command.contains("..") => "$(command)",
        _ if command.contains("dirname") || command.contains("BASH_SOURCE") => "$(dirname)",
        _ if command.trim() == "pwd" || command.trim() == "PWD" => "$(pwd)",
        _ => "$(command)",
    }
    .to_owned()
}

fn unquoted(text: &str) -> String {
    let quotes = [('"', '"'), ('\'', '\'')];
    let inside = quotes.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close));
    inside.unwrap_or(text).to_owned()
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The length of a text in brackets. Quotes hide brackets.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let (mut depth, mut quote, mut is_escaped) = (0_usize, None, false);
    for (at, c) in text.char_indices().take(4096) {
        match (c, quote) {
            _ if is_escaped => is_escaped = false,
            ('\\', _) => is_escaped = true,
            ('\'' | '"', None) if open == '(' => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            // A command inside of a text has quotes of its own.
            _ if c == open => depth += 1,
            _ if c == close => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}
