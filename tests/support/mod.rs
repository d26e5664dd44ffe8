//! What the test programs share. The benches and the fuzz targets take single files of this folder.
#![allow(dead_code, reason = "not each program asks for all of it")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "the helpers of a test are tests too")]

pub mod carried;
pub mod compared;
pub mod embedded;
pub mod generated;
pub mod held;
pub mod helm;
pub mod keys;
pub mod pages;
pub mod profiles;
pub mod record;
pub mod written;

pub use helm::Helm;
