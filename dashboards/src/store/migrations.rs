//! The schema migrations of each database.

use sqlx::migrate::Migrator;

/// The migrations that this host supports.
#[derive(Debug)]
pub(super) struct Migrations {
    pub(super) sqlite: Migrator,
    pub(super) postgres: Migrator,
}

impl Migrations {
    /// Returns the migrations of this version.
    pub(super) fn current() -> Self {
        Self {
            sqlite: sqlx::migrate!("migrations/sqlite"),
            postgres: sqlx::migrate!("migrations/postgres"),
        }
    }
}

/// Returns the version of the latest migration.
pub(super) fn latest(migrator: &Migrator) -> i64 {
    migrator
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or_default()
}
