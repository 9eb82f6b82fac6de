//! What was drawn of views, kept so that nothing is drawn or compressed twice.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use flate2::Compression;
use gadget_api::View;
use quick_cache::{Weighter, sync::Cache};
use twox_hash::XxHash3_128;

use super::deflated::Deflated;

/// The most bytes of drawings that are kept; the least used give way.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// About how large a drawing is.
const USUAL_BYTES: u64 = 32 * 1024;
/// Before how many different neighbours a drawing is kept compressed.
const MOST_NEIGHBOURS: usize = 4;

/// The drawings of all tiles.
pub(crate) struct Drawings {
    kept: Cache<Key, Arc<Drawing>, Weight>,
    made: AtomicU64,
    found: AtomicU64,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Key {
    /// Where the view is in memory: its drawing keeps it there, so that no other view has the address.
    view: usize,
    /// Everything else that the drawing depends on.
    inputs: String,
}

impl Key {
    fn of(view: &Arc<View>, inputs: String) -> Self {
        Self {
            view: Arc::as_ptr(view).addr(),
            inputs,
        }
    }
}

/// A drawing of a view: a tile of a page, or a file.
pub(crate) struct Drawing {
    bytes: Vec<u8>,
    digest: u128,
    /// The drawing after each of the drawings that it followed, by their digests.
    deflated: Mutex<Vec<(Option<u128>, Arc<Deflated>)>>,
    view: Arc<View>,
}

/// How much was asked of the drawings so far, and what they take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct DrawingCounts {
    pub(crate) made: u64,
    pub(crate) found: u64,
    pub(crate) bytes: u64,
}

impl Drawings {
    pub(super) fn new() -> Self {
        let usual = usize::try_from(MOST_BYTES / USUAL_BYTES).unwrap_or(usize::MAX);
        Self {
            kept: Cache::with_weighter(usual, MOST_BYTES, Weight),
            made: AtomicU64::new(0),
            found: AtomicU64::new(0),
        }
    }

    /// Returns the drawing of a view; `draw` makes it unless it is kept.
    ///
    /// `inputs` says everything but the view that the drawing depends on, and what kind of drawing it is.
    pub(crate) fn of(
        &self,
        view: &Arc<View>,
        inputs: String,
        draw: impl FnOnce() -> Vec<u8>,
    ) -> Arc<Drawing> {
        let key = Key::of(view, inputs);
        if let Some(drawing) = self.found(&key) {
            return drawing;
        }
        self.made.fetch_add(1, Ordering::Relaxed);
        let bytes = draw();
        let drawing = Arc::new(Drawing {
            digest: XxHash3_128::oneshot(&bytes),
            bytes,
            deflated: Mutex::default(),
            view: Arc::clone(view),
        });
        self.kept.insert(key, Arc::clone(&drawing));
        drawing
    }

    /// Returns the drawing of a view where it is kept.
    pub(crate) fn kept(&self, view: &Arc<View>, inputs: &str) -> Option<Arc<Drawing>> {
        self.found(&Key::of(view, inputs.to_owned()))
    }

    fn found(&self, key: &Key) -> Option<Arc<Drawing>> {
        let drawing = self.kept.get(key)?;
        self.found.fetch_add(1, Ordering::Relaxed);
        Some(drawing)
    }

    pub(crate) fn counts(&self) -> DrawingCounts {
        DrawingCounts {
            made: self.made.load(Ordering::Relaxed),
            found: self.found.load(Ordering::Relaxed),
            bytes: self.kept.weight(),
        }
    }
}

impl Drawing {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns what tells it from all other drawings.
    pub(crate) fn digest(&self) -> u128 {
        self.digest
    }

    /// Returns the drawing compressed, to follow another one directly or anything else.
    pub(crate) fn deflated_after(&self, before: Option<&Self>) -> Arc<Deflated> {
        let neighbour = before.map(|before| before.digest);
        let mut kept = self.deflated.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, deflated)) = kept.iter().find(|(of, _)| *of == neighbour) {
            return Arc::clone(deflated);
        }
        let text = before.map_or(&[][..], |before| &before.bytes);
        let deflated = Arc::new(Deflated::new(&self.bytes, text, Compression::default()));
        if kept.len() == MOST_NEIGHBOURS {
            kept.remove(0);
        }
        kept.push((neighbour, Arc::clone(&deflated)));
        deflated
    }
}

/// Weighs what a drawing takes: itself, about as much for its view, and what becomes of it compressed.
#[derive(Clone)]
struct Weight;

impl Weighter<Key, Arc<Drawing>> for Weight {
    fn weight(&self, key: &Key, drawing: &Arc<Drawing>) -> u64 {
        let Drawing { bytes, view, .. } = &**drawing;
        let all = key.inputs.len() + 3 * bytes.len() + size_of_val(&**view);
        u64::try_from(all).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(drawing: &Drawing) -> &str {
        std::str::from_utf8(drawing.bytes()).unwrap()
    }

    #[test]
    fn a_drawing_is_made_once_for_each_view_and_each_way_to_draw_it() {
        let drawings = Drawings::new();
        let mut made = 0;
        let views = [View::new("a"), View::new("a")].map(Arc::new);
        for _ in 0..3 {
            for view in &views {
                for inputs in ["small", "large"] {
                    let drawing = drawings.of(view, inputs.to_owned(), || {
                        made += 1;
                        inputs.into()
                    });
                    assert_eq!(text(&drawing), inputs);
                }
            }
        }
        assert_eq!(made, 4);
        let counts = drawings.counts();
        assert_eq!((counts.made, counts.found), (4, 8));
    }

    #[test]
    fn a_view_that_is_gone_is_never_taken_for_another_one() {
        let drawings = Drawings::new();
        for number in 0..500 {
            // The allocator would give each of them the place of the one before.
            let view = Arc::new(View::new(number.to_string()));
            let title = view.title.clone();
            let drawing = drawings.of(&view, String::new(), || title.into_bytes());
            assert_eq!(text(&drawing), number.to_string());
        }
    }

    #[test]
    fn drawings_give_way_to_others_before_they_take_more_than_they_may() {
        let drawings = Drawings::new();
        let large = 1024 * 1024;
        for _ in 0..100 {
            drawings.of(&Arc::new(View::new("")), String::new(), || vec![0; large]);
            assert!(drawings.counts().bytes <= MOST_BYTES);
        }
    }
}
