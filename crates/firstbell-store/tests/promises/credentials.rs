//! Passwords and the tries to guess them.

use firstbell_core::id::RoleId;
use firstbell_core::login::credential::{Credential, Verifier, fold_login_name};
use firstbell_core::login::throttle::{self, Counters, Tries};
use firstbell_store::{LoginNameIn, RoleIn, StoreError};

use crate::bench::Bench;
use crate::population::{NOW, Roster, apply_at, hash, later, populate, version};

pub fn provisioned(login_name: &str, role: RoleId) -> Credential {
    let verifier = Verifier::Provisioned { salt: [1; 16], mac: [2; 32] };
    Credential { role, login_name: login_name.into(), verifier, set: NOW }
}

pub async fn credentials_are_provisioned_once(bench: Bench) {
    let roster = Roster::new(3, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let roles: Vec<_> = roster.people.iter().map(|person| person.user.roles[0].id).collect();
    let person = roster.people[1].user.clone();
    bench
        .store
        .write(move |tx| {
            let mut district = tx.district(district);
            let argon = Credential {
                verifier: Verifier::Argon2id("$argon2id$…".into()),
                ..provisioned("ana", roles[1])
            };
            district.put_credential(&provisioned("ana", roles[1]))?;
            assert_eq!(district.credential("ana")?, Some(provisioned("ana", roles[1])));
            district.put_credential(&argon)?;
            let batch = [
                provisioned("ana", roles[1]),
                provisioned("ben", roles[2]),
                provisioned("cem", roles[3]),
            ];
            assert_eq!(district.provision_credentials(&batch)?, 2);
            assert_eq!(district.provision_credentials(&batch)?, 0);
            assert_eq!(district.provision_credentials(&[])?, 0);
            assert_eq!(district.credential("ana")?, Some(argon), "what is there stays");
            assert_eq!(district.user_by_login_name("ana")?.as_ref(), Some(&person));

            let moved = provisioned("ana", roles[2]);
            assert_eq!(district.provision_credentials(std::slice::from_ref(&moved))?, 1);
            assert_eq!(district.credential("ana")?, Some(moved), "a name that changes hands");
            assert!(district.login_names("", 10)?.contains(&("ana".to_owned(), roles[2])));
            assert!(!district.login_names("ana", 10)?.iter().any(|(name, _)| name == "ana"));
            assert!(!district.forget_credential("ana", roles[1])?, "it is somebody else's now");
            assert!(district.forget_credential("ana", roles[2])?);
            assert_eq!(district.credential("ana")?, None);
            assert_eq!(district.user_by_login_name("Ana")?, None);
            Ok::<_, StoreError>(())
        })
        .await
        .expect("provisioned");
}

pub async fn login_names_are_told_beside_what_a_version_says_of_them(bench: Bench) {
    let store = &bench.store;
    let roster = Roster::new(3, 1);
    let here = populate(store, 1, &roster).await;
    let people: Vec<_> = roster.people.iter().map(|person| person.user.clone()).collect();
    let said: Vec<_> = people
        .iter()
        .map(|user| {
            let name = user.login_name(&user.roles[0]).map(fold_login_name);
            (user.roles[0].id, RoleIn::There(name))
        })
        .collect();
    let first = version(store, here).await;
    let second = apply_at(store, here, roster.leave(), later(1)).await.expect("applied");
    let given = said.clone();
    let give = move |tx: &mut firstbell_store::Tx<'_>| {
        let mut district = tx.district(here);
        for (number, (role, _)) in given.iter().enumerate() {
            district.put_credential(&provisioned(&format!("name {number}"), *role))?;
        }
        Ok::<_, StoreError>(())
    };
    store.write(give).await.expect("given");
    let mut pages = Vec::new();
    for at in [first, second] {
        let (mut after, mut all) = (String::new(), Vec::new());
        loop {
            let from = after.clone();
            let page = store.read(move |tx| tx.district(here).login_names_in(at, &from, 2)).await;
            let page = page.expect("a page");
            let Some(last) = page.last() else { break };
            after.clone_from(&last.name);
            all.extend(page);
        }
        pages.push(all);
    }
    for (number, (role, role_in)) in said.into_iter().enumerate() {
        let name = format!("name {number}");
        let expected = LoginNameIn { name, role, set: NOW, role_in };
        assert_eq!(pages[0][number], expected);
        assert_eq!(pages[1][number], LoginNameIn { role_in: RoleIn::NotThere, ..expected });
    }
    assert_eq!((pages[0].len(), pages[1].len()), (people.len(), people.len()));
}

pub async fn tries_are_counted_and_forgotten(bench: Bench) {
    let district = populate(&bench.store, 1, &Roster::new(1, 1)).await;
    let (ana, ben, here, there) = ([7; 32], [8; 32], hash("here"), hash("there"));
    bench
        .store
        .write(move |tx| {
            let mut district = tx.district(district);
            let none = Counters { strangers: Some(Tries::default()), ..Counters::default() };
            assert_eq!(district.tries(&ana, &here)?, none);

            let tries = Tries { count: 3, last: later(1) };
            let all = Counters { here: tries, strangers: Some(tries), browser: tries };
            district.record_tries(&ana, &here, &all)?;
            assert_eq!(district.tries(&ana, &here)?, all);
            let another_name = Counters { browser: tries, ..none };
            assert_eq!(district.tries(&ben, &here)?, another_name);
            let another_browser = Counters { strangers: Some(tries), ..none };
            assert_eq!(district.tries(&ana, &there)?, another_browser);

            district.forget_tries(&ana, &here)?;
            district.know_browser(&ana, &here, later(2))?;
            assert_eq!(district.tries(&ana, &here)?, Counters::default());
            assert_eq!(district.tries(&ben, &here)?, Counters::default(), "no stranger any more");
            assert_eq!(district.tries(&ana, &there)?, none, "strangers start anew");

            district.record_tries(&ana, &there, &all)?;
            district.record_tries(&ben, &there, &all)?;
            for name in [&ana, &ben] {
                district.forget_tries(name, &here)?;
                assert_eq!(
                    district.tries(name, &there)?,
                    all,
                    "success on a known browser is no amnesty for strangers"
                );
            }
            Ok::<_, StoreError>(())
        })
        .await
        .expect("counted");
}

pub async fn parallel_guesses_are_all_counted(bench: Bench) {
    let district = populate(&bench.store, 1, &Roster::new(1, 1)).await;
    let (subject, browser) = ([7; 32], hash("browser"));
    let guesses: Vec<_> = (0..32)
        .map(|_| {
            let store = bench.store.clone();
            tokio::spawn(async move {
                store
                    .write(move |tx| {
                        let mut district = tx.district(district);
                        let counters = district.tries(&subject, &browser)?;
                        let Ok(counted) = throttle::admit(counters, NOW) else { return Ok(false) };
                        district.record_tries(&subject, &browser, &counted)?;
                        Ok::<_, StoreError>(true)
                    })
                    .await
            })
        })
        .collect();
    let mut admitted = 0;
    for guess in guesses {
        admitted += u32::from(guess.await.expect("a task").expect("an outcome"));
    }
    assert_eq!(admitted, throttle::FREE_TRIES);
}
