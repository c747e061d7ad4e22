//! Writes tokens until it is killed, and prints the hash of each when the store has acknowledged
//! it. A test kills it and looks whether every token that it printed is there
//! (`firstbell_store::testing::kills`).

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use firstbell_core::id::{ApplicationId, DistrictId, RoleId, UserId};
use firstbell_core::login::code::Grant;
use firstbell_core::login::token::AccessToken;
use firstbell_core::roster::Generation;
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;
use firstbell_store::{Backend, OpenError, Store, StoreError};
use tokio::task::JoinSet;

/// Writers at a time, so that commits are shared.
const WRITERS: u64 = 8;

const USAGE: &str = "usage: store-scribe sqlite <file> <seed> | postgres <url> <seed>";

fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let backend = match arguments.first().map(String::as_str) {
        Some("sqlite") => arguments.get(1).map(|path| Backend::Sqlite { path: path.into() }),
        Some("postgres") => {
            arguments.get(1).map(|url| Backend::Postgres { url: url.clone(), connections: 4 })
        }
        _ => None,
    };
    let seed = arguments.get(2).and_then(|seed| seed.parse().ok());
    let (Some(backend), Some(seed)) = (backend, seed) else {
        eprintln!("{USAGE}");
        return std::process::ExitCode::from(2);
    };
    match scribble(backend, seed) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn scribble(backend: Backend, seed: u64) -> Result<(), OpenError> {
    let store = Store::open(backend)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().build().map_err(OpenError::Thread)?;
    let out = Arc::new(Mutex::new(std::io::stdout()));
    runtime.block_on(async {
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            writers.spawn(write_on(store.clone(), Arc::clone(&out), seed ^ (writer << 56)));
        }
        while let Some(ended) = writers.join_next().await {
            ended.map_err(|_| StoreError::Panicked)??;
        }
        Ok(())
    })
}

async fn write_on(
    store: Store,
    out: Arc<Mutex<std::io::Stdout>>,
    mut number: u64,
) -> Result<(), StoreError> {
    loop {
        number = number.wrapping_add(1);
        let token = token(number);
        let hash = token.hash;
        store.write(move |tx| tx.record_token(&token)).await?;
        let mut line = hash.as_bytes().map(|byte| format!("{byte:02x}")).concat();
        line.push('\n');
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
            return Ok(());
        }
    }
}

/// A token whose hash is this number's.
fn token(number: u64) -> AccessToken {
    let bytes = [0x5e; 12];
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    hash[8..16].copy_from_slice(&number.to_le_bytes());
    AccessToken {
        hash: SecretHash::from_bytes(hash),
        grant: Grant {
            generation: Generation::default(),
            application: ApplicationId::from_bytes(bytes),
            district: DistrictId::from_bytes(bytes),
            user: UserId::from_bytes(bytes),
            role: RoleId::from_bytes(bytes),
            impersonator: None,
        },
        issued: Timestamp::from_milliseconds(0),
        revoked: None,
    }
}
