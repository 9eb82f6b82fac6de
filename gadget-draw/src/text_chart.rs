//! Charts for a terminal: bars of block characters, losses to the left of the axis, gains to the right.

use gadget_api::{Number, Role, StackedBars, Waterfall};

use super::{
    bars::title_of,
    day,
    key::entries,
    look::{label_of, levels},
    measure::columns,
    number,
    terminal::{Ink, Terminal, clean, padded, padded_left},
    waterfall,
};

/// More bars would scroll everything else away.
const MOST_BARS: usize = 31;
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Writes a bar chart, one line for each bar.
pub(crate) fn bars(chart: &StackedBars, terminal: Terminal) -> String {
    if chart.starts.is_empty() {
        return String::new();
    }
    let first = chart.starts.len().saturating_sub(MOST_BARS);
    let lines: Vec<_> = (first..chart.starts.len())
        .map(|index| Line::of(chart, index))
        .collect();
    let most = |part: fn(&Line) -> f64| lines.iter().map(part).fold(0.0, f64::max);
    let (gained, lost) = (
        most(|line| line.gained.as_f64()),
        most(|line| line.lost.as_f64()),
    );
    let widest = |part: fn(&Line) -> &str| {
        lines
            .iter()
            .map(|line| columns(part(line)))
            .max()
            .unwrap_or(0)
    };
    let (label, level) = (widest(|line| &line.label), widest(|line| &line.level));
    let (up, down) = (widest(|line| &line.up), widest(|line| &line.down));
    let room = terminal
        .width
        .saturating_sub(label + level + up + down + 10)
        .clamp(10, 60);
    #[expect(clippy::cast_precision_loss, reason = "at most 60 columns")]
    let cells = |value: f64| {
        if gained + lost > 0.0 {
            value / (gained + lost) * (room as f64)
        } else {
            0.0
        }
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 60 columns"
    )]
    let (left, right) = (cells(lost).ceil() as usize, cells(gained).ceil() as usize);

    let mut out = terminal.painted(Ink::Strong, &clean(&title_of(chart))) + "\n";
    for line in &lines {
        let loss = terminal.painted(
            Ink::Loss,
            &padded_left(&whole_blocks(cells(line.lost.as_f64())), left),
        );
        let gain = terminal.painted(
            Ink::Gain,
            &padded(&blocks(cells(line.gained.as_f64())), right),
        );
        let row = format!(
            "{}  {} {loss}│{gain} {}  {}",
            padded_left(&clean(&line.label), label),
            padded_left(&line.down, down),
            padded(&line.up, up),
            padded_left(&line.level, level),
        );
        out += row.trim_end();
        if line.is_open {
            out += &terminal.painted(
                Ink::Late,
                &format!("  unfinished until {}", clean(&line.until)),
            );
        }
        out.push('\n');
    }
    if first > 0 {
        let word = day::bucket_word(chart.bucket);
        out += &format!(
            "the last {MOST_BARS} of {} {word}s\n",
            number::count(chart.starts.len())
        );
    }
    out + &key(chart, terminal)
}

struct Line {
    label: String,
    gained: Number,
    lost: Number,
    up: String,
    down: String,
    level: String,
    is_open: bool,
    until: String,
}

impl Line {
    fn of(chart: &StackedBars, index: usize) -> Self {
        let total = |role| {
            number::sum(
                chart
                    .series
                    .iter()
                    .filter(|s| s.role == role)
                    .filter_map(|s| s.values.get(index).copied()),
            )
        };
        let (gained, lost) = (total(Role::Gain), total(Role::Loss));
        let written = |value: Number, write: fn(Number) -> String| {
            if value.as_f64() == 0.0 {
                String::new()
            } else {
                write(value)
            }
        };
        let levels = levels(&chart.series);
        let values: Vec<_> = levels
            .iter()
            .filter_map(|(series, _)| series.values.get(index).copied())
            .map(number::plain)
            .collect();
        let level = values.join("  ");
        let start = &chart.starts[index];
        Self {
            label: day::parsed(start).map_or_else(|| start.clone(), day::long),
            gained,
            lost,
            up: written(gained, number::signed),
            down: written(lost, number::taken),
            level,
            is_open: chart.incomplete.get(index).copied().unwrap_or(false),
            until: day::parsed(start).map_or_else(
                || start.clone(),
                |start| day::short(day::last_of(chart.bucket, start)),
            ),
        }
    }
}

/// Writes the totals of the series, and the last values of the levels in the order of their columns.
fn key(chart: &StackedBars, terminal: Terminal) -> String {
    let parts: Vec<_> = entries(chart)
        .iter()
        .map(|entry| {
            let total = match entry.series.role {
                Role::Gain => terminal.painted(Ink::Gain, &entry.total),
                Role::Loss => terminal.painted(Ink::Loss, &entry.total),
                _ => entry.total.clone(),
            };
            format!("{} {total}", clean(&entry.name))
        })
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("{}\n", parts.join("  "))
    }
}

/// Writes a waterfall, one line for each step.
pub(crate) fn steps(chart: &Waterfall, terminal: Terminal) -> String {
    let shown = chart.steps.len().min(MOST_BARS);
    let labels: Vec<_> = chart
        .steps
        .iter()
        .take(shown)
        .map(|step| clean(&label_of(&step.label, &step.id)))
        .collect();
    let values: Vec<_> = (0..shown)
        .map(|index| waterfall::written(chart, index))
        .collect();
    let label_width = labels.iter().map(|label| columns(label)).max().unwrap_or(0);
    let value_width = values.iter().map(|value| columns(value)).max().unwrap_or(0);
    let most = (0..shown)
        .filter(|index| !waterfall::is_level(chart, *index))
        .map(|index| chart.steps[index].value.as_f64().abs())
        .fold(0.0, f64::max);
    let mut out = terminal.painted(Ink::Strong, &clean(&waterfall::title_of(chart))) + "\n";
    for index in 0..shown {
        let value = chart.steps[index].value.as_f64();
        let is_level = waterfall::is_level(chart, index);
        let length = if is_level || most <= 0.0 {
            0.0
        } else {
            value.abs() / most * 24.0
        };
        let ink = if value < 0.0 { Ink::Loss } else { Ink::Gain };
        let number = padded_left(&values[index], value_width);
        let number = if is_level {
            terminal.painted(Ink::Strong, &number)
        } else {
            number
        };
        let note = match chart.steps[index].note.as_str() {
            "" => String::new(),
            note => format!("  {}", clean(note)),
        };
        let bar = terminal.painted(ink, &blocks(length));
        let line = format!(
            "{}  {number}  {bar}{note}",
            padded(&labels[index], label_width)
        );
        out += line.trim_end();
        out.push('\n');
    }
    out
}

/// Returns a bar of this many cells, to an eighth of one; what is not nothing is seen.
fn blocks(cells: f64) -> String {
    if !cells.is_finite() || cells <= 0.0 {
        return String::new();
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 60 columns"
    )]
    let eighths = (cells * 8.0).round().max(1.0) as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// The same for bars that grow to the left: there are no eighths for those, only a half.
fn whole_blocks(cells: f64) -> String {
    if !cells.is_finite() || cells <= 0.0 {
        return String::new();
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 60 columns"
    )]
    let halves = (cells * 2.0).round().max(1.0) as usize;
    format!(
        "{}{}",
        if halves % 2 == 1 { "▐" } else { "" },
        "█".repeat(halves / 2)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_of_a_terminal_are_to_an_eighth_and_never_vanish() {
        let cases = [
            (0.0, ""),
            (0.01, "▏"),
            (1.0, "█"),
            (2.5, "██▌"),
            (f64::NAN, ""),
        ];
        for (cells, bar) in cases {
            assert_eq!(blocks(cells), bar);
        }
        assert_eq!(whole_blocks(1.5), "▐█");
        assert_eq!(whole_blocks(0.1), "▐");
    }
}
