//! Drawing: pure functions that turn a view into SVG, HTML, text and CSV.
//!
//! Only this module makes markup of what a gadget says, and all of it goes through an escape.

mod bar_tip;
mod bars;
mod bars_layout;
pub(crate) mod csv;
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
pub(crate) mod number;
mod palette;
mod pen;
mod picked;
mod picture;
pub(crate) mod png;
mod ranking;
mod sheet;
mod source;
mod svg;
mod table;
pub(crate) mod text;
mod text_chart;
pub(crate) mod tile;
mod tile_figures;
mod tile_file;
pub(crate) mod waiting;
mod wallboard;
mod waterfall;

pub(crate) use self::{
    day::moment,
    hidden::{Hidden, Switches},
    miniature::{layout_miniature, miniature},
    palette::Palette,
    picked::{Picked, picked},
    picture::Links,
    png::tile_png,
    table::rows_table,
    text::Terminal,
    tile_file::{Edition, tile_as_svg, tile_svg},
    wallboard::{Slide, wallboard_slide},
};

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
