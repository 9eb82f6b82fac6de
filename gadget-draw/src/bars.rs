//! The bar chart: gains above zero, losses below, and levels as lines in a band of their own.

use gadget_api::{Number, Role, Series, StackedBars};

use super::{
    bar_tip::{is_incomplete, tip, total},
    bars_layout::{Area, Band, Bar, LABEL_LINE, Layout, MOST_LINE_LABELS, Segment, tick_number},
    day::{self, NeedsYear},
    key::entries,
    look::{LineLook, SeriesColor, label_of, levels as levels_of},
    measure, number,
    paint::{Anchor, Paint, TextStyle},
    picture::{ChartOptions, Picture},
    svg::{Part, Rect, Svg},
};

/// Draws a bar chart for one width.
pub(crate) fn stacked_bars(chart: &StackedBars, options: &ChartOptions<'_>) -> Picture {
    let whole = chart;
    let chart = &*options.hidden.without(whole);
    let layout = Layout::of(chart, options.width, options.height);
    let mut svg = Svg::new(options.variant, options.id);
    svg.patterns();
    if layout.band.is_some() {
        let caption = measure::fitted(&level_caption(chart), 11.0, f64::from(options.width));
        svg.text(TextStyle::Name, Anchor::Start, (0.0, 9.0), &caption);
    }
    if let Some(area) = &layout.area {
        let caption = bars_caption(chart, layout.bars.len()) + &options.hidden.caption_note(whole);
        let caption = measure::fitted(&caption, 11.0, f64::from(options.width));
        svg.text(
            TextStyle::Name,
            Anchor::Start,
            (0.0, area.caption_y),
            &caption,
        );
        let nothing = if options.hidden.caption_note(whole).is_empty() {
            "nothing in this period"
        } else {
            "nothing of what is shown in this period"
        };
        grid(&mut svg, &layout, area, nothing);
    }
    for bar in &layout.bars {
        one_bar(&mut svg, whole, &layout, bar, options);
    }
    if let Some(area) = &layout.area {
        sums(&mut svg, chart, &layout, area);
        svg.horizontal(Paint::Zero, layout.left, layout.right, area.zero);
    }
    bar_labels(&mut svg, chart, &layout);
    if let Some(band) = &layout.band {
        levels(&mut svg, chart, &layout, band);
    }
    Picture {
        width: options.width,
        height: layout.height,
        title: title_of(whole) + &options.hidden.caption_note(whole),
        description: description_of(whole),
        body: svg.finish(),
    }
}

/// Returns what the chart is called.
pub(crate) fn title_of(chart: &StackedBars) -> String {
    label_of(&chart.label, &chart.id)
}

/// Returns what stands above the lines of the levels.
fn level_caption(chart: &StackedBars) -> String {
    if !chart.level_label.is_empty() {
        return chart.level_label.clone();
    }
    let levels = levels_of(&chart.series);
    let labels: Vec<_> = levels
        .iter()
        .map(|(series, _)| label_of(&series.label, &series.id))
        .collect();
    labels.join(", ")
}

fn bars_caption(chart: &StackedBars, shown: usize) -> String {
    let caption = title_of(chart);
    if shown < chart.starts.len() {
        let word = day::bucket_word(chart.bucket);
        let (shown, all) = (number::count(shown), number::count(chart.starts.len()));
        return format!("{caption}, the last {shown} of {all} {word}s");
    }
    caption
}

fn description_of(chart: &StackedBars) -> String {
    let word = day::bucket_word(chart.bucket);
    let (levels, changes): (Vec<_>, Vec<_>) = entries(chart)
        .into_iter()
        .partition(|entry| entry.series.role == Role::Level);
    let totals: Vec<_> = changes
        .iter()
        .map(|entry| format!("{} {}", entry.name, entry.total))
        .collect();
    let mut text = match totals.as_slice() {
        [] => String::new(),
        totals => format!("{}.", totals.join(", ")),
    };
    for entry in &levels {
        if let (Some(first), Some(last)) = (entry.series.values.first(), entry.series.values.last())
        {
            text += &format!(
                " {}: {} at the end of the first {word}, {} at the last.",
                entry.name,
                number::plain(*first),
                number::plain(*last)
            );
        }
    }
    for (start, _) in chart
        .starts
        .iter()
        .zip(&chart.incomplete)
        .filter(|(_, open)| **open)
    {
        text += &format!(" The {} is unfinished.", day::bar_name(chart.bucket, start));
    }
    text.trim_start().to_owned()
}

fn grid(svg: &mut Svg, layout: &Layout, area: &Area, nothing: &str) {
    svg.text(
        TextStyle::Tick,
        Anchor::End,
        (layout.left - 7.0, area.zero + 4.0),
        "0",
    );
    for (value, y) in &area.ticks {
        svg.horizontal(Paint::Grid, layout.left, layout.right, y.round());
        let label = number::signed(tick_number(*value));
        svg.text(
            TextStyle::Tick,
            Anchor::End,
            (layout.left - 7.0, y.round() + 4.0),
            &label,
        );
    }
    if area.ticks.is_empty() {
        let middle = f64::midpoint(layout.left, layout.right);
        svg.text(
            TextStyle::Tick,
            Anchor::Middle,
            (middle, area.zero - 10.0),
            nothing,
        );
    }
}

fn one_bar(
    svg: &mut Svg,
    chart: &StackedBars,
    layout: &Layout,
    bar: &Bar,
    options: &ChartOptions<'_>,
) {
    let Some(start) = chart.starts.get(bar.index) else {
        return;
    };
    let name = spoken(chart, bar.index);
    let links = options.links.filter(|_| chart.has_rows);
    let link = links.map(|links| links.bar(&chart.id, start));
    let part = Part {
        index: bar.index,
        name: &name,
        link: link.as_deref(),
        is_picked: options.picked == Some(bar.index),
    };
    svg.open_part(&part);
    let hit = Rect {
        x: bar.slot_left,
        y: 12.0,
        width: layout.slot,
        height: f64::from(layout.height) - 44.0,
    };
    svg.rect(Paint::Hit, hit);
    if let Some(area) = &layout.area {
        let is_open = is_incomplete(chart, bar.index);
        for pile in [&bar.gains, &bar.losses] {
            for (place, segment) in pile.iter().enumerate() {
                let series = chart.series.get(segment.series);
                let series = series.map_or("", |series| &series.id);
                one_segment(svg, bar, (segment, series), place, is_open);
            }
        }
        if is_open {
            let (top, bottom) = (bar.top(area.zero).round(), bar.bottom(area.zero).round());
            let whole = Rect {
                x: bar.left.round(),
                y: top,
                width: bar.width,
                height: bottom - top,
            };
            svg.stripes(whole);
            svg.rect(Paint::Outline, whole);
        }
    }
    svg.close_part(&part);
}

fn one_segment(
    svg: &mut Svg,
    bar: &Bar,
    (segment, series): (&Segment, &str),
    place: usize,
    is_open: bool,
) {
    let (near, far) = (segment.near.round(), segment.far.round());
    // A hairline of the ground keeps two parts of a stack apart.
    let gap = if place > 0 && (near - far).abs() >= 3.0 {
        1.0
    } else {
        0.0
    };
    let (top, bottom) = if far < near {
        (far, near - gap)
    } else {
        (near + gap, far)
    };
    let is_thin = bar.width < 4.0;
    let x = if is_thin { bar.left } else { bar.left.round() };
    let rect = Rect {
        x,
        y: top,
        width: bar.width,
        height: bottom - top,
    };
    if is_open {
        svg.mark(Paint::FillUnfinished(segment.look.color), rect, series);
    } else {
        svg.mark(Paint::Fill(segment.look.color), rect, series);
        svg.mark_texture(segment.look.texture, rect, series);
    }
}

fn sums(svg: &mut Svg, chart: &StackedBars, layout: &Layout, area: &Area) {
    if !area.has_sums {
        return;
    }
    for bar in &layout.bars {
        let (gained, lost) = (
            total(chart, Role::Gain, bar.index),
            total(chart, Role::Loss, bar.index),
        );
        if gained.as_f64() > 0.0 {
            let at = (bar.middle().round(), bar.top(area.zero).round() - 5.0);
            svg.text(TextStyle::Sum, Anchor::Middle, at, &number::signed(gained));
        }
        if lost.as_f64() > 0.0 {
            let at = (bar.middle().round(), bar.bottom(area.zero).round() + 13.0);
            svg.text(TextStyle::Sum, Anchor::Middle, at, &number::taken(lost));
        }
    }
}

/// Labels as many bars as have room, counted from the last one.
fn bar_labels(svg: &mut Svg, chart: &StackedBars, layout: &Layout) {
    let needs_year = NeedsYear::of(&chart.starts);
    let label = |bar: &Bar| {
        let start = chart.starts.get(bar.index).map_or("", String::as_str);
        day::bar_label(chart.bucket, start, needs_year)
    };
    let widest = layout
        .bars
        .iter()
        .map(|bar| measure::width(&label(bar), 11.0))
        .fold(0.0, f64::max);
    let every = label_interval(chart, layout.slot, widest + 6.0);
    let y = f64::from(layout.height) - 18.0;
    let (_, right) = (layout.left, layout.right);
    for (place, bar) in layout.bars.iter().rev().enumerate() {
        if !place.is_multiple_of(every) {
            continue;
        }
        let text = label(bar);
        let half = measure::width(&text, 11.0) / 2.0;
        // The outermost labels stay inside of the picture.
        if bar.middle() + half > right {
            svg.text(TextStyle::Tick, Anchor::End, (right, y), &text);
        } else {
            svg.text(
                TextStyle::Tick,
                Anchor::Middle,
                (bar.middle().round().max(half), y),
                &text,
            );
        }
    }
    if let Some(bar) = layout
        .bars
        .iter()
        .rev()
        .find(|bar| is_incomplete(chart, bar.index))
        && let Some(start) = chart.starts.get(bar.index)
    {
        let until = day::parsed(start).map_or_else(
            || start.clone(),
            |start| day::short(day::last_of(chart.bucket, start)),
        );
        let text = format!("unfinished until {until}");
        let at = (right, f64::from(layout.height) - 4.0);
        svg.text(TextStyle::Name, Anchor::End, at, &text);
    }
}

/// Returns every how many bars a label stands: every one, or every fourth week, seventh day, third
/// month, or a multiple of that.
fn label_interval(chart: &StackedBars, slot: f64, room: f64) -> usize {
    if slot >= room {
        return 1;
    }
    let natural = match chart.bucket {
        gadget_api::Bucket::Day => 7,
        gadget_api::Bucket::Month => 3,
        _ => 4,
    };
    let mut every = natural;
    #[expect(clippy::cast_precision_loss, reason = "there are at most 10,000 bars")]
    while slot * (every as f64) < room && every < 20_000 {
        every += natural;
    }
    every
}

/// Draws the lines of the levels, the first one over the others, and writes their values.
fn levels(svg: &mut Svg, chart: &StackedBars, layout: &Layout, band: &Band) {
    let levels = levels_of(&chart.series);
    let is_open = layout
        .bars
        .last()
        .is_some_and(|bar| is_incomplete(chart, bar.index));
    for ((_, look), points) in levels.iter().zip(&band.lines).rev() {
        level_line(svg, *look, points, is_open);
    }
    let (Some((series, _)), Some(points)) = (levels.first(), band.lines.first()) else {
        return;
    };
    if points.is_empty() {
        return;
    }
    let value = |series: &Series, bar: Option<&Bar>| -> Option<Number> {
        bar.and_then(|bar| series.values.get(bar.index)).copied()
    };
    // Above its own point, and above the highest point below the text, a label crosses no line.
    let above = |own: usize, from: f64, until: f64| {
        points
            .iter()
            .filter(|(x, _)| (from - 1.0..=until + 1.0).contains(x))
            .map(|(_, y)| *y)
            .fold(points[own].1, f64::min)
            - 8.0
    };
    let last = points.len() - 1;
    if levels.len() > 1 {
        let closings: Vec<_> = levels
            .iter()
            .zip(&band.lines)
            .filter_map(|((series, _), points)| {
                let value = value(series, layout.bars.last())?;
                let name = label_of(&series.label, &series.id);
                Some((points.last()?.1, name, number::plain(value)))
            })
            .take(MOST_LINE_LABELS)
            .collect();
        labels_of_lines(svg, layout, band, closings);
        return;
    }
    if let Some(closing) = value(series, layout.bars.last()) {
        let text = number::plain(closing);
        let y = above(
            last,
            layout.right - measure::width(&text, 11.0),
            layout.right,
        );
        svg.text(TextStyle::Value, Anchor::End, (layout.right, y), &text);
    }
    if let Some(opening) = value(series, layout.bars.first()).filter(|_| last > 0) {
        let text = number::plain(opening);
        let y = above(0, layout.left, layout.left + measure::width(&text, 11.0));
        svg.text(TextStyle::Sum, Anchor::Start, (layout.left, y), &text);
    }
}

fn level_line(svg: &mut Svg, look: LineLook, points: &[(f64, f64)], is_open: bool) {
    let Some(end) = points.last() else {
        return;
    };
    let last = points.len() - 1;
    if is_open && last > 0 {
        svg.polyline(Paint::Line(look), &points[..last]);
        svg.polyline(Paint::LineOpen(look.color), &points[last - 1..]);
    } else {
        svg.polyline(Paint::Line(look), points);
    }
    let dot = if is_open {
        Paint::DotOpen(look.color)
    } else {
        Paint::Dot(look.color)
    };
    let radius = if look.color == SeriesColor::LevelBeside {
        2.5
    } else {
        3.5
    };
    svg.circle(dot, *end, radius);
}

/// Writes names and values of several lines in a column at their right, from the highest to the lowest.
fn labels_of_lines(
    svg: &mut Svg,
    layout: &Layout,
    band: &Band,
    mut closings: Vec<(f64, String, String)>,
) {
    closings.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
    let room = layout.label_right - layout.right - 8.0;
    let mut y = f64::NEG_INFINITY;
    let count = closings.len();
    for (place, (end, name, value)) in closings.into_iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "there are at most 32 series")]
        let below = (count - 1 - place) as f64;
        // What stands below keeps its room, and nothing covers what stands above.
        let lowest = band.bottom - LABEL_LINE * below;
        y = (end + 4.0).min(lowest).max(y + LABEL_LINE);
        let name = measure::fitted(&name, 11.0, room - measure::width(&value, 11.0) - 4.0);
        let at = (layout.right + 8.0, y);
        svg.text(
            TextStyle::Sum,
            Anchor::Start,
            at,
            &format!("{name} {value}"),
        );
    }
}

/// Returns what a screen reader says of a bar.
pub(crate) fn spoken(chart: &StackedBars, index: usize) -> String {
    let start = chart.starts.get(index).map_or("", String::as_str);
    let mut name = label_of("", &day::bar_name(chart.bucket, start));
    if is_incomplete(chart, index) {
        name += ", unfinished";
    }
    name += ": ";
    let tip = tip(chart, index);
    let parts: Vec<_> = tip
        .rows
        .iter()
        .chain(&tip.sums)
        .map(|row| format!("{} {}", row.label, row.value))
        .collect();
    name + &parts.join(", ")
}
