//! The licenses behind a part of the view, with what changed and why.

use gadget_api::{
    Cell, Column, ColumnKind, ColumnRole, Error, ErrorKind, FieldError, FieldPath, Selection,
    Table, Visibility,
};
use marketplace::{
    Day, Details, Exclusion, Hosting, Kind, LicenseDetail, Period, Selection as Rows,
};

use crate::{
    counted::{Counted, report},
    query::CountQuery,
    words::{exclusion, label},
};

const COLUMNS: [(&str, &str, ColumnKind); 21] = [
    ("license", "License", ColumnKind::Text),
    ("company", "Company", ColumnKind::Text),
    ("country", "Country", ColumnKind::Text),
    ("hosting", "Hosting", ColumnKind::Text),
    ("movement", "Movement", ColumnKind::Text),
    ("day", "Day", ColumnKind::Date),
    ("users_before", "Users before", ColumnKind::Integer),
    ("users_after", "Users after", ColumnKind::Integer),
    (CHANGE, "Change", ColumnKind::Integer),
    ("reason", "Reason", ColumnKind::Text),
    ("users_now", "Users now", ColumnKind::Integer),
    ("tier", "Tier", ColumnKind::Text),
    ("license_type", "Type", ColumnKind::Text),
    ("status", "Status", ColumnKind::Text),
    ("start", "Maintained from", ColumnKind::Date),
    ("end", "Maintained until", ColumnKind::Date),
    ("last_updated", "Last updated", ColumnKind::Date),
    ("transaction", "Transaction", ColumnKind::Text),
    ("sale_type", "Sale", ColumnKind::Text),
    ("sale_date", "Sold", ColumnKind::Date),
    ("sale_tier", "Tier sold", ColumnKind::Text),
];

/// The column that is summed up.
const CHANGE: &str = "change";

/// How many columns are shown at first: up to the users now.
const FIRST_COLUMNS: usize = 11;

/// Before which column the name of the app stands, where there are several; its key comes last.
const BEFORE_APP: &str = "hosting";

fn unknown(what: &str, name: &str) -> Error {
    let text = format!("the view has no {what} `{name}` with rows behind it");
    Error::of_fields(vec![FieldError::new(FieldPath::root().child(what), text)])
}

/// Returns the kinds of movement that an id of the view sums up; none is all of them.
fn kinds(name: &str) -> Option<Vec<Kind>> {
    let all = Kind::ALL.into_iter();
    match name {
        "gained" | "licenses_gained" => Some(all.filter(|kind| kind.is_gain()).collect()),
        "lost" | "licenses_lost" => Some(all.filter(|kind| !kind.is_gain()).collect()),
        "net" => Some(Vec::new()),
        _ => Kind::of_name(name).map(|kind| vec![kind]),
    }
}

/// Returns the rows behind a selection; `list` returns those of an app, or of all apps.
pub(crate) fn table(
    counted: &Counted,
    query: &CountQuery<'_>,
    selection: &Selection,
    list: impl FnOnce(Option<&str>, &Rows) -> Result<Details, Error>,
) -> Result<Table, Error> {
    let wanted = wanted(counted, query, selection)?;
    let app = app_of(selection).or(query.app);
    let details = list(app, &wanted)?;
    let columns = COLUMNS
        .iter()
        .enumerate()
        .map(|(place, (id, label, kind))| {
            let column = Column::new(*id, *label, *kind);
            match *id {
                CHANGE => column.with_role(ColumnRole::Change),
                _ if place >= FIRST_COLUMNS => column.with_visibility(Visibility::Data),
                _ => column,
            }
        });
    let mut table = Table::new("details", "Licenses", columns.collect()).with_sum(CHANGE);
    table.rows = details.rows.iter().map(row).collect();
    if query.app.is_none() {
        name_apps(&mut table, &details.rows, counted);
    }
    table.total = Some(details.total as u64);
    Ok(table.bounded()?)
}

/// Adds the columns that tell the apps of the rows apart.
fn name_apps(table: &mut Table, licenses: &[LicenseDetail], counted: &Counted) {
    let place = table.column(BEFORE_APP).unwrap_or_default();
    let column = |id: &str, label: &str| Column::new(id, label, ColumnKind::Text);
    table.columns.insert(place, column("app_name", "App"));
    let key = column("app", "App key").with_visibility(Visibility::Data);
    table.columns.push(key);
    for (cells, license) in table.rows.iter_mut().zip(licenses) {
        cells.insert(place, text(counted.name_of(&license.app)));
        cells.push(text(&license.app));
    }
}

/// Returns the app whose licenses alone are asked for: that of a row of the table of apps.
fn app_of(selection: &Selection) -> Option<&str> {
    selection
        .row
        .as_deref()
        .filter(|_| selection.figure.is_none() && selection.chart.is_none())
        .filter(|_| selection.table.as_deref() == Some("apps"))
}

/// Says which licenses a part of the view stands for.
fn wanted(counted: &Counted, query: &CountQuery<'_>, selection: &Selection) -> Result<Rows, Error> {
    let part = Part { counted, query };
    match selection {
        Selection {
            figure: Some(figure),
            ..
        } => match figure.as_str() {
            "users_now" => Ok(Rows::UsersNow { hosting: None }),
            name => part.movements("figure", Some(name), counted.period, None),
        },
        Selection {
            chart: Some(chart),
            series,
            step,
            bucket,
            ..
        } if matches!(chart.as_str(), "movements" | "waterfall") => {
            let what = if step.is_some() { "step" } else { "series" };
            let name = step.as_deref().or(series.as_deref());
            let days = part.days("bucket", bucket.as_deref())?;
            part.movements(what, name, days, None)
        }
        Selection {
            chart: Some(chart), ..
        } => Err(unknown("chart", chart)),
        Selection {
            table: Some(table),
            row,
            series,
            ..
        } => {
            let series = series.as_deref();
            let name = row.as_deref().unwrap_or_default();
            match table.as_str() {
                "movements" => {
                    let column = series.filter(|column| *column != "bucket");
                    part.movements("series", column, part.days("row", row.as_deref())?, None)
                }
                "apps" if query.app.is_none() => {
                    if name.is_empty() || !counted.loaded.snapshot.has_rows_of(name) {
                        return Err(unknown("row", name));
                    }
                    match series {
                        Some("users_now") => Ok(Rows::UsersNow { hosting: None }),
                        column => {
                            let column = column.filter(|column| !matches!(*column, "app" | "name"));
                            part.movements("series", column, counted.period, None)
                        }
                    }
                }
                "by_hosting" => {
                    let hosting = Hosting::ALL
                        .into_iter()
                        .find(|hosting| hosting.name() == name)
                        .ok_or_else(|| unknown("row", name))?;
                    match series {
                        Some("users_now" | "users_now_low") => Ok(Rows::UsersNow {
                            hosting: Some(hosting),
                        }),
                        column => {
                            let column = column.filter(|column| *column != "hosting");
                            part.movements("series", column, counted.period, Some(hosting))
                        }
                    }
                }
                "excluded" => {
                    let reason = Exclusion::ALL
                        .into_iter()
                        .find(|reason| reason.name() == name);
                    if row.is_some() && reason.is_none() {
                        return Err(unknown("row", name));
                    }
                    Ok(Rows::Excluded { reason })
                }
                other => Err(unknown("table", other)),
            }
        }
        _ => Err(Error::new(
            ErrorKind::Settings,
            "the selection names no figure, chart or table",
        )),
    }
}

/// The view that a selection is of.
struct Part<'a> {
    counted: &'a Counted,
    query: &'a CountQuery<'a>,
}

impl Part<'_> {
    /// Returns the movements that an id sums up over some days; no id is all of them.
    ///
    /// Behind a level stand the licenses that make it up, which are known for today alone.
    fn movements(
        &self,
        what: &str,
        name: Option<&str>,
        period: Period,
        hosting: Option<Hosting>,
    ) -> Result<Rows, Error> {
        if name == Some("closing") && period.holds(self.counted.totals.today()) {
            return Ok(Rows::UsersNow { hosting });
        }
        let kinds = match name {
            None => Vec::new(),
            Some(name) => kinds(name).ok_or_else(|| unknown(what, name))?,
        };
        Ok(Rows::Movements {
            period,
            kinds,
            hosting,
        })
    }

    /// Returns the days of a bucket by its start; those of the period without one.
    fn days(&self, what: &str, start: Option<&str>) -> Result<Period, Error> {
        let Some(start) = start else {
            return Ok(self.counted.period);
        };
        let report = report(&self.counted.totals, self.query, self.counted.period)?;
        let buckets = report.buckets.iter();
        let mut named = buckets.filter(|bucket| bucket.start.to_string() == start);
        let bucket = named.next().ok_or_else(|| unknown(what, start))?;
        Ok(bucket.days)
    }
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
            let reason = match license.left_out {
                Some(reason) => exclusion(reason).label,
                None if license.is_kept_by_grace => "may still renew",
                None => "",
            };
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
        date(license.last_updated),
    ]);
    // The transaction that explains the change, else the latest one.
    let sale = license
        .transactions
        .iter()
        .find(|sale| sale.explains)
        .or(license.transactions.first());
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
