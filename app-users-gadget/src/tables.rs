//! The tables of a view.

use gadget_api::{Column, ColumnKind, ColumnRole, Order, Table, Visibility};
use marketplace::{AppRow, Bucket, Kind, Report, Sums};

use crate::{
    counted::Counted,
    words::{cut, exclusion, label, signed},
};

/// How many rows a table of a view may have.
const MOST_APPS: usize = 10_000;

fn integer(id: &str, label: &str) -> Column {
    Column::new(id, label, ColumnKind::Integer)
}

/// Returns a column of users with a role.
fn users(id: &str, label: &str, role: ColumnRole) -> Column {
    integer(id, label).with_role(role).with_unit("users")
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
        users("opening", "Opening", ColumnRole::EarlierLevel),
    ];
    columns.extend(Kind::ALL.into_iter().map(|kind| {
        let role = if kind.is_gain() {
            ColumnRole::Gain
        } else {
            ColumnRole::Loss
        };
        users(kind.name(), label(kind), role)
    }));
    columns.extend([
        users("closing", "Closing", ColumnRole::Level),
        users("net", "Net", ColumnRole::Change),
        integer("licenses_gained", "Licenses that gained").with_unit("licenses"),
        integer("licenses_lost", "Licenses that lost").with_unit("licenses"),
    ]);
    let mut table = Table::new("movements", "Movements", columns)
        .with_tile_rows(0)
        .with_sorting("bucket", Order::Ascending);
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
        Column::new("app", "App key", ColumnKind::Text)
            .with_role(ColumnRole::Key)
            .with_visibility(Visibility::Data),
        Column::new("name", "App", ColumnKind::Text).with_role(ColumnRole::Label),
        users("users_now", "Users now", ColumnRole::Level),
        users("users_week_ago", "A week ago", ColumnRole::EarlierLevel),
        users("gained", "Gained", ColumnRole::Gain),
        users("lost", "Lost", ColumnRole::Loss),
        // Gained and lost give it, and a tile has little room.
        users("net", "Net", ColumnRole::Change).with_visibility(Visibility::Data),
    ];
    let mut rows = counted.totals.by_app(counted.period);
    rows.sort_by(|a, b| {
        let key = |row: &AppRow| (row.users.gained() + row.users.lost(), row.users_now);
        key(b).cmp(&key(a)).then_with(|| a.app.cmp(&b.app))
    });
    let mut table = Table::new("apps", "By app", columns).with_tile_rows(8);
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
    let on_data = |column: Column| column.with_visibility(Visibility::Data);
    let columns = vec![
        Column::new("hosting", "Hosting", ColumnKind::Text).with_role(ColumnRole::Label),
        users("users_now", "Users now", ColumnRole::Level),
        on_data(users("users_now_low", "Tiers from", ColumnRole::LowEnd)),
        on_data(integer("opening", "Opening").with_unit("users")),
        users("gained", "Gained", ColumnRole::Gain),
        users("lost", "Lost", ColumnRole::Loss),
        on_data(integer("closing", "Closing").with_unit("users")),
    ];
    let mut table = Table::new("by_hosting", "By hosting", columns).with_tile_rows(8);
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
        Column::new("reason", "Reason", ColumnKind::Text).with_role(ColumnRole::Key),
        Column::new("label", "What", ColumnKind::Text).with_role(ColumnRole::Label),
        integer("licenses", "Licenses").with_unit("licenses"),
    ];
    let mut table = Table::new("excluded", "Left out", columns).with_tile_rows(0);
    for (reason, count) in &report.current_status.excluded {
        table.rows.push(vec![
            reason.name().into(),
            exclusion(*reason).label.into(),
            signed(*count).into(),
        ]);
    }
    table
}
