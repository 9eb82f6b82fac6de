//! Writes SVG: every text and every attribute goes through the escape of this module.

use std::fmt::Write as _;

use super::look::{Texture, Tint};

/// Who will look at a drawing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Variant {
    /// A page: the style sheet has the colours, elements have classes only.
    Page,
    /// A file of its own: colours are literal, for a light ground.
    File,
}

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

/// A rectangle; negative sizes are drawn as nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A drawing that grows.
pub(crate) struct Svg {
    out: String,
    variant: Variant,
    /// Comes before every id, so that ids are unique on a page.
    prefix: String,
}

impl Svg {
    /// Creates an empty drawing; `prefix` has to be an id that only this drawing has.
    pub(crate) fn new(variant: Variant, prefix: &str) -> Self {
        Self {
            out: String::new(),
            variant,
            prefix: prefix.to_owned(),
        }
    }

    pub(crate) fn variant(&self) -> Variant {
        self.variant
    }

    /// Returns the markup.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// Defines the textures and the stripes of this drawing.
    pub(crate) fn patterns(&mut self) {
        let prefix = self.prefix.clone();
        let line = Pen::TextureLine.attributes(self.variant);
        let dot = Pen::TextureDot.attributes(self.variant);
        let stripe = Pen::Stripe.attributes(self.variant);
        let unit = r#"patternUnits="userSpaceOnUse""#;
        self.push(&format!(
            r#"<defs><pattern id="{prefix}-lines" width="4" height="4" {unit}><path {line} d="M0 .5H4"/></pattern><pattern id="{prefix}-dots" width="5" height="5" {unit}><circle {dot} cx="2" cy="2" r="1.15"/></pattern><pattern id="{prefix}-stripes" width="7" height="7" {unit} patternTransform="rotate(45)"><path {stripe} d="M1.5 0V7"/></pattern></defs>"#
        ));
    }

    pub(crate) fn rect(&mut self, pen: Pen, rect: Rect) {
        let attributes = pen.attributes(self.variant);
        self.rect_with(attributes, rect);
    }

    /// Lays a texture over what is already drawn.
    pub(crate) fn texture(&mut self, texture: Texture, rect: Rect) {
        let name = match texture {
            Texture::Solid => return,
            Texture::Dots => "dots",
            Texture::Lines => "lines",
        };
        // A texture on a sliver would only make it paler.
        if rect.height >= 3.0 && rect.width >= 3.0 {
            let fill = format!(r#"fill="url(#{}-{name})""#, self.prefix);
            self.rect_with(&fill, rect);
        }
    }

    /// Lays the stripes of an unfinished bar over what is already drawn.
    pub(crate) fn stripes(&mut self, rect: Rect) {
        let fill = format!(r#"fill="url(#{}-stripes)""#, self.prefix);
        self.rect_with(&fill, rect);
    }

    fn rect_with(&mut self, attributes: &str, rect: Rect) {
        let Rect {
            x,
            y,
            width,
            height,
        } = rect;
        if width > 0.0 && height > 0.0 {
            let (x, y, width, height) = (at(x), at(y), at(width), at(height));
            self.push(&format!(
                r#"<rect {attributes} x="{x}" y="{y}" width="{width}" height="{height}"/>"#
            ));
        }
    }

    pub(crate) fn horizontal(&mut self, pen: Pen, from: f64, until: f64, y: f64) {
        let attributes = pen.attributes(self.variant);
        self.push(&format!(
            r#"<path {attributes} d="M{} {}H{}"/>"#,
            at(from),
            at(y),
            at(until)
        ));
    }

    pub(crate) fn vertical(&mut self, pen: Pen, x: f64, from: f64, until: f64) {
        let attributes = pen.attributes(self.variant);
        self.push(&format!(
            r#"<path {attributes} d="M{} {}V{}"/>"#,
            at(x),
            at(from),
            at(until)
        ));
    }

    pub(crate) fn polyline(&mut self, pen: Pen, points: &[(f64, f64)]) {
        if points.len() < 2 {
            return;
        }
        let mut path = String::new();
        for (index, (x, y)) in points.iter().enumerate() {
            let command = if index == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{command}{} {}", at(*x), at(*y));
        }
        let attributes = pen.attributes(self.variant);
        self.push(&format!(r#"<path {attributes} d="{path}"/>"#));
    }

    pub(crate) fn circle(&mut self, pen: Pen, (x, y): (f64, f64), radius: f64) {
        let attributes = pen.attributes(self.variant);
        self.push(&format!(
            r#"<circle {attributes} cx="{}" cy="{}" r="{}"/>"#,
            at(x),
            at(y),
            at(radius)
        ));
    }

    pub(crate) fn text(&mut self, kind: Type, anchor: Anchor, (x, y): (f64, f64), text: &str) {
        let attributes = kind.attributes(anchor, self.variant);
        self.push(&format!(
            r#"<text{attributes} x="{}" y="{}">{}</text>"#,
            at(x),
            at(y),
            escaped(text)
        ));
    }

    /// Opens a part that has a name and, where there are rows behind it, a link to them.
    pub(crate) fn open_part(&mut self, part: &Part<'_>) {
        let name = escaped(part.name);
        let index = part.index;
        match (self.variant, part.link) {
            (Variant::File, _) => self.push(&format!("<g><title>{name}</title>")),
            (Variant::Page, Some(link)) => {
                let link = escaped(link);
                self.push(&format!(
                    r#"<a class="bucket" data-part="{index}" href="{link}" aria-label="{name}">"#
                ));
            }
            (Variant::Page, None) => self.push(&format!(
                r#"<g class="bucket" data-part="{index}" tabindex="0" role="img" aria-label="{name}">"#
            )),
        }
    }

    /// Closes what [`Svg::open_part`] opened.
    pub(crate) fn close_part(&mut self, part: &Part<'_>) {
        let is_link = self.variant == Variant::Page && part.link.is_some();
        self.push(if is_link { "</a>" } else { "</g>" });
    }

    /// Opens a group that is moved by `x` and `y`.
    pub(crate) fn open_moved(&mut self, x: f64, y: f64) {
        self.push(&format!(
            r#"<g transform="translate({} {})">"#,
            at(x),
            at(y)
        ));
    }

    pub(crate) fn close_moved(&mut self) {
        self.push("</g>");
    }

    /// Adds markup that another drawing has finished.
    pub(crate) fn push(&mut self, markup: &str) {
        self.out.push_str(markup);
    }
}

/// A part of a drawing that can be asked about.
pub(crate) struct Part<'a> {
    /// Its place among the parts of the chart.
    pub(crate) index: usize,
    /// What a screen reader says.
    pub(crate) name: &'a str,
    /// Where its rows are.
    pub(crate) link: Option<&'a str>,
}

impl Pen {
    fn attributes(self, variant: Variant) -> &'static str {
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
            Self::Warning => r#"class="c-warning""#,
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
            Self::Warning => r##"fill="#e2b344""##,
        }
    }
}

impl Type {
    fn attributes(self, anchor: Anchor, variant: Variant) -> String {
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

/// Returns `text` so that it is text in an element and in an attribute, in HTML and in XML.
///
/// What XML cannot hold at all is left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for each in text.chars() {
        match each {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if each.is_control() => {}
            _ => out.push(each),
        }
    }
    out
}

/// Writes a coordinate with at most one digit after the point.
fn at(number: f64) -> String {
    let rounded = (number * 10.0).round() / 10.0;
    if !rounded.is_finite() {
        return "0".to_owned();
    }
    // No negative zero.
    format!("{}", rounded + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_survives_as_markup() {
        assert_eq!(
            escaped("<img src=x onerror=\"a('b')\">&\u{1b}[0m\u{ffff}é"),
            "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;[0mé"
        );
    }

    #[test]
    fn coordinates_are_short_and_always_numbers() {
        let cases = [
            (1.0, "1"),
            (1.26, "1.3"),
            (-0.01, "0"),
            (f64::NAN, "0"),
            (1e3, "1000"),
        ];
        for (number, text) in cases {
            assert_eq!(at(number), text);
        }
    }
}
