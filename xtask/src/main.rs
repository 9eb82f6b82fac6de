//! Tasks of the workspace: `cargo demo`, and `cargo xtask` for the others.

use std::{
    env, fs, io,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use clap::{Parser, Subcommand};

mod bench;
mod schemas;

/// Tasks of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds everything, starts the Marketplace stand-in and serves a dashboard with its data
    Demo {
        /// Options of `host-demo serve`, such as `--listen 127.0.0.1:9000`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Builds the host, the stand-in and the gadget libraries into one directory
    Stage,
    /// Measures what docs and targets promise, in release builds, and writes BENCHMARKS.md
    Bench(bench::BenchOptions),
    /// Regenerates the committed JSON Schemas and the OpenAPI document
    Schemas {
        /// Change nothing, and fail if a committed document is out of date
        #[arg(long)]
        check: bool,
    },
}

/// The packages to build.
const PACKAGES: [&str; 3] = ["host-demo", "marketplace-sim", "app-users-gadget"];
/// The file names of the gadget libraries.
const LIBRARIES: [&str; 1] = ["libapp_users_gadget.so"];

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            #[expect(
                clippy::print_stderr,
                reason = "the command line reports its errors here"
            )]
            {
                eprintln!("xtask: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<(), Failure> {
    match task {
        Task::Demo { options } => {
            let staged = stage()?;
            // The host replaces this process, so that an interrupt reaches only the host.
            let failure = Command::new(staged.join("host-demo"))
                .args(["serve", "--demo", "--allow-unsigned"])
                .args(options)
                .exec();
            Err(format!("failed to start the host: {failure}").into())
        }
        Task::Stage => stage().map(drop),
        Task::Bench(options) => bench::run(&options),
        Task::Schemas { check } => schemas::write(&stage()?, check),
    }
}

/// How packages are built.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Profile {
    Debug,
    Release,
}

/// Builds the packages as this program was built, and stages them.
fn stage() -> Result<PathBuf, Failure> {
    let profile = if cfg!(debug_assertions) {
        Profile::Debug
    } else {
        Profile::Release
    };
    stage_as(profile, &PACKAGES)
}

/// Builds packages, stages the gadget libraries and returns the directory of the programs.
fn stage_as(profile: Profile, packages: &[&str]) -> Result<PathBuf, Failure> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.arg("build");
    // The package variables that cargo sets for this process would make some build scripts, and
    // everything that depends on them, run again each time.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            build.env_remove(name);
        }
    }
    for package in packages {
        build.args(["--package", package]);
    }
    if profile == Profile::Release {
        build.arg("--release");
    }
    if !build.status()?.success() {
        return Err("the build failed; see the output of cargo above".into());
    }
    // This program is in the directory of its own profile.
    let own = env::current_exe()?;
    let target = own.ancestors().nth(2);
    let built = target
        .ok_or("the path of xtask has no directory")?
        .join(match profile {
            Profile::Debug => "debug",
            Profile::Release => "release",
        });
    let gadgets = built.join("gadgets");
    fs::create_dir_all(&gadgets)?;
    fs::set_permissions(&gadgets, fs::Permissions::from_mode(0o755))?;
    for library in LIBRARIES {
        install(&built.join(library), &gadgets.join(library))
            .map_err(|error| format!("failed to stage `{library}`: {error}"))?;
    }
    Ok(built)
}

/// Installs a library by a rename, so that a file that a running host has open is never written to.
fn install(from: &Path, to: &Path) -> io::Result<()> {
    let temporary = to.with_extension("new");
    fs::copy(from, &temporary)?;
    // Hosts reject a library that other users can write to.
    fs::set_permissions(&temporary, fs::Permissions::from_mode(0o755))?;
    fs::rename(temporary, to)
}
