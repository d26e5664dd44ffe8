//! Whether a cluster accepts a release, from the rendered objects and from what the cluster answers before the install.
//!
//! This module runs no program. A caller asks the cluster for what [`Needs`] lists, and passes the answers.

mod check;
mod needs;
mod quota;
mod refusals;

pub use check::{Check, Status};
pub use needs::{KeyOf, Needs, Reference, pods};
pub use quota::{Demand, over_quota};
pub use refusals::{Refusal, refusals, warnings};
