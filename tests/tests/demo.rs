//! The demonstration: what its stand-in describes is what the host shows.

use marketplace_sim::{Options, Sim};
use serde_json::Value;
use workspace_tests::demo::Demo;

#[test]
fn the_demonstration_shows_the_datasource_and_the_apps_that_its_stand_in_describes() {
    let described = Sim::start(Options::new()).unwrap().describe();
    let demo = Demo::start();

    let (_, datasources) = demo.json("GET", "/api/datasources", &Value::Null);
    let datasource = &datasources[0];
    assert_eq!(datasource["name"], described["name"]);
    assert_eq!(datasource["kind"], described["datasource"]["kind"]);
    for field in ["vendors", "email"] {
        let shown = &datasource["settings"][field];
        assert_eq!(shown, &described["datasource"][field], "{field}");
    }

    let path = demo.dashboard().replace("/d/", "/api/dashboards/");
    let (_, dashboard) = demo.json("GET", &path, &Value::Null);
    let tiles = dashboard["tiles"].as_array().unwrap();
    let apps: Vec<&Value> = tiles
        .iter()
        .filter_map(|tile| tile["settings"].get("app"))
        .collect();
    let described: Vec<&Value> = described["answers"]["app"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(apps, described);
}
