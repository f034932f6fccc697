//! What Entra's error answers mean, and what to do about each.
//!
//! Never in an error: the description's text if it could repeat the secret.

use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::error::{ErrorKind, Problem};
use crate::error_code::ErrorCode;

/// The shortest run of a secret's characters whose appearance in a text counts as an echo. Entra
/// itself shows the first three as a hint.
const ECHO_CHARS: usize = 5;

/// What stands before the digits of a code.
const CODE_LETTERS: &str = "AADSTS";

/// The longest part of a description that is kept.
const SAID_CHARS: usize = 300;

/// What Entra's error document says. Each member is read for itself, so that one that is missing, null
/// or of another type hides none of the others.
#[derive(Debug, Default)]
struct ErrorAnswer {
    error: Option<String>,
    description: Option<String>,
    code: Option<u32>,
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

/// Turns Entra's refusal into a problem. `status` is a 4xx that no retry will change.
pub(crate) fn refusal(status: StatusCode, body: &[u8], secret: &SecretString) -> Box<Problem> {
    let answer = ErrorAnswer::of(body);
    let mut problem = Problem::new(ErrorKind::Credentials, "Entra refused");
    if let Some((why, advice)) = answer.code.and_then(meaning) {
        problem = problem.because(why).advise(advice);
    } else {
        problem = problem.advise(
            "Check the tenant, the client id, the secret and the environment's address; the code \
             is explained at https://login.microsoftonline.com/error.",
        );
        problem.said = answer
            .description
            .as_deref()
            .and_then(|text| text.lines().next())
            .filter(|line| !echoes(line, secret.expose_secret()))
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
    problem.request_id = answer.trace_id.filter(|id| is_plain_id(id));
    problem
}

/// Why and advice for the codes that a wrong set-up produces.
fn meaning(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        7_000_215 => (
            "the client secret is wrong",
            "Use the secret's value, not its id; if the value is lost, create a new secret for the \
             app registration.",
        ),
        7_000_222 => (
            "the client secret has expired",
            "Create a new one in the app registration and store its value.",
        ),
        7_000_218 => (
            "the request carried neither a secret nor a certificate",
            "This is a fault of this client; report it.",
        ),
        700_016 => (
            "the tenant has no application with this client id",
            "Check the client id and that the tenant is the one the application is registered in.",
        ),
        70_011 | 500_011 => (
            "Entra knows no Dataverse environment at this address",
            "Check the environment's address.",
        ),
        700_030 => (
            "the certificate is not valid",
            "Use a valid certificate that is registered with the application.",
        ),
        700_027 => (
            "the certificate is not registered with the application",
            "Upload it to the app registration.",
        ),
        90_002 | 900_023 => (
            "there is no such tenant",
            "Check the tenant: its id or one of its verified domain names.",
        ),
        7_000_112 => (
            "the application is disabled in the tenant",
            "Ask an Entra administrator to enable it.",
        ),
        _ => return None,
    })
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
mod tests {
    use super::*;

    #[test]
    fn a_description_that_repeats_part_of_the_secret_is_dropped() {
        let body = br#"{"error_codes":[1],"error_description":"AADSTS1: bad 'p+ss/word' here"}"#;
        let problem = refusal(StatusCode::UNAUTHORIZED, body, &"xyp+ss/wordzz".into());
        assert_eq!(problem.said, None);
        let problem = refusal(StatusCode::UNAUTHORIZED, body, &"unrelated".into());
        assert_eq!(
            problem.said.as_deref(),
            Some("AADSTS1: bad 'p+ss/word' here")
        );
    }

    #[test]
    fn only_the_first_line_of_an_unknown_refusal_is_kept() {
        let body = br#"{"error_codes":[1],"error_description":"AADSTS1: no.\r\nTrace ID: x"}"#;
        let problem = refusal(StatusCode::BAD_REQUEST, body, &"secret".into());
        assert_eq!(problem.said.as_deref(), Some("AADSTS1: no."));
    }

    #[test]
    fn a_code_is_read_whatever_else_of_the_document_is_wrong() {
        for body in [
            r#"{"error_codes":[7000215],"error_description":null,"error":null,"trace_id":5}"#,
            r#"{"error_codes":["7000215"]}"#,
            r#"{"error_codes":[null,"AADSTS7000215"]}"#,
            r#"{"error_codes":7000215}"#,
            r#"{"error_codes":null,"error_description":"AADSTS7000215: Invalid secret."}"#,
            r#"{"error_description":"AADSTS7000215"}"#,
        ] {
            let problem = refusal(StatusCode::UNAUTHORIZED, body.as_bytes(), &"s3cret".into());
            assert_eq!(problem.code, Some(ErrorCode::Entra(7_000_215)), "{body}");
            assert_eq!(
                problem.why.as_deref(),
                Some("the client secret is wrong"),
                "{body}"
            );
        }
        let body = br#"{"error_description":"See AADSTS7000215: elsewhere.","trace_id":"7d6e"}"#;
        let problem = refusal(StatusCode::UNAUTHORIZED, body, &"s3cret".into());
        assert_eq!(problem.code, None);
        assert_eq!(problem.request_id.as_deref(), Some("7d6e"));
    }

    #[test]
    fn control_characters_of_a_description_reach_no_terminal() {
        let body = br#"{"error_codes":[1],"error_description":"AADSTS1: \u001b[31mred\u0007"}"#;
        let problem = refusal(StatusCode::BAD_REQUEST, body, &"secret".into());
        assert_eq!(problem.said.as_deref(), Some("AADSTS1: [31mred"));
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_reading_a_refusal_panic(body: Vec<u8>, secret in ".{0,20}") {
            refusal(StatusCode::BAD_REQUEST, &body, &secret.into());
        }
    }
}
