//! Entra's error answers, as problems. What its codes mean is in `meaning`.
//!
//! Never in an error: the description's text if it could repeat the secret or the assertion.

use http::StatusCode;
use secrecy::ExposeSecret;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{ErrorKind, Problem};
use crate::error_code::ErrorCode;
use crate::token::Proof;

mod meaning;

/// The shortest run of a secret's characters whose appearance in a text counts as an echo. Entra
/// itself shows the first three as a hint.
const ECHO_CHARS: usize = 5;

/// What stands before the digits of a code.
const CODE_LETTERS: &str = "AADSTS";

/// The code of a secret that is not the application's.
const WRONG_SECRET: u32 = 7_000_215;

/// The longest part of a description that is kept.
const SAID_CHARS: usize = 300;

/// What Entra's error document says. Each member is read for itself, so that one that is missing, null
/// or of another type hides none of the others.
#[derive(Debug, Default)]
struct ErrorAnswer {
    error: Option<String>,
    description: Option<String>,
    code: Option<u32>,
    /// Entra's own ids of the request, to be quoted to Microsoft's support.
    correlation_id: Option<String>,
    trace_id: Option<String>,
}

impl ErrorAnswer {
    /// Anything that is not Entra's error document, such as a proxy's page, says nothing.
    fn of(body: &[u8]) -> Self {
        let document: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| document.get(name)?.as_str().map(str::to_owned);
        let description = text("error_description");
        let code = match document.get("error_codes") {
            Some(Value::Array(codes)) => codes.iter().find_map(code_of),
            Some(code) => code_of(code),
            None => None,
        };
        Self {
            error: text("error"),
            code: code.or_else(|| leading_code(description.as_deref()?)),
            description,
            correlation_id: text("correlation_id"),
            trace_id: text("trace_id"),
        }
    }
}

/// A code as a number or as text, with or without its letters.
fn code_of(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => u32::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().trim_start_matches(CODE_LETTERS).parse().ok(),
        _ => None,
    }
}

/// The code that a description begins with: `AADSTS7000215: Invalid client secret…`.
fn leading_code(description: &str) -> Option<u32> {
    let rest = description.trim_start().strip_prefix(CODE_LETTERS)?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// Turns Entra's refusal of `proof` into a problem. `status` is a 4xx that no retry will change.
pub(crate) fn refusal(status: StatusCode, body: &[u8], proof: &Proof) -> Box<Problem> {
    let answer = ErrorAnswer::of(body);
    let mut problem = Problem::new(ErrorKind::Credentials, "Entra refused");
    if answer.code == Some(WRONG_SECRET) && looks_like_an_id(proof) {
        problem = problem
            .because("the client secret is wrong, and looks like the id of one")
            .advise(
                "Use the secret's value, which Entra shows once, when the secret is made; if it is \
                 lost, create a new secret for the app registration.",
            );
    } else if let Some((why, advice)) = answer.code.and_then(meaning::meaning) {
        problem = problem.because(why).advise(advice);
    } else {
        problem = problem.advise(
            "Check the tenant, the client id, the credential and the environment's address; the \
             code is explained at https://login.microsoftonline.com/error.",
        );
        problem.said = answer
            .description
            .as_deref()
            .and_then(|text| text.lines().next())
            .filter(|line| !echoes(line, proof.text().expose_secret()))
            .map(|line| {
                line.chars()
                    .filter(|c| !c.is_control())
                    .take(SAID_CHARS)
                    .collect()
            });
    }
    if answer.error.as_deref() == Some("temporarily_unavailable") {
        problem = Problem::new(ErrorKind::Unavailable, "Entra was not available")
            .advise("Try again later.");
    }
    problem.status = Some(status);
    problem.code = answer.code.map(ErrorCode::Entra);
    problem.request_id = [answer.correlation_id, answer.trace_id]
        .into_iter()
        .flatten()
        .find(|id| is_plain_id(id));
    problem
}

/// Whether a secret is a GUID, as its id is: a value never is one.
fn looks_like_an_id(proof: &Proof) -> bool {
    match proof {
        Proof::Secret(secret) => Uuid::try_parse(secret.expose_secret()).is_ok(),
        Proof::Assertion(_) => false,
    }
}

/// Whether `line` contains any recognisable part of `secret`, plain or form-encoded.
pub(crate) fn echoes(line: &str, secret: &str) -> bool {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    [secret, &encoded].into_iter().any(|secret| {
        let chars: Vec<char> = secret.chars().collect();
        let width = ECHO_CHARS.min(chars.len()).max(1);
        chars
            .windows(width)
            .any(|part| line.contains(&part.iter().collect::<String>()))
    })
}

/// Whether a server's id is safe to print.
pub(crate) fn is_plain_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 64
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

#[cfg(test)]
mod tests;
