//! The one font of pictures: Inter, in the program, so that a picture is the same on every machine.
//!
//! Its files and where they come from are in `fonts/README.md`.

use std::sync::{Arc, LazyLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use resvg::usvg::fontdb::Database;

/// The family of all text; its digits stand in columns.
pub(crate) const TEXT: &str = "Inter";
/// The family of large figures: their digits, signs and separators only.
pub(crate) const FIGURES: &str = "Inter Figures, Inter, system-ui, sans-serif";
/// What the root of a file names: whoever ignores the embedded font falls back to a common one.
pub(crate) const FAMILIES: &str = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

const TEXT_FILE: &[u8] = include_bytes!("../fonts/inter-text.ttf");
const FIGURES_FILE: &[u8] = include_bytes!("../fonts/inter-figures.ttf");
const TEXT_FOR_THE_WEB: &[u8] = include_bytes!("../fonts/inter-text.woff2");
const LATIN_FOR_THE_WEB: &[u8] = include_bytes!("../fonts/inter-text-latin.woff2");
const FIGURES_FOR_THE_WEB: &[u8] = include_bytes!("../fonts/inter-figures.woff2");

/// What the smaller file has above U+00FF.
const LATIN_TOO: &str = "ıŒœŠšŸŽž–—‘’‚“”„•…€™←↑→↓−≈≤≥▲▼○●";

static DATABASE: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut database = Database::new();
    database.load_font_data(TEXT_FILE.to_vec());
    database.load_font_data(FIGURES_FILE.to_vec());
    for set in [
        Database::set_serif_family,
        Database::set_sans_serif_family,
        Database::set_monospace_family,
    ] {
        set(&mut database, TEXT);
    }
    Arc::new(database)
});

/// Returns the font as a renderer wants it: nothing of the machine is in it.
pub(crate) fn database() -> Arc<Database> {
    Arc::clone(&DATABASE)
}

/// Returns the style element that brings the font along; the smaller file does for most texts.
pub(crate) fn embedded(text: &str) -> String {
    let (text, figures) = (
        STANDARD.encode(if needs_all(text) {
            TEXT_FOR_THE_WEB
        } else {
            LATIN_FOR_THE_WEB
        }),
        STANDARD.encode(FIGURES_FOR_THE_WEB),
    );
    let face = |family: &str, file: &str| {
        format!(
            r#"@font-face{{font-family:"{family}";font-weight:400 600;src:url(data:font/woff2;base64,{file}) format("woff2")}}"#
        )
    };
    format!(
        "<style>{}{}</style>",
        face(TEXT, &text),
        face("Inter Figures", &figures)
    )
}

/// Tells whether a text has letters that only the larger file has.
fn needs_all(text: &str) -> bool {
    text.chars()
        .any(|each| is_in_the_larger(each) && !LATIN_TOO.contains(each))
}

/// Tells whether a letter is Latin with rare marks, Greek or Cyrillic.
fn is_in_the_larger(each: char) -> bool {
    matches!(u32::from(each),
        0x100..=0x17F | 0x1A0..=0x1A1 | 0x1AF..=0x1B0 | 0x218..=0x21B | 0x300..=0x328 | 0x384..=0x3CE
        | 0x400..=0x45F | 0x490..=0x491 | 0x1E9E..=0x1EF9)
}

#[cfg(test)]
mod tests {
    use resvg::usvg::fontdb::{Family, Query};

    use super::*;

    #[test]
    fn the_larger_file_comes_only_with_letters_that_need_it() {
        for (text, is_needed) in [
            ("Größe – 18,390 ▲ +22", false),
            ("Płanboard", true),
            ("Опросы", true),
            // No file has these, so a larger one would not help.
            ("予定表", false),
        ] {
            assert_eq!(needs_all(text), is_needed, "{text}");
        }
    }

    #[test]
    fn both_families_are_found_by_their_names() {
        for family in [TEXT, "Inter Figures"] {
            let query = Query {
                families: &[Family::Name(family)],
                ..Query::default()
            };
            assert!(DATABASE.query(&query).is_some(), "{family}");
        }
    }

    #[test]
    fn all_fonts_together_stay_small() {
        let files = [
            TEXT_FILE,
            FIGURES_FILE,
            TEXT_FOR_THE_WEB,
            LATIN_FOR_THE_WEB,
            FIGURES_FOR_THE_WEB,
        ];
        let bytes: usize = files.iter().map(|file| file.len()).sum();
        assert!(bytes < 400 * 1024, "{bytes}");
    }
}
