//! The licenses behind a part of the view, with what changed and why.

use gadget_api::{
    Cell, Column, ColumnKind, Error, ErrorKind, FieldError, FieldPath, Selection, Table,
};
use marketplace::{Day, Hosting, Kind, LicenseDetail, Period, Selection as Rows};

use crate::{
    app_users::Counted,
    settings::AppUsersSettings,
    view::{label, report},
};

const COLUMNS: [(&str, &str, ColumnKind); 20] = [
    ("license", "License", ColumnKind::Text),
    ("company", "Company", ColumnKind::Text),
    ("country", "Country", ColumnKind::Text),
    ("hosting", "Hosting", ColumnKind::Text),
    ("movement", "Movement", ColumnKind::Text),
    ("day", "Day", ColumnKind::Date),
    ("users_before", "Users before", ColumnKind::Integer),
    ("users_after", "Users after", ColumnKind::Integer),
    ("change", "Change", ColumnKind::Integer),
    ("reason", "Reason", ColumnKind::Text),
    ("users_now", "Users now", ColumnKind::Integer),
    ("tier", "Tier", ColumnKind::Text),
    ("license_type", "Type", ColumnKind::Text),
    ("status", "Status", ColumnKind::Text),
    ("start", "Maintained from", ColumnKind::Date),
    ("end", "Maintained until", ColumnKind::Date),
    ("transaction", "Transaction", ColumnKind::Text),
    ("sale_type", "Sale", ColumnKind::Text),
    ("sale_date", "Sold", ColumnKind::Date),
    ("sale_tier", "Tier sold", ColumnKind::Text),
];

fn unknown(what: &str, name: &str) -> Error {
    let text = format!("the view has no {what} `{name}` with rows behind it");
    Error::of_fields(vec![FieldError::new(FieldPath::root().child(what), text)])
}

fn kinds(name: &str) -> Option<Vec<Kind>> {
    match name {
        "gained" => Some(
            Kind::ALL
                .into_iter()
                .filter(|kind| kind.is_gain())
                .collect(),
        ),
        "lost" => Some(
            Kind::ALL
                .into_iter()
                .filter(|kind| !kind.is_gain())
                .collect(),
        ),
        "net" | "opening" | "closing" => Some(Vec::new()),
        _ => Kind::of_name(name).map(|kind| vec![kind]),
    }
}

/// Returns the rows behind a selection.
pub(crate) fn table(
    counted: &Counted,
    settings: &AppUsersSettings,
    selection: &Selection,
) -> Result<Table, Error> {
    let wanted = wanted(counted, settings, selection)?;
    let details = counted
        .ledger
        .details(counted.shown.snapshot.rows(), &wanted);
    let columns = COLUMNS
        .iter()
        .map(|(id, label, kind)| Column::new(*id, *label, *kind))
        .collect();
    let mut table = Table::new("details", "Licenses", columns);
    table.rows = details.rows.iter().map(row).collect();
    table.total = Some(details.total as u64);
    Ok(table.bounded()?)
}

fn wanted(
    counted: &Counted,
    settings: &AppUsersSettings,
    selection: &Selection,
) -> Result<Rows, Error> {
    let movements = |period: Period, kinds: Vec<Kind>, hosting| Rows::Movements {
        period,
        kinds,
        hosting,
    };
    let hosting = |name: &str| {
        Hosting::ALL
            .into_iter()
            .find(|hosting| hosting.name() == name)
    };
    match selection {
        Selection {
            figure: Some(figure),
            ..
        } => match figure.as_str() {
            "users_now" => Ok(Rows::UsersNow { hosting: None }),
            name => kinds(name)
                .map(|kinds| movements(counted.period, kinds, None))
                .ok_or_else(|| unknown("figure", name)),
        },
        Selection {
            chart: Some(chart),
            series,
            step,
            bucket,
            ..
        } if matches!(chart.as_str(), "movements" | "waterfall") => {
            let name = series.as_ref().or(step.as_ref());
            let kinds = name.map_or(Ok(Vec::new()), |name| {
                kinds(name).ok_or_else(|| unknown("series", name))
            })?;
            Ok(movements(
                bucket_days(counted, settings, bucket.as_deref())?,
                kinds,
                None,
            ))
        }
        Selection {
            table: Some(table),
            row,
            series,
            ..
        } => match table.as_str() {
            "movements" => {
                let kinds = series.as_deref().and_then(kinds).unwrap_or_default();
                Ok(movements(
                    bucket_days(counted, settings, row.as_deref())?,
                    kinds,
                    None,
                ))
            }
            "by_hosting" => {
                let name = row.as_deref().unwrap_or_default();
                let hosting = hosting(name).ok_or_else(|| unknown("row", name))?;
                match series.as_deref() {
                    Some(column) if column.starts_with("users_now") => Ok(Rows::UsersNow {
                        hosting: Some(hosting),
                    }),
                    column => Ok(movements(
                        counted.period,
                        column.and_then(kinds).unwrap_or_default(),
                        Some(hosting),
                    )),
                }
            }
            "excluded" => {
                let name = row.as_deref().unwrap_or_default();
                let reason = marketplace::Exclusion::ALL
                    .into_iter()
                    .find(|reason| reason.name() == name);
                reason
                    .map(|reason| Rows::Excluded {
                        reason: Some(reason),
                    })
                    .ok_or_else(|| unknown("row", name))
            }
            name => Err(unknown("table", name)),
        },
        Selection {
            chart: Some(chart), ..
        } => Err(unknown("chart", chart)),
        _ => Err(Error::new(
            ErrorKind::Settings,
            "the selection names no figure, chart or table",
        )),
    }
}

fn bucket_days(
    counted: &Counted,
    settings: &AppUsersSettings,
    start: Option<&str>,
) -> Result<Period, Error> {
    let Some(start) = start else {
        return Ok(counted.period);
    };
    let report = report(&counted.ledger, settings, counted.period);
    let bucket = report
        .buckets
        .iter()
        .find(|bucket| bucket.start.to_string() == start);
    bucket
        .map(|bucket| bucket.days)
        .ok_or_else(|| unknown("bucket", start))
}

fn text(text: &str) -> Cell {
    let clean: String = text
        .chars()
        .map(|each| if each.is_control() { ' ' } else { each })
        .take(500)
        .collect();
    if clean.is_empty() {
        Cell::empty()
    } else {
        clean.into()
    }
}

fn date(day: Option<Day>) -> Cell {
    day.map_or_else(Cell::empty, |day| day.to_string().into())
}

fn row(license: &LicenseDetail) -> Vec<Cell> {
    let mut cells = vec![
        text(&license.id),
        text(&license.company),
        text(&license.country),
        license.hosting.name().into(),
    ];
    match &license.movement {
        Some(movement) => cells.extend([
            label(movement.kind).into(),
            movement.day.to_string().into(),
            movement.before.into(),
            movement.after.into(),
            (movement.after - movement.before).into(),
            text(&movement.reason),
        ]),
        None => {
            let reason = license.left_out.map_or("", marketplace::Exclusion::name);
            cells.extend([
                Cell::empty(),
                Cell::empty(),
                Cell::empty(),
                Cell::empty(),
                Cell::empty(),
                text(reason),
            ]);
        }
    }
    cells.extend([
        license.users_now.into(),
        text(&license.tier),
        text(&license.license_type),
        text(&license.status),
        date(license.start),
        date(license.end),
    ]);
    // The transaction that explains the change, else the last one that there is.
    let sale = license
        .transactions
        .iter()
        .find(|sale| sale.explains)
        .or(license.transactions.last());
    match sale {
        Some(sale) => {
            let id = if sale.transaction_id.is_empty() {
                &sale.line_item
            } else {
                &sale.transaction_id
            };
            cells.extend([
                text(id),
                text(&sale.sale_type),
                date(sale.sold),
                text(&sale.tier),
            ]);
        }
        None => cells.extend([Cell::empty(), Cell::empty(), Cell::empty(), Cell::empty()]),
    }
    cells
}
