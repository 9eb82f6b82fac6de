//! The bar chart: gains above zero, losses below, and the level as a line in a band of its own.

use gadget_api::{Role, StackedBars};

use super::{
    bar_tip::{is_incomplete, tip, total},
    bars_layout::{Area, Band, Bar, Layout, Segment, tick_number},
    day::{self, NeedsYear},
    look::{label_of, stack},
    measure, number,
    pen::{Anchor, Pen, Type},
    picture::{Frame, Picture},
    svg::{Part, Rect, Svg},
};

/// Draws a bar chart for one width.
pub(crate) fn stacked_bars(chart: &StackedBars, frame: &Frame<'_>) -> Picture {
    let whole = chart;
    let chart = &*frame.hidden.without(whole);
    let layout = Layout::of(chart, frame.width, frame.height);
    let mut svg = Svg::new(frame.variant, frame.id);
    svg.patterns();
    if layout.band.is_some() {
        svg.text(Type::Name, Anchor::Start, (0.0, 9.0), &level_caption(chart));
    }
    if let Some(area) = &layout.area {
        let caption = bars_caption(chart, layout.bars.len()) + &frame.hidden.said(whole);
        let caption = measure::fitted(&caption, 11.0, f64::from(frame.width));
        svg.text(Type::Name, Anchor::Start, (0.0, area.caption_y), &caption);
        let nothing = if frame.hidden.said(whole).is_empty() {
            "no movement in this period"
        } else {
            "nothing of what is shown moved in this period"
        };
        grid(&mut svg, &layout, area, nothing);
    }
    for bar in &layout.bars {
        one_bar(&mut svg, whole, &layout, bar, frame);
    }
    if let Some(area) = &layout.area {
        sums(&mut svg, chart, &layout, area);
        svg.horizontal(Pen::Zero, layout.left, layout.right, area.zero);
    }
    bar_labels(&mut svg, chart, &layout);
    if let Some(band) = &layout.band {
        levels(&mut svg, chart, &layout, band);
    }
    Picture {
        width: frame.width,
        height: layout.height,
        title: title_of(whole) + &frame.hidden.said(whole),
        description: description_of(whole),
        body: svg.finish(),
    }
}

/// Returns what the chart is called.
pub(crate) fn title_of(chart: &StackedBars) -> String {
    if chart.label.is_empty() {
        return format!(
            "{} by {}",
            gained_and_lost(chart),
            day::bucket_word(chart.bucket)
        );
    }
    chart.label.clone()
}

fn gained_and_lost(chart: &StackedBars) -> String {
    if chart.unit.is_empty() {
        return "Gained and lost".to_owned();
    }
    format!("{} gained and lost", label_of("", &chart.unit))
}

fn level_caption(chart: &StackedBars) -> String {
    let label = stack(&chart.series, Role::Level)
        .first()
        .map_or_else(String::new, |(series, _)| {
            label_of(&series.label, &series.id)
        });
    format!(
        "{label} at the end of the {}",
        day::bucket_word(chart.bucket)
    )
}

fn bars_caption(chart: &StackedBars, shown: usize) -> String {
    let word = day::bucket_word(chart.bucket);
    let preposition = if word == "day" { "on" } else { "in" };
    let caption = format!("{} {preposition} the {word}", gained_and_lost(chart));
    if shown < chart.starts.len() {
        let (shown, all) = (number::count(shown), number::count(chart.starts.len()));
        return format!("{caption}, the last {shown} of {all} {word}s");
    }
    caption
}

fn description_of(chart: &StackedBars) -> String {
    let total = |role| {
        number::plain(number::sum(
            chart
                .series
                .iter()
                .filter(|s| s.role == role)
                .flat_map(|s| s.values.iter().copied()),
        ))
    };
    let word = day::bucket_word(chart.bucket);
    let mut text = format!("{} gained, {} lost.", total(Role::Gain), total(Role::Loss));
    if let Some((series, _)) = stack(&chart.series, Role::Level).first()
        && let (Some(first), Some(last)) = (series.values.first(), series.values.last())
    {
        let label = label_of(&series.label, &series.id);
        text += &format!(
            " {label}: {} at the end of the first {word}, {} at the last.",
            number::plain(*first),
            number::plain(*last)
        );
    }
    for (start, _) in chart
        .starts
        .iter()
        .zip(&chart.incomplete)
        .filter(|(_, open)| **open)
    {
        text += &format!(" The {} is unfinished.", day::bar_name(chart.bucket, start));
    }
    text
}

fn grid(svg: &mut Svg, layout: &Layout, area: &Area, nothing: &str) {
    svg.text(
        Type::Tick,
        Anchor::End,
        (layout.left - 7.0, area.zero + 4.0),
        "0",
    );
    for (value, y) in &area.ticks {
        svg.horizontal(Pen::Grid, layout.left, layout.right, y.round());
        let label = number::signed(tick_number(*value));
        svg.text(
            Type::Tick,
            Anchor::End,
            (layout.left - 7.0, y.round() + 4.0),
            &label,
        );
    }
    if area.ticks.is_empty() {
        let middle = f64::midpoint(layout.left, layout.right);
        svg.text(
            Type::Tick,
            Anchor::Middle,
            (middle, area.zero - 10.0),
            nothing,
        );
    }
}

fn one_bar(svg: &mut Svg, chart: &StackedBars, layout: &Layout, bar: &Bar, frame: &Frame<'_>) {
    let Some(start) = chart.starts.get(bar.index) else {
        return;
    };
    let name = spoken(chart, bar.index);
    let link = frame.links.map(|links| links.bar(&chart.id, start));
    let part = Part {
        index: bar.index,
        name: &name,
        link: link.as_deref(),
        is_picked: frame.picked == Some(bar.index),
    };
    svg.open_part(&part);
    let hit = Rect {
        x: bar.slot_left,
        y: 12.0,
        width: layout.slot,
        height: f64::from(layout.height) - 44.0,
    };
    svg.rect(Pen::Hit, hit);
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
            svg.rect(Pen::Outline, whole);
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
        svg.mark(Pen::FillUnfinished(segment.look.tint), rect, series);
    } else {
        svg.mark(Pen::Fill(segment.look.tint), rect, series);
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
            svg.text(Type::Sum, Anchor::Middle, at, &number::signed(gained));
        }
        if lost.as_f64() > 0.0 {
            let at = (bar.middle().round(), bar.bottom(area.zero).round() + 13.0);
            svg.text(Type::Sum, Anchor::Middle, at, &number::taken(lost));
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
            svg.text(Type::Tick, Anchor::End, (right, y), &text);
        } else {
            svg.text(
                Type::Tick,
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
        svg.text(Type::Name, Anchor::End, at, &text);
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

fn levels(svg: &mut Svg, chart: &StackedBars, layout: &Layout, band: &Band) {
    for points in band.lines.iter().skip(1) {
        svg.polyline(Pen::LineOther, points);
    }
    let Some(points) = band.lines.first().filter(|points| !points.is_empty()) else {
        return;
    };
    let last = points.len() - 1;
    let is_open = layout
        .bars
        .last()
        .is_some_and(|bar| is_incomplete(chart, bar.index));
    if is_open && last > 0 {
        svg.polyline(Pen::Line, &points[..last]);
        svg.polyline(Pen::LineOpen, &points[last - 1..]);
    } else {
        svg.polyline(Pen::Line, points);
    }
    let dot = if is_open { Pen::DotOpen } else { Pen::Dot };
    svg.circle(dot, points[last], 3.5);

    let stack = stack(&chart.series, Role::Level);
    let Some((series, _)) = stack.first() else {
        return;
    };
    let value = |bar: Option<&Bar>| bar.and_then(|bar| series.values.get(bar.index)).copied();
    // Above its own point, and the highest one that a label spans, it crosses no line.
    let above = |own: usize, from: f64, until: f64| {
        points
            .iter()
            .filter(|(x, _)| (from - 1.0..=until + 1.0).contains(x))
            .map(|(_, y)| *y)
            .fold(points[own].1, f64::min)
            - 8.0
    };
    if let Some(closing) = value(layout.bars.last()) {
        let text = number::plain(closing);
        let y = above(
            last,
            layout.right - measure::width(&text, 11.0),
            layout.right,
        );
        svg.text(Type::Value, Anchor::End, (layout.right, y), &text);
    }
    if let Some(opening) = value(layout.bars.first()).filter(|_| last > 0) {
        let text = number::plain(opening);
        let y = above(0, layout.left, layout.left + measure::width(&text, 11.0));
        svg.text(Type::Sum, Anchor::Start, (layout.left, y), &text);
    }
}

/// Returns what a screen reader says of a bar.
fn spoken(chart: &StackedBars, index: usize) -> String {
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
