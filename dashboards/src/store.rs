//! Where dashboards, datasources and people are kept: one [`Store`] over SQLite and PostgreSQL.
//!
//! Every change is one transaction, and what is acknowledged is on the disk. Texts, times and
//! orders are the same on both; nothing outside this module sees which one it is.

mod api_tokens;
mod blobs;
mod dashboards;
mod database;
mod datasources;
mod error;
mod event;
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
mod password;
mod postgres;
mod random;
mod secrets;
mod sessions;
mod sql;
mod sqlite;
mod users;

pub use self::{
    blobs::MAX_BLOB_BYTES,
    dashboards::{Changed, Listed, Undone},
    database::{BadDatabase, Database},
    datasources::TileUse,
    error::{Cause, OpenError, StoreError},
    event::{Changes, Event},
    handle::Store,
    key_file::{KeyProblem, KeySource},
    open::OpenOptions,
    password::{hash_password, verify_password},
    random::{new_id_bytes, new_secret},
    secrets::{BadKey, HostKey},
};

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;
