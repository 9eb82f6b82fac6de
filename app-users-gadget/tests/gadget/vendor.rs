//! Vendor Users: all apps in one view, and that it says the same as App Users asked for each of them.

use app_users_gadget::{AppUsers, VendorUsers};
use gadget_api::{Cell, Chart, Gadget, Number, Selection, View, WaterfallStep, testing::Canned};
use serde_json::{Value, json};

use crate::{
    given::{
        APP, DOCFLOW, TODAY, at, four, gadget_of, license, licenses_alone,
        marketplace_with_users_of, of_app, sale, settings, vendor_settings, view, view_of,
    },
    sample::business_of_all_apps,
};

const RETRO: &str = "com.acme.retro";

/// Three apps whose licenses have the same ids: one that moves, one that grew a little, one that stands still.
fn three() -> Canned {
    let (mut licenses, mut sales) = four();
    let docflow = |row| of_app(row, DOCFLOW, "Docflow");
    let mut grown = license(2, "Cloud", "30 Users", ("2026-01-01", "2027-01-01"));
    grown["lastUpdated"] = json!("2026-11-18");
    licenses.push(docflow(grown));
    let span = ("2026-01-01", "2027-01-01");
    sales.push(docflow(sale(2, "New", "20 Users", None, span)));
    let upgrade = sale(
        2,
        "Upgrade",
        "30 Users",
        Some("20 Users"),
        ("2026-11-18", "2027-01-01"),
    );
    sales.push(docflow(upgrade));
    let still = license(1, "Data Center", "500 Users", ("2026-01-01", "2027-01-01"));
    licenses.push(of_app(still, RETRO, ""));
    marketplace_with_users_of(
        &licenses,
        &sales,
        &[(APP, [20_871, 21_004]), (DOCFLOW, [100, 90])],
    )
}

fn vendor_view(services: &Canned, more: Value) -> View {
    view_of::<VendorUsers>(services, &vendor_settings(more))
}

fn integer(number: Number) -> i64 {
    match number {
        Number::Integer(number) => number,
        other => panic!("{other:?} is no integer"),
    }
}

/// Returns the numbers of a view that add up over apps.
fn numbers(view: &View) -> Vec<(String, i64)> {
    let mut numbers = Vec::new();
    for figure in &view.figures {
        numbers.push((figure.id.clone(), integer(figure.value)));
        if let Some(previous) = figure.previous {
            numbers.push((format!("{} before", figure.id), integer(previous)));
        }
        if let Some(low) = figure.low {
            numbers.push((format!("{} low", figure.id), integer(low)));
        }
    }
    for chart in &view.charts {
        match chart {
            Chart::Waterfall(waterfall) => {
                for WaterfallStep {
                    id,
                    value,
                    licenses,
                    ..
                } in &waterfall.steps
                {
                    numbers.push((format!("step {id}"), integer(*value)));
                    numbers.push((format!("licenses {id}"), licenses.unwrap_or_default()));
                }
            }
            Chart::StackedBars(bars) => {
                for series in &bars.series {
                    for (start, value) in bars.starts.iter().zip(&series.values) {
                        numbers.push((format!("{} {start}", series.id), integer(*value)));
                    }
                }
            }
            _ => panic!("a view of users has no other chart"),
        }
    }
    numbers
}

#[test]
fn the_view_of_a_vendor_shows_all_apps_and_those_that_changed_most_first() {
    let view = vendor_view(&three(), json!({}));
    assert_eq!(view.title, "All apps of vendor 1212980");
    assert_eq!(view.subtitle, "last 30 days: 22 Oct – 20 Nov 2026 (UTC)");
    let figures: Vec<_> = view
        .figures
        .iter()
        .map(|figure| (figure.id.as_str(), integer(figure.value)))
        .collect();
    assert_eq!(
        figures,
        [
            ("users_now", 1580),
            ("gained", 560),
            ("lost", 137),
            ("net", 423),
            ("atlassian_users", 21_094),
        ]
    );
    assert_eq!(view.figures[0].previous, Some(Number::Integer(1570)));
    assert_eq!(view.figures[4].previous, Some(Number::Integer(20_971)));
    let charts: Vec<_> = view.charts.iter().filter_map(Chart::id).collect();
    assert_eq!(charts, ["movements", "waterfall"]);
    let tables: Vec<_> = view.tables.iter().map(|table| table.id.as_str()).collect();
    assert_eq!(tables, ["movements", "apps", "by_hosting", "excluded"]);
    let apps = view.table("apps").unwrap();
    let columns: Vec<_> = apps
        .columns
        .iter()
        .map(|column| column.id.as_str())
        .collect();
    assert_eq!(
        columns,
        [
            "app",
            "name",
            "users_now",
            "users_week_ago",
            "gained",
            "lost",
            "net"
        ]
    );
    let row = |key: &str, name: &str, numbers: [i64; 5]| -> Vec<Cell> {
        let mut cells = vec![key.into(), name.into()];
        cells.extend(numbers.map(Cell::from));
        cells
    };
    assert_eq!(
        apps.rows,
        [
            row(APP, "Timeboard", [1050, 1050, 550, 137, 413]),
            row(DOCFLOW, "Docflow", [30, 20, 10, 0, 10]),
            row(RETRO, RETRO, [500, 500, 0, 0, 0]),
        ]
    );
    assert_eq!(apps.total, None);
    let notices: Vec<_> = view
        .notices
        .iter()
        .map(|notice| notice.text.as_str())
        .collect();
    assert_eq!(notices, ["1 license is left out: 1 evaluation"]);
}

#[test]
fn apps_that_changed_as_much_come_by_their_users_and_then_by_their_key() {
    let span = ("2026-01-01", "2027-01-01");
    let of = |key: &str, users: u32| {
        of_app(
            license(1, "Cloud", &format!("{users} Users"), span),
            key,
            "Same",
        )
    };
    let licenses = [of("c", 20), of("b", 20), of("d", 700), of("a", 3)];
    let view = vendor_view(&marketplace_with_users_of(&licenses, &[], &[]), json!({}));
    let keys: Vec<_> = view
        .table("apps")
        .unwrap()
        .rows
        .iter()
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(keys, ["d", "b", "c", "a"].map(Cell::from));
}

#[test]
fn every_number_of_a_vendor_is_the_sum_of_app_users_asked_for_each_app() {
    let (licenses, sales) = business_of_all_apps();
    let apps = [APP, DOCFLOW, RETRO, "com.acme.signoff"];
    let users = apps.map(|app| (app, [1_000, 1_234]));
    let services = marketplace_with_users_of(&licenses, &sales, &users);
    for more in [
        json!({}),
        json!({"period": {"kind": "last_12_months"}, "bucket": "week", "compare": "last_year"}),
        json!({"period": {"kind": "last_quarter"}, "hosting": ["Cloud"], "bucket": "day"}),
        json!({"period": {"kind": "year_to_date"}, "grace_days": 0, "include": ["evaluation"]}),
        json!({"period": {"kind": "custom", "from": "2026-03-03", "to": "2026-11-09"}, "compare": "none"}),
    ] {
        let all = vendor_view(&services, more.clone());
        let rows = &all.table("apps").unwrap().rows;
        assert_eq!(rows.len(), apps.len());
        let mut sums: Vec<(String, i64)> =
            numbers(&all).into_iter().map(|(id, _)| (id, 0)).collect();
        for row in rows {
            let Cell::Text(app) = &row[0] else {
                panic!("{:?} is no key", row[0])
            };
            let mut of_app = more.clone();
            of_app["app"] = json!(app);
            let alone = view(&services, &settings(of_app));
            let figure = |id: &str| alone.figure(id).unwrap();
            assert_eq!(
                row[2..],
                [
                    figure("users_now").value,
                    figure("users_now").previous.unwrap(),
                    figure("gained").value,
                    figure("lost").value,
                    figure("net").value,
                ]
                .map(|number| Cell::from(integer(number))),
                "{app} {more}"
            );
            let numbers = numbers(&alone);
            assert_eq!(numbers.len(), sums.len());
            for (sum, (id, number)) in sums.iter_mut().zip(numbers) {
                assert_eq!(sum.0, id);
                sum.1 += number;
            }
        }
        assert_eq!(numbers(&all), sums, "{more}");
        assert!(
            sums.iter().any(|(id, sum)| id == "gained" && *sum > 0),
            "{more}"
        );
    }
}

#[test]
fn what_cannot_be_had_is_told_for_the_whole_vendor() {
    let span = ("2026-11-02", "2027-11-02");
    let services = licenses_alone(&[license(1, "Server", "50 Users", span)]).with_answer(
        &at("sales/transactions/async/export"),
        403,
        "{}",
    );
    let view = vendor_view(&services, json!({"name": " Ours "}));
    assert_eq!(view.title, "Ours");
    assert_eq!(view.figure("atlassian_users"), None);
    let codes: Vec<_> = view
        .notices
        .iter()
        .map(|notice| notice.code.as_str())
        .collect();
    assert_eq!(codes, ["no_transactions", "no_atlassian_count"]);
    let services = marketplace_with_users_of(&[], &[], &[]);
    let view = vendor_view(&services, json!({"period": {"kind": "all_time"}}));
    assert_eq!(view.table("apps").unwrap().rows.len(), 0);
    assert_eq!(view.figure("users_now").unwrap().value, Number::Integer(0));
    assert_eq!(
        view.notices[0].text,
        "Atlassian's own count is not available: Atlassian's metrics have no numbers for this vendor"
    );
}

#[test]
fn the_rows_behind_a_part_of_a_vendor_name_their_app() {
    let services = three();
    let settings = vendor_settings(json!({"bucket": "week"}));
    let gadget: VendorUsers = gadget_of(&services);
    gadget
        .refresh(&settings, &services.refresh_context(TODAY))
        .unwrap();
    let details = |selection: &Value| {
        let selection: Selection = serde_json::from_value(selection.clone()).unwrap();
        gadget.details(&settings, &selection, &services.render_context(TODAY))
    };
    type Row = (&'static str, &'static str, &'static str);
    let cases: [(Value, &[Row]); 9] = [
        (
            json!({"figure": "users_now"}),
            &[
                ("Timeboard", APP, "SEN-2"),
                (RETRO, RETRO, "SEN-1"),
                ("Timeboard", APP, "SEN-1"),
                ("Docflow", DOCFLOW, "SEN-2"),
            ],
        ),
        (
            json!({"figure": "gained"}),
            &[
                ("Timeboard", APP, "SEN-1"),
                ("Timeboard", APP, "SEN-2"),
                ("Docflow", DOCFLOW, "SEN-2"),
            ],
        ),
        (
            json!({"chart": "movements", "bucket": "2026-11-16"}),
            &[("Docflow", DOCFLOW, "SEN-2")],
        ),
        (
            json!({"chart": "waterfall", "step": "churn"}),
            &[("Timeboard", APP, "SEN-3")],
        ),
        (
            json!({"table": "by_hosting", "row": "Data Center", "series": "users_now"}),
            &[("Timeboard", APP, "SEN-2"), (RETRO, RETRO, "SEN-1")],
        ),
        (
            json!({"table": "excluded", "row": "evaluation"}),
            &[("Timeboard", APP, "SEN-4")],
        ),
        (
            json!({"table": "apps", "row": DOCFLOW}),
            &[("Docflow", DOCFLOW, "SEN-2")],
        ),
        (
            json!({"table": "apps", "row": APP, "series": "users_now"}),
            &[("Timeboard", APP, "SEN-2"), ("Timeboard", APP, "SEN-1")],
        ),
        (json!({"table": "apps", "row": RETRO, "series": "net"}), &[]),
    ];
    for (selection, expected) in cases {
        let table = details(&selection).unwrap();
        let place = |id: &str| table.column(id).unwrap();
        let columns = ["app_name", "app", "license"].map(place);
        let rows: Vec<_> = table
            .rows
            .iter()
            .map(|row| columns.map(|column| row[column].clone()))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, key, license)| [*name, key, license].map(Cell::from))
            .collect();
        assert_eq!(rows, expected, "{selection}");
    }
    for (selection, message) in [
        (
            json!({"table": "apps", "row": "com.acme.moon"}),
            "/row: the view has no row `com.acme.moon` with rows behind it",
        ),
        (
            json!({"table": "apps"}),
            "/row: the view has no row `` with rows behind it",
        ),
        (
            json!({"table": "apps", "row": APP, "series": "users_week_ago"}),
            "/series: the view has no series `users_week_ago` with rows behind it",
        ),
    ] {
        assert_eq!(details(&selection).unwrap_err().message(), message);
    }
}

#[test]
fn app_users_has_no_table_of_apps() {
    let services = three();
    let settings = settings(json!({}));
    assert!(view(&services, &settings).table("apps").is_none());
    let gadget: AppUsers = gadget_of(&services);
    let selection: Selection =
        serde_json::from_value(json!({"table": "apps", "row": APP})).unwrap();
    let error = gadget
        .details(&settings, &selection, &services.render_context(TODAY))
        .unwrap_err();
    assert_eq!(
        error.message(),
        "/table: the view has no table `apps` with rows behind it"
    );
}
