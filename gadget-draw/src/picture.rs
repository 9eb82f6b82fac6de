//! A finished drawing with its name and description, and the links to the rows behind its parts.

use std::fmt::Write as _;

use super::{hidden::Hidden, paint::Variant, svg::escaped};

/// A drawing of one chart at one width.
pub(crate) struct Picture {
    pub width: u32,
    pub height: u32,
    /// What the picture is.
    pub title: String,
    /// What it shows, in a sentence.
    pub description: String,
    pub body: String,
}

impl Picture {
    /// Returns the element for a page; `id` has to be an id that only this picture has.
    pub(crate) fn on_page(&self, id: &str) -> String {
        let Self {
            width,
            height,
            title,
            description,
            body,
        } = self;
        let (title, description) = (escaped(title), escaped(description));
        format!(
            r#"<svg class="chart" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="group" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{title}</title><desc id="{id}-d">{description}</desc>{body}</svg>"#
        )
    }

    /// Returns an element that takes the room of the picture and shows nothing.
    pub(crate) fn empty(&self) -> String {
        let Self { width, height, .. } = self;
        format!(
            r#"<svg class="chart" width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true"></svg>"#
        )
    }
}

/// How one chart is to be drawn.
#[derive(Clone, Copy)]
pub(crate) struct ChartOptions<'a> {
    pub variant: Variant,
    /// An id that only this drawing has.
    pub id: &'a str,
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels where the place has one; without it a chart takes what suits its width.
    pub height: Option<u32>,
    /// The series that are not drawn.
    pub hidden: &'a Hidden,
    /// Where the rows behind a part are; nothing where nobody can ask for them.
    pub links: Option<&'a Links>,
    /// The bar that is looked at; the others step back.
    pub picked: Option<usize>,
}

/// Makes the addresses of the rows behind the parts of a tile.
#[derive(Clone, Debug)]
pub struct Links {
    base: String,
}

impl Links {
    /// Creates the links below `base`, which is an address of this host.
    pub fn new(base: impl Into<String>) -> Self {
        Self { base: base.into() }
    }

    /// Returns the address of the rows behind a figure.
    pub fn figure(&self, figure: &str) -> String {
        self.with(&[("figure", figure)])
    }

    /// Returns the address of the rows behind a bar.
    pub fn bar(&self, chart: &str, bucket: &str) -> String {
        self.part(chart, Some(bucket), None)
    }

    /// Returns the address of the rows behind a series in all bars.
    pub fn series(&self, chart: &str, series: &str) -> String {
        self.part(chart, None, Some(series))
    }

    /// Returns the address of the rows behind a bar, a series, a series in a bar, or a whole chart.
    pub fn part(&self, chart: &str, bucket: Option<&str>, series: Option<&str>) -> String {
        let bucket = bucket.map(|bucket| ("bucket", bucket));
        let series = series.map(|series| ("series", series));
        let query: Vec<_> = [Some(("chart", chart)), bucket, series]
            .into_iter()
            .flatten()
            .collect();
        self.with(&query)
    }

    /// Returns the address of the rows behind a step of a waterfall.
    pub fn step(&self, chart: &str, step: &str) -> String {
        self.with(&[("chart", chart), ("step", step)])
    }

    fn with(&self, query: &[(&str, &str)]) -> String {
        let mut address = self.base.clone();
        for (index, (name, value)) in query.iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            let _ = write!(address, "{mark}{name}={}", encoded(value));
        }
        address
    }
}

/// Returns `text` so that it is one value of a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_place_in_an_address() {
        let links = Links::new("/tile/1/details");
        assert_eq!(
            links.bar("move&x=1", "\"><é"),
            "/tile/1/details?chart=move%26x%3D1&bucket=%22%3E%3C%C3%A9"
        );
        assert_eq!(links.figure("lost"), "/tile/1/details?figure=lost");
    }
}
