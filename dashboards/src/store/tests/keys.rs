//! The host's key: missing, wrong, readable by others, rotated.

use std::{fs, os::unix::fs::PermissionsExt as _};

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    datasources::{create, draft, secret, source_id},
    fixture::{Fixture, on_both},
    *,
};
use crate::store::{HostKey, KeyProblem, KeySource, Store, StoreError, key_file};

on_both!(
    a_key_is_created_once_and_private,
    without_its_key_only_secrets_are_locked,
    after_a_rotation_only_the_new_key_opens_secrets,
    a_crash_during_a_rotation_leaves_a_working_key,
    a_new_key_can_replace_a_lost_one,
    a_given_key_is_used,
);

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn a_key_is_created_once_and_private(mut fixture: Fixture) {
    assert_eq!(fixture.store.key_problem(), None);
    assert_eq!(mode(&fixture.key_path()), 0o600);
    assert!(!key_file::next(&fixture.key_path()).exists());
    let text = fs::read_to_string(fixture.key_path()).unwrap();
    create(&fixture.store).await;
    fixture.reopen().await;
    assert_eq!(fs::read_to_string(fixture.key_path()).unwrap(), text);
    assert_eq!(
        secret(&fixture.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
}

async fn without_its_key_only_secrets_are_locked(mut fixture: Fixture) {
    create(&fixture.store).await;
    let path = fixture.key_path();
    let text = fs::read_to_string(&path).unwrap();
    let other = HostKey::generate();
    let other = other.to_text();
    let problems: [(&str, Option<(&str, u32)>); 4] = [
        ("is missing", None),
        (
            "can be read by other users (mode 0644)",
            Some((text.as_str(), 0o644)),
        ),
        ("cannot be read", Some(("nonsense", 0o600))),
        (
            "the secrets were encrypted with the key",
            Some((other.expose_secret(), 0o600)),
        ),
    ];
    for (expected, file) in problems {
        fs::remove_file(&path).unwrap_or_default();
        if let Some((text, mode)) = file {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let before = fs::read(&path).ok();
        fixture.reopen().await;
        let problem = fixture.store.key_problem().unwrap().to_string();
        assert!(problem.contains(expected), "{problem}");
        assert_eq!(fs::read(&path).ok(), before, "{expected}");
        let locked = fixture.store.datasource_secrets(&source_id()).await;
        assert!(matches!(locked, Err(StoreError::Locked(_))), "{expected}");
        // Everything that needs no secrets works.
        let source = fixture
            .store
            .datasource(&source_id())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(source.secrets, [field("/token")].into());
        let fields = [field("/token")];
        let renamed = fixture
            .store
            .save_datasource(
                &source_id(),
                source.revision,
                &draft("https://a.example", &[]),
                &field("/base"),
                &fields,
                now(),
            )
            .await
            .unwrap();
        let entered = fixture
            .store
            .save_datasource(
                &source_id(),
                renamed.revision,
                &draft("https://a.example", &[("/token", "new")]),
                &field("/base"),
                &fields,
                now(),
            )
            .await;
        assert!(matches!(entered, Err(StoreError::Locked(_))), "{expected}");
    }
    fs::write(&path, &text).unwrap();
    fixture.reopen().await;
    assert_eq!(
        secret(&fixture.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
}

async fn after_a_rotation_only_the_new_key_opens_secrets(mut fixture: Fixture) {
    create(&fixture.store).await;
    let old = fs::read_to_string(fixture.key_path()).unwrap();
    fixture.store.rotate_key(&fixture.key_path()).await.unwrap();
    assert_eq!(
        secret(&fixture.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
    assert_ne!(fs::read_to_string(fixture.key_path()).unwrap(), old);
    assert_eq!(mode(&fixture.key_path()), 0o600);
    fixture.reopen().await;
    assert_eq!(
        secret(&fixture.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
    fs::write(fixture.key_path(), old).unwrap();
    fixture.reopen().await;
    assert!(matches!(
        fixture.store.key_problem(),
        Some(KeyProblem::Wrong { .. })
    ));
}

async fn a_crash_during_a_rotation_leaves_a_working_key(mut fixture: Fixture) {
    create(&fixture.store).await;
    let path = fixture.key_path();
    let next = key_file::next(&path);
    // Before the transaction: the next key is written, and nothing depends on it.
    key_file::write_next(&path, &HostKey::generate()).unwrap();
    fixture.reopen().await;
    assert_eq!(
        secret(&fixture.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
    // After the transaction: the new key is still in the next file.
    let old = fs::read(&path).unwrap();
    fixture.store.rotate_key(&path).await.unwrap();
    fs::rename(&path, &next).unwrap();
    fs::write(&path, old).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fixture.reopen().await;
    assert_eq!(
        secret(&fixture.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
    assert!(!next.exists());
    // A fault at any call within the transaction changes nothing.
    let mut call = 0;
    loop {
        call += 1;
        fixture.store.fail_at(call);
        let outcome = fixture.store.rotate_key(&path).await;
        fixture.store.stop_failing();
        assert_eq!(
            secret(&fixture.store, "/token").await.as_deref(),
            Some("canary-4711")
        );
        if outcome.is_ok() {
            break;
        }
        fixture.reopen().await;
        assert_eq!(
            secret(&fixture.store, "/token").await.as_deref(),
            Some("canary-4711")
        );
    }
    assert!(call > 4, "{call}");
}

async fn a_new_key_can_replace_a_lost_one(mut fixture: Fixture) {
    create(&fixture.store).await;
    fs::remove_file(fixture.key_path()).unwrap();
    fixture.reopen().await;
    assert!(fixture.store.key_problem().is_some());
    fixture
        .store
        .forget_secrets(&fixture.key_path())
        .await
        .unwrap();
    assert_eq!(fixture.store.key_problem(), None);
    assert_eq!(secret(&fixture.store, "/token").await, None);
    fixture.reopen().await;
    assert_eq!(fixture.store.key_problem(), None);
    let source = fixture
        .store
        .datasource(&source_id())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((source.revision, source.secrets.len()), (1, 0));
}

async fn a_given_key_is_used(mut fixture: Fixture) {
    create(&fixture.store).await;
    let text = fs::read_to_string(fixture.key_path()).unwrap();
    for (text, is_open) in [(text.as_str(), true), ("nonsense", false)] {
        fixture.store.close().await;
        fixture.options.key = KeySource::Text(SecretString::from(text));
        fixture.store = Store::open(&fixture.options).await.unwrap();
        assert_eq!(fixture.store.key_problem().is_none(), is_open);
    }
}
