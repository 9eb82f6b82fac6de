//! A view as text for a terminal.

use gadget_api::{Chart, NoticeLevel, SourceState, Table, TileSize, View};

use super::{
    figure::{self, Assessment},
    look::label_of,
    measure::columns as columns_of,
    number, source,
    table::{caption_of, is_number, written},
    text_chart::{bars, steps},
    tile_tables::tile_tables,
};

/// What the terminal can show.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Whether colours are written.
    pub colours: Colours,
    /// How many columns it has.
    pub width: usize,
}

/// Whether escape sequences for colours are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Colours {
    /// ANSI escape codes.
    Ansi,
    /// No colour at all.
    None,
}

/// How a piece of text is told apart where there are colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ink {
    /// Bold.
    Strong,
    /// Dimmed.
    Faint,
    /// What was gained.
    Gain,
    /// What was lost.
    Loss,
    /// What is stale.
    Late,
}

impl Terminal {
    /// Returns `text` in a colour, or as it is where there are no colours.
    pub fn painted(self, ink: Ink, text: &str) -> String {
        if self.colours == Colours::None || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Strong => "1",
            Ink::Faint => "2",
            Ink::Gain => "36",
            Ink::Loss => "31",
            Ink::Late => "33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Writes a view.
pub fn text(view: &View, terminal: Terminal) -> String {
    let mut blocks = vec![head(view, terminal), figures(view, terminal)];
    for chart in &view.charts {
        blocks.push(match chart {
            Chart::StackedBars(chart) => bars(chart, terminal),
            Chart::Waterfall(chart) => steps(chart, terminal),
            _ => String::new(),
        });
    }
    for table in tile_tables(view, TileSize::XL) {
        let caption = terminal.painted(Ink::Strong, &clean(&caption_of(&table)));
        blocks.push(format!("{caption}\n{}", table_text(&table)));
    }
    blocks.push(notices(view, terminal));
    blocks.push(sources(view, terminal));
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n")
}

fn head(view: &View, terminal: Terminal) -> String {
    let mut out = terminal.painted(Ink::Strong, &clean(&view.title)) + "\n";
    if !view.subtitle.is_empty() {
        out += &format!("{}\n", clean(&view.subtitle));
    }
    out
}

fn figures(view: &View, terminal: Terminal) -> String {
    let figures = figure::in_order(view);
    let texts: Vec<_> = figures.into_iter().map(figure::in_words).collect();
    let label_width = texts
        .iter()
        .map(|figure_text| columns_of(&figure_text.label))
        .max()
        .unwrap_or(0);
    let value_width = texts
        .iter()
        .map(|figure_text| columns_of(&figure_text.value))
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for figure_text in &texts {
        let value = terminal.painted(Ink::Strong, &padded_left(&figure_text.value, value_width));
        out += &format!(
            "{}  {value}",
            padded(&clean(&figure_text.label), label_width)
        );
        if let Some(change) = &figure_text.change {
            let amount = change.sign();
            let amount = match change.assessment {
                Assessment::Better => terminal.painted(Ink::Gain, &amount),
                Assessment::Worse => terminal.painted(Ink::Loss, &amount),
                Assessment::Neither => amount,
            };
            let assessment = change.assessment.word();
            let comma = if assessment.is_empty() { "" } else { ", " };
            out += &format!(
                "  {amount} {}{comma}{assessment}",
                clean(&change.comparison())
            );
        }
        if let Some(band) = &figure_text.band {
            out += &format!("  ({band})");
        }
        out.push('\n');
    }
    out
}

fn notices(view: &View, terminal: Terminal) -> String {
    let mut out = String::new();
    for notice in &view.notices {
        let (mark, ink) = match notice.level {
            NoticeLevel::Problem => ("error: ", Ink::Loss),
            NoticeLevel::Attention => ("warning: ", Ink::Late),
            _ => ("note: ", Ink::Faint),
        };
        out += &format!("{}{}\n", terminal.painted(ink, mark), clean(&notice.text));
    }
    out
}

fn sources(view: &View, terminal: Terminal) -> String {
    let mut out = String::new();
    for line in source::lines(view) {
        let text = clean(&line.text);
        out += &match line.state {
            SourceState::Fresh => format!("{}\n", terminal.painted(Ink::Faint, &text)),
            _ => format!("{}\n", terminal.painted(Ink::Late, &text)),
        };
    }
    for trouble in source::troubles(view) {
        out += &format!("  {}: {}\n", clean(&trouble.labels), clean(&trouble.reason));
    }
    out
}

/// Writes a table in columns.
pub fn table_text(table: &Table) -> String {
    let heads = table
        .columns
        .iter()
        .map(|column| label_of(&column.label, &column.id));
    let mut lines: Vec<Vec<String>> = vec![heads.map(|head| clean(&head)).collect()];
    lines.extend(table.rows.iter().map(|row| {
        row.iter()
            .zip(&table.columns)
            .map(|(cell, column)| clean(&written(cell, column)))
            .collect()
    }));
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|place| {
            lines
                .iter()
                .filter_map(|line| line.get(place))
                .map(|cell| columns_of(cell))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for line in &lines {
        let cells: Vec<_> = line
            .iter()
            .zip(&widths)
            .zip(&table.columns)
            .map(|((cell, width), column)| {
                if is_number(column) {
                    padded_left(cell, *width)
                } else {
                    padded(cell, *width)
                }
            })
            .collect();
        out += cells.join("  ").trim_end();
        out.push('\n');
    }
    if let Some(total) = table
        .total
        .filter(|total| usize::try_from(*total).is_ok_and(|total| total > table.rows.len()))
    {
        out += &format!(
            "the first {} of {total} rows\n",
            number::count(table.rows.len())
        );
    }
    out
}

/// Returns `text` without what a terminal would act on: control characters and changes of direction.
pub fn clean(text: &str) -> String {
    text.chars()
        .filter(|each| {
            !each.is_control()
                && !matches!(each, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect()
}

/// Returns `text` with spaces behind it, `width` columns in all.
pub fn padded(text: &str, width: usize) -> String {
    format!(
        "{text}{}",
        " ".repeat(width.saturating_sub(columns_of(text)))
    )
}

/// Returns `text` with spaces before it, `width` columns in all.
pub fn padded_left(text: &str, width: usize) -> String {
    format!(
        "{}{text}",
        " ".repeat(width.saturating_sub(columns_of(text)))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_acts_on_gets_through() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\u{7}"), "a[31mbc");
    }

    #[test]
    fn without_colours_there_is_no_escape_sequence() {
        let plain = Terminal {
            colours: Colours::None,
            width: 80,
        };
        assert_eq!(plain.painted(Ink::Loss, "x"), "x");
        let ansi = Terminal {
            colours: Colours::Ansi,
            width: 80,
        };
        assert_eq!(ansi.painted(Ink::Loss, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
