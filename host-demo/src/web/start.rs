//! Starting and ending the server.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use dashboards::store::{Store, StoreError};
use secrecy::{ExposeSecret, SecretString};
use tokio::{net::TcpListener, runtime, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    WebState,
    client::TrustedProxies,
    connections::{self, Limits},
    credentials::SessionCookie,
    guard::Names,
    listen::{IfTaken, listen},
    measured, routes,
};
use crate::app::{
    App, AsyncBridge, Content, DataDirectory, DatabaseBlobStore, Engine, Failure, FailureKind,
    ServerOptions, SetupToken, StandIn, TemplateAnswers, Validity, datasource_file, has_password,
    raise_file_limit, signalled,
};

/// How long the demo waits for its figures before it says where they are.
const DEMO_PATIENCE: Duration = Duration::from_secs(120);
/// How long requests and work that are under way may still take at the end.
const END_PATIENCE: Duration = Duration::from_secs(3);
/// How many connections read the measurements at once.
const METRICS_CONNECTIONS: usize = 16;

/// Serves the dashboards until this process is told to end.
pub(crate) fn serve(options: &ServerOptions) -> Result<(), Failure> {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| told(&error))?;
    let served = runtime.block_on(run(options, raise_file_limit()));
    runtime.shutdown_timeout(END_PATIENCE);
    served
}

fn told(error: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Other, format!("failed to serve: {error}"))
}

async fn run(options: &ServerOptions, files: u64) -> Result<(), Failure> {
    let is_demonstration = options.content == Content::Demonstration;
    let if_taken = if is_demonstration {
        IfTaken::TakeAnother
    } else {
        IfTaken::Fail
    };
    let names = Names::parse(options.public_url.as_deref())?;
    let listener = listen(options.listen, &names, if_taken).await?;
    let address = listener.local_addr().map_err(|error| told(&error))?;
    let stand_in = is_demonstration.then(StandIn::start).transpose()?;
    let directory = if is_demonstration {
        DataDirectory::of_demonstration(&options.data, address)?
    } else {
        DataDirectory::below(&options.data)?
    };
    let store = directory.open(options.database.as_deref()).await?;
    let engine = engine(options, directory.path(), &store);
    if !address.ip().is_loopback() && !has_password(&store).await.map_err(unread)? {
        return Err(Failure::usage(format!(
            "`{address}` can be reached from other machines, and no administrator has a password yet"
        ))
        .with_remedy("Start the host on 127.0.0.1 first and set your password, or use `host-demo user`."));
    }

    let (setup, secret) = setup_token(&store, options).await?;
    let cookies = match options.public_url {
        Some(_) => SessionCookie::over_tls(),
        None => SessionCookie::on_loopback(address.port()),
    };
    let shutdown = CancellationToken::new();
    let app = Arc::new(App::new(engine, store.clone(), setup, shutdown.clone()));
    if let Some(file) = &options.datasource {
        let datasource = datasource_file::read_content(&app.engine, file)?;
        app.take_in(datasource, TemplateAnswers::new()).await?;
    }
    tokio::spawn(Arc::clone(&app.refresher).follow());

    let hosts = names.hosts(address);
    let limits = Limits::with_files(files);
    let proxies = proxies(options);
    if let Some(address) = options.metrics {
        serve_metrics(&app, address).await?;
    }
    let state = WebState {
        app: Arc::clone(&app),
        cookies,
    };
    let router = routes(&state, hosts, limits);
    let serving = async move {
        let ended = shutdown.cancelled_owned();
        connections::serve(listener, router, limits, proxies, ended).await
    };
    let mut interrupted = Box::pin(signalled().map_err(|error| told(&error))?);
    let served = tokio::spawn(serving);
    let begun = begin(&app, options, stand_in.as_ref(), address, secret);
    let is_interrupted = tokio::select! {
        begun = begun => { begun?; false }
        () = &mut interrupted => true,
    };
    if !is_interrupted {
        interrupted.await;
    }
    app.shutdown.cancel();
    // Work or a request that does not come to an end is left behind.
    let (served, _) = tokio::join!(
        timeout(END_PATIENCE, served),
        timeout(END_PATIENCE, app.refresher.stop()),
    );
    store.close().await;
    drop(stand_in);
    directory.remove_if_temporary();
    match served {
        Ok(Ok(Err(error))) => Err(told(&error)),
        _ => Ok(()),
    }
}

/// Serves the measurements on an address of their own, until the host ends.
async fn serve_metrics(app: &Arc<App>, address: SocketAddr) -> Result<(), Failure> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        let message = format!("failed to listen on `{address}` for measurements: {error}");
        Failure::new(FailureKind::Other, message)
            .with_remedy("Choose a free port with `--metrics`.")
    })?;
    let router = measured::routes(Arc::clone(app));
    let ended = app.shutdown.clone().cancelled_owned();
    let limits = Limits {
        connections: METRICS_CONNECTIONS,
        ..Limits::default()
    };
    let proxies = TrustedProxies::default();
    tokio::spawn(async move { connections::serve(listener, router, limits, proxies, ended).await });
    Ok(())
}

/// Fills what is to be filled, says where the dashboards are, and looks after the store.
async fn begin(
    app: &Arc<App>,
    options: &ServerOptions,
    stand_in: Option<&StandIn>,
    address: SocketAddr,
    secret: Option<SecretString>,
) -> Result<(), Failure> {
    if let Some(stand_in) = stand_in {
        app.take_in(stand_in.datasource(), stand_in.answers())
            .await?;
        // Not for ever: somebody should see what it waits for.
        let _ = timeout(DEMO_PATIENCE, app.wait_until_filled()).await;
    }
    let base = match &options.public_url {
        Some(public) => public.trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    };
    let path = secret.map_or_else(String::new, |secret| {
        format!("start?token={}", secret.expose_secret())
    });
    (options.announce)(&format!("dashboard at {base}/{path}\n"))?;
    app.purge().await;
    Ok(())
}

fn proxies(options: &ServerOptions) -> TrustedProxies {
    if options.public_url.is_some() && options.trusted_proxies.is_empty() {
        tracing::warn!(
            "no `--trusted-proxy` is named: whoever guesses passwords through the proxy slows down sign-in for everybody"
        );
    }
    TrustedProxies::new(&options.trusted_proxies)
}

/// Returns the setup token, where nobody can log in yet, and its secret.
async fn setup_token(
    store: &Store,
    options: &ServerOptions,
) -> Result<(SetupToken, Option<SecretString>), Failure> {
    let validity = if options.content == Content::Demonstration {
        Validity::WhileRunning
    } else if has_password(store).await.map_err(unread)? {
        return Ok((SetupToken::closed(), None));
    } else {
        Validity::Once
    };
    let (setup, secret) = SetupToken::new(validity);
    Ok((setup, Some(secret)))
}

fn unread(error: StoreError) -> Failure {
    Failure::new(
        FailureKind::Other,
        format!("failed to read the users: {error}"),
    )
}

fn engine(options: &ServerOptions, directory: &Path, store: &Store) -> Engine {
    let origins = options.gadgets.origins.clone();
    let origins = match options.content {
        // The sample data comes from this machine.
        Content::Demonstration => origins.with_insecure_loopback(),
        Content::Kept => origins,
    };
    let catalog = options.gadgets.catalog(directory);
    let stores = Arc::new(DatabaseBlobStore::new(
        store.clone(),
        AsyncBridge::current(),
    ));
    Engine::with_stores(catalog, Arc::clone(&stores) as _, stores, origins)
}
