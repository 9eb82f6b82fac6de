//! Chores of the workspace: `cargo demo`, and `cargo xtask` for the rest.

use std::{
    env, fs, io,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use clap::{Parser, Subcommand};

mod schemas;

/// Chores of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Builds everything, starts the stand-in Marketplace and serves the filled dashboard.
    Demo {
        /// Options of `host-demo serve`, such as `--listen 127.0.0.1:9000`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Builds the host, the stand-in and the gadget libraries, and lays them side by side.
    Stage,
    /// Writes the committed JSON Schemas and the OpenAPI document anew; with `--check`, says which differ.
    Schemas {
        /// Change nothing; fail if a committed document is not what the code makes.
        #[arg(long)]
        check: bool,
    },
}

/// What is built and laid side by side.
const PACKAGES: [&str; 3] = ["host-demo", "marketplace-sim", "app-users-gadget"];
/// The gadget libraries, as cargo names them.
const LIBRARIES: [&str; 1] = ["libapp_users_gadget.so"];

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run(Arguments::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            #[expect(clippy::print_stderr, reason = "this is the command line")]
            {
                eprintln!("xtask: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result<(), Failure> {
    match chore {
        Chore::Demo { options } => {
            let staged = stage()?;
            // The host takes this process's place, so that an interrupt reaches it and nobody else.
            let failure = Command::new(staged.join("host-demo"))
                .args(["serve", "--demo", "--allow-unsigned"])
                .args(options)
                .exec();
            Err(format!("failed to start the host: {failure}").into())
        }
        Chore::Stage => stage().map(drop),
        Chore::Schemas { check } => schemas::write(&stage()?, check),
    }
}

/// Builds and lays side by side; returns the directory.
fn stage() -> Result<PathBuf, Failure> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.arg("build");
    // What cargo tells this process about its package would have some build scripts, and all that
    // needs them, run anew each time.
    for (name, _) in env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
            build.env_remove(name);
        }
    }
    for package in PACKAGES {
        build.args(["--package", package]);
    }
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    if !build.status()?.success() {
        return Err("the build failed; cargo says why above".into());
    }
    let own = env::current_exe()?;
    let built = own.parent().ok_or("xtask lies in no directory")?.to_owned();
    let gadgets = built.join("gadgets");
    fs::create_dir_all(&gadgets)?;
    fs::set_permissions(&gadgets, fs::Permissions::from_mode(0o755))?;
    for library in LIBRARIES {
        place(&built.join(library), &gadgets.join(library))
            .map_err(|error| format!("failed to stage `{library}`: {error}"))?;
    }
    Ok(built)
}

/// Copies a library to its place by a rename: a file that a running host has open is never written to.
fn place(from: &Path, to: &Path) -> io::Result<()> {
    let beside = to.with_extension("new");
    fs::copy(from, &beside)?;
    // Hosts refuse a library that others could write to.
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o755))?;
    fs::rename(beside, to)
}
