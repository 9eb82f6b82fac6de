//! The waterfall: from the first level through each change to the last level.

use gadget_api::{Number, Role, Waterfall, WaterfallStep};

use super::{
    look::{Look, label_of, tone_of},
    measure, number,
    paint::{Anchor, Paint, TextStyle},
    picture::{ChartOptions, Picture},
    svg::{Part, Rect, Svg},
};

/// Columns need this width; narrower drawings have rows.
const COLUMNS_FROM_WIDTH: u32 = 560;
const MOST_COLUMNS: usize = 12;
const MOST_ROWS: usize = 40;
const LARGEST: f64 = 1e18;
const ROW: f64 = 22.0;

/// Draws a waterfall for one width.
pub(crate) fn waterfall(chart: &Waterfall, options: &ChartOptions<'_>) -> Picture {
    let spans = Spans::of(chart);
    let mut svg = Svg::new(options.variant, options.id);
    svg.patterns();
    svg.text(TextStyle::Name, Anchor::Start, (0.0, 9.0), &title_of(chart));
    let has_columns = options.width >= COLUMNS_FROM_WIDTH && chart.steps.len() <= MOST_COLUMNS;
    let height = if has_columns {
        columns(&mut svg, chart, &spans, options)
    } else {
        rows(&mut svg, chart, &spans, options)
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 40 rows"
    )]
    let height = height.ceil() as u32;
    Picture {
        width: options.width,
        height,
        title: title_of(chart),
        description: description_of(chart),
        body: svg.finish(),
    }
}

/// Returns what the chart is called.
pub(crate) fn title_of(chart: &Waterfall) -> String {
    if !chart.label.is_empty() {
        return chart.label.clone();
    }
    match (chart.steps.first(), chart.steps.last()) {
        (Some(first), Some(last)) => {
            let (first, last) = (
                label_of(&first.label, &first.id),
                label_of(&last.label, &last.id),
            );
            format!("From {} to {}", first.to_lowercase(), last.to_lowercase())
        }
        _ => "Waterfall".to_owned(),
    }
}

fn description_of(chart: &Waterfall) -> String {
    let steps: Vec<_> = (0..chart.steps.len())
        .map(|index| spoken(chart, index))
        .collect();
    format!("{}.", steps.join("; "))
}

/// Returns what a screen reader says of a step.
fn spoken(chart: &Waterfall, index: usize) -> String {
    let step = &chart.steps[index];
    let note = match step.note.as_str() {
        "" => String::new(),
        note => format!(" ({note})"),
    };
    format!(
        "{} {}{note}",
        label_of(&step.label, &step.id),
        written(chart, index)
    )
}

/// Returns the value of a step: levels plain, changes with their sign.
pub(crate) fn written(chart: &Waterfall, index: usize) -> String {
    let value = chart.steps[index].value;
    if is_level(chart, index) {
        number::plain(value)
    } else {
        number::signed(value)
    }
}

/// Tells whether a step is a level: the first and the last one are.
pub(crate) fn is_level(chart: &Waterfall, index: usize) -> bool {
    index == 0 || index + 1 == chart.steps.len()
}

/// Returns how a step looks.
pub(crate) fn look_of(chart: &Waterfall, index: usize) -> Look {
    let step = &chart.steps[index];
    if is_level(chart, index) {
        return step
            .tone
            .map_or(Look::LEVEL, |tone| Look::of(tone, step.shade.unwrap_or(1)));
    }
    let role = if step.value.as_f64() < 0.0 {
        Role::Loss
    } else {
        Role::Gain
    };
    let is_of_role = |(place, step): &(usize, &WaterfallStep)| {
        !is_level(chart, *place) && (step.value.as_f64() < 0.0) == (role == Role::Loss)
    };
    let before = chart.steps.iter().enumerate().take(index);
    let place = u8::try_from(before.filter(is_of_role).count()).unwrap_or(u8::MAX - 1) + 1;
    Look::of(
        step.tone.unwrap_or_else(|| tone_of(role)),
        step.shade.unwrap_or(place),
    )
}

/// Where each step begins and ends, as parts of the whole axis from 0 to 1.
#[derive(Debug, PartialEq)]
struct Spans {
    steps: Vec<(f64, f64)>,
    /// The value at the foot of the axis.
    foot: f64,
}

impl Spans {
    fn of(chart: &Waterfall) -> Self {
        let size = |number: Number| {
            let value = number.as_f64();
            if value.is_finite() {
                value.clamp(-LARGEST, LARGEST)
            } else {
                0.0
            }
        };
        let mut running = 0.0;
        let ends: Vec<(f64, f64)> = (0..chart.steps.len())
            .map(|index| {
                let value = size(chart.steps[index].value);
                let before = if is_level(chart, index) { 0.0 } else { running };
                running = before + value;
                (before, running)
            })
            .collect();
        // The foot of a level is wherever the axis begins, so only what changes says where that is.
        let points = || {
            ends.iter().enumerate().flat_map(|(index, (from, until))| {
                let from = (!is_level(chart, index)).then_some(*from);
                from.into_iter().chain([*until])
            })
        };
        let (low, high) = (
            points().fold(f64::INFINITY, f64::min),
            points().fold(f64::NEG_INFINITY, f64::max),
        );
        let spread = high - low;
        let foot = if !spread.is_finite() || low <= spread * 3.0 {
            low.min(0.0)
        } else {
            low - spread.max(high * 0.001) * 0.3
        };
        let foot = if foot.is_finite() { foot } else { 0.0 };
        let length = if high - foot > 0.0 { high - foot } else { 1.0 };
        let place = |value: f64| ((value - foot) / length).clamp(0.0, 1.0);
        let steps = ends
            .iter()
            .enumerate()
            .map(|(index, (from, until))| {
                let from = if is_level(chart, index) {
                    foot.max(0.0)
                } else {
                    *from
                };
                (place(from), place(*until))
            })
            .collect();
        Self { steps, foot }
    }

    fn is_cut(&self) -> bool {
        self.foot > 0.0
    }
}

fn rows(svg: &mut Svg, chart: &Waterfall, spans: &Spans, options: &ChartOptions<'_>) -> f64 {
    let width = f64::from(options.width);
    let label = |index: usize| label_of(&chart.steps[index].label, &chart.steps[index].id);
    let shown = chart.steps.len().min(MOST_ROWS);
    let widest = |text: &dyn Fn(usize) -> String| {
        (0..shown)
            .map(|index| measure::width(&text(index), 11.0))
            .fold(0.0, f64::max)
    };
    let left = (widest(&label) + 8.0).clamp(40.0, 110.0);
    let right = width - (widest(&|index| written(chart, index)) + 10.0).min(110.0);
    let x = |place: f64| left + place * (right - left);
    for index in 0..shown {
        #[expect(clippy::cast_precision_loss, reason = "at most 40 rows")]
        let top = 18.0 + ROW * index as f64;
        let (from, until) = (spans.steps[index].0, spans.steps[index].1);
        let (start, end) = (x(from.min(until)).round(), x(from.max(until)).round());
        let bar = Rect {
            x: start,
            y: top + 4.0,
            width: (end - start).max(1.0),
            height: ROW - 8.0,
        };
        step(
            svg,
            chart,
            index,
            options,
            Rect {
                x: 0.0,
                y: top,
                width,
                height: ROW,
            },
            bar,
        );
        if spans.is_cut() && is_level(chart, index) {
            let cut = left + 7.0;
            svg.polyline(
                Paint::Break,
                &[
                    (cut + 3.0, bar.y - 1.0),
                    (cut, bar.y + 7.0),
                    (cut + 3.0, bar.y + 7.0),
                    (cut, bar.y + 15.0),
                ],
            );
        }
        let name = measure::fitted(&label(index), 11.0, left - 4.0);
        svg.text(TextStyle::Sum, Anchor::Start, (0.0, top + 15.0), &name);
        svg.text(
            TextStyle::Value,
            Anchor::End,
            (width, top + 15.0),
            &written(chart, index),
        );
        if from == until && !is_level(chart, index) {
            // Where nothing changed the line goes on to the next step.
            svg.vertical(Paint::Zero, end, top + 4.0, top + ROW - 4.0);
        }
        if index + 1 < shown {
            svg.vertical(
                Paint::Zero,
                x(until).round(),
                top + ROW - 4.0,
                top + ROW + 4.0,
            );
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 40 rows")]
    let bottom = 18.0 + ROW * shown as f64;
    let foot = foot_note(chart, spans, shown);
    if foot.is_empty() {
        return bottom + 2.0;
    }
    svg.text(TextStyle::Tick, Anchor::Start, (left, bottom + 12.0), &foot);
    bottom + 18.0
}

fn foot_note(chart: &Waterfall, spans: &Spans, shown: usize) -> String {
    if shown < chart.steps.len() {
        return format!(
            "and {} more steps",
            number::count(chart.steps.len() - shown)
        );
    }
    if spans.is_cut() {
        return "the bars do not begin at zero".to_owned();
    }
    String::new()
}

fn columns(svg: &mut Svg, chart: &Waterfall, spans: &Spans, options: &ChartOptions<'_>) -> f64 {
    let width = f64::from(options.width);
    let height = if options.width < 1000 { 236.0 } else { 280.0 };
    let (top, bottom) = (40.0, height - 48.0);
    let y = |place: f64| bottom - place * (bottom - top);
    #[expect(clippy::cast_precision_loss, reason = "at most twelve columns")]
    let slot = width / chart.steps.len().max(1) as f64;
    let bar_width = (slot * 0.62).round().min(88.0);
    for index in 0..chart.steps.len() {
        #[expect(clippy::cast_precision_loss, reason = "at most twelve columns")]
        let left = slot * index as f64;
        let (from, until) = spans.steps[index];
        let (high, low) = (y(from.max(until)).round(), y(from.min(until)).round());
        let middle = left + slot / 2.0;
        let x = (middle - bar_width / 2.0).round();
        let bar = Rect {
            x,
            y: high,
            width: bar_width,
            height: (low - high).max(1.0),
        };
        let hit = Rect {
            x: left,
            y: 18.0,
            width: slot,
            height: height - 20.0,
        };
        step(svg, chart, index, options, hit, bar);
        if spans.is_cut() && is_level(chart, index) {
            let cut = bottom - 9.0;
            let quarter = bar_width / 4.0;
            let points: Vec<_> = (0..=4_u8)
                .map(|place| {
                    let up = if place % 2 == 0 { 3.0 } else { -3.0 };
                    (x - 1.0 + (quarter + 0.5) * f64::from(place), cut + up)
                })
                .collect();
            svg.polyline(Paint::Break, &points);
        }
        svg.text(
            TextStyle::Value,
            Anchor::Middle,
            (middle, high - 6.0),
            &written(chart, index),
        );
        let name = label_of(&chart.steps[index].label, &chart.steps[index].id);
        let name = measure::fitted(&name, 11.0, slot - 4.0);
        svg.text(
            TextStyle::Sum,
            Anchor::Middle,
            (middle, bottom + 17.0),
            &name,
        );
        if !chart.steps[index].note.is_empty() {
            let text = measure::fitted(&chart.steps[index].note, 11.0, slot - 4.0);
            svg.text(
                TextStyle::Tick,
                Anchor::Middle,
                (middle, bottom + 31.0),
                &text,
            );
        }
        if index + 1 < chart.steps.len() {
            svg.horizontal(
                Paint::Zero,
                x + bar_width,
                x + slot.round(),
                y(until).round(),
            );
        }
    }
    svg.horizontal(Paint::Zero, 0.0, width, bottom);
    let note = foot_note(chart, spans, chart.steps.len());
    svg.text(TextStyle::Tick, Anchor::End, (width, bottom + 46.0), &note);
    height
}

fn step(
    svg: &mut Svg,
    chart: &Waterfall,
    index: usize,
    options: &ChartOptions<'_>,
    hit: Rect,
    bar: Rect,
) {
    let name = spoken(chart, index);
    let link = options
        .links
        .filter(|_| chart.steps[index].has_rows)
        .map(|links| links.step(&chart.id, &chart.steps[index].id));
    let part = Part {
        index,
        name: &name,
        link: link.as_deref(),
        is_picked: false,
    };
    svg.open_part(&part);
    svg.rect(Paint::Hit, hit);
    if chart.steps[index].value.as_f64() != 0.0 {
        let look = look_of(chart, index);
        svg.rect(Paint::Fill(look.color), bar);
        svg.texture(look.texture, bar);
    }
    svg.close_part(&part);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chart(values: &[f64]) -> Waterfall {
        let step = |value: &f64| WaterfallStep::new("x", "", *value);
        Waterfall::new("waterfall", "", "users", values.iter().map(step).collect())
    }

    #[test]
    fn the_axis_is_cut_only_where_changes_would_be_too_small_to_see() {
        assert_eq!(Spans::of(&chart(&[10.0, 5.0, 15.0])).foot, 0.0);
        assert_eq!(Spans::of(&chart(&[0.0, 5.0, 5.0])).foot, 0.0);
        assert_eq!(
            Spans::of(&chart(&[1000.0, 50.0, -10.0, 1040.0])).foot,
            985.0
        );
        assert_eq!(Spans::of(&chart(&[])).foot, 0.0);
    }

    proptest! {
        #[test]
        fn each_step_begins_where_the_last_one_ended(
            opening in 0_i32..1_000_000,
            changes in prop::collection::vec(-1_000_i32..1_000, 0..8),
        ) {
            let closing = changes.iter().fold(opening, |sum, change| sum + change);
            let values: Vec<f64> = [opening].iter().chain(&changes).chain([&closing]).copied().map(f64::from).collect();
            let spans = Spans::of(&chart(&values));
            for pair in spans.steps[..=changes.len()].windows(2) {
                prop_assert!((pair[0].1 - pair[1].0).abs() < 1e-9, "{:?}", spans);
            }
            let (before_closing, closing) = (spans.steps[changes.len()].1, spans.steps[changes.len() + 1].1);
            prop_assert!((before_closing - closing).abs() < 1e-9, "{:?}", spans);
        }

        #[test]
        fn any_number_has_a_place_on_the_axis(values in prop::collection::vec(prop::num::f64::ANY, 0..9)) {
            let spans = Spans::of(&chart(&values));
            for (from, until) in spans.steps {
                prop_assert!((0.0..=1.0).contains(&from) && (0.0..=1.0).contains(&until));
            }
        }
    }
}
