//! The parts of the dashboard host that do not draw and do not serve: what a dashboard is, and
//! where it is kept.
//!
//! [`domain`] is pure: values, the changes that can be made of them and who may make them.
//! [`store`] keeps these values in SQLite or PostgreSQL and knows nothing of HTTP.

pub mod domain;
pub mod store;
