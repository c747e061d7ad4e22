//! A server in the background, and what the kernel says of it.

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// The kernel counts CPU time in hundredths of a second for every program (`USER_HZ`).
const TICKS_A_SECOND: f64 = 100.0;

/// A server that is killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// The file with what it says.
    pub log: PathBuf,
}

impl Server {
    /// Starts it and waits until it accepts connections.
    pub async fn start(command: &mut Command, address: SocketAddr, log: &Path) -> Result<Self> {
        let mut server = Self::spawn(command, address, log)?;
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!("{command:?} ended with {status}: {}", server.last_words());
            }
            ensure!(begun.elapsed() < Duration::from_secs(30), "{command:?} does not listen");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(server)
    }

    /// Starts it and waits for nothing.
    pub fn spawn(command: &mut Command, address: SocketAddr, log: &Path) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self { child, address, log: log.to_path_buf() })
    }

    /// CPU time of all its threads so far, in seconds.
    pub fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds(self.child.id())
    }

    /// Resident memory now, in mebibytes.
    pub fn resident_mib(&self) -> Result<f64> {
        memory_mib(self.child.id(), "VmRSS:")
    }

    /// The most resident memory so far, in mebibytes.
    pub fn peak_mib(&self) -> Result<f64> {
        memory_mib(self.child.id(), "VmHWM:")
    }

    /// Lets [`Server::peak_mib`] begin anew from what is resident now.
    pub fn forget_peak(&self) -> Result<()> {
        forget_peak(self.child.id())
    }

    /// Ends it without a word, as a power cut would.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    fn last_words(&self) -> String {
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        said.lines().rev().take(3).collect::<Vec<_>>().join(" | ")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; there is nothing to add to that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// CPU time of all threads of a process so far, in seconds (`proc(5)`, fields 14 and 15 of `stat`).
pub fn cpu_seconds(process: u32) -> Result<f64> {
    let stat = Stat::of(&process.to_string())?;
    Ok((stat.field(14)? + stat.field(15)?) / TICKS_A_SECOND)
}

/// CPU time of a process and its children so far, also of those that have ended, in seconds.
pub fn family_cpu_seconds(parent: u32) -> Result<f64> {
    let of_ended = |own: &Stat| anyhow::Ok(own.field(16)? + own.field(17)?);
    let mut own = Stat::of(&parent.to_string())?;
    loop {
        let before = of_ended(&own)?;
        let mut children = 0.0;
        for entry in std::fs::read_dir("/proc")? {
            let name = entry?.file_name();
            // Whatever is no process, or has just ended, has no such file.
            let Some(Ok(stat)) = name.to_str().map(Stat::of) else { continue };
            if stat.field(4).is_ok_and(|found| found.total_cmp(&f64::from(parent)).is_eq()) {
                children += stat.field(14)? + stat.field(15)?;
            }
        }
        own = Stat::of(&parent.to_string())?;
        let ended = of_ended(&own)?;
        // Else one has ended meanwhile, and its time stands in neither or in both.
        if ended.total_cmp(&before).is_eq() {
            return Ok((own.field(14)? + own.field(15)? + ended + children) / TICKS_A_SECOND);
        }
    }
}

/// CPU time of the calling thread so far, in seconds.
pub fn own_cpu_seconds() -> Result<f64> {
    // In nanoseconds, where `stat` counts hundredths of a second.
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let spent: f64 = text.split(' ').next().context("an empty schedstat")?.parse()?;
    Ok(spent / 1e9)
}

/// How much else the machine had to do: the load averages of the last 1, 5 and 15 minutes.
pub fn load_average() -> String {
    let read = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    read.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// CPU time of all processes so far that this one has started and seen the end of, in seconds.
pub fn ended_children_cpu_seconds() -> Result<f64> {
    let stat = Stat::of("self")?;
    Ok((stat.field(16)? + stat.field(17)?) / TICKS_A_SECOND)
}

/// Lets the count of the most resident memory begin anew from what is resident now.
pub fn forget_peak(process: u32) -> Result<()> {
    Ok(std::fs::write(format!("/proc/{process}/clear_refs"), "5")?)
}

/// What `/proc/<pid>/stat` says behind the program's name.
struct Stat(String);

impl Stat {
    fn of(process: &str) -> Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The second field is the program's name in brackets, which may hold spaces.
        let (_, fields) = stat.rsplit_once(") ").context("no program name in stat")?;
        Ok(Self(fields.to_owned()))
    }

    fn field(&self, number: usize) -> Result<f64> {
        let text = self.0.split(' ').nth(number - 3).context("a short stat")?;
        Ok(text.parse()?)
    }
}

/// A line of `/proc/<pid>/status` that is in kibibytes, in mebibytes.
pub fn memory_mib(process: u32, line: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    let kib: f64 = found
        .and_then(|text| text.trim().strip_suffix(" kB"))
        .with_context(|| format!("no {line} in status"))?
        .trim()
        .parse()?;
    Ok(kib / 1024.0)
}

/// An address of the loopback interface on which nobody listens.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// An empty folder for a measurement, below the target folder.
pub fn scratch(name: &str) -> Result<PathBuf> {
    let folder = below_target(name)?;
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// A folder for measurements, below the target folder: `target/bench/<name>`.
pub fn below_target(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("this program is not in a target folder")?;
    Ok(target.join("bench").join(name))
}

/// A program of the same build.
pub fn sibling(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(name);
    ensure!(program.is_file(), "{} is not built: cargo build --release", program.display());
    Ok(program)
}
