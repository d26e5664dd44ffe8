//! Checks the tables of the chart catalogue, packs them, and names their settings for the compiler. Writes where the rows
//! and cells of every table are. An invalid row fails the build with its file and line.

#[path = "src/chart/pack.rs"]
#[allow(dead_code, reason = "the crate reads with what the build script does not use")]
mod pack;

#[path = "build/index.rs"]
mod index;

#[path = "build/rows.rs"]
mod rows;

#[path = "build/settings.rs"]
mod settings;

#[path = "src/table.rs"]
#[allow(dead_code, unused_imports, unused_macros, reason = "the build script embeds no table")]
mod table;

#[path = "build/tables.rs"]
mod tables;

use std::{env, error::Error, fs, path::Path};

#[allow(clippy::print_stdout, reason = "that is how a build script talks to cargo")]
fn main() -> Result<(), Box<dyn Error>> {
    let data = Path::new("src/chart/data");
    // A table can be anywhere below it.
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=build");
    start_quickly();
    let out = env::var("OUT_DIR")?;
    if let Err(bad) = index::write(Path::new("src"), Path::new(&out)) {
        println!("cargo::error={bad}");
    }
    let packed = tables::pack(|name| fs::read_to_string(data.join(name)));
    match packed.and_then(|catalogue| Ok((settings::variants(&catalogue.settings)?, catalogue.bytes))) {
        Ok((settings, bytes)) => {
            fs::write(Path::new(&out).join("catalogue.bin"), bytes)?;
            fs::write(Path::new(&out).join("settings.rs"), settings)?;
        }
        Err(bad) => println!("cargo::error={}/{bad}", data.display()),
    }
    Ok(())
}

/// Spares a start on Linux work of the dynamic loader: a library, and the addresses in tables of the program, which the
/// loader writes into thousands of places where the program may lie anywhere. A linker that finds the names of a static
/// library only in the order of the command line takes the dynamic one, as without this.
fn start_quickly() {
    let target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
