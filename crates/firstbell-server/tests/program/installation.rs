//! An installation in a temporary folder, and the program run on it.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub struct Installation {
    pub folder: TempDir,
    pub port: u16,
}

impl Installation {
    /// With a schema and nothing else.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let installation = Self { folder, port: free_port() };
        let path = installation.folder.path().display();
        let port = installation.port;
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\nauth_base_url = \"http://127.0.0.1:{port}\"\n\
             [store]\nurl = \"sqlite:{path}/firstbell.sqlite\"\n\
             [secrets]\nkey_file = \"{path}/master.key\"\n[log]\nfilter = \"debug\"\n"
        );
        fs::write(installation.config(), config).unwrap();
        installation.run_well(&["migrate", "--config", &installation.config_text()]);
        installation
    }

    /// With the small sandbox as the district `ada`.
    pub fn furnished() -> Self {
        let installation = Self::new();
        let roster = installation.roster("roster");
        installation.run_well(&installation.import(&roster, &[]));
        installation
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self) -> PathBuf {
        self.path("firstbell.toml")
    }

    pub fn config_text(&self) -> String {
        self.config().display().to_string()
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From here on figures are served; returns where.
    pub fn serve_figures(&self) -> String {
        let address = format!("127.0.0.1:{}", free_port());
        let config = fs::read_to_string(self.config()).unwrap();
        let more = format!("[server]\nmetrics_listen = \"{address}\"");
        fs::write(self.config(), config.replace("[server]", &more)).unwrap();
        format!("http://{address}/metrics")
    }

    /// Generates the small sandbox into a folder of this name.
    pub fn roster(&self, name: &str) -> PathBuf {
        let folder = self.path(name);
        self.run_well(&["sandbox", "generate", folder.to_str().unwrap()]);
        folder
    }

    pub fn import(&self, roster: &Path, more: &[&str]) -> Vec<String> {
        let mut arguments = vec!["import", "--district", "ada", "--config"];
        let (config, roster) = (self.config_text(), roster.display().to_string());
        arguments.push(&config);
        arguments.extend(more);
        arguments.push(&roster);
        arguments.into_iter().map(str::to_owned).collect()
    }

    pub fn run(&self, arguments: &[impl AsRef<str>]) -> Output {
        let mut program = program();
        program.args(arguments.iter().map(AsRef::as_ref)).current_dir(self.folder.path());
        program.output().unwrap()
    }

    /// Runs a command that must succeed; gives back what it printed.
    pub fn run_well(&self, arguments: &[impl AsRef<str>]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must be refused; gives back what it said.
    pub fn run_badly(&self, arguments: &[impl AsRef<str>]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        said
    }
}

pub fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_firstbell"));
    program.stdin(Stdio::null());
    program
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A process that is ended at the end of its test, whatever happens.
pub struct Running(pub Child);

impl Running {
    pub fn start(mut command: Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Tells it to stop as a service manager does, and waits; gives back its status and all that
    /// it printed, standard output first.
    pub fn stop(mut self) -> (Option<i32>, String) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let status = self.0.wait().unwrap();
        let mut said = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status.code(), said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for something that another process does; the limit is there for tests that fail.
pub fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < Duration::from_mins(1), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The status and body of a GET, without following redirects; none while nobody listens.
pub fn get(url: &str) -> Option<(u16, String)> {
    use std::io::Write as _;
    let rest = url.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = std::net::TcpStream::connect(host).ok()?;
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").ok()?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).ok()?;
    let status = reply.split(' ').nth(1)?.parse().ok()?;
    Some((status, reply.split_once("\r\n\r\n")?.1.to_owned()))
}
