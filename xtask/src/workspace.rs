//! Where things are in the tree and in the target folder.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// The folder of the workspace: the parent of this crate's folder.
pub fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map_or(own.clone(), PathBuf::from)
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program of the release build.
pub fn program(name: &str) -> PathBuf {
    target().join("release").join(name)
}

/// A folder below the target folder, made when it is missing.
pub fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target().join(name);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// A folder below the target folder that is empty.
pub fn empty_scratch(name: &str) -> Result<PathBuf> {
    let folder = target().join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    scratch(name)
}
