//! What the test programs share. The benches and the fuzz targets take single files of this folder.
#![allow(dead_code, reason = "not each program asks for all of it")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "the helpers of a test are tests too")]

pub mod carried;
pub mod compared;
pub mod generated;
pub mod held;
pub mod helm;
pub mod keys;
pub mod pages;
pub mod profiles;
pub mod record;
pub mod written;

pub use helm::Helm;

use std::{
    env,
    path::{Path, PathBuf},
};

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
