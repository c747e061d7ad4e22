//! A private PostgreSQL server for one test run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The variable that says that this machine has no PostgreSQL and that this is known.
pub const WITHOUT_POSTGRES: &str = "FIRSTBELL_WITHOUT_POSTGRES";

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The programs are not there.
    #[error(
        "initdb and pg_ctl are neither in PATH nor in /usr/lib/postgresql/*/bin; install \
         PostgreSQL, or set {WITHOUT_POSTGRES}=1 to leave its tests out"
    )]
    NotInstalled,
    /// A program could not be started, or a directory not be made.
    #[error("{what}")]
    Io {
        /// What was to be done.
        what: String,
        /// Why it was not.
        #[source]
        cause: std::io::Error,
    },
    /// A program failed.
    #[error("{program} failed: {output}")]
    Failed {
        /// Its name.
        program: String,
        /// What it said.
        output: String,
    },
}

/// A server that listens on a socket in a directory of its own. It is stopped and removed with
/// this value, and also when the process ends in whatever way: a shell waits for the end of a
/// pipe that nothing ever comes through.
pub struct Cluster {
    directory: PathBuf,
    programs: PathBuf,
    undertaker: Option<Child>,
}

impl Cluster {
    /// Makes a cluster and starts its server. Where the caller is root, it runs as `nobody`:
    /// PostgreSQL does not run as root.
    ///
    /// # Errors
    /// See [`ClusterError`].
    pub fn start() -> Result<Self, ClusterError> {
        Self::start_with(&[])
    }

    /// [`Cluster::start`] with these parameters of PostgreSQL, in place of its defaults.
    ///
    /// # Errors
    /// See [`ClusterError`].
    pub fn start_with(parameters: &[(&str, &str)]) -> Result<Self, ClusterError> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);

        let programs = programs().ok_or(ClusterError::NotInstalled)?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("firstbell-pg-{}-{number}", std::process::id());
        // The path of a socket must be short, so not in the target directory.
        let directory = std::env::temp_dir().join(name);
        // A directory of an earlier process with the same number is of no use to anybody.
        let _ = std::fs::remove_dir_all(&directory);
        make_directory(&directory)?;
        let mut cluster = Self { directory, programs, undertaker: None };
        cluster.undertaker = Some(cluster.bury_at_end()?);
        let (data, log) = (cluster.directory.join("data"), cluster.directory.join("log"));
        let fixed =
            ["--username=firstbell", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        let mut arguments: Vec<OsString> = vec!["-D".into(), data.clone().into()];
        arguments.extend(fixed.map(OsString::from));
        cluster.run("initdb", &arguments)?;
        let more: String =
            parameters.iter().flat_map(|(name, value)| [" -c ", name, "=", value]).collect();
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c max_connections=100{more}",
            cluster.directory.display()
        );
        let arguments: [OsString; 9] = [
            "-D".into(),
            data.into(),
            "-l".into(),
            log.into(),
            "-w".into(),
            "-o".into(),
            options.into(),
            "--silent".into(),
            "start".into(),
        ];
        cluster.run("pg_ctl", &arguments)?;
        Ok(cluster)
    }

    /// [`Cluster::start`], or none where the environment says that there is no PostgreSQL here
    /// (`FIRSTBELL_WITHOUT_POSTGRES=1`).
    ///
    /// # Errors
    /// See [`ClusterError`].
    pub fn start_if_wanted() -> Result<Option<Self>, ClusterError> {
        let without = std::env::var_os(WITHOUT_POSTGRES).is_some_and(|value| value == "1");
        if without { Ok(None) } else { Self::start().map(Some) }
    }

    /// Where the server is, with its default database.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Makes an empty database and says where it is.
    ///
    /// # Errors
    /// See [`ClusterError`].
    pub fn create_database(&self, name: &str) -> Result<String, ClusterError> {
        let socket = self.directory.clone();
        let arguments: [OsString; 5] =
            ["-h".into(), socket.into(), "-U".into(), "firstbell".into(), name.into()];
        self.run("createdb", &arguments)?;
        Ok(self.url_of(name))
    }

    fn url_of(&self, database: &str) -> String {
        format!("host={} user=firstbell dbname={database}", self.directory.display())
    }

    fn run(&self, program: &str, arguments: &[OsString]) -> Result<(), ClusterError> {
        // A server inherits what it is started with: a pipe would never end, so a file it is.
        let output = self.directory.join("output");
        let file = std::fs::File::create(&output).map_err(io("an output file"))?;
        let errors = file.try_clone().map_err(io("an output file"))?;
        let status = as_ordinary_user(self.programs.join(program))
            .args(arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .status()
            .map_err(io(program))?;
        if status.success() {
            return Ok(());
        }
        let output = std::fs::read_to_string(&output).unwrap_or_default();
        Err(ClusterError::Failed { program: program.into(), output })
    }

    fn bury_at_end(&self) -> Result<Child, ClusterError> {
        as_ordinary_user("/bin/sh")
            .args(["-c", UNDERTAKER, "undertaker"])
            .arg(self.programs.join("pg_ctl"))
            .arg(&self.directory)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(io("a shell"))
    }
}

/// Its arguments are `pg_ctl` and the directory of the cluster. It must outlive the Ctrl-C that
/// ends the test.
const UNDERTAKER: &str = "trap '' INT TERM HUP; cat; \
    \"$1\" -D \"$2/data\" -m immediate -w stop; rm -rf \"$2\"";

/// The program, run by somebody who is not root.
fn as_ordinary_user(program: impl Into<OsString>) -> Command {
    if !is_root() {
        return Command::new(program.into());
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]);
    command.arg(program.into());
    command
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let Some(mut undertaker) = self.undertaker.take() else { return };
        drop(undertaker.stdin.take());
        // Nothing is left to do for a test that ends.
        let _ = undertaker.wait();
    }
}

/// Where `initdb` and `pg_ctl` are: in PATH, or where Debian keeps the newest.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    debian.sort();
    debian.reverse();
    std::env::split_paths(&path).chain(debian).find(|directory| {
        ["initdb", "pg_ctl", "createdb"].iter().all(|name| directory.join(name).exists())
    })
}

fn make_directory(directory: &Path) -> Result<(), ClusterError> {
    std::fs::create_dir_all(directory).map_err(io("a directory"))?;
    if !is_root() {
        return Ok(());
    }
    let status =
        Command::new("chown").arg("nobody:nogroup").arg(directory).status().map_err(io("chown"))?;
    if status.success() {
        return Ok(());
    }
    Err(ClusterError::Failed { program: "chown".into(), output: String::new() })
}

/// Whether this process is root, as its own directory in `/proc` has it.
fn is_root() -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
    }
    #[cfg(not(unix))]
    false
}

fn io(what: &str) -> impl FnOnce(std::io::Error) -> ClusterError {
    let what = what.to_owned();
    move |cause| ClusterError::Io { what, cause }
}
