//! A view as one file: the whole tile as SVG with literal colours and its font, or as PNG.

use gadget_api::{Chart, NoticeLevel, SourceState, StackedBars, TileSize, View};

use super::{
    bars, file_figures,
    file_table::table,
    hidden::Hidden,
    key, number,
    palette::Palette,
    pen::{Anchor, Pen, Type},
    picture::{Frame, Picture},
    sheet::{Sheet, fitted, width},
    source,
    svg::{Rect, Variant},
    tile::{NOTHING, has_nothing, sentence, side_tables},
    waterfall,
};

const MARGIN: f64 = 24.0;
const WIDE_CHART: u32 = 780;
const GUTTER: f64 = 32.0;
const KEY_GAP: f64 = 12.0;
/// More notices than these are only counted.
const MOST_NOTICES: usize = 8;

/// Which picture of a tile is wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edition {
    /// Each size has a drawing of its own.
    pub size: TileSize,
    /// The palette.
    pub palette: Palette,
    /// The series that are not drawn.
    pub hidden: Hidden,
}

impl Default for Edition {
    fn default() -> Self {
        Self {
            size: TileSize::L,
            palette: Palette::Light,
            hidden: Hidden::default(),
        }
    }
}

/// Draws a view as a file of its own, as it is without further wishes.
pub fn tile_as_svg(view: &View) -> String {
    tile_svg(view, &Edition::default())
}

/// Draws a view as an SVG file of its own.
pub fn tile_svg(view: &View, edition: &Edition) -> String {
    let mut sheet = Sheet::new(edition.palette, f64::from(width_of(edition.size)));
    sheet.y = MARGIN;
    head(&mut sheet, view);
    if edition.size == TileSize::XL {
        file_figures::in_a_row(&mut sheet, view);
    } else {
        file_figures::below(&mut sheet, view);
    }
    if has_nothing(view) {
        sheet.paragraph(Type::Prose, NOTHING, 0.0);
        sheet.y += 14.0;
    }
    match edition.size {
        TileSize::S => {}
        TileSize::M => charts(&mut sheet, view, edition, |_| true),
        TileSize::L => {
            charts(&mut sheet, view, edition, |_| true);
            for each in side_tables(view) {
                table(&mut sheet, &each);
            }
        }
        TileSize::XL => side_by_side(&mut sheet, view, edition),
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
    sheet.paragraph(Type::Title, &view.title, 0.0);
    sheet.paragraph(Type::Meta, &view.subtitle, 0.0);
    sheet.y += 14.0;
}

/// Draws the charts on the left and what goes with them on the right, or the charts alone over the whole width.
fn side_by_side(sheet: &mut Sheet, view: &View, edition: &Edition) {
    let is_steps = |chart: &Chart| matches!(chart, Chart::Waterfall(_));
    let tables = side_tables(view);
    if tables.is_empty() && !view.charts.iter().any(is_steps) {
        charts(sheet, view, edition, |_| true);
        return;
    }
    let (top, whole) = (sheet.y, sheet.room);
    sheet.room = f64::from(WIDE_CHART);
    charts(sheet, view, edition, |chart| !is_steps(chart));
    let bottom = sheet.y;
    sheet.y = top;
    sheet.x = f64::from(WIDE_CHART) + GUTTER;
    sheet.room = whole - sheet.x;
    charts(sheet, view, edition, is_steps);
    for each in &tables {
        table(sheet, each);
    }
    sheet.y = sheet.y.max(bottom);
    sheet.x = 0.0;
    sheet.room = whole;
}

fn charts(sheet: &mut Sheet, view: &View, edition: &Edition, is_wanted: impl Fn(&Chart) -> bool) {
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
        let frame = Frame {
            variant: Variant::File(edition.palette),
            id: &id,
            width,
            height: None,
            hidden: &edition.hidden,
            links: None,
            picked: None,
        };
        let picture: Picture = match chart {
            Chart::StackedBars(chart) => {
                the_key(sheet, chart, &edition.hidden);
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
        let name = fitted(&entry.name, Type::Prose, 160.0);
        let after = if is_hidden { " (hidden)" } else { "" };
        let text = format!("{name}{after}{}", entry.total);
        let width = 18.0 + width(&text, Type::Prose) + 4.0 + KEY_GAP;
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
            sheet.svg.rect(Pen::Hollow, rect(0.5));
        } else {
            let sign = rect(0.0);
            sheet.svg.rect(Pen::Fill(entry.look.tint), sign);
            sheet.svg.texture(entry.look.texture, sign);
        }
        sheet.svg.runs(
            Anchor::Start,
            (left + 18.0, sheet.y + 12.0),
            &[
                (Type::Prose, 0.0, &name),
                (Type::Meta, 0.0, after),
                (Type::Value, 4.0, &entry.total),
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
            sheet.svg.circle(Pen::Fresh, at, 4.0);
            Type::Prose
        } else {
            sheet.svg.circle(Pen::Stale, at, 3.0);
            Type::Late
        };
        sheet.paragraph(kind, &line.text, 14.0);
    }
    let infos = || view.notices.iter().filter(|one| is_info(one.level));
    for notice in infos().take(MOST_NOTICES) {
        sheet.paragraph(Type::Meta, &notice.text, 0.0);
    }
    let warnings = view.notices.len() - infos().count();
    let left = [warnings, infos().count()]
        .map(|count| count.saturating_sub(MOST_NOTICES))
        .iter()
        .sum::<usize>();
    if left > 0 {
        let left = i64::try_from(left).unwrap_or(i64::MAX);
        let text = format!("and {}", number::counted(left, "notice", "notices"));
        sheet.paragraph(Type::Meta, &text, 0.0);
    }
}
