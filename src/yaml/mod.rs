//! YAML as Helm reads it; knows nothing of Redis.

mod value;

pub use value::{Map, Value};
