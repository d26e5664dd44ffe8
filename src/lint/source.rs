//! What a file is: values of the chart, where in it they stand, and for which version they were written.
//!
//! It looks at texts that a caller hands in, and touches no file.

pub mod era;
