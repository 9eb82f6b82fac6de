//! Dashboards, tiles, datasources and users: their rules, and the store that keeps them.
//!
//! [`domain`] is pure: values, the changes that can be made to them, and who may make which.
//! [`store`] keeps these values in SQLite or PostgreSQL and knows nothing about HTTP.

pub mod domain;
pub mod store;
