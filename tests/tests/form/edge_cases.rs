//! Late answers, values that are no longer offered, secrets, and malicious schemas in a form.

use serde_json::{Value, json};
use workspace_tests::browser::Page;

use crate::{form_server::FormServer, gadget::Gadget};

/// Opens a page on which a test makes forms of its own, as `made`, in place of the first one.
fn open_empty() -> Option<Page> {
    let (_server, mut page) = FormServer::in_browser(Gadget::every_field())?;
    page.eval(
        "window.make = (start, options) => { window.made?.element.remove(); document.getElementById('form').hidden = true; \
         window.made = createForm(start, options); document.querySelector('main').append(window.made.element); }",
    );
    Some(page)
}

fn make(page: &mut Page, start: &Value) {
    page.eval(&format!("make(JSON.parse({}))", json!(start.to_string())));
}

/// A schema of fields that all are required, unless they have a default.
fn schema(fields: Value) -> Value {
    let all = fields.as_object().expect("fields are an object");
    let required: Vec<&String> = all
        .iter()
        .filter(|(_, field)| field.get("default").is_none())
        .map(|(name, _)| name)
        .collect();
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": fields})
}

fn one_of(title: &str, values: &[&str]) -> Value {
    let choices: Vec<Value> = values
        .iter()
        .map(|value| json!({"const": value, "title": value.to_uppercase()}))
        .collect();
    json!({"type": "string", "title": title, "oneOf": choices})
}

#[test]
fn a_late_answer_is_ignored_and_typed_text_and_focus_stay() {
    let Some(mut page) = open_empty() else {
        return;
    };
    let of = |rooms: &[&str]| {
        schema(
            json!({"floor": one_of("Floor", &["a", "b", "c"]), "room": one_of("Room", rooms), "note": {"type": "string", "title": "Note", "default": ""}}),
        )
    };
    let start = json!({"schema": of(&["a1", "a2"]), "settings": {"floor": "a", "room": "a2", "note": ""}, "choices": {"/floor": {"dependsOn": []}, "/room": {"dependsOn": ["/floor"]}}});
    page.eval(&format!(
        "window.asked = []; make({start}, {{answer: (settings) => new Promise((done, fail) => asked.push({{settings, done, fail}}))}})"
    ));
    page.eval("window.pick = (label, value) => { const [input] = inputs(label); input.value = value; input.dispatchEvent(new Event('change')); }");

    page.eval("pick('Floor', '1'); pick('Floor', '2')");
    assert_eq!(
        page.eval("asked.map(({settings}) => settings.floor)"),
        json!(["b", "c"])
    );
    assert_eq!(
        page.eval("[made.isBusy, field('Room').ariaBusy, field('Note').ariaBusy]"),
        json!([true, "true", null])
    );
    page.eval("inputs('Note')[0].focus()");
    page.type_text("mine");
    let answer = |floor: &str, rooms: &[&str]| json!({"schema": of(rooms), "settings": {"floor": floor, "room": "a2", "note": ""}, "errors": [{"path": "/room", "message": "it must be one of these"}]});
    // The answer for the last floor comes first; the one before it comes late.
    page.eval(&format!("asked[1].done({})", answer("c", &["c1"])));
    page.wait_for("asked.length === 3");
    page.eval(&format!("asked[0].done({})", answer("b", &["b1"])));
    assert_eq!(
        page.eval("asked[2].settings"),
        json!({"floor": "c", "note": "mine"})
    );
    assert_eq!(
        page.eval("[...inputs('Room')[0].options].map((each) => each.text)"),
        json!(["Choose…", "C1"])
    );
    assert_eq!(
        page.eval("document.activeElement === inputs('Note')[0]"),
        json!(true)
    );

    // A failed request is reported, with a way to try again; typed text stays.
    page.eval("asked[2].fail(new Error('the host does not answer'))");
    page.wait_for("!made.isBusy");
    let summary = "document.querySelector('.form__summary:not([hidden])')?.textContent";
    let told =
        "There is 1 problemTry again: the choices could not be updated: the host does not answer";
    assert_eq!(page.eval(summary), json!(told));
    page.eval("document.querySelector('.form__summary button').click()");
    page.eval(&format!(
        "asked[3].done({})",
        json!({"schema": of(&["c1"]), "settings": {"floor": "c", "note": "mine"}, "errors": []})
    ));
    page.wait_for("!made.isBusy");
    assert_eq!(page.eval(summary), Value::Null);
    assert_eq!(
        page.eval("made.settings()"),
        json!({"floor": "c", "note": "mine"})
    );

    // Settings that are set from outside win over an answer to an earlier question.
    page.eval("pick('Floor', '0')");
    page.eval(&format!(
        "made.show({{settings: {}}})",
        json!({"floor": "b", "note": "theirs"})
    ));
    page.eval(&format!("asked[4].done({})", answer("a", &["a1"])));
    assert_eq!(
        page.eval("(async () => { await made.whenIdle(); return made.settings(); })()"),
        json!({"floor": "b", "note": "theirs"})
    );
}

#[test]
fn a_value_that_is_no_longer_offered_is_kept_and_marked() {
    let Some(mut page) = open_empty() else {
        return;
    };
    let many: Vec<String> = (1..=20).map(|number| format!("m{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let start = json!({
        "schema": schema(json!({
            "few": one_of("Few", &["a", "b"]), "some": one_of("Some", &["a", "b", "c", "d"]), "many": one_of("Many", &many),
            "several": {"type": "array", "title": "Several", "uniqueItems": true, "items": one_of("", &["a", "b"])},
            "waits": {"type": "string", "title": "Waits", "enum": [], "description": "Later."},
        })),
        "settings": {"few": "x", "some": "x", "many": "x", "several": ["a", "x"], "waits": "x"},
    });
    make(&mut page, &start);
    assert_eq!(page.eval("made.settings()"), start["settings"]);
    let gone = "x (no longer available)";
    for (label, shown) in [
        (
            "Few",
            "inputs('Few').find((each) => each.checked).parentElement.textContent",
        ),
        ("Some", "inputs('Some')[0].selectedOptions[0].text"),
        ("Many", "inputs('Many')[0].value"),
        (
            "Several",
            "inputs('Several').find((each) => each.checked).parentElement.textContent",
        ),
    ] {
        assert_eq!(page.eval(shown), json!(gone), "{label}");
        assert_eq!(
            page.eval(&format!("problem('{label}')")),
            json!("This choice is no longer available. Choose another one"),
            "{label}"
        );
        assert_eq!(
            page.eval(&format!("inputs('{label}')[0].ariaInvalid")),
            json!("true"),
            "{label}"
        );
    }
    // Where the choices are unknown, the value is not marked as wrong.
    assert_eq!(page.eval("[inputs('Waits')[0].selectedOptions[0].text, inputs('Waits')[0].disabled, problem('Waits')]"), json!(["x", true, ""]));

    page.eval("inputs('Several')[0].click(); inputs('Few')[1].click()");
    page.eval("inputs('Many')[0].focus()");
    // Escape and leaving discard what was typed; a complete title is accepted.
    for (text, keys, value) in [
        ("m1", &["Escape"][..], "x"),
        ("m1", &["Tab"], "m1"),
        ("m2", &["ArrowDown", "Enter"], "m20"),
        ("nothing", &["Enter", "Tab"], "m20"),
    ] {
        page.eval("inputs('Many')[0].focus()");
        page.key("Control+a");
        page.type_text(text);
        for key in keys {
            page.key(key);
        }
        assert_eq!(
            page.eval("made.settings().many"),
            json!(value),
            "{text} {keys:?}"
        );
    }
    assert_eq!(
        page.eval("made.settings()"),
        json!({"few": "a", "some": "x", "many": "m20", "several": ["a"], "waits": "x"})
    );
    assert_eq!(
        page.eval("[problem('Few'), problem('Many'), problem('Several')]"),
        json!(["", "", ""])
    );
}

#[test]
fn a_secret_is_kept_set_or_removed() {
    let Some(mut page) = open_empty() else {
        return;
    };
    let secret = |title: &str| json!({"type": "string", "title": title, "writeOnly": true});
    let mut fields = json!({"must": secret("Must"), "may": secret("May"), "new": secret("New")});
    fields["may"]["default"] = json!("");
    let start = json!({"schema": schema(fields), "settings": {}, "secretsSet": ["/must", "/may"]});
    make(&mut page, &start);
    assert_eq!(page.eval("made.settings()"), json!({}));
    assert_eq!(
        page.eval("['Must', 'May', 'New'].map((each) => [inputs(each)[0].type, inputs(each)[0].placeholder, inputs(each).length])"),
        json!([["password", "Saved. Leave empty to keep it", 1], ["password", "Saved. Leave empty to keep it", 2], ["password", "", 1]])
    );
    page.eval("inputs('May')[1].click(); inputs('New')[0].focus()");
    page.type_text(" s3cret ");
    assert_eq!(
        page.eval("made.settings()"),
        json!({"may": null, "new": " s3cret "})
    );
    assert_eq!(page.eval("inputs('May')[0].disabled"), json!(true));
}

#[test]
fn a_malicious_schema_is_shown_as_text_and_loses_no_value() {
    let Some(mut page) = open_empty() else {
        return;
    };
    let markup = "<img src=x onerror=alert(1)>";
    let mut deep = json!({"type": "string", "title": "End"});
    for _ in 0..60 {
        deep = json!({"type": "object", "title": "Deeper", "properties": {"in": deep}});
    }
    let mut fields = json!({
        "a": {"type": "string", "title": markup, "description": markup, "default": markup, "pattern": "^(a+)+$", "unknown": {"x": 1}},
        "b": {"anyOf": [{"type": "string"}], "title": "Any"},
        "c": {"type": ["string", "null"], "title": "Two"},
        "d": 7,
        "e": {"oneOf": [{"const": markup, "title": markup}], "title": "One"},
        "f": {"type": "array", "title": "Objects", "items": {"type": "object"}},
        "deep": deep,
        "last": {"type": "boolean", "title": "Last", "default": false},
    });
    // A member of this name must not reach the prototype of all objects.
    let odd: Value = serde_json::from_str(
        r#"{"__proto__": {"type": "string", "title": "Odd", "default": "odd"}}"#,
    )
    .expect("JSON");
    fields
        .as_object_mut()
        .expect("an object")
        .extend(odd.as_object().cloned().expect("an object"));
    let settings = json!({"b": {"any": [1]}, "c": "two", "d": 7, "e": markup, "f": [{"g": 1}]});
    make(
        &mut page,
        &json!({"schema": schema(fields), "settings": settings, "errors": [{"path": "/nowhere", "message": markup}, {"path": "/b/any", "message": "no"}]}),
    );
    assert_eq!(page.eval("document.querySelectorAll('img').length + document.querySelectorAll('[onerror]').length"), json!(0));
    let got = page.eval("JSON.stringify(made.settings())");
    let got: Value = serde_json::from_str(got.as_str().expect("text")).expect("JSON");
    for name in ["b", "c", "d", "e", "f"] {
        assert_eq!(got[name], settings[name], "{name}");
    }
    assert_eq!(
        (&got["a"], &got["__proto__"], &got["last"]),
        (&json!(markup), &json!("odd"), &json!(false))
    );
    assert_eq!(page.eval("({}).odd ?? null"), Value::Null);
    assert_eq!(
        page.eval("[problem('Any'), inputs('Any')[0].tagName]"),
        json!(["No", "TEXTAREA"])
    );
    assert_eq!(
        page.eval("[...document.querySelectorAll('.form__summary:not([hidden]) li')].map((each) => each.textContent)"),
        json!([format!("/nowhere: {markup}"), "Any: no"])
    );
    page.eval("inputs('Any')[0].focus()");
    page.key("Control+a");
    page.type_text("{\"any\": tru");
    page.key("Tab");
    assert_eq!(page.eval("problem('Any')"), json!("Enter valid JSON"));
    assert!(
        page.eval("document.querySelectorAll('fieldset').length")
            .as_u64()
            < Some(20)
    );

    // Of too many fields, those that are not shown keep their values.
    let many = (0..2_000).map(|number| {
        (
            format!("f{number}"),
            json!({"type": "integer", "title": "F", "default": 1}),
        )
    });
    let many: Value = many.collect::<serde_json::Map<_, _>>().into();
    make(
        &mut page,
        &json!({"schema": schema(many), "settings": {"f1999": 5}}),
    );
    assert_eq!(page.eval("[document.querySelectorAll('main > .form input').length, Object.keys(made.settings()).length, made.settings().f1999]"), json!([500, 2000, 5]));
}
