//! Order of keys in the chart's own values file.

use super::Chart;
use crate::yaml::{Map, Path, Value};

impl Chart {
    /// Sorts keys into the order of the chart's own values file. Children of open maps keep their order.
    pub fn order(&self, values: &mut Map) {
        self.order_below(values, &Path::root());
    }

    fn order_below(&self, map: &mut Map, above: &Path) {
        map.sort_by_key(|key| self.rank(&above.key(key).to_string()));
        for (key, value) in map.iter_mut() {
            let at = above.key(key);
            if let Value::Map(children) = value
                && self.key(&at.to_string()).is_none_or(|key| !key.open)
            {
                self.order_below(children, &at);
            }
        }
    }
}
