//! A server on a real socket that answers from a script, also in ways no honest server does.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    claimed_length: Option<usize>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Close,
    /// A TCP reset instead of an answer.
    Reset,
    /// Nothing more, for as long as the client bears it.
    Silence,
}

#[allow(dead_code, reason = "each test binary uses its own part")]
impl Reply {
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.into().into_bytes(),
            claimed_length: None,
            end: End::Close,
        }
    }

    pub(crate) fn html(status: u16, body: &str) -> Self {
        let mut reply = Self::json(status, body);
        reply.headers = vec![("content-type".into(), "text/html; charset=utf-8".into())];
        reply
    }

    pub(crate) fn bytes_of(status: u16, body: &[u8]) -> Self {
        let mut reply = Self::json(status, "");
        reply.body = body.to_vec();
        reply
    }

    /// An error as Dataverse words it.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let message = message.replace('"', "\\\"");
        Self::json(
            status,
            format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#),
        )
    }

    pub(crate) fn reset() -> Self {
        let mut reply = Self::json(200, "");
        reply.end = End::Reset;
        reply
    }

    pub(crate) fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.into(), value.to_string()));
        self
    }

    /// Says that the body is this long, whatever it is.
    pub(crate) fn claiming(mut self, length: usize) -> Self {
        self.claimed_length = Some(length);
        self
    }

    /// Falls silent after the body, leaving the connection open.
    pub(crate) fn then_silence(mut self) -> Self {
        self.end = End::Silence;
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let length = self.claimed_length.unwrap_or(self.body.len());
        let mut text = format!(
            "HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {length}\r\n",
            self.status
        );
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut bytes = (text + "\r\n").into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    /// Lower-case names.
    pub(crate) headers: Vec<(String, String)>,
    #[allow(dead_code, reason = "each test binary uses its own part")]
    pub(crate) body: String,
}

impl Seen {
    #[allow(dead_code, reason = "each test binary uses its own part")]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(held, _)| held == name)?;
        Some(value)
    }
}

#[derive(Debug, Default)]
struct State {
    script: VecDeque<Reply>,
    token_script: VecDeque<Reply>,
    seen: Vec<Seen>,
    tokens: usize,
}

/// Dataverse and Entra on one socket. Requests for a token that the script does not answer get one:
/// `token-1`, `token-2` and so on.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[allow(dead_code, reason = "each test binary uses its own part")]
impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            state: Arc::default(),
        };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(accepting.clone().serve(stream));
            }
        });
        server
    }

    /// The https address of a server that answers whatever comes with plain text.
    pub(crate) async fn without_tls() -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                // Until the client hangs up.
                while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
            }
        });
        format!("https://{address}")
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn api(&self, rest: &str) -> String {
        format!("{}/api/data/v9.2/{rest}", self.url())
    }

    pub(crate) fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().script.extend(replies);
    }

    pub(crate) fn script_tokens(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().token_script.extend(replies);
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    pub(crate) fn token_requests(&self) -> Vec<Seen> {
        let is_token = |seen: &Seen| seen.line.contains("/oauth2/");
        self.seen().into_iter().filter(is_token).collect()
    }

    pub(crate) fn api_requests(&self) -> Vec<Seen> {
        let is_api = |seen: &Seen| !seen.line.contains("/oauth2/");
        self.seen().into_iter().filter(is_api).collect()
    }

    async fn serve(self, mut stream: TcpStream) {
        let Some(seen) = read_request(&mut stream).await else {
            return;
        };
        let reply = self.next_reply(seen);
        if reply.end == End::Reset {
            stream.set_zero_linger().unwrap();
            return;
        }
        let _ = stream.write_all(&reply.bytes()).await;
        if reply.end == End::Silence {
            // Until the client hangs up.
            let _ = stream.read(&mut [0; 1]).await;
        }
    }

    fn next_reply(&self, seen: Seen) -> Reply {
        let mut state = self.state.lock().unwrap();
        let is_token = seen.line.contains("/oauth2/");
        state.seen.push(seen);
        if !is_token {
            let nothing = || Reply::json(418, "nothing is scripted for this request");
            return state.script.pop_front().unwrap_or_else(nothing);
        }
        state.token_script.pop_front().unwrap_or_else(|| {
            state.tokens += 1;
            let number = state.tokens;
            Reply::json(
                200,
                format!(
                    r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"token-{number}"}}"#
                ),
            )
        })
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        let end_of_head = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end_of_head {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let mut lines = head.split("\r\n").map(str::to_owned);
            let line = lines.next()?;
            let headers: Vec<(String, String)> = lines
                .filter_map(|line| {
                    line.split_once(": ")
                        .map(|(n, v)| (n.to_lowercase(), v.to_owned()))
                })
                .collect();
            let length = headers
                .iter()
                .find(|(name, _)| name == "content-length")
                .map_or(0, |(_, length)| length.parse().unwrap());
            while bytes.len() < end + 4 + length {
                stream
                    .read_buf(&mut bytes)
                    .await
                    .ok()
                    .filter(|read| *read > 0)?;
            }
            let body = String::from_utf8(bytes[end + 4..].to_vec()).unwrap();
            return Some(Seen {
                line,
                headers,
                body,
            });
        }
        stream
            .read_buf(&mut bytes)
            .await
            .ok()
            .filter(|read| *read > 0)?;
    }
}
