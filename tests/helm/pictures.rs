//! Pictures of `redisgen plan` as other programs read them: Mermaid by the `parse` of its npm package, SVG by Chromium.
//! `.ci/tools` installs both.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use redisgen::{
    chart::Chart,
    effective::EffectiveValues,
    objects,
    overview::Overview,
    report::{
        Color, View,
        plan::{Format, PlanReport, plan},
    },
};

use crate::{
    Check,
    support::{helm::tools, profiles},
};

/// Profiles with chart versions: each topology, old and new charts, small and large releases.
const RELEASES: [(&str, &str); 6] = [
    ("dev", "28.0.7"),
    ("cache", "28.0.7"),
    ("store", "23.1.1"),
    ("ha", "28.0.7"),
    ("production", "28.0.7"),
    ("aws-internal", "11.0.4"),
];

pub fn checks() -> Vec<Check> {
    let mermaid = tools().join("mermaid");
    let mut checks = Vec::new();
    for (name, check) in [
        ("mermaid parses every chart", mermaid_parses_every_chart as fn(&Path)),
        ("mermaid finds what is not valid", mermaid_finds_what_is_not_valid),
    ] {
        let folder = mermaid.clone();
        let is_there = folder.join("node_modules/mermaid/package.json").is_file();
        let missing = format!("mermaid is not at {}; `.ci/tools` installs it", folder.display());
        checks.push(of(name, is_there, missing, move || check(&folder)));
    }
    let chromium = chromium();
    let is_there = chromium.is_some();
    let missing = "chromium is not on the PATH; `.ci/tools` installs it on Debian".to_owned();
    checks.push(of("chromium draws every picture", is_there, missing, move || {
        chromium_draws_every_picture(&chromium.unwrap());
    }));
    checks
}

fn of(name: &str, is_there: bool, missing: String, run: impl FnOnce() + Send + 'static) -> Check {
    if is_there {
        return Check::panicking(name, run);
    }
    assert!(env::var_os("CI").is_none(), "{missing}");
    Check::missing(name, &missing)
}

fn chromium() -> Option<PathBuf> {
    let given = env::var_os("REDISGEN_CHROMIUM").map(PathBuf::from);
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
    let found = || names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file()));
    given.or_else(found)
}

/// A folder of a check's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures").join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn picture(profile: &str, version: &str, format: Format, release: &str) -> String {
    let chart = Chart::at(&version.parse().unwrap()).unwrap();
    let values = EffectiveValues::of(profiles::generated(profile, &chart), &chart);
    let overview = Overview::of(objects::of(&values, release, "default"), &values, None);
    let view = View { color: Color::Off, width: None };
    plan(&PlanReport { overview: &overview, chart: &chart, findings: &[], refusals: &[], live: &[], clients: &[], view }, format)
}

/// Prints the kind of diagram or the error of each file. The first argument is the folder with the packages.
const PARSE: &str = r#"
import fs from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
const [folder, ...files] = process.argv.slice(2);
const { JSDOM } = createRequire(join(folder, "index.js"))("jsdom");
const { window } = new JSDOM("");
Object.assign(globalThis, { window, document: window.document });
const path = join(folder, "node_modules/mermaid/dist/mermaid.core.mjs");
const { default: mermaid } = await import(pathToFileURL(path));
for (const file of files) {
  try {
    const { diagramType } = await mermaid.parse(fs.readFileSync(file, "utf8"));
    console.log(diagramType);
  } catch (error) {
    console.log("error " + error.message.replaceAll("\n", " "));
  }
}
"#;

/// What Mermaid says of each text.
fn parsed(tool: &Path, name: &str, texts: &[String]) -> Vec<String> {
    let folder = folder(name);
    let script = folder.join("parse.mjs");
    fs::write(&script, PARSE).unwrap();
    let files: Vec<PathBuf> = (0..texts.len()).map(|at| folder.join(format!("{at}.mmd"))).collect();
    for (file, text) in files.iter().zip(texts) {
        fs::write(file, text).unwrap();
    }
    let ran = Command::new("node").arg(&script).arg(tool).args(&files).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn mermaid_parses_every_chart(tool: &Path) {
    let texts: Vec<String> =
        RELEASES.iter().map(|(profile, version)| picture(profile, version, Format::Mermaid, "redis")).collect();
    let read = parsed(tool, "charts", &texts);
    assert_eq!(read, vec!["flowchart-v2"; RELEASES.len()], "{texts:#?}");
}

fn mermaid_finds_what_is_not_valid(tool: &Path) {
    let right = picture("ha", "28.0.7", Format::Mermaid, "redis");
    let wrong = [right.replacen("\"]", "]", 1), right.replacen("flowchart", "flow", 1), right.replacen("-->", "--", 1)];
    for answer in parsed(tool, "wrong", &wrong) {
        assert!(answer.starts_with("error "), "{answer}");
    }
}

/// The script of a page with a picture: writes the texts that leave their boxes, and the number of boxes, into the page.
const MEASURE: &str = r#"
const svg = document.querySelector("svg");
const wrong = [];
const page = svg.getBoundingClientRect();
for (const node of svg.querySelectorAll("g.node")) {
  const box = node.querySelector("rect").getBBox();
  for (const text of node.querySelectorAll("text")) {
    const { x, y, width, height } = text.getBBox();
    const fits = x >= box.x && y >= box.y && x + width <= box.x + box.width && y + height <= box.y + box.height;
    if (!fits || width === 0) wrong.push(text.textContent);
  }
}
for (const text of svg.querySelectorAll("text")) {
  const { right, bottom } = text.getBoundingClientRect();
  if (right > page.right || bottom > page.bottom) wrong.push("outside: " + text.textContent);
}
const color = getComputedStyle(svg.querySelector("text")).fill;
const ground = getComputedStyle(svg.querySelector(".page")).fill;
document.body.innerHTML = "";
document.title = JSON.stringify({ boxes: window.boxes, wrong, color, ground });
"#;

fn chromium_draws_every_picture(chromium: &Path) {
    let folder = folder("svg");
    let long = "a-release-name-of-fifty-three-characters-is-the-longest".get(..53).unwrap();
    let releases = RELEASES.iter().flat_map(|(profile, version)| [(profile, version, "redis"), (profile, version, long)]);
    for (at, (profile, version, release)) in releases.enumerate() {
        let svg = picture(profile, version, Format::Svg, release);
        let boxes = svg.matches("<g class=\"node ").count();
        assert!(boxes > 3, "{svg}");
        for dark in [false, true] {
            let page = page_of(&folder, &format!("{at}-{dark}"), &svg);
            let found = measured(chromium, &folder, &page, dark);
            assert_eq!(found["boxes"], boxes, "{profile} {version}");
            assert_eq!(found["wrong"], serde_json::json!([]), "{profile} {version} {release}");
            let colors = if dark { ("rgb(240, 246, 252)", "rgb(13, 17, 23)") } else { ("rgb(31, 35, 40)", "rgb(255, 255, 255)") };
            assert_eq!((found["color"].as_str(), found["ground"].as_str()), (Some(colors.0), Some(colors.1)));
        }
        if at == 0 {
            let narrow = svg.replace("</svg>", "<style>.node rect { width: 40px }</style></svg>");
            let page = page_of(&folder, "narrow", &narrow);
            assert_ne!(measured(chromium, &folder, &page, false)["wrong"], serde_json::json!([]), "the boxes are narrow");
            assert!(is_drawn(chromium, &folder, &svg), "the picture is blank");
            assert!(!is_drawn(chromium, &folder, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"400\"></svg>"));
        }
    }
}

/// A page with a picture and the script that measures the picture.
fn page_of(folder: &Path, name: &str, svg: &str) -> PathBuf {
    let page = folder.join(format!("{name}.html"));
    let count = "window.boxes = document.querySelectorAll('g.node').length;";
    let html = format!("<!doctype html><meta charset=\"utf-8\"><body>{svg}<script>{count}{MEASURE}</script>");
    fs::write(&page, html).unwrap();
    page
}

fn browser(chromium: &Path, folder: &Path) -> Command {
    let mut command = Command::new(chromium);
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()));
    command
}

/// What the script of a page wrote into its title.
fn measured(chromium: &Path, folder: &Path, page: &Path, dark: bool) -> serde_json::Value {
    let scheme = if dark { 0 } else { 1 };
    let ran = browser(chromium, folder)
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .arg("--dump-dom")
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&ran.stdout).into_owned();
    let title = dom.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
    let title = title.unwrap_or_else(|| panic!("no title: {dom}\n{}", String::from_utf8_lossy(&ran.stderr)));
    serde_json::from_str(&title.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")).unwrap()
}

/// Whether the screenshot of a picture has more than one color: a blank page compresses to almost nothing.
fn is_drawn(chromium: &Path, folder: &Path, svg: &str) -> bool {
    const BLANK: u64 = 8000;
    let (picture, shot) = (folder.join("picture.svg"), folder.join("shot.png"));
    fs::write(&picture, svg).unwrap();
    drop(fs::remove_file(&shot));
    let ran = browser(chromium, folder)
        .args(["--window-size=800,400", &format!("--screenshot={}", shot.display())])
        .arg(format!("file://{}", picture.display()))
        .output()
        .unwrap();
    assert!(ran.status.success());
    fs::metadata(&shot).unwrap().len() > BLANK
}
