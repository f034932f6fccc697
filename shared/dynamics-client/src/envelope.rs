//! The error document of Dataverse, in each of its shapes.
//!
//! Never handed on: a message that may hold values of rows.

use serde_json::Value;

use crate::call::Asked;
use crate::error_code::dataverse_code;
use crate::naming::{Told, told};
use crate::reactions::{QUERY_OR_PATH, reaction};

/// Error bodies longer than this are not looked into.
const BODY_BYTES: usize = 1024 * 1024;

/// The longest part of a server's message that is kept.
const SAID_CHARS: usize = 300;

/// What an error body says, in whichever of the documented shapes.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    pub(crate) code: Option<u32>,
    message: Option<String>,
}

impl Envelope {
    pub(crate) fn of(body: &[u8]) -> Self {
        let parsed: Option<Value> = (body.len() <= BODY_BYTES)
            .then(|| serde_json::from_slice(body).ok())
            .flatten();
        let Some(document) = parsed else {
            return Self::default();
        };
        let error = document.get("error").unwrap_or(&document);
        let code = error.get("code").and_then(|code| match code {
            Value::String(text) => dataverse_code(text),
            Value::Number(number) => dataverse_code(&number.to_string()),
            _ => None,
        });
        let message = ["message", "Message"]
            .into_iter()
            .find_map(|name| error.get(name)?.as_str())
            .map(str::to_owned);
        Self { code, message }
    }

    /// What the message names, where it is about rows and of a known form.
    pub(crate) fn told(&self, asked: Asked) -> Option<Told> {
        told(self.message.as_deref()?, asked)
    }

    /// Whether it is the text of an expired delta token, whatever code comes with it.
    pub(crate) fn says_expired(&self) -> bool {
        self.message.as_deref().is_some_and(|text| {
            text.contains("Version stamp associated with the client has expired")
        })
    }

    /// The first line of the message, if messages of this code never carry values of rows.
    pub(crate) fn quotable_message(&self) -> Option<String> {
        let line = self.message.as_deref()?.lines().next()?.trim();
        let code = self.code?;
        let names_only_schema = code == QUERY_OR_PATH
            && (line.starts_with("Could not find a property named")
                || line.starts_with("Resource not found for the segment"));
        let quotable =
            names_only_schema || reaction(code).is_some_and(|reaction| reaction.quotable);
        (quotable && !line.is_empty()).then(|| {
            line.chars()
                .filter(|c| !c.is_control())
                .take(SAID_CHARS)
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_shape_is_read() {
        for body in [
            r#"{"error":{"code":"0x80040220","message":"m"}}"#,
            r#"{"error":{"code":-2147220960,"message":"m"}}"#,
            r#"{"code":"-2147220960","Message":"m"}"#,
        ] {
            let envelope = Envelope::of(body.as_bytes());
            assert_eq!(envelope.code, Some(0x8004_0220), "{body}");
            assert_eq!(envelope.quotable_message().as_deref(), Some("m"), "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_reading_an_error_panic(body: Vec<u8>, code in ".{0,12}", message in ".{0,40}") {
            Envelope::of(&body).quotable_message();
            let document = serde_json::json!({"error": {"code": code, "message": message}});
            Envelope::of(document.to_string().as_bytes()).quotable_message();
        }

        #[test]
        fn a_code_that_is_not_known_never_brings_its_message(code: u32, message in "[a-z]{1,40}") {
            proptest::prop_assume!(reaction(code).is_none());
            let document = serde_json::json!({"error": {"code": format!("{code:#010x}"), "message": message}});
            let envelope = Envelope::of(document.to_string().as_bytes());
            proptest::prop_assert_eq!(envelope.quotable_message(), None);
        }
    }
}
