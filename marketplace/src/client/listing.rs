//! The apps of a vendor.

use gadget_api::{Error, ErrorKind, Request};

use super::{API, Client, DeveloperSpace, distinct, failure::response_error};
use crate::{apps::App, wire};

/// More pages than any vendor has apps for.
const MAX_PAGES: usize = 1_000;

impl Client<'_> {
    /// Returns all apps of the vendor by key, including private ones.
    pub(crate) fn apps(&self, space: &DeveloperSpace) -> Result<Vec<App>, Error> {
        let what = "the apps";
        let mut found = Vec::new();
        let mut cursors: Vec<String> = Vec::new();
        for _ in 0..MAX_PAGES {
            let path = format!("{API}/product-listing/developer-space/{}", space.id());
            let mut request = Request::get(path)
                .with_query("limit", "50")
                .with_query("includePrivate", "true");
            if let Some(cursor) = cursors.last() {
                request = request.with_query("cursor", cursor);
            }
            let body = self.fetch(what, &request)?;
            let (apps, cursor) = wire::apps(&body).map_err(|bad| response_error(what, &bad))?;
            let is_empty = apps.is_empty();
            found.extend(apps);
            let Some(cursor) = cursor else {
                return Ok(distinct(found));
            };
            if is_empty || cursors.contains(&cursor) {
                return Err(Error::new(
                    ErrorKind::Datasource,
                    "the list of apps does not end: a page is empty or repeats",
                ));
            }
            cursors.push(cursor);
        }
        Err(Error::new(
            ErrorKind::Datasource,
            format!("the list of apps has more than {MAX_PAGES} pages"),
        ))
    }
}
