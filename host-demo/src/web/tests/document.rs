//! What the document of the API says, held against what is answered.

use serde_json::{Value, json};

use super::bed::{Server, json_of, status};
use crate::web::api::openapi::document;

/// Returns the schema of an answer, past the reference to it.
fn schema_of(document: &Value, operation: &str, status: u16) -> Value {
    let (method, path) = operation.split_once(' ').unwrap();
    let responses = &document["paths"][path][method.to_lowercase()]["responses"];
    let response = match responses.get(status.to_string()) {
        Some(response) => response,
        None => {
            assert!(status >= 400, "{operation} answers {status}");
            &responses["default"]
        }
    };
    let (_, content) = response["content"]
        .as_object()
        .unwrap()
        .iter()
        .next()
        .unwrap();
    match content["schema"]["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap().clone(),
        None => content["schema"].clone(),
    }
}

#[test]
fn every_answer_has_what_the_document_requires_and_nothing_that_it_does_not_know() {
    let server = Server::filled();
    let (document, cookie) = (document(), &server.cookie);
    let change = |change: Value, revision: u64| json!({"revision": revision, "change": change});
    let rename = json!({"kind": "rename", "title": "New"});
    for (operation, path, body, expected) in [
        ("GET /api/dashboards/{dashboard}", "d1", Value::Null, 200),
        ("POST /api/dashboards", "", json!({"title": "Other"}), 200),
        ("POST /api/dashboards", "", json!({"title": " "}), 422),
        (
            "POST /api/dashboards/{dashboard}/changes",
            "d1",
            change(rename.clone(), 0),
            200,
        ),
        (
            "POST /api/dashboards/{dashboard}/changes",
            "d1",
            change(rename, 0),
            409,
        ),
        (
            "POST /api/dashboards/{dashboard}/undo",
            "d1",
            json!({"revision": 1}),
            200,
        ),
        (
            "POST /api/dashboards/{dashboard}/undo",
            "d1",
            json!({"revision": 9}),
            409,
        ),
        (
            "POST /api/dashboards/{dashboard}/links",
            "d1",
            json!({}),
            200,
        ),
        ("GET /api/dashboards/{dashboard}", "none", Value::Null, 404),
    ] {
        let answer = server.ask(cookie, &operation.replace("{dashboard}", path), &body);
        assert_eq!(status(&answer), expected, "{operation}: {answer}");
        let schema = schema_of(&document, operation, expected);
        let answered = json_of(&answer);
        for required in schema["required"].as_array().unwrap() {
            let name = required.as_str().unwrap();
            assert!(
                answered.get(name).is_some(),
                "{operation}: no {name} in {answered}"
            );
        }
        for name in answered.as_object().unwrap().keys() {
            assert!(
                schema["properties"].get(name).is_some(),
                "{operation}: {name}"
            );
        }
    }
}

#[test]
fn what_follows_a_question_mark_is_in_the_document() {
    let document = document();
    let tile = "/api/dashboards/{dashboard}/tiles/{tile}";
    for (path, method, expected) in [
        (format!("{tile}/tile.svg"), "get", "size palette hide"),
        (format!("{tile}/tile.png"), "get", "size palette hide"),
        (format!("{tile}/tile.html"), "get", "hide among"),
        (format!("{tile}/table.csv"), "get", "id"),
        (
            format!("{tile}/details.csv"),
            "get",
            "figure chart table bucket series step row",
        ),
        (
            "/api/datasources/{datasource}".to_owned(),
            "delete",
            "revision!",
        ),
    ] {
        let parameters = document["paths"][&path][method]["parameters"]
            .as_array()
            .unwrap();
        let in_query = parameters.iter().filter(|each| each["in"] == "query");
        let names = in_query.map(|each| {
            let mark = if each["required"] == true { "!" } else { "" };
            format!("{}{mark}", each["name"].as_str().unwrap())
        });
        assert_eq!(names.collect::<Vec<_>>().join(" "), expected, "{path}");
    }
}

#[test]
fn whatever_the_api_does_not_do_is_answered_as_a_problem() {
    let server = Server::filled();
    for (path, expected, said) in [
        ("/api/nowhere", 404, "operation not found"),
        (
            "/api/dashboards/d1/tiles/t1/tile.svg?size=Q",
            400,
            "unknown variant `Q`",
        ),
        (
            "/api/dashboards/d1/tiles/t1/table.csv?id=none",
            404,
            "table not found",
        ),
    ] {
        let answer = server.get(path);
        assert_eq!(status(&answer), expected, "{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
        let problem = json_of(&answer);
        assert!(
            problem["message"].as_str().unwrap().contains(said),
            "{problem}"
        );
    }
    let answer = server.ask(
        &server.cookie,
        "POST /api/dashboards",
        &json!({"title": " "}),
    );
    let expected = json!("title: the name is empty; enter a name");
    assert_eq!(json_of(&answer)["message"], expected);
}
