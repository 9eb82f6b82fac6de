//! A dashboard as a file.

use gadget_api::FieldPath;
use serde_json::json;

use super::*;
use crate::domain::{
    DashboardExport, DashboardId, Datasource, DatasourceId, ExportRefusal, Permission,
};

fn datasource(id: &str) -> Datasource {
    Datasource {
        id: DatasourceId::parse(id).unwrap(),
        kind: "shop".to_owned(),
        name: name("Shop"),
        owner: user_id("owner"),
        permission: Permission::AnyoneEdits,
        settings: settings(json!({"base": "https://a.example"})),
        secrets: [FieldPath::parse("/token").unwrap()].into(),
        revision: 3,
    }
}

fn exported() -> DashboardExport {
    let board = dashboard(&[
        tile(
            "a",
            json!({"datasource": "ds1", "app": "x", "key": "canary"}),
        ),
        tile("b", json!({})),
    ]);
    let secret = vec![FieldPath::parse("/key").unwrap()];
    DashboardExport::of(&board, &[datasource("ds1"), datasource("ds2")], |_| {
        secret.clone()
    })
}

#[test]
fn a_file_contains_no_secrets_and_only_the_datasources_in_use() {
    let text = serde_json::to_string(&exported()).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"{"export":1,"title":"Board","#,
            r#""datasources":[{"id":"ds1","kind":"shop","name":"Shop"}],"tiles":["#,
            r#"{"gadget":"users","gadget_version":"1.0.0","size":"M","settings":{"datasource":"ds1","app":"x"}},"#,
            r#"{"gadget":"users","gadget_version":"1.0.0","size":"M","settings":{}}]}"#
        )
    );
}

#[test]
fn a_file_becomes_a_dashboard_with_new_ids() {
    let text = serde_json::to_string(&exported()).unwrap();
    let mut file = DashboardExport::parse(&text).unwrap();
    file.replace_datasource("ds1", "ds9");
    let mut number = 0;
    let board = file
        .into_dashboard(
            DashboardId::parse("other").unwrap(),
            user_id("importer"),
            || {
                number += 1;
                tile_id(&format!("new{number}"))
            },
        )
        .unwrap();
    assert_eq!(board.owner(), &user_id("importer"));
    assert_eq!(board.revision(), 0);
    let ids: Vec<_> = board.tiles().iter().map(|tile| tile.id.as_str()).collect();
    assert_eq!(ids, ["new1", "new2"]);
    assert_eq!(
        board.tiles()[0].settings.to_value(),
        json!({"datasource": "ds9", "app": "x"})
    );
}

#[test]
fn a_file_that_is_not_a_dashboard_is_refused() {
    let many = json!({"export": 1, "title": "Many", "tiles": vec![
        json!({"gadget": "users", "gadget_version": "1.0.0", "size": "S", "settings": {}}); 101
    ]});
    for (text, expected) in [
        (
            "",
            "the file is not an exported dashboard: EOF while parsing a value at line 1 column 0",
        ),
        (
            r#"{"export":2}"#,
            "the file has version 2 and this host reads version 1; update the host",
        ),
        (
            r#"{"export":1,"title":"x","tiles":[],"owner":"me"}"#,
            "the file is not an exported dashboard: unknown field `owner`, expected one of `export`, `title`, `datasources`, `tiles` at line 1 column 42",
        ),
        (
            r#"{"export":1,"title":"","tiles":[]}"#,
            "the file is not an exported dashboard: the name is empty; enter a name at line 1 column 22",
        ),
        (
            &many.to_string(),
            "the dashboard in the file cannot be created: a dashboard can have at most 100 gadgets; remove one first",
        ),
    ] {
        let result: Result<_, ExportRefusal> = DashboardExport::parse(text).and_then(|file| {
            let mut number = 0;
            file.into_dashboard(DashboardId::parse("d").unwrap(), user_id("u"), || {
                number += 1;
                tile_id(&number.to_string())
            })
        });
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}
