//! What draws and writes: a class for a page, literal colours for a file.

use std::borrow::Cow;

use super::{
    font,
    look::{LineLook, SeriesColor},
    palette::Palette,
};

/// Who will look at a drawing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Variant {
    /// A page: the style sheet has the colours, elements have classes only.
    Page,
    /// A file of its own: colours are literal.
    File(Palette),
}

/// Something that fills or strokes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Paint {
    Fill(SeriesColor),
    /// A series in a bar that still grows.
    FillUnfinished(SeriesColor),
    Grid,
    Zero,
    /// The line of a level.
    Line(LineLook),
    /// The last part of such a line, which is not final.
    LineOpen(SeriesColor),
    DotOpen(SeriesColor),
    Dot(SeriesColor),
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
pub(crate) enum TextStyle {
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

impl Paint {
    pub(crate) fn attributes(self, variant: Variant) -> Cow<'static, str> {
        match variant {
            Variant::Page => self.class(),
            Variant::File(palette) => Cow::Owned(self.literal(palette)),
        }
    }

    fn class(self) -> Cow<'static, str> {
        let class = match self {
            Self::Fill(color) => return format!(r#"class="{}""#, color.class()).into(),
            Self::FillUnfinished(color) => {
                return format!(r#"class="{} c-part""#, color.class()).into();
            }
            Self::Line(look) => {
                let (color, dash) = (look.color.class(), look.dash.class());
                return format!(r#"class="c-line {color}{dash}""#).into();
            }
            Self::LineOpen(color) => {
                return format!(r#"class="c-line {} c-line--open""#, color.class()).into();
            }
            Self::Dot(color) => return format!(r#"class="c-dot {}""#, color.class()).into(),
            Self::DotOpen(color) => {
                return format!(r#"class="c-dot--open {}""#, color.class()).into();
            }
            Self::Grid => r#"class="c-grid""#,
            Self::Zero => r#"class="c-zero""#,
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
        };
        Cow::Borrowed(class)
    }

    fn literal(self, palette: Palette) -> String {
        let scheme = palette.scheme();
        let (ink, gap) = (scheme.ink_2, scheme.gap);
        match self {
            Self::Fill(color) => format!(r#"fill="{}""#, scheme.color(color)),
            Self::FillUnfinished(color) => {
                format!(r#"fill="{}" fill-opacity=".62""#, scheme.color(color))
            }
            Self::Grid => format!(r#"stroke="{}""#, scheme.grid),
            Self::Zero => format!(r#"stroke="{}""#, scheme.zero),
            Self::Line(look) => {
                let dashes = match look.dash.lengths() {
                    "" => String::new(),
                    lengths => format!(r#" stroke-dasharray="{lengths}""#),
                };
                format!(
                    r#"fill="none" stroke="{}" stroke-width="1.75" stroke-linejoin="round" stroke-linecap="round"{dashes}"#,
                    scheme.color(look.color)
                )
            }
            Self::LineOpen(color) => format!(
                r#"fill="none" stroke="{}" stroke-width="1.75" stroke-linecap="round" stroke-dasharray="1 4""#,
                scheme.color(color)
            ),
            Self::Dot(color) => format!(
                r#"fill="{}" stroke="{gap}" stroke-width="1.5""#,
                scheme.color(color)
            ),
            Self::DotOpen(color) => format!(
                r#"fill="{gap}" stroke="{}" stroke-width="1.5""#,
                scheme.color(color)
            ),
            Self::Outline => format!(r#"fill="none" stroke="{ink}" stroke-dasharray="3 2""#),
            Self::Hit => r#"fill="none""#.to_owned(),
            Self::TextureLine => {
                let (colour, cover) = scheme.texture;
                format!(r#"stroke="{colour}" stroke-opacity="{cover}" fill="none""#)
            }
            Self::TextureDot => {
                let (colour, cover) = scheme.texture;
                format!(r#"fill="{colour}" fill-opacity="{cover}""#)
            }
            Self::Stripe => {
                let (colour, cover) = scheme.stripe;
                format!(r#"stroke="{colour}" stroke-opacity="{cover}" stroke-width="3""#)
            }
            Self::Ground => format!(r#"fill="{}""#, scheme.ground.unwrap_or("none")),
            Self::Hairline => format!(r#"stroke="{}""#, scheme.border),
            Self::Break => format!(r#"fill="none" stroke="{gap}" stroke-width="2""#),
            Self::Hollow => format!(r#"fill="none" stroke="{}""#, scheme.ink_3),
            Self::Fresh => format!(r#"fill="{}""#, scheme.better),
            Self::Warning => format!(r#"fill="{}""#, scheme.warn_line),
            Self::Stale => format!(r#"fill="none" stroke="{}" stroke-width="2""#, scheme.warn),
        }
    }
}

impl TextStyle {
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
        let scheme = palette.scheme();
        let (fill, weight) = match self {
            Self::Tick => (scheme.ink_3, 400),
            Self::Sum => (scheme.ink_2, 400),
            Self::Name | Self::Label => (scheme.ink_2, 500),
            Self::Meta => (scheme.ink_3, 400),
            Self::Prose => (scheme.ink_2, 400),
            Self::Value | Self::Title | Self::Hero | Self::Figure => (scheme.ink, 600),
            Self::Better => (scheme.better, 600),
            Self::Worse => (scheme.worse, 600),
            Self::Even => (scheme.ink_2, 600),
            Self::Late => (scheme.warn, 600),
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

/// Writes a coordinate with at most one digit after the point.
pub(crate) fn at(number: f64) -> String {
    let rounded = (number * 10.0).round() / 10.0;
    if !rounded.is_finite() {
        return "0".to_owned();
    }
    // No negative zero.
    format!("{}", rounded + 0.0)
}
