//! The demo's folder: database, master key, sandbox files, and what is remembered between runs.

use std::fs;
use std::io::ErrorKind;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

/// The file that says that a folder is a demo's.
const MARKER: &str = "demo.json";

#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

/// What is remembered between runs. The client secret is here in the clear because FlightSchool
/// needs it; nobody but the owner of the folder may read it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Remembered {
    pub(super) broker_port: u16,
    pub(super) flightschool_port: u16,
    pub(super) district_id: String,
    pub(super) district_shortname: String,
    pub(super) district_name: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) people: Vec<Person>,
}

/// Somebody to log in as.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) username: String,
    pub(super) password: String,
    pub(super) role: String,
    pub(super) note: String,
}

impl Folder {
    /// Opens the folder, emptying it first if `fresh`. A first run that was cut off left no
    /// marker: its remains are replaced.
    pub(super) fn open(path: &Path, fresh: bool) -> anyhow::Result<Self> {
        let folder = Self(path.to_owned());
        let is_ours = path.join(MARKER).exists() || path.join("firstbell.sqlite").exists();
        let is_empty = match fs::read_dir(path) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == ErrorKind::NotFound => true,
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", folder.shown()));
            }
        };
        if !is_empty && !is_ours {
            bail!("{} holds something else; name another folder with --data", folder.shown());
        }
        if !is_empty && (fresh || !path.join(MARKER).exists()) {
            fs::remove_dir_all(path)
                .with_context(|| format!("{} cannot be emptied", folder.shown()))?;
        }
        fs::create_dir_all(path).with_context(|| format!("{} cannot be made", folder.shown()))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        Ok(folder)
    }

    pub(super) fn shown(&self) -> String {
        self.0.display().to_string()
    }

    pub(super) fn shown_configuration(&self) -> String {
        self.configuration().display().to_string()
    }

    pub(super) fn database(&self) -> PathBuf {
        self.0.join("firstbell.sqlite")
    }

    pub(super) fn flightschool_database(&self) -> PathBuf {
        self.0.join("flightschool.sqlite")
    }

    pub(super) fn master_key(&self) -> PathBuf {
        self.0.join("master.key")
    }

    pub(super) fn spool(&self) -> PathBuf {
        self.0.join("spool")
    }

    /// The configuration with which other commands find this demo.
    pub(super) fn configuration(&self) -> PathBuf {
        self.0.join("firstbell.toml")
    }

    /// Writes that configuration: `application create --config …` then works on a running demo.
    pub(super) fn write_configuration(&self, broker_port: u16) -> anyhow::Result<()> {
        let folder = self.0.canonicalize()?;
        let path = |name: &str| toml::Value::String(folder.join(name).display().to_string());
        let database = format!("sqlite:{}", folder.join("firstbell.sqlite").display());
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:{broker_port}\"\n\
             auth_base_url = \"http://127.0.0.1:{broker_port}\"\n\n\
             [store]\nurl = {}\n\n[secrets]\nkey_file = {}\n",
            toml::Value::String(database),
            path("master.key"),
        );
        fs::write(self.configuration(), text)
            .with_context(|| format!("{}: cannot be written", self.configuration().display()))
    }

    pub(super) fn sandbox(&self) -> PathBuf {
        self.0.join("sandbox")
    }

    /// What the last run left; nothing the first time.
    pub(super) fn remembered(&self) -> anyhow::Result<Option<Remembered>> {
        match fs::read(self.0.join(MARKER)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).with_context(|| {
                format!("{}/{MARKER} cannot be read; use --fresh", self.shown())
            })?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Remembers for the next run. The marker appears in one step, when all the rest is there.
    pub(super) fn remember(&self, remembered: &Remembered) -> anyhow::Result<()> {
        let unfinished = self.0.join("demo.json.new");
        write_private(&unfinished, &serde_json::to_vec_pretty(remembered)?)?;
        fs::rename(unfinished, self.0.join(MARKER))?;
        Ok(())
    }
}

/// Writes a file that holds secrets: only its owner may read it.
pub(super) fn write_private(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(file)?;
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_something_else_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let precious = folder.path().join("thesis.txt");
        fs::write(&precious, "…").unwrap();
        for fresh in [false, true] {
            assert!(Folder::open(folder.path(), fresh).is_err());
            assert!(precious.exists());
        }
    }

    #[test]
    fn a_fresh_start_throws_the_old_data_away() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("demo");
        let folder = Folder::open(&path, false).unwrap();
        fs::write(path.join(MARKER), "{}").unwrap();
        fs::write(folder.database(), "old").unwrap();
        Folder::open(&path, false).unwrap();
        assert!(folder.database().exists(), "kept between runs");
        Folder::open(&path, true).unwrap();
        assert!(!folder.database().exists(), "gone when told so");
    }

    #[test]
    fn a_first_run_that_was_cut_off_is_replaced() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("demo");
        let folder = Folder::open(&path, false).unwrap();
        fs::write(folder.database(), "half").unwrap();
        Folder::open(&path, false).unwrap();
        assert!(!folder.database().exists());
    }
}
