//! Checks the rows of the chart catalogue and packs them; a row that cannot be true fails the build with its place.

#[path = "src/chart/pack.rs"]
#[allow(dead_code)]
mod pack;

#[path = "build/rows.rs"]
mod rows;

#[path = "build/tables.rs"]
mod tables;

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let data = Path::new("src/chart/data");
    println!("cargo::rerun-if-changed={}", data.display());
    let packed = match tables::pack(|name| fs::read_to_string(data.join(name))) {
        Ok(packed) => packed,
        Err(bad) => return Err(format!("{}/{bad}", data.display()).into()),
    };
    fs::write(Path::new(&env::var("OUT_DIR")?).join("catalogue.bin"), packed)?;
    Ok(())
}
