//! Migrations: newer schemas, failing migrations, and two hosts at once.

use sqlx::{
    SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

use super::{
    fixture::{Fixture, on_both},
    *,
};
use crate::store::{
    Database, OpenError, Store, StoreError,
    migrations::{Migrations, latest},
};

on_both!(
    a_newer_schema_is_refused,
    a_failing_migration_changes_nothing,
    two_hosts_starting_together_run_each_migration_once,
);

/// The current migrations and one more.
fn with_step(sql: &'static str) -> Migrations {
    let more = |migrator: &Migrator| {
        let step = Migration::new(
            latest(migrator) + 1,
            "more".into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        );
        Migrator::with_migrations(migrator.iter().cloned().chain([step]).collect())
    };
    let current = Migrations::current();
    Migrations {
        sqlite: more(&current.sqlite),
        postgres: more(&current.postgres),
    }
}

async fn count(store: &Store, sql: &'static str) -> Result<i64, StoreError> {
    let mut tx = store.begin_read().await?;
    let row = tx.row(sql, &[]).await;
    tx.rollback().await;
    row?.unwrap().integer("n")
}

async fn a_newer_schema_is_refused(mut fixture: Fixture) {
    fixture
        .store
        .create_dashboard(&board(2), now())
        .await
        .unwrap();
    fixture.store.close().await;
    let newer = with_step("CREATE TABLE more (n BIGINT)");
    let store = Store::open_with(&fixture.options, &newer).await.unwrap();
    assert_eq!(
        count(&store, "SELECT count(*) AS n FROM more")
            .await
            .unwrap(),
        0
    );
    store.close().await;
    let error = Store::open(&fixture.options).await.unwrap_err();
    assert!(
        matches!(error, OpenError::Newer { found, known } if found == known + 1),
        "{error}"
    );
    if let Database::Sqlite(path) = &mut fixture.options.database {
        // The backup from before the migration is the way back.
        let newest = latest(&newer.sqlite);
        path.as_mut_os_string().push(format!(".before-{newest}"));
        let old = Store::open(&fixture.options).await.unwrap();
        let read = old.dashboard(&board_id()).await.unwrap().unwrap();
        assert_eq!(read, board(2));
    }
}

async fn a_failing_migration_changes_nothing(mut fixture: Fixture) {
    fixture
        .store
        .create_dashboard(&board(2), now())
        .await
        .unwrap();
    fixture.store.close().await;
    let broken = with_step(
        "CREATE TABLE more (n BIGINT); UPDATE dashboards SET title = 'x'; INSERT INTO nothing VALUES (1)",
    );
    let error = Store::open_with(&fixture.options, &broken)
        .await
        .unwrap_err();
    assert!(matches!(error, OpenError::Migrate { .. }), "{error}");
    fixture.store = Store::open(&fixture.options).await.unwrap();
    let read = fixture.store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(read, board(2));
    let table = count(&fixture.store, "SELECT count(*) AS n FROM more").await;
    assert!(matches!(table, Err(StoreError::Database(_))));
    fixture.store.close().await;
    let mended = with_step("CREATE TABLE more (n BIGINT)");
    let store = Store::open_with(&fixture.options, &mended).await.unwrap();
    assert_eq!(
        count(&store, "SELECT count(*) AS n FROM more")
            .await
            .unwrap(),
        0
    );
}

async fn two_hosts_starting_together_run_each_migration_once(fixture: Fixture) {
    fixture.store.close().await;
    let newer = with_step("CREATE TABLE more (n BIGINT)");
    let (one, other) = tokio::join!(
        Store::open_with(&fixture.options, &newer),
        Store::open_with(&fixture.options, &newer),
    );
    let opened = match (&fixture.options.database, one, other) {
        // Only one host can use a file.
        (Database::Sqlite(_), Ok(store), Err(OpenError::InUse { .. }))
        | (Database::Sqlite(_), Err(OpenError::InUse { .. }), Ok(store))
        | (Database::Postgres(_), Ok(store), Ok(_)) => store,
        (_, one, other) => panic!("{one:?} {other:?}"),
    };
    let steps = count(&opened, "SELECT count(*) AS n FROM _sqlx_migrations").await;
    assert_eq!(steps.unwrap(), latest(&newer.sqlite));
}
