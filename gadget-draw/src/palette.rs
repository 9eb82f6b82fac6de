//! The colours of a picture that is a file; a page has its own from its style sheet.

use super::look::SeriesColor;

/// Which colours a picture has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Palette {
    /// On a white ground.
    #[default]
    Light,
    /// On a dark ground.
    Dark,
    /// On no ground at all, with black text: for paper.
    Print,
}

/// Literal colours. The names are those of the page's design tokens.
#[derive(Debug)]
pub(crate) struct ColorScheme {
    /// What everything lies on; nothing on paper.
    pub(crate) ground: Option<&'static str>,
    /// What lets one look through to the ground: gaps, and the middle of an open dot.
    pub(crate) gap: &'static str,
    pub(crate) ink: &'static str,
    pub(crate) ink_2: &'static str,
    pub(crate) ink_3: &'static str,
    pub(crate) better: &'static str,
    pub(crate) worse: &'static str,
    pub(crate) warn: &'static str,
    pub(crate) warn_line: &'static str,
    pub(crate) border: &'static str,
    pub(crate) grid: &'static str,
    pub(crate) zero: &'static str,
    good: [&'static str; 3],
    bad: [&'static str; 2],
    attention: [&'static str; 2],
    neutral: [&'static str; 2],
    level: &'static str,
    level_beside: &'static str,
    /// The lines and dots on a colour, and how much they cover.
    pub(crate) texture: (&'static str, &'static str),
    pub(crate) stripe: (&'static str, &'static str),
}

const LIGHT: ColorScheme = ColorScheme {
    ground: Some("#ffffff"),
    gap: "#ffffff",
    ink: "#16202c",
    ink_2: "#465262",
    ink_3: "#5b6676",
    better: "#0a6660",
    worse: "#a8380f",
    warn: "#7a4f00",
    warn_line: "#e2b344",
    border: "#dfe3e9",
    grid: "#e6e9ee",
    zero: "#6d7887",
    good: ["#0b6b64", "#3f6fd1", "#2ba595"],
    bad: ["#a8380f", "#d67d1e"],
    attention: ["#c0920f", "#7a5a00"],
    neutral: ["#5f7087", "#9aa7b8"],
    level: "#1b2430",
    level_beside: "#5b6676",
    texture: ("#ffffff", ".5"),
    stripe: ("#ffffff", ".72"),
};

const DARK: ColorScheme = ColorScheme {
    ground: Some("#171c24"),
    gap: "#171c24",
    ink: "#e8edf4",
    ink_2: "#b8c2cf",
    ink_3: "#97a3b3",
    better: "#5ccfc0",
    worse: "#ff9a6b",
    warn: "#f2c66d",
    warn_line: "#8a6a1f",
    border: "#2a323e",
    grid: "#262e39",
    zero: "#8895a6",
    good: ["#1f9e92", "#4472dd", "#7fd6c4"],
    bad: ["#df6230", "#f7b65e"],
    attention: ["#f0cf6e", "#b28a26"],
    neutral: ["#a3b1c4", "#65748a"],
    level: "#ffffff",
    level_beside: "#97a3b3",
    texture: ("#0e1218", ".42"),
    stripe: ("#171c24", ".72"),
};

/// Grey text fades on paper, and a better or worse number has its arrow and its word.
const PRINT: ColorScheme = ColorScheme {
    ground: None,
    ink: "#000000",
    ink_2: "#000000",
    ink_3: "#000000",
    better: "#000000",
    worse: "#000000",
    warn: "#000000",
    warn_line: "#000000",
    border: "#808080",
    grid: "#c8c8c8",
    zero: "#000000",
    level: "#000000",
    level_beside: "#000000",
    ..LIGHT
};

impl Palette {
    pub(crate) const fn scheme(self) -> &'static ColorScheme {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
            Self::Print => &PRINT,
        }
    }
}

impl ColorScheme {
    pub(crate) const fn color(&self, color: SeriesColor) -> &'static str {
        match color {
            SeriesColor::Good1 => self.good[0],
            SeriesColor::Good2 => self.good[1],
            SeriesColor::Good3 => self.good[2],
            SeriesColor::Bad1 => self.bad[0],
            SeriesColor::Bad2 => self.bad[1],
            SeriesColor::Attention1 => self.attention[0],
            SeriesColor::Attention2 => self.attention[1],
            SeriesColor::Neutral1 => self.neutral[0],
            SeriesColor::Neutral2 => self.neutral[1],
            SeriesColor::Level => self.level,
            SeriesColor::LevelBeside => self.level_beside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the value of a token in the first block of the style sheet that `start` opens.
    fn token<'a>(sheet: &'a str, start: &str, name: &str) -> &'a str {
        let block = sheet.split_once(start).unwrap().1;
        let block = block.split_once('}').unwrap().0;
        let value = block.split_once(&format!("--{name}: ")).unwrap().1;
        value.split_once(';').unwrap().0
    }

    #[test]
    fn a_file_has_the_colours_of_the_page() {
        let sheet = include_str!("../../host-demo/assets/tokens.css");
        for (start, scheme) in [(":root {", &LIGHT), (":root[data-theme=\"dark\"] {", &DARK)] {
            for (name, colour) in [
                ("surface", scheme.gap),
                ("ink", scheme.ink),
                ("ink-2", scheme.ink_2),
                ("ink-3", scheme.ink_3),
                ("better", scheme.better),
                ("worse", scheme.worse),
                ("warn", scheme.warn),
                ("warn-line", scheme.warn_line),
                ("border", scheme.border),
                ("grid", scheme.grid),
                ("zero", scheme.zero),
                ("tone-good-1", scheme.good[0]),
                ("tone-good-2", scheme.good[1]),
                ("tone-good-3", scheme.good[2]),
                ("tone-bad-1", scheme.bad[0]),
                ("tone-bad-2", scheme.bad[1]),
                ("tone-attention-1", scheme.attention[0]),
                ("tone-attention-2", scheme.attention[1]),
                ("tone-neutral-1", scheme.neutral[0]),
                ("tone-neutral-2", scheme.neutral[1]),
                ("tone-level", scheme.level),
                ("ink-3", scheme.level_beside),
            ] {
                assert_eq!(token(sheet, start, name), colour, "{start} {name}");
            }
            assert_eq!(scheme.ground, Some(scheme.gap));
        }
    }
}
