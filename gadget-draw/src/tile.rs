//! A view as a tile on a page.

use gadget_api::{Chart, NoticeLevel, SourceState, StackedBars, Table, TileSize, View, Waterfall};
use maud::{Markup, PreEscaped, html};

use super::{
    bar_tip, bars,
    hidden::Switches,
    key::key,
    number,
    paint::Variant,
    picture::{ChartOptions, Links, Picture},
    source,
    table::{caption_of, html_table, tables_of},
    tile_figures::figures,
    tile_tables::{fits_beside, tile_tables},
    waterfall,
};

/// How wide charts are drawn, and where each of the drawings is seen.
const BARS: [(&str, u32); 3] = [("d-wide", 780), ("d-mid", 560), ("d-narrow", 326)];
/// The same where nothing stands beside the chart of a tile that is as wide as the page.
const BARS_ALONE: [(&str, u32); 4] = [
    ("d-vast", 1176),
    ("d-wide", 780),
    ("d-mid", 560),
    ("d-narrow", 326),
];

/// Where a tile stands, and what can be done with it.
pub struct TileFrame<'a> {
    /// An id that only this tile has: lower-case letters, digits and hyphens.
    pub id: &'a str,
    /// Grows with each change, so that a page knows whether it has the newest.
    pub revision: u64,
    /// The size of the tile.
    pub size: TileSize,
    /// Where the parts of the view lead, if they lead anywhere.
    pub links: Option<&'a Links>,
    /// Buttons and links beside the title.
    pub tools: Markup,
    /// What the host knows about the tile, at its foot; a stale view that could not be refreshed has its reason here.
    pub state: Markup,
    /// What can be done about data that could not be refreshed.
    pub ways_out: Markup,
    /// How much of the tile is drawn.
    pub extent: Extent<'a>,
}

/// How much of a tile is drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent<'a> {
    /// All of it.
    Whole,
    /// What most readers see at first: charts at the widths that the size of the tile usually has, and no
    /// tables that are folded away. An empty element of the same size stands for each drawing that is left
    /// out; a script fills it from the whole tile once it is seen.
    AtFirst {
        /// The address of a page with the whole tile.
        whole: &'a str,
    },
}

/// Draws a tile with what the view says.
#[cfg(test)]
pub fn tile(view: &View, placed: &TileFrame<'_>) -> Markup {
    tile_with(view, placed, &Switches::none())
}

/// Draws a tile without the series that a reader has hidden, and with switches that hide them.
pub fn tile_with(view: &View, placed: &TileFrame<'_>, switches: &Switches<'_>) -> Markup {
    let is_wide = matches!(placed.size, TileSize::L | TileSize::XL);
    let (beside, below): (Vec<Table>, Vec<Table>) = tile_tables(view, placed.size)
        .into_iter()
        .partition(|table| is_wide && fits_beside(table) && !view.charts.is_empty());
    let has_tables = !beside.is_empty();
    let is_beside = |chart: &Chart| !has_tables && matches!(chart, Chart::Waterfall(_));
    let has_side = has_tables || view.charts.iter().any(is_beside);
    let scene = ChartContext {
        placed,
        switches,
        bars: match (placed.size, has_side) {
            (TileSize::XL, false) => &BARS_ALONE,
            _ => &BARS,
        },
        steps: match (is_wide, has_tables) {
            (true, true) => &BARS,
            (true, false) => &[("d-any", 326)],
            (false, _) => &[("d-mid-up", 560), ("d-narrow", 326)],
        },
    };
    let body = html! {
        (figures(view, placed))
        @if has_nothing(view) { (nothing()) }
        @if is_wide && has_side {
            div.split {
                div { (charts(view, &scene, |chart| !is_beside(chart))) }
                div.side {
                    (charts(view, &scene, is_beside))
                    @for table in &beside { (html_table(table, &caption_of(table))) }
                }
            }
        } @else if placed.size != TileSize::S {
            (charts(view, &scene, |_| true))
        }
        @for table in &below { div.below { (html_table(table, &caption_of(table))) } }
        (data(view, placed.extent))
    };
    let foot = html! { (strips(view, &placed.ways_out)) (foot(view, placed)) };
    frame(
        (placed.id, placed.revision),
        placed.size,
        &head(view, placed),
        &body,
        &foot,
    )
}

/// Puts the parts of a tile together; tiles without a view are framed alike.
pub fn frame(
    (id, revision): (&str, u64),
    size: TileSize,
    head: &Markup,
    body: &Markup,
    foot: &Markup,
) -> Markup {
    let class = match size {
        TileSize::S => "tile tile--s",
        TileSize::M => "tile tile--m",
        TileSize::L => "tile tile--l",
        TileSize::XL => "tile tile--xl",
    };
    html! {
        article class=(class) id=(id) data-revision=(revision) aria-labelledby={ (id) "-title" } {
            (head)
            div.tile__body { (body) }
            (foot)
        }
    }
}

/// Draws title and subtitle.
pub fn title(id: &str, title: &str, subtitle: &str, tools: &Markup) -> Markup {
    html! {
        header.tile__head {
            div.tile__title {
                h2 id={ (id) "-title" } { bdi { (title) } }
                @if !subtitle.is_empty() { p { bdi { (subtitle) } } }
            }
            div.tile__tools { (tools) }
        }
    }
}

fn head(view: &View, placed: &TileFrame<'_>) -> Markup {
    title(placed.id, &view.title, &view.subtitle, &placed.tools)
}

/// What the charts of a tile are drawn with.
struct ChartContext<'a> {
    placed: &'a TileFrame<'a>,
    switches: &'a Switches<'a>,
    /// How wide bar charts are drawn.
    bars: &'a [(&'a str, u32)],
    /// How wide waterfalls are drawn.
    steps: &'a [(&'a str, u32)],
}

fn charts(view: &View, scene: &ChartContext<'_>, is_wanted: impl Fn(&Chart) -> bool) -> Markup {
    html! {
        @for (place, chart) in view.charts.iter().enumerate().filter(|(_, chart)| is_wanted(chart)) {
            @match chart {
                Chart::StackedBars(chart) => (bars_figure(chart, place, scene)),
                Chart::Waterfall(chart) => (waterfall_figure(chart, place, scene)),
                _ => {}
            }
        }
    }
}

fn bars_figure(chart: &StackedBars, place: usize, scene: &ChartContext<'_>) -> Markup {
    let tips = serde_json::to_string(&bar_tip::tips(chart)).unwrap_or_default();
    html! {
        figure.plot data-chart=(chart.id) data-tips=(tips) data-switches=[scene.switches.address] {
            (key(chart, scene.placed.links, scene.switches))
            (drawings(scene.bars, place, scene, |frame| bars::stacked_bars(chart, frame)))
        }
    }
}

fn waterfall_figure(chart: &Waterfall, place: usize, scene: &ChartContext<'_>) -> Markup {
    html! {
        figure.plot."plot--steps" data-chart=(chart.id) {
            (drawings(scene.steps, place, scene, |frame| waterfall::waterfall(chart, frame)))
        }
    }
}

/// Draws one picture for each width; the style sheet shows the one that fits.
fn drawings(
    widths: &[(&str, u32)],
    place: usize,
    scene: &ChartContext<'_>,
    draw: impl Fn(&ChartOptions<'_>) -> Picture,
) -> Markup {
    let placed = scene.placed;
    html! {
        @for (class, width) in widths {
            @let id = format!("{}-c{place}-{width}", placed.id);
            @let frame = ChartOptions {
                variant: Variant::Page,
                id: &id,
                width: *width,
                height: None,
                hidden: scene.switches.hidden,
                links: placed.links,
                picked: None,
            };
            @let picture = draw(&frame);
            @match Presence::of(class, placed) {
                Presence::Here => div class=(class) { (PreEscaped(picture.on_page(&id))) },
                Presence::HereInstead => div class={ (class) " instead" } { (PreEscaped(picture.on_page(&id))) },
                Presence::Later => div class={ (class) " later" } { (PreEscaped(picture.empty())) },
            }
        }
    }
}

/// Whether the drawing for a width is on a page at first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Presence {
    Here,
    /// The same; it stands in for the others where no script fetches them.
    HereInstead,
    Later,
}

impl Presence {
    fn of(class: &str, placed: &TileFrame<'_>) -> Self {
        if placed.extent == Extent::Whole {
            return Self::Here;
        }
        match (placed.size, class) {
            // One third of a page, or a phone.
            (TileSize::M, "d-narrow") => Self::HereInstead,
            (TileSize::M, "d-wide" | "d-mid" | "d-mid-up") => Self::Later,
            // As wide as the page: seldom between the widths of a phone and of a desk.
            (TileSize::XL, "d-wide") => Self::HereInstead,
            (TileSize::XL, "d-mid") => Self::Later,
            _ => Self::Here,
        }
    }
}

/// Tells whether there is nothing at all to look at in a view.
pub(crate) fn has_nothing(view: &View) -> bool {
    view.figures.is_empty() && view.charts.is_empty() && tables_of(view).is_empty()
}

/// What a tile says whose view has nothing to look at; why is in the notices below.
pub(crate) const NOTHING: &str = "Nothing to show with these settings";

fn nothing() -> Markup {
    html! {
        div.state-of {
            span."state-of__sign" { (icon("picture")) }
            div { p { b { (NOTHING) } } }
        }
    }
}

fn data(view: &View, extent: Extent<'_>) -> Markup {
    let tables = tables_of(view);
    html! {
        @if !tables.is_empty() {
            @match extent {
                Extent::Whole => details.data {
                    summary { "Data tables" }
                    @for table in &tables { (html_table(table, &caption_of(table))) }
                },
                Extent::AtFirst { whole } => details.data data-later {
                    summary { "Data tables" }
                    p { a href=(whole) { "Open the data tables" } }
                },
            }
        }
    }
}

/// Draws what has to be seen before the numbers are believed: why a source is stale, and notices that need attention.
fn strips(view: &View, ways_out: &Markup) -> Markup {
    html! {
        @for (place, trouble) in source::troubles(view).iter().enumerate() {
            div.strip {
                (icon("warn"))
                div {
                    b { bdi { (trouble.labels) } @if trouble.state == SourceState::Stale { " could not be refreshed." } @else { " not available." } }
                    " " bdi { (sentence(&trouble.reason)) }
                    @if let Some(shown) = &trouble.shown { " Shown as of " bdi { (shown) } "." }
                    @if place == 0 { " " (ways_out) }
                }
            }
        }
        @for notice in view.notices.iter().filter(|notice| notice.level != NoticeLevel::Info) {
            div class=(if notice.level == NoticeLevel::Problem { "strip strip--error" } else { "strip" }) {
                (icon("warn"))
                div { bdi { (sentence(&notice.text)) } }
            }
        }
    }
}

fn foot(view: &View, placed: &TileFrame<'_>) -> Markup {
    let infos: Vec<_> = view
        .notices
        .iter()
        .filter(|notice| notice.level == NoticeLevel::Info)
        .collect();
    html! {
        footer.tile__foot {
            @for line in source::lines(view) {
                span class=(match line.state {
                    SourceState::Fresh => "state",
                    SourceState::Stale => "state state--stale",
                    _ => "state state--none",
                }) { bdi { (line.text) } }
            }
            (placed.state)
            @if !infos.is_empty() {
                details.notices {
                    summary { (number::counted(i64::try_from(infos.len()).unwrap_or(i64::MAX), "notice", "notices")) }
                    ul { @for notice in infos { li { bdi { (notice.text) } } } }
                }
            }
        }
    }
}

/// Returns `text` as a sentence: errors are written in lower case and without a full stop.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let end = if text.ends_with(['.', '!', '?', '…']) {
        ""
    } else {
        "."
    };
    format!("{}{}{end}", first.to_uppercase(), letters.as_str())
}

/// Refers to an icon of the sprite.
pub fn icon(name: &str) -> Markup {
    html! { svg.icon aria-hidden="true" width="16" height="16" { use href={ "#i-" (name) } {} } }
}
