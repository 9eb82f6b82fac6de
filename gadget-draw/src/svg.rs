//! Writes SVG: every text and every attribute goes through the escape of this module.

use std::fmt::Write as _;

use super::{
    look::Texture,
    paint::{Anchor, Paint, TextStyle, Variant, at},
};

/// A rectangle; negative sizes are drawn as nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// What comes before the names of the textures and stripes of a page.
const PAGE_PREFIX: &str = "c";

/// Returns the textures and stripes that all drawings of a page use, for the `defs` of an SVG on it.
///
/// That SVG has to be drawn, however small: a texture of what is not drawn paints nothing.
pub fn page_patterns() -> String {
    patterns(Variant::Page, PAGE_PREFIX)
}

fn patterns(variant: Variant, prefix: &str) -> String {
    let line = Paint::TextureLine.attributes(variant);
    let dot = Paint::TextureDot.attributes(variant);
    let stripe = Paint::Stripe.attributes(variant);
    let unit = r#"patternUnits="userSpaceOnUse""#;
    format!(
        r#"<pattern id="{prefix}-lines" width="4" height="4" {unit}><path {line} d="M0 .5H4"/></pattern><pattern id="{prefix}-dots" width="5" height="5" {unit}><circle {dot} cx="2" cy="2" r="1.15"/></pattern><pattern id="{prefix}-stripes" width="7" height="7" {unit} patternTransform="rotate(45)"><path {stripe} d="M1.5 0V7"/></pattern>"#
    )
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

    /// Returns the markup.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// Defines the textures and the stripes of this drawing; a page has them once, from [`page_patterns`].
    pub(crate) fn patterns(&mut self) {
        if self.variant != Variant::Page {
            self.push(&format!(
                "<defs>{}</defs>",
                patterns(self.variant, &self.prefix)
            ));
        }
    }

    /// Returns what comes before the names of textures and stripes.
    fn pattern_prefix(&self) -> &str {
        match self.variant {
            Variant::Page => PAGE_PREFIX,
            Variant::File(_) => &self.prefix,
        }
    }

    pub(crate) fn rect(&mut self, paint: Paint, rect: Rect) {
        let attributes = paint.attributes(self.variant);
        self.rect_with(&attributes, rect);
    }

    /// Draws a part of a stack; on a page it says of which series it is.
    pub(crate) fn mark(&mut self, paint: Paint, rect: Rect, series: &str) {
        let attributes = paint.attributes(self.variant);
        match self.variant {
            Variant::Page => {
                let series = escaped(series);
                self.rect_with(&format!(r#"{attributes} data-series="{series}""#), rect);
            }
            Variant::File(_) => self.rect_with(&attributes, rect),
        }
    }

    /// Lays a texture over what is already drawn.
    pub(crate) fn texture(&mut self, texture: Texture, rect: Rect) {
        self.texture_with("", texture, rect);
    }

    /// Lays the texture of a part of a stack over it.
    pub(crate) fn mark_texture(&mut self, texture: Texture, rect: Rect, series: &str) {
        match self.variant {
            Variant::Page => {
                let attribute = format!(r#" data-series="{}""#, escaped(series));
                self.texture_with(&attribute, texture, rect);
            }
            Variant::File(_) => self.texture(texture, rect),
        }
    }

    fn texture_with(&mut self, attribute: &str, texture: Texture, rect: Rect) {
        let name = match texture {
            Texture::Solid => return,
            Texture::Dots => "dots",
            Texture::Lines => "lines",
        };
        // A texture on a sliver would only make it paler.
        if rect.height >= 3.0 && rect.width >= 3.0 {
            let fill = format!(
                r#"fill="url(#{}-{name})"{attribute}"#,
                self.pattern_prefix()
            );
            self.rect_with(&fill, rect);
        }
    }

    /// Lays the stripes of an unfinished bar over what is already drawn.
    pub(crate) fn stripes(&mut self, rect: Rect) {
        let fill = format!(r#"fill="url(#{}-stripes)""#, self.pattern_prefix());
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

    pub(crate) fn horizontal(&mut self, paint: Paint, from: f64, until: f64, y: f64) {
        let attributes = paint.attributes(self.variant);
        self.push(&format!(
            r#"<path {attributes} d="M{} {}H{}"/>"#,
            at(from),
            at(y),
            at(until)
        ));
    }

    pub(crate) fn vertical(&mut self, paint: Paint, x: f64, from: f64, until: f64) {
        let attributes = paint.attributes(self.variant);
        self.push(&format!(
            r#"<path {attributes} d="M{} {}V{}"/>"#,
            at(x),
            at(from),
            at(until)
        ));
    }

    pub(crate) fn polyline(&mut self, paint: Paint, points: &[(f64, f64)]) {
        if points.len() < 2 {
            return;
        }
        let mut path = String::new();
        for (index, (x, y)) in points.iter().enumerate() {
            let command = if index == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{command}{} {}", at(*x), at(*y));
        }
        let attributes = paint.attributes(self.variant);
        self.push(&format!(r#"<path {attributes} d="{path}"/>"#));
    }

    pub(crate) fn circle(&mut self, paint: Paint, (x, y): (f64, f64), radius: f64) {
        let attributes = paint.attributes(self.variant);
        self.push(&format!(
            r#"<circle {attributes} cx="{}" cy="{}" r="{}"/>"#,
            at(x),
            at(y),
            at(radius)
        ));
    }

    pub(crate) fn text(&mut self, kind: TextStyle, anchor: Anchor, (x, y): (f64, f64), text: &str) {
        let attributes = kind.attributes(anchor, self.variant);
        self.push(&format!(
            r#"<text{attributes} x="{}" y="{}">{}</text>"#,
            at(x),
            at(y),
            escaped(text)
        ));
    }

    /// Writes runs of different kinds, one after the other on one line, with gaps before all but the first.
    ///
    /// Only for a file: a page lays out its own text.
    pub(crate) fn runs(
        &mut self,
        anchor: Anchor,
        (x, y): (f64, f64),
        runs: &[(TextStyle, f64, &str)],
    ) {
        let Variant::File(palette) = self.variant else {
            return;
        };
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let mut markup = format!(r#"<text{anchor} x="{}" y="{}">"#, at(x), at(y));
        for (kind, gap, text) in runs.iter().filter(|(_, _, text)| !text.is_empty()) {
            let gap = if *gap > 0.0 {
                format!(r#" dx="{}""#, at(*gap))
            } else {
                String::new()
            };
            let _ = write!(
                markup,
                "<tspan{}{gap}>{}</tspan>",
                kind.literal(palette),
                escaped(text)
            );
        }
        markup.push_str("</text>");
        self.push(&markup);
    }

    /// Opens a part that has a name and, where there are rows behind it, a link to them.
    pub(crate) fn open_part(&mut self, part: &Part<'_>) {
        let name = escaped(part.name);
        let index = part.index;
        let class = if part.is_picked {
            "bucket bucket--picked"
        } else {
            "bucket"
        };
        match (self.variant, part.link) {
            (Variant::File(_), _) => self.push(&format!("<g><title>{name}</title>")),
            (Variant::Page, Some(link)) => {
                let link = escaped(link);
                self.push(&format!(
                    r#"<a class="{class}" data-part="{index}" href="{link}" aria-label="{name}">"#
                ));
            }
            (Variant::Page, None) => self.push(&format!(
                r#"<g class="{class}" data-part="{index}" tabindex="0" role="img" aria-label="{name}">"#
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
    pub index: usize,
    /// What a screen reader says.
    pub name: &'a str,
    /// Where its rows are.
    pub link: Option<&'a str>,
    /// Whether it is what somebody looks at.
    pub is_picked: bool,
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
