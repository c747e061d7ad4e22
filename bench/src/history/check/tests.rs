//! Histories written by hand: good ones that the checker accepts, and for each promise bad ones that
//! it refuses.

use super::{Stale, all};
use crate::history::{
    Answer, Event, Link, Mark, Moment, Person, Proof, Stored, StoredSession, StoredToken, What,
};

const ANA: Person = Person { district: 0, number: 1 };
const BEN: Person = Person { district: 0, number: 2 };
const ZOE: Person = Person { district: 1, number: 1 };
const STALE: Moment = 1_000;
const MINUTE: Moment = 60_000_000;

/// A history that grows by the hand of a test; each request takes ten microseconds.
#[derive(Default)]
struct Hand {
    events: Vec<Event>,
    now: Moment,
}

fn mark(text: &str) -> Mark {
    Mark::of(text)
}

impl Hand {
    /// Two districts with the first application.
    fn new() -> Self {
        let mut hand = Self::default();
        for district in [0, 1] {
            hand.says(What::Connect(Link { application: 0, district }), Answer::Done);
        }
        hand.now = 10_000;
        hand
    }

    fn says(&mut self, what: What, answer: Answer) -> &mut Self {
        self.overlapping(what, answer, self.now, self.now + 10);
        self.now += 20;
        self
    }

    fn overlapping(&mut self, what: What, answer: Answer, begin: Moment, end: Moment) {
        self.events.push(Event { begin, end, node: Some(0), what, answer });
    }

    fn later(&mut self, microseconds: Moment) -> &mut Self {
        self.now += microseconds;
        self
    }

    fn signs_in(&mut self, person: Person, session: &str) -> &mut Self {
        let what = What::SignIn { person, proof: Proof::Genuine, replaced: None };
        self.says(what, Answer::Session(mark(session)))
    }

    fn code(&mut self, session: &str, code: &str) -> &mut Self {
        self.says(authorize(session), Answer::Code(mark(code)))
    }

    fn token(&mut self, code: &str, token: &str) -> &mut Self {
        self.says(redeem(code), Answer::Token(mark(token)))
    }

    /// Signs in, gets a code and a token, all named after the person's `name`.
    fn logs_in(&mut self, person: Person, name: &str) -> &mut Self {
        let [session, code, token] = ["s", "c", "t"].map(|kind| format!("{kind}-{name}"));
        self.signs_in(person, &session).code(&session, &code).token(&code, &token)
    }

    fn reads(&mut self, token: &str, id: &str, district: &str) -> &mut Self {
        self.says(me(token), Answer::Person { id: mark(id), district: mark(district) })
    }

    fn refuses(&mut self, what: What) -> &mut Self {
        self.says(what, Answer::Refused(400))
    }

    fn holds(&mut self, stored: Stored) -> &mut Self {
        self.says(What::Stored(Box::new(stored)), Answer::Done)
    }

    /// The names of the promises that the checker sees broken.
    fn broken(&self) -> Vec<&'static str> {
        let verdicts = all(&self.events, Stale(STALE));
        let broken = verdicts.into_iter().filter(|verdict| !verdict.breaches.is_empty());
        broken.map(|verdict| verdict.name).collect()
    }
}

fn authorize(session: &str) -> What {
    What::Authorize { session: Some(mark(session)), application: 0 }
}

fn redeem(code: &str) -> What {
    What::Redeem { code: mark(code), application: 0, proof: Proof::Genuine }
}

fn me(token: &str) -> What {
    What::Me { token: mark(token) }
}

fn sign_out(session: &str) -> What {
    What::SignOut { session: mark(session), proof: Proof::Genuine }
}

/// What the database holds after `logs_in` of these.
fn stored(names: &[&str]) -> Stored {
    let of = |kind: &str, name: &str| mark(&format!("{kind}-{name}"));
    Stored {
        spent: names.iter().map(|name| (of("c", name), of("t", name))).collect(),
        tokens: names
            .iter()
            .map(|name| StoredToken { token: of("t", name), id: mark(name), revoked: false })
            .collect(),
        sessions: names
            .iter()
            .map(|name| StoredSession { session: of("s", name), id: mark(name), ended: false })
            .collect(),
        suspended: Vec::new(),
        stuck: 0,
        audit: [("sharing.set".to_owned(), 2)].into(),
    }
}

#[test]
fn a_day_without_faults_is_accepted() {
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").reads("t-ana", "ana", "north");
    hand.logs_in(ZOE, "zoe").reads("t-zoe", "zoe", "south");
    hand.refuses(redeem("c-ana")).refuses(me("made up"));
    hand.refuses(What::User { token: mark("t-ana"), id: mark("zoe") });
    hand.says(sign_out("s-zoe"), Answer::Done).refuses(authorize("s-zoe"));
    let mut kept = stored(&["ana", "zoe"]);
    kept.sessions.pop();
    hand.holds(kept);
    assert_eq!(hand.broken(), [""; 0]);
}

#[test]
fn a_suspension_and_a_readmission_are_accepted() {
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").reads("t-ana", "ana", "north");
    hand.says(What::Suspend(ANA), Answer::Done).refuses(me("t-ana")).refuses(authorize("s-ana"));
    hand.says(What::Restore(ANA), Answer::Done).refuses(me("t-ana")).refuses(authorize("s-ana"));
    hand.logs_in(ANA, "again").reads("t-again", "ana", "north");
    assert_eq!(hand.broken(), [""; 0]);
}

#[test]
fn what_overlaps_may_have_been_before_or_after() {
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana");
    let ana = Answer::Person { id: mark("ana"), district: mark("north") };
    hand.overlapping(What::Suspend(ANA), Answer::Done, 20_000, 20_100);
    hand.overlapping(me("t-ana"), ana, 20_050, 20_200);
    hand.overlapping(me("t-ana"), Answer::Refused(401), 20_060, 20_090);
    assert_eq!(hand.broken(), [""; 0]);
}

#[test]
fn a_code_that_was_cut_off_may_be_spent_or_not() {
    let mut hand = Hand::new();
    hand.signs_in(ANA, "s").code("s", "spent").code("s", "unspent");
    hand.says(redeem("spent"), Answer::None).refuses(redeem("spent"));
    hand.says(redeem("unspent"), Answer::None).token("unspent", "t");
    assert_eq!(hand.broken(), [""; 0]);
}

#[test]
fn inv_1_a_code_that_buys_two_tokens_is_refused() {
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").token("c-ana", "second");
    assert_eq!(hand.broken(), ["INV-1"]);
}

#[test]
fn inv_1_a_code_that_bought_another_token_unheard_is_refused() {
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").says(redeem("c-ana"), Answer::None);
    let mut kept = stored(&["ana"]);
    kept.tokens.push(StoredToken { token: mark("unheard"), id: mark("ana"), revoked: false });
    kept.spent = vec![(mark("c-ana"), mark("unheard"))];
    hand.holds(kept);
    assert!(hand.broken().contains(&"INV-1"));
}

#[test]
fn inv_2_a_token_that_is_forgotten_is_refused() {
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").refuses(me("t-ana"));
    assert_eq!(hand.broken(), ["INV-2"]);
}

#[test]
fn inv_2_a_session_that_is_forgotten_is_refused() {
    let forged = What::SignOut { session: mark("s-ana"), proof: Proof::Forged };
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").says(forged, Answer::Refused(403)).refuses(authorize("s-ana"));
    assert_eq!(hand.broken(), ["INV-2"]);
}

#[test]
fn inv_2_a_code_that_nobody_can_redeem_is_refused() {
    let mut hand = Hand::new();
    hand.signs_in(ANA, "s").code("s", "c").refuses(redeem("c")).refuses(redeem("c"));
    assert_eq!(hand.broken(), ["INV-2"]);
    // Both at the same moment: each could say that the other was faster.
    let mut hand = Hand::new();
    hand.signs_in(ANA, "s").code("s", "c");
    hand.overlapping(redeem("c"), Answer::Refused(400), 20_000, 20_100);
    hand.overlapping(redeem("c"), Answer::Refused(400), 20_000, 20_100);
    assert_eq!(hand.broken(), ["INV-2"]);
}

#[test]
fn inv_2_a_readmission_that_is_forgotten_is_refused() {
    let mut hand = Hand::new();
    hand.says(What::Suspend(ANA), Answer::Done).says(What::Restore(ANA), Answer::Done);
    hand.refuses(What::SignIn { person: ANA, proof: Proof::Genuine, replaced: None });
    assert_eq!(hand.broken(), ["INV-2"]);
}

#[test]
fn inv_2_a_token_that_is_not_stored_is_refused() {
    let mut hand = Hand::new();
    let mut kept = stored(&["ana"]);
    kept.tokens.clear();
    kept.spent.clear();
    hand.logs_in(ANA, "ana").holds(kept);
    assert_eq!(hand.broken(), ["INV-2"]);
}

#[test]
fn inv_3_what_a_suspended_person_still_gets_is_refused() {
    let begins: [fn(&mut Hand) -> &mut Hand; 4] = [
        |hand| hand.reads("t-ana", "ana", "north"),
        |hand| hand.code("s-ana", "another"),
        |hand| hand.token("waiting", "t"),
        |hand| hand.signs_in(ANA, "another"),
    ];
    for begin in begins {
        let mut hand = Hand::new();
        hand.logs_in(ANA, "ana").code("s-ana", "waiting");
        begin(hand.says(What::Suspend(ANA), Answer::Done));
        assert_eq!(hand.broken(), ["INV-3"]);
    }
}

#[test]
fn inv_3_what_outlives_a_suspension_is_refused() {
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").says(What::Suspend(ANA), Answer::Done);
    hand.says(What::Restore(ANA), Answer::Done).reads("t-ana", "ana", "north");
    assert_eq!(hand.broken(), ["INV-3"]);
    // Begun before the acknowledgement and ended before the readmission: it can only have been
    // before the suspension, which should have ended it.
    let mut hand = Hand::new();
    hand.signs_in(ANA, "s").code("s", "c");
    hand.overlapping(What::Suspend(ANA), Answer::Done, 20_000, 20_100);
    hand.overlapping(redeem("c"), Answer::Token(mark("t")), 20_050, 20_200);
    hand.later(20_000).says(What::Restore(ANA), Answer::Done).reads("t", "ana", "north");
    assert_eq!(hand.broken(), ["INV-3"]);
}

#[test]
fn inv_3_a_session_that_was_ended_and_works_is_refused() {
    let mut hand = Hand::new();
    hand.signs_in(ANA, "s").says(sign_out("s"), Answer::Done).code("s", "c");
    assert_eq!(hand.broken(), ["INV-3"]);
    let replaced = What::SignIn { person: BEN, proof: Proof::Genuine, replaced: Some(mark("s")) };
    let mut hand = Hand::new();
    hand.signs_in(ANA, "s").says(replaced, Answer::Session(mark("other"))).code("s", "c");
    assert_eq!(hand.broken(), ["INV-3"]);
}

#[test]
fn inv_3_a_revoked_token_that_works_is_refused() {
    let revoke = What::Revoke { token: mark("t-ana"), application: 0, proof: Proof::Genuine };
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").says(revoke, Answer::Done).reads("t-ana", "ana", "north");
    assert_eq!(hand.broken(), ["INV-3"]);
    let foreign = What::Revoke { token: mark("t-ana"), application: 1, proof: Proof::Genuine };
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").says(foreign.clone(), Answer::Done).reads("t-ana", "ana", "north");
    assert_eq!(hand.broken(), [""; 0]);
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").says(foreign, Answer::Done).refuses(me("t-ana"));
    assert_eq!(hand.broken(), ["INV-2"]);
    // The code was presented again, too late to be a double click.
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").later(11_000_000).refuses(redeem("c-ana"));
    hand.reads("t-ana", "ana", "north");
    assert_eq!(hand.broken(), ["INV-3"]);
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").later(9_000_000).refuses(redeem("c-ana"));
    hand.reads("t-ana", "ana", "north");
    assert_eq!(hand.broken(), [""; 0]);
}

#[test]
fn inv_3_a_withdrawn_connection_that_works_is_refused() {
    let withdraw = What::Withdraw(Link { application: 0, district: 0 });
    for (waited, broken) in [(STALE - 100, vec![]), (STALE, vec!["INV-3"])] {
        let mut hand = Hand::new();
        hand.logs_in(ANA, "ana").says(withdraw.clone(), Answer::Done).later(waited);
        hand.reads("t-ana", "ana", "north");
        assert_eq!(hand.broken(), broken, "after {waited}");
    }
}

#[test]
fn inv_3_what_outlives_the_end_of_all_is_refused() {
    let begins: [fn(&mut Hand) -> &mut Hand; 3] = [
        |hand| hand.reads("t-ana", "ana", "north"),
        |hand| hand.code("s-ana", "another"),
        |hand| hand.token("waiting", "t"),
    ];
    for begin in begins {
        let mut hand = Hand::new();
        hand.logs_in(ANA, "ana").code("s-ana", "waiting");
        begin(hand.says(What::EndAll(ANA), Answer::Done));
        assert_eq!(hand.broken(), ["INV-3"]);
    }
    // A new login is another matter.
    let mut hand = Hand::new();
    hand.says(What::EndAll(ANA), Answer::Done);
    hand.logs_in(ANA, "later").reads("t-later", "ana", "north");
    assert_eq!(hand.broken(), [""; 0]);
    hand.refuses(me("t-later"));
    assert_eq!(hand.broken(), ["INV-2"]);
    // What overlaps may have been before or after.
    for (begin, end) in [(19_950, 20_050), (20_050, 20_060), (20_090, 20_150)] {
        let overlaps = |goes_on: bool| {
            let mut hand = Hand::new();
            hand.overlapping(What::EndAll(ANA), Answer::Done, 20_000, 20_100);
            let sign_in = What::SignIn { person: ANA, proof: Proof::Genuine, replaced: None };
            hand.overlapping(sign_in, Answer::Session(mark("s")), begin, end);
            hand.later(20_000);
            if goes_on {
                hand.code("s", "c")
            } else {
                hand.refuses(authorize("s"))
            };
            hand.broken()
        };
        assert_eq!((overlaps(true), overlaps(false)), (vec![], vec![]), "{begin} to {end}");
    }
}

#[test]
fn inv_5_what_is_not_recorded_once_is_refused() {
    for (recorded, broken) in [(0, vec!["INV-5"]), (1, vec![]), (2, vec!["INV-5"])] {
        let mut hand = Hand::new();
        let mut kept = stored(&[]);
        kept.audit.insert("person.suspended".into(), recorded);
        hand.says(What::Suspend(ANA), Answer::Done).holds(kept);
        assert_eq!(hand.broken(), broken);
    }
}

#[test]
fn inv_4_what_nobody_proved_is_refused() {
    let forged = |what: What, answer: &str| (what, Answer::Session(mark(answer)));
    let wrong = What::SignIn { person: ANA, proof: Proof::Forged, replaced: None };
    let stranger = What::Authorize { session: None, application: 0 };
    let unproved = What::Redeem { code: mark("c-ana"), application: 0, proof: Proof::Forged };
    let foreign = What::Redeem { code: mark("c-ana"), application: 1, proof: Proof::Genuine };
    let ana = Answer::Person { id: mark("ana"), district: mark("north") };
    for (what, answer) in [
        forged(wrong, "s"),
        (stranger, Answer::Code(mark("c"))),
        (authorize("made up"), Answer::Code(mark("c"))),
        (redeem("made up"), Answer::Token(mark("t"))),
        (unproved, Answer::Token(mark("t"))),
        (foreign, Answer::Token(mark("t"))),
        (me("made up"), ana),
    ] {
        let mut hand = Hand::new();
        hand.signs_in(ANA, "s-ana").code("s-ana", "c-ana").says(what.clone(), answer);
        assert!(hand.broken().contains(&"INV-4"), "{what:?}");
    }
}

#[test]
fn inv_4_a_session_that_changes_its_person_is_refused() {
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").reads("t-ana", "ana", "north");
    hand.code("s-ana", "c").token("c", "t").reads("t", "ben", "north");
    assert_eq!(hand.broken(), ["INV-4"]);
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").reads("t-ana", "ana", "north");
    hand.logs_in(BEN, "ben").reads("t-ben", "ana", "north");
    assert_eq!(hand.broken(), ["INV-4"]);
    let mut hand = Hand::new();
    hand.signs_in(ANA, "s").signs_in(BEN, "s");
    assert_eq!(hand.broken(), ["INV-4"]);
}

#[test]
fn inv_7_a_person_of_another_district_is_refused() {
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").reads("t-ana", "ana", "north");
    hand.logs_in(ZOE, "zoe").reads("t-zoe", "zoe", "north");
    assert_eq!(hand.broken(), ["INV-7"]);
    let zoe = Answer::Person { id: mark("zoe"), district: mark("south") };
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").reads("t-ana", "ana", "north");
    hand.says(What::User { token: mark("t-ana"), id: mark("zoe") }, zoe);
    assert_eq!(hand.broken(), ["INV-7"]);
}

#[test]
fn inv_7_an_application_that_is_not_connected_is_refused() {
    let mut hand = Hand::new();
    let fickle = What::Authorize { session: Some(mark("s")), application: 1 };
    hand.signs_in(ANA, "s").says(fickle, Answer::Code(mark("c")));
    assert_eq!(hand.broken(), ["INV-7"]);
}

#[test]
fn inv_8_what_is_half_done_is_refused() {
    let halves: [fn(&mut Stored); 5] = [
        |kept| kept.stuck = 1,
        |kept| kept.suspended.push(mark("ana")),
        |kept| {
            kept.suspended.push(mark("ana"));
            kept.tokens[0].revoked = true;
        },
        |kept| kept.spent.push((mark("c"), mark("nowhere"))),
        |kept| {
            let token = mark("from nowhere");
            kept.tokens.push(StoredToken { token, id: mark("ana"), revoked: false });
        },
    ];
    for half in halves {
        let mut kept = stored(&["ana"]);
        half(&mut kept);
        let mut hand = Hand::new();
        hand.logs_in(ANA, "ana").says(redeem("c"), Answer::None).holds(kept);
        assert_eq!(hand.broken(), ["INV-8"]);
    }
}

#[test]
fn inv_9_what_was_refused_and_done_is_refused() {
    let mut hand = Hand::new();
    hand.signs_in(ANA, "s-ana").code("s-ana", "c-ana").says(What::Suspend(ANA), Answer::Done);
    let mut kept = stored(&["ana"]);
    kept.audit.insert("person.suspended".into(), 1);
    hand.refuses(redeem("c-ana")).holds(kept);
    assert_eq!(hand.broken(), ["INV-9"]);
    let mut kept = stored(&[]);
    let session = mark("unknown");
    kept.sessions.push(StoredSession { session, id: mark("ana"), ended: false });
    for (answer, broken) in [(Answer::Refused(403), vec!["INV-9"]), (Answer::None, vec![])] {
        let mut hand = Hand::new();
        hand.says(What::SignIn { person: ANA, proof: Proof::Forged, replaced: None }, answer);
        hand.holds(kept.clone());
        assert_eq!(hand.broken(), broken);
    }
}

#[test]
fn inv_10_a_code_that_is_redeemed_too_late_is_refused() {
    for (waited, broken) in [(MINUTE - 100, vec![]), (MINUTE, vec!["INV-10"])] {
        let mut hand = Hand::new();
        hand.signs_in(ANA, "s").code("s", "c").later(waited).token("c", "t");
        assert_eq!(hand.broken(), broken);
    }
}

#[test]
fn a_line_of_the_file_is_read_as_it_was_written() {
    let mut hand = Hand::new();
    hand.logs_in(ANA, "ana").reads("t-ana", "ana", "north").refuses(authorize("s-ana"));
    hand.says(What::Kill, Answer::Done).says(redeem("c"), Answer::None).holds(stored(&["ana"]));
    for event in hand.events {
        let line = serde_json::to_string(&event).unwrap();
        let again: Event = serde_json::from_str(&line).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), line);
    }
}
