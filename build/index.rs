//! Where the rows and cells of each table below `src` are, as Rust: [`table!`](../src/table.rs) embeds both.

use std::{error::Error, fs, path::Path};

use super::table::indexed;

/// Writes the index of each table of a folder and of the folders in it below `out`, at the path of the table.
pub fn write(folder: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            write(&path, out)?;
        } else if path.extension().is_some_and(|extension| extension == "tsv") {
            let file: &'static str = path.to_string_lossy().into_owned().leak();
            let table = indexed(file, &fs::read_to_string(&path)?).map_err(|bad| bad.to_string())?;
            let index = out.join(format!("{file}.rs"));
            fs::create_dir_all(index.parent().unwrap_or(out))?;
            let (rows, ends, sorted) = (table.rows, table.ends, table.sorted);
            fs::write(
                index,
                format!("crate::table::Index {{ rows: &{rows:?}, ends: &{ends:?}, sorted: &{sorted:?} }}\n"),
            )?;
        }
    }
    Ok(())
}
