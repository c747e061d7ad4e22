//! Packages of other ecosystems, at the versions that their lock files say, below the target
//! folder: the tree stays as it was checked out.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{process, workspace};

/// Copies a folder of the tree (its manifest, lock file and programs) to below the target folder
/// and installs there what the lock file says; returns the copy.
pub fn install(tree: &str, place: &str) -> Result<PathBuf> {
    let from = workspace::root().join(tree);
    let folder = workspace::scratch(place)?;
    copy(&from, &folder)?;
    let lock = std::fs::read_to_string(from.join("package-lock.json"))
        .with_context(|| format!("{tree}/package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed-from");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(folder);
    }
    let mut npm = process::command("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    process::must(npm.current_dir(&folder))?;
    std::fs::write(&stamp, lock)?;
    Ok(folder)
}

/// Makes a virtual environment with what the requirements say; returns its Python.
pub fn python(requirements: &str, place: &str) -> Result<PathBuf> {
    let requirements = workspace::root().join(requirements);
    let wanted = std::fs::read_to_string(&requirements)?;
    let folder = workspace::target().join(place);
    let python = folder.join("bin/python");
    let stamp = folder.join("installed-from");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let folder = workspace::empty_scratch(place)?;
    process::must(process::command("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut pip = process::command(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&requirements);
    process::must(&mut pip)?;
    std::fs::write(&stamp, wanted)?;
    Ok(python)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from).with_context(|| format!("{}", from.display()))? {
        let path = entry?.path();
        if path.is_file() {
            let name = path.file_name().context("a file without a name")?;
            std::fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
