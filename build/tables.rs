//! One function for each table, with its columns, its checks and its packed form.

use std::{collections::BTreeMap, io, ops::Range};

use serde::Serialize;

use super::{
    pack::{
        ChangeRow, DanglingRow, Effect, EffectRow, Entry, Evidence, FREE, FailRow, HelperRow, ImageRow, Json, JsonType,
        KeyRow, KubernetesRow, NumberRow, OPEN_END, ObjectRow, PresetRow, RdbRow, ReadRow, SECTIONS, SchemaRow,
        Section, SettingRow, TypeRow, Verdict, VersionRow, slot,
    },
    rows::{self, Bad, Covered, Disjoint, Row, Sorted, Versions},
};

/// The packed catalogue.
pub struct Catalogue {
    pub bytes: Vec<u8>,
    /// The sorted names of the settings, each with its position among all names.
    pub settings: Vec<(String, u16)>,
}

/// Packs the catalogue. `text` reads a file of the data folder.
pub fn pack(text: impl Fn(&'static str) -> io::Result<String>) -> Result<Catalogue, Bad> {
    let text =
        |file| text(file).map_err(|e: io::Error| Bad { file, line: 0, message: format!("it cannot be read: {e}") });
    let version_text = text("versions.tsv")?;
    let (versions, version_records) = versions(&version_text)?;
    let sources = [
        (Section::Keys, text("keys.tsv")?),
        (Section::Images, text("images.tsv")?),
        (Section::Reads, text("reads.tsv")?),
        (Section::Fails, text("fails.tsv")?),
        (Section::Numbers, text("numbers.tsv")?),
        (Section::Settings, text("settings.tsv")?),
        (Section::Changes, text("changes.tsv")?),
        (Section::Effects, text("effects.tsv")?),
        (Section::Objects, text("objects.tsv")?),
        (Section::Schemas, text("schemas.tsv")?),
        (Section::Helpers, text("helpers.tsv")?),
        (Section::Dangling, text("dangling.tsv")?),
        (Section::Presets, text("presets.tsv")?),
        (Section::Types, text("types.tsv")?),
    ];
    // `effects` is checked against the coverage of `reads`, and comes after it.
    let mut read = Covered::default();
    let mut tables = Vec::new();
    for (section, text) in &sources {
        let mut table = Table::default();
        match section {
            Section::Keys => keys(text, &versions, &mut table)?,
            Section::Images => images(text, &versions, &mut table)?,
            Section::Reads => reads(text, &versions, &mut table, &mut read)?,
            Section::Fails => fails(text, &versions, &mut table)?,
            Section::Numbers => numbers(text, &versions, &mut table)?,
            Section::Settings => words(text, &versions, &mut table)?,
            Section::Changes => changes(text, &versions, &mut table)?,
            Section::Effects => effects(text, &versions, &mut table, &read)?,
            Section::Objects => objects(text, &versions, &mut table)?,
            Section::Schemas => schemas(text, &versions, &mut table)?,
            Section::Helpers => helpers(text, &versions, &mut table)?,
            Section::Dangling => dangling(text, &versions, &mut table)?,
            Section::Presets => presets(text, &versions, &mut table)?,
            Section::Types => types(text, &versions, &mut table)?,
            Section::Names | Section::Slots | Section::Versions | Section::Rdb | Section::Kubernetes => continue,
        }
        tables.push(table);
    }

    let mut names: BTreeMap<&str, u16> =
        tables.iter().flat_map(|t| t.0.iter()).map(|row| (row.name.as_str(), 0)).collect();
    for (at, position) in names.values_mut().enumerate() {
        *position =
            u16::try_from(at).map_err(|_| Bad { file: "keys.tsv", line: 0, message: "too many names".into() })?;
    }
    let all_names = list(names.keys().map(|name| name.as_bytes().to_vec()).collect());
    let mut sections = vec![all_names, slots(&names), list(version_records)];
    for table in &tables {
        sections.push(table.pack(&names)?);
    }
    sections.push(list(rdb(&text("rdb.tsv")?)?));
    sections.push(list(kubernetes(&text("kubernetes.tsv")?)?));
    assert_eq!(sections.len(), SECTIONS);

    let mut packed = Vec::new();
    let mut offset = SECTIONS * 4;
    for section in &sections {
        packed.extend(size(offset));
        offset += section.len();
    }
    packed.extend(sections.concat());
    let settings = sources.iter().position(|(section, _)| *section == Section::Settings);
    let mut settings: Vec<_> = settings.into_iter().flat_map(|at| tables[at].0.iter().map(|row| &row.name)).collect();
    settings.sort();
    settings.dedup();
    let settings = settings.into_iter().map(|name| (name.clone(), names[name.as_str()])).collect();
    Ok(Catalogue { bytes: packed, settings })
}

fn versions(text: &str) -> Result<(Versions<'_>, Vec<Vec<u8>>), Bad> {
    let columns = [
        "version",
        "date",
        "app",
        "commit",
        "schema",
        "common",
        "common_commit",
        "line",
        "known",
        "as",
        "templates",
        "other_app",
    ];
    let mut sorted = Sorted::default();
    let mut positions = BTreeMap::new();
    let mut rows: Vec<(Row<'_>, VersionRow<'_>, &str)> = Vec::new();
    for row in rows::read("versions.tsv", text, &columns)? {
        let [version, date, app, _, _, common, _, line, seen, facts, templates, other_app] = row.fields()?;
        let parts: Option<Vec<u16>> = version.split('.').map(|part| part.parse().ok()).collect();
        let number = match parts.as_deref() {
            Some(&[major, minor, patch]) => (major, minor, patch),
            _ => return Err(row.bad(format!("`{version}` is not of the shape 1.2.3"))),
        };
        sorted.push(&row, number)?;
        let is_given = |text: &'_ str| text != "-";
        let date = Some(date).filter(|date| is_given(date));
        if let Some(date) = date.filter(|date| !is_date(date)) {
            return Err(row.bad(format!("`{date}` is not of the shape 2020-01-31")));
        }
        let seen: Evidence = row.named(seen)?;
        let templates = Some(templates).filter(|digest| is_given(digest));
        let digest = |hex: &str| {
            u64::from_str_radix(hex, 16)
                .map_err(|_| row.bad(format!("`{hex}` is not a digest of 16 hexadecimal digits")))
        };
        let templates = templates.map(digest).transpose()?;
        let measured = seen == Evidence::Measured;
        if measured != templates.is_some() || measured == is_given(facts) {
            return Err(row.bad("a measured version has a digest of its templates, any other takes the facts of one"));
        }
        let position = u16::try_from(rows.len()).map_err(|_| row.bad("too many versions"))?;
        positions.insert(version, position);
        let line = row.named(line)?;
        let (common, other_app) =
            (Some(common).filter(|text| is_given(text)), Some(other_app).filter(|text| is_given(text)));
        let packed = VersionRow { number, date, app, common, line, seen, facts: None, templates, other_app };
        rows.push((row, packed, facts));
    }
    let versions = Versions(positions);
    let mut records = Vec::new();
    let measured: Vec<bool> = rows.iter().map(|(_, packed, _)| packed.seen == Evidence::Measured).collect();
    for (row, packed, facts) in &mut rows {
        if *facts != "-" {
            let at = versions.position(row, facts)?;
            if !measured[usize::from(at)] {
                return Err(row.bad(format!("`{facts}` was not measured")));
            }
            packed.facts = Some(at);
        }
        records.push(record(packed));
    }
    Ok((versions, records))
}

fn keys(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["path", "since", "until", "type", "default", "origin", "flags", "rank"];
    let (mut sorted, mut disjoint) = (Sorted::default(), Disjoint::default());
    for row in rows::read("keys.tsv", text, &columns)? {
        let [path, since, until, kind, default, origin, flags, rank] = row.fields()?;
        check_path(&row, path)?;
        let interval = versions.interval(&row, since, until)?;
        sorted.push(&row, (path, interval.start))?;
        disjoint.push(&row, path, &interval)?;
        let declared = match origin {
            "declared" => true,
            "undeclared" => false,
            _ => return Err(row.bad(format!("`{origin}` is neither declared nor undeclared"))),
        };
        let (mut node, mut open, mut text, mut tag) = (false, false, None, false);
        for flag in flags.split(',').filter(|flag| *flag != "-") {
            match flag {
                "map-node" => node = true,
                "open" => open = true,
                "tag" => tag = true,
                _ => {
                    let digest = flag.strip_prefix("text=").filter(|digest| digest.len() == 16);
                    let digest = digest.and_then(|digest| u64::from_str_radix(digest, 16).ok());
                    text = Some(digest.ok_or_else(|| row.bad(format!("unknown flag `{flag}`")))?);
                }
            }
        }
        let rank = rank.parse().map_err(|_| row.bad(format!("rank `{rank}` is not a number below 65536")))?;
        let value: Option<serde_json::Value> = match default {
            "-" => None,
            json => Some(serde_json::from_str(json).map_err(|e| row.bad(format!("the default is not JSON: {e}")))?),
        };
        if value.is_none() && declared && !node && !tag {
            return Err(row.bad("a declared key has a default, unless it is a map-node or a tag"));
        }
        let default = value.as_ref().map(|value| json(&row, value)).transpose()?;
        let kind = row.named(kind)?;
        table.push(path, &interval, &KeyRow { kind, declared, node, open, text, tag, rank, default });
    }
    Ok(())
}

fn images(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["image", "since", "until", "registry", "repository", "tag"];
    let (mut sorted, mut disjoint) = (Sorted::default(), Disjoint::default());
    for row in rows::read("images.tsv", text, &columns)? {
        let [path, since, until, registry, repository, tag] = row.fields()?;
        check_path(&row, path)?;
        let interval = versions.interval(&row, since, until)?;
        sorted.push(&row, (path, interval.start))?;
        disjoint.push(&row, path, &interval)?;
        table.push(path, &interval, &ImageRow { registry, repository, tag });
    }
    Ok(())
}

fn reads<'a>(
    text: &'a str,
    versions: &Versions<'_>,
    table: &mut Table,
    read: &mut Covered<(&'a str, u8)>,
) -> Result<(), Bad> {
    let columns = ["path", "topologies", "since", "until", "verdict", "switches"];
    let (mut sorted, mut disjoint) = (Sorted::default(), Disjoint::default());
    for row in rows::read("reads.tsv", text, &columns)? {
        let [path, letters, since, until, verdict, switches] = row.fields()?;
        check_path(&row, path)?;
        let topologies = row.topologies(letters)?;
        let interval = versions.interval(&row, since, until)?;
        sorted.push(&row, (path, interval.start, bits(topologies).collect::<Vec<_>>()))?;
        let verdict = row.named(verdict)?;
        for bit in bits(topologies) {
            disjoint.push(&row, (path, bit), &interval)?;
            if verdict == Verdict::Read {
                read.push((path, bit), &interval);
            }
        }
        let switches = if switches == "-" { "" } else { switches };
        table.push(path, &interval, &ReadRow { topologies, verdict, switches });
    }
    Ok(())
}

/// Packs the effects. Exactly the keys that are read have effects, in the same versions and topologies.
fn effects(text: &str, versions: &Versions<'_>, table: &mut Table, read: &Covered<(&str, u8)>) -> Result<(), Bad> {
    let columns = ["path", "topologies", "since", "until", "effects"];
    let (mut sorted, mut disjoint) = (Sorted::default(), Disjoint::default());
    let (mut covered, mut lines) = (Covered::default(), BTreeMap::new());
    for row in rows::read("effects.tsv", text, &columns)? {
        let [path, letters, since, until, names] = row.fields()?;
        check_path(&row, path)?;
        let topologies = row.topologies(letters)?;
        let interval = versions.interval(&row, since, until)?;
        sorted.push(&row, (path, interval.start, bits(topologies).collect::<Vec<_>>()))?;
        for bit in bits(topologies) {
            disjoint.push(&row, (path, bit), &interval)?;
            covered.push((path, bit), &interval);
        }
        lines.insert(path, row);
        let names = names.split(',').filter(|name| *name != "-").map(|name| row.named(name));
        let effects: Vec<Effect> = names.collect::<Result<_, _>>()?;
        if !effects.is_sorted_by(|one, next| one < next) {
            return Err(row.bad("the effects do not stand from the worst to the least, each once"));
        }
        let effects = effects.iter().fold(0, |bits, effect| bits | effect.bit());
        table.push(path, &interval, &EffectRow { topologies, effects });
    }
    let missing = |path: &str| Bad {
        file: "effects.tsv",
        line: 0,
        message: format!("`{path}` is read in versions or topologies of which no row tells"),
    };
    match covered.first_difference(read) {
        None => Ok(()),
        Some((path, _)) => Err(lines.get(path).map_or_else(
            || missing(path),
            |row| row.bad(format!("the rows of `{path}` are not for where it is read")),
        )),
    }
}

/// Both states of the switch that was measured.
const SWITCH: [&str; 2] = ["metrics.enabled=false", "metrics.enabled=true"];

fn objects(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["object", "topologies", "since", "until", "when", "identity"];
    let (mut sorted, mut disjoint) = (Sorted::default(), Disjoint::default());
    for row in rows::read("objects.tsv", text, &columns)? {
        let [object, letters, since, until, when, identity] = row.fields()?;
        let (kind, name) = object.split_once(' ').ok_or_else(|| row.bad("an object is a kind and a name"))?;
        let topologies = row.topologies(letters)?;
        let interval = versions.interval(&row, since, until)?;
        sorted.push(&row, (object, interval.start, bits(topologies).collect::<Vec<_>>(), when))?;
        let ways: &[&str] = if when == "-" { &SWITCH } else { &[when] };
        for way in ways {
            if !SWITCH.contains(way) {
                return Err(row.bad(format!("`{way}` is not a way that was measured")));
            }
            for bit in bits(topologies) {
                disjoint.push(&row, (object, bit, *way), &interval)?;
            }
        }
        let identity = fields(&row, identity)?;
        let when = if when == "-" { "" } else { when };
        table.push(name, &interval, &ObjectRow { kind: row.named(kind)?, topologies, when, identity });
    }
    Ok(())
}

/// Parses `field=value; field=value`. A value may contain `=`, and a field occurs once.
fn fields<'a>(row: &Row<'_>, identity: &'a str) -> Result<Vec<(&'a str, &'a str)>, Bad> {
    let mut fields: Vec<(&str, &str)> = Vec::new();
    for field in identity.split("; ").filter(|field| *field != "-") {
        let known = |name: &str| fields.iter().any(|(known, _)| *known == name);
        match field.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() && !known(name) => fields.push((name, value)),
            _ => return Err(row.bad(format!("`{field}` is not a field with a value, or is there twice"))),
        }
    }
    Ok(fields)
}

fn rdb(text: &str) -> Result<Vec<Vec<u8>>, Bad> {
    let mut sorted = Sorted::default();
    let mut records = Vec::new();
    for row in rows::read("rdb.tsv", text, &["redis", "format", "source"])? {
        let [redis, format, _] = row.fields()?;
        let number = redis.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
        let redis = number.ok_or_else(|| row.bad(format!("`{redis}` is not of the shape 1.2")))?;
        let format = format.parse().map_err(|_| row.bad(format!("`{format}` is not the number of a format")))?;
        sorted.push(&row, redis)?;
        if records.last().is_some_and(|RdbRow { format: last, .. }| *last > format) {
            return Err(row.bad("the format is older than the one before it"));
        }
        records.push(RdbRow { redis, format });
    }
    Ok(records.iter().map(record).collect())
}

fn kubernetes(text: &str) -> Result<Vec<Vec<u8>>, Bad> {
    let rows = rows::read("kubernetes.tsv", text, &["kubernetes", "source"])?;
    let [row] = rows.as_slice() else {
        let message = format!("{} rows, expected one", rows.len());
        return Err(Bad { file: "kubernetes.tsv", line: 0, message });
    };
    let [version, _] = row.fields()?;
    let number = version.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    let version = number.ok_or_else(|| row.bad(format!("`{version}` is not of the shape 1.2")))?;
    Ok(vec![record(&KubernetesRow { version })])
}

fn schemas(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["path", "since", "until", "types", "items"];
    let (mut sorted, mut disjoint) = (Sorted::default(), Disjoint::default());
    for row in rows::read("schemas.tsv", text, &columns)? {
        let [path, since, until, types, items] = row.fields()?;
        let interval = versions.interval(&row, since, until)?;
        sorted.push(&row, (path, interval.start))?;
        disjoint.push(&row, path, &interval)?;
        let bits = |types: &str| -> Result<u8, Bad> {
            let mut names = types.split(',').filter(|name| *name != "-");
            names.try_fold(0, |bits, name| Ok(bits | row.named::<JsonType>(name)?.bit()))
        };
        table.push(path, &interval, &SchemaRow { types: bits(types)?, items: bits(items)? });
    }
    Ok(())
}

fn helpers(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["helper", "since", "until", "means"];
    let (mut sorted, mut disjoint) = (Sorted::default(), Disjoint::default());
    for row in rows::read("helpers.tsv", text, &columns)? {
        let [helper, since, until, means] = row.fields()?;
        let interval = versions.interval(&row, since, until)?;
        sorted.push(&row, (helper, interval.start))?;
        disjoint.push(&row, helper, &interval)?;
        table.push(helper, &interval, &HelperRow { means });
    }
    Ok(())
}

fn dangling(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["missing", "by", "topologies", "since", "until", "condition", "source"];
    let (mut sorted, mut disjoint) = (Sorted::default(), Disjoint::default());
    for row in rows::read("dangling.tsv", text, &columns)? {
        let [missing, by, letters, since, until, condition, _] = row.fields()?;
        let topologies = row.topologies(letters)?;
        let interval = versions.interval(&row, since, until)?;
        sorted.push(&row, (missing, by, interval.start, bits(topologies).collect::<Vec<_>>(), condition))?;
        for bit in bits(topologies) {
            disjoint.push(&row, (missing, by, bit, condition), &interval)?;
        }
        let condition = if condition == "-" { "" } else { condition };
        table.push(missing, &interval, &DanglingRow { by, topologies, condition });
    }
    Ok(())
}

fn presets(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["preset", "since", "until", "requests", "limits"];
    let (mut sorted, mut disjoint) = (Sorted::default(), Disjoint::default());
    for row in rows::read("presets.tsv", text, &columns)? {
        let [preset, since, until, requests, limits] = row.fields()?;
        let interval = versions.interval(&row, since, until)?;
        sorted.push(&row, (preset, interval.start))?;
        disjoint.push(&row, preset, &interval)?;
        let quantities = |list: &'_ str| -> Result<(), Bad> {
            let is_pair =
                |pair: &str| pair.split_once('=').is_some_and(|(name, much)| !name.is_empty() && !much.is_empty());
            match list.split(',').find(|pair| !is_pair(pair)) {
                Some(pair) => Err(row.bad(format!("`{pair}` is not a resource with a quantity"))),
                None => Ok(()),
            }
        };
        quantities(requests)?;
        quantities(limits)?;
        let (requests, limits) = (pairs(requests), pairs(limits));
        table.push(preset, &interval, &PresetRow { requests, limits });
    }
    Ok(())
}

fn types(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["key", "topologies", "since", "until", "form", "refused"];
    let mut disjoint = Disjoint::default();
    for row in rows::read("types.tsv", text, &columns)? {
        let [key, letters, since, until, form, refused] = row.fields()?;
        check_path(&row, key)?;
        let topologies = row.topologies(letters)?;
        let interval = versions.interval(&row, since, until)?;
        for bit in bits(topologies) {
            disjoint.push(&row, (key, bit), &interval)?;
        }
        if let Some(word) = refused.split(',').find(|word| !["bool", "number"].contains(word)) {
            return Err(row.bad(format!("`{word}` is neither `bool` nor `number`")));
        }
        let refuses = |kind: &str| refused.split(',').any(|word| word == kind);
        let (refuses_booleans, refuses_numbers) = (refuses("bool"), refuses("number"));
        table.push(key, &interval, &TypeRow { topologies, form: row.named(form)?, refuses_booleans, refuses_numbers });
    }
    Ok(())
}

fn pairs(list: &str) -> Vec<(&str, &str)> {
    list.split(',').filter_map(|pair| pair.split_once('=')).collect()
}

fn numbers(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["path", "topologies", "since", "until", "switches", "quoted"];
    let (mut sorted, mut disjoint) = (Sorted::default(), Disjoint::default());
    for row in rows::read("numbers.tsv", text, &columns)? {
        let [path, letters, since, until, switches, quoted] = row.fields()?;
        check_path(&row, path)?;
        let topologies = row.topologies(letters)?;
        let interval = versions.interval(&row, since, until)?;
        sorted.push(&row, (path, interval.start, bits(topologies).collect::<Vec<_>>()))?;
        for bit in bits(topologies) {
            disjoint.push(&row, (path, bit), &interval)?;
        }
        let switches = if switches == "-" { "" } else { switches };
        let quoted = match quoted {
            "same" => true,
            "-" => false,
            _ => return Err(row.bad(format!("`{quoted}` is neither `same` nor `-`"))),
        };
        table.push(path, &interval, &NumberRow { topologies, switches, quoted });
    }
    Ok(())
}

fn fails(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["reason", "topologies", "by", "since", "until", "condition"];
    let (mut sorted, mut disjoint) = (Sorted::default(), Disjoint::default());
    for row in rows::read("fails.tsv", text, &columns)? {
        let [reason, letters, by, since, until, condition] = row.fields()?;
        let topologies = row.topologies(letters)?;
        let interval = versions.interval(&row, since, until)?;
        sorted.push(&row, (format!("{reason}\t{condition}"), interval.start))?;
        disjoint.push(&row, (reason, condition), &interval)?;
        table.push(reason, &interval, &FailRow { topologies, by: row.named(by)?, condition });
    }
    Ok(())
}

/// Packs the words.
///
/// A path that starts with `@pods` means one path for each workload. The rows with the word `@pods` have the
/// prefixes for their versions and topologies. The packed rows contain only expanded paths. The rows of the file are
/// sorted by topic.
fn words(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["word", "since", "until", "topologies", "paths", "form", "source"];
    let mut rows = Vec::new();
    let mut pods = Vec::new();
    let mut disjoint = Disjoint::default();
    for row in rows::read("settings.tsv", text, &columns)? {
        let [word, since, until, letters, paths, form, _] = row.fields()?;
        let interval = versions.interval(&row, since, until)?;
        let topologies = row.topologies(letters)?;
        let paths: Vec<&str> = paths.split(',').filter(|path| *path != "-").collect();
        for bit in bits(topologies) {
            disjoint.push(&row, (word, bit, format!("form {form}")), &interval)?;
            for path in &paths {
                disjoint.push(&row, (word, bit, (*path).to_owned()), &interval)?;
            }
        }
        match word {
            "@pods" => pods.push((interval, topologies, paths)),
            _ => rows.push((row, word, interval, topologies, paths, row.named(form)?)),
        }
    }
    pods.sort_by_key(|(interval, ..)| interval.start);
    for (row, word, interval, topologies, paths, form) in rows {
        if !paths.iter().any(|path| path.starts_with('@')) {
            // The value of a fact need not be a key.
            if !word.starts_with('@') {
                paths.iter().try_for_each(|path| check_path(&row, path))?;
            }
            table.push(word, &interval, &SettingRow { topologies, form, paths });
            continue;
        }
        for bit in bits(topologies) {
            let mut reached = interval.start;
            for (versions, _, prefixes) in pods.iter().filter(|(_, topologies, _)| topologies & bit != 0) {
                let part = versions.start.max(interval.start)..versions.end.min(interval.end);
                if part.is_empty() {
                    continue;
                }
                if part.start != reached {
                    break;
                }
                reached = part.end;
                let paths = expand(&row, &paths, prefixes)?;
                let paths = paths.iter().map(String::as_str).collect();
                table.push(word, &part, &SettingRow { topologies: bit, form, paths });
            }
            if reached != interval.end {
                return Err(row.bad("no `@pods` row for all of its versions and topologies"));
            }
        }
    }
    Ok(())
}

fn expand(row: &Row<'_>, paths: &[&str], prefixes: &[&str]) -> Result<Vec<String>, Bad> {
    let mut expanded = Vec::new();
    for path in paths {
        match path.strip_prefix("@pods.") {
            Some(rest) => expanded.extend(prefixes.iter().map(|prefix| format!("{prefix}.{rest}"))),
            None => expanded.push((*path).to_owned()),
        }
    }
    for path in &expanded {
        check_path(row, path)?;
    }
    Ok(expanded)
}

fn changes(text: &str, versions: &Versions<'_>, table: &mut Table) -> Result<(), Bad> {
    let columns = ["version", "old", "new", "kind", "transform"];
    let mut sorted = Sorted::default();
    for row in rows::read("changes.tsv", text, &columns)? {
        let [version, old, new, kind, transform] = row.fields()?;
        let since = versions.position(&row, version)?;
        check_path(&row, old)?;
        sorted.push(&row, (since, old))?;
        let new: Vec<&str> = new.split(',').filter(|new| *new != "-").collect();
        for path in &new {
            check_path(&row, path)?;
        }
        let change = ChangeRow { kind: row.named(kind)?, transform: row.named(transform)?, new };
        table.push(old, &(since..OPEN_END), &change);
    }
    Ok(())
}

/// Checks that a path has no empty segment and no spaces. Other characters of a segment are up to the chart.
fn check_path(row: &Row<'_>, path: &str) -> Result<(), Bad> {
    let empty = path.replace("\\.", "_").split('.').any(|segment| segment.is_empty());
    if empty || path.contains([' ', '@']) {
        return Err(row.bad(format!("`{path}` is not a key path")));
    }
    Ok(())
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() })
}

fn bits(topologies: u8) -> impl Iterator<Item = u8> {
    (0..3).map(|at| 1 << at).filter(move |bit| topologies & bit != 0)
}

fn json<'a>(row: &Row<'_>, value: &'a serde_json::Value) -> Result<Json<'a>, Bad> {
    use serde_json::Value;
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(i), _) => Json::Int(i),
            (None, Some(f)) => Json::Float(f),
            (None, None) => return Err(row.bad(format!("the number {n} is too large"))),
        },
        Value::String(s) => Json::String(s),
        Value::Array(list) => Json::List(list.iter().map(|v| json(row, v)).collect::<Result<_, _>>()?),
        Value::Object(map) => {
            Json::Map(map.iter().map(|(k, v)| Ok((k.as_str(), json(row, v)?))).collect::<Result<_, _>>()?)
        }
    })
}

/// Rows of one table, before their names have positions.
#[derive(Default)]
pub struct Table(Vec<Packed>);

struct Packed {
    name: String,
    interval: Range<u16>,
    record: Vec<u8>,
}

impl Table {
    fn push(&mut self, name: &str, interval: &Range<u16>, row: &impl Serialize) {
        self.0.push(Packed { name: name.to_owned(), interval: interval.clone(), record: record(row) });
    }

    fn pack(&self, names: &BTreeMap<&str, u16>) -> Result<Vec<u8>, Bad> {
        let mut rows: Vec<&Packed> = self.0.iter().collect();
        rows.sort_by_key(|row| (names[row.name.as_str()], row.interval.start));
        let mut packed = size(rows.len()).to_vec();
        for name in 0..=names.len() {
            let start = rows.partition_point(|row| usize::from(names[row.name.as_str()]) < name);
            let many = |_| Bad { file: "keys.tsv", line: 0, message: "too many rows in one of the tables".into() };
            packed.extend(u16::try_from(start).map_err(many)?.to_le_bytes());
        }
        let mut offset = 0;
        for row in &rows {
            let entry =
                Entry { name: names[row.name.as_str()], since: row.interval.start, until: row.interval.end, offset };
            packed.extend(entry.to_bytes());
            offset += row.record.len() as u32;
        }
        for row in rows {
            packed.extend(&row.record);
        }
        Ok(packed)
    }
}

fn record(row: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(row).expect("a row is plain data")
}

/// Hash table of the positions of names. Each name is in its own slot or in the next free slot. At least half of the
/// slots stay free.
fn slots(names: &BTreeMap<&str, u16>) -> Vec<u8> {
    let mut slots = vec![FREE; (names.len() * 2).next_power_of_two()];
    for (name, position) in names {
        let mut at = slot(name, slots.len());
        while slots[at] != FREE {
            at = (at + 1) % slots.len();
        }
        slots[at] = *position;
    }
    slots.iter().flat_map(|slot| slot.to_le_bytes()).collect()
}

/// Packs byte records with an index of their offsets. The index has one entry more than there are records.
fn list(items: Vec<Vec<u8>>) -> Vec<u8> {
    let mut packed = size(items.len()).to_vec();
    let mut offset = 0;
    packed.extend(size(offset));
    for item in &items {
        offset += item.len();
        packed.extend(size(offset));
    }
    packed.extend(items.concat());
    packed
}

fn size(n: usize) -> [u8; 4] {
    (n as u32).to_le_bytes()
}
