//! Gadgets of a help desk that use the ids of the users gadgets with other meanings.
//!
//! A host that draws by ids would give these numbers signs and captions that they did not ask for, and leave
//! columns out.

use gadget_api::{
    Bucket, Cell, Chart, Column, ColumnKind, CreateContext, Error, Figure, Gadget, Manifest,
    Notice, NoticeLevel, RenderContext, Role, Series, StackedBars, Table, View, Waterfall,
    WaterfallStep, export_gadgets,
};

/// The queue of tickets.
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Which queue is shown.
    #[schemars(title = "Queue")]
    app: String,
    /// How many hours an answer may take.
    #[schemars(title = "Hours")]
    grace_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            app: "Support".to_owned(),
            grace_days: 8,
        }
    }
}

/// Tickets with two levels, a waterfall and tables of 1, 2, 7 and 12 columns.
pub struct Tickets;

/// The same tables without a figure and without a chart.
pub struct TablesOnly;

impl Gadget for Tickets {
    type Settings = Settings;

    fn manifest() -> Manifest {
        Manifest::new("tickets", "Tickets", "The tickets of a help desk.")
    }

    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn render(&self, settings: &Settings, _: &RenderContext<'_>) -> Result<View, Error> {
        let mut view = View::new(format!("{} tickets", settings.app));
        view.figures = vec![
            Figure::new("lost", "Parcels found again", "parcels", 41)
                .with_previous(37, "at the last stocktaking"),
            Figure::new("gained", "Height climbed", "metres", 1_234),
            Figure::new("net", "Fishing nets", "nets", 17),
            Figure::new("users_now", "Chairs taken", "chairs", 5),
        ];
        view.charts = vec![Chart::StackedBars(bars()), Chart::Waterfall(steps())];
        view.tables = tables();
        view.notices = vec![
            Notice::new("excluded", NoticeLevel::Attention, "Two desks are closed").with_count(2),
        ];
        Ok(view.bounded()?)
    }
}

impl Gadget for TablesOnly {
    type Settings = Settings;

    fn manifest() -> Manifest {
        Manifest::new("tables", "Tables", "The tables of a help desk.")
    }

    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn render(&self, settings: &Settings, _: &RenderContext<'_>) -> Result<View, Error> {
        let mut view = View::new(format!("{} tables", settings.app));
        view.tables = tables();
        Ok(view.bounded()?)
    }
}

fn bars() -> StackedBars {
    let starts = ["2026-11-02", "2026-11-09"].map(str::to_owned).to_vec();
    let series = |id: &str, label: &str, role, values: [i64; 2]| {
        Series::new(id, label, role, values.map(Into::into).to_vec())
    };
    StackedBars::new("movements", "Post of the desk", "letters", Bucket::Week)
        .with_starts(starts)
        .with_series(series("churn", "Letters in", Role::Gain, [61, 72]))
        .with_series(series("new", "Letters out", Role::Loss, [13, 24]))
        .with_series(series("opening", "Open drawers", Role::Level, [803, 814]))
        .with_series(series("closing", "Locked drawers", Role::Level, [205, 196]))
        .with_level_label("Drawers on Friday")
        .with_net_label("Left on the desk")
}

fn steps() -> Waterfall {
    let steps = vec![
        WaterfallStep::new("closing", "Monday's pile", 300),
        WaterfallStep::new("lost", "Found behind the desk", 21),
        WaterfallStep::new("gained", "Given away", -9).with_note("in two vans"),
        WaterfallStep::new("opening", "Friday's pile", 312),
    ];
    Waterfall::new("waterfall", "The pile of the week", "parcels", steps)
}

/// The ids of the longest table, with labels that mean something else.
const TWELVE: [(&str, &str); 12] = [
    ("name", "Shelf"),
    ("app", "Apples"),
    ("opening", "Doors"),
    ("closing", "Locks"),
    ("gained", "Climbed"),
    ("lost", "Found"),
    ("net", "Nets"),
    ("users_now", "Chairs"),
    ("users_week_ago", "Lamps"),
    ("users_now_low", "Low tables"),
    ("change", "Coins"),
    ("licenses", "Plates"),
];

fn tables() -> Vec<Table> {
    let columns = |count: usize| {
        let column = |(place, (id, label)): (usize, &(&str, &str))| {
            let kind = match place {
                0 | 1 => ColumnKind::Text,
                _ => ColumnKind::Integer,
            };
            Column::new(*id, *label, kind)
        };
        TWELVE.iter().enumerate().take(count).map(column).collect()
    };
    let table = |id: &str, label: &str, count: i64| {
        let mut table = Table::new(
            id,
            label,
            columns(usize::try_from(count).unwrap_or_default()),
        );
        let cell = |place: i64| match place {
            0 => Cell::from(format!("Shelf of {count}")),
            1 => Cell::from(format!("Apples of {count}")),
            _ => Cell::Integer(count * 100 + place),
        };
        table.rows = vec![(0..count).map(cell).collect()];
        table
    };
    vec![
        table("apps", "One column", 1),
        table("by_hosting", "Two columns", 2),
        table("details", "Seven columns", 7),
        table("excluded", "Twelve columns", 12),
    ]
}

export_gadgets!(gadgets: [Tickets, TablesOnly]);
