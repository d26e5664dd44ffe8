//! The real Helm of each major version, as `.ci/tools` installs it.
#![allow(dead_code, reason = "not each program asks for all of it")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A real Helm.
#[derive(Debug, Clone)]
pub struct Helm {
    pub major: u8,
    /// the exact version, as `.ci/tools` pinned it: a Helm that Go has installed does not know its own patch
    pub version: String,
    path: PathBuf,
}

impl Helm {
    /// Both majors, each as the program or as the reason why it cannot be had.
    ///
    /// `REDISGEN_HELM_3` and `REDISGEN_HELM_4` name other programs than the installed ones.
    ///
    /// # Panics
    ///
    /// When one is missing and `CI` is set: there a skipped proof is a failed one.
    pub fn both() -> [Result<Self, String>; 2] {
        [3, 4].map(|major| {
            let path = env::var_os(format!("REDISGEN_HELM_{major}")).map_or_else(|| installed(major), PathBuf::from);
            if path.is_file() {
                let pinned = fs::read_to_string(path.with_file_name("version")).unwrap_or_else(|_| format!("v{major}"));
                return Ok(Self { major, version: pinned.trim().to_owned(), path });
            }
            let missing = format!("Helm {major} is not at {}; `.ci/tools` installs it", path.display());
            assert!(env::var_os("CI").is_none(), "{missing}");
            Err(missing)
        })
    }

    /// Runs Helm with its own home folder, without the plugins and settings of the user.
    pub fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Output {
        self.command(&env::temp_dir().join("redisgen-helm-home")).args(args).output().expect("an installed Helm starts")
    }

    /// Where the program lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts a link to it somewhere, as on a PATH.
    pub fn link(&self, at: &Path) {
        #[cfg(unix)]
        std::os::unix::fs::symlink(&self.path, at).expect("a link can be made");
        #[cfg(not(unix))]
        fs::copy(&self.path, at).expect("a program can be copied");
    }

    /// It, to be given more than arguments; what it remembers lies in `home`.
    pub fn command(&self, home: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command
            .env("HELM_CONFIG_HOME", home.join("config"))
            .env("HELM_DATA_HOME", home.join("data"))
            .env("HELM_CACHE_HOME", home.join("cache"))
            .env_remove("KUBECONFIG");
        command
    }
}

fn installed(major: u8) -> PathBuf {
    tools().join(format!("helm-{major}")).join("helm")
}

/// The folder into which `.ci/tools` installs, one folder for each tool.
pub fn tools() -> PathBuf {
    env::var_os("REDISGEN_TOOLS").map_or_else(
        || {
            env::var_os("XDG_CACHE_HOME")
                .map_or_else(|| Path::new(&env::var_os("HOME").unwrap_or_default()).join(".cache"), PathBuf::from)
                .join("redisgen-tools")
        },
        PathBuf::from,
    )
}
