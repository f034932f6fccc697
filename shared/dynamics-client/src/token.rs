//! The access token: kept, renewed early, never shown.
//!
//! Never in here: who asks for it and when (see `renewal`), a lock held while anybody waits for
//! anything but the turn to refresh, and any way to read the token back out as text.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use crate::call::Asked;
use crate::classify::{Failure, with_answer};
use crate::credential::Credential;
use crate::error::{Error, ErrorKind, Problem};
use crate::pause::Pause;
use crate::unusable::unreadable;

/// How long before its end a token is renewed.
const RENEW_EARLY: Duration = Duration::from_secs(300);

/// Says that an assertion is a signed JWT: <https://www.rfc-editor.org/rfc/rfc7523#section-2.2>
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A bearer token.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// The `Authorization` header; marked sensitive, so that its `Debug` hides it.
    header: HeaderValue,
    renew_from: Timestamp,
    expires: Timestamp,
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

/// The token of a client and what is known about getting another.
#[derive(Debug)]
pub(crate) struct Tokens {
    known: Mutex<Known>,
    /// Held during a refresh, so that there is one at a time.
    turn: AsyncMutex<()>,
}

#[derive(Debug)]
struct Known {
    credential: Credential,
    /// How often the credential was renewed.
    era: u64,
    token: Option<Token>,
    /// Tokens so far.
    serial: u64,
    /// How often a refresh failed, and how the last time.
    failures: u64,
    last_failure: Option<Error>,
    /// Entra asked for it: nobody asks for a token.
    pause: Option<Pause>,
    /// An early renewal failed: nobody tries the next.
    early_pause: Option<Pause>,
}

impl Tokens {
    pub(crate) fn new(credential: Credential) -> Self {
        Self {
            known: Mutex::new(Known {
                credential,
                era: 0,
                token: None,
                serial: 0,
                failures: 0,
                last_failure: None,
                pause: None,
                early_pause: None,
            }),
            turn: AsyncMutex::new(()),
        }
    }

    /// The credential to ask with, and its era.
    pub(crate) fn credential(&self) -> (Credential, u64) {
        let known = self.lock();
        (known.credential.clone(), known.era)
    }

    /// Takes another credential. What was got, or refused, with the old one says nothing any more; how
    /// long Entra wants to be left alone still holds. If it proves the same as the old one, all is as it
    /// was.
    pub(crate) fn renew_credential(&self, credential: Credential) {
        let mut known = self.lock();
        let same = known.credential.proves_the_same_as(&credential);
        known.credential = credential;
        if same {
            return;
        }
        known.era += 1;
        known.token = None;
        known.last_failure = None;
        known.early_pause = None;
    }

    /// The token, if nobody needs to ask for another: it is not to be renewed yet, or cannot be now.
    pub(crate) fn ready(&self, now: Timestamp) -> Option<Token> {
        let mut known = self.lock();
        let must_wait = !Pause::left(&mut known.pause, now).is_zero()
            || !Pause::left(&mut known.early_pause, now).is_zero();
        let token = known.token.as_ref()?;
        let ready = now < token.renew_from || (must_wait && now < token.expires);
        ready.then(|| token.clone())
    }

    /// Whether `token` is still the one to use.
    pub(crate) fn is_ready(&self, token: &Token, now: Timestamp) -> bool {
        self.ready(now)
            .is_some_and(|ready| ready.serial == token.serial)
    }

    /// The token, if it has not ended.
    pub(crate) fn valid(&self, now: Timestamp) -> Option<Token> {
        let known = self.lock();
        known.token.clone().filter(|token| now < token.expires)
    }

    /// The turn to refresh, if nobody has it.
    pub(crate) fn try_turn(&self) -> Option<MutexGuard<'_, ()>> {
        self.turn.try_lock().ok()
    }

    /// Waits for the turn to refresh.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// How often a refresh has failed so far.
    pub(crate) fn failures(&self) -> u64 {
        self.lock().failures
    }

    /// How the last refresh failed, if one failed after `failures` were counted: asking again at once,
    /// as often as there are waiters, would help nobody.
    pub(crate) fn failure_since(&self, failures: u64) -> Option<Error> {
        let known = self.lock();
        known
            .last_failure
            .clone()
            .filter(|_| known.failures != failures)
    }

    /// Keeps a token that was got in `era`.
    pub(crate) fn keep(&self, mut token: Token, era: u64) -> Token {
        let mut known = self.lock();
        known.serial += 1;
        token.serial = known.serial;
        if known.era == era {
            known.token = Some(token.clone());
            known.last_failure = None;
            known.early_pause = None;
        }
        token
    }

    /// Notes how a refresh in `era` failed, for those who waited for it.
    pub(crate) fn failed(&self, error: &Error, era: u64) {
        let mut known = self.lock();
        // A deadline is one caller's own.
        if known.era == era && error.kind() != ErrorKind::Deadline {
            known.last_failure = Some(error.clone());
            known.failures += 1;
        }
    }

    /// Forgets `token`, unless another has taken its place already.
    pub(crate) fn forget(&self, token: &Token) {
        let mut known = self.lock();
        if known
            .token
            .as_ref()
            .is_some_and(|kept| kept.serial == token.serial)
        {
            known.token = None;
        }
    }

    /// Entra asks for a wait: nobody asks for a token until it is over.
    pub(crate) fn pause(&self, now: Timestamp, length: Duration) {
        Pause::extend(&mut self.lock().pause, now, length);
    }

    /// How long Entra still wants to be left alone.
    pub(crate) fn pause_left(&self, now: Timestamp) -> Duration {
        Pause::left(&mut self.lock().pause, now)
    }

    /// Puts off the next early renewal.
    pub(crate) fn put_off(&self, now: Timestamp, length: Duration) {
        Pause::extend(&mut self.lock().early_pause, now, length);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a token request proves the application with.
pub(crate) enum Proof {
    Secret(SecretString),
    Assertion(SecretString),
}

impl Proof {
    /// What must never be repeated.
    pub(crate) fn text(&self) -> &SecretString {
        match self {
            Self::Secret(text) | Self::Assertion(text) => text,
        }
    }
}

/// The form of the token request (OAuth 2.0 client credentials).
pub(crate) fn form(client_id: &str, scope: &str, proof: &Proof) -> Bytes {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials")
        .append_pair("client_id", client_id);
    let name = match proof {
        Proof::Secret(_) => "client_secret",
        Proof::Assertion(_) => {
            form.append_pair("client_assertion_type", ASSERTION_TYPE);
            "client_assertion"
        }
    };
    form.append_pair(name, proof.text().expose_secret())
        .append_pair("scope", scope);
    Bytes::from(form.finish())
}

/// Reads the token out of Entra's answer, which came at `now`.
pub(crate) fn read(
    asked: Asked,
    answer: &Response<Bytes>,
    now: Timestamp,
) -> Result<Token, Failure> {
    let parsed: TokenAnswer =
        serde_json::from_slice(answer.body()).map_err(|error| unreadable(asked, answer, &error))?;
    let text = SecretString::from(format!("Bearer {}", parsed.access_token.expose_secret()));
    let header = HeaderValue::from_str(text.expose_secret())
        .ok()
        .filter(|_| !parsed.access_token.expose_secret().is_empty());
    let Some(mut header) = header else {
        let problem = Problem::new(ErrorKind::Protocol, "Entra gave an unusable answer")
            .because("its token is empty or holds characters that no header may hold")
            .advise("Check the authority's address.");
        return Err(Failure::unusable(with_answer(problem, answer)));
    };
    header.set_sensitive(true);
    let life = Duration::from_secs(parsed.expires_in);
    // A token that lives for less than ten minutes is renewed at half its life.
    let usable = life.saturating_sub(RENEW_EARLY.min(life / 2));
    Ok(Token {
        header,
        renew_from: clock::after(now, usable),
        expires: clock::after(now, life),
        serial: 0,
    })
}

#[cfg(test)]
mod tests;
