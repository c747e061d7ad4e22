//! One keep-alive connection to a server.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A connection that is opened when it is needed, and again when the server closed it.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    host: String,
    sender: Option<SendRequest<Full<Bytes>>>,
}

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Ask<'a> {
    /// The path and query.
    pub path: &'a str,
    /// The `Cookie` header, unless it is empty.
    pub cookies: &'a str,
    /// The `Authorization` header, unless it is empty.
    pub authorization: &'a str,
    /// A form to post.
    pub form: Option<String>,
}

/// What is answered.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The `Set-Cookie` headers.
    pub cookies: Vec<String>,
    /// The body.
    pub body: Bytes,
}

impl Connection {
    /// A connection to the address, not opened yet.
    pub fn to(address: SocketAddr) -> Self {
        Self { address, host: address.to_string(), sender: None }
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&mut self, ask: &Ask<'_>) -> Result<Reply> {
        let request = self.request(ask)?;
        let sender = self.opened().await?;
        let response = sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        let text = |value: &hyper::header::HeaderValue| {
            value.to_str().map(str::to_owned).context("a header that is not text")
        };
        Ok(Reply {
            status: head.status.as_u16(),
            location: head.headers.get(LOCATION).map(text).transpose()?,
            cookies: head.headers.get_all(SET_COOKIE).iter().map(text).collect::<Result<_>>()?,
            body: body.collect().await?.to_bytes(),
        })
    }

    /// Opens it if it is not open: an error here means that nothing was asked.
    pub async fn open(&mut self) -> Result<()> {
        self.opened().await.map(drop)
    }

    fn request(&self, ask: &Ask<'_>) -> Result<Request<Full<Bytes>>> {
        let method = if ask.form.is_some() { Method::POST } else { Method::GET };
        let mut request =
            Request::builder().method(method).uri(ask.path).header(HOST, self.host.as_str());
        if !ask.cookies.is_empty() {
            request = request.header(COOKIE, ask.cookies);
        }
        if !ask.authorization.is_empty() {
            request = request.header(AUTHORIZATION, ask.authorization);
        }
        let body = match &ask.form {
            Some(form) => {
                request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                Bytes::from(form.clone())
            }
            None => Bytes::new(),
        };
        Ok(request.body(Full::new(body))?)
    }

    async fn opened(&mut self) -> Result<&mut SendRequest<Full<Bytes>>> {
        let usable = match &mut self.sender {
            Some(sender) => sender.ready().await.is_ok(),
            None => false,
        };
        if !usable {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(async move {
                // An error here is also the error of the request that was under way.
                let _ = connection.await;
            });
            self.sender = Some(sender);
        }
        match &mut self.sender {
            Some(sender) => Ok(sender),
            None => bail!("the connection was lost"),
        }
    }
}
