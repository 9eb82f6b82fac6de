//! The schema, step by step, for each database.

use sqlx::migrate::Migrator;

/// The steps that this host knows.
#[derive(Debug)]
pub(super) struct Migrations {
    pub(super) sqlite: Migrator,
    pub(super) postgres: Migrator,
}

impl Migrations {
    /// Returns the steps of this version.
    pub(super) fn current() -> Self {
        Self {
            sqlite: sqlx::migrate!("migrations/sqlite"),
            postgres: sqlx::migrate!("migrations/postgres"),
        }
    }
}

/// Returns the latest version of a list of steps.
pub(super) fn latest(migrator: &Migrator) -> i64 {
    migrator
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or_default()
}
