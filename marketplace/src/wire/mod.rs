//! The JSON of the Marketplace: what it sends, read leniently into rows.
//!
//! Serde lives here and nowhere else in this crate.

mod builder;
mod canonical;
mod digest;
mod lenient;
mod marks;
mod record;

pub use builder::{RecordError, RowsBuilder};
pub use marks::SecondLook;
