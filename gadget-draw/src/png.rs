//! The picture of a tile as PNG.

use gadget_api::View;
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree},
};

use super::{
    font,
    tile_file::{ImageOptions, tile_svg},
};

/// Screens have two pixels for one, and paper more.
const SHARP: u8 = 2;
/// A picture of more pixels is drawn less sharply, and not at all if that does not help: 128 MiB.
const MOST_PIXELS: u64 = 32 * 1024 * 1024;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The drawing is not what the renderer reads.
    #[error("failed to read the drawing of the tile")]
    Drawing(#[source] resvg::usvg::Error),
    /// The view makes a picture of too many pixels.
    #[error("the picture of the tile would be too large: {width} x {height} pixels")]
    TooLarge {
        /// The width in pixels.
        width: u32,
        /// The height in pixels.
        height: u32,
    },
    /// The picture could not be packed.
    #[error("failed to write the picture: {0}")]
    Packing(String),
}

/// Draws a view as a PNG file, with two pixels for each unit of the drawing.
///
/// The bytes depend on nothing but the view and the options.
///
/// # Errors
///
/// Returns an error when the picture would be too large.
pub fn tile_png(view: &View, options: &ImageOptions) -> Result<Vec<u8>, PictureError> {
    let svg_options = Options {
        fontdb: font::database(),
        font_family: font::TEXT.to_owned(),
        ..Options::default()
    };
    let tree =
        Tree::from_str(&tile_svg(view, options), &svg_options).map_err(PictureError::Drawing)?;
    let size = tree.size().to_int_size();
    let (width, height) = (size.width(), size.height());
    let scale = scale_of(width, height).ok_or(PictureError::TooLarge { width, height })?;
    let mut pixmap = Pixmap::new(width * u32::from(scale), height * u32::from(scale))
        .ok_or(PictureError::TooLarge { width, height })?;
    let scale = f32::from(scale);
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixmap.as_mut(),
    );
    pixmap
        .encode_png()
        .map_err(|error| PictureError::Packing(error.to_string()))
}

/// Returns how many pixels are drawn for one, or nothing for a picture that is too large even so.
fn scale_of(width: u32, height: u32) -> Option<u8> {
    let pixels = |scale: u8| {
        let side = |length: u32| u64::from(length) * u64::from(scale);
        side(width).saturating_mul(side(height))
    };
    [SHARP, 1]
        .into_iter()
        .find(|scale| pixels(*scale) <= MOST_PIXELS)
}

#[cfg(test)]
mod tests {
    use gadget_api::TileSize;

    use super::*;
    use crate::{Palette, sample};

    fn options(size: TileSize, palette: Palette) -> ImageOptions {
        ImageOptions {
            size,
            palette,
            ..ImageOptions::default()
        }
    }

    fn drawn(view: &View, options: &ImageOptions) -> Pixmap {
        Pixmap::decode_png(&tile_png(view, options).unwrap()).unwrap()
    }

    #[test]
    fn each_size_is_drawn_on_its_own_with_two_pixels_for_one() {
        let view = sample::timeboard();
        for (size, width) in [
            (TileSize::S, 374),
            (TileSize::M, 374),
            (TileSize::L, 828),
            (TileSize::XL, 1224),
        ] {
            let picture = drawn(&view, &options(size, Palette::Light));
            assert_eq!(picture.width(), 2 * width, "{size:?}");
            assert!(picture.height() > 300, "{size:?}");
        }
    }

    #[test]
    fn the_ground_is_white_or_dark_or_none() {
        let view = sample::timeboard();
        for (palette, ground) in [
            (Palette::Light, [0xff, 0xff, 0xff, 0xff]),
            (Palette::Dark, [0x17, 0x1c, 0x24, 0xff]),
            (Palette::Print, [0, 0, 0, 0]),
        ] {
            let picture = drawn(&view, &options(TileSize::S, palette));
            assert_eq!(picture.data()[..4], ground, "{palette:?}");
        }
    }

    #[test]
    fn the_same_view_makes_the_same_bytes() {
        let options = options(TileSize::M, Palette::Dark);
        let once = tile_png(&sample::timeboard(), &options).unwrap();
        assert_eq!(once, tile_png(&sample::timeboard(), &options).unwrap());
    }

    #[test]
    fn text_is_drawn_with_the_font_of_the_program() {
        let titled = |title: &str| {
            let picture = drawn(&View::new(title), &options(TileSize::S, Palette::Light));
            let is_ink = |pixel: &&[u8]| pixel[0] < 0x80;
            picture.data().chunks_exact(4).filter(is_ink).count()
        };
        let nothing = titled("");
        let (latin, greek) = (titled("Timeboard users"), titled("Χρήστες"));
        assert!(latin > nothing + 500 && greek > nothing + 300);
    }

    #[test]
    fn a_very_high_picture_is_drawn_less_sharply_or_not_at_all() {
        for (width, height, scale) in [
            (1_224, 700, Some(2)),
            (1_224, 6_853, Some(2)),
            (1_224, 6_854, Some(1)),
            (1_224, 27_413, Some(1)),
            (1_224, 27_414, None),
            (u32::MAX, u32::MAX, None),
        ] {
            assert_eq!(scale_of(width, height), scale, "{width} x {height}");
        }
    }
}
