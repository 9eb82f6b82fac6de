//! Drawing: pure functions that turn a view into SVG, HTML, text and CSV.
//!
//! Only this module makes markup of what a gadget says, and all of it goes through an escape.

mod bar_tip;
mod bars;
mod bars_layout;
pub(crate) mod csv;
mod day;
mod figure;
mod look;
mod measure;
pub(crate) mod number;
mod pen;
mod picture;
mod source;
mod svg;
mod table;
pub(crate) mod text;
mod text_chart;
pub(crate) mod tile;
mod tile_figures;
mod tile_file;
pub(crate) mod waiting;
mod waterfall;

pub(crate) use self::{
    day::moment, picture::Links, table::html_table, text::Terminal, tile_file::tile_as_svg,
};

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
