//! An invalid row of the catalogue fails the build, with its place in the message.

#[path = "../../src/chart/pack.rs"]
#[allow(dead_code)]
mod pack;

#[path = "../../build/rows.rs"]
mod rows;

#[path = "../../build/settings.rs"]
mod settings;

#[path = "../../src/table.rs"]
#[allow(dead_code, unused_imports, unused_macros, reason = "no table is embedded here")]
mod table;

#[path = "../../build/tables.rs"]
mod tables;

const FILES: [(&str, &str); 17] = [
    (
        "versions.tsv",
        "# a comment\n\
         # version\tdate\tapp\tcommit\tschema\tcommon\tcommon_commit\tline\tknown\tas\ttemplates\tother_app\n\
         9.0.0\t2020-01-31\t5.0\ta\tyes\t-\t-\tboth\tmeasured\t-\t0123456789abcdef\t-\n\
         10.0.0\t2020-02-01\t5.0\ta\tyes\t-\t-\tgit\tmeasured\t-\t0123456789abcde0\t5.1\n\
         10.0.1\t-\t5.0\ta\tno\t1.0.0\tb\tpublished\tnumber\t10.0.0\t-\t-\n",
    ),
    (
        "keys.tsv",
        "# path\tsince\tuntil\ttype\tdefault\torigin\tflags\trank\n\
         a\t9.0.0\t10.0.0\tint\t1\tdeclared\t-\t1\n\
         a\t10.0.0\t-\tstring\t\"x\"\tdeclared\ttext=0123456789abcdef\t1\n",
    ),
    ("images.tsv", "# image\tsince\tuntil\tregistry\trepository\ttag\nimage\t9.0.0\t-\td\tr\tt\n"),
    (
        "reads.tsv",
        "# path\ttopologies\tsince\tuntil\tverdict\tswitches\na\tsr\t9.0.0\t-\tread\t-\na\tn\t10.0.0\t-\tdead\t-\n",
    ),
    ("fails.tsv", "# reason\ttopologies\tby\tsince\tuntil\tcondition\nwhy\tsrn\tschema\t9.0.0\t-\ta=1\n"),
    (
        "schemas.tsv",
        "# path\tsince\tuntil\ttypes\titems\na\t9.0.0\t10.0.0\tarray,string\tstring\na\t10.0.0\t-\tstring\t-\n",
    ),
    ("helpers.tsv", "# helper\tsince\tuntil\tmeans\na.b\t9.0.0\t-\tb\nc\t10.0.0\t-\tb\n"),
    (
        "dangling.tsv",
        "# missing\tby\ttopologies\tsince\tuntil\tcondition\tsource\n\
         Secret\tmaster\tsr\t9.0.0\t10.0.0\ta=true\there\n\
         Secret\tmaster\ts\t10.0.0\t-\t-\there\n",
    ),
    (
        "presets.tsv",
        "# preset\tsince\tuntil\trequests\tlimits\nnano\t9.0.0\t10.0.0\tcpu=1,memory=2\tcpu=3\n\
         nano\t10.0.0\t-\tcpu=1\tcpu=2\n",
    ),
    (
        "numbers.tsv",
        "# path\ttopologies\tsince\tuntil\tswitches\tquoted\na\tsr\t9.0.0\t-\t-\tsame\na\tn\t10.0.0\t-\tb=true\t-\n",
    ),
    (
        "settings.tsv",
        "# word\tsince\tuntil\ttopologies\tpaths\tform\tsource\n\
         @pods\t9.0.0\t10.0.0\tr\tm,s\tsame\there\n\
         @pods\t10.0.0\t-\tr\tm\tsame\there\n\
         word\t9.0.0\t-\tr\t@pods.a,b\tsame\there\n\
         @fact\t9.0.0\t-\t*\t-\tsame\there\n",
    ),
    (
        "effects.tsv",
        "# path\ttopologies\tsince\tuntil\teffects\na\ts\t9.0.0\t10.0.0\t-\na\tr\t9.0.0\t-\treach,pods\n\
         a\ts\t10.0.0\t-\tdata\n",
    ),
    (
        "objects.tsv",
        "# object\ttopologies\tsince\tuntil\twhen\tidentity\n\
         Secret {f}\tsr\t9.0.0\t-\t-\tkeys=a,b; type=Opaque\n\
         Service {f}\tsrn\t9.0.0\t-\tmetrics.enabled=false\tselector=app=a\n\
         Service {f}\tsrn\t9.0.0\t-\tmetrics.enabled=true\t-\n",
    ),
    (
        "types.tsv",
        "# key\ttopologies\tsince\tuntil\tform\trefused\na\tsr\t9.0.0\t10.0.0\ttext\tbool,number\n\
         a\tr\t10.0.0\t-\tmap\tbool\n",
    ),
    ("rdb.tsv", "# redis\tformat\tsource\n5.0\t9\there\n7.0\t10\there\n"),
    ("kubernetes.tsv", "# kubernetes\tsource\n1.34\there\n"),
    ("changes.tsv", "# version\told\tnew\tkind\ttransform\n10.0.0\ta\tb,c\tsplit\tsame\n10.0.1\tb\t-\tremoved\tsame\n"),
];

/// The message of the build if `to` replaces `from` in a file.
fn build(file: &str, from: &str, to: &str) -> Result<Vec<u8>, String> {
    let text = |name: &str| {
        let (_, text) = FILES.iter().find(|(known, _)| *known == name).expect("a known file");
        assert!(name != file || text.contains(from), "{file} does not hold {from}");
        Ok(if name == file { text.replacen(from, to, 1) } else { (*text).to_owned() })
    };
    let packed = tables::pack(text).and_then(|packed| settings::variants(&packed.settings).map(|_| packed.bytes));
    packed.map_err(|bad| bad.to_string())
}

#[test]
fn rows_that_may_be_true_are_packed() {
    assert!(build("keys.tsv", "a", "a").is_ok());
}

#[test]
fn a_row_that_cannot_be_true_is_named() {
    let cases = [
        ("versions.tsv", "9.0.0", "10.0.2", "versions.tsv:4: the rows are not sorted, or this one is there twice"),
        ("versions.tsv", "9.0.0", "9.0", "versions.tsv:3: `9.0` is not of the shape 1.2.3"),
        ("versions.tsv", "2020-01-31", "31.1.2020", "versions.tsv:3: `31.1.2020` is not of the shape 2020-01-31"),
        (
            "versions.tsv",
            "version\t",
            "v\t",
            "versions.tsv:2: the columns are version, date, app, commit, schema, common, common_commit, line, known, as, \
             templates, other_app",
        ),
        ("versions.tsv", "both", "all", "versions.tsv:3: unknown variant `all`"),
        ("versions.tsv", "number", "seen", "versions.tsv:5: unknown variant `seen`"),
        ("versions.tsv", "number\t10.0.0", "number\t10.0.1", "versions.tsv:5: `10.0.1` was not measured"),
        ("versions.tsv", "number\t10.0.0", "number\t9.0.1", "versions.tsv:5: `9.0.1` is not a published version"),
        (
            "versions.tsv",
            "number\t10.0.0",
            "number\t-",
            "versions.tsv:5: a measured version has a digest of its templates, any other takes the facts of one",
        ),
        (
            "versions.tsv",
            "0123456789abcdef",
            "-",
            "versions.tsv:3: a measured version has a digest of its templates, any other takes the facts of one",
        ),
        ("versions.tsv", "0123456789abcdef", "x", "versions.tsv:3: `x` is not a digest of 16 hexadecimal digits"),
        ("keys.tsv", "# path", "path", "keys.tsv:1: "),
        (
            "keys.tsv",
            "\t1\n",
            "\n",
            "keys.tsv:2: 7 columns, expected 8: path, since, until, type, default, origin, flags, rank",
        ),
        ("keys.tsv", "\t1\n", "\t\n", "keys.tsv:2: column `rank` is empty or has blanks around it"),
        ("keys.tsv", "\tint", "\t int", "keys.tsv:2: column `type` is empty or has blanks around it"),
        ("keys.tsv", "10.0.0\tint", "10.0.1\tint", "keys.tsv:3: its versions overlap those of line 2"),
        ("keys.tsv", "10.0.0\tint", "-\tint", "keys.tsv:3: its versions overlap those of line 2"),
        ("keys.tsv", "10.0.0\tint", "9.0.0\tint", "keys.tsv:2: `9.0.0` does not come after `9.0.0`"),
        ("keys.tsv", "a\t9", "b\t9", "keys.tsv:3: the rows are not sorted, or this one is there twice"),
        ("keys.tsv", "9.0.0", "9.0.1", "keys.tsv:2: `9.0.1` is not a published version"),
        ("keys.tsv", "int", "integer", "keys.tsv:2: unknown variant `integer`"),
        ("keys.tsv", "\"x\"", "x", "keys.tsv:3: the default is not JSON"),
        ("keys.tsv", "\"x\"", "-", "keys.tsv:3: a declared key has a default"),
        ("keys.tsv", "declared", "found", "keys.tsv:2: `found` is neither declared nor undeclared"),
        ("keys.tsv", "declared\t-", "declared\topne", "keys.tsv:2: unknown flag `opne`"),
        ("keys.tsv", "\t1\n", "\t-1\n", "keys.tsv:2: rank `-1` is not a number below 65536"),
        ("keys.tsv", "a\t9", "a..b\t9", "keys.tsv:2: `a..b` is not a key path"),
        ("images.tsv", "9.0.0\t-", "10.0.1\t10.0.0", "images.tsv:2: `10.0.0` does not come after `10.0.1`"),
        ("reads.tsv", "sr", "sx", "reads.tsv:2: `sx` is not a set of the letters s, r and n, nor `*`"),
        ("reads.tsv", "sr", "*", "reads.tsv:3: its versions overlap those of line 2"),
        ("reads.tsv", "dead", "died", "reads.tsv:3: unknown variant `died`"),
        ("keys.tsv", "text=0123456789abcdef", "text", "keys.tsv:3: unknown flag `text`"),
        ("keys.tsv", "0123456789abcdef", "0123456789abcdeg", "keys.tsv:3: unknown flag `text=0123456789abcdeg`"),
        ("effects.tsv", "\tdata", "\tdeath", "effects.tsv:4: unknown variant `death`"),
        (
            "effects.tsv",
            "reach,pods",
            "pods,reach",
            "effects.tsv:3: the effects do not stand from the worst to the least, each once",
        ),
        (
            "effects.tsv",
            "reach,pods",
            "pods,pods",
            "effects.tsv:3: the effects do not stand from the worst to the least, each once",
        ),
        ("effects.tsv", "s\t9", "r\t9", "effects.tsv:3: the rows are not sorted, or this one is there twice"),
        ("effects.tsv", "s\t10.0.0", "s\t10.0.1", "effects.tsv:4: the rows of `a` are not for where it is read"),
        ("effects.tsv", "s\t10.0.0", "n\t10.0.0", "effects.tsv:4: the rows of `a` are not for where it is read"),
        ("reads.tsv", "\tdead", "\tread", "effects.tsv:4: the rows of `a` are not for where it is read"),
        ("objects.tsv", "Secret {f}", "Secret", "objects.tsv:2: an object is a kind and a name"),
        ("objects.tsv", "Secret {f}", "Secrets {f}", "objects.tsv:2: unknown variant `Secrets`"),
        ("objects.tsv", "=true", "=on", "objects.tsv:4: `metrics.enabled=on` is not a way that was measured"),
        (
            "objects.tsv",
            "metrics.enabled=true",
            "-",
            "objects.tsv:4: the rows are not sorted, or this one is there twice",
        ),
        ("objects.tsv", "metrics.enabled=false", "-", "objects.tsv:4: its versions overlap those of line 3"),
        (
            "objects.tsv",
            "type=Opaque",
            "keys=c",
            "objects.tsv:2: `keys=c` is not a field with a value, or is there twice",
        ),
        (
            "objects.tsv",
            "type=Opaque",
            "type=",
            "objects.tsv:2: `type=` is not a field with a value, or is there twice",
        ),
        ("types.tsv", "bool,number", "bool,text", "types.tsv:2: `text` is neither `bool` nor `number`"),
        ("types.tsv", "\tmap", "\ttable", "types.tsv:3: unknown variant `table`"),
        ("types.tsv", "r\t10.0.0", "r\t9.0.0", "types.tsv:3: its versions overlap those of line 2"),
        ("rdb.tsv", "7.0", "4.0", "rdb.tsv:3: the rows are not sorted, or this one is there twice"),
        ("rdb.tsv", "7.0", "7", "rdb.tsv:3: `7` is not of the shape 1.2"),
        ("rdb.tsv", "10", "ten", "rdb.tsv:3: `ten` is not the number of a format"),
        ("rdb.tsv", "10", "8", "rdb.tsv:3: the format is older than the one before it"),
        ("kubernetes.tsv", "1.34", "1", "kubernetes.tsv:2: `1` is not of the shape 1.2"),
        ("kubernetes.tsv", "here\n", "here\n1.35\there\n", "kubernetes.tsv:0: 2 rows, expected one"),
        ("dangling.tsv", "master\ts\t10.0.0", "aster\ts\t10.0.0", "dangling.tsv:3: the rows are not sorted"),
        ("presets.tsv", "memory=2", "memory", "presets.tsv:2: `memory` is not a resource with a quantity"),
        (
            "presets.tsv",
            "nano\t10.0.0",
            "micro\t10.0.0",
            "presets.tsv:3: the rows are not sorted, or this one is there twice",
        ),
        ("numbers.tsv", "n\t10", "s\t10", "numbers.tsv:3: its versions overlap those of line 2"),
        ("schemas.tsv", "array", "list", "schemas.tsv:2: unknown variant `list`"),
        ("schemas.tsv", "9.0.0\t10.0.0", "9.0.0\t-", "schemas.tsv:3: its versions overlap those of line 2"),
        ("helpers.tsv", "a.b", "d", "helpers.tsv:3: the rows are not sorted, or this one is there twice"),
        ("fails.tsv", "schema", "helm", "fails.tsv:2: unknown variant `helm`"),
        ("fails.tsv", "9.0.0", "8.0.0", "fails.tsv:2: `8.0.0` is not a published version"),
        ("settings.tsv", "a,b\tsame", "a,b\tsmae", "settings.tsv:4: unknown variant `smae`"),
        (
            "settings.tsv",
            "\tr\t@pods.a",
            "\trn\t@pods.a",
            "settings.tsv:4: no `@pods` row for all of its versions and topologies",
        ),
        (
            "settings.tsv",
            "@pods\t10.0.0",
            "@pods\t10.0.1",
            "settings.tsv:4: no `@pods` row for all of its versions and topologies",
        ),
        ("settings.tsv", "@pods.a", "@pots.a", "settings.tsv:4: `@pots.a` is not a key path"),
        ("settings.tsv", "10.0.0\tr\tm,s", "-\tr\tm,s", "settings.tsv:3: its versions overlap those of line 2"),
        ("changes.tsv", "split", "spilt", "changes.tsv:2: unknown variant `spilt`"),
    ];
    for (file, from, to, expected) in cases {
        match build(file, from, to) {
            Ok(_) => panic!("{file}: `{to}` for `{from}` was taken"),
            Err(bad) => assert!(bad.starts_with(expected), "{bad}\nexpected: {expected}"),
        }
    }
}
