//! What a case is made of: who is there, what is sent, what must be answered, what may change.

use std::time::Duration;

use firstbell_core::application::{Application, ConnectionState};
use firstbell_core::time::Timestamp;
use firstbell_roster::sandbox::SandboxPerson;

use super::oracle::Oracle;
use crate::world::FORM;

/// One request that must not succeed, or whose wrong part must not matter.
pub struct Case {
    /// The catalogue's number; rows of one number are told apart by a letter when they run.
    pub id: &'static str,
    /// What is wrong with the request.
    pub what: String,
    /// What happened before.
    pub scene: Vec<Scene>,
    /// The request.
    pub sent: Sent,
    /// So many are sent at the same time.
    pub times: usize,
    /// What must be answered.
    pub oracle: Oracle,
    /// The tables that may differ afterwards; all others must not.
    pub may_change: Vec<&'static str>,
    /// What must hold afterwards.
    pub then: Vec<Then>,
}

/// Something that happened before the request, in order.
#[derive(Clone)]
pub enum Scene {
    /// The browser is this person's from now on.
    SignedIn(&'static SandboxPerson),
    /// This person is signed in on the browser as it is, beside what it waits for.
    SignedInHere(&'static SandboxPerson),
    /// The browser waits at the login page of `ada`: `{login}`.
    LoginBegun,
    /// A login waits, whose request held this beside the rest: `{login}`.
    Waits(&'static str),
    /// An administrator opened the portal as Ana.
    OpenedAsAna,
    /// The person typed name and password there, and was sent back to the dispatcher.
    PasswordTyped(&'static SandboxPerson),
    /// An application has a code for this person: `{code}`.
    Code(&'static SandboxPerson),
    /// The same, and the request held this beside the rest.
    CodeWith(&'static SandboxPerson, &'static str),
    /// The same from a tile of the portal.
    TileCode(&'static SandboxPerson),
    /// The application has exchanged the code: `{token}`.
    Redeemed,
    /// The application reads the roster, as far as the district shares it: `{token}` is the
    /// district's.
    ReadsRoster,
    /// Time passes.
    Later(Duration),
    /// The rows whose time is over are gone.
    Purged,
    /// The person is suspended.
    Suspended(&'static SandboxPerson),
    /// The district no longer shares anybody with the application.
    Unshared,
    /// The district's word about the application is this.
    Stands(ConnectionState),
    /// FlightSchool is changed.
    Changed(fn(&mut Application, Timestamp)),
    /// The first redirect URI of the application is gone.
    RedirectUriWithdrawn,
    /// The person pressed "I'm done", but somebody kept the cookies.
    SignedOut,
    /// It is another browser from now on.
    AnotherBrowser,
    /// The browser carries this cookie beside its own.
    Cookie(&'static str, &'static str),
    /// This was sent before, so many times.
    Sent(Sent, usize),
}

/// A request. Words in braces are filled in when it is sent.
#[derive(Clone)]
pub struct Sent {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// What must hold after the refusal.
#[derive(Clone, Copy)]
pub enum Then {
    /// The code can still be exchanged.
    CodeKept,
    /// The code is good for nothing.
    CodeBurnt,
    /// The token still opens the Data API.
    TokenStays,
    /// The token opens nothing.
    TokenDead,
    /// The session still opens the portal.
    SessionStays,
    /// The cookies that the browser had before the request open nothing.
    SessionDead,
    /// The code that was issued speaks for this person.
    CodeIsOf(&'static SandboxPerson),
    /// The same data stands at this path.
    DataOf(&'static str),
    /// The number of all objects is that of those in the reply.
    CountIsOfThese,
}

/// A case that nobody signed in for and that must change nothing.
pub fn case(id: &'static str, what: impl Into<String>) -> Case {
    Case {
        id,
        what: what.into(),
        scene: Vec::new(),
        sent: get("/"),
        times: 1,
        oracle: Oracle::Unset,
        may_change: Vec::new(),
        then: Vec::new(),
    }
}

pub fn get(path: impl Into<String>) -> Sent {
    Sent { method: "GET", path: path.into(), headers: Vec::new(), body: Vec::new() }
}

/// A form that our own page sends.
pub fn form(path: impl Into<String>, body: impl Into<String>) -> Sent {
    Sent {
        method: "POST",
        path: path.into(),
        headers: vec![
            (FORM.0, FORM.1.into()),
            ("host", "login.example".into()),
            ("origin", "https://login.example".into()),
        ],
        body: body.into().into_bytes(),
    }
}

/// What an application sends to exchange its code, proved by HTTP Basic.
pub fn exchange(body: impl Into<String>) -> Sent {
    Sent {
        method: "POST",
        path: "/oauth/tokens".into(),
        headers: vec![(FORM.0, FORM.1.into()), ("authorization", "{basic}".into())],
        body: body.into().into_bytes(),
    }
}

impl Sent {
    /// With this header and no other of its name.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(existing, _)| *existing != name);
        self.headers.push((name, value.into()));
        self
    }

    /// With this header beside others of its name.
    pub fn and(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(existing, _)| *existing != name);
        self
    }

    pub fn to(mut self, method: &'static str, path: impl Into<String>) -> Self {
        (self.method, self.path) = (method, path.into());
        self
    }

    pub fn holding(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

impl Case {
    pub fn after(mut self, scene: Scene) -> Self {
        self.scene.push(scene);
        self
    }

    pub fn by(self, person: &'static SandboxPerson) -> Self {
        self.after(Scene::SignedIn(person))
    }

    pub fn get(self, path: impl Into<String>) -> Self {
        self.sends(get(path))
    }

    pub fn sends(mut self, sent: Sent) -> Self {
        self.sent = sent;
        self
    }

    /// A request of the Data API with this value of the `Authorization` header.
    pub fn asks(self, path: impl Into<String>, authorization: impl Into<String>) -> Self {
        self.sends(get(path).with("authorization", authorization))
    }

    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    pub fn expects(mut self, oracle: Oracle) -> Self {
        self.oracle = oracle;
        self
    }

    pub fn page(self, status: u16, code: &'static str) -> Self {
        self.expects(Oracle::Page(status, code))
    }

    pub fn told(self, error: &'static str) -> Self {
        self.expects(Oracle::Told { error, state: None })
    }

    pub fn token_refused(self, status: u16, error: &'static str) -> Self {
        self.expects(Oracle::Token(status, error))
    }

    pub fn api(self, status: u16) -> Self {
        self.expects(Oracle::Api(status))
    }

    /// What is wrong is ignored: a code is issued as if it had not been sent.
    pub fn code_without_state(self) -> Self {
        self.expects(Oracle::Code { state: None }).changing(&["codes"])
    }

    /// The person has to sign in, as somebody who was never here.
    pub fn signs_in_again(self) -> Self {
        self.expects(Oracle::SignInAgain).changing(&["pending_logins", "login_hops"])
    }

    pub fn changing(mut self, tables: &[&'static str]) -> Self {
        self.may_change.extend(tables);
        self
    }

    pub fn then(mut self, then: Then) -> Self {
        self.then.push(then);
        self
    }
}
