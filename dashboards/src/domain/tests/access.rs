//! Access of every principal to every object, for every action.

use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::json;

use super::*;
use crate::domain::{
    Action, ApiToken, DashboardId, Datasource, DatasourceId, Denied, LinkId, Object, Permission,
    Principal, PublicLink, Role, Scope, TokenHash, TokenId, User, check_access,
};

fn user(id: &str, role: Role) -> User {
    User {
        id: user_id(id),
        name: name(id),
        role,
        password: None,
        created_at: DateTime::UNIX_EPOCH,
    }
}

fn board(permission: Permission) -> Dashboard {
    dashboard(&[tile("a", json!({}))])
        .apply(&Change::SetPermission { permission })
        .unwrap()
        .dashboard
}

fn source(permission: Permission) -> Datasource {
    Datasource {
        id: DatasourceId::parse("ds").unwrap(),
        kind: "shop".to_owned(),
        name: name("Shop"),
        owner: user_id("owner"),
        permission,
        settings: settings(json!({})),
        secrets: BTreeSet::new(),
        revision: 0,
    }
}

fn some_edit() -> Permission {
    Permission::SomeEdit {
        editors: [user_id("named"), user_id("viewer")].into(),
    }
}

fn only_named() -> Permission {
    Permission::OnlyNamed {
        users: [user_id("viewer")].into(),
        editors: [user_id("named")].into(),
    }
}

/// Returns the allowed actions as letters for view, edit, manage, create and publish.
fn rights(principal: &Principal<'_>, object: Object<'_>) -> String {
    [
        (Action::View, 'v'),
        (Action::Edit, 'e'),
        (Action::Manage, 'm'),
        (Action::Create, 'c'),
        (Action::Publish, 'p'),
    ]
    .into_iter()
    .map(
        |(action, letter)| match check_access(principal, action, object) {
            Ok(()) => letter,
            Err(_) => '-',
        },
    )
    .collect()
}

#[test]
fn rights_match_the_table() {
    let administrator = user("root", Role::Administrator);
    let owner = user("owner", Role::Editor);
    let named = user("named", Role::Editor);
    let editor = user("editor", Role::Editor);
    let viewer = user("viewer", Role::Viewer);
    let stranger = user("stranger", Role::Viewer);
    let shown = DashboardId::parse("board").unwrap();
    let other = DashboardId::parse("other").unwrap();
    let principals = [
        Principal::User(&administrator),
        Principal::User(&owner),
        Principal::User(&named),
        Principal::User(&editor),
        Principal::User(&viewer),
        Principal::User(&stranger),
        Principal::Link(&shown),
        Principal::Link(&other),
        Principal::Anonymous,
    ];

    let deleted = board(Permission::AnyoneEdits)
        .apply(&Change::Delete)
        .unwrap()
        .dashboard;
    let (open_board, some_board, named_board) = (
        board(Permission::AnyoneEdits),
        board(some_edit()),
        board(only_named()),
    );
    let (open_source, some_source, named_source) = (
        source(Permission::AnyoneEdits),
        source(some_edit()),
        source(only_named()),
    );
    let link = PublicLink {
        id: LinkId::parse("l").unwrap(),
        dashboard: shown.clone(),
        created_by: user_id("owner"),
        token: TokenHash::of("s"),
        password: None,
        created_at: DateTime::UNIX_EPOCH,
        expires_at: None,
        revoked_at: None,
    };
    let token = ApiToken {
        id: TokenId::parse("t").unwrap(),
        user: user_id("owner"),
        name: name("script"),
        token: TokenHash::of("s"),
        scopes: BTreeSet::new(),
        created_at: DateTime::UNIX_EPOCH,
        expires_at: None,
    };
    // Columns: administrator, owner, named, editor, viewer, stranger, link, other link, anonymous.
    #[rustfmt::skip]
    let table: [(&str, Object<'_>, [&str; 9]); 14] = [
        ("dashboards", Object::Dashboards, ["v--c-", "v--c-", "v--c-", "v--c-", "v----", "v----", "-----", "-----", "-----"]),
        ("open dashboard", Object::Dashboard(&open_board), ["vem-p", "vem-p", "ve--p", "ve--p", "v----", "v----", "v----", "-----", "-----"]),
        ("dashboard, some edit", Object::Dashboard(&some_board), ["vem-p", "vem-p", "ve--p", "v----", "v----", "v----", "v----", "-----", "-----"]),
        ("dashboard, only named", Object::Dashboard(&named_board), ["vem-p", "vem-p", "ve--p", "-----", "v----", "-----", "v----", "-----", "-----"]),
        ("deleted dashboard", Object::Dashboard(&deleted), ["v-m--", "v-m--", "-----", "-----", "-----", "-----", "-----", "-----", "-----"]),
        ("datasources", Object::Datasources, ["v--c-", "v--c-", "v--c-", "v--c-", "-----", "-----", "-----", "-----", "-----"]),
        ("open datasource", Object::Datasource(&open_source), ["vem--", "vem--", "ve---", "ve---", "-----", "-----", "-----", "-----", "-----"]),
        ("datasource, some edit", Object::Datasource(&some_source), ["vem--", "vem--", "ve---", "v----", "-----", "-----", "-----", "-----", "-----"]),
        ("datasource, only named", Object::Datasource(&named_source), ["vem--", "vem--", "ve---", "-----", "-----", "-----", "-----", "-----", "-----"]),
        ("catalog", Object::Catalog, ["v----", "v----", "v----", "v----", "v----", "v----", "-----", "-----", "-----"]),
        ("host", Object::Host, ["v-m--", "-----", "-----", "-----", "-----", "-----", "-----", "-----", "-----"]),
        ("users", Object::Users, ["v--c-", "-----", "-----", "-----", "-----", "-----", "-----", "-----", "-----"]),
        ("link", Object::Link(&link), ["v-m--", "v-m--", "-----", "-----", "-----", "-----", "-----", "-----", "-----"]),
        ("token", Object::ApiToken(&token), ["v-m--", "v-mc-", "-----", "-----", "-----", "-----", "-----", "-----", "-----"]),
    ];
    for (title, object, expected) in table {
        for (principal, expected) in principals.iter().zip(expected) {
            assert_eq!(
                rights(principal, object),
                expected,
                "{title}: {principal:?}"
            );
        }
    }
    for (who, whose, expected) in [
        (&administrator, &viewer, "vem--"),
        (&administrator, &administrator, "vem--"),
        (&viewer, &viewer, "ve---"),
        (&viewer, &owner, "-----"),
        (&owner, &viewer, "-----"),
    ] {
        let found = rights(&Principal::User(who), Object::User(whose));
        assert_eq!(found, expected, "{} {}", who.id, whose.id);
    }
}

#[test]
fn a_token_allows_what_both_its_scopes_and_its_user_allow() {
    let owner = user("owner", Role::Editor);
    let viewer = user("stranger", Role::Viewer);
    let root = user("root", Role::Administrator);
    let open_board = board(Permission::AnyoneEdits);
    let open_source = source(Permission::AnyoneEdits);
    let scopes = |list: &[Scope]| list.iter().copied().collect::<BTreeSet<_>>();
    use Scope::{
        Administration, DashboardsRead, DashboardsWrite, DatasourcesRead, DatasourcesWrite,
    };
    // Columns: rights on a dashboard, on a datasource, on the host.
    for (user, scopes, expected) in [
        (&owner, scopes(&[]), ["-----", "-----", "-----"]),
        (
            &owner,
            scopes(&[DashboardsRead]),
            ["v----", "-----", "-----"],
        ),
        (
            &owner,
            scopes(&[DashboardsWrite]),
            ["-em-p", "-----", "-----"],
        ),
        (
            &owner,
            scopes(&[DatasourcesRead, DatasourcesWrite]),
            ["-----", "vem--", "-----"],
        ),
        (
            &owner,
            scopes(&[Administration]),
            ["-----", "-----", "-----"],
        ),
        (&viewer, scopes(&Scope::ALL), ["v----", "-----", "-----"]),
        (
            &root,
            scopes(&[Administration]),
            ["-----", "-----", "v-m--"],
        ),
        (&root, scopes(&Scope::ALL), ["vem-p", "vem--", "v-m--"]),
    ] {
        let principal = Principal::Token {
            user,
            scopes: &scopes,
        };
        let found = [
            rights(&principal, Object::Dashboard(&open_board)),
            rights(&principal, Object::Datasource(&open_source)),
            rights(&principal, Object::Host),
        ];
        assert_eq!(found, expected, "{} {scopes:?}", user.id);
    }
}

#[test]
fn an_object_that_must_not_be_seen_is_reported_as_missing() {
    let editor = user("editor", Role::Editor);
    let hidden = board(only_named());
    let seen = board(some_edit());
    for (principal, object, expected) in [
        (
            Principal::User(&editor),
            Object::Dashboard(&hidden),
            Denied::NotFound,
        ),
        (
            Principal::User(&editor),
            Object::Dashboard(&seen),
            Denied::Forbidden,
        ),
        (
            Principal::Anonymous,
            Object::Dashboard(&seen),
            Denied::LogIn,
        ),
        (Principal::User(&editor), Object::Host, Denied::Forbidden),
    ] {
        assert_eq!(
            check_access(&principal, Action::Manage, object),
            Err(expected)
        );
    }
}
