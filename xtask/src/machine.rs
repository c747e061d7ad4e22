//! What the proofs need from the machine, and how it comes to be there.
//!
//! A need is looked for first. What is missing is installed with `apt-get` where we may: as root,
//! or through `sudo` where it asks for no password. What is still missing then is a reason that the
//! closing line gives.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{npm, process, workspace};

const OLDEST_NODE: u32 = 20;

/// Where a Node.js of our own is, below the target folder.
const RUNTIME: &str = "peers/runtime";

/// Something that a proof cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A browser of the Chromium family.
    Chromium,
    /// Node.js with npm.
    Node,
    /// The programs `initdb` and `pg_ctl`.
    Postgres,
    /// Python with its module `venv`.
    PythonVenv,
    /// The programs `unshare`, `mount` and `ip`.
    Namespaces,
    /// The program `openssl`, for throw-away certificates.
    Openssl,
    /// A compiler of C++, in which libFuzzer is written. Only fuzzing needs it.
    Cxx,
    /// Apache with `mod_auth_openidc`: the programs and modules, no running service.
    ApacheOpenidc,
}

impl Need {
    /// All that the proofs need.
    pub const ALL: [Self; 7] = [
        Self::Chromium,
        Self::Node,
        Self::Postgres,
        Self::PythonVenv,
        Self::Namespaces,
        Self::Openssl,
        Self::ApacheOpenidc,
    ];

    /// What it is, for a person.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Node => "Node.js 20 or later with npm",
            Self::Postgres => "PostgreSQL's initdb and pg_ctl",
            Self::PythonVenv => "Python 3 with venv",
            Self::Namespaces => "unshare, mount and ip",
            Self::Openssl => "openssl",
            Self::Cxx => "a compiler of C++",
            Self::ApacheOpenidc => "Apache with mod_auth_openidc",
        }
    }

    /// The packages of Debian and Ubuntu that bring it.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium", "fonts-dejavu-core"],
            Self::Node => &["nodejs", "npm"],
            Self::Postgres => &["postgresql"],
            Self::PythonVenv => &["python3", "python3-venv"],
            Self::Namespaces => &["util-linux", "mount", "iproute2"],
            Self::Openssl => &["openssl"],
            Self::Cxx => &["g++"],
            Self::ApacheOpenidc => &["apache2-bin", "libapache2-mod-auth-openidc"],
        }
    }

    /// Whether it is there.
    pub fn is_met(self) -> bool {
        match self {
            Self::Chromium => chromium().is_some(),
            Self::Node => node().is_some() && on_path("npm").is_some(),
            Self::Postgres => postgres_programs().is_some(),
            Self::PythonVenv => process::works("python3", &["-c", "import venv, ensurepip"]),
            Self::Namespaces => {
                ["unshare", "mount", "ip"].iter().all(|program| on_path(program).is_some())
            }
            Self::Openssl => on_path("openssl").is_some(),
            Self::Cxx => on_path("c++").is_some(),
            Self::ApacheOpenidc => {
                apache().is_some() && apache_modules().join("mod_auth_openidc.so").is_file()
            }
        }
    }
}

/// Installs what is missing of the needs, if that is allowed and possible; says what it does.
pub fn provide(needs: &[Need], may_install: bool) -> Result<()> {
    let missing: Vec<Need> = needs.iter().copied().filter(|need| !need.is_met()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|need| need.name()).collect();
    println!("missing on this machine: {}", names.join(", "));
    let Some(prefix) = administrator().filter(|_| may_install && on_path("apt-get").is_some())
    else {
        println!("not installed: that needs apt-get, as root or with a sudo that does not ask");
        return Ok(());
    };
    let apt = |arguments: &[&str]| {
        let mut words: Vec<&str> = prefix.to_vec();
        words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        words.extend(["-o", "DPkg::Lock::Timeout=400"]);
        words.extend(arguments);
        let mut command = process::command(words[0]);
        command.args(&words[1..]);
        process::succeeds(&mut command)
    };
    // An index that is a little old still installs, so a failed refresh does not end the attempt.
    apt(&["update", "--quiet"])?;
    for need in &missing {
        let mut arguments = vec!["install", "--yes", "--no-install-recommends", "--quiet"];
        arguments.extend(need.packages());
        apt(&arguments)?;
    }
    if missing.contains(&Need::Node) && node().is_none() && on_path("npm").is_some() {
        // The distribution's Node.js is too old; its npm brings another, below the target folder.
        npm::install("xtask/peers/runtime", RUNTIME)?;
    }
    for need in missing.iter().filter(|need| !need.is_met()) {
        println!("{} could not be installed", need.name());
    }
    Ok(())
}

/// The reason that the closing line gives when some of the needs are not met.
pub fn lacking(needs: &[Need]) -> Option<String> {
    let names: Vec<&str> =
        needs.iter().filter(|need| !need.is_met()).map(|need| need.name()).collect();
    (!names.is_empty()).then(|| format!("the machine lacks {}", names.join(", ")))
}

/// The words to put before a command that needs an administrator, if we can be one.
fn administrator() -> Option<&'static [&'static str]> {
    if is_root() {
        Some(&[])
    } else if process::works("sudo", &["-n", "true"]) {
        Some(&["sudo", "-n"])
    } else {
        None
    }
}

/// Whether the user is root.
pub fn is_root() -> bool {
    process::output(process::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// The browser, if there is one.
pub fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
        .iter()
        .find_map(|name| on_path(name))
}

/// Node.js, if there is one that is new enough.
pub fn node() -> Option<PathBuf> {
    let own = ["x64", "arm64"].map(|processor| {
        let below = format!("{RUNTIME}/node_modules/node-linux-{processor}/bin/node");
        workspace::target().join(below)
    });
    let is_new = |node: &PathBuf| node_version(node).is_some_and(|version| version >= OLDEST_NODE);
    on_path("node").into_iter().chain(own).find(is_new)
}

fn node_version(node: &Path) -> Option<u32> {
    let said = process::output(process::command(node).arg("--version")).ok()?;
    said.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Where `initdb` and `pg_ctl` are: on the path, or where Debian puts them.
fn postgres_programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = debian.map(|entry| entry.path().join("bin"));
    let on_path = on_path("initdb").and_then(|program| program.parent().map(Path::to_path_buf));
    let has_both =
        |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file();
    on_path.into_iter().chain(folders).find(has_both)
}

/// Apache, by Debian's name for it.
pub fn apache() -> Option<PathBuf> {
    on_path("apache2")
}

/// Where Debian puts Apache's modules.
pub fn apache_modules() -> &'static Path {
    Path::new("/usr/lib/apache2/modules")
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let sbin = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let mut folders = std::env::split_paths(&path).chain(sbin);
    folders.find_map(|folder| Some(folder.join(program)).filter(|file| file.is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_named() {
        assert_eq!(lacking(&[]), None);
        for need in Need::ALL {
            assert!(!need.packages().is_empty());
            let named = lacking(&[need]).is_none_or(|reason| reason.ends_with(need.name()));
            assert!(named, "{need:?}");
        }
    }
}
