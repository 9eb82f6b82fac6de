//! The schema: newer ones are refused, failed steps change nothing, two hosts do not collide.

use sqlx::{
    SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

use super::{
    bed::{Bed, on_both},
    *,
};
use crate::store::{
    Database, OpenError, Store, StoreError,
    migrations::{Migrations, latest},
};

on_both!(
    a_newer_schema_is_refused,
    a_step_that_fails_changes_nothing,
    two_hosts_that_start_at_once_take_each_step_once,
);

/// The steps of today and one more.
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
    let mut tx = store.reading().await?;
    let row = tx.row(sql, &[]).await;
    tx.rollback().await;
    row?.unwrap().integer("n")
}

async fn a_newer_schema_is_refused(mut bed: Bed) {
    bed.store.create_dashboard(&board(2), now()).await.unwrap();
    bed.store.close().await;
    let newer = with_step("CREATE TABLE more (n BIGINT)");
    let store = Store::open_with(&bed.options, &newer).await.unwrap();
    assert_eq!(
        count(&store, "SELECT count(*) AS n FROM more")
            .await
            .unwrap(),
        0
    );
    store.close().await;
    let error = Store::open(&bed.options).await.unwrap_err();
    assert!(
        matches!(error, OpenError::Newer { found, known } if found == known + 1),
        "{error}"
    );
    if let Database::Sqlite(path) = &mut bed.options.database {
        // The copy of before the step is the way back.
        let newest = latest(&newer.sqlite);
        path.as_mut_os_string().push(format!(".before-{newest}"));
        let old = Store::open(&bed.options).await.unwrap();
        let read = old.dashboard(&board_id()).await.unwrap().unwrap();
        assert_eq!(read, board(2));
    }
}

async fn a_step_that_fails_changes_nothing(mut bed: Bed) {
    bed.store.create_dashboard(&board(2), now()).await.unwrap();
    bed.store.close().await;
    let broken = with_step(
        "CREATE TABLE more (n BIGINT); UPDATE dashboards SET title = 'x'; INSERT INTO nothing VALUES (1)",
    );
    let error = Store::open_with(&bed.options, &broken).await.unwrap_err();
    assert!(matches!(error, OpenError::Migrate { .. }), "{error}");
    bed.store = Store::open(&bed.options).await.unwrap();
    let read = bed.store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(read, board(2));
    let table = count(&bed.store, "SELECT count(*) AS n FROM more").await;
    assert!(matches!(table, Err(StoreError::Database(_))));
    bed.store.close().await;
    let mended = with_step("CREATE TABLE more (n BIGINT)");
    let store = Store::open_with(&bed.options, &mended).await.unwrap();
    assert_eq!(
        count(&store, "SELECT count(*) AS n FROM more")
            .await
            .unwrap(),
        0
    );
}

async fn two_hosts_that_start_at_once_take_each_step_once(bed: Bed) {
    bed.store.close().await;
    let newer = with_step("CREATE TABLE more (n BIGINT)");
    let (one, other) = tokio::join!(
        Store::open_with(&bed.options, &newer),
        Store::open_with(&bed.options, &newer),
    );
    let opened = match (&bed.options.database, one, other) {
        // Of a file only one host can be there.
        (Database::Sqlite(_), Ok(store), Err(OpenError::InUse { .. }))
        | (Database::Sqlite(_), Err(OpenError::InUse { .. }), Ok(store))
        | (Database::Postgres(_), Ok(store), Ok(_)) => store,
        (_, one, other) => panic!("{one:?} {other:?}"),
    };
    let steps = count(&opened, "SELECT count(*) AS n FROM _sqlx_migrations").await;
    assert_eq!(steps.unwrap(), latest(&newer.sqlite));
}
