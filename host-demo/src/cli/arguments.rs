//! The words of the command line. Every option has an environment variable.

use std::{net::SocketAddr, path::PathBuf};

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum, builder::FalseyValueParser, value_parser};

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
pub(super) struct StoreOptions {
    /// Where dashboards are kept: `sqlite:PATH` or `postgres://USER@HOST/NAME` [default: a file in the data directory]
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
    /// The file to write; one that is there is replaced when the new one is whole
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct RestoreOptions {
    /// A file that `backup` has written
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) store: StoreOptions,
}

#[derive(Args, Debug)]
pub(super) struct RotateKeyOptions {
    /// The old key is lost: forget all secrets, which then have to be entered again
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
pub(super) struct PasswordOptions {
    /// Read the password from standard input; without this one is made and printed
    #[arg(long, env = "GADGETS_PASSWORD_STDIN", value_parser = FalseyValueParser::new())]
    pub(super) password_stdin: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum RoleOption {
    /// Looks at dashboards
    Viewer,
    /// Makes dashboards and datasources
    Editor,
    /// Does everything, also for others
    Administrator,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Common options")]
pub(super) struct CommonOptions {
    /// A directory of gadget libraries, once or more often; every `*.so` in it is tried
    /// [env: GADGETS_GADGETS, separated by `:`] [default: `gadgets` beside the executable]
    #[arg(
        long = "gadgets",
        global = true,
        value_name = "DIR",
        verbatim_doc_comment
    )]
    pub(super) gadgets: Vec<PathBuf>,
    /// Load libraries that nobody signed or allowed, from all directories of this run
    #[arg(long, global = true, env = "GADGETS_ALLOW_UNSIGNED", value_parser = FalseyValueParser::new())]
    pub(super) allow_unsigned: bool,
    /// Where this program keeps its things [default: the platform's data directory]
    #[arg(long, global = true, value_name = "DIR", env = "GADGETS_DATA")]
    pub(super) data: Option<PathBuf>,
    /// How much to write to standard error
    #[arg(long, global = true, value_name = "LEVEL", env = "GADGETS_LOG")]
    pub(super) log: Option<LogLevel>,
    /// Allow datasources with an `http://` address on this machine
    #[arg(long, global = true, env = "GADGETS_ALLOW_INSECURE_DATASOURCE", value_parser = FalseyValueParser::new())]
    pub(super) allow_insecure_datasource: bool,
    /// One more origin, as `https://host`, that datasources may have
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
    /// The address to listen on; beyond this machine only with `--public-url` and a user with a password
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "GADGETS_LISTEN",
        default_value = "127.0.0.1:8080"
    )]
    pub(super) listen: SocketAddr,
    /// Start the stand-in Marketplace and fill the dashboard with sample data
    #[arg(long, env = "GADGETS_DEMO", value_parser = FalseyValueParser::new(), conflicts_with = "datasource")]
    pub(super) demo: bool,
    #[command(flatten)]
    pub(super) store: StoreOptions,
    /// The address at which a proxy with TLS, in front of this host, is reached: `https://host`
    #[arg(long, value_name = "URL", env = "GADGETS_PUBLIC_URL")]
    pub(super) public_url: Option<String>,
    /// A datasource file; it is kept, and where there is no dashboard yet one is filled from it
    #[arg(long, value_name = "FILE", env = "GADGETS_DATASOURCE")]
    pub(super) datasource: Option<PathBuf>,
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
    /// The day (UTC) that counts as today, as YYYY-MM-DD
    #[arg(long, value_name = "DATE", env = "GADGETS_TODAY")]
    pub(super) today: Option<NaiveDate>,
    /// How to write the view
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
    /// Answer from the newest snapshot without a request
    #[arg(long, env = "GADGETS_OFFLINE", value_parser = FalseyValueParser::new())]
    pub(super) offline: bool,
    /// How long all of it may take
    #[arg(long, value_name = "SECONDS", env = "GADGETS_TIMEOUT", default_value_t = 900, value_parser = value_parser!(u64).range(1..=86_400))]
    pub(super) timeout: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Format {
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
