//! A view as one file: the whole tile as SVG with literal colours and its font, or as PNG.

use gadget_api::{Chart, NoticeLevel, SourceState, StackedBars, Table, TileSize, View};

use super::{
    bars, file_figures,
    file_table::table,
    hidden::Hidden,
    key,
    look::Sign,
    number,
    paint::Variant,
    paint::{Anchor, Paint, TextStyle},
    palette::Palette,
    picture::{ChartOptions, Picture},
    sheet::{Sheet, fitted, width},
    source,
    svg::Rect,
    tile::{NOTHING, has_nothing, sentence},
    tile_tables::{fits_beside, tile_tables},
    waterfall,
};

const MARGIN: f64 = 24.0;
const WIDE_CHART: u32 = 780;
const GUTTER: f64 = 32.0;
const KEY_GAP: f64 = 12.0;
/// More notices than these are only counted.
const MOST_NOTICES: usize = 8;

/// How a view is drawn as a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImageOptions {
    /// Each size has a drawing of its own.
    pub size: TileSize,
    /// The palette.
    pub palette: Palette,
    /// The series that are not drawn.
    pub hidden: Hidden,
}

impl Default for ImageOptions {
    fn default() -> Self {
        Self {
            size: TileSize::L,
            palette: Palette::Light,
            hidden: Hidden::default(),
        }
    }
}

/// Draws a view as an SVG file of its own with the usual options.
pub fn tile_as_svg(view: &View) -> String {
    tile_svg(view, &ImageOptions::default())
}

/// Draws a view as an SVG file of its own.
pub fn tile_svg(view: &View, options: &ImageOptions) -> String {
    let mut sheet = Sheet::new(options.palette, f64::from(width_of(options.size)));
    sheet.y = MARGIN;
    head(&mut sheet, view);
    if options.size == TileSize::XL {
        file_figures::in_a_row(&mut sheet, view);
    } else {
        file_figures::below(&mut sheet, view);
    }
    if has_nothing(view) {
        sheet.paragraph(TextStyle::Prose, NOTHING, 0.0);
        sheet.y += 14.0;
    }
    match options.size {
        TileSize::S => {}
        TileSize::M => charts(&mut sheet, view, options, |_| true),
        TileSize::L => {
            charts(&mut sheet, view, options, |_| true);
        }
        TileSize::XL => side_by_side(&mut sheet, view, options),
    }
    for each in &tables_below(view, options.size) {
        table(&mut sheet, each);
    }
    foot(&mut sheet, view);
    sheet.finish(MARGIN, &view.title, &view.subtitle)
}

fn width_of(size: TileSize) -> u32 {
    match size {
        TileSize::S | TileSize::M => 326,
        TileSize::L => WIDE_CHART,
        TileSize::XL => 1176,
    }
}

fn head(sheet: &mut Sheet, view: &View) {
    sheet.paragraph(TextStyle::Title, &view.title, 0.0);
    sheet.paragraph(TextStyle::Meta, &view.subtitle, 0.0);
    sheet.y += 14.0;
}

/// Returns the tables of a wide tile that stand beside its charts.
fn tables_beside(view: &View) -> Vec<Table> {
    if view.charts.is_empty() {
        return Vec::new();
    }
    let mut tables = tile_tables(view, TileSize::XL);
    tables.retain(fits_beside);
    tables
}

/// Returns the other tables of a tile, which have its whole width.
fn tables_below(view: &View, size: TileSize) -> Vec<Table> {
    let mut tables = tile_tables(view, size);
    let has_beside = size == TileSize::XL && !view.charts.is_empty();
    tables.retain(|table| !has_beside || !fits_beside(table));
    tables
}

/// Draws the charts on the left and what goes with them on the right, or the charts alone over the whole width.
fn side_by_side(sheet: &mut Sheet, view: &View, options: &ImageOptions) {
    let is_steps = |chart: &Chart| matches!(chart, Chart::Waterfall(_));
    let tables = tables_beside(view);
    if tables.is_empty() && !view.charts.iter().any(is_steps) {
        charts(sheet, view, options, |_| true);
        return;
    }
    let (top, whole) = (sheet.y, sheet.room);
    sheet.room = f64::from(WIDE_CHART);
    charts(sheet, view, options, |chart| !is_steps(chart));
    let bottom = sheet.y;
    sheet.y = top;
    sheet.x = f64::from(WIDE_CHART) + GUTTER;
    sheet.room = whole - sheet.x;
    charts(sheet, view, options, is_steps);
    for each in &tables {
        table(sheet, each);
    }
    sheet.y = sheet.y.max(bottom);
    sheet.x = 0.0;
    sheet.room = whole;
}

fn charts(
    sheet: &mut Sheet,
    view: &View,
    options: &ImageOptions,
    is_wanted: impl Fn(&Chart) -> bool,
) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a sheet is a few hundred pixels wide"
    )]
    let width = sheet.room as u32;
    for (place, chart) in view
        .charts
        .iter()
        .enumerate()
        .filter(|(_, chart)| is_wanted(chart))
    {
        let id = format!("c{place}");
        let frame = ChartOptions {
            variant: Variant::File(options.palette),
            id: &id,
            width,
            height: None,
            hidden: &options.hidden,
            links: None,
            picked: None,
        };
        let picture: Picture = match chart {
            Chart::StackedBars(chart) => {
                the_key(sheet, chart, &options.hidden);
                bars::stacked_bars(chart, &frame)
            }
            Chart::Waterfall(chart) => waterfall::waterfall(chart, &frame),
            _ => continue,
        };
        sheet.picture(&picture);
    }
}

/// Draws the key in as many lines as it needs. What is hidden has an empty sign.
fn the_key(sheet: &mut Sheet, chart: &StackedBars, hidden: &Hidden) {
    let mut x = 0.0;
    for entry in key::entries(chart) {
        let is_hidden = hidden.has(entry.series);
        let name = fitted(&entry.name, TextStyle::Prose, 160.0);
        let after = if is_hidden { " (hidden)" } else { "" };
        let text = format!("{name}{after}{}", entry.total);
        let width = 18.0 + width(&text, TextStyle::Prose) + 4.0 + KEY_GAP;
        if x > 0.0 && x + width - KEY_GAP > sheet.room {
            (x, sheet.y) = (0.0, sheet.y + 20.0);
        }
        let left = sheet.x + x;
        let rect = |inset: f64| Rect {
            x: left + inset,
            y: sheet.y + 2.0 + inset,
            width: 12.0 - 2.0 * inset,
            height: 12.0 - 2.0 * inset,
        };
        if is_hidden {
            sheet.svg.rect(Paint::Hollow, rect(0.5));
        } else {
            let area = rect(0.0);
            match entry.sign {
                Sign::Area(look) => {
                    sheet.svg.rect(Paint::Fill(look.color), area);
                    sheet.svg.texture(look.texture, area);
                }
                Sign::Line(look) => {
                    let y = area.y + 6.0;
                    let ends = [(left, y), (left + 12.0, y)];
                    sheet.svg.polyline(Paint::Line(look), &ends);
                }
            }
        }
        sheet.svg.runs(
            Anchor::Start,
            (left + 18.0, sheet.y + 12.0),
            &[
                (TextStyle::Prose, 0.0, &name),
                (TextStyle::Meta, 0.0, after),
                (TextStyle::Value, 4.0, &entry.total),
            ],
        );
        x += width;
    }
    sheet.y += 30.0;
}

fn foot(sheet: &mut Sheet, view: &View) {
    sheet.hairline();
    sheet.y += 10.0;
    for trouble in source::troubles(view) {
        sheet.warning(&format!(
            "{}: {}",
            trouble.labels,
            sentence(&trouble.reason)
        ));
    }
    let is_info = |level: NoticeLevel| level == NoticeLevel::Info;
    let warnings = view.notices.iter().filter(|one| !is_info(one.level));
    for notice in warnings.take(MOST_NOTICES) {
        sheet.warning(&sentence(&notice.text));
    }
    for line in source::lines(view) {
        let at = (sheet.x + 4.0, sheet.y + 8.0);
        let kind = if line.state == SourceState::Fresh {
            sheet.svg.circle(Paint::Fresh, at, 4.0);
            TextStyle::Prose
        } else {
            sheet.svg.circle(Paint::Stale, at, 3.0);
            TextStyle::Late
        };
        sheet.paragraph(kind, &line.text, 14.0);
    }
    let infos = || view.notices.iter().filter(|one| is_info(one.level));
    for notice in infos().take(MOST_NOTICES) {
        sheet.paragraph(TextStyle::Meta, &notice.text, 0.0);
    }
    let warnings = view.notices.len() - infos().count();
    let left = [warnings, infos().count()]
        .map(|count| count.saturating_sub(MOST_NOTICES))
        .iter()
        .sum::<usize>();
    if left > 0 {
        let left = i64::try_from(left).unwrap_or(i64::MAX);
        let text = format!("and {}", number::counted(left, "notice", "notices"));
        sheet.paragraph(TextStyle::Meta, &text, 0.0);
    }
}
