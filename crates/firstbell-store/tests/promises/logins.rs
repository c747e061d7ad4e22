//! Sessions, pending logins, codes and tokens.

use firstbell_core::id::{ApplicationId, DistrictId, UserId};
use firstbell_core::login::code::{
    AuthorizationCode, CodeChallenge, Grant, RedeemRefusal, Redemption, redeem,
};
use firstbell_core::login::session::{Impersonator, Session};
use firstbell_core::login::step::{Demands, Destination, PendingLogin, ResponseKind, State};
use firstbell_core::login::token;
use firstbell_core::roster::change::RosterChange;
use firstbell_core::roster::{RoleKind, User};
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;
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
                            let code = tx.code(&hash)?;
                            let application = ApplicationId::from_bytes([1; 12]);
                            let outcome = redeem(code.as_ref(), application, Some(&uri), None, NOW);
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
            let redeemed = tx.code(&hash)?.and_then(|code| code.redeemed).expect("redeemed");
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
        Session::begin(district, user.id, user.roles[0].id, NOW, &mut Dice::new(seed)).1
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
    let (_, session) =
        Session::begin(district, user.id, user.roles[1].id, began, &mut Dice::new(1));
    let cookie = session.secret_hash;
    let suspended = user.id;
    bench
        .store
        .write(move |tx| {
            // A suspension ends the sessions that began before it.
            tx.district(district).suspend(suspended, later(5))?;
            tx.begin_session(&session, None)
        })
        .await
        .expect("begun");

    let visitor = bench.store.look(move |tx| tx.visitor(&cookie)).await.expect("an answer");
    let Known { proof: session, user: found, .. } = visitor.expect("a visitor");
    assert_eq!((session.district, session.role), (district, user.roles[1].id));
    let mut found = found.expect("a person");
    assert_eq!(found.suspended_since.take(), Some(later(5)));
    assert_eq!(found.roles[0].kind, RoleKind::Teacher);
    assert_eq!(found, user);

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
    let (_, token) = token::mint(grant(district, &user), NOW, &mut Dice::new(1));
    let (hash, id) = (token.hash, user.id);
    bench.store.write(move |tx| tx.record_token(&token)).await.expect("recorded");
    let seen = async || {
        let found = bench.store.look(move |tx| tx.token_owner(&hash)).await.expect("an answer");
        let owner = found.expect("a token").user;
        owner.map(|user| (user.name.last, user.suspended_since))
    };
    let name = Some((user.name.last.clone(), None));
    assert_eq!((seen().await, seen().await), (name.clone(), name));

    apply(&bench.store, district, roster.rename_all("Renamed")).await.expect("applied");
    assert_eq!(seen().await, Some(("Renamed".into(), None)));
    let suspend = move |tx: &mut Tx<'_>| tx.district(district).suspend(id, later(5));
    bench.store.write(suspend).await.expect("suspended");
    assert_eq!(seen().await, Some(("Renamed".into(), Some(later(5)))));
    let readmit = move |tx: &mut Tx<'_>| tx.district(district).readmit(id, later(6));
    assert!(bench.store.write(readmit).await.expect("readmitted"));
    assert!(!bench.store.write(readmit).await.expect("readmitted"), "once");
    assert_eq!(seen().await, Some(("Renamed".into(), None)));
    apply(&bench.store, district, roster.leave()).await.expect("applied");
    assert_eq!(seen().await, None);
    let back = RosterChange { bindings: Vec::new(), ..roster.arrive() };
    apply(&bench.store, district, back).await.expect("applied");
    assert_eq!(seen().await, Some((user.name.last, None)));
}

/// What somebody has: a session, a code, a token, each of this moment.
struct Belongings {
    session: SecretHash,
    code: SecretHash,
    token: SecretHash,
}

impl Belongings {
    /// Records them; `by` is the administrator who acts as the person.
    async fn of(
        bench: &Bench,
        (district, user): (DistrictId, &User),
        by: Option<&User>,
        at: Timestamp,
    ) -> Self {
        let dice = &mut Dice::new(at.milliseconds().unsigned_abs());
        let (_, mut session) = Session::begin(district, user.id, user.roles[0].id, at, dice);
        session.impersonator =
            by.map(|it| Impersonator { user: it.id, role: it.roles[0].id, until: later(900_000) });
        let grant = Grant { impersonator: session.impersonator, ..grant(district, user) };
        let code = AuthorizationCode { issued: at, ..fresh_code(grant, dice) };
        let (_, token) = token::mint(grant, at, dice);
        let all = Self { session: session.secret_hash, code: code.hash, token: token.hash };
        let record = move |tx: &mut Tx<'_>| {
            tx.begin_session(&session, None)?;
            tx.record_code(&code)?;
            tx.record_token(&token)
        };
        bench.store.write(record).await.expect("recorded");
        all
    }

    /// Whether they still count: all of them or none.
    async fn count(&self, bench: &Bench) -> bool {
        let Self { session, code, token } = *self;
        let store = &bench.store;
        let visitor = store.look(move |tx| tx.visitor(&session)).await.expect("an answer");
        let code = store.read(move |tx| tx.code(&code)).await.expect("an answer");
        let owner = store.look(move |tx| tx.token_owner(&token)).await.expect("an answer");
        let counts = [
            visitor.is_some(),
            code.expect("a code").redeemed.is_none(),
            owner.expect("a token").proof.revoked.is_none(),
        ];
        assert!(counts.iter().all(|it| *it == counts[0]), "session, code, token: {counts:?}");
        counts[0]
    }
}

pub async fn signing_out_ends_all_that_was_until_then(bench: Bench) {
    let roster = Roster::new(2, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let [teacher, student, other] = [0, 1, 2].map(|at| roster.people[at].user.clone());
    let before = Belongings::of(&bench, (district, &student), None, later(9)).await;
    let same_moment = Belongings::of(&bench, (district, &student), None, later(10)).await;
    let after = Belongings::of(&bench, (district, &student), None, later(11)).await;
    let elsewhere = Belongings::of(&bench, (district, &other), None, later(12)).await;
    let as_other = Belongings::of(&bench, (district, &other), Some(&teacher), later(8)).await;
    let id = student.id;
    // An earlier time does not bring back what a later one ended.
    for until in [later(10), later(3)] {
        let sign_out = move |tx: &mut Tx<'_>| tx.district(district).sign_out(id, until);
        bench.store.write(sign_out).await.expect("signed out");
        assert!(!before.count(&bench).await && !same_moment.count(&bench).await);
        assert!(after.count(&bench).await && elsewhere.count(&bench).await);
    }

    assert!(as_other.count(&bench).await);
    let suspend = move |tx: &mut Tx<'_>| tx.district(district).suspend(teacher.id, later(8));
    bench.store.write(suspend).await.expect("suspended");
    assert!(!as_other.count(&bench).await, "nobody acts in the name of a suspended administrator");
    assert!(elsewhere.count(&bench).await);
}

/// On PostgreSQL a login that reads before the suspension and commits after it is out of its sight.
pub async fn what_was_under_way_at_a_suspension_dies_with_the_readmission(bench: Bench) {
    let roster = Roster::new(1, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let user = roster.people[1].user.clone();
    let id = user.id;
    let early = Belongings::of(&bench, (district, &user), None, later(1)).await;
    let suspend = move |tx: &mut Tx<'_>| tx.district(district).suspend(id, later(5));
    bench.store.write(suspend).await.expect("suspended");
    let under_way = Belongings::of(&bench, (district, &user), None, later(6)).await;
    let readmit = move |tx: &mut Tx<'_>| tx.district(district).readmit(id, later(7));
    bench.store.write(readmit).await.expect("readmitted");
    assert!(!early.count(&bench).await && !under_way.count(&bench).await);
    assert!(Belongings::of(&bench, (district, &user), None, later(8)).await.count(&bench).await);
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
