//! Colours of text reports.

use anstyle::{AnsiColor, Style};

use crate::report::Color;

/// Adds colours to texts, or leaves the texts unchanged.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Painter(pub Color);

impl Painter {
    pub fn head(self, text: &str) -> String {
        self.styled(text, Style::new().bold())
    }

    pub fn removed(self, text: &str) -> String {
        self.colored(text, AnsiColor::Red)
    }

    pub fn added(self, text: &str) -> String {
        self.colored(text, AnsiColor::Green)
    }

    pub fn changed(self, text: &str) -> String {
        self.colored(text, AnsiColor::Yellow)
    }

    pub fn place(self, text: &str) -> String {
        self.colored(text, AnsiColor::Cyan)
    }

    pub fn dim(self, text: &str) -> String {
        self.styled(text, Style::new().dimmed())
    }

    pub fn severe(self, text: &str) -> String {
        self.styled(text, Style::new().bold().fg_color(Some(AnsiColor::Red.into())))
    }

    /// A different word in a changed line.
    pub fn word(self, text: &str) -> String {
        self.styled(text, Style::new().bold().underline())
    }

    fn colored(self, text: &str, color: AnsiColor) -> String {
        self.styled(text, Style::new().fg_color(Some(color.into())))
    }

    fn styled(self, text: &str, style: Style) -> String {
        match self.0 {
            Color::On if !text.is_empty() => format!("{style}{text}{style:#}"),
            _ => text.to_owned(),
        }
    }
}
