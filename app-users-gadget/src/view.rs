//! The view of the users of an app, or of all apps: figures, movements, waterfall, tables, notices, sources.

use chrono::{Datelike, SecondsFormat};
use gadget_api::{
    Better, Chart, Error, Figure, Role, Series, Source, SourceState, StackedBars, View, Waterfall,
    WaterfallStep,
};
use marketplace::{Bucket, Kind, Ledger, Period, Report, WeeklyUsers};

use crate::{asked::Asked, notices::notices, tables, users::Counted};

/// Everything that a view is made of.
pub(crate) struct Picture<'a> {
    pub(crate) asked: &'a Asked<'a>,
    pub(crate) counted: &'a Counted,
    pub(crate) report: &'a Report,
    pub(crate) before: Option<&'a Report>,
}

/// Returns the bucket and the report of a period.
pub(crate) fn report(ledger: &Ledger, asked: &Asked<'_>, period: Period) -> Report {
    ledger.report(
        period,
        asked
            .bucket
            .bucket()
            .unwrap_or_else(|| Bucket::auto(period)),
    )
}

pub(crate) fn label(kind: Kind) -> &'static str {
    match kind {
        Kind::New => "New",
        Kind::Reactivation => "Reactivation",
        Kind::Expansion => "Expansion",
        Kind::Contraction => "Contraction",
        Kind::Churn => "Churn",
    }
}

pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Returns a span of days as a person writes it: what both days share stands once.
fn span(period: Period) -> String {
    let (from, to) = (period.from().date(), period.until().plus(-1).date());
    let last = to.format("%-d %b %Y");
    let short = if from == to {
        return last.to_string();
    } else if from.year() != to.year() {
        "%-d %b %Y"
    } else if from.month() != to.month() {
        "%-d %b"
    } else {
        "%-d"
    };
    format!("{} – {last}", from.format(short))
}

impl Picture<'_> {
    /// Makes the view.
    pub(crate) fn view(&self) -> Result<View, Error> {
        let title = match (self.asked.name, self.asked.app) {
            ("", Some(app)) => format!("{} users", cut(self.counted.name_of(app))),
            ("", None) => format!("All apps of vendor {}", cut(self.asked.vendor)),
            (name, _) => name.to_owned(),
        };
        let days = span(self.report.period);
        let mut view = View::new(title).with_subtitle(match self.asked.period.label() {
            Some(label) => format!("{label}: {days} (UTC)"),
            None => format!("{days} (UTC)"),
        });
        view.figures = self.figures();
        view.charts = vec![self.movements(), self.waterfall()];
        view.tables.push(tables::movements(self.report));
        if self.asked.app.is_none() {
            view.tables.push(tables::apps(self.counted));
        }
        view.tables.push(tables::by_hosting(self.report));
        view.tables.push(tables::excluded(self.report));
        view.notices = notices(self);
        view.sources = self.sources();
        Ok(view.bounded()?)
    }

    fn figures(&self) -> Vec<Figure> {
        let current_status = &self.report.current_status;
        let total = &self.report.total.users;
        let now = Figure::new(
            "users_now",
            "Licensed users now",
            "users",
            current_status.users_now,
        )
        .with_previous(current_status.users_week_ago, "a week ago")
        .with_better(Better::Up)
        .with_low(current_status.users_now_low);
        let before = self.asked.compared_with(self.report.period.days());
        let compared = |figure: Figure, of: fn(&marketplace::ByKind<i64>) -> i64| match self.before
        {
            Some(report) => figure.with_previous(of(&report.total.users), before.as_str()),
            None => figure,
        };
        let mut figures = vec![
            now,
            compared(
                Figure::new("gained", "Gained", "users", total.gained()),
                marketplace::ByKind::gained,
            )
            .with_better(Better::Up),
            compared(
                Figure::new("lost", "Lost", "users", total.lost()),
                marketplace::ByKind::lost,
            )
            .with_better(Better::Down),
            compared(
                Figure::new("net", "Net", "users", total.net()),
                marketplace::ByKind::net,
            )
            .with_better(Better::Up),
        ];
        if let Ok((last, previous)) = self.atlassian() {
            // A week is over on its Sunday.
            let mut figure = Figure::new(
                "atlassian_users",
                "Users by Atlassian's count",
                "users",
                signed(last.users),
            )
            .with_as_of(last.week.plus(6).to_string())
            .with_better(Better::Up);
            if let Some(previous) = previous {
                figure = figure.with_previous(signed(previous.users), "the week before");
            }
            figures.push(figure);
        }
        figures
    }

    fn movements(&self) -> Chart {
        let buckets = &self.report.buckets;
        let mut series: Vec<Series> = Kind::ALL
            .into_iter()
            .map(|kind| Series {
                id: kind.name().to_owned(),
                label: label(kind).to_owned(),
                role: if kind.is_gain() {
                    Role::Gain
                } else {
                    Role::Loss
                },
                values: buckets
                    .iter()
                    .map(|bucket| bucket.sums.users[kind].into())
                    .collect(),
            })
            .collect();
        series.push(Series {
            id: "closing".to_owned(),
            label: "Users".to_owned(),
            role: Role::Level,
            values: buckets
                .iter()
                .map(|bucket| bucket.sums.closing.into())
                .collect(),
        });
        Chart::StackedBars(StackedBars {
            id: "movements".to_owned(),
            label: "Users gained and lost".to_owned(),
            unit: "users".to_owned(),
            bucket: match self.report.bucket {
                Bucket::Day => gadget_api::Bucket::Day,
                Bucket::Week => gadget_api::Bucket::Week,
                Bucket::Month => gadget_api::Bucket::Month,
            },
            starts: buckets
                .iter()
                .map(|bucket| bucket.start.to_string())
                .collect(),
            incomplete: buckets.iter().map(|bucket| bucket.is_incomplete).collect(),
            series,
        })
    }

    fn waterfall(&self) -> Chart {
        let total = &self.report.total;
        let level = |id: &str, label: &str, value: i64| WaterfallStep {
            id: id.to_owned(),
            label: label.to_owned(),
            value: value.into(),
            licenses: None,
        };
        let mut steps = vec![level("opening", "Opening", total.opening)];
        steps.extend(Kind::ALL.into_iter().map(|kind| {
            WaterfallStep {
                id: kind.name().to_owned(),
                label: label(kind).to_owned(),
                value: if kind.is_gain() {
                    total.users[kind]
                } else {
                    -total.users[kind]
                }
                .into(),
                licenses: Some(signed(total.licenses[kind])),
            }
        }));
        steps.push(level("closing", "Closing", total.closing));
        Chart::Waterfall(Waterfall {
            id: "waterfall".to_owned(),
            label: "From opening to closing".to_owned(),
            unit: "users".to_owned(),
            steps,
        })
    }

    /// Returns Atlassian's own count of the last week and of the one before, or why there is none.
    pub(crate) fn atlassian(&self) -> Result<(WeeklyUsers, Option<WeeklyUsers>), &str> {
        let snapshot = &self.counted.loaded.snapshot;
        match self.asked.app {
            None => snapshot.weekly_users_of_all_apps(),
            Some(app) => snapshot
                .weekly_users(app)
                .map(|(last, before)| (last.clone(), before.cloned())),
        }
    }

    fn sources(&self) -> Vec<Source> {
        let snapshot = &self.counted.loaded.snapshot;
        let as_of = snapshot.as_of().to_rfc3339_opts(SecondsFormat::Secs, true);
        let stale = self
            .counted
            .loaded
            .failure
            .as_ref()
            .map(|outcome| cut(outcome.error.message()));
        let read = |id: &str, label: &str| match &stale {
            None => Source::new(id, label, SourceState::Fresh).with_as_of(as_of.clone()),
            Some(reason) => Source::new(id, label, SourceState::Stale)
                .with_as_of(as_of.clone())
                .with_reason(reason.clone()),
        };
        let transactions = match snapshot.no_transactions() {
            None => read("transactions", "Marketplace transactions"),
            Some(reason) => Source::new(
                "transactions",
                "Marketplace transactions",
                SourceState::Unavailable,
            )
            .with_reason(cut(reason)),
        };
        let metrics = match self.atlassian() {
            Ok((last, _)) => {
                let source = read("metrics", "Atlassian's metrics");
                source.with_as_of(last.week.plus(6).to_string())
            }
            Err(reason) => Source::new("metrics", "Atlassian's metrics", SourceState::Unavailable)
                .with_reason(cut(reason)),
        };
        vec![
            read("licenses", "Marketplace licenses"),
            transactions,
            metrics,
        ]
    }
}

/// Keeps a foreign text within what a view may hold.
pub(crate) fn cut(text: &str) -> String {
    text.chars()
        .map(|each| if each.is_control() { ' ' } else { each })
        .take(1_000)
        .collect()
}
