//! Views of a library that uses the ids of the users gadgets with other meanings: each of its labels,
//! numbers and columns is shown, and nothing that it did not ask for.

use std::{
    process::Output,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use workspace_tests::{Host, library, running_host::RunningHost};

/// What the view of the gadget with charts says besides its tables.
const OF_CHARTS: [&str; 20] = [
    "Parcels found again",
    "41",
    "more than at the last stocktaking",
    "Height climbed",
    "1,234",
    "Fishing nets",
    "Chairs taken",
    "Post of the desk",
    "Letters in",
    "+133",
    "Letters out",
    "−37",
    "Open drawers",
    "814",
    "Locked drawers",
    "196",
    "The pile of the week",
    "Monday&#39;s pile",
    "Found behind the desk",
    "Given away",
];

/// The labels of the longest table; the others have the first of them.
const LABELS: [&str; 12] = [
    "Shelf",
    "Apples",
    "Doors",
    "Locks",
    "Climbed",
    "Found",
    "Nets",
    "Chairs",
    "Lamps",
    "Low tables",
    "Coins",
    "Plates",
];

/// Returns the captions and the cells of the tables of 1, 2, 7 and 12 columns.
fn of_tables() -> Vec<String> {
    let mut parts = [
        "One column",
        "Two columns",
        "Seven columns",
        "Twelve columns",
    ]
    .map(str::to_owned)
    .to_vec();
    parts.extend(LABELS.map(str::to_owned));
    for count in [1_i32, 2, 7, 12] {
        parts.push(format!("Shelf of {count}"));
        parts.extend((count > 1).then(|| format!("Apples of {count}")));
        // A thousand has a comma for people.
        let number = |place: i32| match count * 100 + place {
            number if number < 1_000 => number.to_string(),
            number => format!("1,{:03}", number - 1_000),
        };
        parts.extend((2..count).map(number));
    }
    parts
}

/// What a host that knows the ids of other gadgets would write.
const NOT_ASKED_FOR: [&str; 12] = [
    "−41",
    "+41",
    "+1,234",
    "+17",
    "gained and lost",
    "Opening",
    "Closing",
    "Net<",
    "in a week",
    "license",
    "−705",
    "+704",
];

fn assert_all(shown: &str, parts: impl IntoIterator<Item = impl AsRef<str>>, what: &str) {
    for part in parts {
        let part = part.as_ref();
        let is_shown = shown.contains(part) || shown.contains(&part.replace("&#39;", "'"));
        assert!(is_shown, "{what} does not show `{part}`: {shown}");
    }
    for word in NOT_ASKED_FOR {
        assert!(!shown.contains(word), "{what} shows `{word}`: {shown}");
    }
}

fn rendered(host: &Host, gadget: &str, more: &[&str]) -> Vec<u8> {
    let settings = host.file("settings.json", &json!({}));
    let mut command = host.command(&["render", gadget]);
    command.arg("--settings").arg(settings).args(more);
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the host can be started");
    let said = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{gadget} {more:?}: {said}");
    stdout
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("it is text")
}

/// Returns a drawing without its embedded font.
fn without_font(svg: &str) -> String {
    let mut parts = svg.split("base64,");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept += part.split_once(')').map_or("", |(_, rest)| rest);
    }
    kept
}

#[test]
fn a_view_with_charts_is_rendered_under_its_own_labels_in_each_format() {
    let library = library("same-words-gadget", &[]);
    let host = Host::new(library.directory());
    for format in ["svg", "text"] {
        let shown = text_of(rendered(&host, "tickets", &["--format", format]));
        let shown = without_font(&shown);
        assert_all(&shown, OF_CHARTS, format);
        assert_all(&shown, of_tables(), format);
        assert!(shown.contains("in two vans"), "{format}: {shown}");
        assert!(shown.contains("Two desks are closed"), "{format}: {shown}");
    }
    let svg = text_of(rendered(&host, "tickets", &["--format", "svg"]));
    assert!(svg.contains("Drawers on Friday"), "{svg}");
    let png = rendered(&host, "tickets", &["--format", "png"]);
    assert!(png.starts_with(b"\x89PNG"));
}

#[test]
fn a_view_of_tables_alone_is_rendered_with_all_of_them() {
    let library = library("same-words-gadget", &[]);
    let host = Host::new(library.directory());
    for format in ["svg", "text"] {
        let shown = text_of(rendered(&host, "tables", &["--format", format]));
        assert_all(&without_font(&shown), of_tables(), format);
    }
    // The picture with the tables is higher than one that leaves them out.
    let png = rendered(&host, "tables", &["--format", "png"]);
    let height = u32::from_be_bytes(png[20..24].try_into().expect("a header has four bytes"));
    assert!(height > 700, "{height}");
}

#[test]
fn each_table_is_a_csv_file_and_without_a_name_the_first_one() {
    let library = library("same-words-gadget", &[]);
    let host = Host::new(library.directory());
    for (more, lines) in [
        (&[][..], "name\r\nShelf of 1\r\n"),
        (&["--table", "apps"], "name\r\nShelf of 1\r\n"),
        (
            &["--table", "by_hosting"],
            "name,app\r\nShelf of 2,Apples of 2\r\n",
        ),
        (
            &["--table", "details"],
            "name,app,opening,closing,gained,lost,net\r\nShelf of 7,Apples of 7,702,703,704,705,706\r\n",
        ),
        (
            &["--table", "excluded"],
            "name,app,opening,closing,gained,lost,net,users_now,users_week_ago,users_now_low,change,licenses\r\n\
             Shelf of 12,Apples of 12,1202,1203,1204,1205,1206,1207,1208,1209,1210,1211\r\n",
        ),
    ] {
        let more = [&["--format", "csv"], more].concat();
        let csv = text_of(rendered(&host, "tickets", &more));
        assert_eq!(csv, lines, "{more:?}");
    }
}

/// Adds a gadget to a dashboard and returns the page's drawing of it.
fn served(host: &RunningHost, gadget: &str, size: &str) -> String {
    let made = host
        .call("POST", "/api/dashboards", &json!({"title": gadget}))
        .json();
    let path = format!(
        "/api/dashboards/{}",
        made["id"].as_str().unwrap_or_default()
    );
    let change = json!({"kind": "add_tile", "gadget": gadget, "size": size});
    let body = json!({"revision": 0, "change": change});
    let added = host.call("POST", &format!("{path}/changes"), &body).json();
    let tile = added["tile"].as_str().expect("it has a tile").to_owned();
    let save = json!({"revision": added["revision"], "settings": {}});
    let saved = host.call("POST", &format!("{path}/tiles/{tile}/settings"), &save);
    assert_eq!(saved.status, 200, "{saved:?}");
    let begin = Instant::now();
    loop {
        let drawn = host.get(&format!("{path}/tiles/{tile}/tile.html")).body;
        if drawn.contains("Twelve columns") {
            return drawn;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "the gadget shows nothing: {drawn}"
        );
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_page_shows_the_views_under_their_own_labels() {
    let library = library("same-words-gadget", &[]);
    let host = Host::new(library.directory());
    let mut serve = host.command(&["serve", "--listen", "127.0.0.1:0"]);
    let host = RunningHost::start(&mut serve);
    for size in ["M", "XL"] {
        let tile = served(&host, "tickets", size);
        assert_all(&tile, OF_CHARTS, size);
        assert_all(&tile, of_tables(), size);
        assert!(tile.contains("Drawers on Friday"), "{tile}");
        assert!(tile.contains("Left on the desk"), "{tile}");
        // The view has no rows behind any of its parts.
        assert!(!tile.contains("/details?"), "{tile}");
        let tables = served(&host, "tables", size);
        assert_all(&tables, of_tables(), size);
        // The tables are to be seen, not only among the data.
        let (seen, _) = tables.split_once("<details").expect("it has its data");
        assert!(seen.contains("Twelve columns"), "{seen}");
    }
}
