//! The host's key: missing, wrong, open to others, changed.

use std::{fs, os::unix::fs::PermissionsExt as _};

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    bed::{Bed, on_both},
    datasources::{create, draft, secret, source_id},
    *,
};
use crate::store::{HostKey, KeyProblem, KeySource, Store, StoreError, key_file};

on_both!(
    a_key_is_made_once_for_its_user_alone,
    without_its_key_only_secrets_are_locked,
    a_changed_key_opens_everything_and_the_old_one_nothing,
    a_crash_while_the_key_changes_leaves_one_that_fits,
    a_lost_key_can_be_given_up,
    a_key_that_was_given_is_used,
);

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn a_key_is_made_once_for_its_user_alone(mut bed: Bed) {
    assert_eq!(bed.store.key_problem(), None);
    assert_eq!(mode(&bed.key_path()), 0o600);
    assert!(!key_file::next(&bed.key_path()).exists());
    let text = fs::read_to_string(bed.key_path()).unwrap();
    create(&bed.store).await;
    bed.reopen().await;
    assert_eq!(fs::read_to_string(bed.key_path()).unwrap(), text);
    assert_eq!(
        secret(&bed.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
}

async fn without_its_key_only_secrets_are_locked(mut bed: Bed) {
    create(&bed.store).await;
    let path = bed.key_path();
    let text = fs::read_to_string(&path).unwrap();
    let other = HostKey::generate();
    let other = other.to_text();
    let problems: [(&str, Option<(&str, u32)>); 4] = [
        ("is missing", None),
        (
            "can be read by others (mode 0644)",
            Some((text.as_str(), 0o644)),
        ),
        ("cannot be read", Some(("nonsense", 0o600))),
        (
            "is not the one that the secrets were sealed with",
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
        bed.reopen().await;
        let problem = bed.store.key_problem().unwrap().to_string();
        assert!(problem.contains(expected), "{problem}");
        assert_eq!(fs::read(&path).ok(), before, "{expected}");
        let locked = bed.store.datasource_secrets(&source_id()).await;
        assert!(matches!(locked, Err(StoreError::Locked(_))), "{expected}");
        // What needs no secret works.
        let source = bed.store.datasource(&source_id()).await.unwrap().unwrap();
        assert_eq!(source.secrets, [field("/token")].into());
        let fields = [field("/token")];
        let renamed = bed
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
        let entered = bed
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
    bed.reopen().await;
    assert_eq!(
        secret(&bed.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
}

async fn a_changed_key_opens_everything_and_the_old_one_nothing(mut bed: Bed) {
    create(&bed.store).await;
    let old = fs::read_to_string(bed.key_path()).unwrap();
    bed.store.rotate_key(&bed.key_path()).await.unwrap();
    assert_eq!(
        secret(&bed.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
    assert_ne!(fs::read_to_string(bed.key_path()).unwrap(), old);
    assert_eq!(mode(&bed.key_path()), 0o600);
    bed.reopen().await;
    assert_eq!(
        secret(&bed.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
    fs::write(bed.key_path(), old).unwrap();
    bed.reopen().await;
    assert!(matches!(
        bed.store.key_problem(),
        Some(KeyProblem::Wrong { .. })
    ));
}

async fn a_crash_while_the_key_changes_leaves_one_that_fits(mut bed: Bed) {
    create(&bed.store).await;
    let path = bed.key_path();
    let next = key_file::next(&path);
    // Before the transaction: the next key was written and nothing depends on it.
    key_file::write_next(&path, &HostKey::generate()).unwrap();
    bed.reopen().await;
    assert_eq!(
        secret(&bed.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
    // After the transaction: the file has still its old name.
    let old = fs::read(&path).unwrap();
    bed.store.rotate_key(&path).await.unwrap();
    fs::rename(&path, &next).unwrap();
    fs::write(&path, old).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    bed.reopen().await;
    assert_eq!(
        secret(&bed.store, "/token").await.as_deref(),
        Some("canary-4711")
    );
    assert!(!next.exists());
    // A fault at any call of it changes nothing.
    let mut call = 0;
    loop {
        call += 1;
        bed.store.fail_at(call);
        let outcome = bed.store.rotate_key(&path).await;
        bed.store.fail_never();
        assert_eq!(
            secret(&bed.store, "/token").await.as_deref(),
            Some("canary-4711")
        );
        if outcome.is_ok() {
            break;
        }
        bed.reopen().await;
        assert_eq!(
            secret(&bed.store, "/token").await.as_deref(),
            Some("canary-4711")
        );
    }
    assert!(call > 4, "{call}");
}

async fn a_lost_key_can_be_given_up(mut bed: Bed) {
    create(&bed.store).await;
    fs::remove_file(bed.key_path()).unwrap();
    bed.reopen().await;
    assert!(bed.store.key_problem().is_some());
    bed.store.forget_secrets(&bed.key_path()).await.unwrap();
    assert_eq!(bed.store.key_problem(), None);
    assert_eq!(secret(&bed.store, "/token").await, None);
    bed.reopen().await;
    assert_eq!(bed.store.key_problem(), None);
    let source = bed.store.datasource(&source_id()).await.unwrap().unwrap();
    assert_eq!((source.revision, source.secrets.len()), (1, 0));
}

async fn a_key_that_was_given_is_used(mut bed: Bed) {
    create(&bed.store).await;
    let text = fs::read_to_string(bed.key_path()).unwrap();
    for (text, is_open) in [(text.as_str(), true), ("nonsense", false)] {
        bed.store.close().await;
        bed.options.key = KeySource::Text(SecretString::from(text));
        bed.store = Store::open(&bed.options).await.unwrap();
        assert_eq!(bed.store.key_problem().is_none(), is_open);
    }
}
