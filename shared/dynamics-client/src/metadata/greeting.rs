//! Whether there is an environment at an address at all: asked without a token, so that it can be told
//! apart from everything that is wrong with an application.

use bytes::Bytes;
use http::header::{ACCEPT, DATE, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::attempt::unsendable;
use crate::call::Asked;
use crate::classify;
use crate::client::DynamicsClient;
use crate::counters::RequestClass;
use crate::error::{Error, History, Problem};

/// What an environment says to somebody it does not know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Greeting {
    /// Whether it asks for a token as Dataverse does. What does not is something else.
    pub asks_for_token: bool,
    /// The Entra tenant that it belongs to, as it says itself; `None` if it does not say.
    pub tenant: Option<String>,
    /// The server's clock when it answered, in whole seconds; `None` if it does not say.
    pub date: Option<Timestamp>,
}

impl DynamicsClient {
    /// Asks the environment's Web API without a token. One request, sent once.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) if it cannot be reached,
    /// [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) if there is no secure connection. An answer,
    /// whatever its status, is no error.
    pub async fn greet(&self) -> Result<Greeting, Error> {
        let instance = &self.core.config.instance;
        let asked = Asked {
            class: RequestClass::WhoAmI,
            by_link: false,
            reads: true,
            aim: None,
        };
        let fail = |problem: Box<Problem>| {
            let operation = format!("connect to {instance}");
            Error::after(operation, problem, History::NONE)
        };
        let request = Request::get(instance.api().as_str())
            .header(ACCEPT, "application/json")
            .body(Bytes::new())
            .map_err(|_| fail(unsendable(instance.api().as_str())))?;
        self.scope
            .counters
            .iter()
            .for_each(|counters| counters.sent(asked.class));
        let answer = self.core.transport.send(request).await;
        let answer = answer.map_err(|error| fail(classify::broken(asked, error).problem))?;
        Ok(Greeting {
            asks_for_token: answer.status() == StatusCode::UNAUTHORIZED,
            tenant: tenant(&answer),
            date: date(&answer),
        })
    }
}

/// The tenant in `Bearer authorization_uri=https://login.example/{tenant}/oauth2/authorize, …`.
fn tenant(answer: &Response<Bytes>) -> Option<String> {
    let challenge = answer.headers().get(WWW_AUTHENTICATE)?.to_str().ok()?;
    let (_, uri) = challenge.split_once("authorization_uri=")?;
    let (_, path) = uri.trim_start_matches('"').split_once("://")?;
    let tenant = path.split(['/', ',', '"', ' ']).nth(1)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    (!tenant.is_empty() && tenant.chars().all(plain)).then(|| tenant.to_owned())
}

fn date(answer: &Response<Bytes>) -> Option<Timestamp> {
    let text = answer.headers().get(DATE)?.to_str().ok()?;
    Some(rfc2822::parse(text).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(header: &str, value: &str) -> Response<Bytes> {
        Response::builder()
            .header(header, value)
            .body(Bytes::new())
            .unwrap()
    }

    #[test]
    fn a_challenge_names_the_tenant_or_nothing() {
        let told = |challenge: &str| tenant(&answer("www-authenticate", challenge));
        let uri = "Bearer authorization_uri=https://login.microsoftonline.com/8f1b-2/oauth2/authorize, resource_id=x";
        assert_eq!(told(uri).as_deref(), Some("8f1b-2"));
        for none in [
            "Bearer",
            "Basic realm=x",
            "Bearer authorization_uri=https://login/<b>/x",
        ] {
            assert_eq!(told(none), None, "{none}");
        }
    }

    #[test]
    fn a_date_is_read_as_http_has_it() {
        let told = |text: &str| date(&answer("date", text)).map(|at| at.to_string());
        let noon = told("Fri, 20 Nov 2026 12:00:00 GMT");
        assert_eq!(noon.as_deref(), Some("2026-11-20T12:00:00Z"));
        assert_eq!(told("yesterday"), None);
    }
}
