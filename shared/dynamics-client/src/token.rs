//! The access token: asked for once, kept, renewed early, never shown.
//!
//! Never in here: sending (see `pipeline`), and any way to read the token back out as text.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::{Mutex, MutexGuard};

use crate::classify::{unreadable, with_answer};
use crate::config::{ClientConfig, Credential};
use crate::error::{Error, ErrorKind, Problem};

/// How long before its end a token is renewed.
const RENEW_EARLY: Duration = Duration::from_secs(300);

/// A bearer token.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// The `Authorization` header; marked sensitive, so that its `Debug` hides it.
    header: HeaderValue,
    renew_from: Timestamp,
    /// Which token this is, among all that this client had.
    serial: u64,
}

impl Token {
    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: SecretString,
    /// Seconds; by the protocol the only thing a client may know about a token's life.
    expires_in: u64,
}

/// The token of a client, and the one refresh that may be under way.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    slot: Mutex<Slot>,
    failures: AtomicU64,
}

/// Held locked during a refresh, so that there is one at a time.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    token: Option<Token>,
    last_failure: Option<Error>,
    serial: u64,
}

impl Tokens {
    /// Waits for a refresh that is under way. `Ok` holds a token that is good at `now`, or the slot
    /// to refresh; `Err` is the outcome of the refresh that was waited for: trying again at once, as
    /// often as there are waiters, would help nobody.
    pub(crate) async fn lock(&self) -> Result<MutexGuard<'_, Slot>, Error> {
        let failures = self.failures.load(SeqCst);
        let slot = self.slot.lock().await;
        if self.failures.load(SeqCst) != failures
            && let Some(error) = &slot.last_failure
            // A deadline is the other caller's own.
            && error.kind() != ErrorKind::Deadline
        {
            return Err(error.clone());
        }
        Ok(slot)
    }

    /// Keeps the outcome of a refresh.
    pub(crate) fn store(
        &self,
        slot: &mut Slot,
        outcome: Result<Token, Error>,
    ) -> Result<Token, Error> {
        match &outcome {
            Ok(token) => {
                slot.serial += 1;
                let mut token = token.clone();
                token.serial = slot.serial;
                slot.token = Some(token.clone());
                slot.last_failure = None;
                return Ok(token);
            }
            Err(error) => {
                slot.last_failure = Some(error.clone());
                self.failures.fetch_add(1, SeqCst);
            }
        }
        outcome
    }

    /// Forgets `token`, unless another has taken its place already.
    pub(crate) async fn forget(&self, token: &Token) {
        let mut slot = self.slot.lock().await;
        if slot
            .token
            .as_ref()
            .is_some_and(|kept| kept.serial == token.serial)
        {
            slot.token = None;
        }
    }
}

impl Slot {
    pub(crate) fn fresh(&self, now: Timestamp) -> Option<Token> {
        self.token.clone().filter(|token| now < token.renew_from)
    }
}

/// The form of the token request (OAuth 2.0 client credentials).
pub(crate) fn form(config: &ClientConfig) -> Bytes {
    let Credential::ClientSecret(secret) = &config.credential;
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &config.client_id)
        .append_pair("client_secret", secret.expose_secret())
        .append_pair("scope", &config.instance.scope())
        .finish();
    Bytes::from(form)
}

/// Reads the token out of Entra's answer, which came at `now`.
pub(crate) fn read(answer: &Response<Bytes>, now: Timestamp) -> Result<Token, Box<Problem>> {
    let parsed: TokenAnswer = serde_json::from_slice(answer.body())
        .map_err(|error| unreadable("Entra", answer, &error))?;
    let text = SecretString::from(format!("Bearer {}", parsed.access_token.expose_secret()));
    let header = HeaderValue::from_str(text.expose_secret())
        .ok()
        .filter(|_| !parsed.access_token.expose_secret().is_empty());
    let Some(mut header) = header else {
        let problem = Problem::new(ErrorKind::Protocol, "Entra gave an unusable answer")
            .because("its token is empty or holds characters that no header may hold")
            .advise("Check the authority's address.");
        return Err(with_answer(problem, answer));
    };
    header.set_sensitive(true);
    let life = Duration::from_secs(parsed.expires_in);
    // A token that lives for less than ten minutes is renewed at half its life.
    let usable = life.saturating_sub(RENEW_EARLY.min(life / 2));
    Ok(Token {
        header,
        renew_from: clock::after(now, usable),
        serial: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(body: &str) -> Result<Token, Box<Problem>> {
        read(
            &Response::new(Bytes::from(body.to_owned())),
            Timestamp::UNIX_EPOCH,
        )
    }

    #[test]
    fn a_token_is_renewed_five_minutes_early_or_at_half_of_a_short_life() {
        for (life, usable) in [(3_599, 3_299), (600, 300), (60, 30), (0, 0)] {
            let body = format!(r#"{{"access_token":"t","expires_in":{life}}}"#);
            let renew_from = token(&body).unwrap().renew_from;
            assert_eq!(
                renew_from,
                Timestamp::from_second(usable).unwrap(),
                "{life}"
            );
        }
    }

    #[test]
    fn a_token_never_shows_in_debug() {
        let token = token(r#"{"access_token":"eyJ0","expires_in":1}"#).unwrap();
        assert!(!format!("{token:?}").contains("eyJ0"));
    }

    #[test]
    fn an_unusable_token_is_no_token() {
        for body in [
            r#"{"access_token":"","expires_in":3599}"#,
            r#"{"access_token":"a\nb","expires_in":3599}"#,
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"a","expires_in":-1}"#,
            "",
        ] {
            assert_eq!(token(body).unwrap_err().kind, ErrorKind::Protocol, "{body}");
        }
    }
}
