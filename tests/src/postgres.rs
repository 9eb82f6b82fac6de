//! A PostgreSQL server of the tests' own, which ends with the process that started it.

use std::{
    env, fs,
    os::unix::fs::{MetadataExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{PATIENCE, small_disk::SmallDisk};

/// Creates a cluster, runs it until standard input ends, and removes it.
const SCRIPT: &str = r#"
dir=$1 bin=$2
"$bin/initdb" -D "$dir/data" -U host --auth=trust --no-sync -E UTF8 --locale=C.UTF-8 \
    >"$dir/log" 2>&1 || exit 1
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off \
    -c max_connections=300 >>"$dir/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT $server
wait $server
rm -rf "$dir"
"#;

/// A running server.
pub struct Server {
    directory: PathBuf,
    /// The directory of its programs.
    binaries: PathBuf,
    /// Its standard input stays open until this process ends.
    _child: Child,
    databases: AtomicU32,
}

impl Server {
    /// Returns the server of this process; without PostgreSQL it prints why and returns nothing.
    ///
    /// # Panics
    ///
    /// Panics where the variable `CI` is set and there is none.
    #[must_use]
    pub fn get() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let server = SERVER.get_or_init(|| match Self::start() {
            Ok(server) => Some(server),
            Err(reason) if env::var_os("CI").is_some() => panic!("no PostgreSQL: {reason}"),
            Err(reason) => {
                #[expect(clippy::print_stdout, reason = "who runs the tests should know")]
                {
                    println!("skipped, no PostgreSQL: {reason}");
                }
                None
            }
        });
        server.as_ref()
    }

    fn start() -> Result<Self, String> {
        let binaries =
            binaries().ok_or("there is no initdb in the PATH nor in /usr/lib/postgresql")?;
        let directory = tempfile::Builder::new()
            .prefix("host-demo-pg")
            .tempdir()
            .map_err(|error| error.to_string())?
            .keep();
        let mut command = command_as_other_user(&directory)?;
        let child = command
            .args(["sh", "-c", SCRIPT, "sh"])
            .arg(&directory)
            .arg(&binaries)
            .current_dir(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let server = Self {
            directory,
            binaries,
            _child: child,
            databases: AtomicU32::new(0),
        };
        server.wait()?;
        Ok(server)
    }

    /// Waits until the server takes connections.
    fn wait(&self) -> Result<(), String> {
        let socket = self.directory.join(".s.PGSQL.5432");
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            if socket.exists() && log.contains("ready to accept connections") {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        Err(format!("the server did not start: {log}"))
    }

    /// Creates an empty database and returns its address.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be made.
    #[must_use]
    pub fn new_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("board{number}");
        let status = Command::new(self.binaries.join("createdb"))
            .arg("--host")
            .arg(&self.directory)
            .args(["--username", "host", &name])
            .status()
            .expect("createdb lies beside initdb");
        assert!(status.success(), "the database was not made");
        self.address(&name)
    }

    /// Creates an empty database whose files lie on a disk of its own.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be made.
    #[must_use]
    pub fn new_database_on(&'static self, disk: SmallDisk) -> DatabaseOnDisk {
        let owner = fs::metadata(&self.directory).expect("the server has a directory");
        chown(disk.path(), Some(owner.uid()), Some(owner.gid())).expect("root gives it away");
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("board{number}");
        let database = DatabaseOnDisk {
            address: self.address(&name),
            disk,
            name,
            server: self,
        };
        let (name, place) = (&database.name, database.disk.path().display());
        assert!(self.run(&format!("CREATE TABLESPACE {name} LOCATION '{place}'")));
        assert!(self.run(&format!("CREATE DATABASE {name} TABLESPACE {name}")));
        database
    }

    /// Runs a statement as the administrator; tells whether it succeeded.
    fn run(&self, sql: &str) -> bool {
        let status = Command::new(self.binaries.join("psql"))
            .arg("--host")
            .arg(&self.directory)
            .args(["--username", "host", "--dbname", "postgres", "--quiet"])
            .args(["--command", sql])
            .status();
        status.is_ok_and(|status| status.success())
    }

    fn address(&self, database: &str) -> String {
        format!(
            "postgres:///{database}?host={}&user=host",
            self.directory.display()
        )
    }
}

/// A database on a disk of its own, until this value is dropped.
pub struct DatabaseOnDisk {
    /// The disk.
    pub disk: SmallDisk,
    /// The address of the database.
    pub address: String,
    name: String,
    server: &'static Server,
}

impl Drop for DatabaseOnDisk {
    fn drop(&mut self) {
        // Without its files the server would stop at the next checkpoint.
        let name = &self.name;
        self.server
            .run(&format!("DROP DATABASE {name} WITH (FORCE)"));
        self.server.run(&format!("DROP TABLESPACE {name}"));
    }
}

/// Finds the directory of the newest server's programs.
fn binaries() -> Option<PathBuf> {
    let in_path = env::split_paths(&env::var_os("PATH")?).find(|directory| has_all(directory));
    in_path.or_else(|| {
        let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
            .filter(|directory| has_all(directory))
            .collect();
        versions.sort();
        versions.pop()
    })
}

fn has_all(directory: &Path) -> bool {
    let needed = ["initdb", "postgres", "createdb"];
    needed.iter().all(|name| directory.join(name).exists())
}

/// Returns a command that is not run by root, because the server refuses root.
fn command_as_other_user(directory: &Path) -> Result<Command, String> {
    if !rustix::process::geteuid().is_root() {
        return Ok(Command::new("env"));
    }
    let users = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let user = ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| {
            let line = users
                .lines()
                .find(|line| line.starts_with(&format!("{name}:")))?;
            let mut ids = line.split(':').skip(2);
            Some((ids.next()?.parse().ok()?, ids.next()?.parse().ok()?))
        })
        .ok_or("root cannot run it, and there is no user postgres")?;
    let (user, group): (u32, u32) = user;
    chown(directory, Some(user), Some(group)).map_err(|error| error.to_string())?;
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={user}"))
        .arg(format!("--regid={group}"))
        .arg("--clear-groups");
    Ok(command)
}
