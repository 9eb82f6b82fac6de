//! Starting and ending the server.

use std::{
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use gadget_host::{Cancellation, Datasource};
use tokio::{net::TcpListener, runtime, sync::watch, time::timeout};

use super::{
    Site,
    board::{Board, Content, Tile},
    guard::Hosts,
    listen::{IfTaken, listen},
    refresher, routes,
    stand_in::StandIn,
};
use crate::{
    cli::{CommonOptions, Exit, Failure, ServeOptions, signalled},
    datasource_file,
    engine::{Engine, Loopback},
};

/// How long the demo waits for its figures before it says where they are.
const DEMO_PATIENCE: Duration = Duration::from_secs(120);
/// How long requests that are under way may still take at the end.
const END_PATIENCE: Duration = Duration::from_secs(3);

/// Serves the dashboard until this process is told to end.
pub(crate) fn serve(common: &CommonOptions, options: &ServeOptions) -> Result<Exit, Failure> {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(Exit::Other, format!("failed to start the server: {error}"))
        })?;
    let if_taken = if options.demo {
        IfTaken::TakeAnother
    } else {
        IfTaken::Fail
    };
    let listener = runtime.block_on(listen(options.listen, if_taken))?;
    let stand_in = options.demo.then(StandIn::start).transpose()?;
    let loopback = if options.demo {
        Loopback::Allowed
    } else {
        Loopback::AsOptionsSay
    };
    let engine = Engine::start(common, "serve", loopback)?;
    let datasource = datasource(&engine, options, stand_in.as_ref())?;

    let (ending, is_ending) = watch::channel(false);
    let (wake_up, wake_ups) = mpsc::sync_channel(1);
    let content = if datasource.is_some() {
        Content::Filling
    } else {
        Content::Empty
    };
    let site = Arc::new(Site {
        engine,
        board: Board::new(content),
        datasource,
        preferred: if options.demo { StandIn::SHOWN } else { &[] },
        ending: is_ending,
        cancellation: Cancellation::new(),
        wake_up,
    });
    let refresher = refresher(&site, wake_ups)?;
    let served = runtime.block_on(run(&site, listener, &ending, options));
    site.cancellation.cancel();
    runtime.shutdown_timeout(END_PATIENCE);
    if let Some(refresher) = refresher.filter(|refresher| refresher.is_finished()) {
        // A refresher that panicked has shown so on the page.
        let _ = refresher.join();
    }
    drop(stand_in);
    served
}

/// The datasource of the whole dashboard: the stand-in, or the one that was named.
fn datasource(
    engine: &Engine,
    options: &ServeOptions,
    stand_in: Option<&StandIn>,
) -> Result<Option<Arc<Datasource>>, Failure> {
    let datasource = match (stand_in, &options.datasource) {
        (Some(stand_in), _) => {
            datasource_file::datasource(engine, "sample", stand_in.settings(), None)?
        }
        (None, Some(path)) => datasource_file::read_datasource(engine, path)?,
        (None, None) => return Ok(None),
    };
    Ok(Some(Arc::new(datasource)))
}

fn refresher(
    site: &Arc<Site>,
    wake_ups: mpsc::Receiver<()>,
) -> Result<Option<JoinHandle<()>>, Failure> {
    let Some(datasource) = site.datasource.clone() else {
        return Ok(None);
    };
    let site = Arc::clone(site);
    thread::Builder::new()
        .name("refresher".to_owned())
        .spawn(move || refresher::run(&site, &datasource, &wake_ups))
        .map(Some)
        .map_err(|error| {
            Failure::new(
                Exit::Other,
                format!("failed to start the refresher: {error}"),
            )
        })
}

async fn run(
    site: &Arc<Site>,
    listener: TcpListener,
    ending: &watch::Sender<bool>,
    options: &ServeOptions,
) -> Result<Exit, Failure> {
    let told =
        |error: std::io::Error| Failure::new(Exit::Other, format!("failed to serve: {error}"));
    let address = listener.local_addr().map_err(told)?;
    let interrupted = signalled().map_err(told)?;
    let mut is_ending = site.ending.clone();
    let serving = axum::serve(listener, routes(Arc::clone(site), Hosts::of(address)))
        .with_graceful_shutdown(
            async move { drop(is_ending.wait_for(|is_ending| *is_ending).await) },
        );
    let served = tokio::spawn(async move { serving.await });
    tokio::pin!(interrupted);
    let announced = announce(site, address, options);
    let is_interrupted = tokio::select! {
        announced = announced => { announced?; false }
        () = &mut interrupted => true,
    };
    if !is_interrupted {
        interrupted.await;
    }
    site.cancellation.cancel();
    ending.send_replace(true);
    match timeout(END_PATIENCE, served).await {
        Ok(Ok(Err(error))) => Err(told(error)),
        // A request that does not come to an end is left behind.
        _ => Ok(Exit::Fresh),
    }
}

/// Says where the dashboard is; the demo waits until there is something to see.
async fn announce(site: &Site, address: SocketAddr, options: &ServeOptions) -> Result<(), Failure> {
    if options.demo {
        let mut changes = site.board.changes();
        let is_filled = async {
            while !is_ready(site) {
                if changes.changed().await.is_err() {
                    break;
                }
            }
        };
        // After that long somebody should see what it waits for.
        let _ = timeout(DEMO_PATIENCE, is_filled).await;
    }
    crate::cli::answer(&format!("dashboard at http://{address}/\n"))
}

fn is_ready(site: &Site) -> bool {
    let now = site.board.snapshot();
    match now.content {
        Content::Filled => now.tiles.iter().all(Tile::has_ended_once),
        Content::Failed(_) | Content::Empty => true,
        Content::Filling => false,
    }
}
