//! Tests of the envelopes.

use super::*;

#[test]
fn a_page_gives_its_records_and_whether_more_follow() {
    let cases: [(&str, usize, bool, Option<u64>); 9] = [
        (
            r#"{"licenses": [{"a": 1}, {"b": [2]}], "_links": {"next": {"href": "/x"}}}"#,
            2,
            true,
            None,
        ),
        (
            r#"{"licenses": [{"a": 1}], "_links": {"next": "/x"}, "totalCount": 51}"#,
            1,
            true,
            Some(51),
        ),
        (
            r#"{"licenses": [], "_links": {"next": null}}"#,
            0,
            false,
            None,
        ),
        (
            r#"{"licenses": [], "_links": {"next": {}}}"#,
            0,
            false,
            None,
        ),
        (
            r#"{"licenses": [], "_links": {"next": ""}}"#,
            0,
            false,
            None,
        ),
        (
            r#"{"licenses": [], "_links": {"next": {"href": null}}}"#,
            0,
            false,
            None,
        ),
        (r#"{"licenses": [{}], "_links": []}"#, 1, false, None),
        (r#"{"licenses": [{}]}"#, 1, false, None),
        (
            r#"{"licenses": {"addonKey": "a"}, "totalCount": "1"}"#,
            1,
            false,
            Some(1),
        ),
    ];
    for (body, count, has_next, total) in cases {
        let page = page(body.as_bytes(), Records::Licenses).unwrap();
        assert_eq!(
            (page.records.len(), page.has_next, page.total),
            (count, has_next, total),
            "{body}"
        );
    }
    let body = br#"{"transactions": [ {"a": 1} ,{"b":2}]}"#;
    let found = page(body, Records::Transactions).unwrap().records;
    let found: Vec<_> = found.into_iter().map(|place| &body[place]).collect();
    assert_eq!(found, [br#"{"a": 1}"#.as_slice(), br#"{"b":2}"#]);
}

#[test]
fn an_invalid_page_says_why() {
    let cases: [(&[u8], &str); 8] = [
        (b"", "it is empty"),
        (b"<html>", "it is HTML, not JSON"),
        (b"\xef\xbb\xbf{}", "it starts with a byte order mark"),
        (b"{\"licenses\": [", "it is not the expected JSON"),
        (b"{\"licenses\": []} x", "it is not the expected JSON"),
        (b"{}", "it has no `licenses`"),
        (b"[]", "it has no `licenses`"),
        (b"{\"licenses\": 3}", "it is not a JSON array"),
    ];
    for (body, message) in cases {
        let error = page(body, Records::Licenses).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert!(page(deep.as_bytes(), Records::Licenses).is_err());
    let deep = format!(r#"{{"licenses": {deep}}}"#);
    assert!(page(deep.as_bytes(), Records::Licenses).is_ok_and(|page| page.records.len() == 1));
}

#[test]
fn ids_and_states_are_read_or_an_error() {
    assert_eq!(developer(br#"{"developerId": " d-1 "}"#).unwrap(), "d-1");
    assert_eq!(
        developer(b"{}").unwrap_err().to_string(),
        "it has no `developerId`"
    );
    assert_eq!(export_id(br#"{"export": {"id": "e-1"}}"#).unwrap(), "e-1");
    assert_eq!(
        export_id(br#"{"export": "e-1"}"#).unwrap_err().to_string(),
        "it has no `export.id`"
    );
    for (status, state) in [
        ("QUEUED", ExportState::Pending),
        ("in_progress", ExportState::Pending),
        ("MOON_PHASE", ExportState::Pending),
        (" completed", ExportState::Completed),
        ("FAILED", ExportState::Failed),
        ("EXPIRED", ExportState::Failed),
    ] {
        let body = format!(r#"{{"export": {{"id": "e", "status": "{status}"}}}}"#);
        assert_eq!(export_state(body.as_bytes()).unwrap(), state, "{status}");
    }
    assert!(export_state(b"{}").is_err());
}

#[test]
fn a_listing_names_its_apps_and_the_cursor_of_the_next_page() {
    let body = br#"{"links": {"next": "/rest/3/x?limit=2&cursor=ey%4a%2B+x%3D%3D&y=1#z"},
        "items": [{"appKey": "com.a", "appName": "A"}, {"appKey": "com.b"}, {"appName": "no key"}, 7]}"#;
    let (found, cursor) = apps(body).unwrap();
    let app = |key: &str, name: &str| App {
        key: key.into(),
        name: name.into(),
    };
    assert_eq!(found, [app("com.a", "A"), app("com.b", "com.b")]);
    assert_eq!(cursor.as_deref(), Some("eyJ+ x=="));
    for body in [
        r#"{"items": [], "links": {}}"#,
        r#"{"items": [], "links": {"next": null}}"#,
        r#"{"items": []}"#,
    ] {
        assert_eq!(apps(body.as_bytes()).unwrap(), (Vec::new(), None), "{body}");
    }
    assert!(apps(br#"{"errors": []}"#).is_err());
    let odd = query_value("/x?cursor=100%, %4, %zz, %é", "cursor");
    assert_eq!(odd.as_deref(), Some("100%, %4, %zz, %é"));
}

#[test]
fn weekly_users_come_under_one_of_three_names() {
    for name in ["userCounts", "userCount", "users"] {
        let body = format!(
            r#"{{"records": [{{"date": "2026-11-09", "appKey": "b", "{name}": 7}},
                {{"date": "2026-11-09", "appKey": "a", "{name}": "12.0", "installCounts": 3}},
                {{"date": "2026-11-09", "appKey": "b", "{name}": 7}}, {{"date": "x"}}]}}"#
        );
        let found = weekly_users(body.as_bytes()).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|week| (week.app.as_str(), week.users))
            .collect();
        assert_eq!(found, [("a", 12), ("b", 7)], "{name}");
    }
    for (record, message) in [
        (
            r#"{"date": "2026-11-09", "appKey": "b", "installCounts": 7}"#,
            "it has no `userCounts`",
        ),
        (
            r#"{"date": "2026-11-09", "appKey": "b", "userCounts": 7.5}"#,
            "it has no `userCounts`",
        ),
        (
            r#"{"date": "2026-11-09", "appKey": "b", "userCounts": -7}"#,
            "it has no `userCounts`",
        ),
        (
            r#"{"date": "soon", "appKey": "b", "userCounts": 7}"#,
            "it has no `date`",
        ),
        (
            r#"{"date": "2026-11-09", "appKey": "b", "users": 7}, {"date": "2026-11-09", "appKey": "b", "users": 8}"#,
            "it has two numbers for the same app and week",
        ),
    ] {
        let body = format!(r#"{{"records": [{record}]}}"#);
        assert_eq!(
            weekly_users(body.as_bytes()).unwrap_err().to_string(),
            message
        );
    }
    assert!(weekly_users(b"{}").is_err());
}

#[test]
fn all_shapes_of_errors_are_read() {
    let cases = [
        (
            r#"{"errors":[{"message":"Must be a date","path":"startDate","code":"BAD_VALUE"}]}"#,
            "BAD_VALUE",
            "Must be a date",
        ),
        (
            r#"{"errors":[{"id":"1","status":"404","code":"NOT_FOUND","title":"Not found","detail":"no such space"}]}"#,
            "NOT_FOUND",
            "no such space",
        ),
        (
            r#"{"code":401,"message":"Unauthorized"}"#,
            "401",
            "Unauthorized",
        ),
        (r#"{"error":"Forbidden"}"#, "", "Forbidden"),
        (
            r#"{"errors":[],"code":"Basic dG9rZW4=","message":""}"#,
            "",
            "",
        ),
        ("<html>", "", ""),
        ("[1]", "", ""),
    ];
    for (body, code, message) in cases {
        let expected = ApiError {
            code: code.into(),
            message: message.into(),
        };
        assert_eq!(api_error(body.as_bytes()), expected, "{body}");
    }
}
