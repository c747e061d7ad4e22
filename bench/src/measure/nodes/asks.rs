//! What is asked of a node is asked here, so that nothing is asked without being recorded.

use std::time::Duration;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::time::sleep;

use super::world::{Pupil, SESSION_COOKIE, World};
use crate::form;
use crate::history::{Answer, Event, Mark, Proof, What};
use crate::http::{Ask, Connection, Reply};
use crate::visitor::{Application, access_token, between, parameter};

/// A node that does not answer for so long is taken for dead.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a node said; nothing where nobody could be asked.
pub type Heard<T> = Result<Option<T>>;

impl World {
    /// Asks a node and records what it answers.
    async fn ask(
        &self,
        node: usize,
        what: What,
        ask: &Ask<'_>,
        read: impl FnOnce(&Reply) -> Answer,
    ) -> Heard<(Answer, Option<Reply>)> {
        let idle = self.idle[node].borrow_mut().pop();
        let mut connection = idle.unwrap_or_else(|| Connection::to(self.address(node)));
        if connection.open().await.is_err() {
            // The node is down: a balancer would send this to the other one.
            sleep(Duration::from_millis(5)).await;
            return Ok(None);
        }
        let begin = self.now();
        let reply = tokio::time::timeout(PATIENCE, connection.send(ask)).await;
        let end = self.now();
        let reply = reply.ok().and_then(Result::ok);
        let answer = reply.as_ref().map_or(Answer::None, read);
        self.record(&Event { begin, end, node: Some(node), what, answer })?;
        if reply.is_some() {
            self.idle[node].borrow_mut().push(connection);
        }
        Ok(Some((answer, reply)))
    }

    /// Asks for a code with a session cookie, or without one.
    pub async fn authorize(
        &self,
        node: usize,
        session: Option<&str>,
        application: u8,
    ) -> Heard<(Answer, Option<String>)> {
        let registered = self.application(application);
        let query = form::encode([
            ("response_type", "code"),
            ("client_id", &registered.id),
            ("redirect_uri", &registered.redirect_uri),
        ]);
        let path = format!("/oauth/authorize?{query}");
        let cookies = session.map(|value| format!("{SESSION_COOKIE}={value}")).unwrap_or_default();
        let ask = Ask { path: &path, cookies: &cookies, ..Ask::default() };
        let what = What::Authorize { session: session.map(Mark::of), application };
        let code = |reply: &Reply| {
            let query = reply.location.as_deref()?.strip_prefix(&*registered.redirect_uri)?;
            parameter(query, "code")
        };
        let read = |reply: &Reply| match code(reply) {
            Some(code) => Answer::Code(Mark::of(&code)),
            None => Answer::Refused(reply.status),
        };
        let Some((answer, reply)) = self.ask(node, what, &ask, read).await? else {
            return Ok(None);
        };
        Ok(Some((answer, reply.as_ref().and_then(code))))
    }

    /// Presents a code.
    pub async fn redeem(
        &self,
        node: usize,
        code: &str,
        application: u8,
        proof: Proof,
    ) -> Heard<(Answer, Option<String>)> {
        let registered = self.application(application);
        let authorization = basic(registered, proof);
        let uri = form::escape(&registered.redirect_uri);
        let body = format!("code={code}&grant_type=authorization_code&redirect_uri={uri}");
        let path = "/oauth/tokens";
        let ask = Ask { path, authorization: &authorization, form: Some(body), ..Ask::default() };
        let what = What::Redeem { code: Mark::of(code), application, proof };
        let read = |reply: &Reply| match access_token(reply) {
            Ok(token) => Answer::Token(Mark::of(&token)),
            Err(_) => Answer::Refused(reply.status),
        };
        let Some((answer, reply)) = self.ask(node, what, &ask, read).await? else {
            return Ok(None);
        };
        Ok(Some((answer, reply.as_ref().and_then(|reply| access_token(reply).ok()))))
    }

    /// Gives a token back.
    pub async fn revoke(
        &self,
        node: usize,
        token: &str,
        application: u8,
        proof: Proof,
    ) -> Heard<Answer> {
        let authorization = basic(self.application(application), proof);
        let form = Some(form::encode([("token", token)]));
        let ask =
            Ask { path: "/oauth/revoke", authorization: &authorization, form, ..Ask::default() };
        let what = What::Revoke { token: Mark::of(token), application, proof };
        let read = |reply: &Reply| match reply.status {
            200 => Answer::Done,
            status => Answer::Refused(status),
        };
        Ok(self.ask(node, what, &ask, read).await?.map(|(answer, _)| answer))
    }

    /// Asks whom a token is for; returns the ID too.
    pub async fn me(&self, node: usize, token: &str) -> Heard<(Answer, Option<String>)> {
        let what = What::Me { token: Mark::of(token) };
        self.person(node, token, "/v3.0/me", what).await
    }

    /// Asks for a person.
    pub async fn user(&self, node: usize, token: &str, id: &str) -> Heard<Answer> {
        let what = What::User { token: Mark::of(token), id: Mark::of(id) };
        let heard = self.person(node, token, &format!("/v3.0/users/{id}"), what).await?;
        Ok(heard.map(|(answer, _)| answer))
    }

    async fn person(
        &self,
        node: usize,
        token: &str,
        path: &str,
        what: What,
    ) -> Heard<(Answer, Option<String>)> {
        let authorization = format!("Bearer {token}");
        let ask = Ask { path, authorization: &authorization, ..Ask::default() };
        let id = |reply: &Reply| between(&reply.body, "\"id\":\"");
        let read = |reply: &Reply| {
            let district = between(&reply.body, "\"district\":\"");
            match (reply.status, id(reply), district) {
                (200, Some(id), Some(district)) => {
                    Answer::Person { id: Mark::of(&id), district: Mark::of(&district) }
                }
                _ => Answer::Refused(reply.status),
            }
        };
        let Some((answer, reply)) = self.ask(node, what, &ask, read).await? else {
            return Ok(None);
        };
        let is_person = matches!(answer, Answer::Person { .. });
        Ok(Some((answer, reply.as_ref().filter(|_| is_person).and_then(id))))
    }

    /// Ends a session with the form of the portal, or with a form that is not ours.
    pub async fn sign_out(
        &self,
        node: usize,
        pupil: &Pupil,
        session: &str,
        proof: Proof,
    ) -> Heard<Answer> {
        let cookies = format!("{SESSION_COOKIE}={session}");
        let path = pupil.portal();
        let mut connection = Connection::to(self.address(node));
        let ask = Ask { path: &path, cookies: &cookies, ..Ask::default() };
        let Ok(page) = connection.send(&ask).await else { return Ok(None) };
        let text = String::from_utf8_lossy(&page.body);
        let Some(form) = form::find(&text, "csrf") else { return Ok(None) };
        let hidden = form.hidden.iter().map(|(name, value)| match proof {
            Proof::Genuine => (name.as_str(), value.as_str()),
            Proof::Forged => (name.as_str(), "0123456789abcdef0123456789abcdef"),
        });
        let body = form::encode(hidden);
        let ask = Ask { path: &form.action, cookies: &cookies, form: Some(body), ..Ask::default() };
        let what = What::SignOut { session: Mark::of(session), proof };
        let read = |reply: &Reply| match reply.status {
            200 => Answer::Done,
            status => Answer::Refused(status),
        };
        Ok(self.ask(node, what, &ask, read).await?.map(|(answer, _)| answer))
    }
}

fn basic(application: &Application, proof: Proof) -> String {
    let secret = match proof {
        Proof::Genuine => &application.secret,
        Proof::Forged => &application.id,
    };
    format!("Basic {}", STANDARD.encode(format!("{}:{secret}", application.id)))
}
