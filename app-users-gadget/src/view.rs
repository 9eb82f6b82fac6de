//! The view of the users of an app, or of all apps: figures, movements, waterfall, tables, notices, sources.

use chrono::{Datelike, SecondsFormat};
use gadget_api::{
    Better, Chart, Error, Figure, Notation, Role, Series, Source, SourceState, StackedBars, Tone,
    View, Waterfall, WaterfallStep,
};
use marketplace::{Bucket, ByKind, Kind, Period, Report, counted, grouped};

use crate::{
    counted::Counted,
    notices::notices,
    query::CountQuery,
    tables,
    words::{cut, label, signed},
};

/// Makes a view from what was counted.
pub(crate) struct ViewBuilder<'a> {
    pub(crate) query: &'a CountQuery<'a>,
    pub(crate) counted: &'a Counted,
    pub(crate) report: &'a Report,
    pub(crate) before: Option<&'a Report>,
}

/// Returns tone and shade of a kind of movement: what comes or goes as a whole is the strongest.
fn tone(kind: Kind) -> (Tone, u8) {
    match kind {
        Kind::New => (Tone::Good, 1),
        Kind::Reactivation => (Tone::Good, 2),
        Kind::Expansion => (Tone::Good, 3),
        Kind::Churn => (Tone::Bad, 1),
        Kind::Contraction => (Tone::Bad, 2),
    }
}

/// Returns a span of days as a person writes it. What both days share is written once.
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

impl ViewBuilder<'_> {
    /// Returns the view.
    pub(crate) fn view(&self) -> Result<View, Error> {
        let title = match (self.query.name, self.query.app) {
            ("", Some(app)) => format!("{} users", cut(self.counted.name_of(app))),
            ("", None) => format!("All apps of vendor {}", cut(self.query.vendor)),
            (name, _) => name.to_owned(),
        };
        let days = span(self.report.period);
        let mut view = View::new(title).with_subtitle(match self.query.period.label() {
            Some(label) => format!("{label}: {days} (UTC)"),
            None => format!("{days} (UTC)"),
        });
        view.figures = self.figures();
        view.charts = vec![self.movements(), self.waterfall()];
        view.tables.push(tables::movements(self.report));
        if self.query.app.is_none() {
            view.tables.push(tables::apps(self.counted));
        }
        view.tables.push(tables::by_hosting(self.report));
        view.tables.push(tables::excluded(self.report));
        view.notices = notices(self.query, self.counted, self.report);
        view.sources = self.sources();
        Ok(view.bounded()?)
    }

    fn figures(&self) -> Vec<Figure> {
        let current_status = &self.report.current_status;
        let total = &self.report.total.users;
        let (low, high) = (current_status.users_now_low, current_status.users_now);
        let mut now = Figure::new("users_now", "Licensed users now", "users", high)
            .with_previous(current_status.users_week_ago, "a week ago")
            .with_better(Better::Up)
            .with_low(low)
            .with_tip(format!(
                "The sum of the tiers of all licenses. Tiers are upper bounds: the true number is between {} and {}.",
                grouped(low),
                grouped(high)
            ))
            .as_headline();
        now.has_rows = high > 0;
        let mut figures = vec![
            now,
            self.compared("gained", "Gained", ByKind::gained)
                .with_better(Better::Up)
                .with_notation(Notation::Signed)
                .with_tip("Users of new, reactivated and larger licenses in the period."),
            self.compared("lost", "Lost", ByKind::lost)
                .with_better(Better::Down)
                .with_notation(Notation::TakenAway)
                .with_tip("Users of ended and smaller licenses in the period."),
            self.compared("net", "Net", ByKind::net)
                .with_better(Better::Up)
                .with_notation(Notation::Signed)
                .with_tip("Gained less lost."),
        ];
        // Gains and losses that cancel each other out have rows too.
        figures[3].has_rows = total.gained() > 0 || total.lost() > 0;
        if let Ok((last, previous)) = self.counted.atlassian(self.query.app) {
            // A week is over on its Sunday.
            let mut figure = Figure::new(
                "atlassian_users",
                "Users by Atlassian's count",
                "users",
                signed(last.users),
            )
            .with_as_of(last.week.plus(6).to_string())
            .with_better(Better::Up)
            .with_tip(
                "Atlassian's own count for the last complete week. It counts people, not tiers.",
            );
            if let Some(previous) = previous {
                figure = figure.with_previous(signed(previous.users), "the week before");
            }
            figures.push(figure);
        }
        figures
    }

    /// Returns a figure of the period with that of the period before.
    fn compared(&self, id: &str, label: &str, of: fn(&ByKind<i64>) -> i64) -> Figure {
        let value = of(&self.report.total.users);
        let mut figure = Figure::new(id, label, "users", value);
        figure.has_rows = value != 0;
        let Some(before) = self.before else {
            return figure;
        };
        let days = self.report.period.days();
        figure
            .with_previous(of(&before.total.users), self.query.compared_with(days))
            .with_comparison(self.query.comparison(days))
    }

    fn movements(&self) -> Chart {
        let (word, bucket) = match self.report.bucket {
            Bucket::Day => ("day", gadget_api::Bucket::Day),
            Bucket::Week => ("week", gadget_api::Bucket::Week),
            Bucket::Month => ("month", gadget_api::Bucket::Month),
        };
        let buckets = &self.report.buckets;
        let label_of_chart = format!("Users gained and lost by {word}");
        let mut chart = StackedBars::new("movements", label_of_chart, "users", bucket)
            .with_starts(buckets.iter().map(|each| each.start.to_string()).collect())
            .with_incomplete(buckets.iter().map(|each| each.is_incomplete).collect())
            .with_level_label(format!("Users at the end of the {word}"))
            .with_net_label("Net")
            .with_rows();
        for kind in Kind::ALL {
            let values = buckets.iter().map(|each| each.sums.users[kind].into());
            let role = if kind.is_gain() {
                Role::Gain
            } else {
                Role::Loss
            };
            let (tone, shade) = tone(kind);
            let mut series = Series::new(kind.name(), label(kind), role, values.collect())
                .with_tone(tone, shade);
            series.has_rows = self.report.total.users[kind] != 0;
            chart.series.push(series);
        }
        let values = buckets.iter().map(|each| each.sums.closing.into());
        let mut closing = Series::new("closing", "Users", Role::Level, values.collect());
        closing.has_rows = self.closes_today();
        chart.series.push(closing);
        Chart::StackedBars(chart)
    }

    fn waterfall(&self) -> Chart {
        let total = &self.report.total;
        let mut steps = vec![WaterfallStep::new("opening", "Opening", total.opening)];
        steps.extend(Kind::ALL.into_iter().map(|kind| {
            let users = total.users[kind];
            let licenses = total.licenses[kind];
            let (tone, shade) = tone(kind);
            let value = if kind.is_gain() { users } else { -users };
            let mut step = WaterfallStep::new(kind.name(), label(kind), value)
                .with_tone(tone, shade)
                .with_note(counted(licenses, "license", "licenses"))
                .with_licenses(signed(licenses));
            step.has_rows = licenses > 0;
            step
        }));
        let mut closing = WaterfallStep::new("closing", "Closing", total.closing);
        closing.has_rows = self.closes_today();
        steps.push(closing);
        let waterfall = Waterfall::new("waterfall", "From opening to closing", "users", steps);
        Chart::Waterfall(waterfall)
    }

    /// Tells whether the closing is that of today. The licenses behind a level are known for today alone.
    fn closes_today(&self) -> bool {
        self.report.period.holds(self.counted.totals.today()) && self.report.total.closing > 0
    }

    fn sources(&self) -> Vec<Source> {
        let snapshot = &self.counted.loaded.snapshot;
        let as_of = snapshot.as_of().to_rfc3339_opts(SecondsFormat::Secs, true);
        let stale = self
            .counted
            .loaded
            .failure
            .as_ref()
            .map(|failure| cut(failure.error.message()));
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
        let metrics = match self.counted.atlassian(self.query.app) {
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
