//! Two folders of files, as `kubectl diff` hands them over.

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
    /// Compared as texts already.
    Texts(Outcome),
}

impl Run {
    /// Compares the files of the same name.
    ///
    /// # Errors
    ///
    /// A file cannot be read.
    pub(super) fn folders(&self, old: &FilePath, new: &FilePath) -> anyhow::Result<Outcome> {
        let names: BTreeSet<PathBuf> = names(old)?.into_iter().chain(names(new)?).collect();
        let (mut held, mut others) = (Vec::new(), Vec::new());
        for name in names {
            let (old, new) = (old.join(&name), new.join(&name));
            match self.pair((&old, &text(&old)?), (&new, &text(&new)?)) {
                Some(Pair::Values(old, new)) => held.push((old, new)),
                Some(Pair::Texts(outcome)) => others.push(outcome),
                None => {}
            }
        }
        let mut compared = Vec::new();
        for (old, new) in &held {
            compared.extend(self.compare(old, new)?);
        }
        let mut sum = self.shown(&compared);
        // Of what is the same nothing is to be said.
        sum.talk.clear();
        for outcome in others {
            sum.report.push_str(&outcome.report);
            sum.differs |= outcome.differs;
            sum.talk.extend(outcome.talk);
        }
        Ok(sum)
    }

    /// Two texts as values, where they are some, else as texts.
    pub(super) fn either(&self, old: (&FilePath, &str), new: (&FilePath, &str)) -> anyhow::Result<Outcome> {
        match self.pair(old, new) {
            Some(Pair::Values(old, new)) => self.held(&old, &new),
            Some(Pair::Texts(outcome)) => Ok(outcome),
            None => Ok(Outcome::default()),
        }
    }

    /// What two texts are; none where they are the same to the byte.
    fn pair(&self, old: (&FilePath, &str), new: (&FilePath, &str)) -> Option<Pair> {
        let held = |(path, text): (&FilePath, &str), version: &Option<_>| {
            let known = self.sources.known(path, self.known(version.as_ref()));
            self.read(path.display().to_string(), text, &known, true)
        };
        if old.1 == new.1 {
            return None;
        }
        Some(match (held(old, &self.sides.from), held(new, &self.sides.to)) {
            (Ok(old), Ok(new)) => Pair::Values(Box::new(old), Box::new(new)),
            (Err(why), _) | (_, Err(why)) => {
                let names = [old, new].map(|(path, _)| path.display().to_string());
                if encryption::of_file(old.1).or(encryption::of_file(new.1)).is_some() {
                    let talk = vec![format!("{} {why:#}", style::note("note:"))];
                    return Some(Pair::Texts(Outcome { report: String::new(), differs: true, talk }));
                }
                let report = report::texts((&names[0], old.1), (&names[1], new.1), &self.look);
                let talk = vec![self.note(&names[1], &format!("{why:#}"))];
                Pair::Texts(Outcome { report, differs: true, talk })
            }
        })
    }
}

fn text(file: &FilePath) -> anyhow::Result<String> {
    if file.exists() { files::read_text(file) } else { Ok(String::new()) }
}

/// The files of a folder, from it on.
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
