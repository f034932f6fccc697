//! What a scripted server answers, and how it misbehaves.

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    claimed_length: Option<usize>,
    pub(super) end: End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    Close,
    /// A TCP reset instead of an answer.
    Reset,
    /// Nothing more, for as long as the client bears it.
    Silence,
    /// Not even the head of an answer, for as long as the client bears it.
    NoHead,
    /// The connection stays open for more requests, and none of them is answered.
    HalfOpen,
    /// The body byte by byte, one in 20 ms.
    Drip,
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

    /// Puts a header in place of all others.
    pub(crate) fn set_header(&mut self, name: &str, value: &str) {
        self.headers = vec![(name.into(), value.into())];
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

    /// Never answers at all.
    pub(crate) fn silence() -> Self {
        let mut reply = Self::json(200, "");
        reply.end = End::NoHead;
        reply
    }

    /// Leaves the connection open for more, and answers nothing more on it.
    pub(crate) fn then_half_open(mut self) -> Self {
        self.end = End::HalfOpen;
        self
    }

    /// Sends the body so slowly that it never ends, and never falls silent.
    pub(crate) fn dripping(mut self) -> Self {
        self.end = End::Drip;
        self
    }

    /// How much of the body is sent at once.
    pub(super) fn chunk(&self) -> usize {
        match self.end {
            End::Drip => 1,
            _ => self.body.len().max(1),
        }
    }

    pub(super) fn head(&self) -> String {
        let length = self.claimed_length.unwrap_or(self.body.len());
        let connection = match self.end {
            End::HalfOpen => "keep-alive",
            _ => "close",
        };
        let mut text = format!(
            "HTTP/1.1 {} X\r\nconnection: {connection}\r\ncontent-length: {length}\r\n",
            self.status
        );
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text + "\r\n"
    }
}
