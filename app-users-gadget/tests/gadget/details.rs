//! The rows behind the parts of a view.

use gadget_api::{Cell, Error, ErrorKind, Gadget, Selection};
use serde_json::{Value, json};

use crate::given::{TODAY, four, gadget, marketplace, settings};

#[test]
fn the_rows_behind_a_part_add_up_to_it() {
    let (licenses, sales) = four();
    let services = marketplace(&licenses, &sales);
    let settings = settings(json!({"bucket": "week"}));
    let gadget = gadget(&services);
    gadget
        .refresh(&settings, &services.refresh_context(TODAY))
        .unwrap();
    let details = |selection: Value| -> Result<(Vec<String>, i64), Error> {
        let selection: Selection = serde_json::from_value(selection).unwrap();
        let table = gadget.details(&settings, &selection, &services.render_context(TODAY))?;
        let (id, change) = (
            table.column("license").unwrap(),
            table.column("change").unwrap(),
        );
        let users_now = table.column("users_now").unwrap();
        assert_eq!(table.total, Some(table.rows.len() as u64));
        let number = |row: &[Cell]| match (&row[change], &row[users_now]) {
            (Cell::Integer(number), _) | (_, Cell::Integer(number)) => *number,
            _ => 0,
        };
        let sum = table.rows.iter().map(|row| number(row)).sum();
        let id = |row: &Vec<Cell>| {
            if let Cell::Text(id) = &row[id] {
                id.clone()
            } else {
                String::new()
            }
        };
        Ok((table.rows.iter().map(id).collect(), sum))
    };
    let cases: [(Value, &[&str], i64); 15] = [
        (json!({"figure": "users_now"}), &["SEN-2", "SEN-1"], 1050),
        (json!({"figure": "gained"}), &["SEN-1", "SEN-2"], 550),
        (json!({"figure": "lost"}), &["SEN-3"], -137),
        (json!({"figure": "net"}), &["SEN-1", "SEN-2", "SEN-3"], 413),
        (
            json!({"chart": "movements"}),
            &["SEN-1", "SEN-2", "SEN-3"],
            413,
        ),
        (
            json!({"chart": "movements", "bucket": "2026-11-09", "series": "churn"}),
            &["SEN-3"],
            -137,
        ),
        (
            json!({"chart": "movements", "bucket": "2026-11-09"}),
            &["SEN-2", "SEN-3"],
            363,
        ),
        (
            json!({"chart": "movements", "bucket": "2026-11-16", "series": "closing"}),
            &["SEN-2", "SEN-1"],
            1050,
        ),
        (
            json!({"chart": "waterfall", "step": "expansion"}),
            &["SEN-2"],
            500,
        ),
        (
            json!({"chart": "waterfall", "step": "closing"}),
            &["SEN-2", "SEN-1"],
            1050,
        ),
        (
            json!({"table": "movements", "row": "2026-11-02", "series": "new"}),
            &["SEN-1"],
            50,
        ),
        (
            json!({"table": "movements", "row": "2026-11-09", "series": "licenses_gained"}),
            &["SEN-2"],
            500,
        ),
        (
            json!({"table": "by_hosting", "row": "Server"}),
            &["SEN-1"],
            50,
        ),
        (
            json!({"table": "by_hosting", "row": "Data Center", "series": "users_now"}),
            &["SEN-2"],
            1000,
        ),
        (
            json!({"table": "excluded", "row": "evaluation"}),
            &["SEN-4"],
            0,
        ),
    ];
    for (selection, ids, sum) in cases {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(details(selection.clone()), Ok((ids, sum)), "{selection}");
    }
    let refused = [
        (
            json!({"figure": "moon"}),
            "/figure: the view has no figure `moon` with rows behind it",
        ),
        (
            json!({"chart": "moon"}),
            "/chart: the view has no chart `moon` with rows behind it",
        ),
        (
            json!({"chart": "movements", "bucket": "2026-01-01"}),
            "/bucket: the view has no bucket `2026-01-01` with rows behind it",
        ),
        (
            json!({"chart": "movements", "series": "moon"}),
            "/series: the view has no series `moon` with rows behind it",
        ),
        (
            json!({"chart": "waterfall", "step": "opening"}),
            "/step: the view has no step `opening` with rows behind it",
        ),
        (
            json!({"table": "by_hosting", "row": "Moon"}),
            "/row: the view has no row `Moon` with rows behind it",
        ),
        (
            json!({"table": "excluded", "row": "moon"}),
            "/row: the view has no row `moon` with rows behind it",
        ),
        (json!({}), "the selection names no figure, chart or table"),
    ];
    for (selection, message) in refused {
        let error = details(selection).unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::Settings, message)
        );
    }
}

#[test]
fn a_row_of_the_details_says_who_what_and_why() {
    let (licenses, sales) = four();
    let services = marketplace(&licenses, &sales);
    let settings = settings(json!({}));
    let gadget = gadget(&services);
    gadget
        .refresh(&settings, &services.refresh_context(TODAY))
        .unwrap();
    let selection: Selection =
        serde_json::from_value(json!({"chart": "waterfall", "step": "expansion"})).unwrap();
    let table = gadget
        .details(&settings, &selection, &services.render_context(TODAY))
        .unwrap();
    let cell = |column: &str| table.rows[0][table.column(column).unwrap()].clone();
    for (column, text) in [
        ("license", "SEN-2"),
        ("company", "Company 2"),
        ("country", "DE"),
        ("hosting", "Data Center"),
        ("movement", "Expansion"),
        ("day", "2026-11-10"),
        ("tier", "1000 Users"),
        ("status", "active"),
        ("start", "2025-02-01"),
        ("end", "2027-02-01"),
        ("last_updated", "2026-11-10"),
        ("transaction", "AT-2-2026-11-10"),
        ("sale_type", "Upgrade"),
        ("sale_date", "2026-11-10"),
    ] {
        assert_eq!(cell(column), text.into(), "{column}");
    }
    for (column, number) in [
        ("users_before", 500),
        ("users_after", 1000),
        ("change", 500),
    ] {
        assert_eq!(cell(column), Cell::Integer(number), "{column}");
    }
}
