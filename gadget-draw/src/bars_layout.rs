//! Where everything of a bar chart lies: geometry without markup.

use gadget_api::{Number, Role, StackedBars};

use super::{
    look::{LineLook, Look, label_of, levels as levels_of, stack},
    measure, number,
};

/// The least width of a bar with its gap; older bars that do not fit are left to the table.
const MIN_SLOT: f64 = 2.0;
/// No value of a chart is drawn larger than this, so that sums stay finite.
const LARGEST: f64 = 1e18;
/// From this width on the sums stand at the bars, where they fit.
const SUMS_FROM_WIDTH: u32 = 560;
const MARGIN_RIGHT: f64 = 6.0;
const TICK_SIZE: f64 = 11.0;

/// How far the names of several levels are apart.
pub(crate) const LABEL_LINE: f64 = 13.0;
/// More levels than these are named by the key alone.
pub(crate) const MOST_LINE_LABELS: usize = 6;

/// One part of a stack, between two heights in pixels; `near` is the end towards zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Segment {
    /// The place in the chart's `series`.
    pub series: usize,
    pub look: Look,
    pub near: f64,
    pub far: f64,
}

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bar {
    /// The place in the chart's `starts`.
    pub index: usize,
    pub slot_left: f64,
    pub left: f64,
    pub width: f64,
    pub gains: Vec<Segment>,
    pub losses: Vec<Segment>,
}

impl Bar {
    pub(crate) fn middle(&self) -> f64 {
        self.left + self.width / 2.0
    }

    /// Returns the upper end of the gains.
    pub(crate) fn top(&self, zero: f64) -> f64 {
        self.gains.last().map_or(zero, |segment| segment.far)
    }

    /// Returns the lower end of the losses.
    pub(crate) fn bottom(&self, zero: f64) -> f64 {
        self.losses.last().map_or(zero, |segment| segment.far)
    }
}

/// The band of the levels above the bars.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Band {
    pub bottom: f64,
    /// The points of each level.
    pub lines: Vec<Vec<(f64, f64)>>,
}

/// The area of the bars.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Area {
    pub caption_y: f64,
    pub zero: f64,
    /// The values of the gridlines, with their heights.
    pub ticks: Vec<(f64, f64)>,
    pub has_sums: bool,
}

/// Where everything lies.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    pub height: u32,
    pub left: f64,
    pub right: f64,
    /// Where the names of several levels end; they stand at the right of the bars.
    pub label_right: f64,
    pub slot: f64,
    pub bars: Vec<Bar>,
    pub band: Option<Band>,
    pub area: Option<Area>,
}

impl Layout {
    /// Lays a chart out for `width` pixels, and for `height` where that is given.
    pub(crate) fn of(chart: &StackedBars, width: u32, height: Option<u32>) -> Self {
        let gains = stack(&chart.series, Role::Gain);
        let losses = stack(&chart.series, Role::Loss);
        let levels = levels_of(&chart.series);
        let has_bars = !gains.is_empty() || !losses.is_empty();
        let (height, band_bottom) = sizes(width, height, levels.len());
        let values =
            |series: &gadget_api::Series, index| size_of(series.values.get(index).copied());

        let count = chart.starts.len();
        let total = |stack: &[(&gadget_api::Series, Look)], index| -> f64 {
            stack.iter().map(|(series, _)| values(series, index)).sum()
        };
        let most = |stack: &[(&gadget_api::Series, Look)]| {
            (0..count)
                .map(|index| total(stack, index))
                .fold(0.0, f64::max)
        };
        let (most_gained, most_lost) = (most(&gains), most(&losses));

        let steps = tick_values(most_gained, most_lost);
        let left = steps
            .iter()
            .map(|value| measure::width(&number::signed(tick_number(*value)), TICK_SIZE) + 8.0)
            .fold(30.0, f64::max);
        let label_right = f64::from(width) - MARGIN_RIGHT;
        let right = label_right - room_for_names(&levels, f64::from(width));
        let (first, slot) = slots(count, right - left);

        let band = (!levels.is_empty()).then_some(if has_bars {
            band_bottom
        } else {
            f64::from(height) - 44.0
        });
        let caption_y = band.map_or(9.0, |bottom| bottom + 18.0);
        let widest_sum = (first..count)
            .map(|index| total(&gains, index).max(total(&losses, index)))
            .map(|sum| measure::width(&number::signed(tick_number(sum)), TICK_SIZE))
            .fold(0.0, f64::max);
        let has_sums = width >= SUMS_FROM_WIDTH && slot >= widest_sum + 6.0;
        let sum_room = if has_sums { 14.0 } else { 0.0 };
        let top = caption_y + if has_sums { 25.0 } else { 15.0 };
        let bottom = f64::from(height) - 34.0 - sum_room;
        let span = most_gained + most_lost;
        let (zero, scale) = if span > 0.0 {
            let scale = (bottom - top) / span;
            (top + most_gained * scale, scale)
        } else {
            (f64::midpoint(top, bottom), 0.0)
        };

        let parts = |stack: &[(&gadget_api::Series, Look)], index| -> Vec<(usize, Look, f64)> {
            stack
                .iter()
                .map(|(series, look)| (place_of(chart, series), *look, values(series, index)))
                .collect()
        };
        let bars = (first..count)
            .map(|index| {
                #[expect(clippy::cast_precision_loss, reason = "there are at most 10,000 bars")]
                let slot_left = left + slot * (index - first) as f64;
                let bar_width = bar_width(slot);
                Bar {
                    index,
                    slot_left,
                    left: slot_left + (slot - bar_width) / 2.0,
                    width: bar_width,
                    gains: pile(parts(&gains, index), zero, -scale),
                    losses: pile(parts(&losses, index), zero, scale),
                }
            })
            .collect::<Vec<_>>();
        let band = band.map(|bottom| Band {
            bottom,
            lines: level_lines(&levels, &bars, 29.0, bottom - 4.0),
        });
        let area = has_bars.then(|| Area {
            caption_y,
            zero,
            ticks: steps
                .into_iter()
                .map(|value| (value, zero - value * scale))
                .collect(),
            has_sums,
        });
        Self {
            height,
            left,
            right,
            label_right,
            slot,
            bars,
            band,
            area,
        }
    }
}

/// Returns the place of one of the chart's own series.
fn place_of(chart: &StackedBars, series: &gadget_api::Series) -> usize {
    let is_it = |other: &gadget_api::Series| std::ptr::eq(other, series);
    chart.series.iter().position(is_it).unwrap_or_default()
}

/// Returns the room at the right for the names of several levels; a single one is named above the band.
fn room_for_names(levels: &[(&gadget_api::Series, LineLook)], width: f64) -> f64 {
    if levels.len() < 2 {
        return 0.0;
    }
    let name = |series: &gadget_api::Series| {
        let value = series.values.last().copied().map(number::plain);
        let name = label_of(&series.label, &series.id);
        format!("{name} {}", value.unwrap_or_default())
    };
    let names = levels.iter().take(MOST_LINE_LABELS);
    let widest = names
        .map(|(series, _)| measure::width(&name(series), TICK_SIZE) + 14.0)
        .fold(0.0, f64::max);
    widest.min(width * 0.32)
}

/// Returns the height for a width, and where the band of the levels ends. Several levels need more of it.
fn sizes(width: u32, height: Option<u32>, levels: usize) -> (u32, f64) {
    let names = u32::try_from(levels.clamp(1, MOST_LINE_LABELS)).unwrap_or(1) - 1;
    let (more, more_band) = (14 * names, 14.0 * f64::from(names));
    if let Some(height) = height {
        return (height, (f64::from(height) * 0.24).round() + more_band);
    }
    match width {
        ..500 => (228 + more, 60.0 + more_band),
        500..700 => (300 + more, 70.0 + more_band),
        700..1000 => (316 + more, 76.0 + more_band),
        _ => (348 + more, 84.0 + more_band),
    }
}

/// Returns the first bar that is drawn, and the width of each with its gap.
fn slots(count: usize, room: f64) -> (usize, f64) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the room is a few hundred pixels"
    )]
    let most = (room / MIN_SLOT).max(1.0) as usize;
    let shown = count.min(most);
    #[expect(clippy::cast_precision_loss, reason = "there are at most 10,000 bars")]
    let slot = room / (shown.max(1) as f64);
    (count - shown, slot)
}

fn bar_width(slot: f64) -> f64 {
    if slot < 6.0 {
        return (slot - 0.5).max(1.0);
    }
    (slot * 0.64).round().min(56.0)
}

fn size_of(number: Option<Number>) -> f64 {
    let size = number.map_or(0.0, Number::as_f64);
    if size.is_finite() {
        size.clamp(0.0, LARGEST)
    } else {
        0.0
    }
}

/// Piles values up from `zero`; a negative scale goes upwards. Each part begins where the last one ends.
fn pile(values: Vec<(usize, Look, f64)>, zero: f64, scale: f64) -> Vec<Segment> {
    let mut sum = 0.0;
    values
        .into_iter()
        .filter(|(_, _, value)| *value > 0.0)
        .map(|(series, look, value)| {
            let near = zero + sum * scale;
            sum += value;
            Segment {
                series,
                look,
                near,
                far: zero + sum * scale,
            }
        })
        .collect()
}

fn level_lines(
    levels: &[(&gadget_api::Series, LineLook)],
    bars: &[Bar],
    top: f64,
    bottom: f64,
) -> Vec<Vec<(f64, f64)>> {
    let level = |series: &gadget_api::Series, index: usize| {
        let value = series
            .values
            .get(index)
            .map_or(0.0, |number| number.as_f64());
        if value.is_finite() {
            value.clamp(-LARGEST, LARGEST)
        } else {
            0.0
        }
    };
    let all = levels
        .iter()
        .flat_map(|(series, _)| bars.iter().map(|bar| level(series, bar.index)));
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let y = |value: f64| {
        if high > low {
            bottom - (value - low) / (high - low) * (bottom - top)
        } else {
            f64::midpoint(top, bottom)
        }
    };
    levels
        .iter()
        .map(|(series, _)| {
            bars.iter()
                .map(|bar| (bar.middle(), y(level(series, bar.index))))
                .collect()
        })
        .collect()
}

/// Returns the signed values of at most four gridlines: the smallest round steps that need no more.
fn tick_values(up: f64, down: f64) -> Vec<f64> {
    let span = up + down;
    if span <= 0.0 {
        return Vec::new();
    }
    let mut power = 10_f64.powf((span.log10() - 2.0).floor()).max(1e-6);
    loop {
        for factor in [1.0, 2.0, 5.0] {
            let step = power * factor;
            let lines = (up / step).floor() + (down / step).floor();
            if lines <= 4.0 && (step >= 1.0 || span < 4.0) {
                return multiples(step, down)
                    .rev()
                    .map(|value| -value)
                    .chain(multiples(step, up))
                    .collect();
            }
        }
        power *= 10.0;
    }
}

fn multiples(step: f64, most: f64) -> impl DoubleEndedIterator<Item = f64> {
    (1..=4_u8)
        .map(move |times| step * f64::from(times))
        .filter(move |value| *value <= most)
}

/// Returns a value of the scale as a number that is written whole if it is.
pub(crate) fn tick_number(value: f64) -> Number {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and small"
    )]
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return Number::Integer(value as i64);
    }
    Number::Real(value)
}

#[cfg(test)]
mod tests {
    use gadget_api::{Bucket, Series};
    use proptest::prelude::*;

    use super::*;

    fn chart(values: &[(Role, Vec<f64>)]) -> StackedBars {
        let count = values.first().map_or(0, |(_, values)| values.len());
        let chart = StackedBars::new("movements", "", "users", Bucket::Day);
        let chart = chart.with_starts(vec!["2026-01-01".into(); count]);
        values.iter().fold(chart, |chart, (role, values)| {
            let values = values.iter().copied().map(Number::Real).collect();
            chart.with_series(Series::new("s", "", *role, values))
        })
    }

    #[test]
    fn gridlines_are_round_and_at_most_four() {
        let cases: &[(f64, f64, &[f64])] = &[
            (0.0, 0.0, &[]),
            (200.0, 95.0, &[100.0, 200.0]),
            (103.0, 49.0, &[50.0, 100.0]),
            (3.0, 1.0, &[-1.0, 1.0, 2.0, 3.0]),
            (1.0, 0.0, &[0.5, 1.0]),
            (0.0, 7.0, &[-6.0, -4.0, -2.0]),
            (18_390.0, 0.0, &[5_000.0, 10_000.0, 15_000.0]),
        ];
        for (up, down, ticks) in cases {
            assert_eq!(tick_values(*up, *down), *ticks, "{up} {down}");
        }
    }

    #[test]
    fn bars_that_do_not_fit_are_the_oldest_ones() {
        let layout = Layout::of(&chart(&[(Role::Gain, vec![1.0; 3_000])]), 326, None);
        assert_eq!(layout.bars.last().unwrap().index, 2_999);
        assert_eq!(layout.bars.len(), 143);
        assert!(layout.slot >= MIN_SLOT);
    }

    proptest! {
        #[test]
        fn stacks_add_up_and_stay_inside_of_the_picture(
            (count, gains, losses, levels) in (0_usize..40).prop_flat_map(|count| (
                Just(count),
                prop::collection::vec(prop::collection::vec(-5.0_f64..1e6, count), 0..5),
                prop::collection::vec(prop::collection::vec(0.0_f64..f64::MAX, count), 0..4),
                prop::collection::vec(prop::collection::vec(prop::num::f64::ANY, count), 0..3),
            )),
            width in prop::sample::select(vec![326_u32, 560, 780, 1176]),
        ) {
            let all: Vec<_> = gains.iter().map(|v| (Role::Gain, v.clone()))
                .chain(losses.iter().map(|v| (Role::Loss, v.clone())))
                .chain(levels.iter().map(|v| (Role::Level, v.clone())))
                .collect();
            let layout = Layout::of(&chart(&all), width, None);
            let height = f64::from(layout.height);
            prop_assert_eq!(layout.bars.len(), if all.is_empty() { 0 } else { count });
            for bar in &layout.bars {
                prop_assert!(bar.left >= layout.left - 1e-6 && bar.left + bar.width <= layout.right + 1e-6);
                for pile in [&bar.gains, &bar.losses] {
                    for pair in pile.windows(2) {
                        prop_assert_eq!(pair[0].far, pair[1].near);
                    }
                    for segment in pile {
                        prop_assert!(segment.near.is_finite() && segment.far.is_finite());
                        prop_assert!((-1e-6..=height + 1e-6).contains(&segment.far));
                    }
                }
            }
            if let Some(area) = &layout.area {
                prop_assert!((0.0..=height).contains(&area.zero));
                prop_assert!(area.ticks.len() <= 4);
            }
            for point in layout.band.iter().flat_map(|band| band.lines.iter().flatten()) {
                prop_assert!((0.0..=height).contains(&point.1), "{:?}", point);
            }
        }
    }
}
