//! The colours of a picture that is a file; a page has its own from its style sheet.

use super::look::Tint;

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
pub(crate) struct Inks {
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
    new: &'static str,
    reactivation: &'static str,
    expansion: &'static str,
    contraction: &'static str,
    churn: &'static str,
    level: &'static str,
    /// The lines and dots on a colour, and how much they cover.
    pub(crate) texture: (&'static str, &'static str),
    pub(crate) stripe: (&'static str, &'static str),
}

const LIGHT: Inks = Inks {
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
    new: "#0b6b64",
    reactivation: "#3f6fd1",
    expansion: "#2ba595",
    contraction: "#d67d1e",
    churn: "#a8380f",
    level: "#1b2430",
    texture: ("#ffffff", ".5"),
    stripe: ("#ffffff", ".72"),
};

const DARK: Inks = Inks {
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
    new: "#1f9e92",
    reactivation: "#4472dd",
    expansion: "#7fd6c4",
    contraction: "#f7b65e",
    churn: "#df6230",
    level: "#ffffff",
    texture: ("#0e1218", ".42"),
    stripe: ("#171c24", ".72"),
};

/// Grey text fades on paper, and a better or worse number has its arrow and its word.
const PRINT: Inks = Inks {
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
    ..LIGHT
};

impl Palette {
    pub(crate) const fn inks(self) -> &'static Inks {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
            Self::Print => &PRINT,
        }
    }
}

impl Inks {
    pub(crate) const fn tint(&self, tint: Tint) -> &'static str {
        match tint {
            Tint::New => self.new,
            Tint::Reactivation => self.reactivation,
            Tint::Expansion => self.expansion,
            Tint::Contraction => self.contraction,
            Tint::Churn => self.churn,
            Tint::Level => self.level,
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
        for (start, inks) in [(":root {", &LIGHT), (":root[data-theme=\"dark\"] {", &DARK)] {
            for (name, colour) in [
                ("surface", inks.gap),
                ("ink", inks.ink),
                ("ink-2", inks.ink_2),
                ("ink-3", inks.ink_3),
                ("better", inks.better),
                ("worse", inks.worse),
                ("warn", inks.warn),
                ("warn-line", inks.warn_line),
                ("border", inks.border),
                ("grid", inks.grid),
                ("zero", inks.zero),
                ("m-new", inks.new),
                ("m-reactivation", inks.reactivation),
                ("m-expansion", inks.expansion),
                ("m-contraction", inks.contraction),
                ("m-churn", inks.churn),
                ("m-level", inks.level),
            ] {
                assert_eq!(token(sheet, start, name), colour, "{start} {name}");
            }
            assert_eq!(inks.ground, Some(inks.gap));
        }
    }
}
