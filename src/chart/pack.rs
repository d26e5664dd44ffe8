//! Format of the packed catalogue. The build script writes the catalogue, and the crate reads it.
//!
//! A packed catalogue is a list of sections. The first section has all names (key paths, settings, image keys),
//! sorted. The second finds the position of a name by its [`slot`]. The third has the versions, ascending. The last
//! two sections are lists like the versions: formats of Redis snapshots, and the assumed Kubernetes version. All
//! other sections are tables.
//!
//! A table has the first row of each name, an index of fixed width, and one `postcard` record for each row. The rows
//! of one name or of one version are found without decoding other rows.

use serde::{Deserialize, Serialize};

/// Sections in their order.
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
    Settings,
    Changes,
    Effects,
    Objects,
    Schemas,
    Helpers,
    Dangling,
    Presets,
    Types,
    Rdb,
    Kubernetes,
}

pub const SECTIONS: usize = Section::Kubernetes as usize + 1;

/// Index value for a row that still applies to the newest version.
pub const OPEN_END: u16 = u16::MAX;

/// Where charts of a version are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// Only in the history of github.com/bitnami/charts. The registry serves a different chart under this number, or
    /// none.
    Git,
    /// Only in the registry.
    Published,
    /// The registry serves the chart of the git history.
    Both,
}

/// How much of a version was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The whole chart. Every fact was measured by rendering this chart, or a chart with the same templates and
    /// defaults.
    Measured,
    /// `Chart.yaml` and `values.yaml`.
    Keys,
    /// Only the number, in a source that names the version.
    Number,
}

/// Type of a key's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    Map,
    String,
    Int,
    Float,
    Bool,
    List,
    /// The default is null. The type that the templates expect is not known.
    Null,
}

/// Conversion of an option's value before it is written to its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// The value is written unchanged.
    Same,
    /// Whether the topology has replicas.
    Replicated,
    /// `standalone` or `replication`.
    Architecture,
    /// The number plus one: the key counts all nodes, and the option does not count the primary.
    PlusOne,
    /// Directives as lines of a `redis.conf` text.
    Conf,
    /// A string, even if the value looks like another type.
    String,
    /// A text, or a tree of texts, escaped for Helm's `tpl`.
    Tpl,
    /// Kubernetes affinity for a strength of anti-affinity.
    Affinity,
    /// A list with a single item, the items joined by commas: the chart prints the list without separators.
    Joined,
}

/// How a chart version uses a key in one topology.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The key changes installed objects.
    Read,
    /// The key only changes the text that Helm prints after an install.
    Notes,
    /// The key can only make rendering fail.
    Error,
    /// The key changes nothing.
    Dead,
    /// The chart has the key, and its use was not measured. The version was imported.
    Unmeasured,
    /// The version does not have the key.
    Unknown,
}

/// Effect of a change of a key on an installed release, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Effect {
    /// Data may be lost: other claims, volumes or folders hold the data.
    Data,
    /// A StatefulSet, Deployment or DaemonSet is added, removed or renamed, or changes its kind.
    Workload,
    /// Kubernetes refuses to change a field in place. The upgrade fails until the object is deleted.
    Immutable,
    /// The password, its source, or the need for a password changes.
    Password,
    /// Access to Redis or its metrics changes: allowed clients, or addresses.
    Reach,
    /// The number of pods changes.
    Scale,
    /// Pods restart.
    Pods,
    /// The change applies at the next restart of the pods. The upgrade restarts no pods.
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

    /// Bit in packed sets of effects.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Part of a chart that refuses values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailedBy {
    /// A template, with or without a message.
    Template,
    /// `values.schema.json`.
    Schema,
}

/// Type of a value, with the names of JSON Schema.
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

    /// Bit in packed sets of types.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Places of the texts in the value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextForm {
    /// The value itself.
    #[serde(rename = "text")]
    Whole,
    /// Each value of the map: labels, annotations, a node selector.
    #[serde(rename = "map")]
    MapValues,
    /// Each item of the list: arguments, names, addresses.
    #[serde(rename = "list")]
    ListItems,
    /// The `value` of each item: variables, tolerations, kernel settings.
    #[serde(rename = "items")]
    ItemValues,
    /// Each quantity of the limits and requests.
    #[serde(rename = "resources")]
    Quantities,
}

/// Kind of an object whose name or fields other objects and users depend on. Kinds that can block an upgrade come
/// first.
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

/// How a key of the newer version follows from a key of the older version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// The same setting has another path.
    Rename,
    /// One key was replaced by several keys.
    Split,
    /// Several keys were replaced by one key.
    Merge,
    /// The nearest setting has another scope.
    Move,
    /// The path and the shape of the value changed.
    Transform,
    /// The shape of the value changed at the same path.
    Type,
    /// The meaning changed, at the same path or at a new path.
    Semantic,
    /// The old and the new path both work.
    Alias,
    /// The key was removed without a replacement.
    Removed,
}

/// Conversion of the value from the old key to the new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transform {
    /// The value stays unchanged.
    Same,
    /// `true` becomes `replication`, and `false` becomes `standalone`.
    BoolToArchitecture,
    /// No conversion: the older key has the program that the start script runs, and the newer key replaces the start
    /// script.
    StartProgram,
    /// A list becomes a string. The older default was an empty list, and the templates expected a string.
    ListToString,
    /// A text with one command a line becomes a list of commands.
    TextToList,
    /// The items of a list become one item, joined by commas: the chart prints the list without separators.
    ListToJoined,
    /// An item that was joined by commas becomes a list again.
    JoinedToList,
    /// The value only applies to pods with Sentinel.
    SentinelOnly,
    /// With Sentinel, the newer key also counts the primary.
    SentinelPlusOne,
    /// The value must not be converted without a decision of the user.
    Ask,
}

/// Default value, borrowed from the packed bytes.
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
    /// Must remain the first field: `catalogue::version` decodes only this prefix.
    pub number: (u16, u16, u16),
    pub date: Option<&'a str>,
    pub app: &'a str,
    pub common: Option<&'a str>,
    pub line: Line,
    pub seen: Evidence,
    /// Position of the measured version whose facts apply to this version.
    pub facts: Option<u16>,
    /// Digest of the templates, of the templates of library charts, and of the schema.
    pub templates: Option<u64>,
    /// Version of Redis in a published chart with the same number and other content.
    pub other_app: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyRow<'a> {
    pub kind: Type,
    pub declared: bool,
    pub node: bool,
    pub open: bool,
    /// Digest of the whole default text, if `default` has only its directives. See [`digest`].
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
    /// Bits of [`JsonType::bit`]; zero if any type is allowed.
    pub types: u8,
    /// Types of the items of a list, with the same bits.
    pub items: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelperRow<'a> {
    /// Identifier that is the same for all helpers with the same text.
    pub means: &'a str,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DanglingRow<'a> {
    /// The referring object.
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
pub struct TypeRow {
    /// Bits of [`topology_bits`].
    pub topologies: u8,
    pub form: TextForm,
    pub refuses_booleans: bool,
    pub refuses_numbers: bool,
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

/// First version of Redis that writes a snapshot format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RdbRow {
    pub redis: (u16, u16),
    pub format: u16,
}

/// Kubernetes version that is assumed if the user names none.
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
    /// Whether the quoted number renders like the number with `--set`.
    pub quoted: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingRow<'a> {
    /// Bits of [`topology_bits`].
    pub topologies: u8,
    pub form: Encoding,
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

/// FNV-1a digest (64 bits) of a text. The digest distinguishes the defaults of chart versions, and protects no
/// secret.
pub fn digest(text: &str) -> u64 {
    digest_on(EMPTY_DIGEST, text.as_bytes())
}

/// Digest of an empty text.
pub const EMPTY_DIGEST: u64 = 0xcbf2_9ce4_8422_2325;

/// Extends a digest by more bytes.
pub fn digest_on(digest: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(digest, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Value of a slot without a name.
pub const FREE: u16 = u16::MAX;

/// First slot to try for a name. `slots` is the number of slots, a power of two. The search continues with the next
/// slots.
pub fn slot(name: &str, slots: usize) -> usize {
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    let whole = words.iter().fold(name.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    // The last eight bytes, which can repeat some of the bytes before them.
    let last = match name.as_bytes().last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => rest.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
    };
    // A product mixes its upper bits better than its lower bits.
    (mix(whole, last) >> 40) as usize & (slots - 1)
}

/// Set of topologies for letters: `s` standalone, `r` replication, `n` nodes with Sentinel, `*` all.
///
/// # Errors
///
/// For other letters, and for a letter that is there twice.
pub fn topologies(letters: &str) -> Result<u8, String> {
    if letters == "*" {
        return Ok(0b111);
    }
    let mut bits = 0;
    for letter in letters.chars() {
        let bit = match letter {
            's' => 0b001,
            'r' => 0b010,
            'n' => 0b100,
            _ => 0,
        };
        if bit == 0 || bits & bit != 0 {
            bits = 0;
            break;
        }
        bits |= bit;
    }
    match bits {
        0 => Err(format!("`{letters}` is not a set of the letters s, r and n, nor `*`")),
        bits => Ok(bits),
    }
}

/// Index entry of a row: its location and its range of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Position of the name in the section of names.
    pub name: u16,
    /// Position of the first version in the list of versions.
    pub since: u16,
    /// Position of the first later version without the row, or [`OPEN_END`].
    pub until: u16,
    /// Byte offset of the record in the data of the table.
    pub offset: u32,
}

impl Entry {
    pub const WIDTH: usize = 10;

    /// Whether the row applies to the version at this position.
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
        let bytes = &bytes[..Self::WIDTH];
        Self {
            name: u16::from_le_bytes([bytes[0], bytes[1]]),
            since: u16::from_le_bytes([bytes[2], bytes[3]]),
            until: u16::from_le_bytes([bytes[4], bytes[5]]),
            offset: u32::from_le_bytes([bytes[6], bytes[7], bytes[8], bytes[9]]),
        }
    }
}
