//! No secret of any kind is stored in plain text.

use std::fs;

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use workspace_tests::secret_scan::{PlantedSecret, assert_no_secrets, assert_no_secrets_in_files};

use super::{
    access::user,
    datasources::{plan, source, source_id},
    fixture::{Fixture, on_both},
    *,
};
use crate::{
    domain::{ApiToken, LinkId, PublicLink, Role, Scope, Session, TokenId, User},
    store::{Database, Store, StoreError, handle::transaction, hash_password, new_secret},
};

on_both!(no_secret_is_stored_in_plain_text,);

/// Stores one secret of each kind, and returns them.
async fn keep_all(store: &Store) -> Vec<PlantedSecret> {
    let mut secrets = Vec::new();
    let mut hide = |name: &str, secret: &SecretString| {
        secrets.push(PlantedSecret::new(name, secret.expose_secret().as_bytes()));
    };
    let password = SecretString::from("canary: horse+battery/staple");
    hide("a password", &password);
    let ann = User {
        password: Some(hash_password(&password, 12).unwrap()),
        ..user("u1", "Ann", Role::Editor)
    };
    store.create_user(&ann).await.unwrap();

    let (secret, token) = new_secret();
    hide("the cookie of a session", &secret);
    let session = Session {
        token,
        user: ann.id.clone(),
        created_at: now(),
        expires_at: now() + TimeDelta::hours(1),
    };
    store.create_session(&session).await.unwrap();

    let (secret, token) = new_secret();
    hide("an API token", &secret);
    let token = ApiToken {
        id: TokenId::parse("token").unwrap(),
        user: ann.id.clone(),
        name: name("script"),
        token,
        scopes: Scope::ALL.into(),
        created_at: now(),
        expires_at: None,
    };
    store.create_api_token(&token).await.unwrap();

    store.create_dashboard(&board(1), now()).await.unwrap();
    let (secret, token) = new_secret();
    hide("the address of a link", &secret);
    let password = SecretString::from("canary: look&see+it");
    hide("the password of a link", &password);
    let link = PublicLink {
        id: LinkId::parse("link").unwrap(),
        dashboard: board_id(),
        created_by: ann.id.clone(),
        token,
        password: Some(hash_password(&password, 6).unwrap()),
        created_at: now(),
        expires_at: None,
        revoked_at: None,
    };
    store.create_link(&link).await.unwrap();

    let secret = SecretString::from("canary-of-a-datasource");
    hide("the secret of a datasource", &secret);
    let plan = plan(secret.expose_secret());
    let source = source(source_id());
    let made = store.create_datasource(&source, &plan, now());
    let made = made.await.unwrap();
    let opened = store.datasource_secrets(&source_id()).await.unwrap();
    let shown =
        format!("{made:?} {plan:?} {opened:?} {ann:?} {session:?} {token:?} {link:?} {store:?}");
    assert_no_secrets(
        "what is shown for people who debug",
        shown.as_bytes(),
        &secrets,
    );
    secrets
}

/// Returns every row of every table of a PostgreSQL database as text.
async fn rows(store: &Store) -> Result<Vec<String>, StoreError> {
    transaction!(store, tx, {
        tx.execute("SET LOCAL xmlbinary = hex", &[]).await?;
        let tables = tx
            .rows(
                "SELECT query_to_xml(format('SELECT * FROM %I', tablename), true, false, '')::text AS content
                 FROM pg_tables WHERE schemaname = current_schema()",
                &[],
            )
            .await?;
        tables.iter().map(|table| table.text("content")).collect()
    })
}

async fn no_secret_is_stored_in_plain_text(fixture: Fixture) {
    let mut secrets = keep_all(&fixture.store).await;
    let key = fs::read_to_string(fixture.key_path()).unwrap();
    secrets.push(PlantedSecret::new("the key", key.trim().as_bytes()));
    match fixture.options.database {
        // All files are in this directory, including the write-ahead log.
        Database::Sqlite(_) => {
            fs::remove_file(fixture.key_path()).unwrap();
            assert!(assert_no_secrets_in_files(fixture.path(), &secrets) >= 2);
        }
        Database::Postgres(_) => {
            let rows = rows(&fixture.store).await.unwrap().concat();
            for kept in ["<name>script</name>", "<field>/token</field>", "$argon2id$"] {
                assert!(rows.contains(kept), "{kept} is searched: {rows}");
            }
            assert_no_secrets("the database", rows.as_bytes(), &secrets);
        }
    }
}
