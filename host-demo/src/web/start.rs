//! Starting and ending the server.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use chrono::Utc;
use dashboards::{domain::Role, store::Store};
use gadget_host::Catalog;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    runtime::{self, Handle},
    sync::watch,
    time::timeout,
};

use super::{
    Site,
    caller::SessionCookie,
    connections::{self, Limits},
    guard::Names,
    listen::{IfTaken, listen},
    room::StoreRoom,
    routes,
    session::{FirstStart, Use},
    stand_in::StandIn,
};
use crate::{
    datasource_file,
    engine::{Engine, Loopback},
    home::Home,
    program::{CommonOptions, Exit, Failure, ServeOptions, answer, signalled},
};

/// How long the demo waits for its figures before it says where they are.
const DEMO_PATIENCE: Duration = Duration::from_secs(120);
/// How long requests and work that are under way may still take at the end.
const END_PATIENCE: Duration = Duration::from_secs(3);
/// How long a deleted dashboard can be brought back.
const KEEP_DELETED: chrono::TimeDelta = chrono::TimeDelta::days(30);

/// Serves the dashboards until this process is told to end.
pub(crate) fn serve(common: &CommonOptions, options: &ServeOptions) -> Result<Exit, Failure> {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| told(&error))?;
    let served = runtime.block_on(run(common, options));
    runtime.shutdown_timeout(END_PATIENCE);
    served
}

fn told(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Other, format!("failed to serve: {error}"))
}

async fn run(common: &CommonOptions, options: &ServeOptions) -> Result<Exit, Failure> {
    let if_taken = if options.demo {
        IfTaken::TakeAnother
    } else {
        IfTaken::Fail
    };
    let names = Names::parse(options.public_url.as_deref())?;
    let listener = listen(options.listen, &names, if_taken).await?;
    let address = listener.local_addr().map_err(|error| told(&error))?;
    let stand_in = options.demo.then(StandIn::start).transpose()?;
    let home = if options.demo {
        Home::of_demonstration(common, address)?
    } else {
        Home::of(common)?
    };
    let store = home.open(&options.store).await?;
    let engine = engine(common, options, home.directory(), &store)?;
    if !address.ip().is_loopback() && !has_password(&store).await? {
        return Err(Failure::usage(format!(
            "`{address}` can be reached from other machines, and no administrator has a password yet"
        ))
        .with_remedy("Start the host on 127.0.0.1 first and give yourself a password, or use `host-demo user`."));
    }

    let (ending, is_ending) = watch::channel(false);
    let (first, secret) = first_start(&store, options).await?;
    let cookie = match options.public_url {
        Some(_) => SessionCookie::over_tls(),
        None => SessionCookie::on_loopback(address.port()),
    };
    let site = Arc::new(Site::new(engine, store.clone(), first, cookie, is_ending));
    if let Some(file) = &options.datasource {
        let datasource = datasource_file::read_content(&site.engine, file)?;
        site.take_in(datasource, &[]).await?;
    }
    tokio::spawn(Arc::clone(&site).follow());

    let over = Arc::clone(&site);
    let hosts = names.hosts(address);
    let limits = Limits::default();
    let app = routes(&site, hosts, limits);
    let serving = async move { connections::serve(listener, app, limits, over.ended()).await };
    let mut interrupted = Box::pin(signalled().map_err(|error| told(&error))?);
    let served = tokio::spawn(serving);
    let begun = begin(&site, options, stand_in.as_ref(), address, secret);
    let is_interrupted = tokio::select! {
        begun = begun => { begun?; false }
        () = &mut interrupted => true,
    };
    if !is_interrupted {
        interrupted.await;
    }
    ending.send_replace(true);
    // Work or a request that does not come to an end is left behind.
    let (served, _) = tokio::join!(
        timeout(END_PATIENCE, served),
        timeout(END_PATIENCE, site.stop_working()),
    );
    store.close().await;
    drop(stand_in);
    home.leave();
    match served {
        Ok(Ok(Err(error))) => Err(told(&error)),
        _ => Ok(Exit::Fresh),
    }
}

/// Fills what is to be filled, says where the dashboards are, and looks after the store.
async fn begin(
    site: &Arc<Site>,
    options: &ServeOptions,
    stand_in: Option<&StandIn>,
    address: SocketAddr,
    secret: Option<SecretString>,
) -> Result<(), Failure> {
    if let Some(stand_in) = stand_in {
        site.take_in(stand_in.datasource(), StandIn::SHOWN).await?;
        wait_until_filled(site).await;
    }
    let base = match &options.public_url {
        Some(public) => public.trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    };
    let path = secret.map_or_else(String::new, |secret| {
        format!("start?token={}", secret.expose_secret())
    });
    answer(&format!("dashboard at {base}/{path}\n"))?;
    site.purge().await;
    Ok(())
}

/// Waits until every tile shows something; but not for ever: somebody should see what it waits for.
async fn wait_until_filled(site: &Arc<Site>) {
    site.ask_for_all().await;
    let mut changes = site.live.changes();
    let is_filled = async {
        loop {
            let mut known = site.live.known().into_iter();
            if known.all(|key| site.live.showing(&key).has_ended_once()) {
                return;
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    };
    let _ = timeout(DEMO_PATIENCE, is_filled).await;
}

impl Site {
    /// Removes what is over for good.
    async fn purge(&self) {
        let now = Utc::now();
        let purged = async {
            self.store.purge_dashboards(now - KEEP_DELETED).await?;
            self.store.purge_sessions(now).await?;
            self.purge_reads().await
        };
        if let Err(error) = purged.await {
            tracing::warn!(%error, "what is over was not removed");
        }
    }
}

/// Returns the token of the first start, where nobody can log in yet, and its secret.
async fn first_start(
    store: &Store,
    options: &ServeOptions,
) -> Result<(FirstStart, Option<SecretString>), Failure> {
    let use_of = if options.demo {
        Use::WhileItRuns
    } else if has_password(store).await? {
        return Ok((FirstStart::closed(), None));
    } else {
        Use::Once
    };
    let (first, secret) = FirstStart::new(use_of);
    Ok((first, Some(secret)))
}

async fn has_password(store: &Store) -> Result<bool, Failure> {
    let users = store
        .users()
        .await
        .map_err(|error| Failure::new(Exit::Other, format!("failed to read the users: {error}")))?;
    let mut administrators = users.iter().filter(|user| user.role == Role::Administrator);
    Ok(administrators.any(|user| user.password.is_some()))
}

fn engine(
    common: &CommonOptions,
    options: &ServeOptions,
    room: &Path,
    store: &Store,
) -> Result<Engine, Failure> {
    let loopback = if options.demo {
        Loopback::Allowed
    } else {
        Loopback::AsOptionsSay
    };
    let catalog: Catalog = common.catalog(room)?;
    let stores = Arc::new(StoreRoom::new(store.clone(), Handle::current()));
    Engine::with_stores(common, catalog, Arc::clone(&stores) as _, stores, loopback)
}
