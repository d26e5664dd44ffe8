//! One test for each rule of editing, with the text before and after.

use super::*;

#[track_caller]
fn check(before: &str, edits: &[Edit], after: &str) {
    match apply(before, edits) {
        Ok(text) => assert_eq!(text, after),
        Err(error) => panic!("{error}"),
    }
    // Every case must hold with Windows line ends, too.
    let crlf = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(apply(&crlf(before), edits).unwrap(), crlf(after));
}

#[track_caller]
fn refused(before: &str, edit: Edit, message: &str) {
    assert_eq!(apply(before, &[edit]).unwrap_err().to_string(), message);
}

#[test]
fn a_key_is_renamed_in_its_quotes() {
    check(
        "# c\nslave:  # d\n  'a b': 1\t# tab\n  \"x\" : 2\n",
        &[rename("slave", "replica"), rename("replica.a b", "it's"), rename("replica.x", "y")],
        "# c\nreplica:  # d\n  'it''s': 1\t# tab\n  \"y\" : 2\n",
    );
    check("{a: 1, \"b\":2}\n", &[rename("a", "no"), rename("b", "c")], "{\"no\": 1, \"c\":2}\n");
}

#[test]
fn comments_go_with_their_key() {
    check(
        "\
# the file

a: 1
# about b
# in two lines
b: 2  # right
      # and below
# about c
c:
  d: 4
  # e: 5
",
        &[delete("b"), prune("c.d")],
        "\
# the file

a: 1
# about c
c: {}
  # e: 5
",
    );
}

#[test]
fn a_comment_that_is_nobodys_stays() {
    check(
        "a:\n  # section\n\n  # about b\n  b: 1\n# old: 1\n  # about c\n  c: 2\n",
        &[delete("a.b")],
        "a:\n  # section\n\n# old: 1\n  # about c\n  c: 2\n",
    );
    check("a: 1\n\nb: 2\n\nc: 3\n", &[delete("b")], "a: 1\n\nc: 3\n");
    check("a: 1\n\nb: 2\n", &[delete("b")], "a: 1\n");
}

#[test]
fn the_last_key_leaves_an_empty_map() {
    check("# head\n\na: 1\n# end\n", &[delete("a")], "# head\n\n{}\n# end\n");
    check("a: # c\n  b: 1\nd: 2\n", &[delete("a.b")], "a: {} # c\nd: 2\n");
    check("a:\n  b:\n    c: 1\nd: 2\n", &[prune("a.b.c")], "d: 2\n");
    check("a:\n  - 1\n", &[prune("a[0]")], "a: []\n");
    check("a: 1\n---\nb: 2\n", &[delete("a")], "{}\n---\nb: 2\n");
    check("a: {b: {c: 1}}\n", &[prune("a.b.c")], "{}\n");
}

#[test]
fn an_entry_is_moved_with_all_that_is_its_own() {
    check(
        "\
slave:
    # the service
    service:
        # the port
        port: 6379  # redis
        type: x
replica:
    count: 3
# end
",
        &[
            carry("slave.service.port", "replica.service.ports.redis"),
            carry("slave.service.type", "replica.service.type"),
        ],
        "\
replica:
    count: 3
    service:
        ports:
            # the port
            redis: 6379  # redis
        # the service
        type: x
# end
",
    );
}

#[test]
fn blocks_of_text_keep_their_text() {
    check(
        "a:\n  b: |2-\n      x\n     y\n\n    z\n  c: >+\n    t\n\n  d:\n  - p\n  - |\n    q\ne: {}\n",
        &[carry("a.b", "e.f.b"), carry("a.d", "e.d"), carry("a.c", "c")],
        "c: >+\n  t\n\ne:\n  f:\n    b: |2-\n        x\n       y\n\n      z\n  d:\n  - p\n  - |\n    q\n",
    );
}

#[test]
fn maps_are_merged_where_no_leaf_clashes() {
    check(
        "# old\na: # x\n  b:\n    c: 1\n  # about d\n  d: 2\ne:\n  b:\n    f: 3\n",
        &[carry("a", "e")],
        "e:\n  b:\n    f: 3\n    # old\n    # x\n    c: 1\n  # about d\n  d: 2\n",
    );
    refused("a:\n  b: 1\nc:\n  b: 2\n", carry("a", "c"), "4:3: `c.b` exists already: 2:3: `a.b` cannot replace it");
}

#[test]
fn a_key_without_a_value_takes_a_map() {
    check("t: # c\n  # old: 2\ns:\n  # p\n  port: 1\n", &[carry("s", "t")], "t: # c\n  # p\n  port: 1\n  # old: 2\n");
    check("t: {x: ~, w: 1}\ns: {x: {z: 1}}\n", &[carry("s", "t")], "t: {x: {z: 1}, w: 1}\n");
    refused("t: ~\ns: {}\n", carry("s", "t"), "1:1: `t` exists already: 2:1: `s` cannot replace it");
    refused("t: ~\ns: 1\n", carry("s", "t"), "1:1: `t` exists already: 2:1: `s` cannot replace it");
}

#[test]
fn a_move_within_a_map_stays_in_its_place() {
    check(
        "s:\n  # p\n  port: 1 # r\n  type: x\n",
        &[carry("s.port", "s.ports.redis")],
        "s:\n  ports:\n    # p\n    redis: 1 # r\n  type: x\n",
    );
    check("a: 1\nb: 2\n", &[carry("a", "a.enabled")], "a:\n  enabled: 1\nb: 2\n");
    check("l:\n  - a: 1\n    b: 2\n", &[carry("l[0].a", "l[0].c.d")], "l:\n  - c:\n      d: 1\n    b: 2\n");
    check("{a: 1, b: 2}\n", &[carry("a", "c.d")], "{c: {d: 1}, b: 2}\n");
}

#[test]
fn what_is_new_in_a_map_stands_where_it_came_from() {
    // The new entry follows the entry that it was inside of, or replaces it if nothing is left.
    check(
        "a: 1\ns:\n  # p\n  port: 1 # r\n  type: x\nb: 2\n",
        &[carry("s.port", "t.ports.redis")],
        "a: 1\ns:\n  type: x\nt:\n  ports:\n    # p\n    redis: 1 # r\nb: 2\n",
    );
    check(
        "a: 1\n# about s\ns: # s\n  # p\n  port: 1\nb: 2\n",
        &[carry("s.port", "t.ports.redis")],
        "a: 1\n# about s\n# s\nt:\n  ports:\n    # p\n    redis: 1\nb: 2\n",
    );
    check("a: 1\ns:\n  up: x\nb: 2\n", &[carry("s.up", "architecture")], "a: 1\narchitecture: x\nb: 2\n");
    check(
        "r:\n  s:\n    x: {w: 1}\n    z: 2\n  t: 3\n",
        &[carry("r.s.x.w", "r.k.w"), carry("r.s.z", "r.o.p.z")],
        "r:\n  k:\n    w: 1\n  o:\n    p:\n      z: 2\n  t: 3\n",
    );
    // All three entries move into the map that the first move creates.
    check(
        "a: 1\nup: true\n# pw\npassword: x\nb: 2\nsecret: s\n",
        &[carry("up", "auth.enabled"), carry("password", "auth.password"), carry("secret", "auth.secret")],
        "a: 1\nauth:\n  enabled: true\n  # pw\n  password: x\n  secret: s\nb: 2\n",
    );
    // The entries keep their order, below the existing comment.
    check(
        "a: 1\n# s\ns:\n  b: 1\n  c: 2\n  d: 3\nl: 1\n",
        &[carry("s.b", "b"), carry("s.c", "e.c"), carry("s.d", "e.d")],
        "a: 1\n# s\nb: 1\ne:\n  c: 2\n  d: 3\nl: 1\n",
    );
    // The source is not inside the target map: the entry is appended.
    check("a: {}\nb:\n  c: 1\n  d: 2\ne: 3\n", &[carry("b.c", "a.x.c")], "a:\n  x:\n    c: 1\nb:\n  d: 2\ne: 3\n");
    check("l:\n- a:\n    b: 1\n  c: 2\n", &[carry("l[0].a.b", "l[0].d.b")], "l:\n- d:\n    b: 1\n  c: 2\n");
    check("l:\n- a: {b: 1}\nc: 2\n", &[carry("l[0].a", "d.a")], "l:\n- {}\nd:\n  a: {b: 1}\nc: 2\n");
    check("{a: {b: 1}, c: 2}\n", &[carry("a.b", "d.e")], "{d: {e: 1}, c: 2}\n");
    check("{a: {b: 1, x: 2}, c: 2}\n", &[carry("a.b", "d.e")], "{a: {x: 2}, d: {e: 1}, c: 2}\n");
    check("%YAML 1.1\n---\na:\n  b: 1\n---\nc: 3\n", &[carry("a.b", "d.e")], "%YAML 1.1\n---\nd:\n  e: 1\n---\nc: 3\n");
    assert_eq!(
        apply("a:\n    b: |\n        x\n    c: 1", &[carry("a.b", "d.e")]).unwrap(),
        "a:\n    c: 1\nd:\n    e: |\n        x\n"
    );
    assert_eq!(apply("a:\n    b: x\n    c: 1", &[carry("a.b", "d.e")]).unwrap(), "a:\n    c: 1\nd:\n    e: x");
}

#[test]
fn empty_lines_are_kept_around_what_moved() {
    let text = "a: 1\n\ns:\n  port: 1\n  type: x\n\nb: 2\n";
    check(text, &[carry("s.port", "t.port")], "a: 1\n\ns:\n  type: x\n\nt:\n  port: 1\n\nb: 2\n");
    check(text, &[carry("s.port", "t.port"), carry("s.type", "t.type")], "a: 1\n\nt:\n  port: 1\n  type: x\n\nb: 2\n");
    check("a: 1\n\n\ns:\n  port: 1\nb: 2\n", &[carry("s.port", "t.port")], "a: 1\n\n\nt:\n  port: 1\nb: 2\n");
    check(
        "a: 1\n\n# section\n\ns:\n  port: 1\n\nb: 2\n",
        &[carry("s.port", "t.port")],
        "a: 1\n\n# section\n\nt:\n  port: 1\n\nb: 2\n",
    );
    check(
        "a: 1\n\n\n# s\ns:\n  up: 1\n  count: 2\n\nb: 2\n",
        &[carry("s.up", "t"), carry("s.count", "b2.count")],
        "a: 1\n\n\n# s\nt: 1\n\nb2:\n  count: 2\n\nb: 2\n",
    );
    // A blank line after a `|+` text would become part of the text.
    check(
        "a: 1\n\ns:\n  port: 1\n  text: |+\n    x\n\n",
        &[carry("s.port", "t.port")],
        "a: 1\n\ns:\n  text: |+\n    x\n\nt:\n  port: 1\n",
    );
}

#[test]
fn comments_of_a_map_that_goes_stay_with_what_was_in_it() {
    check(
        "s:\n  up: true\n  # count: 2\n  # more: 3\nb: 2\n",
        &[carry("s.up", "architecture")],
        "architecture: true\n  # count: 2\n  # more: 3\nb: 2\n",
    );
    check(
        "m:\n  # about it\n  s:\n    type: x\n    # partition:\nb: 2\n",
        &[carry("m.s.type", "m.t.kind")],
        "m:\n  # about it\n  t:\n    kind: x\n    # partition:\nb: 2\n",
    );
    check(
        "s:\n  # r\n  resources: {}\n  # tolerations: []\nt:\n  a: 1\n  # b: 2\n",
        &[carry("s", "t")],
        "t:\n  a: 1\n  # r\n  resources: {}\n  # tolerations: []\n  # b: 2\n",
    );
}

#[test]
fn comments_that_have_no_place_in_brackets_go_above_them() {
    check(
        "# pw\npassword: x  # y\nauth: {enabled: true} # on\n",
        &[carry("password", "auth.password")],
        "# pw\n# y\nauth: {enabled: true, password: x} # on\n",
    );
    check("a: # c\n  b: 1\nd: {x: 1}\n", &[carry("a.b", "d.b")], "# c\nd: {x: 1, b: 1}\n");
    check("a: {b: 1}\n", &[insert("a.c", 2, Some("why"))], "# why\na: {b: 1, c: 2}\n");
}

#[test]
fn the_first_line_may_be_for_programs() {
    let text = "# yaml-language-server: $schema=x\n# pw\npassword: x\nb: 1\n";
    check(text, &[delete("password")], "# yaml-language-server: $schema=x\nb: 1\n");
    check(
        text,
        &[carry("password", "auth.password")],
        "# yaml-language-server: $schema=x\nauth:\n  # pw\n  password: x\nb: 1\n",
    );
    check(
        "# tool: ignore[rule] why\npassword: x\nb: 1\n",
        &[carry("password", "auth.password")],
        "auth:\n  # tool: ignore[rule] why\n  password: x\nb: 1\n",
    );
}

#[test]
fn the_first_entry_of_an_item() {
    check("l:\n- a: 1 # x\n  b: 2\n- c: 3\n", &[delete("l[0].a"), delete("l[1].c")], "l:\n- b: 2\n- {}\n");
    check("l:\n  - a: 1\n    # about b\n    b: 2\n", &[delete("l[0].a")], "l:\n  -\n    # about b\n    b: 2\n");
    check("l:\n  - a: 1\n    b: 2\n", &[delete("l[0]")], "l: []\n");
    check("l:\n  - {}\n", &[insert("l[0].a", 1, None)], "l:\n  - a: 1\n");
    check("l:\n  - - 1\n    - 2\n", &[delete("l[0][0]")], "l:\n  - - 2\n");
}

#[test]
fn brackets() {
    let text = "a: { x: 1, \"w\": [1, 2], z: 'q' }  # c\nb: {}\n";
    check(text, &[delete("a.x")], "a: { \"w\": [1, 2], z: 'q' }  # c\nb: {}\n");
    check(text, &[delete("a.z"), delete("a.w[0]")], "a: { x: 1, \"w\": [2] }  # c\nb: {}\n");
    check(text, &[carry("a.w", "b.w")], "a: { x: 1, z: 'q' }  # c\nb:\n  \"w\": [1, 2]\n");
    check(
        text,
        &[set("a.z", "it's"), set("a.x", value("{k: [v, 'no']}"))],
        "a: { x: {k: [v, \"no\"]}, \"w\": [1, 2], z: 'it''s' }  # c\nb: {}\n",
    );
    check(text, &[insert("a.new.k", "v", None)], "a: { x: 1, \"w\": [1, 2], z: 'q', new: {k: v} }  # c\nb: {}\n");
    check("a: {\n  x: 1,\n  w: 2\n}\n", &[delete("a.w")], "a: {\n  x: 1\n}\n");
    check("a: {\n  x: 1,\n  w: 2,\n}\n", &[delete("a.x")], "a: {\n  w: 2,\n}\n");
    check("a: {\n  x: 1,\n\nw: 2\n}\n", &[carry("a", "b.a")], "b:\n  a: {\n    x: 1,\n\n  w: 2\n  }\n");
}

#[test]
fn a_value_is_set_in_its_quotes() {
    check(
        "a: 'x' # c\nb: \"x\"\nc: x\nd: x\ne: 1\n",
        &[set("a", "it's"), set("b", "y"), set("c", "no"), set("d", false), set("e", "2")],
        "a: 'it''s' # c\nb: \"y\"\nc: \"no\"\nd: false\ne: \"2\"\n",
    );
    check("a: 1 # c\nb: 2\n", &[set("a", value("{x: [1, {w: 2}]}"))], "a: # c\n  x:\n    - 1\n    - w: 2\nb: 2\n");
    check("a: # c\n  x: 1\n  # d\n  w: 2\nb: 2\n", &[set("a", "z")], "a: z # c\nb: 2\n");
    check("a: | # c\n  x\n  y\nb: 2\n", &[set("a", "p\nq")], "a: |- # c\n  p\n  q\nb: 2\n");
    check("a: | # c\n  x\n  y\nb: 2\n", &[set("a", 3)], "a: 3 # c\nb: 2\n");
    check("a: x # c\n", &[set("a", "p\nq\n")], "a: | # c\n  p\n  q\n");
    check(
        "a: !!str 5\nb:\n    - x\n",
        &[set("a", 5), set("b[0]", value("{p: 1, q: 2}"))],
        "a: 5\nb:\n    - p: 1\n      q: 2\n",
    );
    check("a:\nb: 1\n", &[set("a", "x")], "a: x\nb: 1\n");
}

#[test]
fn an_entry_is_added() {
    assert_eq!(apply("", &[insert("a.b", 1, Some("why\nnot"))]).unwrap(), "a:\n  # why\n  # not\n  b: 1\n");
    check(
        "a:\n    x: 1\n    # old: 2\n# end\n",
        &[insert("a.w.z", 2, None)],
        "a:\n    x: 1\n    w:\n        z: 2\n    # old: 2\n# end\n",
    );
    check("a: 1\n\nb: 2\n\nc: 3\n", &[insert("d", 4, Some("d"))], "a: 1\n\nb: 2\n\nc: 3\n\n# d\nd: 4\n");
    check(
        "a:\n- x\n",
        &[insert("a[1]", "w", Some("n")), insert("b", value("[1]"), None)],
        "a:\n- x\n# n\n- w\nb:\n- 1\n",
    );
    check("a: # c\nb: ~ # d\n", &[insert("a.x", 1, None), insert("b.w", 2, None)], "a: # c\n  x: 1\nb: # d\n  w: 2\n");
    check("# only this\n", &[insert("a", 1, None)], "# only this\na: 1\n");
    check("{} # c\n", &[insert("a", 1, None)], "# c\na: 1\n");
}

#[test]
fn bytes_are_kept() {
    let text = "\u{feff}a:  \r\n  é: 1 \t # ü\r\n\r\nb:\t2";
    assert_eq!(apply(text, &[rename("a.é", "x")]).unwrap(), "\u{feff}a:  \r\n  x: 1 \t # ü\r\n\r\nb:\t2");
    assert_eq!(apply(text, &[insert("c", 1, None)]).unwrap(), "\u{feff}a:  \r\n  é: 1 \t # ü\r\n\r\nb:\t2\r\n\r\nc: 1");
    assert_eq!(apply(text, &[delete("b")]).unwrap(), "\u{feff}a:  \r\n  é: 1 \t # ü");
    assert_eq!(apply(text, &[carry("a", "b2.a")]).unwrap(), "\u{feff}b2:\r\n  a:  \r\n    é: 1 \t # ü\r\n\r\nb:\t2");
}

#[test]
fn an_open_text_gets_no_line_end() {
    assert_eq!(apply("a: 1\nb: |\n  x", &[insert("c", 1, None)]).unwrap(), "a: 1\nb: |-\n  x\nc: 1");
    assert_eq!(apply("a: 1\nb: |\n  x", &[delete("a")]).unwrap(), "b: |\n  x");
    assert_eq!(apply("a: {}\nb:\n  c: >+\n    x", &[carry("b.c", "a.c")]).unwrap(), "a:\n  c: >+\n    x");
}

#[test]
fn a_text_that_becomes_the_last_keeps_its_line_end() {
    assert_eq!(apply("a: |\n  x\nb: 1", &[delete("b")]).unwrap(), "a: |\n  x\n");
    assert_eq!(apply("a: |\n  x\nb: 1", &[carry("a", "c.a")]).unwrap(), "c:\n  a: |\n    x\nb: 1");
    assert_eq!(apply("a: |\n  x\nb:\n  c: 1", &[carry("a", "b.a")]).unwrap(), "b:\n  c: 1\n  a: |\n    x\n");
}

#[test]
fn a_comment_below_a_text_stays_a_comment() {
    check(
        "a:\n  b: 1\n    # one\n      # two\n  c: 2\n",
        &[set("a.b", "p\nq")],
        "a:\n  b: |-\n    p\n    q\n   # one\n      # two\n  c: 2\n",
    );
}

#[test]
fn documents_and_their_lines_stay() {
    check(
        "%YAML 1.1\n---\na: 1\n# end\n...\n---\n# b\nb: 2\n---\nc: 3\n...\n",
        &[rename("a", "x"), delete("b"), insert("c2", 1, None)],
        "%YAML 1.1\n---\nx: 1\nc2: 1\n# end\n...\n---\n{}\n---\nc: 3\n...\n",
    );
    check("a: 1\n# end\n---\n# nothing\n", &[carry("a", "c.b")], "c:\n  b: 1\n# end\n---\n# nothing\n");
    check("a: 1\n---\n", &[delete("a"), insert("b", 1, None)], "b: 1\n---\n");
    refused(
        "a: 1\n---\na: 2\n",
        delete("a"),
        "1:1: `a`: is in two documents of the file (also 3:1: `a`): remove one of them first",
    );
}

#[test]
fn what_aliases_need_is_not_taken_away() {
    let text = "a: &x\n  k: 1\nb: *x\nc:\n  <<: *x\n  d: 2\n";
    check(text, &[rename("c.d", "e"), delete("b")], "a: &x\n  k: 1\nc:\n  <<: *x\n  e: 2\n");
    check(text, &[set("b", 1), delete("c")], "a: &x\n  k: 1\nb: 1\n");
    for edit in [delete("a"), set("a.k", 2), carry("a", "c.a"), rename("a.k", "l")] {
        assert!(matches!(apply(text, std::slice::from_ref(&edit)), Err(EditError::Refused { .. })), "{edit:?}");
    }
    refused(text, delete("b.k"), "3:1: `b.k`: the value is an alias (`*`): edit its anchor (`&`)");
    refused(text, set("c.k", 2), "5:3: `c.k`: comes from a merge key (`<<`) or an alias (`*`): edit the original");
    check("a: &x 1\nb:\n  c: *x\n", &[carry("b.c", "d")], "a: &x 1\nd: *x\n");
}

#[test]
fn what_is_not_there_or_not_clear_is_named() {
    refused("a: 1\n", delete("b"), "`b` is not in the file");
    refused("a: 1\n", delete("a.b"), "1:1: `a.b`: found a value on the path: expected a map");
    refused(
        "a: 1\nb: 2\na: 3\n",
        delete("a"),
        "1:1: `a`: the key exists twice (also 3:1: `a`): remove one of them first",
    );
    refused("a: 1\nb: 2\n", rename("a", "b"), "2:1: `b` exists already: 1:1: `a` cannot replace it");
    refused("a: 1\n", insert("a", 2, None), "1:1: `a` exists already: `a` cannot replace it");
    refused(
        "? a\n: 1\n",
        delete("a"),
        "1:1: the top: found a key that is written with `?`, which redisgen does not edit",
    );
    refused(
        "a: {x: 1, # c\n  w: 2}\n",
        delete("a.x"),
        "1:1: `a.x`: redisgen does not edit comments in brackets: write the brackets as lines first",
    );
}

#[test]
fn many_edits_take_a_blink() {
    let mut text = String::new();
    for at in 0..200 {
        text.push_str(&format!("# about {at}\nkey{at}:\n  # the port\n  port: {at} # c\n"));
        for line in 0..20 {
            text.push_str(&format!("  value{line}: some text\n"));
        }
    }
    let edits: Vec<_> = (0..200).map(|at| carry(&format!("key{at}.port"), &format!("key{at}.ports.redis"))).collect();
    let start = std::time::Instant::now();
    apply(&text, &edits).unwrap();
    println!("{} bytes, {} edits: {:?}", text.len(), edits.len(), start.elapsed());
    assert!(start.elapsed().as_secs() < 5);
}
