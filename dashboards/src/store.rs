//! The database of dashboards, datasources and users: one [`Store`] over SQLite and PostgreSQL.
//!
//! Every change is one transaction, and whatever was acknowledged is on disk. Both databases store
//! and sort texts and times alike; nothing outside this module depends on which one is used.

mod api_tokens;
mod blobs;
mod dashboards;
mod database;
mod datasources;
mod error;
mod event;
mod file_lock;
mod files;
mod handle;
mod history;
mod key_file;
mod keys;
mod leases;
mod links;
mod listener;
mod migrations;
mod open;
mod open_error;
mod password;
mod postgres;
mod random;
mod secrets;
mod sessions;
mod sql;
mod sqlite;
mod tiles;
mod users;

pub use self::{
    blobs::MAX_BLOB_BYTES,
    dashboards::{Listed, SavedChange, SavedUndo},
    database::{BadDatabase, Database},
    datasources::TileUse,
    error::{DriverError, StoreError},
    event::{Event, EventStream},
    handle::Store,
    key_file::{KeyProblem, KeySource},
    open::{IfExists, OpenOptions},
    open_error::OpenError,
    password::{hash_password, verify_password},
    random::{new_id_bytes, new_secret},
    secrets::{BadKey, HostKey},
};

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;
