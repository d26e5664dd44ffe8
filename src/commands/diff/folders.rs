//! Compares two folders of files, such as those that `kubectl diff` passes.

use std::{
    collections::BTreeSet,
    path::{Path as FilePath, PathBuf},
};

use anyhow::Context;
use ignore::WalkBuilder;

use super::{LoadedFile, Outcome, Run};
use crate::{
    commands::{files, style},
    encryption,
    report::diff as report,
};

/// Two files of the same name.
enum Pair {
    Values(Box<LoadedFile>, Box<LoadedFile>),
    /// The files are no values and were compared as text.
    Texts(Outcome),
}

impl Run {
    /// Compares the files of the same name.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub(super) fn folders(&self, old: &FilePath, new: &FilePath) -> anyhow::Result<Outcome> {
        let names: BTreeSet<PathBuf> = names(old)?.into_iter().chain(names(new)?).collect();
        let (mut loaded_pairs, mut text_outcomes) = (Vec::new(), Vec::new());
        for name in names {
            let (old, new) = (old.join(&name), new.join(&name));
            match self.pair((&old, &text(&old)?), (&new, &text(&new)?)) {
                Some(Pair::Values(old, new)) => loaded_pairs.push((old, new)),
                Some(Pair::Texts(outcome)) => text_outcomes.push(outcome),
                None => {}
            }
        }
        let mut compared = Vec::new();
        for (old, new) in &loaded_pairs {
            compared.extend(self.compare(old, new)?);
        }
        let mut sum = self.render(&compared);
        // Equal files need no message.
        sum.messages.clear();
        for outcome in text_outcomes {
            sum.report.push_str(&outcome.report);
            sum.differs |= outcome.differs;
            sum.messages.extend(outcome.messages);
        }
        Ok(sum)
    }

    /// Compares two texts as values if both are values, and as text otherwise.
    pub(super) fn values_or_texts(&self, old: (&FilePath, &str), new: (&FilePath, &str)) -> anyhow::Result<Outcome> {
        match self.pair(old, new) {
            Some(Pair::Values(old, new)) => self.diff(&old, &new),
            Some(Pair::Texts(outcome)) => Ok(outcome),
            None => Ok(Outcome::default()),
        }
    }

    /// Reads two texts as values. `None` if they are equal.
    fn pair(&self, old: (&FilePath, &str), new: (&FilePath, &str)) -> Option<Pair> {
        let read = |(path, text): (&FilePath, &str), version: &Option<_>| {
            let hints = self.sources.known(path, self.hints(version.as_ref()));
            self.read(path.display().to_string(), text, &hints, true)
        };
        if old.1 == new.1 {
            return None;
        }
        Some(match (read(old, &self.sides.from), read(new, &self.sides.to)) {
            (Ok(old), Ok(new)) => Pair::Values(Box::new(old), Box::new(new)),
            (Err(why), _) | (_, Err(why)) => {
                let names = [old, new].map(|(path, _)| path.display().to_string());
                if encryption::of_file(old.1).or(encryption::of_file(new.1)).is_some() {
                    let messages = vec![format!("{} {why:#}", style::note("note:"))];
                    return Some(Pair::Texts(Outcome { report: String::new(), differs: true, messages }));
                }
                let report = report::texts((&names[0], old.1), (&names[1], new.1), &self.report_options);
                let messages = vec![self.note(&names[1], &format!("{why:#}"))];
                Pair::Texts(Outcome { report, differs: true, messages })
            }
        })
    }
}

fn text(file: &FilePath) -> anyhow::Result<String> {
    if file.exists() { files::read_text(file) } else { Ok(String::new()) }
}

/// The files of a folder, by their paths below the folder.
fn names(folder: &FilePath) -> anyhow::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in WalkBuilder::new(folder).standard_filters(false).build() {
        let entry = entry.with_context(|| files::display_name(folder))?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            names.extend(entry.path().strip_prefix(folder).ok().map(FilePath::to_owned));
        }
    }
    Ok(names)
}
