//! Draws the views of gadgets as SVG, HTML, text, CSV and PNG.
//!
//! Pure functions for any host: they need a view from `gadget-api` and nothing else. Only this crate turns
//! what a gadget says into markup, and all of it is escaped.

mod bar_tip;
mod bars;
mod bars_layout;
pub mod csv;
mod day;
mod figure;
mod file_figures;
mod file_table;
mod font;
mod hidden;
mod key;
mod look;
mod measure;
mod miniature;
pub mod number;
mod paint;
mod palette;
mod picked;
mod picture;
pub mod png;
mod ranking;
mod sheet;
mod source;
mod svg;
mod table;
mod terminal;
pub mod text;
mod text_chart;
pub mod tile;
mod tile_figures;
mod tile_file;
mod tile_tables;
pub mod waiting;
mod wallboard;
mod waterfall;

pub use self::{
    day::moment,
    hidden::{Hidden, Switches},
    miniature::{layout_miniature, miniature},
    palette::Palette,
    picked::{Picked, picked},
    picture::Links,
    png::tile_png,
    svg::page_patterns,
    table::rows_table,
    text::Terminal,
    tile_file::{ImageOptions, tile_as_svg, tile_svg},
    wallboard::{Slide, wallboard_slide},
};

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
