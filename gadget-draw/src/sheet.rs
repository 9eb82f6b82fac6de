//! A sheet of a picture that is a file: it is filled from the top, and as high as what it holds.

use super::{
    font, measure,
    paint::Variant,
    paint::{Anchor, Paint, TextStyle},
    palette::Palette,
    picture::Picture,
    svg::{Rect, Svg, escaped},
};

/// A paragraph goes on for no more lines than this.
const MOST_LINES: usize = 4;
const LINE: f64 = 17.0;

/// The embedded font is a little narrower than what [`measure`] allows for.
const NARROWER: f64 = 0.94;

/// Returns `text`, or as much of it as fits in the embedded font.
pub(crate) fn fitted(text: &str, kind: TextStyle, room: f64) -> String {
    measure::fitted(text, kind.size() * NARROWER, room)
}

/// Returns about how wide `text` is in the embedded font.
pub(crate) fn width(text: &str, kind: TextStyle) -> f64 {
    measure::width(text, kind.size() * NARROWER)
}

/// A part of a picture, with its own left edge and width.
pub(crate) struct Sheet {
    pub(crate) svg: Svg,
    pub(crate) palette: Palette,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) room: f64,
}

impl Sheet {
    /// Creates an empty sheet of a width; textures are defined on it once.
    pub(crate) fn new(palette: Palette, room: f64) -> Self {
        let mut svg = Svg::new(Variant::File(palette), "tile");
        svg.patterns();
        Self {
            svg,
            palette,
            x: 0.0,
            y: 0.0,
            room,
        }
    }

    /// Writes a text in as many lines as it needs, and cuts what goes on for too long.
    pub(crate) fn paragraph(&mut self, kind: TextStyle, text: &str, indent: f64) {
        let room = self.room - indent;
        let height = LINE.max(kind.size() + 5.0);
        let lines = measure::lines(text, kind.size(), room);
        let is_cut = lines.len() > MOST_LINES;
        for (place, line) in lines.into_iter().take(MOST_LINES).enumerate() {
            let line = if is_cut && place + 1 == MOST_LINES {
                fitted(&format!("{line} …"), kind, room)
            } else {
                line
            };
            self.y += height;
            let at = (self.x + indent, self.y - 5.0);
            self.svg.text(kind, Anchor::Start, at, &line);
        }
    }

    /// Writes a text that has to be seen, with an edge in the colour of warnings.
    pub(crate) fn warning(&mut self, text: &str) {
        let top = self.y + 1.0;
        self.paragraph(TextStyle::Late, text, 12.0);
        let edge = Rect {
            x: self.x,
            y: top,
            width: 3.0,
            height: self.y - top,
        };
        self.svg.rect(Paint::Warning, edge);
        self.y += 6.0;
    }

    /// Puts a finished drawing under what is there.
    pub(crate) fn picture(&mut self, picture: &Picture) {
        self.svg.open_moved(self.x, self.y);
        self.svg.push(&format!(
            "<title>{}</title><desc>{}</desc>",
            escaped(&picture.title),
            escaped(&picture.description)
        ));
        self.svg.push(&picture.body);
        self.svg.close_moved();
        self.y += f64::from(picture.height) + 22.0;
    }

    pub(crate) fn hairline(&mut self) {
        self.svg
            .horizontal(Paint::Hairline, self.x, self.x + self.room, self.y.round());
    }

    /// Returns the whole file.
    pub(crate) fn finish(self, margin: f64, title: &str, description: &str) -> String {
        let width = self.room + 2.0 * margin;
        let height = (self.y + margin).ceil();
        let body = self.svg.finish();
        let mut ground = Svg::new(Variant::File(self.palette), "ground");
        if self.palette.scheme().ground.is_some() {
            let (x, y) = (0.0, 0.0);
            ground.rect(
                Paint::Ground,
                Rect {
                    x,
                    y,
                    width,
                    height,
                },
            );
        }
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{}" role="img"><title>{}</title><desc>{}</desc>{}{}<g transform="translate({margin} 0)">{body}</g></svg>
"#,
            font::FAMILIES,
            escaped(title),
            escaped(description),
            font::embedded(&body),
            ground.finish(),
        )
    }
}
