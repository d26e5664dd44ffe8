//! The manifests of a render, to be asked.

use redisgen::{
    chart::Topology,
    yaml::{Document, Path, Value},
};
use semver::Version;

pub const RELEASE: &str = "rel";
pub const NAMESPACE: &str = "apps";
const FULLNAME: &str = "rel-redis";

/// Everything that `helm template` printed.
pub struct Manifests {
    objects: Vec<Value>,
    pub topology: Topology,
    pub version: Version,
}

pub type Verdict = Result<(), String>;

impl Manifests {
    pub fn parse(text: &str, topology: Topology, version: &Version) -> Result<Self, String> {
        let mut objects = Vec::new();
        let document = Document::parse(text).map_err(|e| format!("the manifests do not parse: {e}\n{text}"))?;
        for node in document.documents() {
            let object = document.value(*node).map_err(|e| format!("a manifest does not read: {e}\n{text}"))?;
            if object != Value::Null {
                objects.push(object);
            }
        }
        Ok(Self { objects, topology, version: version.clone() })
    }

    pub fn since(&self, version: &str) -> bool {
        self.version >= version.parse().unwrap()
    }

    pub fn sentinel(&self) -> bool {
        self.topology == Topology::Sentinel
    }

    pub fn all(&self, kind: &'static str) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(move |object| at(object, "kind") == Some(&Value::from(kind)))
    }

    pub fn get(&self, kind: &'static str, name: &str) -> Result<&Value, String> {
        self.all(kind)
            .find(|object| at(object, "metadata.name") == Some(&Value::from(name)))
            .ok_or_else(|| format!("no {kind} `{name}`; there are {:?}", self.names(kind)))
    }

    pub fn names(&self, kind: &'static str) -> Vec<String> {
        self.all(kind).filter_map(|o| at(o, "metadata.name")?.as_str().map(str::to_owned)).collect()
    }

    /// The Service that clients of this topology come through first.
    pub fn entry(&self) -> Result<&Value, String> {
        let name = if self.sentinel() { FULLNAME.to_owned() } else { format!("{FULLNAME}-master") };
        self.get("Service", &name)
    }

    pub fn service(&self, suffix: &str) -> Result<&Value, String> {
        self.get("Service", &format!("{FULLNAME}{suffix}"))
    }

    /// The StatefulSets of data pods; all that there are.
    pub fn workloads(&self) -> Result<Vec<&Value>, String> {
        let sets: Vec<_> = self.all("StatefulSet").collect();
        let want = match self.topology {
            Topology::Standalone => 1,
            Topology::Replication => 2,
            Topology::Sentinel => {
                if self.since("11.0.0") {
                    1
                } else {
                    2
                }
            }
        };
        if sets.len() == want { Ok(sets) } else { Err(format!("{} StatefulSets, not {want}", sets.len())) }
    }

    pub fn each_workload(&self, mut judge: impl FnMut(&Value) -> Verdict) -> Verdict {
        self.workloads()?.into_iter().try_for_each(|set| {
            let name = at(set, "metadata.name").and_then(Value::as_str).unwrap_or_default();
            judge(set).map_err(|e| format!("{name}: {e}"))
        })
    }

    /// The effective lines of redis.conf.
    pub fn conf(&self) -> Result<Vec<String>, String> {
        let text =
            self.all("ConfigMap").find_map(|map| at(map, r"data.redis\.conf")?.as_str()).ok_or("no redis.conf")?;
        Ok(text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned).collect())
    }

    /// The number of data pods.
    pub fn pods(&self) -> Result<i64, String> {
        let mut pods = 0;
        for set in self.workloads()? {
            match at(set, "spec.replicas") {
                Some(Value::Int(n)) => pods += n,
                None => pods += 1,
                other => return Err(format!("replicas are {other:?}")),
            }
        }
        Ok(pods)
    }
}

/// The value at a path, written as the catalogue writes it.
pub fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let path: Path = path.parse().unwrap();
    value.as_map()?.get_at(&path)
}

pub fn is(value: &Value, path: &str, want: impl Into<Value>) -> Verdict {
    let want = want.into();
    match at(value, path) {
        Some(have) if *have == want => Ok(()),
        have => Err(format!("{path} is {have:?}, not {want:?}")),
    }
}

pub fn lacks(value: &Value, path: &str) -> Verdict {
    match at(value, path) {
        None | Some(Value::Null) => Ok(()),
        Some(have) => Err(format!("{path} is {have:?}, and should not be there")),
    }
}

pub fn annotation(value: &Value, key: &str, want: &str) -> Verdict {
    let have = at(value, "metadata.annotations").and_then(|map| map.as_map()?.get(key));
    if have == Some(&Value::from(want)) { Ok(()) } else { Err(format!("annotation {key} is {have:?}, not {want}")) }
}

pub fn ensure(good: bool, message: impl Into<String>) -> Verdict {
    if good { Ok(()) } else { Err(message.into()) }
}

pub fn containers(set: &Value) -> Vec<&Value> {
    ["spec.template.spec.initContainers", "spec.template.spec.containers"]
        .into_iter()
        .filter_map(|path| at(set, path)?.as_list())
        .flatten()
        .collect()
}

pub fn container<'a>(set: &'a Value, name: &str) -> Result<&'a Value, String> {
    containers(set)
        .into_iter()
        .find(|container| at(container, "name") == Some(&Value::from(name)))
        .ok_or_else(|| format!("no container `{name}`"))
}
