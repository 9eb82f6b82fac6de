//! What draws and writes: a class for a page, literal colours for a file.

use super::{
    look::Tint,
    svg::{Variant, at},
};

/// Something that fills or strokes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pen {
    Fill(Tint),
    /// A series in a bar that still grows.
    FillUnfinished(Tint),
    Grid,
    Zero,
    Line,
    LineOpen,
    /// A level that is not the first one.
    LineOther,
    DotOpen,
    Dot,
    Outline,
    Hit,
    TextureLine,
    TextureDot,
    Stripe,
    Ground,
    Hairline,
    /// Cuts through a bar whose foot is not at zero.
    Break,
}

/// A kind of text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Type {
    Tick,
    Name,
    Value,
    Sum,
    /// The rest stands in files only; a page has HTML for it.
    Title,
    Label,
    Hero,
    Figure,
    Better,
    Worse,
    Late,
}

/// Which end of a text is at its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Pen {
    pub(super) fn attributes(self, variant: Variant) -> &'static str {
        match variant {
            Variant::Page => self.class(),
            Variant::File => self.literal(),
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Fill(Tint::New) => r#"class="m-new""#,
            Self::Fill(Tint::Reactivation) => r#"class="m-reactivation""#,
            Self::Fill(Tint::Expansion) => r#"class="m-expansion""#,
            Self::Fill(Tint::Contraction) => r#"class="m-contraction""#,
            Self::Fill(Tint::Churn) => r#"class="m-churn""#,
            Self::Fill(Tint::Level) => r#"class="m-level""#,
            Self::FillUnfinished(Tint::New) => r#"class="m-new c-part""#,
            Self::FillUnfinished(Tint::Reactivation) => r#"class="m-reactivation c-part""#,
            Self::FillUnfinished(Tint::Expansion) => r#"class="m-expansion c-part""#,
            Self::FillUnfinished(Tint::Contraction) => r#"class="m-contraction c-part""#,
            Self::FillUnfinished(Tint::Churn) => r#"class="m-churn c-part""#,
            Self::FillUnfinished(Tint::Level) => r#"class="m-level c-part""#,
            Self::Grid => r#"class="c-grid""#,
            Self::Zero => r#"class="c-zero""#,
            Self::Line => r#"class="c-line""#,
            Self::LineOpen => r#"class="c-line c-line--open""#,
            Self::LineOther => r#"class="c-line c-line--other""#,
            Self::Dot => r#"class="c-dot""#,
            Self::DotOpen => r#"class="c-dot--open""#,
            Self::Outline => r#"class="c-outline""#,
            Self::Hit => r#"class="c-hit""#,
            Self::TextureLine => r#"class="c-texture""#,
            Self::TextureDot => r#"class="c-texture-dot""#,
            Self::Stripe => r#"class="c-stripe""#,
            Self::Ground => r#"class="c-ground""#,
            Self::Hairline => r#"class="c-hairline""#,
            Self::Break => r#"class="c-break""#,
        }
    }

    /// The values are those of the light theme in `assets/tokens.css`.
    fn literal(self) -> &'static str {
        match self {
            Self::Fill(Tint::New) => r##"fill="#0b6b64""##,
            Self::Fill(Tint::Reactivation) => r##"fill="#3f6fd1""##,
            Self::Fill(Tint::Expansion) => r##"fill="#2ba595""##,
            Self::Fill(Tint::Contraction) => r##"fill="#d67d1e""##,
            Self::Fill(Tint::Churn) => r##"fill="#a8380f""##,
            Self::Fill(Tint::Level) => r##"fill="#1b2430""##,
            Self::FillUnfinished(Tint::New) => r##"fill="#0b6b64" fill-opacity=".62""##,
            Self::FillUnfinished(Tint::Reactivation) => r##"fill="#3f6fd1" fill-opacity=".62""##,
            Self::FillUnfinished(Tint::Expansion) => r##"fill="#2ba595" fill-opacity=".62""##,
            Self::FillUnfinished(Tint::Contraction) => r##"fill="#d67d1e" fill-opacity=".62""##,
            Self::FillUnfinished(Tint::Churn) => r##"fill="#a8380f" fill-opacity=".62""##,
            Self::FillUnfinished(Tint::Level) => r##"fill="#1b2430" fill-opacity=".62""##,
            Self::Grid => r##"stroke="#e6e9ee""##,
            Self::Zero => r##"stroke="#6d7887""##,
            Self::Line => {
                r##"fill="none" stroke="#1b2430" stroke-width="1.75" stroke-linejoin="round" stroke-linecap="round""##
            }
            Self::LineOpen => {
                r##"fill="none" stroke="#1b2430" stroke-width="1.75" stroke-linecap="round" stroke-dasharray="1 4""##
            }
            Self::LineOther => {
                r##"fill="none" stroke="#5b6676" stroke-width="1.25" stroke-dasharray="6 3""##
            }
            Self::Dot => r##"fill="#1b2430" stroke="#ffffff" stroke-width="1.5""##,
            Self::DotOpen => r##"fill="#ffffff" stroke="#1b2430" stroke-width="1.5""##,
            Self::Outline => r##"fill="none" stroke="#465262" stroke-dasharray="3 2""##,
            Self::Hit => r#"fill="none""#,
            Self::TextureLine => r##"stroke="#ffffff" stroke-opacity=".5" fill="none""##,
            Self::TextureDot => r##"fill="#ffffff" fill-opacity=".5""##,
            Self::Stripe => r##"stroke="#ffffff" stroke-opacity=".72" stroke-width="3""##,
            Self::Ground => r##"fill="#ffffff""##,
            Self::Hairline => r##"stroke="#dfe3e9""##,
            Self::Break => r##"fill="none" stroke="#ffffff" stroke-width="2""##,
        }
    }
}

impl Type {
    pub(super) fn attributes(self, anchor: Anchor, variant: Variant) -> String {
        if variant == Variant::Page {
            let class = match self {
                Self::Name => "c-name",
                Self::Value => "c-value",
                Self::Sum => "c-sum",
                _ => "",
            };
            let anchor = match anchor {
                Anchor::Start => "",
                Anchor::Middle => "c-mid",
                Anchor::End => "c-end",
            };
            return match (class, anchor) {
                ("", "") => String::new(),
                ("", one) | (one, "") => format!(r#" class="{one}""#),
                (one, other) => format!(r#" class="{one} {other}""#),
            };
        }
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let (fill, weight) = match self {
            Self::Tick => ("#5b6676", 400),
            Self::Sum => ("#465262", 400),
            Self::Name | Self::Label => ("#465262", 500),
            Self::Value | Self::Title | Self::Hero | Self::Figure => ("#16202c", 600),
            Self::Better => ("#0a6660", 600),
            Self::Worse => ("#a8380f", 600),
            Self::Late => ("#7a4f00", 600),
        };
        format!(
            r#" font-size="{}" fill="{fill}" font-weight="{weight}"{anchor}"#,
            at(self.size())
        )
    }

    /// Returns the size in pixels.
    pub(crate) fn size(self) -> f64 {
        match self {
            Self::Tick | Self::Name | Self::Value | Self::Sum => 11.0,
            Self::Label | Self::Better | Self::Worse | Self::Late => 12.0,
            Self::Title => 15.0,
            Self::Figure => 20.0,
            Self::Hero => 28.0,
        }
    }
}
