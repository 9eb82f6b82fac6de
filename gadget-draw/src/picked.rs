//! The part of a view whose rows somebody looks at: what it is called, how its numbers add up, and
//! what stands beside it.

use gadget_api::{Chart, Number, Role, Selection, Series, StackedBars, View, Waterfall};
use maud::{Markup, PreEscaped, html};

use super::{
    bar_tip, bars, day, figure,
    hidden::NOTHING,
    key::{entries, swatch},
    look::{Sign, label_of, levels},
    number,
    paint::Variant,
    picture::{ChartOptions, Links},
    waterfall,
};

/// How wide the chart is drawn, and where each of the drawings is seen.
const WIDTHS: [(&str, u32); 4] = [
    ("d-vast", 1176),
    ("d-wide", 780),
    ("d-mid", 560),
    ("d-narrow", 326),
];

/// What is said about a part of a view.
pub struct Picked {
    /// The heading of the rows.
    pub heading: String,
    /// What else is known of the part, one short text each.
    pub facts: Vec<String>,
    /// The bars beside it, each with its words and its address.
    pub beside: Vec<(String, String)>,
    /// How its numbers add up, and the chart that it is a part of.
    pub drawing: Markup,
}

/// Finds what a selection stands for; nothing if the view has no such part.
pub fn picked(view: &View, selection: &Selection, links: &Links) -> Option<Picked> {
    let mut picked = match selection {
        Selection {
            figure: Some(id), ..
        } => of_figure(view, id)?,
        Selection {
            chart: Some(id), ..
        } => match view.charts.iter().find(|chart| chart.id() == Some(id))? {
            Chart::StackedBars(chart) => of_bars(chart, selection, links)?,
            Chart::Waterfall(chart) => of_step(chart, selection.step.as_deref()?, links)?,
            _ => return None,
        },
        _ => return None,
    };
    if selection.bucket.is_none() && !view.subtitle.is_empty() {
        picked.facts.push(view.subtitle.clone());
    }
    let as_of = view
        .sources
        .iter()
        .find_map(|source| source.as_of.as_deref());
    picked
        .facts
        .extend(as_of.map(|as_of| format!("as of {}", day::moment(as_of))));
    Some(picked)
}

fn of_figure(view: &View, id: &str) -> Option<Picked> {
    let figure = view.figures.iter().find(|figure| figure.id == id)?;
    let figure_text = figure::in_words(figure);
    Some(Picked {
        heading: format!("{}: {}", figure_text.label, figure_text.value),
        facts: figure_text.band.into_iter().collect(),
        beside: Vec::new(),
        drawing: html! {},
    })
}

fn of_bars(chart: &StackedBars, selection: &Selection, links: &Links) -> Option<Picked> {
    let index = match &selection.bucket {
        Some(bucket) => Some(chart.starts.iter().position(|start| start == bucket)?),
        None => None,
    };
    let series = match &selection.series {
        Some(id) => Some(chart.series.iter().find(|series| series.id == *id)?),
        None => None,
    };
    let name = index.and_then(|index| chart.starts.get(index));
    let name = name.map(|start| day::bar_name(chart.bucket, start));
    let label = series.map(|series| label_of(&series.label, &series.id));
    let heading = match (label, name) {
        (Some(label), Some(name)) => format!("{label}, {name}"),
        (Some(name), None) | (None, Some(name)) => label_of("", &name),
        (None, None) => bars::title_of(chart),
    };
    Some(Picked {
        heading,
        facts: index.map_or_else(Vec::new, |index| days(chart, index)),
        beside: index.map_or_else(Vec::new, |index| beside(chart, index, selection, links)),
        drawing: html! {
            (sums_of_bars(chart, index, selection, links))
            (chart_with(chart, index, links))
        },
    })
}

/// Says which days a bar covers, and whether they are over.
fn days(chart: &StackedBars, index: usize) -> Vec<String> {
    let Some(start) = chart.starts.get(index) else {
        return Vec::new();
    };
    let is_open = chart.incomplete.get(index).copied().unwrap_or_default();
    let last = day::parsed(start).map(|start| day::short(day::last_of(chart.bucket, start)));
    let state = match last {
        Some(last) if is_open => format!("unfinished until {last}"),
        _ if is_open => "unfinished".to_owned(),
        _ => "complete".to_owned(),
    };
    vec![day::bar_span(chart.bucket, start), state]
}

/// Returns the bars before and after one, with the same series.
fn beside(
    chart: &StackedBars,
    index: usize,
    selection: &Selection,
    links: &Links,
) -> Vec<(String, String)> {
    let word = label_of("", day::bucket_word(chart.bucket));
    let part = |place: Option<usize>, side: &str| {
        let bucket = chart.starts.get(place?)?;
        let series = selection.series.as_deref();
        let address = links.part(&chart.id, Some(bucket), series);
        Some((format!("{word} {side}"), address))
    };
    let before = part(index.checked_sub(1), "before");
    let after = part(index.checked_add(1), "after");
    before.into_iter().chain(after).collect()
}

/// Draws how a bar, or all of them, lead from the level before to the level after; each series is a
/// way to its rows alone.
fn sums_of_bars(
    chart: &StackedBars,
    index: Option<usize>,
    selection: &Selection,
    links: &Links,
) -> Markup {
    let (first, last) = match index {
        Some(index) => (index, index),
        None => (0, chart.starts.len().saturating_sub(1)),
    };
    let part = between(chart, first, last);
    let net = number::difference(total(&part, Role::Gain), total(&part, Role::Loss));
    let level = level(chart).filter(|level| adds_up(chart, level));
    let closing = level.and_then(|level| level.values.get(last).copied());
    let opening = closing.map(|closing| number::difference(closing, net));
    let address = |series: Option<&str>| links.part(&chart.id, selection.bucket.as_deref(), series);
    let is_here = |series: Option<&str>| (selection.series.as_deref() == series).then_some("true");
    html! {
        ul.sums {
            @if let (Some(level), Some(opening)) = (level, opening) {
                (level_of(&format!("{} at the start", name_of(level)), opening))
            }
            @for entry in entries(&part).iter().filter(|entry| entry.series.role != Role::Level) {
                @let id = Some(entry.series.id.as_str());
                @let words = html! {
                    span.sums__name { (swatch(entry.sign)) bdi { (entry.name) } }
                    b { (entry.total) }
                };
                li {
                    @if entry.series.has_rows {
                        a href=(address(id)) aria-current=[is_here(id)] { (words) }
                    } @else { (words) }
                }
            }
            @if let Some(label) = bar_tip::net_label(chart) {
                @let words = html! {
                    span.sums__name { bdi { (label) } }
                    b { (number::signed(net)) }
                };
                li {
                    @if chart.has_rows {
                        a href=(address(None)) aria-current=[is_here(None)] { (words) }
                    } @else { (words) }
                }
            }
            @if let (Some(level), Some(closing)) = (level, closing) {
                @let is_open = bar_tip::is_incomplete(chart, last);
                @let when = if is_open { "so far" } else { "at the end" };
                (level_of(&format!("{} {when}", name_of(level)), closing))
            }
        }
    }
}

fn level_of(name: &str, value: Number) -> Markup {
    html! { li { span.sums__name { bdi { (name) } } b { (number::plain(value)) } } }
}

fn name_of(series: &Series) -> String {
    label_of(&series.label, &series.id)
}

/// Returns the level of a chart that has one.
fn level(chart: &StackedBars) -> Option<&Series> {
    match levels(&chart.series).as_slice() {
        [(level, _)] => Some(level),
        _ => None,
    }
}

/// Tells whether gains and losses lead from each level to the next; other charts have no opening.
fn adds_up(chart: &StackedBars, level: &Series) -> bool {
    let step = |index: usize| {
        let part = between(chart, index, index);
        number::difference(total(&part, Role::Gain), total(&part, Role::Loss)).as_f64()
    };
    level.values.windows(2).enumerate().all(|(place, pair)| {
        let [before, after] = pair else { return false };
        number::difference(*after, *before).as_f64() == step(place + 1)
    })
}

fn total(chart: &StackedBars, role: Role) -> Number {
    let of_role = chart.series.iter().filter(|series| series.role == role);
    number::sum(of_role.flat_map(|series| series.values.iter().copied()))
}

/// Returns a chart with these bars alone.
fn between(chart: &StackedBars, first: usize, last: usize) -> StackedBars {
    fn cut<T: Clone>(all: &[T], first: usize, last: usize) -> Vec<T> {
        let count = last.saturating_sub(first).saturating_add(1);
        all.iter().skip(first).take(count).cloned().collect()
    }
    let mut part = chart.clone();
    part.starts = cut(&chart.starts, first, last);
    part.incomplete = cut(&chart.incomplete, first, last);
    for (series, whole) in part.series.iter_mut().zip(&chart.series) {
        series.values = cut(&whole.values, first, last);
    }
    part
}

fn chart_with(chart: &StackedBars, picked: Option<usize>, links: &Links) -> Markup {
    let tips = serde_json::to_string(&bar_tip::tips(chart)).unwrap_or_default();
    html! {
        figure.plot data-chart=(chart.id) data-tips=(tips) {
            @for (class, width) in WIDTHS {
                @let id = format!("picked-{width}");
                @let options = ChartOptions {
                    variant: Variant::Page,
                    id: &id,
                    width,
                    height: None,
                    hidden: &NOTHING,
                    links: Some(links),
                    picked,
                };
                div class=(class) { (PreEscaped(bars::stacked_bars(chart, &options).on_page(&id))) }
            }
        }
    }
}

fn of_step(chart: &Waterfall, id: &str, links: &Links) -> Option<Picked> {
    let index = chart.steps.iter().position(|step| step.id == id)?;
    let name = |index: usize| {
        let step = chart.steps.get(index);
        step.map_or_else(String::new, |step| label_of(&step.label, &step.id))
    };
    let drawing = html! {
        ul.sums {
            @for (place, step) in chart.steps.iter().enumerate() {
                li {
                    @let words = html! {
                        span.sums__name { (swatch(Sign::Area(waterfall::look_of(chart, place)))) bdi { (name(place)) } }
                        b { (waterfall::written(chart, place)) }
                    };
                    @if !step.has_rows { (words) } @else {
                        a href=(links.step(&chart.id, &step.id)) aria-current=[(place == index).then_some("true")] { (words) }
                    }
                }
            }
        }
    };
    Some(Picked {
        heading: format!("{}: {}", name(index), waterfall::written(chart, index)),
        facts: Vec::new(),
        beside: Vec::new(),
        drawing,
    })
}

#[cfg(test)]
mod tests {
    use gadget_api::Bucket;

    use super::*;

    fn view(levels: [i64; 2]) -> View {
        let series = |id: &str, label: &str, role, values: [i64; 2]| {
            Series::new(id, label, role, values.map(Number::Integer).to_vec()).with_rows()
        };
        let chart = StackedBars::new("movements", "", "users", Bucket::Week)
            .with_starts(vec!["2026-11-09".to_owned(), "2026-11-16".to_owned()])
            .with_incomplete(vec![false, true])
            .with_series(series("new", "New", Role::Gain, [9, 4]))
            .with_series(series("churn", "Churn", Role::Loss, [2, 1]))
            .with_series(series("users", "Users", Role::Level, levels))
            .with_rows();
        let mut view = View::new("Acme");
        view.charts = vec![Chart::StackedBars(chart)];
        view
    }

    fn pick(view: &View, bucket: Option<&str>, series: Option<&str>) -> Option<Picked> {
        let selection = Selection {
            chart: Some("movements".to_owned()),
            bucket: bucket.map(str::to_owned),
            series: series.map(str::to_owned),
            ..Selection::default()
        };
        picked(view, &selection, &Links::new("/rows"))
    }

    /// Returns the names and numbers of the sums, in their order.
    fn sums(picked: &Picked) -> Vec<String> {
        let markup = picked.drawing.clone().into_string();
        let list = markup.split("</ul>").next().unwrap_or_default();
        let plain = |item: &str| {
            let mut text = String::new();
            let mut is_tag = false;
            for letter in item.chars() {
                match letter {
                    '<' => is_tag = true,
                    '>' => is_tag = false,
                    _ if !is_tag => text.push(letter),
                    _ => {}
                }
            }
            text
        };
        list.split("<li>").skip(1).map(plain).collect()
    }

    #[test]
    fn a_bar_leads_from_the_level_before_to_its_own() {
        let view = view([107, 110]);
        let bar = pick(&view, Some("2026-11-16"), None).unwrap();
        assert_eq!(bar.heading, "Week of 16 Nov 2026");
        assert_eq!(bar.facts, ["16 – 22 Nov", "unfinished until 22 Nov"]);
        assert_eq!(
            sums(&bar),
            [
                "Users at the start107",
                "New+4",
                "Churn−1",
                "Net+3",
                "Users so far110"
            ]
        );
        assert_eq!(
            bar.beside,
            [(
                "Week before".to_owned(),
                "/rows?chart=movements&bucket=2026-11-09".to_owned()
            )]
        );
        let first = pick(&view, Some("2026-11-09"), Some("new")).unwrap();
        assert_eq!(first.heading, "New, week of 9 Nov 2026");
        assert_eq!(sums(&first)[0], "Users at the start100");
        assert_eq!(
            first.beside[0].1,
            "/rows?chart=movements&bucket=2026-11-16&series=new"
        );
    }

    #[test]
    fn a_series_leads_through_the_whole_period() {
        let whole = pick(&view([107, 110]), None, Some("churn")).unwrap();
        assert_eq!(whole.heading, "Churn");
        assert_eq!(
            sums(&whole),
            [
                "Users at the start100",
                "New+13",
                "Churn−3",
                "Net+10",
                "Users so far110"
            ]
        );
    }

    #[test]
    fn a_level_that_gains_and_losses_do_not_explain_has_no_start() {
        let bar = pick(&view([107, 99]), Some("2026-11-16"), None).unwrap();
        assert_eq!(sums(&bar), ["New+4", "Churn−1", "Net+3"]);
    }

    #[test]
    fn what_the_view_has_not_is_nothing() {
        let view = view([107, 110]);
        assert!(pick(&view, Some("2026-11-10"), None).is_none());
        assert!(pick(&view, None, Some("none")).is_none());
        let figure = Selection::of_figure("none");
        assert!(picked(&view, &figure, &Links::new("/rows")).is_none());
    }
}
