//! What draws and writes: a class for a page, literal colours for a file.

use std::borrow::Cow;

use super::{
    font,
    look::Tint,
    palette::Palette,
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
    /// The sign of a series that is hidden.
    Hollow,
    /// The sign of a state in a file: a fresh source, or one that is not.
    Fresh,
    Stale,
    /// The edge of a warning in a file.
    Warning,
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
    /// What is said about something, less strongly than its label.
    Meta,
    /// A sentence.
    Prose,
    Hero,
    Figure,
    Better,
    Worse,
    /// A change that is neither.
    Even,
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
    pub(crate) fn attributes(self, variant: Variant) -> Cow<'static, str> {
        match variant {
            Variant::Page => Cow::Borrowed(self.class()),
            Variant::File(palette) => Cow::Owned(self.literal(palette)),
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
            Self::Hollow => r#"class="c-hollow""#,
            Self::Fresh => r#"class="c-fresh""#,
            Self::Stale => r#"class="c-stale""#,
            Self::Warning => r#"class="c-warning""#,
        }
    }

    fn literal(self, palette: Palette) -> String {
        let inks = palette.inks();
        let (ink, gap, level) = (inks.ink_2, inks.gap, inks.tint(Tint::Level));
        match self {
            Self::Fill(tint) => format!(r#"fill="{}""#, inks.tint(tint)),
            Self::FillUnfinished(tint) => {
                format!(r#"fill="{}" fill-opacity=".62""#, inks.tint(tint))
            }
            Self::Grid => format!(r#"stroke="{}""#, inks.grid),
            Self::Zero => format!(r#"stroke="{}""#, inks.zero),
            Self::Line => format!(
                r#"fill="none" stroke="{level}" stroke-width="1.75" stroke-linejoin="round" stroke-linecap="round""#
            ),
            Self::LineOpen => format!(
                r#"fill="none" stroke="{level}" stroke-width="1.75" stroke-linecap="round" stroke-dasharray="1 4""#
            ),
            Self::LineOther => format!(
                r#"fill="none" stroke="{}" stroke-width="1.25" stroke-dasharray="6 3""#,
                inks.ink_3
            ),
            Self::Dot => format!(r#"fill="{level}" stroke="{gap}" stroke-width="1.5""#),
            Self::DotOpen => format!(r#"fill="{gap}" stroke="{level}" stroke-width="1.5""#),
            Self::Outline => format!(r#"fill="none" stroke="{ink}" stroke-dasharray="3 2""#),
            Self::Hit => r#"fill="none""#.to_owned(),
            Self::TextureLine => {
                let (colour, cover) = inks.texture;
                format!(r#"stroke="{colour}" stroke-opacity="{cover}" fill="none""#)
            }
            Self::TextureDot => {
                let (colour, cover) = inks.texture;
                format!(r#"fill="{colour}" fill-opacity="{cover}""#)
            }
            Self::Stripe => {
                let (colour, cover) = inks.stripe;
                format!(r#"stroke="{colour}" stroke-opacity="{cover}" stroke-width="3""#)
            }
            Self::Ground => format!(r#"fill="{}""#, inks.ground.unwrap_or("none")),
            Self::Hairline => format!(r#"stroke="{}""#, inks.border),
            Self::Break => format!(r#"fill="none" stroke="{gap}" stroke-width="2""#),
            Self::Hollow => format!(r#"fill="none" stroke="{}""#, inks.ink_3),
            Self::Fresh => format!(r#"fill="{}""#, inks.better),
            Self::Warning => format!(r#"fill="{}""#, inks.warn_line),
            Self::Stale => format!(r#"fill="none" stroke="{}" stroke-width="2""#, inks.warn),
        }
    }
}

impl Type {
    pub(crate) fn attributes(self, anchor: Anchor, variant: Variant) -> String {
        let Variant::File(palette) = variant else {
            return self.class(anchor);
        };
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        format!("{}{anchor}", self.literal(palette))
    }

    fn class(self, anchor: Anchor) -> String {
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
        match (class, anchor) {
            ("", "") => String::new(),
            ("", one) | (one, "") => format!(r#" class="{one}""#),
            (one, other) => format!(r#" class="{one} {other}""#),
        }
    }

    /// Returns how a run of text is written in a file.
    pub(crate) fn literal(self, palette: Palette) -> String {
        let inks = palette.inks();
        let (fill, weight) = match self {
            Self::Tick => (inks.ink_3, 400),
            Self::Sum => (inks.ink_2, 400),
            Self::Name | Self::Label => (inks.ink_2, 500),
            Self::Meta => (inks.ink_3, 400),
            Self::Prose => (inks.ink_2, 400),
            Self::Value | Self::Title | Self::Hero | Self::Figure => (inks.ink, 600),
            Self::Better => (inks.better, 600),
            Self::Worse => (inks.worse, 600),
            Self::Even => (inks.ink_2, 600),
            Self::Late => (inks.warn, 600),
        };
        // Digits of large figures are as wide as they are; everywhere else they stand in columns.
        let family = match self {
            Self::Hero => format!(r#" font-family="{}" letter-spacing="-.5""#, font::FIGURES),
            Self::Figure => format!(r#" font-family="{}" letter-spacing="-.2""#, font::FIGURES),
            _ => String::new(),
        };
        format!(
            r#" font-size="{}" fill="{fill}" font-weight="{weight}"{family}"#,
            at(self.size())
        )
    }

    /// Returns the size in pixels.
    pub(crate) fn size(self) -> f64 {
        match self {
            Self::Tick | Self::Name | Self::Value | Self::Sum => 11.0,
            Self::Label
            | Self::Meta
            | Self::Prose
            | Self::Better
            | Self::Worse
            | Self::Even
            | Self::Late => 12.0,
            Self::Title => 15.0,
            Self::Figure => 20.0,
            Self::Hero => 28.0,
        }
    }
}
