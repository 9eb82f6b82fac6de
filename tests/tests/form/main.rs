//! The generated form: real schemas of real libraries, filled in by keyboard under the strict policy.

use serde_json::json;
use workspace_tests::VENDOR;

use self::{
    form_server::{FormServer, enter, go_to, pictures, press, save, settled},
    gadget::Gadget,
};

mod accessibility;
mod edge_cases;
mod form_server;
mod gadget;
mod third_party;

#[test]
fn every_kind_of_field_is_filled_by_keyboard_and_arrives_as_it_was_typed() {
    let Some((server, mut page)) = FormServer::in_browser(Gadget::every_field()) else {
        return;
    };

    // An untouched form shows no errors; a refused save shows all of them.
    assert_eq!(
        page.eval("document.querySelectorAll('[aria-invalid]').length"),
        json!(0)
    );
    assert_eq!(save(&mut page), json!("no"));
    assert_eq!(
        page.eval("document.activeElement === inputs('Code')[0]"),
        json!(true)
    );
    assert_eq!(page.eval("problem('Code')"), json!("It is required"));
    let lines = page.eval(
        "[...document.querySelectorAll('.form__summary li')].map((each) => each.textContent)",
    );
    assert_eq!(
        lines,
        json!([
            "Code: it is required",
            "E-mail: it is required",
            "Day: it is required",
            "Region: it is required",
            "Floor: it is required",
            "Room: it is required",
            "Person: it is required",
            "Desk: it is required"
        ])
    );
    page.eval("[...document.querySelectorAll('.form__summary button')].at(-1).focus()");
    page.key("Enter");
    assert_eq!(
        page.eval("document.activeElement === inputs('Desk')[0]"),
        json!(true)
    );
    assert_eq!(page.eval("inputs('Room')[0].disabled"), json!(true));
    assert_eq!(
        page.eval("field('Room').querySelector('.hint').textContent"),
        json!("Choose a region and a floor first.")
    );

    press(&mut page, "Size", 1, &["ArrowDown"]);
    enter(&mut page, "Name", "Our <b>team</b>");
    enter(&mut page, "Code", "abc");
    enter(&mut page, "E-mail", "me@acme.example");
    page.wait_for("problem('Code') === 'It does not match `^[A-Z]{2,4}$`'");
    enter(&mut page, "Code", "ABC");
    page.wait_for("problem('Code') === ''");
    enter(&mut page, "Page", "https://example.com/team");
    go_to(&mut page, "Day", 0);
    page.type_text("09092026");
    go_to(&mut page, "Begin", 0);
    page.type_text("09092026");
    page.key("ArrowRight");
    page.type_text("103000A");
    enter(&mut page, "Rows", "7");
    enter(&mut page, "Share", "0.25");
    press(&mut page, "Compact", 0, &["Space"]);
    press(&mut page, "Bars", 0, &["ArrowDown", "ArrowDown"]);
    press(&mut page, "Parts", 0, &["Space"]);
    press(&mut page, "Parts", 2, &["Space"]);
    press(&mut page, "Span", 0, &["End"]);
    go_to(&mut page, "From", 0);
    page.type_text("10102026");
    go_to(&mut page, "To", 0);
    page.type_text("09092026");
    page.eval("field('Words').querySelector('button').focus()");
    page.key("Enter");
    page.type_text("alpha");
    page.key("Enter");
    page.type_text("beta");
    enter(&mut page, "Person", "Ann");
    enter(&mut page, "City", "Bonn");
    enter(&mut page, "Desk", "4");
    go_to(&mut page, "Region", 0);
    page.type_text("South");
    go_to(&mut page, "Floor", 0);
    page.type_text("Floor 2");
    // Thirty rooms are too many for a select, so the field is a search.
    page.wait_for("inputs('Room')[0].role === 'combobox'");
    settled(&mut page);
    enter(&mut page, "Room", "17 south");
    assert_eq!(
        page.eval("inputs('Room')[0].getAttribute('aria-expanded')"),
        json!("true")
    );
    assert_eq!(
        page.eval("document.getElementById(inputs('Room')[0].getAttribute('aria-activedescendant')).textContent"),
        json!("Room 21717 m² to the south")
    );
    page.key("Enter");
    page.wait_for("inputs('Things').length === 2");
    press(&mut page, "Things", 1, &["Space"]);
    page.eval("document.querySelector('.advanced > summary').focus()");
    page.key("Enter");
    enter(&mut page, "Note", "two\nlines");
    enter(&mut page, "Kept for", "12");
    settled(&mut page);

    // The error of the gadget's own check is at its field.
    assert_eq!(save(&mut page), json!("no"));
    assert_eq!(
        page.eval("problem('To')"),
        json!("The last day is before the first")
    );
    assert_eq!(
        page.eval("document.activeElement === inputs('To')[0]"),
        json!(true)
    );
    page.type_text("11112026");
    assert_eq!(save(&mut page), json!("yes"));
    assert_eq!(
        server.saved(),
        Some(json!({
            "name": "Our <b>team</b>", "code": "ABC", "email": "me@acme.example",
            "page": "https://example.com/team", "day": "2026-09-09", "begin": "2026-09-09T10:30:00Z",
            "rows": 7, "share": 0.25, "compact": true, "size": "large", "bucket": "week",
            "parts": ["head", "foot"],
            "span": {"kind": "custom", "from": "2026-10-10", "to": "2026-11-11"},
            "words": ["alpha", "beta"],
            "owner": {"person": "Ann", "seat": {"city": "Bonn", "desk": 4}},
            "region": "south", "floor": 2, "room": "south-217", "things": ["south-217-desk"],
            "note": "two\nlines", "hours": 12,
        }))
    );
    pictures(&mut page, "every-field");

    // A value is dropped only when a field that it depends on changes.
    go_to(&mut page, "Region", 0);
    page.type_text("North");
    page.wait_for(
        "!form.isBusy && form.settings().region === 'north' && form.settings().room === undefined",
    );
    assert_eq!(page.eval("form.settings().things"), json!([]));
    assert_eq!(page.eval("inputs('Room')[0].value"), json!(""));
}

#[test]
fn the_form_of_app_users_is_filled_by_keyboard() {
    let Some((server, mut page)) = FormServer::in_browser(Gadget::app_users()) else {
        return;
    };
    let paired = "['Datasource', 'Vendor', 'App'].map((each) => field(each).classList.contains('field--half'))";
    assert_eq!(page.eval(paired), json!([true, true, false]));
    for (label, waits_for) in [("Vendor", "Datasource"), ("App", "Vendor")] {
        assert_eq!(
            page.eval(&format!("inputs('{label}')[0].disabled")),
            json!(true),
            "{label}"
        );
        go_to(&mut page, waits_for, 0);
        page.key("ArrowDown");
        page.wait_for(&format!("!form.isBusy && !inputs('{label}')[0].disabled"));
    }
    go_to(&mut page, "App", 0);
    page.type_text("Timeboard");
    enter(&mut page, "Name", "Users");
    press(&mut page, "Time period", 0, &["End"]);
    go_to(&mut page, "From", 0);
    page.type_text("09092026");
    go_to(&mut page, "To", 0);
    page.type_text("10102026");
    press(&mut page, "Bars", 0, &["End"]);
    press(&mut page, "Compare with", 0, &["ArrowDown"]);
    page.eval("document.querySelector('.advanced > summary').focus()");
    page.key("Enter");
    press(&mut page, "Hosting", 0, &["Space"]);
    press(&mut page, "Count also", 2, &["Space"]);
    enter(&mut page, "Users of an unlimited license", "5000");
    enter(&mut page, "Days of grace", "91");
    assert_eq!(save(&mut page), json!("no"));
    assert_eq!(
        page.eval("problem('Days of grace')"),
        json!("It must be at most 90")
    );
    enter(&mut page, "Days of grace", "14");
    assert_eq!(save(&mut page), json!("yes"));
    assert_eq!(
        server.saved(),
        Some(json!({
            "name": "Users", "datasource": "main", "vendor": VENDOR, "app": "com.acme.timeboard",
            "period": {"kind": "custom", "from": "2026-09-09", "to": "2026-10-10"}, "bucket": "month",
            "compare": "last_year", "hosting": ["Cloud"], "include": ["community"],
            "unlimited_users": 5000, "grace_days": 14,
        }))
    );
    pictures(&mut page, "app-users");
}
