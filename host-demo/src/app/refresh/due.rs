//! When the data of a tile is read again without anybody asking for it.

use chrono::{DateTime, TimeDelta, Utc};
use dashboards::domain::{RefreshMinutes, Tile};
use gadget_api::{ErrorKind, View};

use crate::app::tile_states::TileStatus;

/// Data that is younger is not asked for again by itself; the source changes a few times a day.
const FRESH_FOR: TimeDelta = TimeDelta::minutes(5);

/// Tells whether the source may be tried again without anybody asking for it.
///
/// An account that is refused again and again may be locked, so that it is left alone until the
/// datasource is changed.
pub(super) fn may_try(status: &TileStatus, now: DateTime<Utc>) -> bool {
    if status.failed == Some(ErrorKind::Credentials) {
        return false;
    }
    status
        .tried_at
        .is_none_or(|at| now.signed_duration_since(at) >= FRESH_FOR)
}

/// Tells whether a tile shows less than it could without anybody asking for it.
///
/// A new day is shown by every tile; what is stored is enough for that.
pub(super) fn is_behind(tile: &Tile, status: &TileStatus, now: DateTime<Utc>) -> bool {
    if status.is_busy {
        return false;
    }
    let Some(view) = &status.view else {
        return tile.refresh.is_some() && may_try(status, now);
    };
    let is_of_today =
        status.settings.as_ref() == Some(&tile.settings) && status.day == Some(now.date_naive());
    !is_of_today || is_due(tile, view, status, now)
}

/// Tells whether what a tile shows is older than the tile allows.
pub(super) fn is_due(tile: &Tile, view: &View, status: &TileStatus, now: DateTime<Utc>) -> bool {
    let Some(refresh) = tile.refresh else {
        return false;
    };
    if !may_try(status, now) {
        return false;
    }
    match age(view, now) {
        Some(age) => age >= allowed_age(refresh),
        None => !view.sources.is_empty(),
    }
}

/// Tells whether newer data should have been there for a while, so that what is shown is stale.
///
/// A refresh that runs when it is due does not make a view stale while it takes its time.
pub(super) fn is_overdue(tile: &Tile, view: &View, now: DateTime<Utc>) -> bool {
    let (Some(refresh), Some(age)) = (tile.refresh, age(view, now)) else {
        return false;
    };
    age >= allowed_age(refresh) + FRESH_FOR
}

/// Returns how old the newest data of a view is.
fn age(view: &View, now: DateTime<Utc>) -> Option<TimeDelta> {
    let times = view
        .sources
        .iter()
        .filter_map(|source| DateTime::parse_from_rfc3339(source.as_of.as_deref()?).ok());
    Some(now.signed_duration_since(times.max()?))
}

fn allowed_age(refresh: RefreshMinutes) -> TimeDelta {
    TimeDelta::minutes(refresh.minutes().into()).max(FRESH_FOR)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dashboards::domain::TileId;
    use gadget_api::{Source, SourceState, TileSize, Version};

    use super::*;
    use crate::app::{refresh::not_yet, stale::marked_stale};

    #[test]
    fn a_tile_is_due_when_its_data_is_older_than_it_allows() {
        let now = "2026-11-20T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let id = TileId::parse("t").unwrap();
        let mut tile = Tile::new(id, "g", Version::new(1, 0, 0), TileSize::M);
        let view = |as_of: &[&str]| {
            let mut view = View::new("t");
            view.sources = as_of
                .iter()
                .map(|as_of| Source::new("s", "S", SourceState::Fresh).with_as_of(*as_of))
                .collect();
            view
        };
        for (refresh, as_of, expected) in [
            (None, &["2026-11-01T00:00:00Z"][..], false),
            (Some(60), &["2026-11-20T11:30:00Z"], false),
            (Some(60), &["2026-11-20T11:00:00Z"], true),
            (Some(60), &["2026-11-15", "2026-11-20T11:30:00Z"], false),
            (Some(60), &["2026-11-15"], true),
            (Some(60), &[], false),
            (Some(5), &["2026-11-20T11:56:00Z"], false),
        ] {
            tile.refresh = refresh.map(|minutes| RefreshMinutes::new(minutes).unwrap());
            let due = is_due(&tile, &view(as_of), &TileStatus::default(), now);
            assert_eq!(due, expected, "{as_of:?}");
        }
        let old = view(&["2026-11-20T09:00:00Z"]);
        for (failed, minutes_ago, expected) in [
            (Some(ErrorKind::Network), 4, false),
            (Some(ErrorKind::Network), 6, true),
            (Some(ErrorKind::Credentials), 600, false),
        ] {
            let status = TileStatus {
                failed,
                tried_at: Some(now - TimeDelta::minutes(minutes_ago)),
                ..TileStatus::default()
            };
            assert_eq!(is_due(&tile, &old, &status, now), expected, "{failed:?}");
        }
    }

    #[test]
    fn data_that_should_have_been_replaced_a_while_ago_is_shown_as_stale_during_a_refresh() {
        let now = "2026-11-20T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let id = TileId::parse("t").unwrap();
        let mut tile = Tile::new(id, "g", Version::new(1, 0, 0), TileSize::M);
        for (refresh, as_of, expected) in [
            (None, "2026-11-01T00:00:00Z", false),
            (Some(60), "2026-11-20T11:00:00Z", false),
            (Some(60), "2026-11-20T10:56:00Z", false),
            (Some(60), "2026-11-20T10:55:00Z", true),
            (Some(5), "2026-11-20T11:51:00Z", false),
            (Some(5), "2026-11-20T11:49:00Z", true),
        ] {
            tile.refresh = refresh.map(|minutes| RefreshMinutes::new(minutes).unwrap());
            let mut view = View::new("t");
            view.sources = vec![Source::new("s", "S", SourceState::Fresh).with_as_of(as_of)];
            assert_eq!(is_overdue(&tile, &view, now), expected, "{as_of}");
            let marked = marked_stale(view, &not_yet());
            assert_eq!(marked.sources[0].state, SourceState::Stale);
        }
    }

    #[test]
    fn every_tile_is_behind_on_a_new_day_and_else_only_one_that_refreshes_by_itself() {
        let now = "2026-11-20T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let yesterday = now.date_naive().pred_opt();
        let id = TileId::parse("t").unwrap();
        let mut tile = Tile::new(id, "g", Version::new(1, 0, 0), TileSize::M);
        let source = Source::new("s", "S", SourceState::Fresh).with_as_of("2026-11-20T06:00:00Z");
        let mut view = View::new("t");
        view.sources = vec![source];
        let view = Some(Arc::new(view));
        let today = Some(now.date_naive());
        for (refresh, view, day, expected) in [
            (None, &view, today, false),
            (None, &view, yesterday, true),
            (None, &None, None, false),
            (Some(60), &view, today, true),
            (Some(1440), &view, today, false),
            (Some(1440), &view, yesterday, true),
            (Some(1440), &None, None, true),
        ] {
            tile.refresh = refresh.map(|minutes| RefreshMinutes::new(minutes).unwrap());
            let mut status = TileStatus {
                view: view.clone(),
                day,
                settings: Some(tile.settings.clone()),
                ..TileStatus::default()
            };
            assert_eq!(
                is_behind(&tile, &status, now),
                expected,
                "{refresh:?} {day:?}"
            );
            status.is_busy = true;
            assert!(!is_behind(&tile, &status, now));
        }
    }
}
