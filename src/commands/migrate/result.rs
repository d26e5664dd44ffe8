//! The file for the migrated values, and the command that writes it.

use std::path::{Path as FilePath, PathBuf};

use super::Run;
use crate::{chart::Chart, commands::files, migrate::Destination, shell::CommandLine, yaml::Helm};

impl Run {
    /// The files of the values after the migration.
    ///
    /// Standard output takes only one file. A file with more than one release, and several files of one release, are
    /// therefore changed in place.
    pub(super) fn destination(&self, all: &[&FilePath], holds_more: bool, to: &Chart) -> Destination {
        let names: Vec<String> = all.iter().map(|file| named(file)).collect();
        if self.in_place {
            return Destination { files: names, command: None };
        }
        let mut words = vec!["redisgen".to_owned(), "migrate".to_owned()];
        let stays = holds_more || all.len() > 1;
        if stays && !all.iter().any(|file| files::is_standard(file)) {
            words.push("--in-place".to_owned());
            words.extend(names.iter().cloned());
            words.extend(self.flags(to));
            return Destination { files: names, command: Some(command(&words)) };
        }
        let new: Vec<String> = all.iter().map(|file| named(&result(file, to))).collect();
        words.extend(names);
        words.extend(self.flags(to));
        let command = new.first().map(|target| command(&words).to_file(target));
        Destination { files: new, command }
    }

    /// The options that influence the migrated values.
    fn flags(&self, to: &Chart) -> Vec<String> {
        let mut flags = Vec::new();
        let mut say = |flag: &str, value: Option<String>| {
            flags.push(flag.to_owned());
            flags.extend(value);
        };
        if let Some(from) = &self.versions.from {
            say("--from", Some(from.to_string()));
        }
        say("--to", Some(to.version().to_string()));
        if let Some(at) = &self.what.at {
            say("--at", Some(at.to_string()));
        }
        let switches = [
            ("--bump", self.versions.bump),
            ("--keep-behaviour", self.what.keep_behaviour),
            ("--keep-unused", self.what.keep_unused),
            ("--layered", self.what.layered),
            ("--allow-loss", self.what.allow_loss),
        ];
        for (switch, _) in switches.into_iter().filter(|(_, on)| *on) {
            say(switch, None);
        }
        if self.what.helm == Helm::Three {
            say("--helm", Some("3".to_owned()));
        }
        flags
    }
}

/// The path of the new file: `values.yaml` becomes `values.23.1.1.yaml` in the same folder.
fn result(file: &FilePath, to: &Chart) -> PathBuf {
    if files::is_standard(file) {
        return PathBuf::from(format!("values.{}.yaml", to.version()));
    }
    let part = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
    let stem = part(file.file_stem()).unwrap_or_default();
    let end = part(file.extension()).map(|end| format!(".{end}")).unwrap_or_default();
    file.with_file_name(format!("{stem}.{}{end}", to.version()))
}

/// The file as a word of a command that no program reads as an option.
fn named(file: &FilePath) -> String {
    let name = file.display().to_string();
    let is_flag = name.starts_with('-') && !files::is_standard(file);
    if is_flag { format!("./{name}") } else { name }
}

fn command(words: &[String]) -> CommandLine {
    CommandLine::of(words.iter().map(String::as_str))
}
