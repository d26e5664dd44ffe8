//! How the catalogue is packed: the build script writes it with this file, the crate reads it with this file.
//!
//! A packed catalogue is a list of sections. The first holds all names (key paths, words, image keys), sorted; the
//! second finds the position of a name by its [`slot`]; the third holds the versions, ascending; the others are tables.
//! A table tells for each name where its rows begin, and has an index of fixed width, so that the rows of one name or
//! of one version are found without decoding any other, and one `postcard` record a row. The last section is a list as that of the versions is: when the
//! format of Redis' snapshots changed.

use serde::{Deserialize, Serialize};

/// The sections in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Section {
    Names,
    Slots,
    Versions,
    Keys,
    Images,
    Reads,
    Fails,
    Numbers,
    Words,
    Changes,
    Effects,
    Objects,
    Schemas,
    Helpers,
    Dangling,
    Presets,
    Rdb,
    Kubernetes,
}

pub const SECTIONS: usize = Section::Kubernetes as usize + 1;

/// Stands in an index for "still there in the newest version".
pub const OPEN_END: u16 = u16::MAX;

/// Where charts of a version are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// In the history of github.com/bitnami/charts only. The registry serves another chart under this number, or none.
    Git,
    /// In the registry only.
    Published,
    /// The registry serves the chart that the history has.
    Both,
}

/// How much of a version was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// The whole chart. Every fact was measured by rendering it, or a chart with the same templates and defaults.
    Measured,
    /// `Chart.yaml` and `values.yaml`.
    Keys,
    /// The number, in a place that names the version.
    Number,
}

/// What a value of this key is, as the chart's own default has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    Map,
    String,
    Int,
    Float,
    Bool,
    List,
    /// The default is null, which says nothing of what the templates take.
    Null,
}

/// What the caller does with the value of a word before it stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Nothing.
    Same,
    /// Says whether the topology has replicas.
    Replicated,
    /// Says `standalone` or `replication`.
    Architecture,
    /// Adds one: the key counts all nodes, where the word leaves the primary out.
    PlusOne,
    /// Writes directives as lines of a text of `redis.conf`.
    Conf,
    /// Writes it as a string, whatever it looks like.
    String,
    /// Escapes a text, or a tree of texts, that the chart runs through Helm's `tpl`.
    Tpl,
    /// Spells a strength out as an affinity of Kubernetes.
    Affinity,
    /// Puts the items of a list into one, with commas: the chart prints the list without.
    Joined,
}

/// What a chart version does with a key in one topology.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It changes what is installed.
    Read,
    /// It changes only the text that Helm prints after an install.
    Notes,
    /// It can only make the render fail.
    Error,
    /// It changes nothing.
    Dead,
    /// A key of the chart, but nobody has measured it: the version was imported.
    Unmeasured,
    /// Not a key of this version.
    Unknown,
}

/// What a change of a key can do to an installed release; the worst comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Effect {
    /// Data may be lost: the claims, or the volumes or folders that hold the data, are others.
    Data,
    /// A StatefulSet, Deployment or DaemonSet comes, goes, or has another name or kind.
    Workload,
    /// A field changes that Kubernetes refuses to change in place: the upgrade fails until the object is deleted.
    Immutable,
    /// Another password is asked for, or it is taken from elsewhere, or whether one is asked for at all.
    Password,
    /// Who can reach Redis or its metrics, and by what address.
    Reach,
    /// The number of pods.
    Scale,
    /// Pods restart.
    Pods,
    /// It counts when the pods restart the next time; the upgrade restarts none.
    AtRestart,
}

impl Effect {
    pub const ALL: [Self; 8] = [
        Self::Data,
        Self::Workload,
        Self::Immutable,
        Self::Password,
        Self::Reach,
        Self::Scale,
        Self::Pods,
        Self::AtRestart,
    ];

    /// Its bit in the packed sets of effects.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What refuses values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailedBy {
    /// A template, with or without a message that tells why.
    Template,
    /// `values.schema.json`.
    Schema,
}

/// A type of value, in the words of JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum JsonType {
    Array,
    Boolean,
    Integer,
    Number,
    Object,
    String,
}

impl JsonType {
    pub const ALL: [Self; 6] = [Self::Array, Self::Boolean, Self::Integer, Self::Number, Self::Object, Self::String];

    /// Its bit in the packed sets of types.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A kind of object that a chart makes, of those whose names people and other objects hold on to; what stops an
/// upgrade comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ObjectKind {
    StatefulSet,
    Deployment,
    DaemonSet,
    PersistentVolumeClaim,
    Service,
    Secret,
    NetworkPolicy,
    PodDisruptionBudget,
    ServiceAccount,
}

/// How a key of the next version follows from an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// The same setting under another path.
    Rename,
    /// One key became several.
    Split,
    /// Several keys became one.
    Merge,
    /// A setting of another scope that comes nearest.
    Move,
    /// Another path and another shape of the value.
    Transform,
    /// The same path takes another shape of value.
    Type,
    /// The same path, or both paths, mean something else than before.
    Semantic,
    /// Old and new path both work.
    Alias,
    /// Nothing stands in for it.
    Removed,
}

/// What happens to the value on the way from the old key to the new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transform {
    /// Nothing.
    Same,
    /// `true` is `replication`, `false` is `standalone`.
    BoolToArchitecture,
    /// The program that the start script runs. The newer key replaces the start script itself, so that no value of the
    /// one is a value of the other.
    StartProgram,
    /// A list, empty by default though a string was always meant, becomes a string.
    ListToString,
    /// A text of commands, one a line, becomes a list of such texts.
    TextToList,
    /// The items of a list become one, with commas: the chart prints the list without.
    ListToJoined,
    /// And that becomes a list again.
    JoinedToList,
    /// Holds for pods that run Sentinel only.
    SentinelOnly,
    /// With Sentinel the newer key counts the primary too.
    SentinelPlusOne,
    /// Not to be carried over without the person's word.
    Ask,
}

/// A default value, borrowed from the packed bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Json<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(&'a str),
    #[serde(borrow)]
    List(Vec<Json<'a>>),
    Map(Vec<(&'a str, Json<'a>)>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionRow<'a> {
    /// Stays the first: it is read alone too.
    pub number: (u16, u16, u16),
    pub date: Option<&'a str>,
    pub app: &'a str,
    pub common: Option<&'a str>,
    pub line: Line,
    pub seen: Seen,
    /// The position of the version whose measured facts this one takes.
    pub facts: Option<u16>,
    /// The digest of the templates, of those of the library charts, and of the schema.
    pub templates: Option<u64>,
    /// The Redis of the published chart that has the same number and is another chart.
    pub other_app: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyRow<'a> {
    pub kind: Type,
    pub declared: bool,
    pub node: bool,
    pub open: bool,
    /// The digest of a text of whose lines the default holds only some. See [`digest`].
    pub text: Option<u64>,
    pub tag: bool,
    pub rank: u16,
    #[serde(borrow)]
    pub default: Option<Json<'a>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EffectRow {
    /// Bits of [`topology_bits`].
    pub topologies: u8,
    /// Bits of [`Effect::bit`].
    pub effects: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SchemaRow {
    /// Bits of [`JsonType::bit`]; none where any type will do.
    pub types: u8,
    /// The same of what stands in a list.
    pub items: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelperRow<'a> {
    /// One word for helpers that give the same text.
    pub means: &'a str,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DanglingRow<'a> {
    /// What names it.
    pub by: &'a str,
    /// Bits of [`topology_bits`].
    pub topologies: u8,
    pub condition: &'a str,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PresetRow<'a> {
    #[serde(borrow)]
    pub requests: Vec<(&'a str, &'a str)>,
    #[serde(borrow)]
    pub limits: Vec<(&'a str, &'a str)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObjectRow<'a> {
    pub kind: ObjectKind,
    /// Bits of [`topology_bits`].
    pub topologies: u8,
    pub when: &'a str,
    #[serde(borrow)]
    pub identity: Vec<(&'a str, &'a str)>,
}

/// Since a version of Redis its snapshots have a format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RdbRow {
    pub redis: (u16, u16),
    pub format: u16,
}

/// The Kubernetes that is assumed where nobody names one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct KubernetesRow {
    pub version: (u16, u16),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageRow<'a> {
    pub registry: &'a str,
    pub repository: &'a str,
    pub tag: &'a str,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadRow<'a> {
    /// Bits of [`topology_bits`].
    pub topologies: u8,
    pub verdict: Verdict,
    pub switches: &'a str,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailRow<'a> {
    /// Bits of [`topology_bits`].
    pub topologies: u8,
    pub by: FailedBy,
    pub condition: &'a str,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberRow<'a> {
    /// Bits of [`topology_bits`].
    pub topologies: u8,
    pub switches: &'a str,
    /// Whether the number in quotes renders as the number itself by `--set` does.
    pub quoted: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WordRow<'a> {
    /// Bits of [`topology_bits`].
    pub topologies: u8,
    pub form: Form,
    #[serde(borrow)]
    pub paths: Vec<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeRow<'a> {
    pub kind: ChangeKind,
    pub transform: Transform,
    #[serde(borrow)]
    pub new: Vec<&'a str>,
}

/// FNV-1a with 64 bits of the bytes of a text: tells one default of a chart from another, and keeps nothing secret.
pub fn digest(text: &str) -> u64 {
    digest_on(EMPTY_DIGEST, text.as_bytes())
}

/// The digest of nothing.
pub const EMPTY_DIGEST: u64 = 0xcbf2_9ce4_8422_2325;

/// The digest of what was digested before, and of these bytes behind it.
pub fn digest_on(digest: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(digest, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Stands in a slot that no name has taken.
pub const FREE: u16 = u16::MAX;

/// The slot of a name among a power of two of them: the first of those that are tried, one after the other.
pub fn slot(name: &str, slots: usize) -> usize {
    // FNV-1a: names are short.
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    // The upper bits are mixed better than the lower ones.
    (hash ^ hash >> 15) as usize & (slots - 1)
}

/// The set of topologies that `letters` names: `s` standalone, `r` replication, `n` Sentinel nodes, `*` all.
pub fn topology_bits(letters: &str) -> Option<u8> {
    if letters == "*" {
        return Some(0b111);
    }
    let mut bits = 0;
    for letter in letters.chars() {
        let bit = match letter {
            's' => 0b001,
            'r' => 0b010,
            'n' => 0b100,
            _ => return None,
        };
        if bits & bit != 0 {
            return None;
        }
        bits |= bit;
    }
    (bits != 0).then_some(bits)
}

/// Where a row of a table lies and for what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Position of its name in the section of names.
    pub name: u16,
    /// The first version, as its position in the list of versions.
    pub since: u16,
    /// The first version for which it does not hold any more, or [`OPEN_END`].
    pub until: u16,
    /// Offset of the record in the table's data.
    pub offset: u32,
}

impl Entry {
    pub const WIDTH: usize = 10;

    /// Does it hold for the version at this position?
    pub fn holds(&self, version: u16) -> bool {
        self.since <= version && version < self.until
    }

    pub fn to_bytes(self) -> [u8; Self::WIDTH] {
        let mut bytes = [0; Self::WIDTH];
        bytes[..2].copy_from_slice(&self.name.to_le_bytes());
        bytes[2..4].copy_from_slice(&self.since.to_le_bytes());
        bytes[4..6].copy_from_slice(&self.until.to_le_bytes());
        bytes[6..].copy_from_slice(&self.offset.to_le_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self {
            name: u16::from_le_bytes([bytes[0], bytes[1]]),
            since: u16::from_le_bytes([bytes[2], bytes[3]]),
            until: u16::from_le_bytes([bytes[4], bytes[5]]),
            offset: u32::from_le_bytes([bytes[6], bytes[7], bytes[8], bytes[9]]),
        }
    }
}
