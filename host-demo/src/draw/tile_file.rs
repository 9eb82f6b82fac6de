//! A view as one SVG file: the whole tile, colours literal, for a light ground.

use gadget_api::{Chart, NoticeLevel, Number, Role, SourceState, StackedBars, View};

use super::{
    bars,
    figure::{self, Said, Verdict},
    look::{label_of, stack},
    measure, number,
    pen::{Anchor, Pen, Type},
    picture::{Frame, Picture},
    source,
    svg::{Rect, Svg, Variant, escaped},
    waterfall,
};

const WIDTH: u32 = 780;
const MARGIN: f64 = 24.0;
const COLUMNS: usize = 4;
const FONT: &str = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

/// Draws a view as a file of its own.
pub(crate) fn tile_as_svg(view: &View) -> String {
    let mut sheet = Sheet {
        svg: Svg::new(Variant::File, "tile"),
        y: MARGIN,
        room: f64::from(WIDTH),
    };
    sheet.svg.patterns();
    sheet.head(view);
    sheet.figures(view);
    for (place, chart) in view.charts.iter().enumerate() {
        let id = format!("c{place}");
        let frame = Frame {
            variant: Variant::File,
            id: &id,
            width: WIDTH,
            links: None,
        };
        match chart {
            Chart::StackedBars(chart) => {
                sheet.key(chart);
                sheet.picture(&bars::stacked_bars(chart, &frame));
            }
            Chart::Waterfall(chart) => sheet.picture(&waterfall::waterfall(chart, &frame)),
            _ => {}
        }
    }
    sheet.foot(view);
    sheet.finish(view)
}

/// A sheet that is filled from the top.
struct Sheet {
    svg: Svg,
    y: f64,
    room: f64,
}

impl Sheet {
    fn head(&mut self, view: &View) {
        self.paragraph(Type::Title, &view.title, 0.0, 20.0);
        self.paragraph(Type::Label, &view.subtitle, 0.0, 17.0);
        self.y += 14.0;
    }

    /// Writes a text in as many lines as it needs.
    fn paragraph(&mut self, kind: Type, text: &str, indent: f64, line_height: f64) {
        for line in measure::lines(text, kind.size(), self.room - indent) {
            self.y += line_height;
            self.svg
                .text(kind, Anchor::Start, (indent, self.y - 5.0), &line);
        }
    }

    fn figures(&mut self, view: &View) {
        if let Some(first) = view.figures.first() {
            let said = figure::said(first);
            let late =
                source::stale_since(view).map(|since| format!("{} on {since}, stale", said.label));
            let kind = if late.is_some() {
                Type::Late
            } else {
                Type::Label
            };
            self.svg.text(
                kind,
                Anchor::Start,
                (0.0, self.y + 12.0),
                late.as_ref().unwrap_or(&said.label),
            );
            self.svg
                .text(Type::Hero, Anchor::Start, (0.0, self.y + 42.0), &said.value);
            if let Some(band) = &said.band {
                let x = measure::width(&said.value, Type::Hero.size()) * 1.08 + 10.0;
                self.svg
                    .text(Type::Label, Anchor::Start, (x, self.y + 42.0), band);
            }
            self.y += 62.0;
            self.change(&said, 0.0, self.room);
            self.y += 18.0;
        }
        let rest = view.figures.get(1..).unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "there are four columns")]
        let column = self.room / COLUMNS as f64;
        for row in rest.chunks(COLUMNS) {
            for (place, figure) in row.iter().enumerate() {
                #[expect(clippy::cast_precision_loss, reason = "there are four columns")]
                let x = column * place as f64;
                let said = figure::said(figure);
                let fitted = measure::fitted(&said.label, 12.0, column - 12.0);
                self.svg
                    .text(Type::Label, Anchor::Start, (x, self.y + 12.0), &fitted);
                self.svg
                    .text(Type::Figure, Anchor::Start, (x, self.y + 36.0), &said.value);
                self.y += 54.0;
                self.change_in_column(&said, x, column - 12.0);
                self.y -= 54.0;
            }
            self.y += 92.0;
        }
        self.y += 4.0;
    }

    fn change(&mut self, said: &Said, x: f64, room: f64) {
        if let Some(change) = &said.change {
            let amount = change.sign();
            self.svg.text(
                verdict_type(change.verdict),
                Anchor::Start,
                (x, self.y),
                &amount,
            );
            let after = measure::width(&amount, 12.0) + 8.0;
            let words = measure::fitted(&change.comparison(), 12.0, room - after);
            self.svg
                .text(Type::Label, Anchor::Start, (x + after, self.y), &words);
        }
    }

    fn change_in_column(&mut self, said: &Said, x: f64, room: f64) {
        if let Some(change) = &said.change {
            let amount = change.sign();
            self.svg.text(
                verdict_type(change.verdict),
                Anchor::Start,
                (x, self.y),
                &amount,
            );
            let after = measure::width(&amount, 12.0) + 6.0;
            self.svg
                .text(Type::Label, Anchor::Start, (x + after, self.y), change.word);
            let before = format!("{} {}", change.previous, change.against);
            let before = measure::fitted(&before, 11.0, room);
            self.svg
                .text(Type::Tick, Anchor::Start, (x, self.y + 15.0), &before);
        }
    }

    fn key(&mut self, chart: &StackedBars) {
        let gains = stack(&chart.series, Role::Gain)
            .into_iter()
            .map(|entry| (entry, Role::Gain));
        let losses = stack(&chart.series, Role::Loss)
            .into_iter()
            .rev()
            .map(|entry| (entry, Role::Loss));
        let mut x = 0.0;
        for ((series, look), role) in gains.chain(losses) {
            let total: Number = number::sum(series.values.iter().copied());
            let total = if role == Role::Loss {
                number::taken(total)
            } else {
                number::signed(total)
            };
            let name = measure::fitted(&label_of(&series.label, &series.id), 12.0, 160.0);
            let name_width = measure::width(&name, 12.0) + 6.0;
            let width = 18.0 + name_width + measure::width(&total, 11.0) + 18.0;
            if x > 0.0 && x + width > self.room {
                (x, self.y) = (0.0, self.y + 20.0);
            }
            let rect = Rect {
                x,
                y: self.y + 2.0,
                width: 12.0,
                height: 12.0,
            };
            self.svg.rect(Pen::Fill(look.tint), rect);
            self.svg.texture(look.texture, rect);
            self.svg
                .text(Type::Label, Anchor::Start, (x + 18.0, self.y + 12.0), &name);
            self.svg.text(
                Type::Value,
                Anchor::Start,
                (x + 18.0 + name_width, self.y + 12.0),
                &total,
            );
            x += width;
        }
        self.y += 30.0;
    }

    fn picture(&mut self, picture: &Picture) {
        self.svg.open_moved(0.0, self.y);
        self.svg.push(&format!(
            "<title>{}</title><desc>{}</desc>",
            escaped(&picture.title),
            escaped(&picture.description)
        ));
        self.svg.push(&picture.body);
        self.svg.close_moved();
        self.y += f64::from(picture.height) + 22.0;
    }

    fn foot(&mut self, view: &View) {
        self.svg.horizontal(Pen::Hairline, 0.0, self.room, self.y);
        self.y += 8.0;
        for notice in &view.notices {
            let kind = if notice.level == NoticeLevel::Info {
                Type::Label
            } else {
                Type::Late
            };
            self.paragraph(kind, &notice.text, 0.0, 17.0);
        }
        for line in source::lines(view) {
            let kind = if line.state == SourceState::Fresh {
                Type::Label
            } else {
                Type::Late
            };
            self.paragraph(kind, &line.text, 0.0, 17.0);
        }
        for trouble in source::troubles(view) {
            self.paragraph(
                Type::Late,
                &format!("{}: {}", trouble.labels, trouble.reason),
                0.0,
                17.0,
            );
        }
    }

    fn finish(self, view: &View) -> String {
        let width = f64::from(WIDTH) + 2.0 * MARGIN;
        let height = (self.y + MARGIN).ceil();
        debug_assert_eq!(self.svg.variant(), Variant::File);
        let mut ground = Svg::new(Variant::File, "ground");
        ground.rect(
            Pen::Ground,
            Rect {
                x: 0.0,
                y: 0.0,
                width,
                height,
            },
        );
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{FONT}" role="img"><title>{}</title><desc>{}</desc>{}<g transform="translate({MARGIN} 0)">{}</g></svg>
"#,
            escaped(&view.title),
            escaped(&view.subtitle),
            ground.finish(),
            self.svg.finish()
        )
    }
}

fn verdict_type(verdict: Verdict) -> Type {
    match verdict {
        Verdict::Better => Type::Better,
        Verdict::Worse => Type::Worse,
        Verdict::Neither => Type::Label,
    }
}
