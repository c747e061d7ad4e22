//! The keys that sign ID tokens, unsealed in memory: an immutable snapshot, read anew whenever the
//! version of the settings has risen, and rotated by the plan of `core::login::signing_key`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use firstbell_core::login::signing_key::{self, Algorithm, Change, KeyLife};
use firstbell_core::time::Timestamp;
use firstbell_protocol::jose::{Jwk, JwkSet, MalformedKey, PublicKey, SigningError, SigningKey};
use firstbell_store::{Store, StoreError, StoredKey, Tx};

use crate::sealing::{SealingKey, Unopened};

/// How often the plan is asked.
pub const ROTATED_EVERY: Duration = Duration::from_mins(1);

/// Why the keys are not as they should be.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A private key cannot be unsealed.
    #[error(transparent)]
    Sealed(#[from] Unopened),
    /// A key cannot be made, or is none.
    #[error(transparent)]
    Key(#[from] SigningError),
    /// A public key is none.
    #[error(transparent)]
    Public(#[from] MalformedKey),
    /// The published keys cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The thread that made a key is gone.
    #[error("a key could not be made")]
    Thread(#[from] tokio::task::JoinError),
}

/// The keys at one moment.
#[derive(Debug, Default)]
pub struct Keyring {
    version: i64,
    lives: Vec<KeyLife>,
    signers: HashMap<Algorithm, Arc<SigningKey>>,
    published: JwkSet,
    document: Bytes,
}

impl Keyring {
    /// The key that signs for this algorithm.
    pub fn signer(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        self.signers.get(&algorithm).map(Arc::as_ref)
    }

    /// The keys whose signatures count.
    pub fn published(&self) -> &JwkSet {
        &self.published
    }

    /// The published keys as `jwks_uri` answers them.
    pub fn document(&self) -> Bytes {
        self.document.clone()
    }

    fn read(
        (version, stored): (i64, Vec<StoredKey>),
        sealing: &SealingKey,
        before: &Self,
    ) -> Result<Self, KeyringError> {
        let lives: Vec<_> = stored.iter().map(|key| key.life.clone()).collect();
        let mut ring = Self { version, ..Self::default() };
        for key in stored.iter().filter(|key| key.life.stage.is_published()) {
            let public = PublicKey::from_der(key.life.algorithm, &key.public_key)?;
            ring.published.keys.push(Jwk { id: key.life.id.clone(), key: public });
        }
        for algorithm in Algorithm::ALL {
            let Some(signer) = signing_key::signer(&lives, algorithm) else { continue };
            let known = before.signers.get(&algorithm).filter(|key| key.public().id == signer.id);
            let key = match known {
                Some(key) => Arc::clone(key),
                None => Arc::new(unsealed(&stored, signer, sealing)?),
            };
            ring.signers.insert(algorithm, key);
        }
        ring.document = serde_json::to_vec(&ring.published)?.into();
        ring.lives = lives;
        Ok(ring)
    }
}

fn unsealed(
    stored: &[StoredKey],
    life: &KeyLife,
    sealing: &SealingKey,
) -> Result<SigningKey, KeyringError> {
    let sealed = stored.iter().find(|key| key.life.id == life.id);
    let sealed = sealed.and_then(|key| key.sealed_key.as_deref()).unwrap_or_default();
    let pkcs8 = sealing.open(&purpose(&life.id), sealed)?;
    Ok(SigningKey::from_pkcs8(life.algorithm, &pkcs8)?)
}

/// A sealed key opens under its own name alone.
fn purpose(id: &str) -> String {
    format!("signing key {id}")
}

/// The keys that are current, shared by all requests.
#[derive(Debug)]
pub struct CurrentKeys {
    ring: ArcSwap<Keyring>,
    sealing: SealingKey,
}

impl CurrentKeys {
    /// No keys yet: see [`CurrentKeys::refresh`] and [`CurrentKeys::rotate`].
    #[must_use]
    pub fn sealed_under(sealing: SealingKey) -> Self {
        Self { ring: ArcSwap::default(), sealing }
    }

    /// What private keys, and other secrets that we must read again, are sealed with.
    pub fn sealing(&self) -> &SealingKey {
        &self.sealing
    }

    /// The keys as they are now.
    pub fn load(&self) -> Arc<Keyring> {
        self.ring.load_full()
    }

    /// Reads the keys anew if the settings changed.
    ///
    /// # Errors
    /// When the database cannot be read or a key not be unsealed; the keys then stay as they were.
    pub async fn refresh(&self, store: &Store) -> Result<(), KeyringError> {
        let before = self.load();
        let known = before.version;
        let stored = store.read(move |tx| changed_keys(tx, known)).await?;
        if let Some(stored) = stored {
            self.ring.store(Arc::new(Keyring::read(stored, &self.sealing, &before)?));
        }
        Ok(())
    }

    /// Carries out what the plan asks for, until it asks for nothing more. Several nodes may do so
    /// at once.
    ///
    /// # Errors
    /// See [`KeyringError`]; what was done until then stays done.
    pub async fn rotate(&self, store: &Store, now: Timestamp) -> Result<(), KeyringError> {
        // A plan has few steps; a bound, because a node whose clock is wrong must not spin.
        for _ in 0..MOST_ROUNDS {
            self.refresh(store).await?;
            let changes = signing_key::plan(&self.load().lives, now);
            if changes.is_empty() {
                break;
            }
            for change in changes {
                self.carry_out(store, change, now).await?;
            }
        }
        Ok(())
    }

    async fn carry_out(
        &self,
        store: &Store,
        change: Change,
        now: Timestamp,
    ) -> Result<(), KeyringError> {
        match change {
            Change::Make(algorithm) => {
                // An RSA key takes a tenth of a second and more.
                let key =
                    tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await??;
                let id = key.public().id.clone();
                let public = key.public().key.to_der()?;
                let sealed = self.sealing.seal(&purpose(&id), key.to_pkcs8()?)?;
                tracing::info!(kid = id, %algorithm, "a key that will sign was made");
                store
                    .write(move |tx| tx.add_signing_key(&id, algorithm, (&public, &sealed), now))
                    .await?;
            }
            Change::Promote { id, retire } => {
                tracing::info!(kid = id, retires = retire, "a key signs from now on");
                store.write(move |tx| tx.promote_signing_key(&id, retire.as_deref(), now)).await?;
            }
            Change::Drop { id } => {
                tracing::info!(kid = id, "a key that was retiring is gone");
                store.write(move |tx| tx.drop_signing_key(&id, now)).await?;
            }
        }
        Ok(())
    }
}

/// From nothing it takes three: make, promote, make the one in waiting.
const MOST_ROUNDS: usize = 8;

fn changed_keys(tx: &mut Tx<'_>, known: i64) -> Result<Option<(i64, Vec<StoredKey>)>, StoreError> {
    let version = tx.settings_version()?;
    if version == known { Ok(None) } else { Ok(Some((version, tx.signing_keys()?))) }
}

#[cfg(test)]
mod tests {
    use firstbell_store::Backend;
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_milliseconds(1_780_000_000_000);

    fn node(master_key: [u8; 32]) -> CurrentKeys {
        CurrentKeys::sealed_under(SealingKey::derive(&master_key).unwrap())
    }

    fn new_store(folder: &tempfile::TempDir) -> Store {
        let path = folder.path().join("firstbell.sqlite");
        let store = Store::open(Backend::Sqlite { path }).unwrap();
        store.migrate().unwrap();
        store
    }

    #[tokio::test]
    async fn two_nodes_that_start_together_sign_with_the_same_keys() {
        let folder = tempfile::tempdir().unwrap();
        let store = new_store(&folder);
        let (one, other) = (node([5; 32]), node([5; 32]));
        let (first, second) = tokio::join!(one.rotate(&store, NOW), other.rotate(&store, NOW));
        first.unwrap();
        second.unwrap();
        one.refresh(&store).await.unwrap();
        other.refresh(&store).await.unwrap();
        for algorithm in Algorithm::ALL {
            let (one, other) = (one.load(), other.load());
            let token = one.signer(algorithm).unwrap().sign(&json!({"sub": "a"})).unwrap();
            assert_eq!(one.document(), other.document());
            let read = firstbell_protocol::jose::UnverifiedToken::parse(&token).unwrap();
            assert!(read.verify(other.published()).is_ok(), "{algorithm}");
            assert_eq!(one.published().keys.len(), 4);
        }
    }

    #[tokio::test]
    async fn a_compromised_key_is_followed_by_the_one_in_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let store = new_store(&folder);
        let node = node([5; 32]);
        node.rotate(&store, NOW).await.unwrap();
        let stolen = node.load().signer(Algorithm::Rs256).unwrap().public().clone();
        let id = stolen.id.clone();
        store.write(move |tx| tx.compromise_signing_key(&id, NOW)).await.unwrap();

        node.refresh(&store).await.unwrap();
        assert!(node.load().published().find(&stolen.id).is_none());
        assert!(node.load().signer(Algorithm::Rs256).is_none());
        let waiting = node.load().published().clone();
        node.rotate(&store, NOW).await.unwrap();
        let follower = node.load().signer(Algorithm::Rs256).unwrap().public().clone();
        assert!(waiting.find(&follower.id).is_some(), "it was published before");
    }

    #[tokio::test]
    async fn keys_sealed_under_another_master_key_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let store = new_store(&folder);
        node([5; 32]).rotate(&store, NOW).await.unwrap();
        let foreign = node([6; 32]);
        let error = foreign.refresh(&store).await.unwrap_err();
        assert!(matches!(error, KeyringError::Sealed(Unopened)), "{error:?}");
    }
}
