//! The view of App Users, from canned answers of a Marketplace to the numbers.

use gadget_api::{
    Better, Cell, Chart, ErrorKind, FieldPath, Gadget, Number, Services, SourceState, Table, View,
};
use serde_json::{Value, json};

use crate::given::{
    APP, TODAY, four, gadget, license, licenses_alone, marketplace, settings, view,
};

fn table<'a>(view: &'a View, id: &str) -> &'a Table {
    view.table(id).expect("the view has the table")
}

fn integers(row: &[Cell]) -> Vec<i64> {
    row.iter()
        .filter_map(|cell| {
            if let Cell::Integer(number) = cell {
                Some(*number)
            } else {
                None
            }
        })
        .collect()
}

fn notice(view: &View, code: &str) -> Option<(String, Option<i64>)> {
    let found = view.notices.iter().find(|notice| notice.code == code)?;
    Some((found.text.clone(), found.count))
}

#[test]
fn the_figures_say_what_changed_and_what_it_is_compared_with() {
    let (licenses, sales) = four();
    let view = view(&marketplace(&licenses, &sales), &settings(json!({})));
    assert_eq!(view.title, "Timeboard users");
    assert_eq!(view.subtitle, "last 30 days: 22 Oct – 20 Nov 2026 (UTC)");
    let figures: Vec<_> = view
        .figures
        .iter()
        .map(|figure| {
            let label = figure.previous_label.as_deref().unwrap_or_default();
            (
                figure.id.as_str(),
                figure.value,
                figure.previous,
                label,
                figure.better,
            )
        })
        .collect();
    let number = Number::Integer;
    let (up, down) = (Some(Better::Up), Some(Better::Down));
    assert_eq!(
        figures,
        [
            (
                "users_now",
                number(1050),
                Some(number(1050)),
                "a week ago",
                up
            ),
            (
                "gained",
                number(550),
                Some(number(0)),
                "the 30 days before",
                up
            ),
            (
                "lost",
                number(137),
                Some(number(0)),
                "the 30 days before",
                down
            ),
            (
                "net",
                number(413),
                Some(number(0)),
                "the 30 days before",
                up
            ),
            (
                "atlassian_users",
                number(21_004),
                Some(number(20_871)),
                "the week before",
                up
            ),
        ]
    );
    assert_eq!(view.figures[0].low, Some(number(775)));
    assert_eq!(view.figures[4].as_of.as_deref(), Some("2026-11-15"));
    assert_eq!(
        notice(&view, "excluded"),
        Some(("1 license is left out: 1 evaluation".into(), Some(1)))
    );
    assert_eq!(
        table(&view, "excluded").rows,
        [["evaluation".into(), "Evaluations".into(), 1.into()]]
    );
    assert_eq!(view.notices.len(), 1, "{:?}", view.notices);
}

#[test]
fn buckets_waterfall_and_hostings_add_up_to_the_figures() {
    let (licenses, sales) = four();
    let services = marketplace(&licenses, &sales);
    for bucket in ["day", "week", "month"] {
        let view = view(&services, &settings(json!({"bucket": bucket})));
        let movements = table(&view, "movements");
        let columns: Vec<_> = movements
            .columns
            .iter()
            .map(|column| column.id.as_str())
            .collect();
        assert_eq!(
            columns,
            [
                "bucket",
                "opening",
                "new",
                "reactivation",
                "expansion",
                "contraction",
                "churn",
                "closing",
                "net",
                "licenses_gained",
                "licenses_lost"
            ]
        );
        let rows: Vec<_> = movements.rows.iter().map(|row| integers(row)).collect();
        let sum = |column: usize| rows.iter().map(|row| row[column]).sum::<i64>();
        assert_eq!(
            (sum(1), sum(3), sum(5), sum(7)),
            (50, 500, 137, 413),
            "{bucket}"
        );
        assert_eq!((rows[0][0], rows[rows.len() - 1][6]), (637, 1050));
        assert!(rows.windows(2).all(|pair| pair[0][6] == pair[1][0]));
        let Chart::StackedBars(bars) = &view.charts[0] else {
            panic!("the first chart has bars")
        };
        assert_eq!(
            (bars.id.as_str(), bars.starts.len()),
            ("movements", rows.len())
        );
        let series: Vec<_> = bars
            .series
            .iter()
            .map(|series| series.id.as_str())
            .collect();
        assert_eq!(
            series,
            [
                "new",
                "reactivation",
                "expansion",
                "contraction",
                "churn",
                "closing"
            ]
        );
        assert_eq!(bars.incomplete.iter().filter(|is| **is).count(), 1);
        let Chart::Waterfall(waterfall) = &view.charts[1] else {
            panic!("the second chart has steps")
        };
        let steps: Vec<_> = waterfall
            .steps
            .iter()
            .map(|step| (step.id.as_str(), step.value, step.licenses))
            .collect();
        let number = Number::Integer;
        assert_eq!(
            steps,
            [
                ("opening", number(637), None),
                ("new", number(50), Some(1)),
                ("reactivation", number(0), Some(0)),
                ("expansion", number(500), Some(1)),
                ("contraction", number(0), Some(0)),
                ("churn", number(-137), Some(1)),
                ("closing", number(1050), None),
            ]
        );
        let hostings: Vec<_> = table(&view, "by_hosting")
            .rows
            .iter()
            .map(|row| integers(row))
            .collect();
        let sum = |column: usize| hostings.iter().map(|row| row[column]).sum::<i64>();
        assert_eq!(
            (sum(0), sum(1), sum(2), sum(3), sum(4), sum(5)),
            (1050, 775, 637, 550, 137, 1050)
        );
    }
}

#[test]
fn periods_are_compared_with_what_their_label_says() {
    let (licenses, sales) = four();
    let services = marketplace(&licenses, &sales);
    let cases = [
        (
            json!({"period": {"kind": "last_month"}}),
            "last month: 1 – 31 Oct 2026 (UTC)",
            Some("the month before"),
        ),
        (
            json!({"period": {"kind": "last_90_days"}, "compare": "last_year"}),
            "last 90 days: 23 Aug – 20 Nov 2026 (UTC)",
            Some("a year before"),
        ),
        (
            json!({"period": {"kind": "last_7_days"}, "compare": "none"}),
            "last 7 days: 14 – 20 Nov 2026 (UTC)",
            None,
        ),
        (
            json!({"period": {"kind": "last_12_months"}}),
            "last 12 months: 21 Nov 2025 – 20 Nov 2026 (UTC)",
            Some("the 12 months before"),
        ),
        (
            json!({"period": {"kind": "custom", "from": "2026-11-03", "to": "2026-11-03"}}),
            "3 Nov 2026 (UTC)",
            Some("the day before"),
        ),
        (
            json!({"period": {"kind": "custom", "from": "2026-11-03", "to": "2026-11-09"}}),
            "3 – 9 Nov 2026 (UTC)",
            Some("the 7 days before"),
        ),
        (
            json!({"period": {"kind": "month_to_date"}}),
            "month to date: 1 – 20 Nov 2026 (UTC)",
            Some("the same days of the month before"),
        ),
    ];
    for (more, subtitle, label) in cases {
        let view = view(&services, &settings(more));
        assert_eq!(view.subtitle, subtitle);
        assert_eq!(
            view.figure("gained").unwrap().previous_label.as_deref(),
            label,
            "{subtitle}"
        );
    }
}

#[test]
fn what_cannot_be_had_is_told_beside_the_numbers() {
    let services = licenses_alone(&[license(
        1,
        "Server",
        "50 Users",
        ("2026-11-02", "2027-11-02"),
    )])
    .with_answer(
        &crate::given::at("sales/transactions/async/export"),
        403,
        "{}",
    );
    let view = view(&services, &settings(json!({"name": " Ours "})));
    assert_eq!(view.title, "Ours");
    assert_eq!(view.figure("users_now").unwrap().value, Number::Integer(50));
    assert_eq!(view.figure("atlassian_users"), None);
    let (text, count) = notice(&view, "no_transactions").unwrap();
    assert!(text.starts_with("Counted from licenses alone, without transactions: the account is not allowed to read transactions (403)"), "{text}");
    assert_eq!(count, None);
    let (text, _) = notice(&view, "no_atlassian_count").unwrap();
    assert_eq!(
        text,
        "Atlassian's own count is not available: the API did not find Atlassian's count (404)"
    );
    let states: Vec<_> = view
        .sources
        .iter()
        .map(|source| (source.id.as_str(), source.state))
        .collect();
    assert_eq!(
        states,
        [
            ("licenses", SourceState::Fresh),
            ("transactions", SourceState::Unavailable),
            ("metrics", SourceState::Unavailable)
        ]
    );
    assert_eq!(
        view.sources[0].as_of.as_deref(),
        Some("2026-11-20T12:00:00Z")
    );
}

#[test]
fn a_render_after_a_refresh_does_not_read_the_stored_snapshot() {
    let (licenses, sales) = four();
    let services = marketplace(&licenses, &sales);
    let settings = settings(json!({}));
    let gadget = gadget(&services);
    let refresh = gadget.refresh(&settings, &services.refresh_context(TODAY));
    let name = refresh.unwrap().snapshot.unwrap();
    let context = services.render_context_of(TODAY, &name);
    for blob in services.blob_list("snapshots/").unwrap() {
        services
            .blob_put(&blob.name, b"damaged", blob.revision)
            .unwrap();
    }
    let view = gadget.render(&settings, &context).unwrap();
    assert_eq!(view.title, "Timeboard users");
}

#[test]
fn a_failed_refresh_shows_the_same_numbers_as_stale() {
    let (licenses, sales) = four();
    let services = marketplace(&licenses, &sales);
    let settings = settings(json!({}));
    let fresh = view(&services, &settings);
    services.cancel();
    let gadget = gadget(&services);
    let refreshed = gadget
        .refresh(&settings, &services.refresh_context("2026-11-21"))
        .unwrap();
    assert_eq!(refreshed.stale.unwrap().kind(), ErrorKind::Cancelled);
    let name = refreshed.snapshot.unwrap();
    let stale = gadget
        .render(&settings, &services.render_context_of(TODAY, &name))
        .unwrap();
    assert!(stale.is_stale() && !fresh.is_stale());
    assert_eq!(
        (&stale.figures, &stale.charts),
        (&fresh.figures, &fresh.charts)
    );
    assert_eq!(
        stale.sources[0].reason.as_deref(),
        Some("the call was cancelled")
    );
    assert_eq!(stale.sources[0].as_of, fresh.sources[0].as_of);
    let newest = gadget
        .render(&settings, &services.render_context(TODAY))
        .unwrap();
    assert_eq!(newest, stale);
}

#[test]
fn a_render_fetches_nothing_and_gives_the_same_bytes_again() {
    let (licenses, sales) = four();
    let services = marketplace(&licenses, &sales);
    let settings = settings(json!({}));
    let bytes = |view: &View| serde_json::to_vec(view).unwrap();
    let first = bytes(&view(&services, &settings));
    let asked = services.requests().len();
    let again = gadget(&services)
        .render(&settings, &services.render_context(TODAY))
        .unwrap();
    assert_eq!(bytes(&again), first);
    assert_eq!(services.requests().len(), asked);
}

#[test]
fn apps_and_vendors_that_do_not_exist_name_those_that_do() {
    let (licenses, sales) = four();
    let services = marketplace(&licenses, &sales);
    view(&services, &settings(json!({})));
    let gadget = gadget(&services);
    let context = services.render_context(TODAY);
    let cases = [
        (
            json!({"app": "com.acme.moon"}),
            "/app",
            "vendor 1212980 has no app `com.acme.moon`; it has com.acme.docflow, com.acme.timeboard",
        ),
        (
            json!({"vendor": "9"}),
            "/vendor",
            "the datasource has no vendor `9`; it has 1212980, 77",
        ),
        (
            json!({"period": {"kind": "custom", "from": "2026-02-02", "to": "2026-02-01"}}),
            "/period/to",
            "the period ends on 2026-02-01, before it begins on 2026-02-02",
        ),
        (
            json!({"period": {"kind": "custom", "from": "2026-02-02", "to": "2026-11-21"}}),
            "/period/to",
            "the period ends on 2026-11-21, after today (2026-11-20)",
        ),
        (
            json!({"period": {"kind": "custom", "from": "0001-01-01", "to": "2026-11-20"}, "bucket": "day"}),
            "/period/from",
            "the period begins on 0001-01-01, but the history begins on 2012-01-01: choose that day or a later one",
        ),
    ];
    for (more, path, message) in cases {
        let error = gadget.render(&settings(more), &context).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings);
        assert_eq!(
            (
                error.fields()[0].path().as_str(),
                error.fields()[0].message()
            ),
            (path, message)
        );
    }
    let docflow = gadget
        .render(&settings(json!({"app": "com.acme.docflow"})), &context)
        .unwrap();
    assert_eq!(
        (docflow.title.as_str(), docflow.figures[0].value),
        ("Docflow users", Number::Integer(0))
    );
    let error = gadget
        .refresh(
            &settings(json!({"vendor": "9"})),
            &services.refresh_context(TODAY),
        )
        .unwrap_err();
    assert_eq!(error.fields()[0].path().as_str(), "/vendor");
}

#[test]
fn the_form_offers_vendors_and_apps() {
    let (licenses, sales) = four();
    let services = marketplace(&licenses, &sales);
    let gadget = gadget(&services);
    let choices = |field: &str, settings: Value| {
        let field = FieldPath::parse(field).unwrap();
        serde_json::to_value(gadget.choices(&field, &settings, &services).unwrap()).unwrap()
    };
    let offered = |values: [(&str, &str); 2]| json!({"offered": values.map(|(value, title)| json!({"value": value, "title": title}))});
    assert_eq!(
        choices("/vendor", json!({})),
        offered([("1212980", "1212980"), ("77", "77")])
    );
    assert_eq!(
        choices("/app", json!({})),
        json!({"waiting": "Choose the vendor first."})
    );
    let apps = offered([("com.acme.docflow", "Docflow"), (APP, "Timeboard")]);
    assert_eq!(choices("/app", json!({"vendor": "1212980"})), apps);
    gadget
        .refresh(&settings(json!({})), &services.refresh_context(TODAY))
        .unwrap();
    let asked = services.requests().len();
    assert_eq!(choices("/app", json!({"vendor": "1212980"})), apps);
    assert_eq!(services.requests().len(), asked);
    let none = FieldPath::parse("/bucket").unwrap();
    assert_eq!(
        gadget
            .choices(&none, &json!({}), &services)
            .unwrap_err()
            .kind(),
        ErrorKind::Unsupported
    );
}
