//! Law: a text of `--set` or `--set-string` does what Helm does with it, and is refused where Helm refuses it.

use libtest_mimic::Failed;
use redisgen::yaml::{Map, Notes, emit, read_values, set};

use super::{emitted::same, oracle::Oracle};

pub fn set(oracle: &Oracle) -> Result<(), Failed> {
    alike(oracle, "--set", set::set_into, TEXTS)
}

pub fn set_string(oracle: &Oracle) -> Result<(), Failed> {
    let texts: Vec<&str> =
        TEXTS.iter().copied().step_by(3).chain(["a=true", "a=null", "a={1,null}", "a=1,b=0777"]).collect();
    alike(oracle, "--set-string", set::set_string_into, &texts)
}

/// What is set already when the text comes.
const BASE: &str = "
list: [1, {a: 1}, null, [1, 2], {}]
map: {a: 1, b: {c: 2}}
text: x
nothing: null
empty: {}
";

type Set = fn(&str, &mut Map) -> Result<(), set::Error>;

/// What we take goes to one Helm, each text with keys of its own; the rest, each to a Helm of its own.
fn alike(oracle: &Oracle, flag: &str, set: Set, texts: &[&str]) -> Result<(), Failed> {
    let base = read_values(BASE).map_err(|why| why.to_string())?;
    // A second `a` would be that of the other texts.
    let together = |text: &&str| set(text, &mut base.clone()).is_ok() && !text.contains(",a");
    let (together, alone): (Vec<&str>, Vec<&str>) = texts.iter().partition(|text| together(text));

    let named: Vec<String> = together.iter().enumerate().map(|(at, text)| format!("t{at}{text}")).collect();
    let mut values = Map::new();
    for at in 0..named.len() {
        values.extend(base.iter().map(|(key, value)| (format!("t{at}{key}"), value.clone())));
    }
    let file = oracle.file(&format!("together{flag}.yaml"), &emit(&values, &Notes::new()));
    for text in &named {
        set(text, &mut values).map_err(|why| format!("{text:?}: {why}"))?;
    }
    let flags: Vec<&str> = named.iter().flat_map(|text| [flag, text]).collect();
    same(&oracle.values(&[&["-f", &file], &flags[..]].concat())?, &values)?;
    each_alike(oracle, flag, set, &alone)
}

fn each_alike(oracle: &Oracle, flag: &str, set: Set, texts: &[&str]) -> Result<(), Failed> {
    let base = read_values(BASE).map_err(|why| why.to_string())?;
    let file = oracle.file(&format!("base{flag}.yaml"), BASE);
    for text in texts {
        let mut values = base.clone();
        let ours = set(text, &mut values);
        match (oracle.values(&["-f", &file, flag, text]), ours) {
            (Ok(helm), Ok(())) => same(&helm, &values)?,
            (Err(_), Err(_)) => {}
            // An index that is never closed is nothing at all for Helm 4, and an error for Helm 3 and us.
            (Ok(helm), Err(set::Error::OpenIndex(_))) if oracle.major() == 4 && helm == base => {}
            (helm, ours) => return Err(format!("{text:?}\n  Helm: {helm:?}\n  ours: {ours:?}").into()),
        }
    }
    Ok(())
}

/// Texts whose first key is empty cannot have keys of their own.
const FIRST_KEY_EMPTY: &[&str] = &["=", "=1", ".a=1", ".", "..", "[0]=1", "[0].a=1", "", "\\=1"];

pub fn empty_keys(oracle: &Oracle) -> Result<(), Failed> {
    each_alike(oracle, "--set", set::set_into, FIRST_KEY_EMPTY)
}

const TEXTS: &[&str] = &[
    "a=1",
    "a=-1",
    "a=+1",
    "a=-05",
    "a=+05",
    "a=0",
    "a=00",
    "a=-0",
    "a=01",
    "a=0777",
    "a=1.5",
    "a=1e3",
    "a=0x1f",
    "a=1_000",
    "a=9007199254740993",
    "a=9223372036854775807",
    "a=9223372036854775808",
    "a=-9223372036854775808",
    "a=true",
    "a=True",
    "a=tRuE",
    "a=false",
    "a=FALSE",
    "a=fal\u{17f}e",
    "a=null",
    "a=NULL",
    "a=nUll",
    "a=~",
    "a=yes",
    "a=no",
    "a=on",
    "a=y",
    "a=",
    "a= ",
    "a= 1",
    "a=1 ",
    " a=1",
    "a =1",
    "a=b=c",
    "a=b,c=d",
    "a=1,b=2,c=3",
    "a=1,",
    "a=1,,b=2",
    ",a=1",
    ",",
    "=",
    "=1",
    "a",
    "a,b=1",
    "a,",
    "a.b=1",
    "a.b.c=x,a.b.d=y",
    "a.b",
    "a.",
    ".a=1",
    "a..b=1",
    "a.=1",
    "a.b=",
    "a.b.=1",
    ".",
    "..",
    "a\\.b=1",
    "a\\,b=1",
    "a\\=b=1",
    "a\\[0]=1",
    "a=b\\,c",
    "a=b\\\\c",
    "a=b\\",
    "a\\",
    "a=\\{b}",
    "a=\\n",
    "a\\\\.b=1",
    "service\\.beta\\.kubernetes\\.io/x=true",
    "m.service\\.beta\\.kubernetes\\.io/x=true",
    "a={}",
    "a={1}",
    "a={1,2,x}",
    "a={1, 2}",
    "a={,}",
    "a={a,}",
    "a={true,null,0,01}",
    "a={b",
    "a={b,",
    "a={b}c=1",
    "a={b},c=1",
    "a={b}}",
    "a={{b}}",
    "a={b\\,c}",
    "a={b\\}c}",
    "a=x{b}",
    "a= {b}",
    "a={}x",
    "a[0]=1",
    "a[1]=1",
    "a[0]=1,a[1]=2",
    "a[2]=x,a[0]=y",
    "a[0].b=1",
    "a[0].b=1,a[0].c=2",
    "a[1].b.c=1",
    "a[0][0]=1",
    "a[0][1].b=x",
    "a[0]={1,2}",
    "a[0]=",
    "a[0].b=",
    "a[0].b.c=",
    "a[0]",
    "a[0].",
    "a[0][1]",
    "a[0]x=1",
    "a[0] =1",
    "a[]=1",
    "a[x]=1",
    "a[-1]=1",
    "a[+1]=1",
    "a[ 0]=1",
    "a[00]=1",
    "a[1_0]=1",
    "a[0",
    "a[",
    "a[0,b=1",
    "a[65537]=1",
    "a[99999999999999999999]=1",
    "a[0.b=1]",
    "a[0]=1,b",
    "[0]=1",
    "[0].a=1",
    "a[0],b=1",
    "a[0]={b",
    "a[0]=1,a.b=2",
    "a=1,a.b=2",
    "a=null,a.b=2",
    "a=1,a[0]=2",
    "a.b=1,a=2",
    "a={1},a[3]=2",
    "list[0]=9",
    "list[1].a=9",
    "list[1].b=9",
    "list[2].a=9",
    "list[0].a=9",
    "list[3][1]=9",
    "list[0][1]=9",
    "list[2][0]=9",
    "list[7]=9",
    "list[1]=null",
    "list=9",
    "list.a=9",
    "list=null",
    "list[0].",
    "list[1].",
    "list[0].a",
    "list[1].b=",
    "list[3][0].",
    "list[3][4].b=",
    "list[9].",
    "list[9][0]",
    "list[9]",
    "list[4].a=",
    "map.a=9",
    "map.c=9",
    "map.b.c=9",
    "map.b.c.d=9",
    "map.a.b=9",
    "map=9",
    "map[0]=9",
    "map=null",
    "map.b=null",
    "map.",
    "map.b.",
    "text.a=9",
    "text[0]=9",
    "text=9",
    "nothing.a=9",
    "nothing[0]=9",
    "nothing=9",
    "empty.a=9",
    "empty.",
    "empty.a.",
    "empty[0]=1",
    "empty.=1",
    "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.aa.bb.cc.dd.ee=1",
    "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.aa.bb.cc.dd.ee.ff=1",
    "a[0].b[0].c[0].d=1",
    "a.b[1].c.d[2].e={x,y}",
    "é=中",
    "a=\u{1f600}",
    "a='b'",
    "a=\"b\"",
    "a='b,c=d",
    "a=#b",
    "a=b: c",
    "a=[1]",
    "a=[1,2]",
    "a=b[0]",
    "a=b.c",
    "a b=1",
    "a\tb=1",
    "a=b\nc",
    "a=$b",
    "a=%41",
    "a=2001-01-01",
    "a=12:30",
    "a=.5",
];
