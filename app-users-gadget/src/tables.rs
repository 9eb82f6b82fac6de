//! The tables of a view.

use gadget_api::{Column, ColumnKind, Table};
use marketplace::{AppRow, Bucket, Kind, Report, Sums};

use crate::{
    notices::exclusion,
    users::Counted,
    view::{cut, label, signed},
};

/// How many rows a table of a view may have.
const MOST_APPS: usize = 10_000;

fn integer(id: &str, label: &str) -> Column {
    Column::new(id, label, ColumnKind::Integer)
}

/// Returns the sums of every bucket.
pub(crate) fn movements(report: &Report) -> Table {
    let bucket = match report.bucket {
        Bucket::Day => "Day",
        Bucket::Week => "Week of",
        Bucket::Month => "Month of",
    };
    let mut columns = vec![
        Column::new("bucket", bucket, ColumnKind::Date),
        integer("opening", "Opening"),
    ];
    columns.extend(
        Kind::ALL
            .into_iter()
            .map(|kind| integer(kind.name(), label(kind))),
    );
    columns.extend([
        integer("closing", "Closing"),
        integer("net", "Net"),
        integer("licenses_gained", "Licenses that gained"),
        integer("licenses_lost", "Licenses that lost"),
    ]);
    let mut table = Table::new("movements", "Movements", columns);
    let cells = |sums: &Sums| {
        let mut cells = vec![sums.opening];
        cells.extend(Kind::ALL.into_iter().map(|kind| sums.users[kind]));
        cells.extend([
            sums.closing,
            sums.users.net(),
            signed(sums.licenses_gained),
            signed(sums.licenses_lost),
        ]);
        cells
    };
    for bucket in &report.buckets {
        let mut row = vec![bucket.start.to_string().into()];
        row.extend(cells(&bucket.sums).into_iter().map(Into::into));
        table.rows.push(row);
    }
    table
}
/// Returns every app that has a row, the one with the most change first.
pub(crate) fn apps(counted: &Counted) -> Table {
    let columns = vec![
        Column::new("app", "App key", ColumnKind::Text),
        Column::new("name", "App", ColumnKind::Text),
        integer("users_now", "Users now"),
        integer("users_week_ago", "A week ago"),
        integer("gained", "Gained"),
        integer("lost", "Lost"),
        integer("net", "Net"),
    ];
    let mut rows = counted.ledger.by_app(counted.period);
    rows.sort_by(|a, b| {
        let key = |row: &AppRow| (row.users.gained() + row.users.lost(), row.users_now);
        key(b).cmp(&key(a)).then_with(|| a.app.cmp(&b.app))
    });
    let mut table = Table::new("apps", "By app", columns);
    table.total = (rows.len() > MOST_APPS).then_some(rows.len() as u64);
    for row in rows.iter().take(MOST_APPS) {
        let numbers = [
            row.users_now,
            row.users_week_ago,
            row.users.gained(),
            row.users.lost(),
            row.users.net(),
        ];
        let mut cells = vec![cut(&row.app).into(), cut(counted.name_of(&row.app)).into()];
        cells.extend(numbers.map(Into::into));
        table.rows.push(cells);
    }
    table
}

/// Returns the sums of every hosting.
pub(crate) fn by_hosting(report: &Report) -> Table {
    let mut columns = vec![Column::new("hosting", "Hosting", ColumnKind::Text)];
    let integers = [
        ("users_now", "Users now"),
        ("users_now_low", "Tiers from"),
        ("opening", "Opening"),
        ("gained", "Gained"),
        ("lost", "Lost"),
        ("closing", "Closing"),
    ];
    columns.extend(integers.map(|(id, label)| Column::new(id, label, ColumnKind::Integer)));
    let mut table = Table::new("by_hosting", "By hosting", columns);
    for row in &report.by_hosting {
        let numbers = [
            row.users_now,
            row.users_now_low,
            row.opening,
            row.gained,
            row.lost,
            row.closing,
        ];
        let mut cells = vec![row.hosting.name().into()];
        cells.extend(numbers.map(Into::into));
        table.rows.push(cells);
    }
    table
}

/// Returns how many licenses are left out, by reason.
pub(crate) fn excluded(report: &Report) -> Table {
    let columns = vec![
        Column::new("reason", "Reason", ColumnKind::Text),
        Column::new("label", "What", ColumnKind::Text),
        Column::new("licenses", "Licenses", ColumnKind::Integer),
    ];
    let mut table = Table::new("excluded", "Left out", columns);
    for (reason, count) in &report.current_status.excluded {
        table.rows.push(vec![
            reason.name().into(),
            exclusion(*reason).label.into(),
            signed(*count).into(),
        ]);
    }
    table
}
