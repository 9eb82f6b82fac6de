//! A host with more to do than it can, and what it says of that.

use std::{
    future::{Future as _, poll_fn},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use axum::{Router, body::Body, extract::Request, http::StatusCode, middleware, routing::get};
use dashboards::domain::{DashboardId, Role, TileId};
use serde_json::json;
use tokio::{runtime::Runtime, sync::Semaphore};
use tower::ServiceExt;

use super::bed::{Server, status};
use crate::{
    app::{Metrics, SetupToken, TilePhase},
    web::{
        admission::{Admission, Load, admit},
        connections::Limits,
    },
};

#[test]
fn a_host_without_room_refuses_requests_but_is_healthy() {
    let load = Load {
        requests: 0,
        waiting: 0,
        ..Load::default()
    };
    let limits = Limits {
        load,
        ..Limits::default()
    };
    let server = Server::start_with(SetupToken::closed(), limits);
    for path in ["/dashboards", "/login", "/assets/app.js", "/api/dashboards"] {
        let answer = server.get(path);
        assert_eq!(status(&answer), 503, "{path}: {answer}");
        assert!(answer.contains("retry-after: 2"), "{answer}");
        assert!(answer.contains("cache-control: no-store"), "{answer}");
    }
    for _ in 0..3 {
        assert_eq!(status(&server.get("/health")), 200);
    }
    // What has a body takes no place before it is there, and who is not let in sends none.
    for (cookie, expected) in [("", 401), (server.cookie.as_str(), 503)] {
        let refused = server.ask(cookie, "POST /api/dashboards", &json!({"title": "New"}));
        assert_eq!(status(&refused), expected, "{refused}");
    }
}

#[test]
fn requests_wait_for_their_turn_and_only_so_many_and_so_long() {
    let runtime = Runtime::new().unwrap();
    let load = Load {
        requests: 2,
        waiting: 3,
        patience: Duration::from_secs(3600),
    };
    let ends = Arc::new(Semaphore::new(0));
    let handler = {
        let ends = Arc::clone(&ends);
        move || async move {
            ends.acquire_owned().await.unwrap().forget();
            "done"
        }
    };
    let app = |load: Load| {
        let admission = Admission::new(load, Arc::new(Metrics::new()));
        Router::new()
            .route("/", get(handler.clone()))
            .route_layer(middleware::from_fn_with_state(admission, admit))
    };
    runtime.block_on(async {
        let router = app(load);
        let ask = || {
            let request = Request::builder().uri("/").body(Body::empty()).unwrap();
            Box::pin(router.clone().oneshot(request))
        };
        let mut held: Vec<_> = (0..5).map(|_| ask()).collect();
        for each in &mut held {
            let polled = poll_fn(|context| Poll::Ready(each.as_mut().poll(context).is_pending()));
            assert!(polled.await);
        }
        let refused = ask().await.unwrap();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        ends.add_permits(5);
        for each in held {
            assert_eq!(each.await.unwrap().status(), StatusCode::OK);
        }
        // There is room again, and who gave up waiting left it.
        ends.add_permits(1);
        assert_eq!(ask().await.unwrap().status(), StatusCode::OK);

        let impatient = Load {
            requests: 0,
            patience: Duration::ZERO,
            ..load
        };
        let request = Request::builder().uri("/").body(Body::empty()).unwrap();
        let refused = app(impatient).oneshot(request).await.unwrap();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    });
}

#[test]
fn measurements_name_endpoints_and_never_what_was_asked_for() {
    let server = Server::filled();
    for path in [
        "/d/d1",
        "/d/d1",
        "/d/none",
        "/api/dashboards/d1/tiles/t1/tile.html",
        "/secret-path",
    ] {
        server.get(path);
    }
    let app = &server.app;
    let metrics = app.engine.metrics();
    let text = metrics.text(&app.engine, app.drawings.counts()).unwrap();
    for line in [
        r#"gadgets_http_requests_total{method="GET",endpoint="/d/{dashboard}",status="200"} 2"#,
        r#"gadgets_http_requests_total{method="GET",endpoint="/d/{dashboard}",status="404"} 1"#,
        r#"gadgets_http_request_seconds_count{endpoint="/d/{dashboard}"} 3"#,
        "gadgets_drawings_made_total 2",
        "gadgets_drawings_found_total 1",
        "gadgets_http_requests_waiting 0",
        "gadgets_event_streams 0",
        "# EOF",
    ] {
        assert!(text.contains(line), "no {line} in {text}");
    }
    for part in ["d1", "none", "secret", "Board"] {
        assert!(!text.contains(part), "{part} in {text}");
    }
    #[cfg(target_os = "linux")]
    assert!(text.contains("gadgets_process_resident_memory_bytes"));
    // The public address does not have them.
    assert_eq!(status(&server.get("/metrics")), 404);
}

#[test]
fn a_stream_tells_only_of_its_own_dashboard_and_ends_with_the_right_to_look() {
    let server = Server::filled();
    let (ann, cookie) = server.user("ann", Role::Viewer);
    let request = format!(
        "GET /api/dashboards/d1/events HTTP/1.1\nHOST\nCookie: {cookie}\nConnection: close\n\n"
    );
    let change = |dashboard: &str, state: TilePhase| {
        let dashboard = DashboardId::parse(dashboard).unwrap();
        let key = (dashboard, TileId::parse("t1").unwrap());
        server
            .app
            .states
            .change(&key, |status| status.state = state);
    };
    let answer = server.send_then(&request, r#"data: {"t1":1,"t2":1,"whole":0}"#, || {
        change("other", TilePhase::Done);
        change("d1", TilePhase::Refreshing(None));
        let store = &server.app.store;
        server.wait(store.delete_user(&ann.id)).unwrap();
        server.app.states.wake();
    });
    let told = answer.matches("event: tiles").count();
    assert!(!answer.contains("other"), "{answer}");
    assert_eq!(
        told, 1,
        "what changed as the right ended is not told: {answer}"
    );
}
