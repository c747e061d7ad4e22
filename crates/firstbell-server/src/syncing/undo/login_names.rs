//! Login names after an undo. A file in which a column slipped gave children the names of others, with
//! the passwords that belong to the names: they stay when the roster goes back, and whoever types them
//! would come in as somebody else. So they are taken away (`HeldLoginName::is_taken_back_by`), and come
//! again with the next file that has passwords.
//!
//! What the roster says of somebody is read in [`WayBack::read_in`]. After the switch that is the version
//! that is there: it says what the version says that is gone back to, whose rows the purge may be
//! deleting.

use firstbell_core::id::{DistrictId, RoleId};
use firstbell_core::roster::sync::{HeldLoginName, WayBack};
use firstbell_store::{RoleIn, StoreError};

use crate::importing::provisioning::CREDENTIALS_AT_ONCE;
use crate::syncing::Syncing;
use crate::syncing::run::{Run, RunError};

/// So many login names are read at a time.
const NAMES_AT_ONCE: usize = 5_000;

/// What is said of them, if there are any.
pub(super) fn note(count: usize) -> Option<String> {
    (count > 0).then(|| {
        format!(
            "{count} login names came later and are not those of this version: they are taken \
             back, until a roster brings their passwords again"
        )
    })
}

impl Syncing {
    /// How many login names going back to a version takes away.
    pub(super) async fn login_names_to_take_back(
        &self,
        district: DistrictId,
        back: WayBack,
    ) -> Result<usize, StoreError> {
        let (mut count, mut after) = (0, Some(String::new()));
        while let Some(from) = after {
            let page = self.wrong_names(district, back, from).await?;
            count += page.wrong.len();
            after = page.last;
        }
        Ok(count)
    }

    /// Takes them away; gives back how many they were.
    pub(super) async fn take_login_names_back(
        &self,
        run: &Run,
        back: WayBack,
    ) -> Result<usize, RunError> {
        let (district, mut count, mut after) = (run.district, 0, Some(String::new()));
        while let Some(from) = after {
            let page = self.wrong_names(district, back, from).await?;
            for piece in page.wrong.chunks(CREDENTIALS_AT_ONCE) {
                count += piece.len();
                let (lease, now, piece) = (run.lease, self.clock.now(), piece.to_vec());
                run.while_alive(move |tx| {
                    let mut district = tx.district(district);
                    let is_alive = district.keep_sync_alive(lease, now)?;
                    for (name, role) in piece.iter().filter(|_| is_alive) {
                        district.forget_credential(name, *role)?;
                    }
                    Ok(is_alive)
                })
                .await?;
            }
            after = page.last;
        }
        Ok(count)
    }

    /// Those of some login names that are taken away.
    async fn wrong_names(
        &self,
        district: DistrictId,
        back: WayBack,
        after: String,
    ) -> Result<Page, StoreError> {
        let read = self.store.read_at_length(move |tx| {
            tx.district(district).login_names_in(back.read_in, &after, NAMES_AT_ONCE)
        });
        let names = read.await?;
        let last = names.last().map(|last| last.name.clone());
        let wrong = names.into_iter().filter(|held| match &held.role_in {
            // Whoever is not there does not come in.
            RoleIn::NotThere => false,
            RoleIn::There(then) => {
                let (name, then) = (held.name.as_str(), then.as_deref());
                HeldLoginName { name, set: held.set, then }.is_taken_back_by(back.to)
            }
        });
        Ok(Page { wrong: wrong.map(|held| (held.name, held.role)).collect(), last })
    }
}

/// What was found among some login names.
struct Page {
    wrong: Vec<(String, RoleId)>,
    /// The last of them; none where there were no more.
    last: Option<String>,
}
