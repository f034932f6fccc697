//! A server on a real socket that answers from a script, also in ways no honest server does.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clock::{Clock, SystemClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

// Named, since this file is part of the unit tests too.
#[path = "reply.rs"]
mod reply;

use reply::End;
pub(crate) use reply::Reply;

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
        if reply.end != End::NoHead {
            let _ = stream.write_all(reply.head().as_bytes()).await;
            for piece in reply.body.chunks(reply.chunk()) {
                if stream.write_all(piece).await.is_err() {
                    return;
                }
                if reply.end == End::Drip {
                    SystemClock.sleep(Duration::from_millis(20)).await;
                }
            }
        }
        if matches!(reply.end, End::Silence | End::NoHead | End::HalfOpen) {
            // Until the client hangs up.
            while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
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
