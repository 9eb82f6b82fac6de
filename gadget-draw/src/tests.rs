//! Golden pictures, and what holds for any view.

use std::sync::LazyLock;

use gadget_api::{Chart, TileSize, View};
use maud::Markup;
use proptest::prelude::*;

use super::{
    Hidden, Links, Switches, Terminal,
    bars::stacked_bars,
    paint::Variant,
    picture::ChartOptions,
    sample,
    svg::page_patterns,
    text::{Colours, text},
    tile::{Extent, TileFrame, tile, tile_with},
    tile_as_svg,
};

static LINKS: LazyLock<Links> = LazyLock::new(|| Links::new("/tile/t1/details"));

fn placed(size: TileSize) -> TileFrame<'static> {
    TileFrame {
        ways_out: Markup::default(),
        extent: Extent::Whole,
        id: "t1",
        revision: 1,
        size,
        links: Some(&LINKS),
        tools: Markup::default(),
        state: Markup::default(),
    }
}

fn on_page(view: &View, size: TileSize) -> Markup {
    tile(view, &placed(size))
}

/// Breaks markup before each element, so that a change shows as one line.
fn by_element(markup: &str) -> String {
    markup.replace("><", ">\n<")
}

/// Leaves the embedded font out of a file, which nobody reads.
fn without_font(file: &str) -> String {
    let mut parts = file.split("base64,");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept += "base64,";
        kept += part.split_once(')').map_or("", |(_, rest)| rest);
    }
    by_element(&kept)
}

#[test]
fn the_tile_on_a_page_is_as_it_was() {
    let view = sample::timeboard();
    insta::assert_snapshot!(
        "tile_m",
        by_element(&on_page(&view, TileSize::M).into_string())
    );
    insta::assert_snapshot!(
        "tile_s",
        by_element(&on_page(&view, TileSize::S).into_string())
    );
}

#[test]
fn a_tile_without_some_series_is_as_it_was() {
    let hidden = Hidden::parse("new,churn");
    let switches = Switches {
        hidden: &hidden,
        address: Some("/tile/t1"),
    };
    let drawn = tile_with(&sample::timeboard(), &placed(TileSize::M), &switches).into_string();
    let figure = drawn.split("<figure").nth(1).unwrap();
    insta::assert_snapshot!("plot_without_series", by_element(figure));
}

/// Returns the drawing in the element of this class, without the element itself.
fn drawing_in<'a>(page: &'a str, class: &str) -> Option<&'a str> {
    let begin = format!("<div class=\"{class}\">");
    let (_, rest) = page.split_once(&begin)?;
    rest.split_once("</svg></div>").map(|(drawing, _)| drawing)
}

#[test]
fn what_is_left_out_at_first_takes_the_same_room_and_what_is_there_is_the_same() {
    let whole_address = "/d/1/t/t1";
    for view in [sample::timeboard(), sample::vendor()] {
        for (size, here, later) in [
            (TileSize::M, &["d-narrow"][..], &["d-wide", "d-mid"][..]),
            (TileSize::L, &["d-wide", "d-mid", "d-narrow"], &[]),
            (TileSize::XL, &["d-wide", "d-narrow"], &["d-mid"]),
        ] {
            let whole = on_page(&view, size).into_string();
            let frame = TileFrame {
                extent: Extent::AtFirst {
                    whole: whole_address,
                },
                ..placed(size)
            };
            let first = tile(&view, &frame).into_string();
            for class in here {
                let drawing = drawing_in(&first, class);
                let drawing = drawing.or_else(|| drawing_in(&first, &format!("{class} instead")));
                assert!(drawing.is_some(), "{size:?} {class}: {first}");
                assert_eq!(drawing, drawing_in(&whole, class), "{size:?} {class}");
            }
            for class in later {
                let room = |drawing: &str| drawing.split_once(" viewBox").unwrap().0.to_owned();
                let empty = drawing_in(&first, &format!("{class} later")).unwrap();
                assert_eq!(room(empty), room(drawing_in(&whole, class).unwrap()));
            }
            assert!(whole.contains("<table") && first.contains("data-later"));
            assert!(first.contains(whole_address) && !whole.contains(whole_address));
            // Nothing but drawings and tables is missing.
            let [of_first, of_whole] = [&first, &whole].map(|page| {
                let figures = page.split_once("<ul class=\"figures").unwrap().1;
                figures.split_once("<figure").unwrap().0.to_owned()
            });
            assert_eq!(of_first, of_whole);
            assert!(size != TileSize::M || first.len() * 2 < whole.len());
        }
    }
}

#[test]
fn totals_and_names_of_bars_stay_when_series_are_hidden() {
    let view = sample::timeboard();
    let hidden = Hidden::parse("new");
    let switches = Switches {
        hidden: &hidden,
        address: Some("/tile/t1"),
    };
    let with = on_page(&view, TileSize::M).into_string();
    let without = tile_with(&view, &placed(TileSize::M), &switches).into_string();
    for holds in [
        "<b>+530</b>",
        "Week of 24 Aug 2026: Expansion +19, Reactivation +8, New +45, Churn −30, Contraction 0, Net +42",
    ] {
        assert!(with.contains(holds) && without.contains(holds), "{holds}");
    }
    assert!(with.contains("<rect class=\"tone-good-1\" data-series=\"new\""));
    assert!(!without.contains("<rect class=\"tone-good-1\" data-series=\"new\""));
    assert!(without.contains("Users gained and lost by week, without New"));
    assert!(without.contains("aria-pressed=\"false\" aria-label=\"Show New\""));
}

#[test]
fn the_file_of_a_tile_is_as_it_was() {
    let view = sample::timeboard();
    insta::assert_snapshot!("tile_file", without_font(&tile_as_svg(&view)));
}

#[test]
fn the_text_for_a_terminal_is_as_it_was() {
    let view = sample::timeboard();
    insta::assert_snapshot!(
        "text_plain",
        text(
            &view,
            Terminal {
                colours: Colours::None,
                width: 100
            }
        )
    );
    insta::assert_snapshot!(
        "text_ansi",
        text(
            &view,
            Terminal {
                colours: Colours::Ansi,
                width: 60
            }
        )
    );
}

/// Reads a number of the last element that begins so.
fn attribute(markup: &str, element: &str, name: &str) -> f64 {
    let element = markup.rsplit(element).next().unwrap_or_default();
    let value = element.split(&format!(r#" {name}=""#)).nth(1);
    let value = value.and_then(|rest| rest.split('"').next());
    value.unwrap_or_default().parse().unwrap()
}

#[test]
fn the_closing_is_written_above_its_point_at_any_width() {
    let view = sample::timeboard();
    let Some(Chart::StackedBars(chart)) = view.charts.first() else {
        panic!("the sample begins with bars");
    };
    for width in [326, 560, 780, 1176, 1900] {
        let frame = ChartOptions {
            variant: Variant::Page,
            id: "c",
            width,
            height: None,
            hidden: &Hidden::default(),
            links: None,
            picked: None,
        };
        let markup = stacked_bars(chart, &frame).body;
        let label = attribute(&markup, r#"<text class="c-value"#, "y");
        let point = attribute(&markup, "<circle", "cy");
        assert!(
            (point - 20.0..point).contains(&label),
            "{width}: {label} for {point}"
        );
    }
}

/// Takes the members that tell how a part is drawn out of a view, as older gadgets send it.
fn as_of_an_older_gadget(view: &View) -> View {
    fn strip(value: &mut serde_json::Value) {
        const LATER: [&str; 16] = [
            "comparison",
            "has_rows",
            "is_headline",
            "level_label",
            "main_table",
            "net_label",
            "notation",
            "note",
            "shade",
            "sorting",
            "sum",
            "summary",
            "tile_rows",
            "tip",
            "tone",
            "visibility",
        ];
        if let Some(members) = value.as_object_mut() {
            members.retain(|name, _| !LATER.contains(&name.as_str()));
            let is_column = members.contains_key("kind") && !members.contains_key("starts");
            if is_column && !members.contains_key("steps") {
                members.remove("role");
            }
            members.values_mut().for_each(strip);
        } else if let Some(items) = value.as_array_mut() {
            items.iter_mut().for_each(strip);
        }
    }
    let mut value = serde_json::to_value(view).unwrap();
    strip(&mut value);
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_view_of_an_older_gadget_is_drawn_by_roles_and_order() {
    let view = as_of_an_older_gadget(&sample::vendor());
    for size in [TileSize::M, TileSize::XL] {
        let page = on_page(&view, size).into_string();
        for holds in [
            // The first figure is the headline, and numbers are written as they are.
            "Licensed users now",
            ">383</p>",
            ">1,033</p>",
            // Roles give the colours, in the order of the series.
            r#"<rect class="tone-good-1" data-series="new""#,
            r#"<rect class="tone-good-3" data-series="expansion""#,
            r#"<rect class="tone-bad-1" data-series="contraction""#,
            r#"<rect class="tone-bad-2" data-series="churn""#,
            "c-line tone-level",
            "Users gained and lost by week",
            "From opening to closing",
            // All columns of the table are there.
            "com.acme.timeboard",
            "18,368",
            ">623</bdi>",
            "The account may not read transactions; losses have no reason.",
        ] {
            assert!(page.contains(holds), "{size:?}: no {holds} in {page}");
        }
        assert!(!page.contains("/details?"), "no rows are promised");
    }
    for (file, holds) in [
        (tile_as_svg(&view), "com.acme.timeboard"),
        (
            text(
                &view,
                Terminal {
                    colours: Colours::None,
                    width: 100,
                },
            ),
            "com.acme.timeboard",
        ),
    ] {
        assert!(file.contains(holds), "{file}");
    }
}

#[test]
fn an_empty_view_is_drawn_too() {
    let view = View::new("Nothing yet");
    let page = on_page(&view, TileSize::XL).into_string();
    assert!(page.contains("Nothing yet"));
    assert!(tile_as_svg(&view).contains("<title>Nothing yet</title>"));
    assert_eq!(
        text(
            &view,
            Terminal {
                colours: Colours::None,
                width: 80
            }
        ),
        "Nothing yet\n"
    );
}

#[test]
fn a_page_has_classes_and_no_style_attributes_and_each_id_once() {
    let view = sample::timeboard();
    let mut page = page_patterns();
    for id in ["t1", "t2"] {
        let frame = TileFrame {
            id,
            ..placed(TileSize::XL)
        };
        page += &tile(&view, &frame).into_string();
    }
    assert!(
        !page.contains(" style="),
        "the content security policy forbids style attributes"
    );
    assert!(
        !page.contains("#0b6b64"),
        "colours of a page come from its style sheet"
    );
    let mut ids: Vec<_> = page
        .split(" id=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert!(count > 20);
}

#[test]
fn a_file_needs_nothing_from_outside() {
    let file = tile_as_svg(&sample::timeboard());
    assert!(
        !file.contains("class="),
        "nothing would give a class its colour"
    );
    let addresses = file.matches("://").count();
    assert_eq!(addresses, 1, "the name space of SVG alone");
}

/// Returns the names of the elements of markup, each time it opens one.
fn elements(markup: &str) -> Vec<&str> {
    markup
        .split('<')
        .skip(1)
        .filter(|rest| !rest.starts_with('/') && !rest.starts_with('!'))
        .map(|rest| rest.split([' ', '>', '/']).next().unwrap_or_default())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_becomes_markup(hostile in prop_oneof![
        "[<>\"'&/a-z= ]{0,24}",
        Just("<img src=x onerror=alert(1)>".to_owned()),
        Just("\"><script>alert(1)</script>".to_owned()),
        Just("' onload='x".to_owned()),
        Just("]]>--><style>*{}</style>".to_owned()),
        Just("javascript:alert(1)".to_owned()),
        "\\PC{0,24}",
    ]) {
        // The harmless twin has a text wherever the hostile one has, so that both have the same elements.
        let twin: String = hostile.chars().map(|each| if each.is_whitespace() { ' ' } else { 'n' }).collect();
        let (hostile, twin) = (sample::made_of(&hostile), sample::made_of(&twin));
        // How many labels have room depends on their letters.
        let shapes = |markup: &str| {
            elements(markup).into_iter().filter(|name| *name != "text").map(str::to_owned).collect::<Vec<_>>()
        };
        for size in [TileSize::S, TileSize::M, TileSize::XL] {
            let (page, harmless) = (on_page(&hostile, size).into_string(), on_page(&twin, size).into_string());
            prop_assert_eq!(shapes(&page), shapes(&harmless));
            prop_assert!(!page.contains("href=\"javascript"));
        }
        prop_assert_eq!(shapes(&without_font(&tile_as_svg(&hostile))), shapes(&without_font(&tile_as_svg(&twin))));
    }

    #[test]
    fn no_drawing_holds_a_number_that_is_none(values in prop::collection::vec(prop::num::f64::ANY, 6)) {
        let mut view = sample::made_of("x");
        view.figures[0].value = values[0].into();
        if let Chart::StackedBars(chart) = &mut view.charts[0] {
            for (series, pair) in chart.series.iter_mut().zip(values.chunks(2)) {
                series.values = pair.iter().copied().map(Into::into).collect();
            }
        }
        if let Chart::Waterfall(chart) = &mut view.charts[1] {
            for (step, value) in chart.steps.iter_mut().zip(&values) {
                step.value = (*value).into();
            }
        }
        let page = on_page(&view, TileSize::M).into_string();
        for drawing in [page, without_font(&tile_as_svg(&view))] {
            prop_assert!(!drawing.contains("NaN"), "{}", drawing);
            prop_assert!(!drawing.contains("\"inf"), "{}", drawing);
            prop_assert!(!drawing.contains("\"-inf"), "{}", drawing);
        }
        text(&view, Terminal { colours: Colours::None, width: 80 });
    }
}
