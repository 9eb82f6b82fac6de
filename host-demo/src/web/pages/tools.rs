//! The menu of a tile: what its reader can have of it, and what an editor does with it.

use dashboards::domain::{RefreshMinutes, Tile};
use gadget_api::TileSize;
use maud::{Markup, html};

use super::{Setting, TilePlace};
use gadget_draw::tile::icon;

/// The sizes of a tile: in letters, and in words.
const SIZES: [(TileSize, &str, &str); 4] = [
    (TileSize::S, "S", "one quarter of the width"),
    (TileSize::M, "M", "one third of the width"),
    (TileSize::L, "L", "two thirds of the width"),
    (TileSize::XL, "XL", "full width"),
];
/// How often a tile can be refreshed by itself, in minutes.
const REFRESHES: [u32; 4] = [15, 60, 240, 1440];
/// What can be downloaded of a tile.
const FILES: [(&str, &str); 4] = [
    ("tile.png", "PNG"),
    ("tile.svg", "SVG"),
    ("table.csv", "CSV"),
    ("view.json", "JSON"),
];

/// Draws what can be done with a tile. The menu opens without scripts too; what needs them stays hidden then.
pub(super) fn tools(place: &TilePlace, tile: &Tile, title: &str) -> Markup {
    let api = format!("{}/tiles/{}", place.api, tile.id);
    let menu = format!("{}-menu", tile.id);
    let is_on_board = place.setting == Setting::Board;
    html! {
        @if place.can_edit {
            @if is_on_board {
                // For fingers alone: keys have Alt and an arrow, and the menu is for everybody.
                span.button."button--icon".tile__grip hidden data-needs-script aria-hidden="true" { (icon("grip")) }
            }
            button.button."button--icon" type="button" hidden data-do="configure" aria-label={ "Settings of " (title) } title="Settings" { (icon("settings")) }
        }
        button.button."button--icon" type="button" data-menu popovertarget=(menu) aria-haspopup="menu" aria-expanded="false" aria-label={ "Actions for " (title) } title="More" { (icon("more")) }
        div.menu id=(menu) popover role="menu" aria-label=(title) {
            @if place.can_edit {
                (item("configure", "Settings"))
                (item("rename", "Rename"))
                @if is_on_board { (item("duplicate", "Duplicate")) }
                (item("refresh", "Refresh now"))
            }
            @if is_on_board {
                a role="menuitem" tabindex="-1" href={ (place.page) "/t/" (tile.id) } { "Full screen" }
            }
            @if place.can_edit {
                @if is_on_board {
                    (item("remove", "Remove"))
                    (row("Position", html! { (item("earlier", "Earlier")) (item("later", "Later")) }))
                    (row("Size", sizes(tile.size)))
                }
                (row("Refresh", refreshes(tile.refresh)))
            }
            (row("Download", html! {
                @for (file, word) in FILES {
                    a role="menuitem" tabindex="-1" href={ (api) "/" (file) } download { (word) }
                }
            }))
        }
    }
}

fn item(action: &str, text: &str) -> Markup {
    html! { button type="button" role="menuitem" tabindex="-1" hidden data-do=(action) { (text) } }
}

fn row(label: &str, items: Markup) -> Markup {
    html! {
        div.menu__row role="group" aria-label=(label) {
            span aria-hidden="true" { (label) }
            div { (items) }
        }
    }
}

fn sizes(now: TileSize) -> Markup {
    html! {
        @for (size, letters, word) in SIZES {
            button type="button" role="menuitemradio" tabindex="-1" aria-checked=(checked(size == now)) aria-label={ (letters) ", " (word) } title=(word) hidden data-do="resize" data-size=(letters) { (letters) }
        }
    }
}

/// Draws how often a tile refreshes by itself; a time that is not among the usual ones stands with them.
fn refreshes(now: Option<RefreshMinutes>) -> Markup {
    let now = now.map(u32::from);
    let mut times = REFRESHES.to_vec();
    times.extend(now.filter(|now| !times.contains(now)));
    times.sort_unstable();
    html! {
        button type="button" role="menuitemradio" tabindex="-1" aria-checked=(checked(now.is_none())) hidden data-do="every" { "off" }
        @for minutes in times {
            button type="button" role="menuitemradio" tabindex="-1" aria-checked=(checked(now == Some(minutes))) aria-label={ "every " (time(minutes)) } hidden data-do="every" data-minutes=(minutes) { (time(minutes)) }
        }
    }
}

fn checked(is_so: bool) -> &'static str {
    if is_so { "true" } else { "false" }
}

fn time(minutes: u32) -> String {
    match minutes {
        1440 => "1 day".to_owned(),
        _ if minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
        _ => format!("{minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use dashboards::domain::{DashboardId, TileId};
    use gadget_api::Version;

    use super::*;

    fn place(can_edit: bool) -> TilePlace {
        TilePlace {
            dashboard: DashboardId::parse("d").unwrap(),
            page: "/d/d".to_owned(),
            api: "/api/dashboards/d".to_owned(),
            can_edit,
            is_public: false,
            setting: Setting::Board,
            mendable: [].into(),
        }
    }

    fn tile(refresh: Option<u32>) -> Tile {
        let id = TileId::parse("t").unwrap();
        let mut tile = Tile::new(id, "g", Version::new(1, 0, 0), TileSize::L);
        tile.refresh = refresh.map(|minutes| RefreshMinutes::new(minutes).unwrap());
        tile
    }

    #[test]
    fn a_reader_gets_pictures_and_data_and_nothing_to_change() {
        let menu = tools(&place(false), &tile(None), "<b>").into_string();
        for part in [
            r#"href="/d/d/t/t""#,
            "/tile.png",
            "/tile.svg",
            "/table.csv",
            "/view.json",
            "&lt;b&gt;",
        ] {
            assert!(menu.contains(part), "no {part} in {menu}");
        }
        assert!(!menu.contains("data-do"), "{menu}");
    }

    #[test]
    fn a_tile_that_stands_alone_has_neither_place_nor_size_nor_a_way_to_itself() {
        let alone = place(true).among(Setting::Alone);
        let menu = tools(&alone, &tile(None), "T").into_string();
        for part in ["configure", "rename", "refresh", "every"] {
            assert!(menu.contains(&format!(r#"data-do="{part}""#)), "{menu}");
        }
        for part in ["duplicate", "remove", "earlier", "resize", "/t/t\"", "grip"] {
            assert!(!menu.contains(part), "{part}: {menu}");
        }
    }

    #[test]
    fn what_is_so_now_is_checked_and_an_unusual_time_is_offered_too() {
        for (refresh, checked, count) in [
            (
                None,
                r#"aria-checked="true" hidden data-do="every">off<"#,
                5,
            ),
            (Some(60), r#"aria-checked="true" aria-label="every 1 h""#, 5),
            (
                Some(1440),
                r#"aria-checked="true" aria-label="every 1 day""#,
                5,
            ),
            (
                Some(25),
                r#"aria-checked="true" aria-label="every 25 min""#,
                6,
            ),
        ] {
            let menu = tools(&place(true), &tile(refresh), "T").into_string();
            assert!(menu.contains(checked), "{refresh:?}: {menu}");
            assert_eq!(menu.matches(r#"data-do="every""#).count(), count);
            assert!(
                menu.contains(r#"aria-checked="true" aria-label="L, two thirds of the width""#)
            );
        }
    }
}
