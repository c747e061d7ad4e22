//! The installation's master key: 32 random bytes in a file beside the database, never in it.
//! Other keys are derived from it, each for one purpose.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use firstbell_core::secret::{Random, Secret, hexadecimal};
use firstbell_store::{Store, StoreError};

/// The master key of the installation that `store` belongs to. Where neither file nor database knows
/// one, a new one is made.
///
/// # Errors
/// When the file cannot be read or made, or holds another key than the one that the database was set
/// up with: with it, passwords that a roster brought would all be wrong.
pub async fn open(
    file: &Path,
    store: &Store,
    random: &mut (dyn Random + Sync),
) -> anyhow::Result<[u8; 32]> {
    let known = store
        .read(|tx| {
            let check = tx.key_check()?;
            Ok::<_, StoreError>(check)
        })
        .await?;
    if known.is_some() && !file.exists() {
        bail!(
            "{} is missing, and the database was set up with the master key in it; bring it back \
             from where you keep a copy",
            file.display()
        );
    }
    let key = master_key(file, random)?;
    let check =
        *Secret::from_text(format!("master key check {}", hexadecimal(&key))).hash().as_bytes();
    match known {
        Some(known) if known == check => {}
        Some(_) => bail!(
            "{} holds another master key than the one that the database was set up with",
            file.display()
        ),
        None => store.write(move |tx| tx.record_key_check(&check)).await?,
    }
    Ok(key)
}

/// Reads the master key, or makes one where there is none.
fn master_key(file: &Path, random: &mut dyn Random) -> anyhow::Result<[u8; 32]> {
    match read_private(file) {
        Ok(text) => parse(text.trim()).with_context(|| {
            format!("{}: expected 64 hexadecimal digits, the master key", file.display())
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut key = [0; 32];
            random.fill(&mut key);
            write_new(file, &key)
                .with_context(|| format!("{}: cannot write the master key", file.display()))?;
            tracing::info!(file = %file.display(), "made a master key; keep a copy of it safe");
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("{}: cannot be read", file.display())),
    }
}

/// Reads a file that nobody but its owner and their group may read: a key that everybody on the
/// machine knows is none.
fn read_private(file: &Path) -> std::io::Result<String> {
    let mut open = fs::File::open(file)?;
    let mode = open.metadata()?.permissions().mode();
    if mode & 0o027 != 0 {
        let why = format!(
            "others on this machine may read or change it (mode {:o}); take that away with \
             `chmod 600 {}`, and think about who may have read it",
            mode & 0o777,
            file.display()
        );
        return Err(std::io::Error::new(ErrorKind::PermissionDenied, why));
    }
    let mut text = String::new();
    open.read_to_string(&mut text)?;
    Ok(text)
}

fn write_new(file: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(file, "{}", hexadecimal(key))?;
    file.sync_all()
}

fn parse(text: &str) -> anyhow::Result<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        bail!("it has {} bytes", text.len());
    }
    let mut key = [0; 32];
    for (byte, position) in key.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[position..position + 2], 16)?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use firstbell_store::Backend;

    use super::*;
    use crate::entropy::Entropy;

    #[test]
    fn a_key_is_made_once_and_read_after_that() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("master.key");
        let made = master_key(&file, &mut Entropy).unwrap();
        assert_eq!(master_key(&file, &mut Entropy).unwrap(), made);
        assert_ne!(made, [0; 32]);
    }

    #[tokio::test]
    async fn a_database_keeps_to_the_key_that_it_was_set_up_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("firstbell.sqlite");
        let store = Store::open(Backend::Sqlite { path }).unwrap();
        store.migrate().unwrap();
        let (file, other) = (folder.path().join("master.key"), folder.path().join("other.key"));
        let key = open(&file, &store, &mut Entropy).await.unwrap();
        assert_eq!(open(&file, &store, &mut Entropy).await.unwrap(), key);

        let missing = open(&other, &store, &mut Entropy).await.unwrap_err();
        assert!(missing.to_string().contains("missing"), "{missing}");
        assert!(!other.exists(), "no key is made in its place");
        write_private(&other, &"0".repeat(64));
        let wrong = open(&other, &store, &mut Entropy).await.unwrap_err();
        assert!(wrong.to_string().contains("another master key"), "{wrong}");
    }

    fn write_private(file: &Path, text: &str) {
        fs::write(file, text).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("master.key");
        let key = master_key(&file, &mut Entropy).unwrap();
        for (mode, private) in [
            (0o600, true),
            (0o400, true),
            (0o440, true),
            (0o640, true),
            (0o660, false),
            (0o604, false),
        ] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let read = master_key(&file, &mut Entropy);
            assert_eq!(read.as_ref().ok(), private.then_some(&key), "{mode:o}");
            if let Err(error) = read {
                assert!(format!("{error:#}").contains("chmod 600"), "{error:#}");
            }
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("master.key");
        for text in ["", "abc", &"g".repeat(64), &"é".repeat(32)] {
            write_private(&file, text);
            assert!(master_key(&file, &mut Entropy).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
    }
}
