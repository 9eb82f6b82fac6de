//! Datasources: revisions, secrets that are never shown, and the data that was read.

use std::time::Duration;

use gadget_api::FieldPath;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    fixture::{Fixture, on_both},
    *,
};
use crate::{
    domain::{
        Datasource, DatasourceDraft, DatasourceId, DatasourceRefusal, Permission, SecretEdit,
        SecretPlan,
    },
    store::{Event, Store, StoreError, handle::transaction},
};

on_both!(
    a_datasource_is_saved_with_its_revision,
    an_empty_secret_keeps_the_old_one_but_not_for_another_host,
    a_secret_can_be_removed,
    a_sealed_secret_opens_only_at_its_location,
    deleting_a_datasource_deletes_its_secrets,
    tiles_that_use_a_datasource_are_listed,
    deleting_a_datasource_deletes_what_it_read,
    a_datasource_was_read_until_its_connection_changes,
);

pub(super) fn source_id() -> DatasourceId {
    DatasourceId::parse("ds1").unwrap()
}

pub(super) fn draft(base: &str, secrets: &[(&str, &str)]) -> DatasourceDraft {
    DatasourceDraft {
        name: name("Shop"),
        permission: Permission::AnyoneEdits,
        settings: settings(json!({"base": base})),
        secrets: secrets
            .iter()
            .map(|(path, secret)| (field(path), SecretEdit::Set(SecretString::from(*secret))))
            .collect(),
    }
}

pub(super) fn source(id: DatasourceId) -> Datasource {
    Datasource {
        id,
        kind: "shop".to_owned(),
        name: name("Shop"),
        owner: user_id("owner"),
        permission: Permission::AnyoneEdits,
        settings: settings(json!({"base": "https://a.example"})),
        secrets: [].into(),
        revision: 0,
    }
}

pub(super) fn plan(secret: &str) -> SecretPlan {
    SecretPlan {
        set: [(field("/token"), SecretString::from(secret))].into(),
        remove: [].into(),
    }
}

/// Stores a datasource with the secret `canary-4711` in the field `/token`.
pub(super) async fn create(store: &Store) -> Datasource {
    store
        .create_datasource(&source(source_id()), &plan("canary-4711"), now())
        .await
        .unwrap()
}

pub(super) async fn secret(store: &Store, path: &str) -> Option<String> {
    let secrets = store.datasource_secrets(&source_id()).await.unwrap();
    secrets
        .get(&field(path))
        .map(|secret| secret.expose_secret().to_owned())
}

async fn save(
    store: &Store,
    expected: u64,
    draft: &DatasourceDraft,
) -> Result<Datasource, StoreError> {
    let fields: [FieldPath; 2] = [field("/user"), field("/token")];
    store
        .save_datasource(
            &source_id(),
            expected,
            draft,
            &field("/base"),
            &fields,
            now(),
        )
        .await
}

async fn a_datasource_is_saved_with_its_revision(fixture: Fixture) {
    let store = &fixture.store;
    let mut events = store.events();
    let created = create(store).await;
    assert_eq!(created.secrets, [field("/token")].into());
    let event = Event::Datasource { id: source_id() };
    assert_eq!(events.next().await, Some(event));
    let again = store
        .create_datasource(&source(source_id()), &plan("x"), now())
        .await;
    assert!(matches!(
        again,
        Err(StoreError::Taken { what: "datasource" })
    ));
    let mut changed = draft("https://a.example/v2", &[]);
    changed.name = name("Other");
    let saved = save(store, 0, &changed).await.unwrap();
    assert_eq!(saved.revision, 1);
    assert_eq!(saved.name, name("Other"));
    let listed = store.datasources().await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&saved));
    let stale = save(store, 0, &draft("https://a.example", &[])).await;
    assert!(matches!(
        stale,
        Err(StoreError::StaleDatasource { current }) if *current == saved
    ));
    let gone = store
        .delete_datasource(&DatasourceId::parse("none").unwrap(), 0, "none.")
        .await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })));
}

async fn an_empty_secret_keeps_the_old_one_but_not_for_another_host(fixture: Fixture) {
    let store = &fixture.store;
    create(store).await;
    save(store, 0, &draft("https://a.example/v2", &[]))
        .await
        .unwrap();
    assert_eq!(
        secret(store, "/token").await.as_deref(),
        Some("canary-4711")
    );
    let moved = save(store, 1, &draft("https://b.example", &[])).await;
    assert!(matches!(
        moved,
        Err(StoreError::Datasource(
            DatasourceRefusal::SecretNeeded { .. }
        ))
    ));
    let entered = draft("https://b.example", &[("/token", "new")]);
    save(store, 1, &entered).await.unwrap();
    assert_eq!(secret(store, "/token").await.as_deref(), Some("new"));
}

async fn a_secret_can_be_removed(fixture: Fixture) {
    let store = &fixture.store;
    create(store).await;
    let mut draft = draft("https://b.example", &[]);
    draft.secrets.insert(field("/token"), SecretEdit::Remove);
    let saved = save(store, 0, &draft).await.unwrap();
    assert_eq!(saved.secrets, [].into());
    assert_eq!(secret(store, "/token").await, None);
}

/// Copies the sealed secret of `ds1` into the row of `ds2`.
async fn move_secret(store: &Store) -> Result<u64, StoreError> {
    transaction!(
        store,
        tx,
        tx.execute(
            "UPDATE datasource_secrets SET
                 wrapped_key = (SELECT wrapped_key FROM datasource_secrets WHERE datasource = 'ds1'),
                 sealed = (SELECT sealed FROM datasource_secrets WHERE datasource = 'ds1')
             WHERE datasource = 'ds2'",
            &[],
        )
        .await
    )
}

async fn a_sealed_secret_opens_only_at_its_location(fixture: Fixture) {
    let store = &fixture.store;
    create(store).await;
    let other = source(DatasourceId::parse("ds2").unwrap());
    store
        .create_datasource(&other, &plan("another"), now())
        .await
        .unwrap();
    move_secret(store).await.unwrap();
    let error = store.datasource_secrets(&other.id).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the secret `/token` of the datasource `ds2` is damaged; enter it again"
    );
    assert_eq!(
        secret(store, "/token").await.as_deref(),
        Some("canary-4711")
    );
}

async fn deleting_a_datasource_deletes_its_secrets(fixture: Fixture) {
    let store = &fixture.store;
    create(store).await;
    let stale = store.delete_datasource(&source_id(), 4, "ds1.").await;
    assert!(matches!(stale, Err(StoreError::StaleDatasource { .. })));
    store
        .delete_datasource(&source_id(), 0, "ds1.")
        .await
        .unwrap();
    assert_eq!(store.datasource(&source_id()).await.unwrap(), None);
    let again = source(source_id());
    let created = store
        .create_datasource(&again, &SecretPlan::default(), now())
        .await
        .unwrap();
    assert_eq!(created.secrets, [].into());
    assert_eq!(secret(store, "/token").await, None);
}

async fn deleting_a_datasource_deletes_what_it_read(fixture: Fixture) {
    let store = &fixture.store;
    create(store).await;
    for scope in ["ds1.a", "ds1.b", "ds12.a", "gadget-ds1.a"] {
        store.put_blob(scope, "read", b"bytes", 0).await.unwrap();
        let lease = store
            .take_lease(scope, "sync", Duration::from_secs(60))
            .await;
        assert!(lease.unwrap().is_some());
    }
    let stale = store.delete_datasource(&source_id(), 4, "ds1.").await;
    assert!(matches!(stale, Err(StoreError::StaleDatasource { .. })));
    assert_eq!(store.blob_scopes().await.unwrap().len(), 4);
    store
        .delete_datasource(&source_id(), 0, "ds1.")
        .await
        .unwrap();
    let left = ["ds12.a", "gadget-ds1.a"];
    assert_eq!(store.blob_scopes().await.unwrap(), left);
    for (scope, is_free) in [("ds1.a", true), ("ds12.a", false)] {
        let lease = store
            .take_lease(scope, "sync", Duration::from_secs(60))
            .await;
        assert_eq!(lease.unwrap().is_some(), is_free, "{scope}");
    }
    store.remove_scope("ds12.a").await.unwrap();
    assert_eq!(store.blob_scopes().await.unwrap(), ["gadget-ds1.a"]);
}

async fn a_datasource_was_read_until_its_connection_changes(fixture: Fixture) {
    let store = &fixture.store;
    create(store).await;
    let is_read = async || !store.read_datasources().await.unwrap().is_empty();
    assert!(!is_read().await);
    let mut renamed = draft("https://a.example", &[("/token", "canary-4711")]);
    renamed.settings = source(source_id()).settings;
    renamed.name = name("Other");
    let other_token = DatasourceDraft {
        secrets: [(field("/token"), SecretEdit::Set("other".into()))].into(),
        ..renamed.clone()
    };
    let without_token = DatasourceDraft {
        secrets: [(field("/token"), SecretEdit::Remove)].into(),
        ..renamed.clone()
    };
    let other_address = draft("https://a.example/v2", &[]);
    let changes = [
        (renamed, true),
        (other_token, false),
        (without_token, false),
        (other_address, false),
    ];
    for (revision, (draft, stays_read)) in (0..).zip(changes) {
        store
            .note_datasource_read(&source_id(), revision, now())
            .await
            .unwrap();
        assert!(is_read().await, "{revision}");
        save(store, revision, &draft).await.unwrap();
        assert_eq!(is_read().await, stays_read, "{revision}");
    }
    // A refresh that began before the change says nothing about the connection after it.
    store
        .note_datasource_read(&source_id(), 3, now())
        .await
        .unwrap();
    assert!(!is_read().await);
}

async fn tiles_that_use_a_datasource_are_listed(fixture: Fixture) {
    let store = &fixture.store;
    store.create_dashboard(&board(3), now()).await.unwrap();
    let configure = Change::Configure {
        tile: TileSettings {
            tile: tile_id(1),
            gadget_version: Version::new(1, 0, 0),
            settings: settings(json!({"n": 0, "from": {"datasource": "ds1"}})),
        },
    };
    store
        .change_dashboard(&board_id(), 0, &configure, None, now())
        .await
        .unwrap();
    let uses = store.tiles_using(&source_id()).await.unwrap();
    assert_eq!(uses.len(), 1);
    assert_eq!(uses[0].tile, tile_id(1));
    assert_eq!(uses[0].label, "users");
    assert_eq!(uses[0].title, name("Board"));
}
