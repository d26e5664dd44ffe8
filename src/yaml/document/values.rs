//! Conversion of nodes to values as Helm does it: types, merge keys, aliases and tags.
//!
//! Follows `go.yaml.in/yaml/v2` (`decode.go`) and `sigs.k8s.io/yaml`, with their deviations from YAML: a merged key
//! overrides a key before the `<<`, and a scalar with an unknown tag is a string.

use super::{Document, Kind, NodeId, scalar::Typed};
use crate::yaml::{Error, Helm, MAX_DEPTH, Map, Path, Value, merge, resolve::Scalar};

impl Document {
    /// Reads the values as Helm does.
    ///
    /// # Errors
    ///
    /// If a document is not a map, or contains something that Helm refuses: a key that is a map, a list or null, a
    /// number that is not finite, a tag that does not fit its value, or aliases that expand too far.
    pub fn values(&self, helm: Helm) -> Result<Map, Error> {
        let documents = match helm {
            Helm::Three => &self.roots[..self.roots.len().min(1)],
            Helm::Four => &self.roots,
        };
        if helm == Helm::Four {
            self.check_document_splits()?;
        }
        let mut values = Map::new();
        for document in documents {
            match self.value(*document)? {
                Value::Null => {}
                Value::Map(map) => merge::merge_into(&mut values, map),
                other => {
                    return Err(self.error(*document, format!("found a {}: expected a YAML mapping", other.kind())));
                }
            }
        }
        Ok(values)
    }

    /// Refuses texts that Helm 4 cannot split. Helm 4 splits a text at its `---` lines before it parses the parts.
    fn check_document_splits(&self) -> Result<(), Error> {
        if let Some(directive) = self.directive {
            let found = "found a `%` directive, which Helm 4 refuses: remove the line";
            return Err(Error::new(directive.line, directive.column, found));
        }
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let behind = line.strip_prefix("---").map(str::trim).unwrap_or_default();
            if !behind.is_empty() && !behind.starts_with('#') {
                let (line, column) = self.position(start);
                return Err(Error::new(line, column, "found text after `---` in a line, which Helm 4 refuses"));
            }
            start += line.len();
        }
        Ok(())
    }

    /// Reads the values at a path.
    ///
    /// At the root these are the values of all documents that Helm reads, below the root those of the first document.
    /// The map is empty if the path has no map or Helm refuses the values.
    pub fn values_at(&self, path: &Path, helm: Helm) -> Map {
        match path.is_root() {
            true => self.values(helm).unwrap_or_default(),
            false => self.map_at(path),
        }
    }

    /// Reads the map at a path of the first document, as Helm does. The map is empty if the path has none.
    fn map_at(&self, path: &Path) -> Map {
        match self.find(path).map(|found| self.value(found.value)) {
            Some(Ok(Value::Map(map))) => map,
            _ => Map::new(),
        }
    }

    /// Reads a node and everything below it, as Helm does.
    ///
    /// # Errors
    ///
    /// As [`Document::values`].
    pub fn value(&self, node: NodeId) -> Result<Value, Error> {
        // The values of a whole text are asked for by several callers, and a copy is cheap.
        match *self.roots {
            [root] if root == node => self.root_value.get_or_init(|| self.build_value(node)).clone(),
            _ => self.build_value(node),
        }
    }

    fn build_value(&self, node: NodeId) -> Result<Value, Error> {
        Builder { document: self, depth: 0, aliases: Vec::new(), steps: 0, alias_steps: 0, alias_bytes: 0 }.value(node)
    }
}

struct Builder<'a> {
    document: &'a Document,
    depth: usize,
    /// Targets of the aliases that are being expanded.
    aliases: Vec<NodeId>,
    steps: usize,
    alias_steps: usize,
    alias_bytes: usize,
}

/// Maximum depth of a value. Aliases nest without nesting in the text, and a value may be deeper than the limit of
/// the parser.
const DEEPEST_VALUE: usize = 2 * MAX_DEPTH + 2;

/// Maximum size of the text that aliases add. go-yaml limits only the number of nodes.
const MOST_ALIAS_BYTES: usize = 64 << 20;

impl Builder<'_> {
    fn value(&mut self, id: NodeId) -> Result<Value, Error> {
        let document = self.document;
        self.count_node(id)?;
        match document.node(id).kind {
            Kind::Alias { .. } => self.in_alias(id, Self::value),
            Kind::Scalar { .. } => self.scalar(id),
            Kind::List { items, .. } => self.nested(id, |builder| {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(builder.value(*item)?);
                }
                Ok(Value::List(values.into()))
            }),
            Kind::Map { entries, .. } => self.nested(id, |builder| {
                let mut map = Map::with_capacity(entries.len());
                builder.fill(id, &mut map)?;
                Ok(Value::Map(map))
            }),
        }
    }

    fn fill(&mut self, id: NodeId, map: &mut Map) -> Result<(), Error> {
        let document = self.document;
        let Kind::Map { entries, .. } = document.node(id).kind else {
            return Ok(());
        };
        for entry in entries {
            if document.is_merge(entry.key) {
                self.merge(entry.value, map)?;
                continue;
            }
            self.count_node(entry.key)?;
            let key = document.key_text(entry.key)?;
            self.count_bytes(entry.key, key.len())?;
            let value = self.value(entry.value)?;
            map.insert(key, value);
        }
        Ok(())
    }

    /// Merges the value of `<<` into `map`: a map, or a list of maps in which the first has precedence.
    fn merge(&mut self, id: NodeId, map: &mut Map) -> Result<(), Error> {
        let document = self.document;
        match document.node(id).kind {
            Kind::List { items, .. } => items.iter().rev().try_for_each(|item| self.merge_one(*item, map)),
            _ => self.merge_one(id, map),
        }
    }

    fn merge_one(&mut self, id: NodeId, map: &mut Map) -> Result<(), Error> {
        let document = self.document;
        self.count_node(id)?;
        match document.node(id).kind {
            Kind::Map { .. } => self.nested(id, |builder| builder.fill(id, map)),
            Kind::Alias { target, .. } if matches!(document.node(target).kind, Kind::Map { .. }) => {
                self.in_alias(id, |builder, target| builder.nested(id, |builder| builder.fill(target, map)))
            }
            _ => Err(document.error(id, "found another kind of value after `<<`: expected a map, or a list of maps")),
        }
    }

    fn in_alias<T>(
        &mut self,
        id: NodeId,
        then: impl FnOnce(&mut Self, NodeId) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let target = self.document.target(id);
        if self.aliases.contains(&target) {
            return Err(self.document.error(id, "found an alias inside its own value"));
        }
        if self.aliases.len() >= DEEPEST_VALUE {
            return Err(self.depth_error(id));
        }
        self.aliases.push(target);
        let result = then(self, target);
        self.aliases.pop();
        result
    }

    fn nested<T>(&mut self, id: NodeId, then: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth >= DEEPEST_VALUE {
            return Err(self.depth_error(id));
        }
        self.depth += 1;
        let result = then(self);
        self.depth -= 1;
        result
    }

    fn depth_error(&self, id: NodeId) -> Error {
        self.document.error(id, format!("found more than {DEEPEST_VALUE} lists and maps inside each other"))
    }

    fn scalar(&mut self, id: NodeId) -> Result<Value, Error> {
        let value = match self.document.scalar(id)? {
            Typed::Binary(text) => Value::String(text),
            Typed::Plain(scalar) => match scalar {
                Scalar::Null => Value::Null,
                Scalar::Bool(bool) => Value::Bool(bool),
                Scalar::Int(int) => Value::Int(int),
                Scalar::Unsigned(number) => Value::Float(number as f64),
                Scalar::Float(float) if !float.is_finite() => {
                    return Err(self
                        .document
                        .error(id, "found a number that Helm refuses: put it in quotes for a text"));
                }
                Scalar::Float(float) => Value::Float(float),
                Scalar::Merge => Value::String("<<".to_owned()),
                Scalar::String(text) => Value::String(text.to_owned()),
            },
        };
        self.count_bytes(id, value.as_str().map_or(0, str::len))?;
        Ok(value)
    }

    /// Counts a node and applies the limits of go-yaml: the larger the document, the smaller the share of nodes from
    /// aliases.
    fn count_node(&mut self, id: NodeId) -> Result<(), Error> {
        self.steps += 1;
        if !self.aliases.is_empty() {
            self.alias_steps += 1;
        }
        let steps = self.steps as f64;
        let allowed = match steps {
            ..=400_000.0 => 0.99,
            4_000_000.0.. => 0.10,
            _ => 0.99 - 0.89 * ((steps - 400_000.0) / 3_600_000.0),
        };
        let excessive = self.alias_steps > 100 && self.steps > 1000 && self.alias_steps as f64 / steps > allowed;
        if excessive { Err(self.alias_limit_error(id)) } else { Ok(()) }
    }

    fn count_bytes(&mut self, id: NodeId, bytes: usize) -> Result<(), Error> {
        if !self.aliases.is_empty() {
            self.alias_bytes += bytes;
        }
        if self.alias_bytes > MOST_ALIAS_BYTES { Err(self.alias_limit_error(id)) } else { Ok(()) }
    }

    fn alias_limit_error(&self, id: NodeId) -> Error {
        self.document.error(id, "found aliases that expand to too many values: expected fewer aliases")
    }
}
