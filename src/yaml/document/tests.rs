use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::yaml::{Path, Value, arbitrary};

fn parse(text: &str) -> Document {
    Document::parse(text).unwrap()
}

fn error(text: &str) -> String {
    match Document::parse(text).and_then(|document| document.values(Helm::Four)) {
        Ok(values) => panic!("{text:?} is read as {values:?}"),
        Err(error) => error.to_string(),
    }
}

/// Text of the key and of the value at a path.
fn at<'a>(document: &'a Document, path: &str) -> Option<(&'a str, &'a str)> {
    let FoundNode { key, value } = document.find(&path.parse().unwrap())?;
    let source = |node| document.source(document.node(node).span);
    Some((key.map(source).unwrap_or_default(), source(value)))
}

#[test]
fn every_place_can_be_found() {
    let text = "\u{feff}a:\r\n  é: [1, 'two']  # c\r\n  m: &x {k: v}\r\n  w: *x\r\n  o:\r\n    - p\r\n    - q: \"r\"\r\nz:\r\n";
    let document = parse(text);
    assert_eq!(at(&document, "a.é"), Some(("é", "[1, 'two']")));
    assert_eq!(at(&document, "a.é[1]"), Some(("", "'two'")));
    assert_eq!(at(&document, "a.w"), Some(("w", "*x")));
    assert_eq!(at(&document, "a.w.k"), Some(("k", "v")));
    assert_eq!(at(&document, "a.o"), Some(("o", "- p\r\n    - q: \"r\"")));
    assert_eq!(at(&document, "z"), Some(("z", "")));
    assert_eq!(at(&document, "a.x"), None);
    let FoundNode { value, .. } = document.find(&"a.é[1]".parse().unwrap()).unwrap();
    let span = document.node(value).span;
    assert_eq!((span.line, span.column), (2, 10));
    assert_eq!(document.position(span.start), (2, 10));
}

#[test]
fn block_scalars_and_anchors_have_places() {
    let text = "a: &x |\n  one\n  two\nb: !!str &y 1\n";
    let document = parse(text);
    assert_eq!(at(&document, "a"), Some(("a", "one\n  two\n")));
    let FoundNode { value, .. } = document.find(&Path::of(["b"])).unwrap();
    let node = document.node(value);
    assert_eq!(node.tag, Some("tag:yaml.org,2002:str"));
    let (name, span) = node.anchor.unwrap();
    assert_eq!((name, document.source(span)), ("y", "&y"));
}

#[test]
fn comments_are_kept() {
    let document = parse("# head\na: 1 # right\n  # own\nb: '# none'\n");
    let comments: Vec<_> = document.comments().iter().map(|c| (c.text.as_str(), c.own_line, c.span.line)).collect();
    assert_eq!(comments, [(" head", true, 1), (" right", false, 2), (" own", true, 3)]);
    assert_eq!(document.source(document.comments()[1].span), "# right");
}

#[test]
fn a_key_that_comes_twice_is_noted_at_both_places() {
    let document = parse("a: 1\nm:\n  yes: 1\n  'true': 2\na: 3\n");
    let lines = |entry: Entry| document.node(entry.key).span.line;
    let found: Vec<_> =
        document.duplicates().iter().map(|d| (d.key.as_str(), lines(d.first), lines(d.second))).collect();
    assert_eq!(found, [("true", 3, 4), ("a", 1, 5)]);
    assert_eq!(at(&document, "a"), Some(("a", "3")));
}

#[test]
fn find_looks_where_helm_looks() {
    let text = "x: &x {a: 1, b: 2}\ny: &y {a: 3, c: 4}\nm:\n  b: 5\n  <<: [*x, *y]\n  c: 6\n";
    let document = parse(text);
    let values = document.values(Helm::Four).unwrap();
    for (path, expected) in [("m.a", 1), ("m.b", 2), ("m.c", 6)] {
        let path: Path = path.parse().unwrap();
        let FoundNode { value, .. } = document.find(&path).unwrap();
        assert_eq!(values.get_at(&path), Some(&Value::Int(expected)));
        assert_eq!(document.value(value), Ok(Value::Int(expected)), "{path}");
    }
}

#[test]
fn everything_written_has_a_path() {
    let document = parse("a: &x [1, {b: 2}]\nc:\n  <<: *x\n  yes: *x\n");
    let mut written = Vec::new();
    document.walk(document.documents()[0], |path, _| written.push(path.to_string()));
    assert_eq!(written, ["a", "a[0]", "a[1]", "a[1].b", "c", "c.<<", "c.true"]);
}

#[test]
fn several_documents() {
    let document = parse("a: 1\nb: {c: 1}\n---\nb: {d: 2}\n");
    assert_eq!(document.documents().len(), 2);
    assert_eq!(document.values(Helm::Three).unwrap(), read_values("a: 1\nb: {c: 1}\n").unwrap());
    assert_eq!(document.values(Helm::Four).unwrap(), read_values("a: 1\nb: {c: 1, d: 2}\n").unwrap());
    assert!(read_values("").unwrap().is_empty());
    assert!(parse("# nothing\n").documents().is_empty());
}

#[test]
fn errors_say_what_and_where() {
    for (text, expected) in [
        ("a: 1\n\tb: 2\n", "2:1: found a tab: expected spaces, the only indentation in YAML"),
        ("- a\n", "1:1: found a list: expected a YAML mapping"),
        ("text", "1:1: found a string: expected a YAML mapping"),
        ("a: *x\n", "1:4: found an alias (`*`) without its anchor (`&`) before it: put a text in quotes"),
        ("a: @x\n", "1:4: found `@` at the start of a plain value: put the value in quotes"),
        ("a: 'x\n", "1:4: found a quote that is never closed"),
        ("a: [1\n", "1:4: found a `[` that is never closed"),
        ("a: [1}\n", "1:4: found `}`: expected the end of `[`"),
        ("a: 1\n- b\n", "2:3: found no key in a map: check the indentation"),
        ("a: 1\nb\n", "2:1: found a line without `: `: expected `key: value`"),
        ("a: 'it's'\n", "1:8: found text after the closing quote: write a quote in single quotes twice (`''`)"),
        ("  a: 1\nb: 2\n", "2:1: found text after the end of the values, which Helm ignores: check the indentation"),
        ("a: .inf\n", "1:4: found a number that Helm refuses: put it in quotes for a text"),
        ("null: 1\n", "1:1: found null as a key: put the key in quotes"),
        ("[a]: 1\n", "1:1: found a list or map as a key: expected a string"),
        (
            "a: {{ .Values.b }}\n",
            "1:5: found `{{`: Helm evaluates no templates in values files. Put the value in quotes",
        ),
        ("a: &x [*x]\n", "1:8: found an alias inside its own value"),
        ("a: {<<: 1}\n", "1:9: found another kind of value after `<<`: expected a map, or a list of maps"),
        (
            "é: a\u{2028}\n",
            "1:5: found the character U+2028, and Helm reads it as the end of a line: write `\\u2028` in double quotes, or remove it",
        ),
        (
            "a: \0\n",
            "1:4: found the character U+0000, and Helm refuses it: write `\\x00` in double quotes, or remove it",
        ),
        ("%YAML 1.2\n---\na: 1\n", "2:1: found `%YAML 1.2`: Helm reads YAML 1.1. Remove the line"),
        ("a: !!int x\n", "1:10: found a value that is not a `!!int`: correct the value, or remove the tag"),
    ] {
        assert_eq!(error(text), expected, "{text:?}");
    }
}

#[test]
fn aliases_cannot_blow_a_document_up() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..12 {
        let aliases = vec![format!("*a{}", at - 1); 9].join(", ");
        laughs.push_str(&format!("a{at}: &a{at} [{aliases}]\n"));
    }
    assert!(error(&laughs).contains("expand to too many values"));

    let mut merges = "m0: &m0 {a: 1}\n".to_owned();
    for at in 1..20 {
        let aliases = vec![format!("*m{}", at - 1); 9].join(", ");
        merges.push_str(&format!("m{at}: &m{at} {{<<: [{aliases}]}}\n"));
    }
    assert!(error(&merges).contains("expand to too many values"));
    assert_eq!(parse(&merges).find(&Path::of(["m19", "b"])), None);

    // Few nodes with much text: go-yaml has no limit for this case.
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(50_000), "*a, ".repeat(50_000));
    assert!(error(&text).contains("expand to too many values"));

    // Aliases nest deeper than the text does.
    let mut deep = "a0: &a0 x\n".to_owned();
    for at in 1..10 {
        deep.push_str(&format!("a{at}: &a{at} {}*a{}{}\n", "[".repeat(100), at - 1, "]".repeat(100)));
    }
    assert!(error(&deep).contains("inside each other"));
}

#[test]
fn no_text_takes_long() {
    // This limit finds texts that never finish. It is far above the time that a busy machine needs.
    const HANG: Duration = Duration::from_secs(300);
    let many = 30_000;
    let texts = [
        "[".repeat(100_000),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        "{a: ".repeat(many),
        "- ".repeat(many),
        "? ".repeat(many),
        "a: ".repeat(many),
        "&a ".repeat(many),
        "!!str ".repeat(many),
        (0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
        (0..many).map(|at| format!("k{at}: {at}\n")).collect(),
        format!("{{{}}}", (0..many).map(|at| format!("k{at}: {at}, ")).collect::<String>()),
        "a: 1\n".repeat(many),
        "# comment\n".repeat(many),
        format!("a: 1\n{}", "# comment\n".repeat(many)),
        format!("a: {}\n", "x".repeat(10 * many)),
        format!("a: \"{}\"\n", "\\n".repeat(many)),
        format!("a: |\n{}", "  x\n".repeat(many)),
        format!("a: {}\n", "\u{1f600} ".repeat(many)),
        "---\na: 1\n".repeat(many / 10),
        "%TAG !a! tag:a,2000:\n---\na: !a!b c\n...\n".repeat(many / 10),
        (0..many).map(|at| format!("a{at}: &a{at} 1\n")).collect(),
        format!("a: &a 1\nb: [{}]\n", "*a, ".repeat(many)),
        format!("a: &a {{b: 1}}\nb:\n{}", "  <<: *a\n".repeat(many / 10)),
        "a:\t1\n".repeat(many),
        format!("a: [{}]\n", "'x', # c\n".repeat(many)),
        format!("a:\n{}", "  - x\n".repeat(many)),
        format!("{}: 1\n", "k".repeat(many)),
        (1..many)
            .fold("m0: &m0 {a: 1}\n".to_owned(), |text, at| text + &format!("m{at}: &m{at} {{<<: *m{}}}\n", at - 1)),
        "\r".repeat(many),
        "\u{feff}".repeat(many),
        "'".repeat(many),
        "\"".repeat(many + 1),
        ":".repeat(many),
        "\n".repeat(many),
        " \n".repeat(many),
        ": ".repeat(many),
        ", ".repeat(many),
    ];
    for text in texts {
        let start = Instant::now();
        let read = Document::parse(&text).and_then(|document| {
            document.find(&Path::of([format!("m{}", many - 1), "b".to_owned()]));
            document.values(Helm::Four)
        });
        let head: String = text.chars().take(20).collect();
        assert!(start.elapsed() < HANG, "{head:?} took {:?}: {:?}", start.elapsed(), read.err());
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), nasty in proptest::collection::vec(arbitrary::text(), 0..12)) {
        for text in [text, nasty.concat(), nasty.join("\n"), nasty.join(": ")] {
            look_at_everything(&text);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        look_at_everything(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn letters_of_yaml_are_read_or_refused(text in "([ \\n\\t\\r]|[-a1#:?&*!|>'\"%,\\[\\]{}~<.]|a: |- |  |\\n  |<<: \\*a|&a |!!str |---\\n){0,40}") {
        look_at_everything(&text);
    }
}

/// Uses every part of a document, and checks that all positions are within the text.
fn look_at_everything(text: &str) {
    let Ok(document) = Document::parse(text) else { return };
    for node in document.nodes() {
        let span = node.span;
        assert!(text.get(span.start..span.end).is_some(), "{span:?} in {text:?}");
    }
    for comment in document.comments() {
        assert!(document.source(comment.span).starts_with('#'), "{text:?}");
    }
    for top in document.documents() {
        document.walk(*top, |path, found| assert!(path.is_root() || found.value != *top));
    }
    let _ = document.values(Helm::Three);
    let Ok(values) = document.values(Helm::Four) else { return };
    if let [root] = document.documents() {
        for (key, value) in values.iter() {
            let found = document.find_below(*root, &Path::of([key])).unwrap();
            assert_eq!(document.value(found.value).as_ref(), Ok(value), "`{key}` in {text:?}");
        }
    }
}
