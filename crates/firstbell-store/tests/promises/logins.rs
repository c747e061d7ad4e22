//! Sessions, pending logins, codes and tokens.

use firstbell_core::id::{ApplicationId, DistrictId, UserId};
use firstbell_core::login::code::{CodeChallenge, Grant, RedeemRefusal, Redemption, redeem};
use firstbell_core::login::session::{Impersonator, Session};
use firstbell_core::login::step::{Demands, Destination, PendingLogin, ResponseKind, State};
use firstbell_core::login::token;
use firstbell_core::roster::change::RosterChange;
use firstbell_core::roster::{Generation, RoleKind, User};
use firstbell_core::secret::SecretHash;
use firstbell_store::testing::Dice;
use firstbell_store::{Known, StoreError, Tx};

use crate::bench::Bench;
use crate::population::{NOW, Roster, apply, fresh_code, grant, hash, later, populate};

pub async fn a_code_is_redeemed_at_most_once(bench: Bench) {
    let roster = Roster::new(1, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let dice = &mut Dice::new(3);
    for _ in 0..5 {
        let code = fresh_code(grant(district, &roster.people[1].user), dice);
        let recorded = code.clone();
        bench.store.write(move |tx| tx.record_code(&recorded)).await.expect("recorded");

        let tries: Vec<_> = (0..64)
            .map(|_| {
                let (store, hash, uri) =
                    (bench.store.clone(), code.hash, code.redirect_uri.clone());
                let (_, token) = token::mint(code.grant, NOW, dice);
                tokio::spawn(async move {
                    store
                        .write(move |tx| {
                            let found = tx.code(&hash)?;
                            let code = found.as_ref().map(|(code, _)| code);
                            let application = ApplicationId::from_bytes([1; 12]);
                            let outcome = redeem(code, application, Some(&uri), None, NOW);
                            if let Redemption::Spend(_) = outcome {
                                if !tx.spend_code(&hash, &token.hash, NOW)? {
                                    return Ok(Redemption::Refuse(RedeemRefusal::Spent));
                                }
                                tx.record_token(&token)?;
                            }
                            Ok::<_, StoreError>(outcome)
                        })
                        .await
                })
            })
            .collect();
        let mut spent = 0;
        for attempt in tries {
            match attempt.await.expect("a task").expect("an outcome") {
                Redemption::Spend(_) => spent += 1,
                Redemption::Refuse(RedeemRefusal::Spent) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(spent, 1);
    }
    let tokens =
        firstbell_store::testing::number(&bench.store, "SELECT COUNT(*) FROM tokens".into());
    assert_eq!(tokens.await.expect("a count"), 5);
}

pub async fn a_burned_code_buys_nothing(bench: Bench) {
    let roster = Roster::new(1, 1);
    let code = fresh_code(
        grant(DistrictId::from_bytes([1; 12]), &roster.people[1].user),
        &mut Dice::new(1),
    );
    let hash = code.hash;
    bench
        .store
        .write(move |tx| {
            tx.record_code(&code)?;
            assert!(tx.burn_code(&hash, NOW)?);
            assert!(!tx.burn_code(&hash, NOW)?);
            assert!(!tx.spend_code(&hash, &hash, NOW)?);
            let redeemed = tx.code(&hash)?.and_then(|(code, _)| code.redeemed).expect("redeemed");
            assert_eq!(redeemed.at, NOW);
            assert!(!tx.revoke_token(&redeemed.token, NOW)?, "it bought no token");
            Ok::<_, StoreError>(())
        })
        .await
        .expect("burned");
}

pub async fn a_pending_login_is_finished_once(bench: Bench) {
    let login = PendingLogin {
        destination: Destination::Application {
            application: ApplicationId::from_bytes([1; 12]),
            redirect: "https://a.example/cb?x=1".parse().expect("a URI"),
            state: State::parse("a+b ñ").expect("a state"),
            demands: Demands {
                unasked: true,
                response: ResponseKind::Token,
                confirm: true,
                return_unshared: true,
                nonce: "n".parse().ok(),
                challenge: Some(CodeChallenge::from_bytes([7; 32])),
                fresh_since: Some(later(3)),
                hinted: Some(UserId::from_bytes([8; 12])),
            },
        },
        district: None,
        browser: hash("browser"),
        began: NOW,
        present: None,
        vouched: None,
    };
    let portal = PendingLogin { destination: Destination::Portal, ..login.clone() };
    let (one, other) = (hash("one"), hash("other"));
    let district = DistrictId::from_bytes([1; 12]);
    bench
        .store
        .write(move |tx| {
            tx.record_pending_login(&one, &login)?;
            tx.record_pending_login(&other, &portal)?;
            assert!(tx.set_pending_district(&one, district)?);
            Ok::<_, StoreError>(())
        })
        .await
        .expect("recorded");
    let portal = bench.store.look(move |tx| tx.pending_login(&other)).await.expect("an answer");
    assert!(matches!(portal.expect("pending").destination, Destination::Portal));

    let tries: Vec<_> = (0..16)
        .map(|_| {
            let store = bench.store.clone();
            tokio::spawn(async move { store.write(move |tx| tx.finish_pending_login(&one)).await })
        })
        .collect();
    let mut finished = Vec::new();
    for attempt in tries {
        finished.extend(attempt.await.expect("a task").expect("an answer"));
    }
    assert_eq!(finished.len(), 1);
    let Destination::Application { redirect, state, .. } = &finished[0].destination else {
        panic!("{finished:?}");
    };
    assert_eq!(redirect.as_str(), "https://a.example/cb?x=1");
    assert_eq!(state.as_ref().map(State::as_str), Some("a+b ñ"));
    assert_eq!(finished[0].district, Some(district));
    assert!(finished[0].browser == hash("browser"));
}

pub async fn a_new_session_ends_the_one_before(bench: Bench) {
    let roster = Roster::new(2, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let session = |person: usize, seed| {
        let user = &roster.people[person].user;
        Session::begin(district, whose(user), user.roles[0].id, NOW, &mut Dice::new(seed)).1
    };
    let (old, new) = (session(1, 1), session(2, 2));
    let (first, second) = (old.secret_hash, new.secret_hash);
    bench
        .store
        .write(move |tx| {
            tx.begin_session(&old, None)?;
            tx.record_session_use(&first, later(400_000))?;
            assert_eq!(tx.session(&first)?.expect("a session").last_seen, later(400_000));
            tx.record_session_use(&first, later(300_000))?;
            assert_eq!(tx.session(&first)?.expect("a session").last_seen, later(400_000));
            tx.begin_session(&new, Some(first))
        })
        .await
        .expect("begun");

    let store = &bench.store;
    assert!(store.look(move |tx| tx.visitor(&first)).await.expect("an answer").is_none());
    let visitor = store.look(move |tx| tx.visitor(&second)).await.expect("an answer");
    let user = visitor.expect("a visitor").user;
    assert_eq!(user.expect("a person").id, roster.people[2].user.id);
    assert!(store.write(move |tx| tx.end_session(&second)).await.expect("an answer"));
    assert!(!store.write(move |tx| tx.end_session(&second)).await.expect("an answer"));
}

pub async fn a_visitor_is_read_with_all_roles(bench: Bench) {
    let roster = Roster::new(1, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let user = roster.people[0].user.clone();
    let began = later(6);
    let (generation, since) = (Generation::after(1), later(5));
    let whose = (user.id, generation);
    let (_, session) = Session::begin(district, whose, user.roles[1].id, began, &mut Dice::new(1));
    let cookie = session.secret_hash;
    let suspended = user.id;
    bench
        .store
        .write(move |tx| {
            tx.district(district).suspend(suspended, since)?;
            tx.begin_session(&session, None)
        })
        .await
        .expect("begun");

    let visitor = bench.store.look(move |tx| tx.visitor(&cookie)).await.expect("an answer");
    let Known { proof: session, user: found, .. } = visitor.expect("a visitor");
    assert_eq!((session.district, session.role), (district, user.roles[1].id));
    let found = found.expect("a person");
    assert_eq!(found.roles[0].kind, RoleKind::Teacher);
    assert_eq!(found, User { suspended_since: Some(since), generation, ..user });

    let gone = roster.leave();
    apply(&bench.store, district, gone).await.expect("applied");
    let visitor = bench.store.look(move |tx| tx.visitor(&cookie)).await.expect("an answer");
    assert!(visitor.expect("a session").user.is_none(), "whoever left the roster is nobody");
}

/// Readers remember people; what they remember must not be old.
pub async fn what_readers_remember_is_never_old(bench: Bench) {
    let roster = Roster::new(3, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let user = roster.people[1].user.clone();
    let id = user.id;
    let generations = [0, 1].map(Generation::after);
    let [before, since] = generations.map(|generation| {
        let grant = Grant { generation, ..grant(district, &user) };
        token::mint(grant, NOW, &mut Dice::new(generation.ends().unsigned_abs())).1
    });
    let hashes = [before.hash, since.hash];
    let record = move |tx: &mut Tx<'_>| {
        tx.record_token(&before)?;
        tx.record_token(&since)
    };
    bench.store.write(record).await.expect("recorded");
    // The token of the person's generation counts, and only that.
    let seen = async || {
        let mut found = Vec::new();
        for (hash, generation) in hashes.into_iter().zip(generations) {
            let known = bench.store.look(move |tx| tx.token_owner(&hash)).await;
            let Some(Known { user, .. }) = known.expect("an answer") else { continue };
            if let Some(user) = &user {
                assert_eq!(user.generation, generation);
            }
            found.push(user.map(|user| (user.name.last, user.suspended_since)));
        }
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    };
    let name = Some((user.name.last.clone(), None));
    assert_eq!((seen().await, seen().await), (name.clone(), name));

    apply(&bench.store, district, roster.rename_all("Renamed")).await.expect("applied");
    assert_eq!(seen().await, Some(("Renamed".into(), None)));
    let suspend = move |tx: &mut Tx<'_>| tx.district(district).suspend(id, later(5));
    bench.store.write(suspend).await.expect("suspended");
    assert_eq!(seen().await, Some(("Renamed".into(), Some(later(5)))));
    let readmit = move |tx: &mut Tx<'_>| tx.district(district).readmit(id);
    assert!(bench.store.write(readmit).await.expect("readmitted"));
    assert!(!bench.store.write(readmit).await.expect("readmitted"), "once");
    assert_eq!(seen().await, Some(("Renamed".into(), None)));
    apply(&bench.store, district, roster.leave()).await.expect("applied");
    assert_eq!(seen().await, None);
    let back = RosterChange { bindings: Vec::new(), ..roster.arrive() };
    apply(&bench.store, district, back).await.expect("applied");
    assert_eq!(seen().await, Some((user.name.last, None)));
}

/// People of a district whom somebody signs out, suspends and lets in again.
struct Standings<'b> {
    bench: &'b Bench,
    district: DistrictId,
}

/// What somebody has: a session, a code, a token.
struct Belongings {
    session: SecretHash,
    code: SecretHash,
    token: SecretHash,
}

impl Standings<'_> {
    async fn user(&self, id: UserId) -> User {
        let district = self.district;
        let read = self.bench.store.read(move |tx| tx.district(district).user(id));
        read.await.expect("an answer").expect("a person")
    }

    /// A new login of this person, or of the administrator `by` as them.
    async fn get(&self, id: UserId, by: Option<UserId>, seed: u64) -> Belongings {
        let user = self.user(id).await;
        let by = match by {
            Some(id) => Some(self.user(id).await),
            None => None,
        };
        self.record(&user, by.as_ref(), seed).await
    }

    /// The same for people as they were read.
    async fn record(&self, user: &User, by: Option<&User>, seed: u64) -> Belongings {
        let dice = &mut Dice::new(seed);
        let role = user.roles[0].id;
        let (_, mut session) = Session::begin(self.district, whose(user), role, NOW, dice);
        session.impersonator = by.map(|it| Impersonator {
            user: it.id,
            generation: it.generation,
            role: it.roles[0].id,
            until: later(900_000),
        });
        let Session { generation, impersonator, .. } = session;
        let grant = Grant { generation, impersonator, ..grant(self.district, user) };
        let code = fresh_code(grant, dice);
        let (_, token) = token::mint(grant, NOW, dice);
        let all = Belongings { session: session.secret_hash, code: code.hash, token: token.hash };
        let record = move |tx: &mut Tx<'_>| {
            tx.begin_session(&session, None)?;
            tx.record_code(&code)?;
            tx.record_token(&token)
        };
        self.bench.store.write(record).await.expect("recorded");
        all
    }

    async fn sign_out(&self, id: UserId) {
        let district = self.district;
        self.bench.store.write(move |tx| tx.district(district).sign_out(id)).await.expect("done");
    }

    async fn suspend(&self, id: UserId) {
        let district = self.district;
        let suspend = move |tx: &mut Tx<'_>| tx.district(district).suspend(id, NOW);
        self.bench.store.write(suspend).await.expect("suspended");
    }

    async fn readmit(&self, id: UserId) {
        let district = self.district;
        let readmit = move |tx: &mut Tx<'_>| tx.district(district).readmit(id);
        assert!(self.bench.store.write(readmit).await.expect("readmitted"));
    }

    /// Whether nobody acts as the person, or whoever does is of the generation of then.
    async fn acts(&self, impersonator: Option<Impersonator>) -> bool {
        match impersonator {
            None => true,
            Some(by) => {
                let admin = self.user(by.user).await;
                admin.suspended_since.is_none() && admin.generation == by.generation
            }
        }
    }
}

impl Belongings {
    /// Whether they still count: all of them or none.
    async fn count(&self, people: &Standings<'_>) -> bool {
        let Self { session, code, token } = *self;
        let store = &people.bench.store;
        let visitor = store.look(move |tx| tx.visitor(&session)).await.expect("an answer");
        let code = store.read(move |tx| tx.code(&code)).await.expect("an answer");
        let owner = store.look(move |tx| tx.token_owner(&token)).await.expect("an answer");
        let mut counts = [false; 3];
        for (counts, impersonator) in counts.iter_mut().zip([
            visitor.map(|known| known.proof.impersonator),
            code.map(|(code, _)| code.grant.impersonator),
            owner.map(|known| known.proof.grant.impersonator),
        ]) {
            if let Some(impersonator) = impersonator {
                *counts = people.acts(impersonator).await;
            }
        }
        assert!(counts.iter().all(|it| *it == counts[0]), "session, code, token: {counts:?}");
        counts[0]
    }
}

fn whose(user: &User) -> (UserId, Generation) {
    (user.id, user.generation)
}

pub async fn signing_out_ends_all_that_was_until_then(bench: Bench) {
    let roster = Roster::new(2, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let people = Standings { bench: &bench, district };
    let [teacher, student, other] = [0, 1, 2].map(|at| roster.people[at].user.id);
    let before = people.get(student, None, 1).await;
    let elsewhere = people.get(other, None, 2).await;
    let as_other = people.get(other, Some(teacher), 3).await;
    people.sign_out(student).await;
    assert!(!before.count(&people).await);
    let after = people.get(student, None, 4).await;
    assert!(after.count(&people).await, "at the same moment of the clock");
    people.sign_out(student).await;
    assert!(!before.count(&people).await && !after.count(&people).await);

    assert!(elsewhere.count(&people).await && as_other.count(&people).await);
    people.suspend(teacher).await;
    assert!(!as_other.count(&people).await, "nobody acts in the name of a suspended administrator");
    people.readmit(teacher).await;
    assert!(!as_other.count(&people).await, "nor when they are back");
    assert!(elsewhere.count(&people).await);
    let again = people.get(other, Some(teacher), 5).await;
    assert!(again.count(&people).await);
    people.sign_out(teacher).await;
    assert!(!again.count(&people).await, "nor when they are signed out");
}

/// On PostgreSQL a login that reads before the suspension and commits after it is out of its sight:
/// it has read the generation that ended.
pub async fn what_was_under_way_at_a_suspension_stays_ended(bench: Bench) {
    let roster = Roster::new(1, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let people = Standings { bench: &bench, district };
    let id = roster.people[1].user.id;
    let early = people.get(id, None, 1).await;
    let read_before = people.user(id).await;
    people.suspend(id).await;
    let under_way = people.record(&read_before, None, 2).await;
    assert!(!under_way.count(&people).await);
    people.readmit(id).await;
    assert!(!early.count(&people).await && !under_way.count(&people).await);
    let fresh = people.get(id, None, 3).await;
    assert!(fresh.count(&people).await);
}

pub async fn a_revoked_token_says_so(bench: Bench) {
    let roster = Roster::new(1, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let user = roster.people[1].user.clone();
    let (_, token) = token::mint(grant(district, &user), NOW, &mut Dice::new(1));
    let hash = token.hash;
    bench.store.write(move |tx| tx.record_token(&token)).await.expect("recorded");

    let owner = bench.store.look(move |tx| tx.token_owner(&hash)).await.expect("an answer");
    let Known { proof: token, user: owner, .. } = owner.expect("a token");
    assert!(token.is_good(later(1)) && token.grant == grant(district, &user));
    assert_eq!(owner, Some(user));
    assert!(
        bench.store.write(move |tx| tx.revoke_token(&hash, later(2))).await.expect("an answer")
    );
    assert!(
        !bench.store.write(move |tx| tx.revoke_token(&hash, later(3))).await.expect("an answer")
    );
    let owner = bench.store.look(move |tx| tx.token_owner(&hash)).await.expect("an answer");
    assert_eq!(owner.expect("a token").proof.revoked, Some(later(2)));
}
