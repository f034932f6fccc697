//! The transport that production uses: HTTP/1.1 over TLS, one connection pool.
//!
//! Never in here: redirects (the token would follow them), a cookie store (Dataverse's affinity
//! cookie pins a client to one server and so to one server's limits), proxies from the environment
//! (a token goes to the configured host and nowhere else), and retries of any kind.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use http::{Request, Response};

use crate::transport::{TimeLimit, Transport, TransportError, TransportErrorKind};

const USER_AGENT: &str = concat!("dynamics-client/", env!("CARGO_PKG_VERSION"));

/// The bounds of one request.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Name resolution, TCP and TLS.
    connect: Duration,
    /// The longest silence, before the answer or within it. Dataverse itself gives a query up after
    /// 120 seconds, so a longer silence is a dead connection.
    idle: Duration,
    /// From the first to the last byte. Below the four minutes after which Microsoft's own client
    /// gives up.
    total: Duration,
    /// Bytes of an answer's body after decompression. A page of 5,000 rows at 12 KiB fits.
    body_bytes: usize,
}

const LIMITS: Limits = Limits {
    connect: Duration::from_secs(10),
    idle: Duration::from_secs(125),
    total: Duration::from_secs(230),
    body_bytes: 64 * 1024 * 1024,
};

/// A [`Transport`] over HTTP/1.1.
///
/// Bounds: 10 s to connect, 125 s of silence, 230 s in total (less if the request carries a
/// [`TimeLimit`]), 64 MiB of body after decompression.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    limits: Limits,
}

impl HttpTransport {
    /// A transport with its own connection pool.
    ///
    /// # Errors
    /// When the TLS library cannot start, for example because the machine has no root certificates.
    pub fn new() -> Result<Self, TransportError> {
        Self::with_limits(LIMITS)
    }

    fn with_limits(limits: Limits) -> Result<Self, TransportError> {
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(limits.connect)
            .read_timeout(limits.idle)
            .build()
            .map_err(|error| TransportError::new(TransportErrorKind::NotSent, error))?;
        Ok(Self { client, limits })
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let limit = request.extensions().get::<TimeLimit>().copied();
        let mut request =
            reqwest::Request::try_from(request).map_err(|error| failure(error, false))?;
        let total = limit.map_or(self.limits.total, |limit| limit.0.min(self.limits.total));
        *request.timeout_mut() = Some(total);
        // A caller that has no time for a silence to show ends the wait itself: that proves nothing.
        let enough_time = total >= self.limits.idle;
        let failed = |error| failure(error, enough_time);

        let mut answer = self.client.execute(request).await.map_err(failed)?;
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > self.limits.body_bytes {
                return Err(too_large(self.limits.body_bytes));
            }
            body.extend_from_slice(&chunk);
        }

        let mut response = Response::new(body.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl Transport for HttpTransport {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

/// What a failure proves, where a wait that ended had `enough_time` to show that the server is slow.
fn failure(error: reqwest::Error, enough_time: bool) -> TransportError {
    let kind = if error.is_connect() && is_of_tls(&error) {
        TransportErrorKind::Insecure
    } else if error.is_connect() || error.is_builder() {
        TransportErrorKind::NotSent
    } else if error.is_timeout() && enough_time {
        TransportErrorKind::TooSlow
    } else {
        TransportErrorKind::Unknown
    };
    // The address may carry a filter's values.
    TransportError::new(kind, error.without_url())
}

/// Whether TLS is among the causes. Its errors arrive as I/O errors about invalid data.
fn is_of_tls(error: &(dyn StdError + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        // The source of an I/O error is not the error within it, but that one's source.
        return error.kind() == io::ErrorKind::InvalidData
            || error.get_ref().is_some_and(|inner| is_of_tls(inner));
    }
    error.source().is_some_and(is_of_tls)
}

fn too_large(bytes: usize) -> TransportError {
    let text = format!("the body is longer than {bytes} bytes");
    TransportError::new(TransportErrorKind::TooLarge, io::Error::other(text))
}

#[cfg(test)]
mod tests;
