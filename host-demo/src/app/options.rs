//! What a host is started with, whoever read it from where.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use gadget_host::{Catalog, LoadOptions, OriginPolicy, TrustPolicy};
use ipnet::IpNet;

use super::Failure;

/// Which gadget libraries are loaded, and which datasources they may reach.
#[derive(Clone, Debug)]
pub(crate) struct GadgetOptions {
    pub(crate) directories: Vec<PathBuf>,
    pub(crate) trust: TrustPolicy,
    pub(crate) origins: OriginPolicy,
}

impl GadgetOptions {
    /// Loads the libraries; their private copies go below `directory`.
    pub(crate) fn catalog(&self, directory: &Path) -> Catalog {
        Catalog::load(&self.directories, &self.load_options(directory))
    }

    pub(crate) fn load_options(&self, directory: &Path) -> LoadOptions {
        LoadOptions::new(self.trust.clone(), directory.join("libraries"))
    }
}

/// How dashboards are served.
#[derive(Clone, Debug)]
pub(crate) struct ServerOptions {
    pub(crate) gadgets: GadgetOptions,
    /// The data directory.
    pub(crate) data: PathBuf,
    /// The database, unless it is the file in the data directory.
    pub(crate) database: Option<String>,
    pub(crate) listen: SocketAddr,
    /// Where measurements are served, if anywhere.
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) public_url: Option<String>,
    /// The proxies that are believed when they say whom a request comes from.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// A datasource file to take in.
    pub(crate) datasource: Option<PathBuf>,
    pub(crate) content: Content,
    /// Tells where the dashboards are once they are served.
    pub(crate) announce: fn(&str) -> Result<(), Failure>,
}

/// What the dashboards show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Content {
    /// What people keep there.
    Kept,
    /// Sample data, for as long as the process runs.
    Demonstration,
}
