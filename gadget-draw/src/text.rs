//! A view as text for a terminal.

use gadget_api::{Chart, NoticeLevel, SourceState, Table, TileSize, View};

pub use super::terminal::{Colours, Ink, Terminal, clean, padded, padded_left};
use super::{
    figure::{self, Assessment},
    look::label_of,
    measure::columns as columns_of,
    number, source,
    table::{caption_of, is_number, written},
    text_chart::{bars, steps},
    tile_tables::tile_tables,
};

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

#[cfg(test)]
mod tests {
    use super::*;

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
