//! Opens a PostgreSQL database: with TLS to other machines, and with timeouts.

use std::{
    net::IpAddr,
    str::FromStr as _,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, PgPool, Row as _,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};

use crate::store::{DriverError, OpenError, migrations::latest};

/// How many connections a host uses, in addition to the one that listens.
const CONNECTIONS: u32 = 11;

/// When the server last refused a change because it is read-only.
///
/// A connection may stay read-only after the database has become writable again, or lead to a server
/// that another one has replaced, so that those from before are not used any more.
#[derive(Clone, Default)]
pub(super) struct Refusals(Arc<Mutex<Option<Instant>>>);

impl Refusals {
    /// Notes that a change was refused now.
    pub(super) fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Tells whether a connection of this age was there when a change was refused.
    fn has_met(&self, age: Duration) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() < age)
    }
}

/// Opens a database and migrates its schema.
pub(super) async fn open(
    address: &SecretString,
    name: &str,
    migrator: &Migrator,
) -> Result<(PgPool, Refusals), OpenError> {
    let failed = |cause| OpenError::Database {
        database: name.to_owned(),
        cause: DriverError::from(cause),
    };
    let options = options(address).map_err(failed)?;
    migrate(&options, name, migrator).await?;
    let refusals = Refusals::default();
    let of_pool = refusals.clone();
    let pool = PgPoolOptions::new()
        .before_acquire(move |_, connection| {
            let is_usable = !of_pool.has_met(connection.age);
            Box::pin(async move { Ok(is_usable) })
        })
        .max_connections(CONNECTIONS)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(Duration::from_secs(10 * 60))
        .max_lifetime(Duration::from_secs(60 * 60))
        .connect_with(options.options([
            ("statement_timeout", "60s"),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "60s"),
        ]))
        .await
        .map_err(failed)?;
    Ok((pool, refusals))
}

fn options(address: &SecretString) -> Result<PgConnectOptions, sqlx::Error> {
    let options = PgConnectOptions::from_str(address.expose_secret())?
        .application_name("host-demo")
        // Statements contain user data, which must not be logged.
        .disable_statement_logging();
    if is_this_machine(&options) {
        return Ok(options);
    }
    Ok(options.ssl_mode(PgSslMode::VerifyFull))
}

fn is_this_machine(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Migrates the schema; other hosts that try at the same time wait.
async fn migrate(
    options: &PgConnectOptions,
    name: &str,
    migrator: &Migrator,
) -> Result<(), OpenError> {
    let failed = |cause| OpenError::Database {
        database: name.to_owned(),
        cause: DriverError::from(cause),
    };
    // No timeout: waiting for another host's migration may take long.
    let mut connection = PgConnection::connect_with(options).await.map_err(failed)?;
    let found = version(&mut connection).await.map_err(failed)?;
    let known = latest(migrator);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    let outcome = migrator.run_direct(None, &mut connection, false).await;
    outcome.map_err(|cause| OpenError::Migrate {
        database: name.to_owned(),
        cause: DriverError::from(cause),
    })?;
    connection.close().await.map_err(failed)
}

/// Returns the version of the schema, or 0 for an empty database.
async fn version(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let table = sqlx::query("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !table.try_get::<bool, _>(0)? {
        return Ok(0);
    }
    let row = sqlx::query("SELECT COALESCE(max(version), 0) FROM _sqlx_migrations")
        .fetch_one(&mut *connection)
        .await?;
    row.try_get(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_of_a_server_on_another_machine_is_verified() {
        for (address, is_verified) in [
            ("postgres://u@localhost/d", false),
            ("postgres://u@127.0.0.1/d", false),
            ("postgres://u@[::1]/d", false),
            ("postgres:///d?host=/run/postgresql&user=u", false),
            ("postgres://u@db.example/d", true),
            ("postgres://u@db.example/d?sslmode=disable", true),
            ("postgres://u@localhost.evil.example/d", true),
            ("postgres://u@10.0.0.5/d", true),
        ] {
            let options = options(&SecretString::from(address)).unwrap();
            let found = matches!(options.get_ssl_mode(), PgSslMode::VerifyFull);
            assert_eq!(found, is_verified, "{address}");
        }
    }
}
