//! The words of the command line. Every option has an environment variable.

use std::{net::SocketAddr, path::PathBuf};

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum, builder::FalseyValueParser, value_parser};

/// A dashboard host that loads gadget libraries.
#[derive(Debug, Parser)]
#[command(name = "host-demo", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: CommonOptions,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves the dashboard (what happens without a command too)
    Serve(ServeOptions),
    /// Lists the libraries and gadgets that were loaded, and the refused ones with their reasons
    Gadgets,
    /// Prints the JSON Schema of a gadget's settings, of views or of manifests
    Schema(SchemaOptions),
    /// Refreshes and shows one gadget without a server
    Render(RenderOptions),
    /// Takes a library through every load step and the conformance kit
    Check(CheckOptions),
    /// Copies the database into a file, also while a host uses it
    Backup(BackupOptions),
    /// Brings a backup back in place of the database; the host must not run
    Restore(RestoreOptions),
    /// Makes the database, or brings its schema up to date
    Migrate(StoreOptions),
    /// Seals the secrets of datasources with a new key; the host must not run
    RotateKey(RotateKeyOptions),
    /// Adds, lists, changes and removes who can sign in
    User(UserOptions),
    /// Prints the OpenAPI document of the HTTP API
    Openapi,
}

/// Where dashboards are kept.
#[derive(Args, Clone, Debug)]
pub(crate) struct StoreOptions {
    /// Where dashboards are kept: `sqlite:PATH` or `postgres://USER@HOST/NAME` [default: a file in the data directory]
    #[arg(
        long,
        value_name = "DATABASE",
        env = "GADGETS_DATABASE",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct BackupOptions {
    /// The file to write; one that is there is replaced when the new one is whole
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

#[derive(Args, Debug)]
pub(crate) struct RestoreOptions {
    /// A file that `backup` has written
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

#[derive(Args, Debug)]
pub(crate) struct RotateKeyOptions {
    /// The old key is lost: forget all secrets, which then have to be entered again
    #[arg(long, env = "GADGETS_FORGET_SECRETS", value_parser = FalseyValueParser::new())]
    pub(crate) forget_secrets: bool,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

#[derive(Args, Debug)]
pub(crate) struct UserOptions {
    #[command(subcommand)]
    pub(crate) command: UserCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Adds somebody who can sign in
    Add {
        /// What the user signs in with
        name: String,
        /// What the user may do at most
        #[arg(long, env = "GADGETS_ROLE", value_enum)]
        role: RoleOption,
        #[command(flatten)]
        password: PasswordOptions,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Lists who can sign in
    List(StoreOptions),
    /// Gives somebody a new password, and ends the sessions
    Password {
        /// What the user signs in with
        name: String,
        #[command(flatten)]
        password: PasswordOptions,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Removes somebody; what the user made stays
    Remove {
        /// What the user signs in with
        name: String,
        #[command(flatten)]
        store: StoreOptions,
    },
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PasswordOptions {
    /// Read the password from standard input; without this one is made and printed
    #[arg(long, env = "GADGETS_PASSWORD_STDIN", value_parser = FalseyValueParser::new())]
    pub(crate) password_stdin: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum RoleOption {
    /// Looks at dashboards
    Viewer,
    /// Makes dashboards and datasources
    Editor,
    /// Does everything, also for others
    Administrator,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Common options")]
pub(crate) struct CommonOptions {
    /// A directory of gadget libraries, once or more often; every `*.so` in it is tried
    /// [env: GADGETS_GADGETS, separated by `:`] [default: `gadgets` beside the executable]
    #[arg(
        long = "gadgets",
        global = true,
        value_name = "DIR",
        verbatim_doc_comment
    )]
    pub(crate) gadgets: Vec<PathBuf>,
    /// Load libraries that nobody signed or allowed, from all directories of this run
    #[arg(long, global = true, env = "GADGETS_ALLOW_UNSIGNED", value_parser = FalseyValueParser::new())]
    pub(crate) allow_unsigned: bool,
    /// Where this program keeps its things [default: the platform's data directory]
    #[arg(long, global = true, value_name = "DIR", env = "GADGETS_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// How much to write to standard error
    #[arg(long, global = true, value_name = "LEVEL", env = "GADGETS_LOG")]
    pub(crate) log: Option<LogLevel>,
    /// Allow datasources with an `http://` address on this machine
    #[arg(long, global = true, env = "GADGETS_ALLOW_INSECURE_DATASOURCE", value_parser = FalseyValueParser::new())]
    pub(crate) allow_insecure_datasource: bool,
    /// One more origin, as `https://host`, that datasources may have
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "GADGETS_ALLOW_ORIGIN",
        value_delimiter = ','
    )]
    pub(crate) allow_origin: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ServeOptions {
    /// The address to listen on; beyond this machine only with `--public-url` and a user with a password
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "GADGETS_LISTEN",
        default_value = "127.0.0.1:8080"
    )]
    pub(crate) listen: SocketAddr,
    /// Start the stand-in Marketplace and fill the dashboard with sample data
    #[arg(long, env = "GADGETS_DEMO", value_parser = FalseyValueParser::new(), conflicts_with = "datasource")]
    pub(crate) demo: bool,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
    /// The address at which a proxy with TLS, in front of this host, is reached: `https://host`
    #[arg(long, value_name = "URL", env = "GADGETS_PUBLIC_URL")]
    pub(crate) public_url: Option<String>,
    /// A datasource file; it is kept, and where there is no dashboard yet one is filled from it
    #[arg(long, value_name = "FILE", env = "GADGETS_DATASOURCE")]
    pub(crate) datasource: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct SchemaOptions {
    /// The id of a gadget, or `view`, or `manifest`
    #[arg(value_name = "GADGET|view|manifest")]
    pub(crate) of: String,
}

#[derive(Args, Debug)]
pub(crate) struct CheckOptions {
    /// The file of the library
    pub(crate) library: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct RenderOptions {
    /// The id of the gadget
    pub(crate) gadget: String,
    /// The datasource, as JSON; `-` is standard input
    #[arg(long, value_name = "FILE", env = "GADGETS_DATASOURCE")]
    pub(crate) datasource: Option<PathBuf>,
    /// The settings, as JSON; `-` is standard input
    #[arg(long, value_name = "FILE", env = "GADGETS_SETTINGS")]
    pub(crate) settings: Option<PathBuf>,
    /// The day (UTC) that counts as today, as YYYY-MM-DD
    #[arg(long, value_name = "DATE", env = "GADGETS_TODAY")]
    pub(crate) today: Option<NaiveDate>,
    /// How to write the view
    #[arg(
        long,
        value_name = "FORMAT",
        env = "GADGETS_FORMAT",
        default_value = "json"
    )]
    pub(crate) format: Format,
    /// The table that `--format csv` writes
    #[arg(long, value_name = "ID", env = "GADGETS_TABLE")]
    pub(crate) table: Option<String>,
    /// Show the rows behind a part of the view, such as `{"figure": "ID"}`
    #[arg(long, value_name = "JSON", env = "GADGETS_DETAILS")]
    pub(crate) details: Option<String>,
    /// Answer from the newest snapshot without a request
    #[arg(long, env = "GADGETS_OFFLINE", value_parser = FalseyValueParser::new())]
    pub(crate) offline: bool,
    /// How long all of it may take
    #[arg(long, value_name = "SECONDS", env = "GADGETS_TIMEOUT", default_value_t = 900, value_parser = value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// The view exactly
    Json,
    /// For reading in a terminal
    Text,
    /// One table
    Csv,
    /// The whole tile as a picture
    Svg,
    /// The whole tile as pixels, two for each of the drawing
    Png,
}
