//! The words of the command line. Every option has an environment variable.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum, builder::FalseyValueParser, value_parser};
use ipnet::{AddrParseError, IpNet};

/// A dashboard host that loads gadget libraries.
#[derive(Debug, Parser)]
#[command(name = "host-demo", version, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) common: CommonOptions,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serves the dashboards (the default command)
    Serve(ServeOptions),
    /// Lists loaded libraries and gadgets, and why others were refused
    Gadgets,
    /// Prints the JSON Schema of a gadget's settings, of views or of manifests
    Schema(SchemaOptions),
    /// Refreshes and prints one gadget without a server
    Render(RenderOptions),
    /// Checks whether a library loads and conforms to the contract
    Check(CheckOptions),
    /// Backs up the database to a file, even while a host is using it
    Backup(BackupOptions),
    /// Replaces the database with a backup; stop the host first
    Restore(RestoreOptions),
    /// Creates the database or migrates its schema
    Migrate(MigrateOptions),
    /// Encrypts the secrets of datasources with a new key; stop the host first
    RotateKey(RotateKeyOptions),
    /// Manages users
    User(UserOptions),
    /// Prints the OpenAPI document of the HTTP API
    Openapi,
}

impl Command {
    /// Tells whether the command runs gadgets and then ends.
    pub(super) fn runs_gadgets_once(&self) -> bool {
        matches!(
            self,
            Self::Gadgets | Self::Schema(_) | Self::Render(_) | Self::Check(_)
        )
    }
}

/// Where dashboards are kept.
#[derive(Args, Clone, Debug)]
pub(super) struct StoreOptions {
    /// The database: `sqlite:PATH` or `postgres://USER@HOST/NAME` [default: a file in the data directory]
    #[arg(
        long,
        value_name = "DATABASE",
        env = "GADGETS_DATABASE",
        hide_env_values = true
    )]
    pub(super) database: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct BackupOptions {
    /// The file to write, which must not exist
    pub(super) file: PathBuf,
    /// Replace the file if it is an earlier backup, once the new one is complete
    #[arg(long, env = "GADGETS_REPLACE", value_parser = FalseyValueParser::new())]
    pub(super) replace: bool,
    #[command(flatten)]
    pub(super) store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct RestoreOptions {
    /// A file that `backup` created
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct MigrateOptions {
    /// Create an empty database although the key or other files of an earlier one are there
    #[arg(long, env = "GADGETS_NEW_DATABASE", value_parser = FalseyValueParser::new())]
    pub(super) new_database: bool,
    #[command(flatten)]
    pub(super) store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct RotateKeyOptions {
    /// Delete all secrets because the old key is lost; they must be entered again
    #[arg(long, env = "GADGETS_FORGET_SECRETS", value_parser = FalseyValueParser::new())]
    pub(super) forget_secrets: bool,
    #[command(flatten)]
    pub(super) store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct UserOptions {
    #[command(subcommand)]
    pub(super) command: UserCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Adds a user
    Add {
        /// The sign-in name
        name: String,
        /// The role of the user
        #[arg(long, env = "GADGETS_ROLE", value_enum)]
        role: RoleOption,
        #[command(flatten)]
        password: PasswordOptions,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Lists all users
    List(StoreOptions),
    /// Sets a new password and ends all sessions of the user
    Password {
        /// The sign-in name
        name: String,
        /// Revoke all API tokens of the user too; otherwise they keep working
        #[arg(long, env = "GADGETS_REVOKE_TOKENS", value_parser = FalseyValueParser::new())]
        revoke_tokens: bool,
        #[command(flatten)]
        password: PasswordOptions,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Removes a user; their dashboards and datasources stay
    Remove {
        /// The sign-in name
        name: String,
        #[command(flatten)]
        store: StoreOptions,
    },
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct PasswordOptions {
    /// Read the password from standard input; otherwise one is generated and printed
    #[arg(long, env = "GADGETS_PASSWORD_STDIN", value_parser = FalseyValueParser::new())]
    pub(super) password_stdin: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum RoleOption {
    /// Views dashboards
    Viewer,
    /// Creates dashboards and datasources
    Editor,
    /// Manages everything, including what belongs to others
    Administrator,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Common options")]
pub(super) struct CommonOptions {
    /// A directory of gadget libraries; can be repeated; every `*.so` in it is loaded
    /// [env: GADGETS_GADGETS, separated by `:`] [default: `gadgets` beside the executable]
    #[arg(
        long = "gadgets",
        global = true,
        value_name = "DIR",
        verbatim_doc_comment
    )]
    pub(super) gadgets: Vec<PathBuf>,
    /// Load libraries that are neither signed nor allowed, from all directories
    #[arg(long, global = true, env = "GADGETS_ALLOW_UNSIGNED", value_parser = FalseyValueParser::new())]
    pub(super) allow_unsigned: bool,
    /// The data directory of this program [default: the platform's data directory]
    #[arg(long, global = true, value_name = "DIR", env = "GADGETS_DATA")]
    pub(super) data: Option<PathBuf>,
    /// The log level on standard error
    #[arg(long, global = true, value_name = "LEVEL", env = "GADGETS_LOG")]
    pub(super) log: Option<LogLevel>,
    /// Allow datasources with an `http://` address on this machine
    #[arg(long, global = true, env = "GADGETS_ALLOW_INSECURE_DATASOURCE", value_parser = FalseyValueParser::new())]
    pub(super) allow_insecure_datasource: bool,
    /// An additional allowed origin of datasources, such as `https://host`
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "GADGETS_ALLOW_ORIGIN",
        value_delimiter = ','
    )]
    pub(super) allow_origin: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(Args, Clone, Debug)]
pub(super) struct ServeOptions {
    /// The address to listen on; other machines can connect only with `--public-url` and a user with a password
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "GADGETS_LISTEN",
        default_value = "127.0.0.1:8080"
    )]
    pub(super) listen: SocketAddr,
    /// An address to serve measurements on for Prometheus, at `/metrics`; anyone who can connect can read them
    #[arg(long, value_name = "ADDRESS", env = "GADGETS_METRICS")]
    pub(super) metrics: Option<SocketAddr>,
    /// Start the stand-in Marketplace and fill the dashboard with sample data
    #[arg(long, env = "GADGETS_DEMO", value_parser = FalseyValueParser::new(), conflicts_with = "datasource")]
    pub(super) demo: bool,
    #[command(flatten)]
    pub(super) store: StoreOptions,
    /// The public address of the TLS proxy in front of this host, such as `https://host`
    #[arg(long, value_name = "URL", env = "GADGETS_PUBLIC_URL")]
    pub(super) public_url: Option<String>,
    /// A proxy, or a network of proxies, whose `X-Forwarded-For` is believed; can be repeated
    #[arg(
        long,
        value_name = "ADDRESS[/PREFIX]",
        env = "GADGETS_TRUSTED_PROXY",
        value_delimiter = ',',
        value_parser = network
    )]
    pub(super) trusted_proxy: Vec<IpNet>,
    /// A datasource file to save; if there is no dashboard yet, one is created from it
    #[arg(long, value_name = "FILE", env = "GADGETS_DATASOURCE")]
    pub(super) datasource: Option<PathBuf>,
}

/// Reads a network, or a single address.
fn network(text: &str) -> Result<IpNet, AddrParseError> {
    match text.parse() {
        Ok(network) => Ok(network),
        Err(error) => text.parse::<IpAddr>().map(IpNet::from).map_err(|_| error),
    }
}

#[derive(Args, Debug)]
pub(super) struct SchemaOptions {
    /// The id of a gadget, or `view`, or `manifest`
    #[arg(value_name = "GADGET|view|manifest")]
    pub(super) of: String,
}

#[derive(Args, Debug)]
pub(super) struct CheckOptions {
    /// The file of the library
    pub(super) library: PathBuf,
}

#[derive(Args, Debug)]
pub(super) struct RenderOptions {
    /// The id of the gadget
    pub(super) gadget: String,
    /// The datasource, as JSON; `-` is standard input
    #[arg(long, value_name = "FILE", env = "GADGETS_DATASOURCE")]
    pub(super) datasource: Option<PathBuf>,
    /// The settings, as JSON; `-` is standard input
    #[arg(long, value_name = "FILE", env = "GADGETS_SETTINGS")]
    pub(super) settings: Option<PathBuf>,
    /// The day to use as today (UTC), as YYYY-MM-DD
    #[arg(long, value_name = "DATE", env = "GADGETS_TODAY")]
    pub(super) today: Option<NaiveDate>,
    /// The output format
    #[arg(
        long,
        value_name = "FORMAT",
        env = "GADGETS_FORMAT",
        default_value = "json"
    )]
    pub(super) format: Format,
    /// The table that `--format csv` writes
    #[arg(long, value_name = "ID", env = "GADGETS_TABLE")]
    pub(super) table: Option<String>,
    /// Show the rows behind a part of the view, such as `{"figure": "ID"}`
    #[arg(long, value_name = "JSON", env = "GADGETS_DETAILS")]
    pub(super) details: Option<String>,
    /// Use the newest snapshot, without requests
    #[arg(long, env = "GADGETS_OFFLINE", value_parser = FalseyValueParser::new())]
    pub(super) offline: bool,
    /// The time limit
    #[arg(long, value_name = "SECONDS", env = "GADGETS_TIMEOUT", default_value_t = 900, value_parser = value_parser!(u64).range(1..=86_400))]
    pub(super) timeout: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Format {
    /// The exact view
    Json,
    /// Text for a terminal
    Text,
    /// One table
    Csv,
    /// The whole gadget as SVG
    Svg,
    /// The whole gadget as PNG, at twice the size
    Png,
}
