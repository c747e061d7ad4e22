//! A query cannot leave its district.

use firstbell_core::login::throttle::{Counters, Tries};
use firstbell_core::sharing::{Needs, Ties};
use firstbell_store::StoreError;

use crate::bench::Bench;
use crate::credentials::provisioned;
use crate::population::{Roster, hash, later, populate};

/// Two districts with the same SIS ids, names and login names, and other ids.
pub async fn a_query_cannot_leave_its_district(bench: Bench) {
    let (mine, theirs) = (Roster::new(3, 1), Roster::new(3, 2));
    let here = populate(&bench.store, 1, &mine).await;
    let there = populate(&bench.store, 2, &theirs).await;
    bench
        .store
        .write(move |tx| {
            let (subject, browser) = ([7; 32], hash("browser"));
            let tries = Tries { count: 9, last: later(0) };
            for (district, roster) in [(there, &theirs), (here, &mine)] {
                let role = roster.people[1].user.roles[0].id;
                tx.district(district).put_credential(&provisioned("ana", role))?;
            }
            let mut other = tx.district(there);
            let counters = Counters { here: tries, strangers: Some(tries), browser: tries };
            other.record_tries(&subject, &browser, &counters)?;
            other.know_browser(&subject, &hash("known"), later(0))?;
            other.put_credential(&provisioned("only-there", theirs.people[2].user.roles[0].id))?;

            let mut district = tx.district(here);
            for person in &theirs.people {
                assert_eq!(district.user(person.user.id)?, None);
                let all = Needs { schools: true, sections: true, links: true };
                assert_eq!(district.ties_of(&person.user, all)?, Ties::default());
                for role in &person.user.roles {
                    assert_eq!(district.user_by_role(role.id)?, None);
                }
                // Their people cannot be suspended from here.
                district.suspend(person.user.id, later(0))?;
            }
            for section in &theirs.sections {
                assert_eq!(district.classroom(section.id)?, None);
                assert_eq!(district.students_of(section.id)?, []);
            }
            let ana = district.credential("ana")?.expect("mine");
            assert_eq!(ana.role, mine.people[1].user.roles[0].id);
            let user = district.user_by_login_name("ana")?.expect("mine");
            assert_eq!(user.id, mine.people[1].user.id);
            assert_eq!(district.credential("only-there")?, None);
            assert_eq!(district.user_by_login_name("only-there")?, None);
            // A login name that points at their role finds nobody here.
            let foreign = theirs.people[2].user.roles[0].id;
            district.put_credential(&provisioned("foreign", foreign))?;
            assert_eq!(district.user_by_login_name("foreign")?, None);
            assert_eq!(district.tries(&subject, &browser)?.here, Tries::default());
            assert!(district.tries(&subject, &hash("known"))?.strangers.is_some());
            district.forget_tries(&subject, &browser)?;
            assert_eq!(district.counts()?.people, 4);
            let roster = district.current_roster()?;
            assert!(theirs.people.iter().all(|one| !roster.people.contains_key(&one.user.id)));
            assert!(theirs.enrollments.iter().all(|one| !roster.enrollments.contains(one)));
            assert_eq!(roster.bindings.len(), mine.arrive().bindings.len());

            let mut other = tx.district(there);
            assert_eq!(other.tries(&subject, &browser)?, counters);
            for person in &theirs.people {
                assert_eq!(other.user(person.user.id)?, Some(person.user.clone()));
            }
            Ok::<_, StoreError>(())
        })
        .await
        .expect("kept apart");
}
