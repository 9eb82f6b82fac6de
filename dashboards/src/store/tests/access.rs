//! Users, sessions, tokens and public links.

use chrono::TimeDelta;

use super::{
    fixture::{Fixture, on_both},
    *,
};
use crate::{
    domain::{
        ApiToken, LinkId, PasswordHash, PublicLink, Role, Scope, Session, TokenHash, TokenId, User,
    },
    store::{Event, Store, StoreError},
};

on_both!(
    names_are_unique_regardless_of_case,
    the_last_administrator_cannot_be_removed,
    a_session_ends_on_expiry_a_new_password_or_deletion_of_its_user,
    a_token_is_valid_until_it_expires_or_is_revoked,
    a_link_is_found_by_its_secret_and_can_be_revoked,
);

pub(super) fn user(id: &str, called: &str, role: Role) -> User {
    User {
        id: user_id(id),
        name: name(called),
        role,
        password: Some(PasswordHash::from_phc("$argon2id$x".to_owned())),
        created_at: now(),
    }
}

async fn names_are_unique_regardless_of_case(fixture: Fixture) {
    let store = &fixture.store;
    let zoe = user("u1", "Zoë Ärger", Role::Editor);
    store.create_user(&zoe).await.unwrap();
    let ann = user("u2", "ann", Role::Viewer);
    store.create_user(&ann).await.unwrap();
    for twin in [
        user("u1", "Other", Role::Viewer),
        user("u3", "ZOË ÄRGER", Role::Viewer),
    ] {
        let again = store.create_user(&twin).await;
        assert!(matches!(again, Err(StoreError::Taken { what: "user" })));
    }
    let found = store.user_named(&name("zoË äRGER")).await.unwrap();
    assert_eq!(found, Some(zoe.clone()));
    assert_eq!(store.users().await.unwrap(), [ann, zoe.clone()]);
    let (taken, role) = (name("ANN"), Some(Role::Viewer));
    let rename = store.change_user(&zoe.id, Some(&taken), role).await;
    assert!(matches!(rename, Err(StoreError::Taken { what: "user" })));
    let read = store.user(&zoe.id).await.unwrap();
    assert_eq!(read, Some(zoe.clone()), "all of it or nothing");
    let free = name("zoe");
    store.change_user(&zoe.id, Some(&free), role).await.unwrap();
    let read = store.user(&zoe.id).await.unwrap().unwrap();
    assert_eq!((read.name, read.role), (free, Role::Viewer));
    assert_eq!(store.user_named(&name("Zoë Ärger")).await.unwrap(), None);
}

async fn the_last_administrator_cannot_be_removed(fixture: Fixture) {
    let store = &fixture.store;
    let (one, two) = (user_id("one"), user_id("two"));
    store
        .create_user(&user("one", "One", Role::Administrator))
        .await
        .unwrap();
    for outcome in [
        store.change_user(&one, None, Some(Role::Editor)).await,
        store.delete_user(&one).await,
    ] {
        assert!(matches!(outcome, Err(StoreError::LastAdministrator)));
    }
    store
        .create_user(&user("two", "Two", Role::Viewer))
        .await
        .unwrap();
    let administrator = Some(Role::Administrator);
    store.change_user(&two, None, administrator).await.unwrap();
    // Two administrators are removed at the same time: one of them stays.
    let (first, second) = tokio::join!(store.delete_user(&one), store.delete_user(&two));
    assert_ne!(first.is_ok(), second.is_ok());
    assert_eq!(store.users().await.unwrap().len(), 1);
    let nobody = store.change_user(&user_id("none"), None, None).await;
    assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
}

async fn begin(store: &Store, secret: &str) -> TokenHash {
    let token = TokenHash::of(secret);
    store
        .create_session(&Session {
            token,
            user: user_id("u1"),
            created_at: now(),
            expires_at: now() + TimeDelta::hours(1),
        })
        .await
        .unwrap();
    token
}

async fn a_session_ends_on_expiry_a_new_password_or_deletion_of_its_user(fixture: Fixture) {
    let store = &fixture.store;
    let user = user("u1", "Ann", Role::Editor);
    store.create_user(&user).await.unwrap();
    let token = begin(store, "one").await;
    let (session, found) = store.session(&token, now()).await.unwrap().unwrap();
    assert_eq!(found, user);
    assert_eq!(session.created_at, now());
    let end = now() + TimeDelta::hours(1);
    assert_eq!(store.session(&token, end).await.unwrap(), None);
    store
        .extend_session(&token, end + TimeDelta::hours(1))
        .await
        .unwrap();
    assert!(store.session(&token, end).await.unwrap().is_some());
    let unknown = TokenHash::of("unknown");
    assert_eq!(store.session(&unknown, now()).await.unwrap(), None);

    let other = begin(store, "two").await;
    store.end_session(&other).await.unwrap();
    store.end_session(&other).await.unwrap();
    assert_eq!(store.session(&other, now()).await.unwrap(), None);

    let hash = PasswordHash::from_phc("$argon2id$y".to_owned());
    store.set_password(&user.id, Some(&hash)).await.unwrap();
    assert_eq!(store.session(&token, now()).await.unwrap(), None);

    let third = begin(store, "three").await;
    begin(store, "four").await;
    assert_eq!(store.sessions_of(&user.id, now()).await.unwrap(), 2);
    assert_eq!(store.sessions_of(&user.id, end).await.unwrap(), 0);
    let ended = store.end_other_sessions(&user.id, &third).await.unwrap();
    assert_eq!(ended, 1);
    assert!(store.session(&third, now()).await.unwrap().is_some());
    store.end_session(&third).await.unwrap();

    let last = begin(store, "five").await;
    assert_eq!(store.purge_sessions(now()).await.unwrap(), 0);
    assert_eq!(store.purge_sessions(end).await.unwrap(), 1);
    begin(store, "five").await;
    store.delete_user(&user.id).await.unwrap();
    assert_eq!(store.session(&last, now()).await.unwrap(), None);
}

async fn a_token_is_valid_until_it_expires_or_is_revoked(fixture: Fixture) {
    let store = &fixture.store;
    let user = user("u1", "Ann", Role::Editor);
    store.create_user(&user).await.unwrap();
    let token = |id: &str, hours: Option<i64>| ApiToken {
        id: TokenId::parse(id).unwrap(),
        user: user.id.clone(),
        name: name("script"),
        token: TokenHash::of(id),
        scopes: [Scope::DashboardsRead, Scope::DatasourcesWrite].into(),
        created_at: now() + TimeDelta::hours(hours.unwrap_or_default()),
        expires_at: hours.map(|hours| now() + TimeDelta::hours(hours)),
    };
    let (endless, short) = (token("endless", None), token("short", Some(1)));
    for token in [&endless, &short] {
        store.create_api_token(token).await.unwrap();
        let found = store.api_token(&token.token, now()).await.unwrap();
        assert_eq!(found, Some((token.clone(), user.clone())));
        let found = store.api_token_by_id(&token.id).await.unwrap();
        assert_eq!(found, Some(token.clone()));
    }
    let listed = store.api_tokens_of(&user.id).await.unwrap();
    assert_eq!(listed, [short.clone(), endless.clone()]);
    let end = now() + TimeDelta::hours(1);
    assert_eq!(store.api_token(&short.token, end).await.unwrap(), None);
    store.revoke_api_token(&endless.id).await.unwrap();
    assert_eq!(store.api_token(&endless.token, now()).await.unwrap(), None);
    let again = store.revoke_api_token(&endless.id).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })));
    store.delete_user(&user.id).await.unwrap();
    assert_eq!(store.api_token(&short.token, now()).await.unwrap(), None);
}

async fn a_link_is_found_by_its_secret_and_can_be_revoked(fixture: Fixture) {
    let store = &fixture.store;
    let mut events = store.events();
    store.create_dashboard(&board(1), now()).await.unwrap();
    let event = events.next().await;
    assert!(matches!(event, Some(Event::Dashboard { .. })));
    let link = PublicLink {
        id: LinkId::parse("l1").unwrap(),
        dashboard: board_id(),
        created_by: user_id("u1"),
        token: TokenHash::of("secret"),
        password: Some(PasswordHash::from_phc("$argon2id$x".to_owned())),
        created_at: now(),
        expires_at: Some(now() + TimeDelta::days(1)),
        revoked_at: None,
    };
    store.create_link(&link).await.unwrap();
    assert_eq!(events.next().await, Some(Event::Access));
    let found = store.link(&TokenHash::of("secret")).await.unwrap();
    assert_eq!(found, Some(link.clone()));
    assert_eq!(store.link(&TokenHash::of("other")).await.unwrap(), None);
    store.revoke_link(&link.id, now()).await.unwrap();
    let later = now() + TimeDelta::days(3);
    store.revoke_link(&link.id, later).await.unwrap();
    let revoked = PublicLink {
        revoked_at: Some(now()),
        ..link.clone()
    };
    let found = store.link_by_id(&link.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&revoked));
    assert_eq!(store.links_of(&board_id()).await.unwrap(), [revoked]);
    let none = store
        .revoke_link(&LinkId::parse("none").unwrap(), now())
        .await;
    assert!(matches!(none, Err(StoreError::NotFound { .. })));
}
