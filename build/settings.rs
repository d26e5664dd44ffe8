//! The names of `settings.tsv` as Rust, for the enums of `src/chart/settings.rs`.

use std::{collections::BTreeMap, fmt::Write};

use super::rows::Bad;

/// Calls of the macros `settings!` and `fact_families!` with a variant for each name: `acl.sentinel` is `AclSentinel`,
/// and `@needs PING` belongs to the family `Needs`.
///
/// `names` are the sorted names of the table, each with its position among all names of the catalogue.
pub fn variants(names: &[(String, u16)]) -> Result<String, Bad> {
    let (mut settings, mut families) = (BTreeMap::new(), BTreeMap::new());
    let mut lines = String::new();
    for (name, position) in names {
        let Some((family, _)) = name.split_once(' ') else {
            let variant = variant(name)?;
            let _ = writeln!(lines, "    {name:?} {variant} {position},");
            if let Some(other) = settings.insert(variant, name) {
                return Err(bad(format!("`{other}` and `{name}` have the same name in Rust")));
            }
            continue;
        };
        families.insert(family, variant(family)?);
    }
    let families: String =
        families.iter().map(|(family, variant)| format!("    {:?} {variant},\n", format!("{family} "))).collect();
    Ok(format!("settings! {{\n{lines}}}\n\nfact_families! {{\n{families}}}\n"))
}

/// A name in camel case, without the `@` of a fact.
fn variant(name: &str) -> Result<String, Bad> {
    let words = name.trim_start_matches('@').split(['-', '.']);
    let variant: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
    if !variant.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return Err(bad(format!("`{name}` is not a name: expected lower-case words with `-` and `.` between them")));
    }
    Ok(variant)
}

fn bad(message: String) -> Bad {
    Bad { file: "settings.tsv", line: 0, message }
}
